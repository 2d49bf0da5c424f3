"""`tracing tasks`: what is to be done and by when."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.clocks import plain, print_tasks
from scripts.language import told
from scripts.opening import services
from scripts.output import AsJson, print_json
from tracing.access import SYSTEM
from tracing.records import TaskFilter


def tasks(
    station: Annotated[str, typer.Option(help="Only cases of this station.")] = "",
    rule: Annotated[str, typer.Option(help="Only clocks of this rule; `tracing clocks rules` lists them.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List what is to be done and by when, the most urgent first; what stands still comes last."""
    with services() as found:
        listed = found.clockwork.tasks(SYSTEM, TaskFilter(station_id=station, rule_id=rule), limit, overdue=overdue)
        zone = found.clockwork.jurisdiction.zone
    if as_json:
        print_json({"total": listed.total, "overdue": listed.overdue, "tasks": [plain(task) for task in listed.tasks]})
        return
    shown, total, overdue_ones = len(listed.tasks), listed.total, listed.overdue
    print_tasks(list(listed.tasks), zone, told(f"{shown} of {total} tasks, {overdue_ones} overdue; {zone.key}"))
