"""`tracing clues`: the search by what people said."""

from __future__ import annotations

import typer

from scripts.language import word
from scripts.output import AsJson
from scripts.recheck import NoWait, work_off
from tracing.access import SYSTEM

app = typer.Typer(help="The search by what people said.", no_args_is_help=True)


@app.callback()
def clues() -> None:
    """The search by what people said."""


@app.command("recheck")
def recheck(no_wait: NoWait = False, as_json: AsJson = False) -> None:
    """Make the keys of every open case anew and search all of them by clues; safe to interrupt: the rest stays due."""
    mark, due_for = (lambda found: found.clue_search.recheck(SYSTEM)), word("open cases are due for a search by clues")
    work_off(mark, lambda work: work.clue_searches, due_for, no_wait, as_json)
