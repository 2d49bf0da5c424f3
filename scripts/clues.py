"""`tracing clues`: the search by what people said."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, console, print_json, progress_bar
from tracing.access import SYSTEM

app = typer.Typer(help="The search by what people said.", no_args_is_help=True)


@app.callback()
def clues() -> None:
    """The search by what people said."""


@app.command("recheck")
def recheck(
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Leave the searches to the workers that are running.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the keys of every open case anew and search all of them by clues; safe to interrupt: the rest stays due."""
    with services() as found, progress_bar() as bar:
        due = found.clue_search.recheck(SYSTEM)
        task = bar.add_task("Searching", total=due)
        done = None if no_wait else found.worker.work_off(lambda work: bar.update(task, completed=work.clue_searches))
    result = {"due": due, "searched": done.clue_searches if done else 0, "failed": done.failed if done else 0}
    if as_json:
        print_json(result)
    else:
        told = f"{due} open cases are due for a search by clues; {result['searched']} were searched, {result['failed']} failed."
        console.print(told, highlight=False)
    if result["failed"]:
        raise typer.Exit(1)
