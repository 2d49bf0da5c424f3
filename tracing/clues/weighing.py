"""What people said, compared across cases: which clue met which, because of what, and how much it weighs.

The arithmetic is that of Fellegi and Sunter: each agreement and each contradiction has a weight in bits, the logarithm of how
much likelier it is for two accounts of one person than of two, and weights of independent lines add up. Faces are not in here,
and the sum is never added to the evidence of faces: both are shown side by side.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import log2

from tracing.clues.fact_lines import fact_lines
from tracing.clues.lines import Line, Topic
from tracing.clues.profile import Profile
from tracing.clues.rarity import Rarity
from tracing.clues.terms import name_lines, place_lines, word_lines
from tracing.domain.regions import ancestry


@dataclass(frozen=True, slots=True)
class ClueEvidence:
    """``lines``, the weightiest first whether for or against; ``weight`` is their sum in bits."""

    lines: tuple[Line, ...]

    @property
    def weight(self) -> float:
        return sum(line.weight for line in self.lines)

    @property
    def contradictions(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.contradicts)

    @property
    def support(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.weight > 0)

    @property
    def said(self) -> float:
        """The weight of what names, places and words add for the pair: with none of it, there is no clue hit."""
        return sum(line.weight for line in self.support if line.topic in (Topic.NAME, Topic.PLACE, Topic.WORD))


def keys(profile: Profile) -> frozenset[str]:
    """What to find a case by: store them with the case, and look up those of another to have all cases worth weighing.

    ``place:CODE`` for each place it may be and each wider one, ``name:``, ``given:``, ``part:`` and ``surname:`` with the sound
    after folding dialects, ``word:`` for marks, work, events, languages and clothes. The same keys are what ``Rarity`` counts.
    """
    places = (f"place:{code}" for term in profile.places for guess in term.guesses for code in ancestry(guess.code))
    names = (key for term in profile.names for key in term.name.keys)
    words = (f"word:{term.key}" for term in profile.words)
    return frozenset((*places, *names, *words))


def worth(held: Collection[str], rarity: Rarity) -> dict[str, float]:
    """key -> what sharing it adds, in bits, to what sharing those of its parts says that are ``held`` with it.

    A county adds to its city, a whole name to the surname and the given one, and what adds nothing is left out. So the sum over
    the keys that two cases share says nearly what ``weigh`` will say of their words, and hardly ever less.
    """
    added: dict[str, float] = {}
    for key in held:
        more = _bits(key, rarity) - sum(_bits(part, rarity) for part in _parts(key, held))
        if more > 0:
            added[key] = more
    return added


def _bits(key: str, rarity: Rarity) -> float:
    return -log2(rarity.share(key))


def _parts(key: str, held: Collection[str]) -> list[str]:
    """Of the keys that say a part of this one, those that say most, as far as they are held."""
    kind, _, value = key.partition(":")
    match kind:
        case "place":
            return [wider for code in ancestry(value)[:-1] if (wider := f"place:{code}") in held][-1:]
        case "name":
            surname, _, given = value.partition(".")
            whole = f"given:{given}"
            named = [whole] if whole in held else _syllables(given)
            return [part for part in (f"surname:{surname}", *named) if part in held]
        case "given":
            return [part for part in _syllables(value) if part in held]
    return []


def _syllables(given: str) -> list[str]:
    return [f"part:{each}" for each in dict.fromkeys(given.split("."))]


def weigh(one: Profile, other: Profile, rarity: Rarity) -> ClueEvidence:
    """All lines between two cases of whatever kinds. ``weigh(b, a)`` has the same lines, turned."""
    lines = [
        *name_lines(one, other, rarity),
        *place_lines(one, other, rarity),
        *word_lines(one, other, rarity),
        *fact_lines(one, other),
    ]
    return ClueEvidence(tuple(sorted(lines, key=lambda line: (-abs(line.weight), line.topic, line.reason))))
