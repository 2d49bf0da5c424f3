"""`tracing clocks`: the limits that rules set, those of a case, and when they would be due."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from scripts.cases import Named, find_case
from scripts.language import CHINESE, is_chinese, spaced, word
from scripts.opening import services, settings
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.chosen import jurisdiction_of, work_calendar_of
from tracing.clocks.clockwork import Task
from tracing.clocks.reckoning import due
from tracing.domain import ClockRule, Start
from tracing.errors import Invalid

app = typer.Typer(help="The clocks that rules set for cases: which there are, and when they are due.", no_args_is_help=True)


@app.command()
def rules(as_json: AsJson = False) -> None:
    """List the rules in force; TRACING_CLOCK_RULES names another file than the one that is shipped."""
    found = jurisdiction_of(settings())
    if as_json:
        print_json({"name": found.name, "zone": found.zone.key, "rules": found.rules})
        return
    rows = [
        (rule.rule_id, _limit(rule), _start(rule), ", ".join(rule.done_by) or word("(threshold)"), _title(rule))
        for rule in found.rules
    ]
    print_table(["rule", "within", "starts", "done by", "what"], rows, f"{found.name}, {found.zone.key}")


@app.command()
def explain(
    opened: Annotated[str, typer.Option(help="When a case is opened, such as 2026-02-12T10:00+08:00.")],
    as_json: AsJson = False,
) -> None:
    """Print when the clocks of a case opened at this moment would be due, without pauses. Reads no data."""
    found = jurisdiction_of(settings())
    start, calendar = _moment(opened, found.zone), work_calendar_of(found)
    reckoned = [
        (rule, due(start, rule.amount, rule.unit, found.zone, calendar)) for rule in found.rules if rule.start is Start.OPENED
    ]
    reckoned.sort(key=lambda each: each[1].at)
    if as_json:
        print_json(
            [
                {"rule_id": rule.rule_id, "due_at": at.at.astimezone(found.zone), "provisional": at.provisional}
                for rule, at in reckoned
            ]
        )
        return
    rows = [
        (
            rule.rule_id,
            _limit(rule),
            f"{_weekday(at.at, found.zone)} {at.at.astimezone(found.zone):%Y-%m-%d %H:%M:%S}",
            word("provisional") if at.provisional else "",
            _title(rule),
        )
        for rule, at in reckoned
    ]
    print_table(
        ["rule", "within", "due", "", "what"],
        rows,
        f"Opened {_weekday(start, found.zone)} {start.astimezone(found.zone):%Y-%m-%d %H:%M}, {found.zone.key}",
    )
    if any(at.provisional for _, at in reckoned):
        say("Provisional: the official calendar of a year is not published yet, or not known here (docs/clocks.md).")


@app.command()
def show(case: Named, as_json: AsJson = False) -> None:
    """Show the clocks of a case, those that run first."""
    with services() as found:
        tasks = found.clockwork.of_case(SYSTEM, find_case(found, case).case_id)
        zone = found.clockwork.jurisdiction.zone
    if as_json:
        print_json([plain(task) for task in tasks])
        return
    print_tasks(tasks, zone)


@app.command()
def start(
    since: Annotated[str, typer.Option(help="Only cases opened from this moment on, such as 2026-01-01T00:00+08:00.")] = "",
    as_json: AsJson = False,
) -> None:
    """Start the clocks of open cases that have none, such as those from before there were clocks. Safe to repeat."""
    with services() as found:
        zone = found.clockwork.jurisdiction.zone
        number = found.clockwork.start_open_ones(SYSTEM, _moment(since, zone) if since else None)
    if as_json:
        print_json({"cases": number})
        return
    say(f"Clocks were started for {number} cases.")


def print_tasks(tasks: list[Task], zone: ZoneInfo, title: str | None = None) -> None:
    rows = [
        (
            task.case.reference,
            task.clock.rule.rule_id,
            f"{task.clock.due_at.astimezone(zone):%Y-%m-%d %H:%M}" + (" ?" if task.clock.provisional else ""),
            spaced(task.standing),
            task.clock.station_id,
            _title(task.clock.rule),
        )
        for task in tasks
    ]
    print_table(["case", "rule", "due", "standing", "station", "what"], rows, title)


def plain(task: Task) -> dict[str, object]:
    """What programs are told: nothing of the person but the reference."""
    clock = task.clock
    return {
        "clock_id": clock.clock_id,
        "case_id": clock.case_id,
        "reference": task.case.reference,
        "station_id": clock.station_id,
        "rule_id": clock.rule.rule_id,
        "standing": task.standing,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "provisional": clock.provisional,
        "escalated_to": list(task.escalated),
        "ended_at": clock.ended_at,
    }


def _title(rule: ClockRule) -> str:
    return rule.title(CHINESE if is_chinese() else "en")


def _weekday(at: datetime, zone: ZoneInfo) -> str:
    return word(f"{at.astimezone(zone):%a}")


def _limit(rule: ClockRule) -> str:
    return f"{rule.amount} {spaced(rule.unit)}"


def _start(rule: ClockRule) -> str:
    return ", ".join(rule.after_actions) if rule.start is Start.ACTION else spaced(rule.start)


def _moment(typed: str, zone: ZoneInfo) -> datetime:
    """A time without a zone is one of the jurisdiction."""
    try:
        told = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Invalid(f"Write a time as 2026-02-12T10:00+08:00, not {typed}.") from error
    return told if told.tzinfo is not None else told.replace(tzinfo=zone)
