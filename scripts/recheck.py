"""`tracing recheck`: search every open case anew, as after new data or a new encoder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, console, print_json, progress_bar
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.worker import Work

NoWait = Annotated[bool, typer.Option("--no-wait", help="Leave the searches to the workers that are running.")]


def recheck(no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Make every open case due for a search and work them off, many at once; safe to interrupt: the rest stays due."""
    work_off(lambda found: found.matching.recheck(SYSTEM), lambda work: work.searches, "due", no_wait, as_json)


def work_off(
    mark: Callable[[Services], int], searched: Callable[[Work], int], due_for: str, no_wait: bool, as_json: bool
) -> None:
    """``mark`` makes cases due and says how many, ``searched`` how many of them the work has come to."""
    with services() as found, progress_bar() as bar:
        due = mark(found)
        task = bar.add_task("Searching", total=due)
        done = None if no_wait else found.worker.work_off(lambda work: bar.update(task, completed=searched(work)))
    result = {"due": due, "searched": searched(done) if done else 0, "failed": done.failed if done else 0}
    if as_json:
        print_json(result)
    else:
        told = f"{due} open cases are {due_for}; {result['searched']} were searched, {result['failed']} failed."
        console.print(told, highlight=False)
    if result["failed"]:
        raise typer.Exit(1)
