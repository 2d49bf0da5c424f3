"""The JSON bodies of answers about candidates, pairs and decisions: nobody is told more than they may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, Field

from api.v1.answers import CaseAnswer
from api.v1.clue_bodies import ClueAnswer, FindingAnswer
from tracing.candidates import CandidateList, CandidateView
from tracing.clues.findings import ClueCandidate, Finding
from tracing.domain import ClueVersion, Decision, Judgement, KnownAnswer, Lead, Pair, PairState, Relation, SearchOutcome, Stage
from tracing.evaluation.card import By
from tracing.evidence import Band, Evidence
from tracing.facts import Agreement, Comparison
from tracing.fairness import Warned
from tracing.leads import LeadView
from tracing.pairviews import PairView, QueuePage

TOLD_AFTERWARDS: Final = "Left out, but for a pair whose answer was known: after the own judgement, what it was."


class EvidenceAnswer(BaseModel):
    """What the score says, with the face alone: never a probability."""

    log10_lr: float = Field(description="Decimal logarithm of the likelihood ratio.")
    band: Band
    expected_false_alarms: float = Field(description="Other people whom a search of this size shows with at least this score.")
    guarded: bool = Field(description="The band is held back: a child, or years between the photos.")

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        return cls(
            log10_lr=evidence.log10_lr,
            band=evidence.band,
            expected_false_alarms=evidence.expected_false_alarms,
            guarded=evidence.guarded,
        )


class WarningAnswer(BaseModel):
    """The recognition misses people of this group at least twice as often as people in all; it says nothing of the score."""

    by: By
    group: str = Field(examples=["0-6"])
    misses: float = Field(description="Share of the searches for people of the group that come up empty (FNIR at FPIR 1 %).")
    overall: float = Field(description="The same of all people together.")
    certain: bool = Field(description="False where so few searches are behind it that it may be chance.")

    @classmethod
    def of(cls, warned: Warned) -> Self:
        group = warned.group
        return cls(
            by=group.by, group=group.name, misses=group.misses.value, overall=warned.overall.value, certain=warned.certain
        )


class SearchAnswer(BaseModel):
    run_id: str
    generation: str
    gallery_size: int = Field(description="How many people were searched.")
    expected_false_alarms: float | None = Field(description="Null for roles that see no scores.")
    outcome: SearchOutcome = Field(
        description="`nobody_plausible` is a result, not an error: nobody is listed or, for roles that see scores, "
        "every face listed rather speaks for another person."
    )


class CandidateAnswer(BaseModel):
    pair_id: str
    case: CaseAnswer
    relation: Relation
    rank: int | None = Field(description="Null before the own judgement, and for a pair of an earlier generation.")
    state: PairState
    score: float | None = Field(None, description="Left out for those who may not see it (yet).")
    evidence: EvidenceAnswer | None = Field(None, description="Left out like the score, or where nothing is known.")
    warnings: list[WarningAnswer] = Field(description="What the recognition is weak at that concerns these two people.")
    clue_evidence: FindingAnswer | None = Field(
        None, description="What clues say for it. Left out where they say nothing, like the score."
    )

    @classmethod
    def of(cls, view: CandidateView, finding: Finding | None = None) -> Self:
        return cls(
            pair_id=view.pair.pair_id,
            case=CaseAnswer.of(view.case),
            relation=view.pair.relation,
            rank=view.rank,
            state=view.pair.state,
            warnings=[WarningAnswer.of(warned) for warned in view.warnings],
            **weights(view.score, view.evidence),
            **clue_weights(finding),
        )

    @classmethod
    def by_clues(cls, found: ClueCandidate) -> Self:
        return cls(
            pair_id=found.pair.pair_id,
            case=CaseAnswer.of(found.case),
            relation=found.pair.relation,
            rank=found.rank,
            state=found.pair.state,
            warnings=[],
            **clue_weights(found.finding),
        )


class Source(StrEnum):
    """What put the candidates of a list together; the two are never sorted into one."""

    FACES = "faces"
    CLUES = "clues"


def weights(score: float | None, evidence: Evidence | None) -> dict[str, Any]:
    """Score and evidence as far as there are any: a key that is not there tells nothing."""
    known: dict[str, Any] = {} if score is None else {"score": score}
    return known if evidence is None else known | {"evidence": EvidenceAnswer.of(evidence)}


def clue_weights(finding: Finding | None) -> dict[str, Any]:
    return {} if finding is None else {"clue_evidence": FindingAnswer.of(finding)}


class CandidatesAnswer(BaseModel):
    search: SearchAnswer | None = Field(description="The last completed search; null where there was none.")
    candidates: list[CandidateAnswer]
    warnings: list[WarningAnswer] = Field(description="What the recognition is weak at that concerns the person of the case.")

    @classmethod
    def of(cls, found: CandidateList, findings: Mapping[str, Finding]) -> Self:
        run = found.run
        search = None
        if run is not None and found.outcome is not None:
            search = SearchAnswer(
                run_id=run.run_id,
                generation=run.generation_id,
                gallery_size=run.gallery_size,
                expected_false_alarms=found.expected_false_alarms,
                outcome=found.outcome,
            )
        return cls(
            search=search,
            candidates=[CandidateAnswer.of(view, findings.get(view.pair.pair_id)) for view in found.candidates],
            warnings=[WarningAnswer.of(warned) for warned in found.warnings],
        )

    @classmethod
    def by_clues(cls, found: Sequence[ClueCandidate]) -> Self:
        return cls(search=None, candidates=[CandidateAnswer.by_clues(each) for each in found], warnings=[])


class QueuedPair(BaseModel):
    """A pair that waits for a judgement; nothing here says how alike the two are."""

    pair_id: str
    relation: Relation
    state: PairState
    cases: list[CaseAnswer] = Field(min_length=2, max_length=2)


class QueueAnswer(BaseModel):
    total: int
    pairs: list[QueuedPair]

    @classmethod
    def of(cls, page: QueuePage) -> Self:
        pairs = [
            QueuedPair(
                pair_id=pair.pair_id,
                relation=pair.relation,
                state=pair.state,
                cases=[CaseAnswer.of(page.cases[case_id]) for case_id in pair.case_ids],
            )
            for pair in page.pairs
        ]
        return cls(total=page.total, pairs=pairs)


class DecisionAnswer(BaseModel):
    decision_id: str
    stage: Stage
    judgement: Judgement | None
    reviewer: str
    confidence: int | None
    features: dict[str, str]
    reason: str
    decided_at: datetime
    superseded_at: datetime | None

    @classmethod
    def of(cls, decision: Decision) -> Self:
        values = {name: getattr(decision, name) for name in cls.model_fields}
        return cls(**values | {"features": dict(decision.features)})


class ComparisonAnswer(BaseModel):
    field: str
    low: str
    high: str
    agreement: Agreement

    @classmethod
    def of(cls, row: Comparison) -> Self:
        return cls(field=row.field, low=row.low, high=row.high, agreement=row.agreement)


class KnownAnswerAnswer(BaseModel):
    """The pair was of the past and its answer is known; what was said of it has no effect."""

    mated: bool = Field(description="The same person; false: two different people.")
    right: bool = Field(description="Whether the judgement is the answer; `cannot_tell` never is.")

    @classmethod
    def of(cls, known: KnownAnswer) -> Self:
        return cls(mated=known.mated, right=known.right)


def revealed(known: KnownAnswer | None) -> dict[str, Any]:
    """What a known-answer pair was; nothing of any other pair."""
    return {} if known is None else {"known_answer": KnownAnswerAnswer.of(known)}


class PairAnswer(BaseModel):
    """Two people side by side, as far as this person may see it."""

    pair_id: str
    relation: Relation
    state: PairState
    cases: list[CaseAnswer] = Field(min_length=2, max_length=2, description="The first is `low` in the comparison.")
    comparison: list[ComparisonAnswer]
    decisions: list[DecisionAnswer] = Field(description="Only the own ones while the person has yet to judge.")
    judged: bool
    may_judge: bool
    score: float | None = Field(None, description="Left out before the own judgement, but for roles that see scores.")
    evidence: EvidenceAnswer | None = Field(None, description="Left out like the score, or where nothing is known.")
    warnings: list[WarningAnswer] = Field(description="What the recognition is weak at that concerns these two people.")
    known_answer: KnownAnswerAnswer | None = Field(None, description=TOLD_AFTERWARDS)
    said: list[list[ClueAnswer]] = Field(
        min_length=2,
        max_length=2,
        description="What was said of each of the two, in the order of `cases`.",
    )
    clue_evidence: FindingAnswer | None = Field(
        None, description="What the machine makes of it. Left out before the own judgement, and where clues say nothing."
    )

    @classmethod
    def of(
        cls,
        view: PairView,
        score: float | None,
        evidence: Evidence | None,
        warnings: Sequence[Warned],
        said: Mapping[str, Sequence[ClueVersion]],
        finding: Finding | None,
    ) -> Self:
        return cls(
            pair_id=view.pair.pair_id,
            relation=view.pair.relation,
            state=view.pair.state,
            cases=[CaseAnswer.of(view.low), CaseAnswer.of(view.high)],
            comparison=[ComparisonAnswer.of(row) for row in view.comparison],
            decisions=[DecisionAnswer.of(decision) for decision in view.decisions],
            judged=view.judged,
            may_judge=view.may_judge,
            warnings=[WarningAnswer.of(warned) for warned in warnings],
            said=[[ClueAnswer.of(each) for each in said.get(case_id, [])] for case_id in view.pair.case_ids],
            **weights(score, evidence),
            **revealed(view.known),
            **clue_weights(finding),
        )


class PairStateAnswer(BaseModel):
    pair_id: str
    state: PairState

    @classmethod
    def of(cls, pair: Pair) -> Self:
        return cls(pair_id=pair.pair_id, state=pair.state)


class ClaimAnswer(PairStateAnswer):
    claimed_until: datetime | None


class DecidedAnswer(PairStateAnswer):
    decision: DecisionAnswer
    known_answer: KnownAnswerAnswer | None = Field(None, description=TOLD_AFTERWARDS)


def own(decisions: Sequence[Decision], reviewer: str) -> DecisionAnswer:
    """This person's latest judgement."""
    return DecisionAnswer.of([each for each in decisions if each.reviewer == reviewer and each.judgement is not None][-1])


class LeadAnswer(BaseModel):
    """Two people who look like relatives."""

    lead_id: str
    pair_id: str
    opened_by: str
    opened_at: datetime
    cases: list[CaseAnswer] = Field(min_length=2, max_length=2)

    @classmethod
    def of(cls, view: LeadView) -> Self:
        lead = view.lead
        return cls(
            lead_id=lead.lead_id,
            pair_id=lead.pair_id,
            opened_by=lead.opened_by,
            opened_at=lead.opened_at,
            cases=[CaseAnswer.of(view.low), CaseAnswer.of(view.high)],
        )


class LeadsAnswer(BaseModel):
    leads: list[LeadAnswer]


class ClosedLeadAnswer(BaseModel):
    lead_id: str
    pair_id: str
    closed_by: str
    closed_at: datetime | None
    finding: str

    @classmethod
    def of(cls, lead: Lead) -> Self:
        return cls(**{name: getattr(lead, name) for name in cls.model_fields})
