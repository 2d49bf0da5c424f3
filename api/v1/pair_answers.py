"""The JSON bodies of answers about pairs and decisions: nobody is told more than they may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

from pydantic import BaseModel, Field

from api.v1.answers import CaseAnswer
from api.v1.candidate_answers import EvidenceAnswer, WarningAnswer, clue_weights, weights
from api.v1.clue_bodies import ClueAnswer, FindingAnswer
from tracing.clues.findings import Finding
from tracing.domain import ClueVersion, Decision, Judgement, KnownAnswer, Pair, PairState, Relation, Stage
from tracing.evidence import Evidence
from tracing.facts import Agreement, Comparison
from tracing.fairness import Warned
from tracing.pairviews import PairView, QueuePage

TOLD_AFTERWARDS: Final = "Left out, but for a pair whose answer was known: after the own judgement, what it was."


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
