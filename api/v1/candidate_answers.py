"""The JSON bodies of answers about candidates, and what speaks for and against each: nobody is told more than they may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, Field

from api.v1.answers import CaseAnswer
from api.v1.clue_bodies import FindingAnswer
from tracing.candidates import CandidateList, CandidateView
from tracing.clues.findings import ClueCandidate, Finding
from tracing.domain import PairState, Relation, SearchOutcome
from tracing.evaluation.card import By
from tracing.evidence import Band, Evidence
from tracing.fairness import Warned


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
