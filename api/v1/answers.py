"""The JSON bodies of answers: what a program is told of cases, photos, candidates and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from tracing.candidates import CandidateList, CandidateView
from tracing.domain import (
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Description,
    Face,
    Judgement,
    LegalBasis,
    Outcome,
    Pair,
    PairState,
    PhotoProblem,
    Relation,
    Sex,
    Stage,
)
from tracing.evidence import Band, Evidence
from tracing.facts import Agreement, Comparison
from tracing.intake import PhotoReport
from tracing.review import PairView, QueuePage
from tracing.statistics import Counts


class CaseAnswer(BaseModel):
    """A case. Whom to call about it is not told to programs."""

    case_id: str
    reference: str = Field(examples=["M-2026-00042"])
    kind: CaseKind
    state: CaseState
    outcome: Outcome | None
    version: int
    legal_basis: LegalBasis
    station_id: str
    opened_at: datetime
    search_due: bool = Field(description="A search for this person has yet to be run, or to be run again.")
    names: list[str]
    sex: Sex | None
    birth_date: str | None = Field(description="As far as it is known, as it was given.")
    age_min: int | None
    age_max: int | None
    ethnic_group: str
    languages: list[str]
    accent: str
    height_cm: int | None
    marks: list[str]
    clothing: str
    seen_at: str | None
    seen_place: str
    circumstances: str

    @classmethod
    def of(cls, case: Case) -> Self:
        told = {name: getattr(case.description, name) for name in Description.__slots__}
        for name in ("birth_date", "seen_at"):
            told[name] = None if told[name] is None else str(told[name])
        for name in ("names", "languages", "marks"):
            told[name] = list(told[name])
        return cls(
            case_id=case.case_id,
            reference=case.reference,
            kind=case.kind,
            state=case.state,
            outcome=case.outcome,
            version=case.version,
            legal_basis=case.legal_basis,
            station_id=case.station_id,
            opened_at=case.opened_at,
            search_due=case.search_wanted > case.search_done,
            **told,
        )


class CasesAnswer(BaseModel):
    total: int = Field(description="How many there are in all.")
    cases: list[CaseAnswer]


class BoxAnswer(BaseModel):
    """Pixels of the upright image; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class QualityAnswer(BaseModel):
    score: float = Field(description="From 0 (useless) to 1 (good).")
    hints: list[str] = Field(description="What the photographer can do better, as stable words.")


class FaceAnswer(BaseModel):
    face_id: str
    box: BoxAnswer
    quality: QualityAnswer
    of_interest: bool = Field(description="Whether this face is the case's person.")

    @classmethod
    def of(cls, face: Face) -> Self:
        box = BoxAnswer(left=face.box.left, top=face.box.top, right=face.box.right, bottom=face.box.bottom)
        quality = QualityAnswer(score=face.quality.score, hints=list(face.quality.hints))
        return cls(face_id=face.face_id, box=box, quality=quality, of_interest=face.of_interest)


class PhotoAnswer(BaseModel):
    photo_id: str
    case_id: str
    received_at: datetime
    taken_on: str | None
    age_in_photo: int | None
    analysis: Analysis = Field(description="`choose_face`: several faces; say which one it is with PATCH on the face.")
    problem: PhotoProblem = Field(description="Why the photo is not enrolled; empty where it is, or is pending.")
    width: int = Field(description="Pixels of the upright image.")
    height: int
    faces: list[FaceAnswer]

    @classmethod
    def of(cls, report: PhotoReport) -> Self:
        photo = report.photo
        return cls(
            photo_id=photo.photo_id,
            case_id=photo.case_id,
            received_at=photo.received_at,
            taken_on=None if photo.taken_on is None else str(photo.taken_on),
            age_in_photo=photo.age_in_photo,
            analysis=photo.analysis,
            problem=photo.problem,
            width=photo.width,
            height=photo.height,
            faces=[FaceAnswer.of(face) for face in report.faces],
        )


class PhotosAnswer(BaseModel):
    photos: list[PhotoAnswer]


class LostPhoto(BaseModel):
    """A photo of an intake that was not kept; the case was."""

    analysis: Literal["unreadable", "not_saved"]
    problem: str = Field(description="A stable word.", examples=["truncated"])
    detail: str = Field(description="A sentence that says what to do.")


class IntakeAnswer(BaseModel):
    case: CaseAnswer
    photos: list[PhotoAnswer | LostPhoto] = Field(description="In the order they were sent.")


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


class SearchAnswer(BaseModel):
    run_id: str
    generation: str
    gallery_size: int = Field(description="How many people were searched.")
    expected_false_alarms: float | None = Field(description="Null for roles that see no scores.")


class CandidateAnswer(BaseModel):
    pair_id: str
    case: CaseAnswer
    relation: Relation
    rank: int | None = Field(description="Null before the own judgement, and for a pair of an earlier generation.")
    state: PairState
    score: float | None = Field(None, description="Left out for those who may not see it (yet).")
    evidence: EvidenceAnswer | None = Field(None, description="Left out like the score, or where nothing is known.")

    @classmethod
    def of(cls, view: CandidateView) -> Self:
        return cls(
            pair_id=view.pair.pair_id,
            case=CaseAnswer.of(view.case),
            relation=view.pair.relation,
            rank=view.rank,
            state=view.pair.state,
            **weights(view.score, view.evidence),
        )


def weights(score: float | None, evidence: Evidence | None) -> dict[str, Any]:
    """Score and evidence as far as there are any: a key that is not there tells nothing."""
    known: dict[str, Any] = {} if score is None else {"score": score}
    return known if evidence is None else known | {"evidence": EvidenceAnswer.of(evidence)}


class CandidatesAnswer(BaseModel):
    search: SearchAnswer | None = Field(description="The last completed search; null where there was none.")
    candidates: list[CandidateAnswer]

    @classmethod
    def of(cls, found: CandidateList) -> Self:
        run = found.run
        search = None
        if run is not None:
            search = SearchAnswer(
                run_id=run.run_id,
                generation=run.generation_id,
                gallery_size=run.gallery_size,
                expected_false_alarms=found.expected_false_alarms,
            )
        return cls(search=search, candidates=[CandidateAnswer.of(view) for view in found.candidates])


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

    @classmethod
    def of(cls, view: PairView, score: float | None, evidence: Evidence | None) -> Self:
        return cls(
            pair_id=view.pair.pair_id,
            relation=view.pair.relation,
            state=view.pair.state,
            cases=[CaseAnswer.of(view.low), CaseAnswer.of(view.high)],
            comparison=[ComparisonAnswer.of(row) for row in view.comparison],
            decisions=[DecisionAnswer.of(decision) for decision in view.decisions],
            judged=view.judged,
            may_judge=view.may_judge,
            **weights(score, evidence),
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


class StatisticsAnswer(BaseModel):
    """For the station itself: small numbers are not blurred."""

    cases: dict[CaseKind, dict[CaseState, int]]
    photos: dict[Analysis, int]
    pairs: dict[PairState, int]
    searches_due: int
    photos_stuck: int = Field(description="Photos whose analysis failed three times.")

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(
            cases={kind: dict(states) for kind, states in counts.cases.items()},
            photos=dict(counts.photos),
            pairs=dict(counts.pairs),
            searches_due=counts.searches_due,
            photos_stuck=counts.photos_stuck,
        )


def own(decisions: Sequence[Decision], reviewer: str) -> DecisionAnswer:
    """This person's latest judgement."""
    return DecisionAnswer.of([each for each in decisions if each.reviewer == reviewer and each.judgement is not None][-1])
