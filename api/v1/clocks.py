"""Clocks and tasks, and the tracing actions that meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.bodies import ReasonBody
from api.v1.clock_answers import (
    ActionAnswer,
    ActionBody,
    ActionsAnswer,
    ClockAnswer,
    ClocksAnswer,
    ClockStart,
    EscalationAnswer,
    EscalationsAnswer,
    SeenEscalationAnswer,
    TasksAnswer,
)
from api.v1.fields import Id, Limit, Offset
from api.v1.problems import problems
from tracing.clocks.clockwork import Task
from tracing.clocks.reckoning import CalendarEntry
from tracing.records import TaskFilter

CANNOT = problems(400, 404, 409, 413)
MOST_ENTRIES = 500

router = APIRouter(route_class=KeyFirst, tags=["clocks"])
feed = APIRouter()
"""Its own secret opens it, for a calendar cannot send a key."""


@router.get("/api/v1/cases/{case_id}/clocks", responses=problems(404))
def read_clocks(services: ServicesDep, actor: ApiActor, case_id: Id) -> ClocksAnswer:
    """What the rules demand for this case, and by when."""
    return ClocksAnswer(clocks=[ClockAnswer.of(task) for task in services.clockwork.of_case(actor, case_id)])


@router.post("/api/v1/cases/{case_id}/clocks", status_code=201, responses=CANNOT)
def start_clock(services: ServicesDep, actor: ApiActor, case_id: Id, body: ClockStart) -> ClocksAnswer:
    """Start a clock that no event starts, such as that of a suspicion of trafficking, with the reason."""
    services.clockwork.start(actor, case_id, body.rule_id, body.reason)
    return read_clocks(services, actor, case_id)


@router.post("/api/v1/clocks/{clock_id}/pause", responses=CANNOT)
def pause_clock(services: ServicesDep, actor: ApiActor, clock_id: Id, body: ReasonBody) -> ClockAnswer:
    """Let a clock stand still; it is due later by as much. One that has run out cannot be paused."""
    services.clockwork.pause(actor, clock_id, body.reason)
    return ClockAnswer.of(services.clockwork.task(actor, clock_id))


@router.post("/api/v1/clocks/{clock_id}/resume", responses=problems(404, 409))
def resume_clock(services: ServicesDep, actor: ApiActor, clock_id: Id) -> ClockAnswer:
    """Let a paused clock go on."""
    services.clockwork.resume(actor, clock_id)
    return ClockAnswer.of(services.clockwork.task(actor, clock_id))


@router.get("/api/v1/cases/{case_id}/actions", responses=problems(404))
def read_actions(services: ServicesDep, actor: ApiActor, case_id: Id) -> ActionsAnswer:
    """What was done to find out who the person is."""
    return ActionsAnswer(actions=[ActionAnswer.of(action) for action in services.actions.of_case(actor, case_id)])


@router.post("/api/v1/cases/{case_id}/actions", status_code=201, responses=CANNOT)
def record_action(services: ServicesDep, actor: ApiActor, case_id: Id, body: ActionBody) -> ActionAnswer:
    """Write down a tracing action. It meets the clocks that ask for it, and starts those that follow from it."""
    made = services.actions.record(actor, case_id, body.kind, body.outcome, body.taken_at, body.note)
    services.clockwork.follow()
    return ActionAnswer.of(made)


@router.get("/api/v1/tasks")
def read_tasks(
    services: ServicesDep,
    actor: ApiActor,
    station: Annotated[str, Query(max_length=64, description="Only cases of this station.")] = "",
    rule: Annotated[str, Query(max_length=40, description="Only clocks of this rule.")] = "",
    overdue: Annotated[bool, Query(description="Only what is overdue.")] = False,
    limit: Limit = 50,
    offset: Offset = 0,
) -> TasksAnswer:
    """What is to be done and by when, the most urgent first; what stands still comes last."""
    wanted = TaskFilter(station_id=station, rule_id=rule)
    return TasksAnswer.of(services.clockwork.tasks(actor, wanted, limit, offset, overdue=overdue))


@router.get("/api/v1/escalations")
def read_escalations(services: ServicesDep, actor: ApiActor, limit: Limit = 50) -> EscalationsAnswer:
    """What was passed on to your role at your station, and waits for somebody to take note of it."""
    found = services.escalations.waiting(actor, limit)
    return EscalationsAnswer(total=services.escalations.count(actor), escalations=[EscalationAnswer.of(each) for each in found])


@router.post("/api/v1/escalations/{escalation_id}/seen", responses=problems(404, 409))
def see_escalation(services: ServicesDep, actor: ApiActor, escalation_id: Id) -> SeenEscalationAnswer:
    """Take note of it, once for everybody of your role. It meets no clock: what was to be done is still to be done."""
    return SeenEscalationAnswer.of(services.escalations.see(actor, escalation_id))


@feed.get("/api/v1/calendar/{token}", include_in_schema=False)
def read_calendar(services: ServicesDep, token: str, language: str = "") -> Response:
    """What is due at the station of the address's owner, as iCalendar: rule and reference, and no word about the person."""
    owner = services.feeds.owner(token)
    found = services.clockwork.tasks(owner, TaskFilter(station_id=owner.station_id), MOST_ENTRIES)
    entries = [_entry(task, language or services.settings.locale) for task in found.tasks if not task.clock.paused]
    body = services.calendar_file(entries, f"Family tracing · {owner.station_id}", services.clock())
    return Response(
        body, media_type="text/calendar; charset=utf-8", headers={"Content-Disposition": 'inline; filename="clocks.ics"'}
    )


def _entry(task: Task, language: str) -> CalendarEntry:
    clock = task.clock
    remind = timedelta(hours=clock.rule.remind_hours) if clock.rule.remind_hours else None
    summary = f"{task.case.reference} · {clock.rule.title(language)}{' (?)' if clock.provisional else ''}"
    return CalendarEntry(clock.clock_id, clock.due_at, summary, clock.version, remind)
