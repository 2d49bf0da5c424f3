"""What makes a match more than two alike faces: evidence beyond the face, and the record of the hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracing.domain.dates import PartialDate


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """What a verification rested on, field by field of its kind. Kept sealed: a question and its answer prove
    who somebody is."""

    decision_id: str
    pair_id: str
    proof: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Who took a person home, and how it was made sure that this was right. Kept sealed as a whole."""

    pair_id: str
    recorded_by: str
    recorded_at: datetime
    receiver: str
    relation: str
    document_type: str
    document_number: str
    relation_proof: str
    """How it was shown that the receiver is who they say they are to the person."""
    handed_over_by: str
    witness: str
    handed_over_on: PartialDate
    place: str
    wish: str
    """What the person themselves wants, in their own words or as they showed it."""
    follow_up_on: PartialDate
    belongings: str = ""
    handed_over_time: str = ""


@dataclass(frozen=True, slots=True)
class BegunHandOver:
    """The record of a hand-over as far as somebody has filled it in: field -> what was typed. Kept sealed like the record.

    ``version`` 0 is one that nobody has begun.
    """

    pair_id: str
    typed: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""
