"""`tracing recheck`: search every open case anew, as after new data or a new encoder."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, console, print_json, progress_bar
from tracing.access import SYSTEM


def recheck(
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Leave the searches to the workers that are running.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make every open case due for a search and work them off, many at once; safe to interrupt: the rest stays due."""
    with services() as found, progress_bar() as bar:
        due = found.matching.recheck(SYSTEM)
        task = bar.add_task("Searching", total=due)
        done = None if no_wait else found.worker.work_off(lambda work: bar.update(task, completed=work.searches))
    result = {"due": due, "searched": done.searches if done else 0, "failed": done.failed if done else 0}
    if as_json:
        print_json(result)
    else:
        console.print(
            f"{due} open cases are due; {result['searched']} were searched, {result['failed']} failed.", highlight=False
        )
    if result["failed"]:
        raise typer.Exit(1)
