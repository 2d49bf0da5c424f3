"""What commands print: words for people, JSON for programs, progress on the error stream."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from scripts.language import cell, told
from tracing.domain import PartialDate
from tracing.errors import Invalid

LONGEST_ID: Final = 36

console = Console()
notes = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of words.")]


def print_json(value: object) -> None:
    """One JSON document on the standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, PartialDate | Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def write_private(path: Path, data: bytes) -> None:
    """A new file that nobody else can read, whole or not there; ``Invalid`` where there is one already, or no folder for it."""
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}. Name a file that is not there yet.") from error
    try:
        with file:
            file.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def say(line: str, whole: bool = False) -> None:
    """A line of a report, with its numbers in no colours of their own; ``whole``: what is copied from it is not broken."""
    console.print(told(line), highlight=False, markup=False, soft_wrap=whole)


def note(line: str) -> None:
    """A line on the error stream, beside what was asked for."""
    notes.print(told(line), highlight=False, markup=False)


def sure(question: str) -> None:
    """Ask, and end the command unless the answer is yes."""
    typer.confirm(told(question), abort=True)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    """A table that folds to the width of the terminal, but for ids in its first column: the next command is told them whole."""
    table = Table(title=title and escape(told(title)), title_justify="left", header_style="bold")
    ids = all(" " not in (first := cell(row[0])) and len(first) <= LONGEST_ID for row in rows)
    for number, heading in enumerate(headings):
        table.add_column(told(heading), overflow="fold", no_wrap=ids and number == 0)
    for row in rows:
        table.add_row(*(escape(cell(each)) for each in row))
    console.print(table)


class RateColumn(ProgressColumn):
    """How many in a second, of late."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(told(f"{speed:,.0f} {self._what} a second") if speed else "")


def progress_bar(*more: ProgressColumn) -> Progress:
    """A bar with count, time gone and time left; it stays silent where the error stream is not a terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        *more,
        console=notes,
        disable=not notes.is_terminal,
    )
