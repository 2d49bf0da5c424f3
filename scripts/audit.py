"""`tracing audit`: is the log of everything whole, and would a decision's list come out again?"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, note, notes, print_json, print_table, say
from tracing.access import SYSTEM

app = typer.Typer(help="Verify the audit, and replay decisions.", no_args_is_help=True)


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Recompute the hash of every row; exit status 1 where one is altered, missing or out of place, with its number."""
    with services() as found:
        started = time.perf_counter()
        chain = found.auditing.verify(SYSTEM, lambda read: note(f"{read:,} rows") if notes.is_terminal else None)
        seconds = time.perf_counter() - started
    rate = round(chain.events / seconds)
    if as_json:
        print_json({"whole": chain.first_bad is None, "events": chain.events, "first_bad": chain.first_bad, "per_second": rate})
    elif chain.first_bad is None:
        say(f"The audit is whole: {chain.events:,} rows, {rate:,} a second.")
    else:
        say(f"From row {chain.first_bad} on the audit was altered, or rows are missing.")
    if chain.first_bad is not None:
        raise typer.Exit(1)


@app.command()
def replay(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="Its id, as the API's pair tells it.")],
    as_json: AsJson = False,
) -> None:
    """Say whether the list that a decision rested on comes out the same today, and what is another one. Nothing is recorded."""
    with services() as found:
        told = found.auditing.replay(SYSTEM, decision)
    if as_json:
        print_json(told)
        return
    say("The list comes out the same today." if told.same_list else "The list comes out differently today.")
    if told.changes:
        print_table(
            ["what", "case", "then", "now"], [(each.aspect, each.subject, each.then, each.now) for each in told.changes]
        )
