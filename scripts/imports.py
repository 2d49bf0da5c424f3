"""`tracing import`: bring in the list of another department, and `tracing imports`: what became of those that came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from scripts.imported_pfif import import_pfif, is_xml, photo_set
from scripts.opening import services
from scripts.output import AsJson, RateColumn, notes, print_json, print_table, progress_bar, say
from tracing.access import SYSTEM
from tracing.domain import CaseKind, Change, ImportRun, LegalBasis, RefusedRow
from tracing.exchange.tables import Row, rows
from tracing.importing.columns import Column
from tracing.importing.importing import Plan, Preview
from tracing.partners.taking import Sender

LEFT_OUT = "-"
MOST_TOLD = 20

ListFile = Annotated[Path, typer.Argument(help="The list: CSV, XLSX or PFIF.", exists=True, dir_okay=False, readable=True)]


def import_list(
    file: ListFile,
    source: Annotated[
        str,
        typer.Option(
            help="Who sent it; the same name each time, for records are told apart by it. Of PFIF: the domain of its ids."
        ),
    ],
    kind: Annotated[CaseKind, typer.Option(help="What its people are, where a row does not say it.")] = CaseKind.MISSING,
    basis: Annotated[LegalBasis, typer.Option(help="Why they may be kept and searched.")] = LegalBasis.STATUTORY_DUTY,
    photos: Annotated[
        Path | None, typer.Option(help="A folder or zip archive with the photos of the list.", exists=True)
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="HEADING=FIELD, for a heading that is not known by itself; HEADING=- leaves it out."),
    ] = None,
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
    plan = Plan(source, kind, basis, tuple(map(_column, columns or ())))

    def table() -> Iterator[Row]:
        with file.open("rb") as opened:
            yield from rows(opened, file.name)

    with ExitStack() as open_files, services() as found:
        actor = replace(SYSTEM, station_id=station or found.settings.station)
        if preview:
            _show_preview(found.importing.preview(actor, plan, table), as_json)
            return
        sent = photo_set(photos, found.settings.max_photo_mib * 2**20, open_files)
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").digest()
        with progress_bar(RateColumn("records")) as bar:
            task = bar.add_task("Importing", total=None)
            run = found.importing.run(
                actor, plan, table, file.name, digest, sent, lambda done, of: bar.update(task, completed=done, total=of)
            )
        _, hits, refused = found.importing.look(actor, run.run_id)
    _show_run(run, hits, refused, as_json)


def imports(
    run_id: Annotated[str, typer.Argument(help="One of them, whole.")] = "",
    as_json: AsJson = False,
) -> None:
    """What was imported, the latest first; with the id of a run: what became of it, and which rows were refused."""
    with services() as found:
        if run_id:
            _show_run(*found.importing.look(SYSTEM, run_id), as_json)
            return
        runs = found.importing.runs(SYSTEM)
    if as_json:
        print_json(runs)
        return
    told = [
        (
            *(each.run_id, each.started_at.strftime("%Y-%m-%d %H:%M"), each.source),
            *(each.new, each.changed, each.unchanged, each.refused),
            "" if each.finished_at is not None else f"cut off after row {each.rows_done}",
        )
        for each in runs
    ]
    print_table(["run", "started", "source", "new", "changed", "unchanged", "refused", ""], told)


def _column(said: str) -> tuple[str, Column | None]:
    heading, separated, name = said.rpartition("=")
    if separated and name == LEFT_OUT:
        return heading, None
    if not separated or name not in set(Column):
        raise typer.BadParameter(f"{said}: write HEADING=FIELD; fields are {', '.join(Column)}", param_hint="--column")
    return heading, Column(name)


def _show_preview(seen: Preview, as_json: bool) -> None:
    if as_json:
        columns = {heading.text: heading.column for heading in seen.layout.headings if heading.text}
        print_json({"columns": columns, "counts": seen.counts, "refused": seen.refused, "records": seen.drafts})
        return
    meant = [[heading.text, heading.column or "left out"] for heading in seen.layout.headings if heading.text]
    print_table(["heading", "read as"], meant, f"The headings stand in row {seen.layout.row}.")
    read = [
        (
            *(draft.row, draft.source_id, draft.kind, "、".join(draft.description.names)),
            *(draft.description.sex, draft.description.birth_date),
            "; ".join(f"{heading}: {text}" for heading, text in draft.unread),
        )
        for draft in seen.drafts
    ]
    print_table(["row", "number", "kind", "names", "sex", "born", "kept as text"], read, "The first records:")
    _show_refused(seen.refused, seen.counts[Change.REFUSED])
    say(", ".join(f"{count} {change}" for change, count in seen.counts.items()) + "; nothing was changed.")


def _show_run(run: ImportRun, hits: int, refused: list[RefusedRow], as_json: bool) -> None:
    if as_json:
        print_json({"run": run, "rows": run.rows, "hits": hits, "refused_rows": refused})
        return
    _show_refused(tuple(refused), run.refused)
    say(
        f"{run.rows} records of {run.source}: {run.new} new, {run.changed} changed, {run.unchanged} unchanged, "
        f"{run.refused} refused; {run.photos} new photos; {hits} pairs so far."
    )
    if run.finished_at is None:
        notes.print(
            f"It was cut off after row {run.rows_done}: send the same list again, and it goes on there.", highlight=False
        )
    say(f"The run is {run.run_id}.")


def _show_refused(refused: tuple[RefusedRow, ...], count: int) -> None:
    if refused:
        told = [[each.row, each.column, each.mistake] for each in refused[:MOST_TOLD]]
        print_table(["row", "column", "what is wrong"], told, f"Refused: {count} rows; what is wrong with the first:")
