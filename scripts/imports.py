"""`tracing import`: bring in the list of another department, and `tracing imports`: what became of those that came."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from scripts.imported_pfif import import_pfif, is_xml
from scripts.language import cell, listed, told, word
from scripts.lists import Basis, Columns, Kind, PhotosOf, carry_out, columns_of, open_list, show_run, show_survey
from scripts.opening import services
from scripts.output import AsJson, print_json, say
from tracing.access import SYSTEM
from tracing.domain import CaseKind, ImportRun, LegalBasis
from tracing.importing.plans import Plan
from tracing.importing.runs import COUNTS
from tracing.partners.taking import Sender


def import_list(
    file: Annotated[Path, typer.Argument(help="The list: CSV, XLSX or PFIF.", exists=True, dir_okay=False, readable=True)],
    source: Annotated[
        str,
        typer.Option(
            help="Who sent it; the same name each time, for records are told apart by it. Of PFIF: the domain of its ids."
        ),
    ],
    kind: Kind = CaseKind.MISSING,
    basis: Basis = LegalBasis.STATUTORY_DUTY,
    photos: PhotosOf = None,
    columns: Columns = None,
    station: Annotated[str, typer.Option(help="The station whose cases they become; default: TRACING_STATION.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Say what would be done, and change nothing.")] = False,
    deaths: Annotated[bool, typer.Option("--deaths", help="Of PFIF: take notes that somebody is believed dead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring in a list: each record becomes a case, once. Sent again it changes nothing; cut off, it goes on where it was.

    Workers search the new cases; `tracing imports RUN` says how many pairs came of it. A PFIF file is known by its content.
    """
    if is_xml(file):
        sender = Sender(source.strip().lower(), basis, kind, deaths)
        import_pfif(file, sender, photos, station, preview, as_json)
        return
    plan = Plan(source.strip(), kind, basis, columns_of(columns))
    with ExitStack() as open_files, services() as found:
        actor = replace(SYSTEM, station_id=station or found.settings.station)
        sent = open_list(file, photos, found.settings.max_photo_mib * 2**20, open_files)
        if preview:
            show_survey(found.surveys.whole(actor, plan, sent.table, sent.photos), as_json)
            return
        view = carry_out(found, found.importing, word("Importing"), actor, plan, sent)
    show_run(view, as_json)


def imports(
    run_id: Annotated[str, typer.Argument(help="One of them, whole.")] = "",
    as_json: AsJson = False,
) -> None:
    """What was imported or compared, the latest first; with the id of a run: what became of it, and the rows refused."""
    with services() as found:
        if run_id:
            show_run(found.list_runs.look(SYSTEM, run_id), as_json)
            return
        runs, _ = found.list_runs.all(SYSTEM)
    if as_json:
        print_json(runs)
        return
    for each in runs:
        say(f"{each.run_id}  {each.started_at:%Y-%m-%d %H:%M}  {each.source}", whole=True)
        cut_off = [] if each.finished_at is not None else [told(f"cut off after row {each.rows_done}")]
        counted = listed([*(_counted(each, name) for name in COUNTS[each.purpose]), *cut_off])
        say(f"    {cell(each.purpose)}: {counted}", whole=True)


def _counted(run: ImportRun, name: str) -> str:
    return f"{getattr(run, name)} {word(name.replace('_', ' '))}"
