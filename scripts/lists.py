"""Lists of other departments as files on this machine, and what became of them in words: for the commands that take lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.language import cell, listed, refused, word
from scripts.output import RateColumn, note, print_json, print_table, progress_bar, say
from scripts.photo_files import ordinary
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import Actor, CaseKind, Change, ImportRun, LegalBasis, ListPurpose, RefusedRow
from tracing.domain.id_numbers import shown
from tracing.errors import Invalid
from tracing.exchange.photo_sets import PhotoSet, photos_in_folder, photos_in_zip
from tracing.exchange.tables import Row, rows
from tracing.importing.columns import Column
from tracing.importing.jobs import ListJob
from tracing.importing.plans import Plan
from tracing.importing.portions import Table
from tracing.importing.runs import RunView
from tracing.importing.surveys import Survey

LEFT_OUT: Final = "-"
MOST_TOLD: Final = 20

Kind = Annotated[CaseKind, typer.Option(help="What its people are, where a row does not say it.")]
Basis = Annotated[LegalBasis, typer.Option(help="Why they may be kept and searched.")]
PhotosOf = Annotated[Path | None, typer.Option(help="A folder or zip archive with the photos of the list.", exists=True)]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="HEADING=FIELD, for a heading not known by itself; HEADING=- leaves it out. It holds for the next lists too.",
    ),
]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A table on this machine, with the digest of its bytes, and the photos that lie beside it."""

    name: str
    table: Table
    digest: bytes
    photos: PhotoSet | None


def open_list(path: Path, photos: Path | None, most_bytes: int, open_files: ExitStack) -> ListFile:
    """``most_bytes`` is what a photo may have; ``open_files`` are closed when the list is done with."""
    ordinary(path, "file")

    def table() -> Iterator[Row]:
        with path.open("rb") as opened:
            yield from rows(opened, path.name)

    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").digest()
    return ListFile(path.name, table, digest, photo_set(photos, most_bytes, open_files))


def photo_set(path: Path | None, most_bytes: int, open_files: ExitStack) -> PhotoSet | None:
    if path is None:
        return None
    if path.is_dir():
        found = photos_in_folder(path, most_bytes)
    else:
        found = photos_in_zip(open_files.enter_context(ordinary(path, "photos").open("rb")), most_bytes)
    if not len(found):
        raise Invalid(f"There is no file in {path}.", "photos")
    return found


def columns_of(said: Sequence[str] | None) -> tuple[tuple[str, Column | None], ...]:
    return tuple(map(_column, said or ()))


def _column(said: str) -> tuple[str, Column | None]:
    heading, separated, name = said.rpartition("=")
    if separated and name == LEFT_OUT:
        return heading, None
    if not separated or name not in set(Column):
        raise typer.BadParameter(f"{said}: write HEADING=FIELD; fields are {', '.join(Column)}", param_hint="--column")
    return heading, Column(name)


def carry_out(found: Services, job: ListJob, doing: str, actor: Actor, plan: Plan, sent: ListFile) -> RunView:
    """To the end, with a bar that tells rate and time left."""
    with progress_bar(RateColumn(word("records"))) as bar:
        task = bar.add_task(doing, total=None)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        run = job.run(actor, plan, sent.table, sent.name, sent.digest, sent.photos, told)
    return found.list_runs.look(SYSTEM, run.run_id)


def show_survey(seen: Survey, as_json: bool) -> None:
    """What would be done, with nothing changed."""
    if as_json:
        columns = {heading.text: heading.column for heading in seen.layout.headings if heading.text}
        told = {"columns": columns, "counts": seen.counts, "refused": seen.refused, "records": seen.drafts}
        print_json(told | {"unread": seen.unread, "with_photos": seen.with_photos, "photos_missing": seen.photos_missing})
        return
    meant = [[heading.text, heading.column or word("left out")] for heading in seen.layout.headings if heading.text]
    print_table(["heading", "read as"], meant, f"The headings stand in row {seen.layout.row}.")
    read = [
        (
            *(draft.row, shown(draft.source_id), draft.kind, "、".join(draft.description.names)),
            *(draft.description.sex, draft.description.birth_date),
            "; ".join(f"{heading}: {text}" for heading, text in draft.unread),
        )
        for draft in seen.drafts
    ]
    print_table(["row", "record", "kind", "names", "sex", "born", "kept as text"], read, "The first records:")
    _show_refused(seen.refused, seen.counts[Change.REFUSED])
    for each in seen.unread:
        say(f"{each.heading}: {each.count} cells are kept as text, first in rows {', '.join(map(str, each.rows))}.")
    if seen.with_photos or seen.photos_missing:
        say(f"Records with a photo: {seen.with_photos}; with one that is missing or may be another's: {seen.photos_missing}.")
    counts = listed(f"{count} {cell(change)}" for change, count in seen.counts.items())
    say(f"{counts}; nothing was changed.")


def show_run(view: RunView, as_json: bool) -> None:
    run = view.run
    if as_json:
        print_json({"run": run, "rows": run.rows, "hits": view.hits, "refused_rows": view.wrong})
        return
    _show_refused(view.wrong, run.refused)
    _say_counts(run, view.hits)
    if run.finished_at is None:
        note(f"It was cut off after row {run.rows_done}: send the same list again, and it goes on there.")
    say(f"The run is {run.run_id}.")


def _say_counts(run: ImportRun, hits: int) -> None:
    if run.purpose is ListPurpose.IMPORT:
        say(
            f"{run.rows} records of {run.source}: {run.new} new, {run.changed} changed, {run.unchanged} unchanged, "
            f"{run.refused} refused; {run.photos} new photos; {hits} pairs so far."
        )
        return
    say(
        f"{run.rows} records of {run.source} compared with everybody here: {run.compared} by a face, {run.without_face} "
        f"without one, {run.here} cases here already, {run.refused} refused; {run.found} new hits, {run.again} known ones."
    )


def _show_refused(rows: tuple[RefusedRow, ...], count: int) -> None:
    if rows:
        shown = [[each.row, each.column, refused(each.mistake)] for each in rows[:MOST_TOLD]]
        print_table(["row", "column", "what is wrong"], shown, f"Refused: {count} rows; what is wrong, row by row:")
