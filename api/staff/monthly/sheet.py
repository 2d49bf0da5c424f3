"""The monthly report as CSV for spreadsheet programs: one line for each line of each table."""

from __future__ import annotations

import csv
import io
from typing import Final

from api.language import translations
from api.staff.monthly import words
from api.staff.monthly.telling import Told

BOM: Final = "\ufeff"
"""Without it a spreadsheet program takes Chinese for something else."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is taken for a formula, and carried out (CWE-1236)."""


def report_sheet(told: Told, language: str) -> bytes:
    say = translations(language).gettext
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")

    def line(*cells: str) -> None:
        lines.writerow([guarded(cell) for cell in cells])

    line(told.title, told.place)
    line(told.span)
    line(told.legend)
    if told.nothing:
        line(told.nothing)
    for section in told.sections:
        line()
        line(section.title)
        if section.note:
            line(section.note)
        if section.empty:
            line(section.empty)
            continue
        line(*section.headings)
        for row in section.rows:
            line(*(value.plain() for value in row))
    if not told.sections:
        line(say(words.NOTHING))
    return (BOM + written.getvalue()).encode()


def guarded(cell: str) -> str:
    """The text, with an apostrophe before what would be taken for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
