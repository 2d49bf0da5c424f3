"""Tables that other departments send, as CSV or XLSX: rows of text, read one after the other, whatever wrote them."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import PurePath
from typing import BinaryIO, Final

from tracing.errors import Invalid
from tracing.exchange.encodings import encoding_of
from tracing.exchange.spreadsheets import Spreadsheet

MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 20_000
"""Characters; a longer one refuses the file, for nobody wrote it by hand."""
MOST_ROWS: Final = 3_000_000
LONGEST_LINE: Final = 4_000_000
"""Characters of a row of CSV: as many as its cells may have."""
QUOTE: Final = "'"
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may run."""
_DELIMITERS: Final = ",\t;|，"
_LINE: Final = re.compile(r"[\r\n]+")
_QUOTED: Final = re.compile(rf'(?<![^{_DELIMITERS}\r\n])"(?:[^"]|"")*(?:"(?![^{_DELIMITERS}\r\n])|\Z)')
"""A whole cell in quotes, whatever parts the cells; at the end it may be cut off."""
_FIRST: Final = 20_000
"""Characters by which the delimiter is told."""
_MARKUP: Final = re.compile(r"\s*<(?:\?xml|!doctype|html|head|meta|style|table|div)\b", re.IGNORECASE)
"""How a page begins that a program wrote and called a spreadsheet."""
_END: Final = "\x01end of the table\x01"
"""A line of its own, unless quotation marks are open."""
_WRITTEN_OUT: Final = re.compile("_x000([9ADad])_")
"""How a spreadsheet writes a tab and the ends of lines that came with what was pasted."""
_OLD_EXCEL: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_FIRST_BYTES: Final = 2**20
"""At either end, where the directory of such a file stands."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, from 1, and its cells as text, without blanks at their ends.

    ``days``: place -> the day that a bare number there is, if it is one. Only whoever knows the column knows that.
    """

    number: int
    cells: tuple[str, ...]
    days: Mapping[int, date] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.cells)


def rows(file: BinaryIO, name: str = "") -> Iterator[Row]:
    """The rows of a table that hold anything, in the order of the file.

    The kind is told by the first bytes, not by the name, which only messages use. CSV may be UTF-8, UTF-16 with its mark, or
    GB 18030 or Big5, as Chinese spreadsheets write it, and separated by comma, semicolon, tab or bar. Of XLSX the first sheet
    is read that is shown and holds a table: dates come as ``YYYY-MM-DD``, whole numbers without a point, formulas as what they
    were last worked out to.

    Raises:
        Invalid: neither of both, or beyond a limit. It may come after rows that were good.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        found = _xlsx(file, name)
    elif start == _OLD_EXCEL:
        raise Invalid(_why_not(file), "file")
    else:
        found = _csv(file)
    for row in (replace(each, cells=tuple(map(_as_meant, each.cells))) for each in found):
        if len(row.cells) > MOST_COLUMNS:
            raise Invalid(f"Row {row.number} has more than {MOST_COLUMNS} columns.", "file")
        if row.number > MOST_ROWS:
            raise Invalid(f"The list has more than {MOST_ROWS} rows. Send it in parts.", "file")
        if any(len(cell) > LONGEST_CELL for cell in row.cells):
            raise Invalid(f"Row {row.number} has a cell of more than {LONGEST_CELL} characters.", "file")
        if row:
            yield row


def _why_not(file: BinaryIO) -> str:
    """Of a file in the container of old Office, in which new ones lie when they are encrypted."""
    if _ENCRYPTED in file.read(_FIRST_BYTES) + _end_of(file):
        return "The spreadsheet has a password. Save it without one, and send it by a safe way."
    return "This is a file of an old Excel. Save it as .xlsx or as CSV, and send that."


def _end_of(file: BinaryIO) -> bytes:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - _FIRST_BYTES))
    return file.read()


def written(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """CSV as every spreadsheet opens it, in UTF-8 with its mark. What a spreadsheet would run as a formula is text in it; read
    again it is as it was."""
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    yield codecs.BOM_UTF8
    for cells in rows:
        writer.writerow([_defused(cell) for cell in cells])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _defused(cell: str) -> str:
    return QUOTE + cell if cell.startswith(FORMULAS) else cell


def _as_meant(cell: str) -> str:
    return cell[1:].strip() if cell.startswith(QUOTE) and cell[1:].startswith(FORMULAS) else cell


def _csv(file: BinaryIO) -> Iterator[Row]:
    encoding = encoding_of(file)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        if _MARKUP.match(text.read(_FIRST)):
            raise Invalid(
                "This is a web page, whatever its name says. Open it, save it as .xlsx or as CSV, and send that.", "file"
            )
        text.seek(0)
        delimiter = _delimiter(text)
        text.seek(0)
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter)
        number = 1
        for cells in reader:
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise Invalid(
                        f"A quotation mark that opens in row {number} is never closed: rows below are lost in it.", "file"
                    )
                return
            yield Row(number, tuple(cell.strip() for cell in cells))
            lines.complete()
            number += 1
    except csv.Error as error:
        raise Invalid(f"The file is no table from line {reader.line_num} on: {error}.", "file") from error
    finally:
        text.detach()  # the file stays the caller's


class _Lines:
    """The lines of a text; ``Invalid`` where more than a row may have are read between two calls of ``complete``."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._read = 0
        self._row = 1

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE + 1):
            self._read += len(line)
            if self._read > LONGEST_LINE:
                raise Invalid(f"Row {self._row} has more than {LONGEST_LINE} characters.", "file")
            yield line
        yield _END

    def complete(self) -> None:
        self._read = 0
        self._row += 1


