"""Stations: which there are, what they ask of each other about a case, and access in an emergency."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.bodies import ReasonBody
from api.v1.fields import Id
from api.v1.problems import problems
from api.v1.station_answers import (
    Accepting,
    AlertAnswer,
    AlertsAnswer,
    Answering,
    EmergencyAnswer,
    NewRequest,
    RequestAnswer,
    RequestsAnswer,
    SeenAnswer,
    StationAnswer,
    StationsAnswer,
)
from tracing.bootstrap import Services
from tracing.domain import Actor

CANNOT = problems(400, 404, 409, 413)

router = APIRouter(route_class=KeyFirst, tags=["stations"])


def _as_it_is(services: Services, actor: Actor, request_id: str) -> RequestAnswer:
    return RequestAnswer.of(services.assistance.read(actor, request_id))


@router.get("/api/v1/stations")
def read_stations(services: ServicesDep, actor: ApiActor) -> StationsAnswer:
    """The stations of this installation, closed ones too."""
    return StationsAnswer(stations=[StationAnswer.of(each) for each in services.stations.all(actor)])


@router.get("/api/v1/requests")
def read_requests(services: ServicesDep, actor: ApiActor) -> RequestsAnswer:
    """What the own station asks and is asked, the newest first."""
    return RequestsAnswer(requests=[RequestAnswer.of(each) for each in services.assistance.box(actor)])


@router.post("/api/v1/requests", status_code=201, responses=CANNOT)
def ask_a_station(services: ServicesDep, actor: ApiActor, body: NewRequest) -> RequestAnswer:
    """Ask another station to take a case over, or to help with it; or ask the station that has a case for it.

    Of whoever may be under 14 nothing is shared without a guardian's consent: 422.
    """
    made = services.assistance.ask(actor, body.case_id, body.kind, body.reason, body.station_id, body.parts, body.days)
    return _as_it_is(services, actor, made.request_id)


@router.get("/api/v1/requests/{request_id}", responses=problems(404))
def read_request(services: ServicesDep, actor: ApiActor, request_id: Id) -> RequestAnswer:
    """One request of the own station, or to it."""
    return _as_it_is(services, actor, request_id)


@router.post("/api/v1/requests/{request_id}/accept", responses=CANNOT)
def accept_request(services: ServicesDep, actor: ApiActor, request_id: Id, body: Accepting) -> RequestAnswer:
    """The asked station agrees: the case goes over, or the parts can be read until the deadline."""
    services.assistance.accept(actor, request_id, body.reason, body.parts, body.version)
    return _as_it_is(services, actor, request_id)


@router.post("/api/v1/requests/{request_id}/reject", responses=CANNOT)
def reject_request(services: ServicesDep, actor: ApiActor, request_id: Id, body: Answering) -> RequestAnswer:
    """The asked station refuses, with a reason."""
    services.assistance.reject(actor, request_id, body.reason, body.version)
    return _as_it_is(services, actor, request_id)


@router.post("/api/v1/requests/{request_id}/revoke", responses=CANNOT)
def revoke_request(services: ServicesDep, actor: ApiActor, request_id: Id, body: Answering) -> RequestAnswer:
    """Take a question back, end a grant at once, or bring a case that went over back."""
    services.assistance.revoke(actor, request_id, body.reason, body.version)
    return _as_it_is(services, actor, request_id)


@router.post("/api/v1/requests/{request_id}/done", responses=CANNOT)
def finish_request(services: ServicesDep, actor: ApiActor, request_id: Id, body: Answering) -> RequestAnswer:
    """The help was given, or the person has arrived."""
    services.assistance.finish(actor, request_id, body.reason, body.version)
    return _as_it_is(services, actor, request_id)


@router.post("/api/v1/cases/{case_id}/break-glass", status_code=201, responses=CANNOT)
def break_glass(services: ServicesDep, actor: ApiActor, case_id: Id, body: ReasonBody) -> EmergencyAnswer:
    """Read another station's case now, for a short time. The managers of both stations are told, with the reason."""
    return EmergencyAnswer.of(services.emergencies.open(actor, case_id, body.reason))


@router.get("/api/v1/break-glass")
def read_alerts(services: ServicesDep, actor: ApiActor) -> AlertsAnswer:
    """What was opened in an emergency at or by the own station; what nobody has looked at comes first."""
    return AlertsAnswer(alerts=[AlertAnswer.of_alert(each) for each in services.emergencies.alerts(actor)])


@router.post("/api/v1/break-glass/{emergency_id}/seen", responses=CANNOT)
def see_emergency(services: ServicesDep, actor: ApiActor, emergency_id: Id, body: ReasonBody) -> SeenAnswer:
    """Write down, as the reason, what a look at it brought; by another manager than the one who opened the case."""
    seen = services.emergencies.see(actor, emergency_id, body.reason)
    return SeenAnswer(emergency_id=seen.emergency_id, seen_at=seen.seen_at)
