"""The JSON bodies about stations: what is asked of whom, and what was opened in an emergency."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from api.v1.bodies import ReasonBody
from api.v1.fields import AN_ID, Line, Whole
from tracing.domain import Emergency, Part, RequestKind, RequestState, Station
from tracing.stations.assistance import MOST_DAYS, USUAL_DAYS, RequestView
from tracing.stations.emergencies import Alert

Parts = Annotated[list[Part], Field(max_length=len(Part))]


class StationAnswer(BaseModel):
    station_id: str = Field(examples=["north"])
    name: str
    central: bool = Field(description="Its people work for all stations.")
    open: bool = Field(description="Whether it can be asked.")

    @classmethod
    def of(cls, station: Station) -> Self:
        return cls(station_id=station.station_id, name=station.name, central=station.central, open=station.closed_at is None)


class StationsAnswer(BaseModel):
    """Empty where none is set up: then everybody sees every case."""

    stations: list[StationAnswer]


class RequestAnswer(BaseModel):
    """Of the case only the reference; what was granted of it is read where cases are read."""

    request_id: str
    case_id: str
    reference: str
    kind: RequestKind
    state: RequestState
    expired: bool = Field(description="Its deadline has passed: it cannot be accepted, or what it granted has ended.")
    asking: str = Field(description="The station that asks.")
    asked: str
    parts: list[Part] = Field(description="What is asked for; once accepted, what is granted.")
    reason: str
    asked_at: datetime
    deadline: datetime
    answer: str = Field(description="Why the last step was taken.")
    answered_at: datetime | None
    version: int
    steps: list[RequestState] = Field(description="States that this account can bring it to now.")

    @classmethod
    def of(cls, view: RequestView) -> Self:
        request = view.request
        return cls(
            request_id=request.request_id,
            case_id=request.case_id,
            reference=view.reference,
            kind=request.kind,
            state=request.state,
            expired=view.expired,
            asking=request.asking,
            asked=request.asked,
            parts=list(request.parts),
            reason=request.reason,
            asked_at=request.asked_at,
            deadline=request.deadline,
            answer=request.answer,
            answered_at=request.answered_at,
            version=request.version,
            steps=list(view.steps),
        )


class RequestsAnswer(BaseModel):
    requests: list[RequestAnswer]


class EmergencyAnswer(BaseModel):
    emergency_id: str
    case_id: str
    opened_at: datetime
    ends_at: datetime = Field(description="Until then this account can read the case, and change nothing.")

    @classmethod
    def of(cls, emergency: Emergency) -> Self:
        return cls(
            emergency_id=emergency.emergency_id,
            case_id=emergency.case_id,
            opened_at=emergency.opened_at,
            ends_at=emergency.ends_at,
        )


class AlertAnswer(EmergencyAnswer):
    reference: str
    station_id: str = Field(description="The station of the person who opened it.")
    host: str = Field(description="The station that has the case.")
    opened_by: str = Field(description="The account.")
    reason: str
    running: bool
    maybe_a_child: bool = Field(description="The person may be under 14: nothing of the case may be shared otherwise.")
    seen_at: datetime | None = Field(description="When a manager looked at it.")
    seen_by: str
    finding: str

    @classmethod
    def of_alert(cls, alert: Alert) -> Self:
        emergency = alert.emergency
        return cls(
            **EmergencyAnswer.of(emergency).model_dump(),
            reference=alert.reference,
            station_id=emergency.station_id,
            host=alert.host,
            opened_by=emergency.account_id,
            reason=emergency.reason,
            running=alert.running,
            maybe_a_child=alert.maybe_a_child,
            seen_at=emergency.seen_at,
            seen_by=emergency.seen_by,
            finding=emergency.finding,
        )


class AlertsAnswer(BaseModel):
    alerts: list[AlertAnswer]


class SeenAnswer(BaseModel):
    emergency_id: str
    seen_at: datetime | None


class NewRequest(ReasonBody):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "case_id": AN_ID,
                    "kind": "assistance",
                    "station_id": "north",
                    "parts": ["description", "photos"],
                    "days": 14,
                    "reason": "He names a village in your county.",
                }
            ]
        }
    )

    case_id: Annotated[str, Field(max_length=64)]
    kind: RequestKind = Field(
        description="`transfer`: the case goes over. `assistance`: named parts of it can be read until the deadline."
    )
    station_id: Line = Field("", description="Whom an own case is offered to. Of another station's case that station is asked.")
    parts: Parts = Field(
        default_factory=list, description="Of assistance: what is needed, and no more. Contacts are never part of the others."
    )
    days: Whole = Field(USUAL_DAYS, description=f"After so many days it ends by itself; at most {MOST_DAYS}.")


class Answering(ReasonBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "We ask in the village.", "version": 1}]})

    version: Whole | None = Field(None, description="The version that you read; 409 where it is no longer the current one.")


class Accepting(Answering):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "We ask in the village.", "parts": ["description"], "version": 1}]}
    )

    parts: Parts | None = Field(None, description="Of what was asked for, what is granted; left out: all of it.")
