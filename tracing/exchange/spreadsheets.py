"""Rows of an XLSX file, one after the other: what it holds beside them is small, or the file is refused before it is read.

openpyxl reads all of a file but its sheets at once, fills the gap between two rows row by row, and keeps what stands between
rows: two kilobytes that name a row 99,999,999,999 kept it busy for ever, and 300 kB took minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import IO, Any, BinaryIO, Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from tracing.errors import Invalid
from tracing.exchange.archives import opened

MOST_UNPACKED: Final = 512 * 2**20
"""Bytes of a file when unpacked."""
MOST_PARTS: Final = 20_000
MOST_SHARED: Final = 96 * 2**20
"""Bytes of the texts that cells share, which are held in memory at once."""
MOST_TAGS_SHARED: Final = 8_000_000
"""Of two million texts."""
MOST_BESIDE: Final = 16 * 2**20
"""Bytes of all else that is read before the rows: styles, names, relations."""
MOST_TAGS_BESIDE: Final = 300_000
"""Excel stops at 64,000 styles."""
MOST_OF_A_ROW: Final = 8 * 2**20
"""Bytes that are read until a row, or another part of the sheet, is complete; of 200 cells of 20,000 characters half of it."""
FIRST_ROWS: Final = 20
MOST_COMPARED: Final = 50
"""Rows and columns by which it is told whether two sheets hold the same kind of list."""
COVER: Final = 2
"""Columns of a sheet that only says what is in the others."""
LAST_ROW: Final = 1_048_576
"""No spreadsheet has more."""
FIRST_DAY: Final = 3654
"""1910, where days are counted from 1900: what is smaller is a year, or nobody's."""
LAST_DAY: Final = 100_000
SHEETS: Final = "xl/worksheets/"
CONTENTS: Final = "[Content_Types].xml"
BOOK: Final = "xl/workbook.xml"
_STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
TOO_LARGE: Final = "The spreadsheet is too large when unpacked. Send it in parts, or as CSV."


