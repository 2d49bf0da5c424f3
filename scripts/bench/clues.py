"""`tracing bench clues`: how often the true case is found by what people said, by faces, by both, and by plain full text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import Annotated, Final

import typer

from scripts.bench import clue_chances
from scripts.bench.clue_lists import WITHOUT_PHOTO, ClueSearch, FullText, asked, everything, face_rank
from scripts.invented.accounts import Account, Teller
from scripts.invented.people import World
from scripts.language import word
from scripts.output import AsJson, print_json, print_table, progress_bar, say
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.profile import Profile, profile

Ranks = list[int | None]
FACES: Final = "faces alone, simulated"
TRIGRAMS, WORDS = "full text, trigrams", "full text, words"
MANY: Final = "the same, with 1,500 cases weighed for each"
CLUES, MARKED, SAID = "clues, nobody marked any", "clues, marked by an interviewer", "clues without sex, age and height"
DEEPEST: Final = 300


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``of`` had the true case within reach, with its 95 % interval (Wilson 1927)."""

    found: int
    of: int

    @property
    def value(self) -> float:
        return self.found / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        z, n, p = 1.96, self.of, self.value
        middle, half = p + z * z / (2 * n), z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
        return max((middle - half) / (1 + z * z / n), 0.0), min((middle + half) / (1 + z * z / n), 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} ({low:.1%}-{high:.1%})"


