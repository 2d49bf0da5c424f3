"""Lines from what was said: names, places and other words of two cases, each used once, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import Final

from tracing.clues import chances
from tracing.clues.lines import Line, Side, Topic
from tracing.clues.naming import Name, NameAgreement, agreement, shared_part
from tracing.clues.profile import NameTerm, PlaceTerm, Profile, Standing, WordTerm
from tracing.clues.rarity import Rarity
from tracing.clues.sounds import Likeness, folded, likeness
from tracing.domain.regions import Met, PlaceGuess, PlaceLevel, ancestry, level_of, shared_ancestry

MOST_LINES: Final = 4
"""Of one topic: more agreements than these are seldom independent of each other."""
UNACCEPTED: Final = 0.75
"""What a line is worth that rests on words which nobody has marked yet."""

Found = tuple[Line, int, int]
"""A line, and the numbers of the terms on either side that it uses."""


def name_lines(one: Profile, other: Profile, rarity: Rarity) -> list[Line]:
    found = [
        (line, mine, theirs)
        for mine, term in enumerate(one.names)
        for theirs, its in enumerate(other.names)
        if (line := _name_line(term, its, rarity)) is not None
    ]
    agreeing = [each for each in found if each[0].weight > 0]
    tried = len(one.names) * len(other.names)
    chosen = _chosen(agreeing, tried)
    if not chosen and found:
        return [max((line for line, _, _ in found), key=lambda line: line.weight)]
    return chosen


def _name_line(one: NameTerm, other: NameTerm, rarity: Rarity) -> Line | None:
    how = agreement(one.name, other.name)
    own = one.standing is Standing.OWN and other.standing is Standing.OWN
    if how is NameAgreement.UNKNOWN or (how is NameAgreement.DIFFERENT and not own):
        return None
    chance = (chances.OWN_NAME if own else chances.TOLD_NAME)[how]
    key, share = _name_share(one.name, other.name, how, rarity)
    sides = Side(one.name.written, one.source), Side(other.name.written, other.source)
    return Line(Topic.NAME, how.value, *sides, _trusted(log2(chance / share), one, other), key, share)


def _name_share(one: Name, other: Name, how: NameAgreement, rarity: Rarity) -> tuple[str, float]:
    match how:
        case NameAgreement.WRITTEN | NameAgreement.SOUNDED | NameAgreement.DIALECT:
            known = one.keys[0]
            return known, max(rarity.share(known) * chances.SPELLING[how], 1e-7)
        case NameAgreement.NEAR:
            return f"surname:{folded(one.surname)}", min(_near_share(one, other, rarity), 1.0)
        case NameAgreement.GIVEN:
            given = _given(one)
            return given, rarity.share(given)
        case NameAgreement.NICKNAME:
            short = min((one, other), key=lambda name: (len(name.given), name.written))
            shares = [(rarity.share(key), key) for key in (f"part:{folded((each,))}" for each in short.given)]
            return min(shares)[1], min(2 * min(shares)[0], 1.0)
        case NameAgreement.SURNAME:
            key = f"surname:{folded(one.surname)}"
            return key, rarity.share(key)
    return "", 0.99


def _near_share(one: Name, other: Name, rarity: Rarity) -> float:
    """Symmetric: the commoner of the two names decides, or what they share where one character is another."""
    if likeness(one.sound, other.sound) is Likeness.DIFFERENT and (part := shared_part(one, other)):
        return 2 * rarity.share(f"surname:{folded(one.surname)}") * rarity.share(f"part:{part}")
    shares = (rarity.share(key) for name in (one, other) for key in name.keys if key.startswith("name:"))
    return chances.NEIGHBOURS * max(shares, default=1.0)


def _given(name: Name) -> str:
    return f"given:{folded(name.given)}" if len(name.given) > 1 else f"part:{folded(name.given)}"


def place_lines(one: Profile, other: Profile, rarity: Rarity) -> list[Line]:
    found = []
    for mine, term in enumerate(one.places):
        for theirs, its in enumerate(other.places):
            found.append((_place_line(term, its, rarity), mine, theirs))
    agreeing = [each for each in found if each[0].weight > 0]
    tried = _separate(one.places) * _separate(other.places)
    chosen = _chosen(agreeing, tried)
    homes = [line for line, mine, theirs in found if _home(one.places[mine]) and _home(other.places[theirs])]
    if homes and all(line.weight < 0 for line in homes):
        chosen.append(max(homes, key=lambda line: line.weight))
    return chosen


def _home(term: PlaceTerm) -> bool:
    return term.standing is Standing.OWN


def _separate(terms: Sequence[PlaceTerm]) -> int:
    """How many places were named, those left out that another one lies in."""
    codes = {term.guesses[0].code for term in terms}
    wider = {each for code in codes for each in ancestry(code)[:-1]}
    return max(len(codes - wider), 1)


def _place_line(one: PlaceTerm, other: PlaceTerm, rarity: Rarity) -> Line:
    chance = _place_chances(one.standing, other.standing)
    ratio, known, best = 0.0, 0.0, (0.0, "", Met.EXACT)
    for mine in one.guesses:
        for theirs in other.guesses:
            both = mine.weight * theirs.weight
            times, shared = _place_ratio(mine.code, theirs.code, chance, rarity)
            ratio, known = ratio + both * times, known + both
            if shared and (both * times, shared) > best[:2]:
                best = (both * times, shared, _weaker(mine, theirs))
    weight = log2(ratio + max(1.0 - known, 0.0))
    _, shared, met = best
    key = f"place:{shared}" if shared else ""
    reason = f"{level_of(shared).name.lower()}_{met.value}" if shared and weight > 0 else "elsewhere"
    share = rarity.share(key) if key else None
    return Line(
        Topic.PLACE,
        reason,
        Side(one.text, one.source),
        Side(other.text, other.source),
        _trusted(weight, one, other),
        key,
        share,
    )


_SURENESS: Final = {met: order for order, met in enumerate(Met)}


def _weaker(one: PlaceGuess, other: PlaceGuess) -> Met:
    return max((one.met, other.met), key=_SURENESS.__getitem__)


def _place_chances(one: Standing, other: Standing) -> dict[PlaceLevel | None, float]:
    if one is Standing.FOUND and other is Standing.FOUND:
        return chances.NAMED
    if Standing.FOUND in (one, other):
        return chances.FOUND
    return chances.HOME if one is other is Standing.OWN else chances.NAMED


def _place_ratio(one: str, other: str, chance: dict[PlaceLevel | None, float], rarity: Rarity) -> tuple[float, str]:
    """How much likelier it is that one person is said to belong to both places, and the smallest division that holds both."""
    both = shared_ancestry(one, other)
    if not both:
        return chance[None], ""
    shared = both[-1]
    level = level_of(shared)
    likely = chance[level]
    if shared in (one, other):  # one side knows no more than this: whatever agrees more closely on the ground is in here too
        likely = sum(each for its, each in chance.items() if its is not None and its >= level)
    return likely / rarity.share(f"place:{shared}"), shared


def word_lines(one: Profile, other: Profile, rarity: Rarity) -> list[Line]:
    theirs = {term.key: term for term in other.words}
    lines = [_word_line(term, its, rarity) for term in one.words if (its := theirs.get(term.key)) is not None]
    lines += _ethnic_difference(one, other)
    best = sorted((line for line in lines if line.weight > 0), key=lambda line: (-line.weight, line.key))[:MOST_LINES]
    return best + [line for line in lines if line.contradicts]


def _word_line(one: WordTerm, other: WordTerm, rarity: Rarity) -> Line:
    sort, key = one.key.partition(".")[0], f"word:{one.key}"
    share = rarity.share(key)
    weight = _trusted(max(log2(chances.WORD[sort] / share), 0.01), one, other)
    return Line(Topic.WORD, sort, Side(one.text, one.source), Side(other.text, other.source), weight, key, share)


def _ethnic_difference(one: Profile, other: Profile) -> list[Line]:
    mine, theirs = ([term for term in each.words if term.key.startswith("ethnic.")] for each in (one, other))
    if not mine or not theirs or {term.key for term in mine} & {term.key for term in theirs}:
        return []
    m, u = chances.ETHNIC_DIFFERS
    return [Line(Topic.WORD, "ethnic", Side(mine[0].text, mine[0].source), Side(theirs[0].text, theirs[0].source), log2(m / u))]


def _trusted(weight: float, *terms: NameTerm | PlaceTerm | WordTerm) -> float:
    accepted = all(term.source.accepted for term in terms)
    return weight if accepted or weight < 0 else weight * UNACCEPTED


def _chosen(found: Iterable[Found], tried: int) -> list[Line]:
    """The weightiest lines of which none uses a term twice, or shares what another shares already.

    The more pairs of terms were tried, the likelier one of them agrees by chance: ``log2(tried)`` is taken off each.
    """
    lines: list[Line] = []
    used: tuple[set[int], set[int]] = set(), set()
    shared: list[str] = []
    for line, mine, theirs in sorted(
        found, key=lambda each: (-each[0].weight, each[0].key, each[0].one.text, each[0].other.text)
    ):
        weight = line.weight - log2(max(tried, 1))
        if weight <= 0 or len(lines) == MOST_LINES:
            break
        if mine in used[0] or theirs in used[1] or any(_same_thing(line.key, key) for key in shared):
            continue
        used[0].add(mine)
        used[1].add(theirs)
        shared.append(line.key)
        lines.append(Line(line.topic, line.reason, line.one, line.other, weight, line.key, line.share))
    return lines


def _same_thing(one: str, other: str) -> bool:
    mine, theirs = one.partition(":")[2], other.partition(":")[2]
    if one.startswith("place:") and other.startswith("place:"):
        return mine in ancestry(theirs) or theirs in ancestry(mine)
    return mine == theirs
