"""The open cases that a person may be of, weighed by what is known: the nearest ones, and a sample of all others.

Of a hundred thousand cases not each can be weighed while somebody waits at a table. So the cases that share the rarest keys
with what is known are taken, ``NEAR`` of them, and ``SAMPLE`` are drawn at random from all; a drawn case stands for as many as
were not drawn. What is asked about depends on shares among all of them only, which a sample tells well enough (docs/clues.md).
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Final

from tracing.clues.next_questions import Possible, answered, pointed, shares
from tracing.clues.profile import PlaceTerm, Profile, Source, Standing, WordTerm
from tracing.clues.rarity import Rarity
from tracing.clues.terms import place_lines, word_lines
from tracing.domain import CaseFacts
from tracing.domain.regions import Met, PlaceGuess, ancestry
from tracing.records import Records, Sought

NEAR: Final = 1500
SAMPLE: Final = 1500
ASKED: Final = ("place", "surname", "word")
NAME_RIGHT: Final = 0.5
"""That somebody who names a name gives one that the family knows, or the surname of the family."""
NAME_DIFFERS: Final = -1.5
"""Bits, where both sides know a surname and it is another one."""
MOST_FOR_A_NAME: Final = 12.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one board: of the keys that were shown those that were pointed at. ``several`` as ``Board`` says."""

    shown: tuple[str, ...]
    pointed_at: frozenset[str]
    several: bool


def drawn(
    records: Records, sought: Sought, known: Mapping[str, int], start: str
) -> tuple[dict[str, float], dict[str, set[str]]]:
    """For how many cases each drawn one stands, and the keys of each, both by case_id.

    ``known``: the keys of what is known, with how many cases hold each. The same cases again from the same ``start``, until
    cases come or go.
    """
    near: dict[str, float] = {}
    used: set[str] = set()
    for key in sorted(known, key=lambda key: (known[key], key)):
        room = NEAR - len(near)
        if room <= 0:
            break
        used.add(key)
        holders = records.clues.draw(sought, start, room, key)
        times = 1.0 if len(holders) < room else records.clues.count(sought, key) / len(holders)
        near |= {case_id: times for case_id in holders if case_id not in near}
    others = records.clues.draw(sought, start, SAMPLE)
    times = 1.0 if len(others) < SAMPLE else records.clues.count(sought) / len(others)
    held = records.clues.held({*near, *others})
    far = {case_id: times for case_id in others if not used & held.get(case_id, set())}
    return far | near, held


def possible_cases(
    stand_for: Mapping[str, float], keys: Mapping[str, Some[str]], facts: Mapping[str, CaseFacts], told: Profile, rarity: Rarity
) -> list[Possible]:
    """Each with the weight of what was ``told``, and the keys that can be asked about."""
    weights: dict[frozenset[str], float] = {}
    found = []
    for case_id, times in stand_for.items():
        its = frozenset(keys.get(case_id, ()))
        if its not in weights:
            weights[its] = _told_bits(told, its, facts[case_id], rarity)
        askable = {key: 1.0 for key in its if key.partition(":")[0] in ASKED}
        found.append(Possible(case_id, log2(times) + weights[its], askable))
    return found


def _told_bits(told: Profile, keys: frozenset[str], facts: CaseFacts, rarity: Rarity) -> float:
    """What the case's keys say for its being the person's: coarser than the search, which reads the words."""
    lines = [*_place_and_word_lines(told, keys, facts, rarity)] if told.places or told.words else []
    return sum(lines) + _name_bits(told, keys, rarity)


def _place_and_word_lines(told: Profile, keys: frozenset[str], facts: CaseFacts, rarity: Rarity) -> list[float]:
    codes = {key[6:] for key in keys if key.startswith("place:")}
    smallest = sorted(codes - {wider for code in codes for wider in ancestry(code)[:-1]})
    source = Source("keys")
    outline = Profile(
        facts,
        places=tuple(PlaceTerm(code, (PlaceGuess(code, 1.0, Met.EXACT, code),), Standing.OWN, source) for code in smallest),
        words=tuple(WordTerm(key[5:], key[5:], source) for key in sorted(keys) if key.startswith("word:")),
    )
    return [line.weight for line in (*place_lines(told, outline, rarity), *word_lines(told, outline, rarity))]


def _name_bits(told: Profile, keys: frozenset[str], rarity: Rarity) -> float:
    if not told.names or not any(key.startswith(("surname:", "given:", "part:")) for key in keys):
        return 0.0
    both = {key for term in told.names for key in term.name.keys} & keys
    if both:
        return min(max(log2(NAME_RIGHT / rarity.share(key)) for key in both), MOST_FOR_A_NAME)
    own = any(term.standing is Standing.OWN and term.name.surname for term in told.names)
    return NAME_DIFFERS if own else 0.0


def heard(possibles: Sequence[Possible], answers: Sequence[Heard]) -> list[Possible]:
    """The same cases after these answers: each weighs by how well they fit it.

    A case of which nothing of the kind that the board asks about is known, is neither helped nor harmed.
    """
    weighed = list(possibles)
    for answer in answers:
        kinds = {key.partition(":")[0] for key in answer.shown}
        fits = [_fit(each, answer) if any(key.partition(":")[0] in kinds for key in each.keys) else None for each in weighed]
        likely = shares(weighed)
        known = sum(share for share, fit in zip(likely, fits, strict=True) if fit is not None)
        if not known:
            continue
        usual = sum(share * fit for share, fit in zip(likely, fits, strict=True) if fit is not None) / known
        weighed = [
            replace(each, weight=each.weight + log2(usual if fit is None else fit))
            for each, fit in zip(weighed, fits, strict=True)
        ]
    return weighed


def _fit(case: Possible, answer: Heard) -> float:
    chances = [case.keys.get(key, 0.0) for key in answer.shown]
    if answer.several:
        fit = 1.0
        for key, chance in zip(answer.shown, chances, strict=True):
            fit *= answered(chance, key in answer.pointed_at)
        return fit
    told = pointed(chances)
    which = next((number for number, key in enumerate(answer.shown) if key in answer.pointed_at), len(chances))
    return max(told[which], 1e-6)
