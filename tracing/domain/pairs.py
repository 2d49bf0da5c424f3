"""Pairs of cases: what a search suggests, and what people decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tracing.domain.cases import CaseKind


class Relation(StrEnum):
    TRACE = "trace"
    READMISSION = "readmission"
    DUPLICATE = "duplicate"

    @classmethod
    def between(cls, one: CaseKind, other: CaseKind) -> Relation:
        """What it means that two cases of these kinds show the same person."""
        if one is not other:
            return cls.TRACE
        return cls.DUPLICATE if one is CaseKind.MISSING else cls.READMISSION


class PairState(StrEnum):
    PROPOSED = "proposed"
    UNDER_REVIEW = "under_review"
    FIRST_POSITIVE = "first_positive"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    EXCLUDED = "excluded"
    INCONCLUSIVE = "inconclusive"
    LOOKS_LIKE_RELATIVE = "looks_like_relative"
    SUPERSEDED = "superseded"
    VERIFIED = "verified"
    REUNITED = "reunited"
    REVOKED = "revoked"


class Judgement(StrEnum):
    """One person's statement about a pair, on the six-step scale."""

    SAME_VERY_LIKELY = "same_very_likely"
    SAME_LIKELY = "same_likely"
    CANNOT_TELL = "cannot_tell"
    UNLIKELY = "unlikely"
    EXCLUDED = "excluded"
    LOOKS_LIKE_RELATIVE = "looks_like_relative"

    @property
    def positive(self) -> bool:
        return self in (Judgement.SAME_VERY_LIKELY, Judgement.SAME_LIKELY)


class Stage(StrEnum):
    """Where in the review of a pair a decision was taken."""

    FIRST = "first"
    SECOND = "second"
    SENIOR = "senior"
    CHANGE_OF_MIND = "change_of_mind"
    """The same person again, who has seen the score and the colleagues' judgements by now."""
    VERIFICATION = "verification"
    REUNION = "reunion"
    REVOCATION = "revocation"


class Purpose(StrEnum):
    """Why a search was run; there is no search without one (DOMAIN.md, L1)."""

    IDENTIFY_INTAKE = "identify_intake"
    ANSWER_MISSING_REPORT = "answer_missing_report"
    DEDUPLICATE = "deduplicate"
    QUALITY_TEST = "quality_test"
    COMPARE_LISTS = "compare_lists"
    """The reason is the run over a list of another department, whose people are no cases here."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases that a search put together; ``low_case_id < high_case_id``, so that a pair exists once."""

    pair_id: str
    low_case_id: str
    high_case_id: str
    relation: Relation
    state: PairState
    score: float | None
    """How alike the faces are; None where clues alone put the two together, whose ``rank`` is 0 and ``list_id`` empty."""
    rank: int
    generation_id: str
    list_id: str
    suggested_at: datetime
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    superseded_by: str | None = None
    state_before: PairState | None = None
    """The state to return to when the pair that superseded this one is revoked."""
    version: int = 1

    @property
    def case_ids(self) -> tuple[str, str]:
        return (self.low_case_id, self.high_case_id)

    def other(self, case_id: str) -> str:
        """The case on the other side."""
        return self.high_case_id if case_id == self.low_case_id else self.low_case_id


@dataclass(frozen=True, slots=True)
class Grounds:
    """What there was to go by when a decision was taken, so that it can be replayed (DOMAIN.md, L22)."""

    list_id: str
    """The search whose list the pair stood in."""
    generation_id: str
    encoder_id: str
    calibration: Mapping[str, Any] | None
    """What was known of the encoder's scores; None where nobody had measured it."""
    score: float | None
    """None where only clues had put the two together."""
    rank: int
    gallery_size: int
    photos: Mapping[str, tuple[str, ...]]
    """case_id -> the SHA-256 of each photo of the case."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Two people who look like relatives, though they are not the same person: whom to ask about the one is the other."""

    lead_id: str
    pair_id: str
    opened_by: str
    opened_at: datetime
    closed_by: str = ""
    closed_at: datetime | None = None
    finding: str = ""
    """What came of it, in the words of whoever closed it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's dated statement about a pair. It is never deleted: a later one supersedes it."""

    decision_id: str
    pair_id: str
    stage: Stage
    judgement: Judgement | None
    reviewer: str
    decided_at: datetime
    confidence: int | None = None
    """From 1 (guessing) to 5 (certain), the reviewer's own."""
    features: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    score_seen: float | None = None
    superseded_at: datetime | None = None
    grounds: Grounds | None = None
    """None for a decision of a version that did not keep them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of a list as it was shown: the case found, its score, and the fact that ruled it out, if any."""

    case_id: str
    rank: int
    score: float
    template_id: int
    veto: str = ""


class SearchOutcome(StrEnum):
    """What a search came to. That nobody is plausible is a result like any other, and not a failure."""

    CANDIDATES = "candidates"
    NOBODY_PLAUSIBLE = "nobody_plausible"


@dataclass(frozen=True, slots=True)
class SearchRun:
    """A search as it happened, so that a decision can be replayed."""

    run_id: str
    case_id: str
    purpose: Purpose
    generation_id: str
    gallery_size: int
    started_at: datetime
    finished_at: datetime
    list: tuple[Candidate, ...]
