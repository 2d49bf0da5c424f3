"""`tracing recheck`: search every open case anew, or compare another department's list with all of them, without keeping it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from scripts.language import word
from scripts.lists import Basis, Columns, Kind, PhotosOf, carry_out, columns_of, open_list, show_run, show_survey
from scripts.opening import services
from scripts.output import AsJson, print_json, progress_bar, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import CaseKind, LegalBasis, ListPurpose
from tracing.importing.plans import Plan
from tracing.worker import Work

NoWait = Annotated[bool, typer.Option("--no-wait", help="Leave the searches to the workers that are running.")]


def recheck(
    no_wait: NoWait = False,
    source: Annotated[
        str, typer.Option(help="Compare the list of this department instead; the same name each time.", metavar="NAME")
    ] = "",
    table: Annotated[
        Path | None, typer.Option(help="Its list: CSV or XLSX.", exists=True, dir_okay=False, readable=True)
    ] = None,
    photos: PhotosOf = None,
    kind: Kind = CaseKind.MISSING,
    basis: Basis = LegalBasis.STATUTORY_DUTY,
    columns: Columns = None,
    station: Annotated[str, typer.Option(help="The station that compares; default: TRACING_STATION.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be compared, and search nobody.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make every open case due for a search and work them off, many at once; safe to interrupt: the rest stays due.

    With --source and --table: compare each record of another department's list with everybody here, by its photos and by what
    is written. Nobody of the list is kept, but for the hits, which people look at. The same list again brings no hit twice;
    cut off, it goes on where it was.
    """
    if bool(source) != (table is not None):
        raise typer.BadParameter("a comparison needs both", param_hint=["--source", "--table"])
    if table is None:
        mark, due_for = (lambda found: found.matching.recheck(SYSTEM)), word("open cases are due")
        work_off(mark, lambda work: work.searches, due_for, no_wait, as_json)
        return
    plan = Plan(source.strip(), kind, basis, columns_of(columns), ListPurpose.COMPARE)
    with ExitStack() as open_files, services() as found:
        actor = replace(SYSTEM, station_id=station or found.settings.station)
        sent = open_list(table, photos, found.settings.max_photo_mib * 2**20, open_files)
        if dry_run:
            show_survey(found.surveys.whole(actor, plan, sent.table, sent.photos), as_json)
            return
        view = carry_out(found, found.comparing, word("Comparing"), actor, plan, sent)
    show_run(view, as_json)


def work_off(
    mark: Callable[[Services], int], searched: Callable[[Work], int], due_for: str, no_wait: bool, as_json: bool
) -> None:
    """``mark`` makes cases due and says how many, ``searched`` how many of them the work has come to."""
    with services() as found, progress_bar() as bar:
        due = mark(found)
        task = bar.add_task(word("Searching"), total=due)
        done = None if no_wait else found.worker.work_off(lambda work: bar.update(task, completed=searched(work)))
    result = {"due": due, "searched": searched(done) if done else 0, "failed": done.failed if done else 0}
    if as_json:
        print_json(result)
    else:
        say(f"{due} {due_for}; {result['searched']} were searched, {result['failed']} failed.")
    if result["failed"]:
        raise typer.Exit(1)
