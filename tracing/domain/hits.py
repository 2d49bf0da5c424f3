"""What the comparison with a list found: a record of another department that may be a person of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracing.domain.cases import CaseKind


class HitState(StrEnum):
    OPEN = "open"
    LOOKED_AT = "looked_at"
    """Somebody is at it: the department was asked, say."""
    FOLLOWED_UP = "followed_up"
    """It led on: a case was opened for the record, or the department takes it over."""
    NO_MATCH = "no_match"
    """It is somebody else."""


@dataclass(frozen=True, slots=True)
class ListHit:
    """A record of a compared list that may be a person of ours; people say what it is, and never the machine alone.

    ``source`` and ``source_id`` are the sender's names, ``row`` is where it stood in the list, ``kind`` what its person is.
    ``band`` is the evidence of the face alone, empty where no face brought the two together; ``reasons`` are what names,
    places, words and facts agree in, as codes: no word of the record is kept.
    """

    hit_id: str
    run_id: str
    case_id: str
    station_id: str
    found_at: datetime
    source: str
    source_id: str
    row: int
    kind: CaseKind
    band: str = ""
    reasons: tuple[str, ...] = ()
    state: HitState = HitState.OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    opened_case_id: str | None = None
    """The case that somebody has opened for the record."""
    version: int = 1
