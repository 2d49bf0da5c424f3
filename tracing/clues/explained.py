"""The explanation of a clue hit: its lines as they are kept with the pair, and how much each says in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tracing.domain import ClueHit


class Strength(StrEnum):
    """How much a line says, by its weight in bits: for people, who should not compare decimals."""

    AGAINST_STRONGLY = "against_strongly"
    AGAINST = "against"
    TO_KNOW = "to_know"
    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"

    @classmethod
    def of(cls, weight: float) -> Strength:
        if weight < 0:
            return cls.AGAINST_STRONGLY if weight <= -STRONG_FROM else cls.AGAINST
        if weight == 0:
            return cls.TO_KNOW
        return cls.WEAK if weight < MODERATE_FROM else cls.MODERATE if weight < STRONG_FROM else cls.STRONG


MODERATE_FROM: Final = 3.0
"""Bits: eight times as likely for one person as for two."""
STRONG_FROM: Final = 6.0
"""Sixty times as likely."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one of the two cases says in a line; ``clue_id`` is empty where it stands in the description.

    ``accepted``: a person marked it, or wrote it into a field that is meant for it.
    """

    text: str
    field: str
    clue_id: str = ""
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Explained:
    """What of the lower case met what of the higher one, why, and what it weighs; below 0 it contradicts.

    ``share``: how many people share by chance what the two have in common, None where it was not counted.
    """

    topic: str
    reason: str
    low: Part
    high: Part
    weight: float
    share: float | None = None

    @property
    def strength(self) -> Strength:
        return Strength.of(self.weight)

    @property
    def one_in(self) -> int:
        """Among how many people one shares it by chance, to two digits: more would pretend to be known."""
        number = 1 / self.share if self.share else 1.0
        return max(1, int(float(f"{number:.2g}")))

    @property
    def contradicts(self) -> bool:
        return self.weight < 0


def kept(lines: tuple[Explained, ...]) -> dict[str, Any]:
    """As the record store keeps them."""
    return {"lines": [_line(line) for line in lines]}


def explained(hit: ClueHit) -> tuple[Explained, ...]:
    """The weightiest first, whether for or against."""
    return tuple(_explained(line) for line in hit.evidence["lines"])


def _line(line: Explained) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(line, name) for name in ("topic", "reason", "weight", "share")}
    return told | {side: _part(getattr(line, side)) for side in ("low", "high")}


def _part(part: Part) -> dict[str, Any]:
    return {"text": part.text, "field": part.field, "clue_id": part.clue_id, "accepted": part.accepted}


def _explained(line: Mapping[str, Any]) -> Explained:
    return Explained(
        line["topic"], line["reason"], Part(**line["low"]), Part(**line["high"]), line["weight"], line.get("share")
    )
