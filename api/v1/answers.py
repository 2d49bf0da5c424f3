"""The JSON bodies of answers about cases, photos and the service itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from api.v1.clock_answers import ComplianceAnswer, CoverageAnswer
from tracing.approvals import FirstWord
from tracing.clocks.compliance import Compliance
from tracing.coverage import CoverageReport
from tracing.domain import (
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Channel,
    Description,
    Face,
    LegalBasis,
    NoFaceReason,
    Outcome,
    PairState,
    PhotoProblem,
    Sex,
)
from tracing.photo_reports import PhotoReport
from tracing.quality import HINTS
from tracing.statistics import Counts


def a_file(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    """What the document says of an answer that is a file."""
    return {200: {"description": description, "content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


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
    guarded: bool = Field(
        description="Relatives may be the danger, and no check has cleared it: nobody outside may learn where the person is."
    )
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
            guarded=case.guarded,
            search_due=case.search_wanted > case.search_done,
            **told,
        )


class CasesAnswer(BaseModel):
    total: int = Field(description="How many there are in all.")
    cases: list[CaseAnswer]


class ApprovalAnswer(BaseModel):
    """The first of two words."""

    case: CaseAnswer
    outcome: Outcome
    approver: str
    reason: str
    given_at: datetime
    own: bool = Field(description="It is yours, so that another person has to give the second.")

    @classmethod
    def of(cls, word: FirstWord) -> Self:
        given = word.approval
        return cls(
            case=CaseAnswer.of(word.case),
            outcome=given.outcome,
            approver=given.approver,
            reason=given.reason,
            given_at=given.given_at,
            own=word.own,
        )


class ApprovalsAnswer(BaseModel):
    approvals: list[ApprovalAnswer]


class BoxAnswer(BaseModel):
    """Pixels of the upright image; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class QualityAnswer(BaseModel):
    score: float = Field(description="From 0 (useless) to 1 (good).")
    hints: list[str] = Field(
        description="What the photographer can do better, as stable words: " + ", ".join(f"`{hint}`" for hint in HINTS) + ".",
        examples=[["too_dark", "blurred"]],
    )


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
    analysis: Analysis = Field(
        description="`choose_face`: several faces; say which one it is with PATCH on the face. `enrolled` with several faces: "
        "the one `of_interest` clearly dominates and was taken; the others have no template. PATCH takes another one instead. "
        "`withdrawn`: the face of the case is withdrawn, and nobody looks for it. `held`: this may be somebody who asked not "
        "to be searched; a manager decides."
    )
    problem: PhotoProblem = Field(description="Why the photo is not enrolled; empty where it is, or is pending.")
    reason: NoFaceReason | None = Field(
        description="Why no face was found, as far as the photo tells; null where there is one, or where nobody asked."
    )
    width: int = Field(description="Pixels of the upright image.")
    height: int
    place_in_line: int | None = Field(
        description="While the analysis is pending: 1 is looked at next. Null for a photo that does not wait, or was given up."
    )
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
            reason=photo.no_face,
            width=photo.width,
            height=photo.height,
            place_in_line=None if report.ahead is None else report.ahead + 1,
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


class StatisticsAnswer(BaseModel):
    """For the station itself: small numbers are not blurred, but for those of `compliance`."""

    station: str | None = Field(description="The own station, of which all this is; null for all stations together.")
    cases: dict[CaseKind, dict[CaseState, int]]
    photos: dict[Analysis, int]
    pairs: dict[PairState, int]
    searches_due: int
    photos_stuck: int = Field(description="Photos whose analysis failed three times.")
    coverage: list[CoverageAnswer]
    coverage_by_clues: list[CoverageAnswer] = Field(description="As `coverage`, of searches by clues.")
    compliance: list[ComplianceAnswer]
    reunions: dict[Channel | Literal["not_said"], int] = Field(
        description="People in care who went home, by what brought it about, as in the monthly report."
    )
    searched_by_clues: int = Field(description="Open cases that were searched by clues as they are now.")
    open_cases: int = Field(description="Open cases that may be searched: those with a legal basis.")

    @classmethod
    def of(
        cls,
        counts: Counts,
        coverage: CoverageReport,
        by_clues: CoverageReport,
        compliance: Sequence[Compliance],
        reunions: Mapping[Channel | None, int],
    ) -> Self:
        return cls(
            station=counts.station_id,
            cases={kind: dict(states) for kind, states in counts.cases.items()},
            photos=dict(counts.photos),
            pairs=dict(counts.pairs),
            searches_due=counts.searches_due,
            photos_stuck=counts.photos_stuck,
            coverage=[CoverageAnswer.of(station) for station in coverage.stations],
            coverage_by_clues=[CoverageAnswer.of(station) for station in by_clues.stations],
            compliance=[ComplianceAnswer.of(line) for line in compliance],
            reunions={channel or "not_said": number for channel, number in reunions.items()},
            searched_by_clues=counts.searched_by_clues,
            open_cases=counts.open_cases,
        )
