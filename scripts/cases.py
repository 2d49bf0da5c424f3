"""`tracing cases`: look at cases, withdraw the face of one, and erase one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.language import cell, listed, told
from scripts.opening import services
from scripts.output import AsJson, console, print_json, print_table, say, sure, write_private
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import Case, CaseKind, CaseState, SearchOutcome
from tracing.errors import NotFound
from tracing.records import CaseFilter

app = typer.Typer(help="Look at cases, withdraw the face of one, erase one.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="CASE", help="Its reference, such as M-2026-00042, or its id.")]


@app.command("list")
def list_cases(
    kind: Annotated[CaseKind | None, typer.Option()] = None,
    state: Annotated[CaseState | None, typer.Option()] = None,
    text: Annotated[
        str, typer.Option(help="Part of a reference, name or place; or how a name begins, in pinyin or by initials.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List cases, newest first."""
    with services() as found:
        page = found.casework.find(SYSTEM, CaseFilter(kind, state, text), limit)
    if as_json:
        print_json({"total": page.total, "cases": page.cases})
        return
    rows = [(each.reference, each.kind, each.state, each.title, f"{each.opened_at:%Y-%m-%d}") for each in page.cases]
    print_table(["reference", "kind", "state", "name", "opened"], rows, f"{len(rows)} of {page.total} cases")


@app.command()
def show(case: Named, as_json: AsJson = False) -> None:
    """Show a case with its photos and candidates."""
    with services() as found:
        shown = find_case(found, case)
        with found.store.reading() as records:
            photos = records.photos.of_case(shown.case_id)
        listed = found.candidates.of_case(SYSTEM, shown.case_id)
    if as_json:
        print_json({"case": shown, "photos": photos, "candidates": listed.candidates, "outcome": listed.outcome})
        return
    console.print(f"{shown.reference}  {cell(shown.kind)}  {cell(shown.state)}  {shown.title}", highlight=False, markup=False)
    print_table(["photo", "analysis", "problem"], [(each.photo_id, each.analysis, each.problem) for each in photos], "Photos")
    rows = [
        (
            view.rank,
            view.case.reference,
            view.pair.relation,
            view.pair.state,
            f"{view.score:.4f}",
            view.evidence and view.evidence.band,
        )
        for view in listed.candidates
        if view.score is not None
    ]
    print_table(["rank", "case", "relation", "state", "score", "evidence"], rows, "Candidates")
    if listed.run is not None and listed.outcome is SearchOutcome.NOBODY_PLAUSIBLE:
        searched, day = listed.run.gallery_size, f"{listed.run.finished_at:%Y-%m-%d}"
        say(f"Nobody plausible was found among {searched} people searched on {day}.")


@app.command()
def erase(
    case: Named,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    suppress: Annotated[
        bool, typer.Option("--suppress", help="Keep the person out: the next import of the record or the face is stopped.")
    ] = False,
) -> None:
    """Erase a case for good: its rows, photos, templates and pairs."""
    with services() as found:
        doomed = find_case(found, case)
        if not yes:
            sure(f"Erase {doomed.reference} {doomed.title} for good?")
        files = found.retention.erase_case(SYSTEM, doomed.case_id, suppress)
        say(f"{doomed.reference} is erased, with {files} photos.")
        found.ledger.follow()
        with found.store.reading() as records:
            holding = records.backups.since(doomed.opened_at)
    if holding:
        named = listed(told(f"{each.backup_id} in {each.folder}") for each in holding)
        say(f"Backups that still hold this person, until `tracing backup forget`: {named}.")


@app.command()
def export(case: Named, to: Annotated[Path, typer.Option(help="The ZIP file to write; it must not be there yet.")]) -> None:
    """Everything that is kept about one person, readable in Chinese and English, with photos; others' data are left out."""
    with services() as found:
        wanted = find_case(found, case)
        made = found.dossiers.export(SYSTEM, wanted.case_id)
    write_private(to, made)
    say(f"{wanted.reference} is in {to}, {len(made):,} bytes. It lies open: hand it over and delete it.")


@app.command("withdraw-face")
def withdraw_face(case: Named, reason: Annotated[str, typer.Option(help="Who asked for it, and how.")]) -> None:
    """Keep the case and drop everything that was made of its face; photos that come later are not looked at."""
    with services() as found:
        kept = find_case(found, case)
        found.withdrawing.withdraw(SYSTEM, kept.case_id, reason)
        say(f"The face of {kept.reference} is withdrawn; the case is kept.")
        found.ledger.follow()


@app.command("give-face-back")
def give_face_back(case: Named, reason: Annotated[str, typer.Option(help="Who allowed it, and how.")]) -> None:
    """Let the face of a case be searched again: its photos wait for their analysis."""
    with services() as found:
        kept = find_case(found, case)
        photos = found.withdrawing.give_back(SYSTEM, kept.case_id, reason)
        say(f"The face of {kept.reference} may be searched again; {photos} photos wait for the worker.")
        found.ledger.follow()


def find_case(found: Services, named: str) -> Case:
    """By reference or id; raises ``NotFound``."""
    for case in found.casework.find(SYSTEM, CaseFilter(text=named), limit=20).cases:
        if case.reference == named:
            return case
    try:
        return found.casework.get(SYSTEM, named)
    except NotFound:
        raise NotFound(f"There is no case {named}.") from None
