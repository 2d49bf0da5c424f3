"""What to ask next: the place, name or word whose answer is expected to say most about which of the open cases a person is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Final

RIGHT: Final = 0.9
"""The chance that a person says yes to what is so; one in ten does not understand, or does not remember."""
MISTAKEN: Final = 0.05
"""The chance of a yes to what is not so: people are polite, and afraid."""
KINDS: Final = ("place", "surname", "word")
"""What can be asked about: places and words have pictures, a surname can be read aloud."""


@dataclass(frozen=True, slots=True)
class Possible:
    """A case that the person may be of. ``weight``: bits, from what is known so far; ``keys``: the chance that each is so."""

    case_id: str
    weight: float
    keys: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Question:
    """Is this so? ``gain``: by how many bits the answer is expected to narrow it down; ``yes``: the chance of that answer."""

    key: str
    gain: float
    yes: float


def shares(possibles: Sequence[Possible]) -> list[float]:
    """How likely each case is, in their order, taking it that the person is of one of them."""
    heaviest = max((each.weight for each in possibles), default=0.0)
    odds = [2.0 ** (each.weight - heaviest) for each in possibles]
    total = sum(odds)
    return [each / total for each in odds]


def entropy(chances: Iterable[float]) -> float:
    """In bits: how far it is from certain."""
    return -sum(chance * log2(chance) for chance in chances if chance > 0)


def questions(
    possibles: Sequence[Possible], limit: int = 10, kinds: Collection[str] = KINDS, asked: Collection[str] = ()
) -> list[Question]:
    """The questions that are expected to say most, the best first; none whose answer is certain, and none asked before."""
    holding, likely = _holding(possibles, lambda key: key.partition(":")[0] in kinds and key not in asked)
    found = [_question(key, holders, likely) for key, holders in holding.items()]
    return sorted((each for each in found if each.gain > 1e-9), key=lambda each: (-each.gain, each.key))[:limit]


def answered(chance: float, yes: bool) -> float:
    """The chance of this answer where the question is right with that ``chance``."""
    said = chance * RIGHT + (1 - chance) * MISTAKEN
    return said if yes else 1 - said


Holders = list[tuple[int, float]]


def _holding(possibles: Sequence[Possible], fits: Callable[[str], bool]) -> tuple[dict[str, Holders], list[float]]:
    """For each key the numbers of the cases that hold it, with the chance that it is so; and how likely each case is."""
    holding: dict[str, Holders] = {}
    for number, each in enumerate(possibles):
        for key, chance in each.keys.items():
            if fits(key):
                holding.setdefault(key, []).append((number, chance))
    return holding, shares(possibles)


def _question(key: str, holders: Holders, likely: Sequence[float]) -> Question:
    held = sum(likely[number] for number, _ in holders)
    yes = sum(likely[number] * answered(chance, True) for number, chance in holders) + (1 - held) * MISTAKEN
    noise = sum(likely[number] * _binary(answered(chance, True)) for number, chance in holders) + (1 - held) * _binary(MISTAKEN)
    return Question(key, max(_binary(yes) - noise, 0.0), yes)


def _binary(chance: float) -> float:
    return entropy((chance, 1 - chance))


def masses(possibles: Sequence[Possible], fits: Callable[[str], bool]) -> dict[str, float]:
    """How likely each of these keys is so of the person."""
    holding, likely = _holding(possibles, fits)
    return {key: sum(likely[number] * chance for number, chance in holders) for key, holders in holding.items()}


def pointing(keys: Sequence[str], possibles: Sequence[Possible], likely: Sequence[float]) -> float:
    """The gain of pointing at one of the places or at none: a place that is right is pointed at as often as ``RIGHT`` says."""
    answers = [0.0] * (len(keys) + 1)
    noise = 0.0
    for each, share in zip(possibles, likely, strict=True):
        told = pointed([each.keys.get(key, 0.0) for key in keys])
        noise += share * entropy(told)
        answers = [answer + share * one for answer, one in zip(answers, told, strict=True)]
    return max(entropy(answers) - noise, 0.0)


def pointed(chances: Sequence[float]) -> list[float]:
    """The chance that one case points at each of these, and last that it points at none; ``chances``: that each is so."""
    total = max(sum(chances), 1.0)
    right = [chance / total for chance in chances]
    elsewhere = max(1 - sum(right), 0.0)
    said = [each * RIGHT + elsewhere * MISTAKEN / len(chances) for each in right]
    return [*said, max(1 - sum(said), 0.0)]