@dataclass
class Found:
    """The rank of the true case for each sheltered person who has one, by every way of searching; None: not found."""

    missing: int
    sheltered: int
    mates: list[Account]
    ranks: dict[str, Ranks]
    strangers: list[float]
    """The best weight of clues of each sheltered person whom nobody has reported."""
    best: list[float]
    """The weight of the true case, where it was found."""
    pairs: list[tuple[Profile, Profile]]
    """The true pairs, missing first."""

    def share(self, ranks: Ranks, reach: int) -> Share:
        return Share(sum(rank is not None and rank <= reach for rank in ranks), len(ranks))

    def either(self, reach: int) -> Share:
        """Within the first ``reach`` of the clues or of the faces: two lists are looked at."""
        return self._both(lambda clues, face: clues <= reach or face <= reach)

    def interleaved(self, reach: int) -> Share:
        """Within one list of that length, filled in turn from the clues and the faces."""
        return self._both(lambda clues, face: clues <= reach - reach // 2 or face <= reach // 2)

    def _both(self, seen: Callable[[int, int], bool]) -> Share:
        pairs = zip(self.ranks[MARKED], self.ranks[FACES], strict=True)
        return Share(sum(seen(clues or DEEPEST + 1, face or DEEPEST + 1) for clues, face in pairs), len(self.mates))

    def by_kind(self, kind: Callable[[Account], str]) -> list[tuple[str, Share, Share, Share]]:
        """For each kind of distortion: rank 1 and rank 10 of marked clues, and rank 10 of the better full text."""
        rows = []
        for name in sorted({kind(account) for account in self.mates}):
            chosen = [number for number, account in enumerate(self.mates) if kind(account) == name]
            clues, text = ([self.ranks[way][number] for number in chosen] for way in (MARKED, WORDS))
            rows.append((name, self.share(clues, 1), self.share(clues, 10), self.share(text, 10)))
        return rows


def clues(
    missing: Annotated[int, typer.Option(min=10, help="Missing cases to invent.")] = 5000,
    sheltered: Annotated[int, typer.Option(min=10, help="Sheltered cases to invent.")] = 1000,
    mated: Annotated[float, typer.Option(min=0.1, max=1.0, help="Share of them whom somebody reported.")] = 0.8,
    seed: Annotated[int, typer.Option(help="Another number invents other people.")] = 20261126,
    many: Annotated[bool, typer.Option(help="Weigh 1,500 cases for each as well, to see what picking costs; slow.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print how often the true case is at rank 1 and within 10, for invented people whose words come out distorted."""
    found = measure(missing, sheltered, mated, seed, many)
    if as_json:
        print_json(_as_json(found))
        return
    ways = [(word(way), found.share(ranks, 1), found.share(ranks, 10)) for way, ranks in found.ranks.items()]
    ways.append((word("clues and faces, one list in turn"), found.interleaved(1), found.interleaved(10)))
    ways.append((word("clues and faces, two lists"), found.either(1), found.either(10)))
    say(
        f"{found.missing} missing and {found.sheltered} sheltered people, {len(found.mates)} of them in both; seed {seed}; "
        "in brackets 95 % intervals"
    )
    print_table(["searched by", "rank 1", "within 10"], ways)
    for title, rows in (
        (word("What became of the name"), found.by_kind(lambda account: account.name_kind)),
        (word("What became of the place"), found.by_kind(lambda account: account.place_kind)),
    ):
        shown = [(word(name), *shares) for name, *shares in rows]
        print_table([title, "clues, rank 1", "clues, within 10", "full text, within 10"], shown)
    chances = [(word(name), *(f"{each:.2f}" for each in values)) for name, *values in clue_chances.rows(found.pairs)]
    print_table(["Outcome for one person", "chance used", "found, one half", "found, other half"], chances)
    high = sorted(found.best)[len(found.best) // 4] if found.best else 0.0
    outweighed = Share(sum(weight > high for weight in found.strangers), len(found.strangers))
    say(
        f"three in four true cases that were found weigh more than {high:.1f} bits; of the people whom nobody reported, "
        f"{outweighed} have a stranger who weighs as much"
    )


def measure(missing: int, sheltered: int, mated: float, seed: int, many: bool = False) -> Found:
    """Invent people, search for each sheltered one among all the missing, and note the rank of the true case."""
    words = lexicon()
    world = World(Random(seed))  # noqa: S311 - drawn again the same, on purpose
    teller = Teller(world)
    people = [world.person() for _ in range(missing)]
    reports = [teller.missing(f"missing-{number:05}", person) for number, person in enumerate(people)]
    truth = {number: number for number in range(min(round(sheltered * mated), missing))}
    others = [people[truth[number]] if number in truth else world.person() for number in range(sheltered)]
    told = [teller.sheltered(f"sheltered-{number:05}", person) for number, person in enumerate(others)]
    profiles = [profile(each.case, each.clues, words) for each in reports]
    search = ClueSearch(profiles, words)
    texts = [everything(each.case, each.clues) for each in reports]
    full = {TRIGRAMS: FullText(texts, trigrams=True), WORDS: FullText(texts, trigrams=False)}
    ranks: dict[str, Ranks] = {way: [] for way in (WORDS, TRIGRAMS, CLUES, MARKED, SAID, FACES)}
    if many:
        ranks[MANY] = []
    found = Found(missing, sheltered, [told[number] for number in truth], ranks, [], [], [])
    with progress_bar() as bar:
        for number, account in enumerate(bar.track(told, description=word("Sheltered people"))):
            probe = profile(account.case, account.clues, words)
            ranked = search.ranked(probe)
            if number not in truth:
                found.strangers.append(ranked[0][1].weight if ranked else 0.0)
                continue
            mate = truth[number]
            found.pairs.append((profiles[mate], probe))
            found.best += [evidence.weight for which, evidence in ranked if which == mate]
            ranks[MARKED].append(_rank([which for which, _ in ranked], mate))
            spoken = sorted(ranked, key=lambda each: -sum(line.weight for line in each[1].lines if line.topic in _SPOKEN))
            ranks[SAID].append(_rank([which for which, _ in spoken], mate))
            if many:
                ranks[MANY].append(_rank([which for which, _ in search.ranked_among_many(probe)], mate))
            bare = account.unmarked
            ranks[CLUES].append(_rank([which for which, _ in search.ranked(profile(bare.case, bare.clues, words))], mate))
            for way, text in full.items():
                ranks[way].append(_rank(text.ranked(asked(account.case, account.clues), DEEPEST), mate))
            ranks[FACES].append(face_rank(world.random, people[mate], round(missing * (1 - WITHOUT_PHOTO))))
    return found


_SPOKEN: Final = ("name", "place", "word")


def _rank(ranked: Sequence[int], mate: int) -> int | None:
    return ranked.index(mate) + 1 if mate in ranked else None


def _as_json(found: Found) -> dict[str, object]:
    def figures(share: Share) -> dict[str, object]:
        return asdict(share) | {"value": share.value, "interval": share.interval}

    ways = {way: {reach: figures(found.share(ranks, reach)) for reach in (1, 10)} for way, ranks in found.ranks.items()}
    kinds = {
        title: {
            name: {1: figures(first), 10: figures(ten), "full_text_10": figures(text)}
            for name, first, ten, text in found.by_kind(kind)
        }
        for title, kind in (("names", lambda account: account.name_kind), ("places", lambda account: account.place_kind))
    }
    both = {
        "in_turn": {reach: figures(found.interleaved(reach)) for reach in (1, 10)},
        "two_lists": {reach: figures(found.either(reach)) for reach in (1, 10)},
    }
    return {
        "missing": found.missing,
        "sheltered": found.sheltered,
        "mated": len(found.mates),
        "ways": ways,
        "both": both,
        "kinds": kinds,
        "chances": clue_chances.rows(found.pairs),
    }
