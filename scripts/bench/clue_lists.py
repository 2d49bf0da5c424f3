"""Lists of missing cases for a sheltered one: by clues, by full text, by simulated faces."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nlargest
from random import Random
from statistics import NormalDist
from typing import Final

from scripts.invented.people import Person
from tracing.clues.picking import COMPARED, looked_up, worth_weighing
from tracing.clues.profile import Lexicon, Profile
from tracing.clues.rarity import counted
from tracing.clues.weighing import ClueEvidence, keys, weigh, worth
from tracing.domain import Case, Clue

MANY: Final = 1500


class ClueSearch:
    """The clues of many cases, found by keys and then weighed, as the service does it."""

    def __init__(self, profiles: Sequence[Profile], lexicon: Lexicon) -> None:
        self._profiles = profiles
        self._postings: dict[str, list[int]] = {}
        for number, profile in enumerate(profiles):
            for key in keys(profile):
                self._postings.setdefault(key, []).append(number)
        counts = {key: len(numbers) for key, numbers in self._postings.items()}
        self.rarity = counted(counts, len(profiles), lexicon.usual)

    def ranked(self, probe: Profile) -> list[tuple[int, ClueEvidence]]:
        """Numbers of cases, the weightiest first, among those that the service would weigh."""
        return self._weighed(probe, self._picked(probe))

    def ranked_among_many(self, probe: Profile) -> list[tuple[int, ClueEvidence]]:
        """The same among very many more than the service weighs: what picking costs."""
        shared = self._shared([key for key in keys(probe) if key in self._postings])
        return self._weighed(probe, nlargest(MANY, shared, key=shared.__getitem__))

    def _picked(self, probe: Profile) -> list[int]:
        counts = {key: len(self._postings[key]) for key in keys(probe) if key in self._postings}
        shared = self._shared(looked_up(counts))
        nearest = {self._profiles[number].case_id: number for number in nlargest(COMPARED, shared, key=shared.__getitem__)}
        outlines = (Profile(self._profiles[number].facts) for number in nearest.values())
        picked = worth_weighing(probe, {case_id: shared[number] for case_id, number in nearest.items()}, outlines)
        return [nearest[case_id] for case_id in picked]

    def _shared(self, some_keys: Sequence[str]) -> dict[int, float]:
        shared: defaultdict[int, float] = defaultdict(float)
        for key, bits in worth(some_keys, self.rarity).items():
            for number in self._postings[key]:
                shared[number] += bits
        return shared

    def _weighed(self, probe: Profile, numbers: Iterable[int]) -> list[tuple[int, ClueEvidence]]:
        weighed = [(number, weigh(probe, self._profiles[number], self.rarity)) for number in numbers]
        return sorted(weighed, key=lambda each: (-each[1].weight, each[0]))


class FullText:
    """The baseline: everything that stands in the cases, in SQLite's FTS5, ranked by bm25."""

    def __init__(self, texts: Sequence[str], trigrams: bool) -> None:
        self._trigrams = trigrams
        self._database = sqlite3.connect(":memory:")
        tokenizer = "trigram" if trigrams else "unicode61"
        self._database.execute(f"CREATE VIRTUAL TABLE cases USING fts5(text, tokenize='{tokenizer}')")
        rows = ((number, text if trigrams else " ".join(bigrams(text))) for number, text in enumerate(texts))
        self._database.executemany("INSERT INTO cases(rowid, text) VALUES (?, ?)", rows)

    def ranked(self, text: str, limit: int) -> list[int]:
        pieces = trigrams(text) if self._trigrams else bigrams(text)
        if not pieces:
            return []
        query = " OR ".join(f'"{piece}"' for piece in dict.fromkeys(pieces))
        found = self._database.execute("SELECT rowid FROM cases WHERE cases MATCH ? ORDER BY rank LIMIT ?", (query, limit))
        return [number for (number,) in found]


def runs(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text).split()


def trigrams(text: str) -> list[str]:
    return [run[start : start + 3] for run in runs(text) for start in range(len(run) - 2)]


def bigrams(text: str) -> list[str]:
    """Chinese has no spaces: two characters at a time are the usual stand-in for words."""
    return [run[start : start + 2] for run in runs(text) for start in range(max(len(run) - 1, 1))]


def everything(case: Case, clues: Sequence[Clue]) -> str:
    said = case.description
    return " ; ".join(
        (*said.names, said.seen_place, said.accent, *said.marks, said.circumstances, *(clue.said for clue in clues))
    )


def asked(case: Case, clues: Sequence[Clue]) -> str:
    """What somebody would type who knows how to search: names, the words that were marked, accent and marks; no filling words,
    and not where the person was found."""
    said = case.description
    return " ; ".join((*said.names, *(mention.text for clue in clues for mention in clue.mentions), said.accent, *said.marks))


STRANGERS: Final = NormalDist()
SPREAD: Final = 1.3
"""Of the scores of one person, in the spread of strangers' scores: wider, since photos differ in more than who is on them."""
FOUND_AT_ONE_IN_A_THOUSAND: Final = {"adult": 0.94, "child, under 5 years": 0.66, "5-10": 0.33, "10-20": 0.16, "over 20": 0.09}
"""True accept rates of the default encoder at a false accept rate of 1e-3 (docs/evaluation.md): East Asian adults; and people
photographed as children, by the years between the two photos."""
PHOTO_RATES: Final = {0: 0.35, 4: 0.25, 9: 0.15, 18: 0.15, 30: 0.10}
"""Years since the family's photo was taken, among those who have one."""
WITHOUT_PHOTO: Final = 0.25


def face_rank(random: Random, person: Person, gallery: int) -> int | None:
    """The rank of the true case by face among ``gallery`` others with a photo; None without a photo."""
    if random.random() < WITHOUT_PHOTO:
        return None
    years = random.choices(list(PHOTO_RATES), list(PHOTO_RATES.values()))[0]
    rate = FOUND_AT_ONE_IN_A_THOUSAND[_group(2026 - person.born - years, years)]
    score = random.gauss(STRANGERS.inv_cdf(0.999) + SPREAD * NormalDist().inv_cdf(rate), SPREAD)
    above = 1.0 - STRANGERS.cdf(score)
    return 1 + sum(random.random() < above for _ in range(gallery))


def _group(age_in_photo: int, years: int) -> str:
    if age_in_photo >= 18:
        return "adult" if years < 10 else "child, under 5 years"  # adults were not measured over many years: taken as low
    return next(
        name for reach, name in ((5, "child, under 5 years"), (10, "5-10"), (20, "10-20"), (999, "over 20")) if years < reach
    )
