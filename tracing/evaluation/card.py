"""The figures of a model card: what was measured of an encoder, over all and by group, for people and for the service.

A card holds figures only, no photo and no person's name (Mitchell et al., "Model Cards for Model Reporting", 2019). The rates
are those of ``tracing.evaluation.identification``: misses (FNIR) at the threshold where searches for strangers bring up
somebody in one of a hundred (FPIR 1 %).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from tracing.errors import Misconfigured
from tracing.evaluation.report import Rate, Report

STRICT: Final = 0.003
"""Of the rates of false positives the stricter one that a card tells."""


class By(StrEnum):
    """What tells the groups of a card apart."""

    AGE = "age"
    """Years, in the photo that is searched with; of photos taken within some years, so that age alone tells them apart."""
    YEARS_BETWEEN = "years between"
    """Years between the enrolled photo and the one that is searched with."""
    SEX = "sex"
    SET = "set"
    """Where the photos come from, which here also means: what people, and what sort of photos."""
    QUALITY = "quality"
    """Of the photo that is searched with, 0 to 1."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Some of the searches at the threshold of all of them. ``Misconfigured`` where the figures contradict themselves.

    ``name`` is for programs: the word of the data (``female``, ``lfw``), or the two bounds. Where numbers tell the groups
    apart, the group is from ``low``, included, up to ``high``, excluded; None where it has no end on that side.
    ``false_positives`` (FPIR) is None where no stranger is in the group.
    """

    by: By
    name: str
    low: float | None
    high: float | None
    mated: int
    misses: Rate
    non_mated: int
    false_positives: float | None

    def __post_init__(self) -> None:
        if not self.name or self.mated < 1 or self.non_mated < 0:
            raise Misconfigured("A group of a card needs a name, mated searches, and no fewer than no others.")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise Misconfigured(f"The group {self.name} of a card ends before it begins.")
        if (self.false_positives is None) != (self.non_mated == 0):
            raise Misconfigured(f"The group {self.name} of a card has strangers without a rate, or a rate without strangers.")
        _require_share(self.misses)
        if self.false_positives is not None and not 0 <= self.false_positives <= 1:
            raise Misconfigured("The rates of a card lie between 0 and 1.")

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        return cls(
            by=By(table["by"]),
            name=str(table["name"]),
            low=_number(table["low"]),
            high=_number(table["high"]),
            mated=int(table["mated"]),
            misses=_rate(table["misses"]),
            non_mated=int(table["non_mated"]),
            false_positives=_number(table["false_positives"]),
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "by": self.by.value,
            "name": self.name,
            "low": self.low,
            "high": self.high,
            "mated": self.mated,
            "misses": _plain(self.misses),
            "non_mated": self.non_mated,
            "false_positives": self.false_positives,
        }


@dataclass(frozen=True, slots=True)
class Card:
    """What was measured of an encoder on one day. ``Misconfigured`` where the figures contradict themselves.

    ``misses`` (FNIR at FPIR 1 %) and ``first`` (share of the mated searches whose person comes first) are over all
    ``mated`` searches of a gallery of ``enrolled`` people; ``groups`` are parts of the same searches.
    """

    encoder_id: str
    measured_on: date
    sets: tuple[str, ...]
    photos: int
    people: int
    enrolled: int
    mated: int
    non_mated: int
    misses: Rate
    first: Rate
    groups: tuple[GroupFigures, ...]
    found: Mapping[int, Rate] = field(default_factory=dict)
    """By rank: the share of the mated searches whose person is among the first so many. Empty on a card of before."""
    strict: Rate | None = None
    """FNIR at FPIR 0.3 %."""
    failed: float | None = None
    """The share of all photos in which no face was found (failure to enrol)."""

    def __post_init__(self) -> None:
        if not self.encoder_id or not self.sets:
            raise Misconfigured("A card names its encoder and the sets of photos it was measured on.")
        if not 0 < self.enrolled <= self.people <= self.photos or self.mated < 1 or self.non_mated < 1:
            raise Misconfigured("A card needs people who are enrolled, at least a photo of each, and searches of both kinds.")
        _require_share(self.misses)
        for rate in (self.first, *self.found.values(), *([self.strict] if self.strict is not None else [])):
            _require_share(rate)
        if self.failed is not None and not 0 <= self.failed <= 1:
            raise Misconfigured("The rates of a card lie between 0 and 1.")
        if len({(group.by, group.name) for group in self.groups}) < len(self.groups):
            raise Misconfigured("A card has a group twice.")
        if any(group.mated > self.mated or group.non_mated > self.non_mated for group in self.groups):
            raise Misconfigured("A group of a card has more searches than all together.")

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote; further keys are left aside. ``Misconfigured`` where it cannot be read."""
        try:
            return cls(
                encoder_id=str(table["encoder_id"]),
                measured_on=date.fromisoformat(table["measured_on"]),
                sets=tuple(str(name) for name in table["sets"]),
                photos=int(table["photos"]),
                people=int(table["people"]),
                enrolled=int(table["enrolled"]),
                mated=int(table["mated"]),
                non_mated=int(table["non_mated"]),
                misses=_rate(table["misses"]),
                first=_rate(table["first"]),
                groups=tuple(GroupFigures.from_dict(group) for group in table["groups"]),
                found={int(rank): _rate(rate) for rank, rate in table.get("found", {}).items()},
                strict=_rate(table["strict"]) if table.get("strict") is not None else None,
                failed=_number(table.get("failed")),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise Misconfigured(f"The model card cannot be read: {error!r}.") from error

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, words and lists, for JSON; what was not measured is not there."""
        more: dict[str, Any] = {
            "found": {str(rank): _plain(rate) for rank, rate in self.found.items()},
            "strict": _plain(self.strict) if self.strict is not None else None,
            "failed": self.failed,
        }
        return {
            "encoder_id": self.encoder_id,
            "measured_on": self.measured_on.isoformat(),
            "sets": list(self.sets),
            "photos": self.photos,
            "people": self.people,
            "enrolled": self.enrolled,
            "mated": self.mated,
            "non_mated": self.non_mated,
            "misses": _plain(self.misses),
            "first": _plain(self.first),
            "groups": [group.to_dict() for group in self.groups],
            **{name: value for name, value in more.items() if value not in (None, {})},
        }


def card_of(encoder_id: str, measured_on: date, sets: tuple[str, ...], report: Report) -> Card:
    """The card of a report, whose kinds of groups are those of ``By``."""
    whole = report.whole
    return Card(
        encoder_id=encoder_id,
        measured_on=measured_on,
        sets=sets,
        photos=report.photos,
        people=report.people,
        enrolled=whole.enrolled,
        mated=whole.mated,
        non_mated=whole.non_mated,
        misses=whole.at_rates[0].misses,
        first=whole.found[1],
        groups=tuple(
            GroupFigures(
                By(kind), each.name, each.low, each.high, each.mated, each.misses, each.non_mated, each.false_positives
            )
            for kind, lines in report.groups.items()
            for each in lines
        ),
        found=dict(whole.found),
        strict=next((each.misses for each in whole.at_rates if each.wanted == STRICT), None),
        failed=report.failures_to_enrol / report.photos,
    )


def _require_share(rate: Rate) -> None:
    low, high = rate.interval
    if not 0 <= low <= rate.value <= high <= 1:
        raise Misconfigured("The rates of a card lie between 0 and 1, and within their intervals.")


def _rate(table: Mapping[str, Any]) -> Rate:
    low, high = table["interval"]
    return Rate(float(table["value"]), (float(low), float(high)))


def _plain(rate: Rate) -> dict[str, Any]:
    return {"value": rate.value, "interval": list(rate.interval)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
