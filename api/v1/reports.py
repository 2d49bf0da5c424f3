"""What families report by the public pages, and what informants have seen: read, accepted or declined, written down."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.answers import CaseAnswer
from api.v1.fields import Body, Id, Limit, Offset, Prose
from api.v1.notice_answers import Known
from api.v1.problems import problems
from tracing.domain import Declined, ReportState, SightingState
from tracing.families.seen import SightingView
from tracing.families.taking import ReportView

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["reports"])


class HandedPhotoAnswer(BaseModel):
    photo: str = Field(description="Its number; the pages for staff show it.")
    taken_on: str | None
    width: int
    height: int


class ReportAnswer(BaseModel):
    """A report of a family. Nobody has checked who sent it."""

    report_id: str
    reference: str = Field(description="What the family has, with a secret that nobody here knows.", examples=["FR-7Q2KD9XN"])
    state: ReportState
    version: int
    station_id: str = Field(description="The station that was chosen; empty for all of them.")
    sent_at: datetime | None
    consent_version: str
    consent_language: str
    face_consent: bool = Field(description="Without it the face is withdrawn as the case is opened.")
    told: dict[str, str] = Field(description="As it was typed; empty once the case holds it.")
    photos: list[HandedPhotoAnswer]
    declined: Declined | None
    answered_by: str
    answered_at: datetime | None
    withdrawn_at: datetime | None
    case: CaseAnswer | None

    @classmethod
    def of(cls, view: ReportView) -> Self:
        report = view.report
        return cls(
            report_id=report.report_id,
            reference=report.reference,
            state=report.state,
            version=report.version,
            station_id=report.station_id,
            sent_at=report.sent_at,
            consent_version=report.consent.version,
            consent_language=report.consent.language,
            face_consent=report.consent.face,
            told=dict(report.typed),
            photos=[
                HandedPhotoAnswer(
                    photo=each.handed_id,
                    taken_on=None if each.taken_on is None else str(each.taken_on),
                    width=each.width,
                    height=each.height,
                )
                for each in view.photos
            ],
            declined=report.declined,
            answered_by=report.answered_by,
            answered_at=report.answered_at,
            withdrawn_at=report.withdrawn_at,
            case=None if view.case is None else CaseAnswer.of(view.case),
        )


class ReportsAnswer(BaseModel):
    total: int
    reports: list[ReportAnswer]


class Accepting(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2}]})

    version: Known


class Declining(Accepting):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2, "why": "talk_first"}]})

    why: Declined = Field(description="All that the family is told.")


class SightingAnswer(BaseModel):
    """What somebody has seen who read a notice; nobody has checked it."""

    sighting_id: str
    case: CaseAnswer
    state: SightingState
    version: int
    sent_at: datetime
    said: str
    place: str
    seen_on: str
    contact: str = Field(description="Whom to call, if the informant wants to be asked. The family is never told it.")
    photos: int
    clue_id: str = Field(description="The clue as which it was written down; empty before.")

    @classmethod
    def of(cls, view: SightingView) -> Self:
        seen = view.sighting
        return cls(
            sighting_id=seen.sighting_id,
            case=CaseAnswer.of(view.case),
            state=seen.state,
            version=seen.version,
            sent_at=seen.sent_at,
            said=seen.said,
            place=seen.place,
            seen_on=seen.seen_on,
            contact=seen.contact,
            photos=len(view.photos),
            clue_id=seen.clue_id if seen.state is SightingState.NOTED else "",
        )


class SightingsAnswer(BaseModel):
    total: int
    sightings: list[SightingAnswer]


class Noting(Accepting):
    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "said": "Seen in Fuyang on Monday."}]})

    said: Prose = Field(min_length=1, description="What the case has to know, without who has seen it.")


@router.get("/api/v1/reports")
def read_family_reports(
    services: ServicesDep,
    actor: ApiActor,
    state: Annotated[ReportState, Query(description="Those in this state; drafts are shown to nobody.")] = ReportState.SENT,
    limit: Limit = 50,
    offset: Offset = 0,
) -> ReportsAnswer:
    """Reports that were sent to the own station, or to none in particular, the oldest first."""
    views, total = services.family_reports.find(actor, {state}, limit, offset)
    return ReportsAnswer(total=total, reports=[ReportAnswer.of(each) for each in views])


@router.get("/api/v1/reports/{report_id}", responses=problems(404))
def read_family_report(services: ServicesDep, actor: ApiActor, report_id: Id) -> ReportAnswer:
    """One report, with whom to call."""
    return ReportAnswer.of(services.family_reports.view(actor, report_id))


@router.post("/api/v1/reports/{report_id}/accept", responses=CANNOT)
def accept_family_report(services: ServicesDep, actor: ApiActor, report_id: Id, body: Accepting) -> CaseAnswer:
    """Open a case of the own station for a missing person, with the family's photos and whom to call."""
    case = services.family_reports.accept(actor, report_id, body.version)
    services.clockwork.follow()
    return CaseAnswer.of(case)


@router.post("/api/v1/reports/{report_id}/decline", responses=CANNOT)
def decline_family_report(services: ServicesDep, actor: ApiActor, report_id: Id, body: Declining) -> ReportAnswer:
    """Open none. The report is kept for a while, so that the family can read why."""
    services.family_reports.decline(actor, report_id, body.version, body.why)
    return ReportAnswer.of(services.family_reports.view(actor, report_id))


@router.get("/api/v1/sightings", responses=problems(404))
def read_sightings(
    services: ServicesDep,
    actor: ApiActor,
    state: Annotated[SightingState | None, Query(description="Only those in this state.")] = None,
    case_id: Annotated[str, Query(max_length=32, description="Only those about this case.")] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> SightingsAnswer:
    """What informants have seen of the own station's cases, the newest first."""
    wanted = set(SightingState) if state is None else {state}
    views, total = services.seen_sightings.find(actor, wanted, limit, offset, case_id)
    return SightingsAnswer(total=total, sightings=[SightingAnswer.of(each) for each in views])


@router.post("/api/v1/sightings/{sighting_id}/read", responses=CANNOT)
def mark_sighting_read(services: ServicesDep, actor: ApiActor, sighting_id: Id, body: Accepting) -> SightingAnswer:
    """Somebody has read it."""
    services.seen_sightings.mark_read(actor, sighting_id, body.version)
    return SightingAnswer.of(services.seen_sightings.view(actor, sighting_id))


@router.post("/api/v1/sightings/{sighting_id}/note", responses=CANNOT)
def note_sighting(services: ServicesDep, actor: ApiActor, sighting_id: Id, body: Noting) -> SightingAnswer:
    """Write it down as a clue of the case, in own words."""
    services.seen_sightings.note(actor, sighting_id, body.version, body.said)
    return SightingAnswer.of(services.seen_sightings.view(actor, sighting_id))
