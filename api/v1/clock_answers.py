"""The JSON bodies about clocks, tasks and tracing actions, of requests and of answers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from api.v1.bodies import ReasonBody
from api.v1.fields import Body, Item, Prose
from tracing.clocks.clockwork import Task, Tasks
from tracing.clocks.compliance import Compliance
from tracing.clocks.escalations import Escalated
from tracing.coverage import share_of
from tracing.domain import ActionKind, ActionOutcome, CaseKind, ClockEnd, EscalatedClock, Pause, Role, Standing, TracingAction
from tracing.records import StationCoverage

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.ASCII)


def _a_moment(value: Any) -> Any:
    """Numbers would be taken for seconds since 1970."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise ValueError("a time is written 2026-02-12T10:00:00+08:00")
    return value


When = Annotated[AwareDatetime, BeforeValidator(_a_moment)]


class ActionBody(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "notice", "outcome": "done", "taken_at": "2026-02-12T16:30:00+08:00"},
                {"kind": "interview", "outcome": "lead", "note": "Names a river and a temple."},
            ]
        }
    )

    kind: ActionKind
    outcome: ActionOutcome = Field(description="`identified`: it brought to light who the person is, or where.")
    taken_at: When | None = Field(None, description="When it was done; now where it is left out. Never in the future.")
    note: Prose = ""


class ActionAnswer(BaseModel):
    action_id: str
    kind: ActionKind
    outcome: ActionOutcome
    taken_at: datetime
    note: str
    recorded_at: datetime

    @classmethod
    def of(cls, action: TracingAction) -> Self:
        return cls(**{name: getattr(action, name) for name in cls.model_fields})


class ActionsAnswer(BaseModel):
    actions: list[ActionAnswer] = Field(description="The latest first.")


class ClockStart(ReasonBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rule_id": "police_suspected", "reason": "Speaks of a van and a stranger."}]}
    )

    rule_id: Item = Field(description="A rule that people start; docs/clocks.md.")


class PauseAnswer(BaseModel):
    paused_at: datetime
    reason: str = Field(description="A person's words; `suspended` or `matched` where the case's state stopped the clock.")
    resumed_at: datetime | None

    @classmethod
    def of(cls, pause: Pause) -> Self:
        return cls(paused_at=pause.paused_at, reason=pause.reason, resumed_at=pause.resumed_at)


class ClockAnswer(BaseModel):
    """A limit that the rules set for a case."""

    clock_id: str
    case_id: str
    reference: str
    kind: CaseKind
    station_id: str
    rule_id: str = Field(examples=["notice"])
    titles: dict[str, str] = Field(description="Locale -> what is to be done.")
    threshold: bool = Field(description="Nothing has to be done; something else holds from the due time on.")
    standing: Standing
    started_at: datetime
    due_at: datetime = Field(description="As far as is known: a clock that stands still is due later by as much.")
    provisional: bool = Field(description="A year in it has no official calendar of working days yet; it may still move.")
    done_by: list[str] = Field(description="Tracing actions that meet it: `kind` or `kind.outcome`.")
    escalated_to: list[Role]
    pauses: list[PauseAnswer]
    ended_at: datetime | None
    end: ClockEnd | None

    @classmethod
    def of(cls, task: Task) -> Self:
        clock = task.clock
        return cls(
            clock_id=clock.clock_id,
            case_id=clock.case_id,
            reference=task.case.reference,
            kind=task.case.kind,
            station_id=clock.station_id,
            rule_id=clock.rule.rule_id,
            titles=dict(clock.rule.titles),
            threshold=clock.rule.threshold,
            standing=task.standing,
            started_at=clock.started_at,
            due_at=clock.due_at,
            provisional=clock.provisional,
            done_by=list(clock.rule.done_by),
            escalated_to=list(task.escalated),
            pauses=[PauseAnswer.of(pause) for pause in clock.pauses],
            ended_at=clock.ended_at,
            end=clock.end,
        )


class ClocksAnswer(BaseModel):
    clocks: list[ClockAnswer] = Field(description="Those that run first, the most urgent one at the top.")


class EscalationAnswer(BaseModel):
    """A clock that was passed on to your role, and that nobody has taken note of."""

    escalation_id: str
    role: Role
    escalated_at: datetime
    clock_id: str
    rule_id: str
    titles: dict[str, str] = Field(description="Locale -> what is to be done.")
    case_id: str
    reference: str
    station_id: str
    due_at: datetime
    standing: Standing

    @classmethod
    def of(cls, found: Escalated) -> Self:
        return cls(
            escalation_id=found.escalated.escalation_id,
            role=found.escalated.role,
            escalated_at=found.escalated.escalated_at,
            clock_id=found.clock.clock_id,
            rule_id=found.clock.rule.rule_id,
            titles=dict(found.clock.rule.titles),
            case_id=found.case.case_id,
            reference=found.case.reference,
            station_id=found.case.station_id,
            due_at=found.clock.due_at,
            standing=found.standing,
        )


class EscalationsAnswer(BaseModel):
    total: int
    escalations: list[EscalationAnswer] = Field(description="The oldest first.")


class SeenEscalationAnswer(BaseModel):
    escalation_id: str
    clock_id: str
    case_id: str
    role: Role
    escalated_at: datetime
    seen_by: str
    seen_at: datetime | None

    @classmethod
    def of(cls, seen: EscalatedClock) -> Self:
        return cls(**{name: getattr(seen, name) for name in cls.model_fields})


class TasksAnswer(BaseModel):
    total: int
    overdue: int = Field(description="Overdue ones at this station, or at all of them.")
    tasks: list[ClockAnswer] = Field(description="The most urgent first; what stands still comes last.")

    @classmethod
    def of(cls, found: Tasks) -> Self:
        return cls(total=found.total, overdue=found.overdue, tasks=[ClockAnswer.of(task) for task in found.tasks])


class ComplianceAnswer(BaseModel):
    """Duties that are over: done, missed or overdue. Null where there are fewer than five."""

    station_id: str
    rule_id: str = Field(description="Empty for all rules of the station together.")
    clocks: int | None
    share: float | None = Field(description="Of them met in time.")

    @classmethod
    def of(cls, line: Compliance) -> Self:
        return cls(station_id=line.station_id, rule_id=line.rule_id, clocks=line.clocks, share=line.share)


class CoverageAnswer(BaseModel):
    """Open cases of a station with a completed search: by face in the active generation, or by clues."""

    station_id: str
    open: int
    searched: int
    share: float

    @classmethod
    def of(cls, station: StationCoverage) -> Self:
        return cls(station_id=station.station_id, open=station.open, searched=station.searched, share=share_of(station))