def _delimiter(text: io.TextIOWrapper) -> str:
    """The one that stands in most of the first rows, then the one by which most have as many cells as each other.

    How often it stands says nothing, nor what stands in quotes: remarks are full of commas, and of lines.
    """
    start = text.read(_FIRST)
    cut = len(start) == _FIRST
    lines = [line for line in _LINE.split(_QUOTED.sub("", start)) if line.strip()]
    whole = lines[:-1] if cut else lines
    return max(_DELIMITERS, key=lambda delimiter: _evenness(whole, delimiter))


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[int, int, int]:
    """How many rows it parts, how many of these have the number of cells that most have, and that number."""
    widths = Counter(line.count(delimiter) + 1 for line in lines if delimiter in line)
    even, width = max(((rows, width) for width, rows in widths.items()), default=(0, 0))
    return widths.total(), even, width


def _xlsx(file: BinaryIO, name: str) -> Iterator[Row]:
    try:
        sheet = Spreadsheet(file)
    except Invalid:
        raise
    except Exception as error:  # a spreadsheet of somebody else's making breaks it in many ways
        raise _no_spreadsheet(name) from error
    number = 0
    try:
        for number, cells in sheet.rows(MOST_COLUMNS):
            days = ((place, sheet.day(cell)) for place, cell in enumerate(cells))
            yield Row(number, _trimmed(cells), {place: day for place, day in days if day is not None})
    except Invalid:
        raise
    except Exception as error:
        raise Invalid(f"The spreadsheet is damaged after row {number}.", "file") if number else _no_spreadsheet(name) from error
    finally:
        sheet.close()


def _no_spreadsheet(name: str) -> Invalid:
    return Invalid(f"{PurePath(name).name or 'The file'} is no spreadsheet that can be read. Save it as .xlsx or CSV.", "file")


def _trimmed(cells: Iterable[object]) -> tuple[str, ...]:
    """As text, without the empty ones at the end."""
    texts = [_text(cell) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return _WRITTEN_OUT.sub(lambda found: "" if found[1] == "D" else chr(int(found[1], 16)), str(cell)).strip()
