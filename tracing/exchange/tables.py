"""Tables that other departments send, as CSV or XLSX: rows of text, read one after the other, whatever wrote them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import PurePath
from typing import BinaryIO, Final

from tracing.errors import Invalid
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
_CHUNK: Final = 2**20
_DELIMITERS: Final = ",\t;|，"
_FIRST: Final = 20_000
"""Characters by which the delimiter is told."""
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MARKUP: Final = re.compile(r"\s*<(?:\?xml|!doctype|html|head|meta|style|table|div)\b", re.IGNORECASE)
"""How a page begins that a program wrote and called a spreadsheet."""
_OLD_EXCEL: Final = bytes.fromhex("d0cf11e0a1b11ae1")


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
    GB 18030, as Chinese spreadsheets write it, and separated by comma, semicolon, tab or bar. Of XLSX the first sheet is read
    that is shown and holds anything: dates come as ``YYYY-MM-DD``, whole numbers without a point, formulas as what they were
    last worked out to.

    Raises:
        Invalid: neither of both, or beyond a limit. It may come after rows that were good.
    """
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        found = _xlsx(file, name)
    elif start == _OLD_EXCEL:
        raise Invalid("This is a file of an old Excel. Save it as .xlsx or as CSV, and send that.", "file")
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
    encoding = _encoding(file)
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

    def complete(self) -> None:
        self._read = 0
        self._row += 1


def _encoding(file: BinaryIO) -> str:
    """Of the whole file, read once for it: half a file in the wrong characters would be worse than none."""
    start = file.read(4)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            candidates = [encoding]
            break
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        file.seek(0)
        if _decodes(file, encoding):
            file.seek(0)
            return encoding
    raise Invalid("The file is neither text in UTF-8 or GB 18030 nor a spreadsheet. Save it as .xlsx or CSV.", "file")


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):  # no table; a picture, say
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _delimiter(text: io.TextIOWrapper) -> str:
    """The one by which most of the first rows have as many cells as each other; a comma where none does.

    How often it stands says nothing: remarks are full of commas.
    """
    lines = list(io.StringIO(text.read(_FIRST), newline=""))
    whole = lines if sum(map(len, lines)) < _FIRST else lines[:-1]
    return max(_DELIMITERS, key=lambda delimiter: _evenness(whole, delimiter))


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """How many rows have the number of cells that most have, and that number; nothing where they have one cell each."""
    widths: Counter[int] = Counter()
    with suppress(csv.Error):  # a quoted cell that goes on
        widths.update(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if len(cells) > 1)
    return max(((rows, width) for width, rows in widths.items()), default=(0, 0))


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
            return str(cell).strip()
