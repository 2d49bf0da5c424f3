"""Spreadsheets that are small as a file and would take minutes or gigabytes: refused, or read as they are."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.worksheet._reader import WorkSheetParser

from tracing.errors import Invalid
from tracing.exchange import spreadsheets
from tracing.exchange.tables import MOST_COLUMNS, Row, rows

SHEET, STYLES, CONTENTS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"
ROW = b'<row r="2"><c r="A2"><v>7</v></c></row>'


def a_book(changed: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A book with one row of two texts, some of its parts changed."""
    book, kept, whole = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["编号", "姓名"])
    book.save(kept)
    with zipfile.ZipFile(kept) as source, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            packed.writestr(name, changed.get(name, bytes)(source.read(name)))
    return whole.getvalue()


def read(data: bytes) -> list[Row]:
    return list(rows(io.BytesIO(data), "list.xlsx"))


def more_rows(told: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", told + b"</sheetData>")


def test_a_gap_between_rows_is_a_gap_and_no_work() -> None:
    far = ROW.replace(b'"2"', b'"1048576"').replace(b"A2", b"A1048576")
    assert read(a_book({SHEET: more_rows(far)})) == [Row(1, ("编号", "姓名")), Row(1048576, ("7",))]


def test_coloured_cells_down_to_the_last_row_are_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[object] = []
    parse = WorkSheetParser.parse_row
    monkeypatch.setattr(WorkSheetParser, "parse_row", lambda parser, row: worked.append(row) or parse(parser, row))
    coloured = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(2, 5000)).encode()
    assert read(a_book({SHEET: more_rows(coloured + ROW.replace(b"2", b"5000"))})) == [
        Row(1, ("编号", "姓名")),
        Row(5000, ("7",)),
    ]
    assert len(worked) == 2


@pytest.mark.parametrize("number", [b"1", b"0", b"-3", b"1048577", b"99999999999"])
def test_rows_that_no_spreadsheet_has_are_damage(number: bytes) -> None:
    with pytest.raises(Invalid, match="damaged after row 1"):
        read(a_book({SHEET: more_rows(ROW.replace(b'"2"', b'"' + number + b'"'))}))


def test_a_cell_far_to_the_right_is_not_lost_without_a_word() -> None:
    with pytest.raises(Invalid, match=f"more than {MOST_COLUMNS} columns"):
        read(a_book({SHEET: more_rows(ROW.replace(b"A2", b"XFD2"))}))


def test_a_row_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_OF_A_ROW", 200_000)
    many = b"".join(ROW.replace(b"2", str(number).encode()) for number in range(2, 20_000))
    assert len(read(a_book({SHEET: more_rows(many)}))) == 19_999
    for wide in (b'<row r="2">' + b"<c><v>1</v></c>" * 20_000 + b"</row>", b"<c>" + b"<v/>" * 60_000 + b"</c>"):
        with pytest.raises(Invalid, match="too large when unpacked"):
            read(a_book({SHEET: more_rows(wide)}))


def test_what_stands_between_rows_is_forgotten() -> None:
    between = b"".join(b"<x/>" * 50 + ROW.replace(b"2", str(number).encode()) for number in range(2, 40))
    book = spreadsheets.Spreadsheet(io.BytesIO(a_book({SHEET: more_rows(between)})))
    with book._reader.archive.open(SHEET) as source:
        elements = spreadsheets._row_elements(spreadsheets._Bounded(source))
        assert len(list(elements)) == 39
    book.close()


def test_a_form_that_would_be_read_as_empty_is_named() -> None:
    strict = re.compile(rb"http://schemas.openxmlformats.org/spreadsheetml/2006/main")
    told = a_book(dict.fromkeys(("xl/workbook.xml", SHEET), lambda part: strict.sub(spreadsheets._STRICT, part)))
    with pytest.raises(Invalid, match="Strict Open XML"):
        read(told)


def filled(tag: bytes, times: int) -> Callable[[bytes], bytes]:
    """With so many of these before the last tag."""
    return lambda part: re.sub(rb"(</[^<]*>\s*)$", lambda end: tag * times + end[1], part)


@pytest.mark.parametrize("name", [STYLES, CONTENTS, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_what_is_read_beside_the_rows_is_small(name: str) -> None:
    with pytest.raises(Invalid, match="too large when unpacked"):
        read(a_book({name: filled(b"<x/>", spreadsheets.MOST_TAGS_BESIDE)}))


@pytest.mark.parametrize("called", ["xl/sharedStrings.xml", "xl/other.xml", "xl/media/picture.png", "xl/worksheets/sheet9.xml"])
def test_texts_are_counted_under_whatever_name_they_come(called: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    said = b'<Override PartName="/%b" ContentType="%b"/>' % (called.encode(), kind)
    cell = ROW.replace(b"<c ", b'<c t="s" ').replace(b"7", b"1")
    whole = a_book({CONTENTS: lambda data: data.replace(b"</Types>", said + b"</Types>"), SHEET: more_rows(cell)})

    def with_texts(number: int) -> bytes:
        kept = io.BytesIO(whole)
        with zipfile.ZipFile(kept, "a") as packed:
            texts = b"<si><t>text</t></si>" * number
            packed.writestr(called, b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%b</sst>' % texts)
        return kept.getvalue()

    assert read(with_texts(2))[1:] == [Row(2, ("text",))]
    monkeypatch.setattr(spreadsheets, "MOST_TAGS_SHARED", 1000)
    with pytest.raises(Invalid, match="too large when unpacked"):
        read(with_texts(1000))


def test_pictures_in_a_spreadsheet_do_not_count_as_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_BESIDE", 100_000)
    kept = io.BytesIO(a_book({}))
    with zipfile.ZipFile(kept, "a") as packed:
        packed.writestr("xl/media/image1.jpeg", b"\xff\xd8\xff" + b"<" * 500_000)
    assert read(kept.getvalue()) == [Row(1, ("编号", "姓名"))]
    with zipfile.ZipFile(kept, "a") as packed:
        packed.writestr("xl/media/image2.jpeg", "<a>".encode("utf-16") + b"<" * 500_000)
    with pytest.raises(Invalid, match="too large when unpacked"):
        read(kept.getvalue())
