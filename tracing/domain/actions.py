"""Tracing actions: what people did to find out who somebody is, when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActionKind(StrEnum):
    INTERVIEW = "interview"
    NOTICE = "notice"
    DNA = "dna"
    POLICE = "police"
    MEDIA = "media"
    FIELD_VISIT = "field_visit"
    OTHER_STATION = "other_station"
    FOLLOW_UP = "follow_up"
    """After a reunion: how the person is, and whether it was right."""


class ActionOutcome(StrEnum):
    ASKED = "asked"
    """Others have been asked, and have yet to answer or to act."""
    DONE = "done"
    """Carried out; whether it helps is not known yet."""
    NOTHING = "nothing"
    LEAD = "lead"
    """It brought something to follow up."""
    IDENTIFIED = "identified"
    """It brought to light who the person is, or where."""


@dataclass(frozen=True, slots=True)
class TracingAction:
    """``taken_at`` is when it happened, ``recorded_at`` when it was written down."""

    action_id: str
    case_id: str
    kind: ActionKind
    outcome: ActionOutcome
    taken_at: datetime
    note: str
    recorded_by: str
    recorded_at: datetime