class Spreadsheet:
    """An XLSX file, opened: all of it but its rows is read.

    ``Invalid`` where it is too large; whatever else is wrong with it raises some error of openpyxl's.
    """

    def __init__(self, file: BinaryIO) -> None:
        from openpyxl.reader.excel import ExcelReader  # heavy, and only some read spreadsheets
        from openpyxl.styles.stylesheet import apply_stylesheet
        from openpyxl.xml.constants import SHARED_STRINGS

        with opened(file) as packed:
            _check(packed, [CONTENTS], MOST_BESIDE, MOST_TAGS_BESIDE)
            reader: Any = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
            _check_form(packed)
            reader.read_manifest()
            shared = reader.package.find(SHARED_STRINGS)
            texts = [] if shared is None else [shared.PartName[1:]]
            _check_all(packed, texts)
        reader.read_strings()
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        self._reader = reader
        self._zeros = _zeros(reader.wb)
        there = [(sheet.state, each.target) for sheet, each in reader.parser.find_sheets() if "chartsheet" not in each.Type]
        sheets = [(state, path) for state, path in there if path in reader.valid_files]
        self._paths = [path for state, path in sheets if state == "visible"] or [path for _, path in sheets[:1]]
        if len(self._paths) > 1:
            self._choose({each.target: sheet.name for sheet, each in reader.parser.find_sheets()})

    def rows(self, most_columns: int) -> Iterator[tuple[int, list[object]]]:
        """Number and values of each row of the first sheet that is shown and holds a table, or else anything.

        What stands farther right is in the last of one column more.

        Of rows without a cell some are left out. Raises as the constructor does.
        """
        if not self._paths:
            raise Invalid("The spreadsheet has no sheet with cells.", "file")
        for path in self._paths:
            held = False
            for number, values in self._sheet(path, most_columns):
                held = held or any(value not in (None, "") for value in values)
                yield number, values
            if held:
                return

    def _choose(self, names: dict[str, str]) -> None:
        """Pass over a cover, which is narrow. ``Invalid`` where several sheets that are shown hold records below the same
        headings: half a list is none."""
        seen: set[tuple[object, ...]] = set()
        wide: list[str] = []
        more: list[str] = []
        for path in self._paths:
            rows = [tuple(values) for _, values in islice(self._sheet(path, MOST_COMPARED), FIRST_ROWS)]
            rows = [row for row in rows if any(value not in (None, "") for value in row)]
            alike = next((at for at, row in enumerate(rows) if row in seen), None)
            more += [names[path]] if alike is not None and rows[alike + 1 :] else []
            wide += [path] if any(len(row) > COVER for row in rows) else []
            seen.update(row for row in rows if len(row) > 1)
        if more:
            raise Invalid(
                f"More of the list stands in other sheets: {', '.join(more)}. Only one is read: put all into one, "
                "or send each as a file of its own.",
                "file",
            )
        self._paths = wide or self._paths

    def _sheet(self, path: str, most_columns: int) -> Iterator[tuple[int, list[object]]]:
        from openpyxl.worksheet._reader import WorkSheetParser

        book, last = self._reader.wb, 0
        with self._reader.archive.open(path) as source:
            bounded = _Bounded(source)
            parser = WorkSheetParser(
                bounded,
                self._reader.shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for element in _row_elements(bounded):
                if not any(map(len, element)) and element.get("r", "").isdecimal():  # coloured cells, down to the last row
                    continue
                number, cells = parser.parse_row(element)
                if not last < number <= LAST_ROW:
                    raise Invalid(f"The spreadsheet is damaged after row {last}.", "file")
                last = number
                yield number, _values(cells, most_columns + 1, self._zeros)

    def day(self, value: object) -> date | None:
        """The day that a bare number says, as this file counts them; None where a column of dates would hold something else."""
        from openpyxl.utils.datetime import from_excel

        if isinstance(value, bool) or not isinstance(value, int | float) or not FIRST_DAY <= value < LAST_DAY:
            return None
        found: datetime = from_excel(int(value), self._reader.wb.epoch)
        return found.date()

    def close(self) -> None:
        self._reader.archive.close()


def _zeros(book: Any) -> dict[int, int]:
    """Styles that show so many digits, with zeros before a number: it is the name of something."""
    formats = (book._number_formats[each.numFmtId - 164] if each.numFmtId >= 164 else "" for each in book._cell_styles)
    return {style: len(code) for style, code in enumerate(formats) if code.strip("0") == "" and code}


def _values(cells: list[dict[str, Any]], most: int, zeros: dict[int, int]) -> list[object]:
    there = [
        (min(cell["column"], most), _shown(cell["value"], zeros.get(cell["style_id"], 0)))
        for cell in cells
        if cell["value"] is not None and cell["column"] > 0
    ]
    values: list[object] = [None] * max((column for column, _ in there), default=0)
    for column, value in there:
        values[column - 1] = value
    return values


def _shown(value: object, digits: int) -> object:
    return str(value).zfill(digits) if digits and type(value) is int and value >= 0 else value


def _row_elements(source: _Bounded) -> Iterator[Element]:
    """Each row of the sheet; it, and all else that stands beside it or around, is forgotten once it was seen."""
    from openpyxl.worksheet._reader import ROW_TAG
    from openpyxl.xml.functions import iterparse

    around: list[Element] = []
    for event, element in iterparse(source, events=("start", "end")):
        if event == "start":
            around.append(element)
            continue
        around.pop()
        if element.tag == ROW_TAG:
            yield element
        if len(around) in (1, 2):  # in the sheet, or in what holds its rows
            around[-1].remove(element)
            source.complete()


class _Bounded:
    """A file that ends with ``Invalid`` where too much of it is read between two calls of ``complete``."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._read += len(data)
        if self._read > MOST_OF_A_ROW:
            raise Invalid(TOO_LARGE, "file")
        return data

    def complete(self) -> None:
        self._read = 0


def _check_all(packed: ZipFile, texts: list[str]) -> None:
    """By the sizes that the archive says of its parts, more than which nothing unpacks to, and by their tags."""
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid(TOO_LARGE, "file")
    names = {part.filename for part in parts}
    _check(packed, [name for name in texts if name in names], MOST_SHARED, MOST_TAGS_SHARED)
    beside = [name for name in names - set(texts) if not name.startswith(SHEETS) or name.endswith(".rels")]
    _check(packed, [name for name in beside if _is_xml(packed, name)], MOST_BESIDE, MOST_TAGS_BESIDE)


def _check(packed: ZipFile, names: list[str], most: int, most_tags: int) -> None:
    if sum(packed.getinfo(name).file_size for name in names) > most:
        raise Invalid(TOO_LARGE, "file")
    tags = 0
    for name in names:
        with packed.open(name) as part:
            while data := part.read(2**20):
                tags += data.count(b"<")
    if tags > most_tags:
        raise Invalid(TOO_LARGE, "file")


def _check_form(packed: ZipFile) -> None:
    """``Invalid`` for a form of XLSX that openpyxl takes for an empty one."""
    if _STRICT in (packed.read(BOOK) if BOOK in packed.namelist() else b""):
        raise Invalid(
            'This is a spreadsheet in the form "Strict Open XML". Save it as an ordinary .xlsx, and send that.', "file"
        )


def _is_xml(packed: ZipFile, name: str) -> bool:
    """In any encoding; a picture begins otherwise."""
    with packed.open(name) as part:
        return part.read(1) in (b"<", b" ", b"\t", b"\r", b"\n", b"\0", b"\xef", b"\xff", b"\xfe") and part.read(1) != b"\xd8"
