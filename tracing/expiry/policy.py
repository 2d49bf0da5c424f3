"""How long each kind of thing is kept, read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from typing import Any, Final

from tracing.domain import Case, CaseKind, CaseState, Outcome
from tracing.errors import Misconfigured

SHIPPED: Final = "usual.toml"
FOR_EVER: Final = "for ever"
LONGEST_DAYS: Final = 36_500


class Kept(StrEnum):
    """What is kept for a time of its own."""

    OPEN_MISSING = "open_missing"
    OPEN_SHELTERED = "open_sheltered"
    SUSPENDED = "suspended"
    REUNITED = "reunited"
    DECEASED = "deceased"
    CLOSED_MISSING = "closed_missing"
    CLOSED_SHELTERED = "closed_sheltered"
    SEARCH_RUNS = "search_runs"
    REJECTED_PAIRS = "rejected_pairs"
    HAND_OVER_DRAFTS = "hand_over_drafts"
    LIST_HITS = "list_hits"
    LIST_RUNS = "list_runs"
    FAMILY_REPORTS = "family_reports"
    SIGHTINGS = "sightings"
    ACCOUNTS = "accounts"
    KEEPOUTS = "keepouts"
    ENDED_RECORDS = "ended_records"


NEEDED: Final = frozenset(
    {Kept.KEEPOUTS, Kept.ENDED_RECORDS, Kept.HAND_OVER_DRAFTS, Kept.LIST_HITS, Kept.FAMILY_REPORTS, Kept.SIGHTINGS}
)
"""What has to end some day: it is there for a purpose that ends."""
CASES: Final = (
    Kept.OPEN_MISSING,
    Kept.OPEN_SHELTERED,
    Kept.SUSPENDED,
    Kept.REUNITED,
    Kept.DECEASED,
    Kept.CLOSED_MISSING,
    Kept.CLOSED_SHELTERED,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """``times``: of each kind how long it is kept; None is for ever."""

    times: Mapping[Kept, timedelta | None]

    def over(self, kind: Kept, now: datetime) -> datetime | None:
        """What happened at this moment or before is over by now; None where nothing ever is."""
        lasts = self.times[kind]
        return None if lasts is None else now - lasts

    def until(self, kind: Kept, since: datetime) -> datetime | None:
        """When what began at this moment is over; None where it never is."""
        lasts = self.times[kind]
        return None if lasts is None else since + lasts

    def case_until(self, case: Case, since: datetime) -> datetime | None:
        """When a case that has been in its state since then is over."""
        kind = kind_of(case.kind, case.state, case.outcome)
        return None if kind is None else self.until(kind, since)


def kind_of(kind: CaseKind, state: CaseState, outcome: Outcome | None) -> Kept | None:
    """What a case is kept as; None while it belongs to a match, which nothing ends but people."""
    if state is CaseState.MATCHED:
        return None
    if state is CaseState.SUSPENDED:
        return Kept.SUSPENDED
    if state is not CaseState.CLOSED:
        return Kept.OPEN_MISSING if kind is CaseKind.MISSING else Kept.OPEN_SHELTERED
    ended = {Outcome.REUNITED: Kept.REUNITED, Outcome.DECEASED: Kept.DECEASED}
    usual = Kept.CLOSED_MISSING if kind is CaseKind.MISSING else Kept.CLOSED_SHELTERED
    return usual if outcome is None else ended.get(outcome, usual)


def usual() -> Policy:
    """The times that come with the service."""
    return Policy(_times(files("tracing.expiry").joinpath(SHIPPED).read_text("utf-8")))


def parse(text: str) -> Policy:
    """The usual times, but for those that this file names. ``Misconfigured``, naming the kind, where it makes no sense."""
    return Policy({**usual().times, **_times(text)})


def _times(text: str) -> dict[Kept, timedelta | None]:
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"The times for which things are kept are no TOML: {error}") from error
    return {_kind(name): _time(name, value) for name, value in told.items()}


def _kind(name: str) -> Kept:
    if name not in set(Kept):
        raise Misconfigured(f"Nothing is kept as {name}; there are {', '.join(Kept)}.")
    return Kept(name)


def _time(name: str, value: Any) -> timedelta | None:
    if value == FOR_EVER and name not in NEEDED:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_DAYS:
        ever = "" if name in NEEDED else f', or "{FOR_EVER}"'
        raise Misconfigured(f"{name} is kept for a number of days between 1 and {LONGEST_DAYS}{ever}.")
    return timedelta(days=value)
