"""Tables of other departments: what spreadsheets write is read as it was meant, and what is no table is refused."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import zipfile
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from tests.fakes import painted_photo
from tracing.errors import Invalid
from tracing.exchange import spreadsheets, tables
from tracing.exchange.tables import Row, rows, written

SAID = [("编号", "姓名", "出生日期"), ("1", "王建国", "1966-02-03"), ("2", "Anna, Berg", "")]


def read(data: bytes) -> list[Row]:
    return list(rows(io.BytesIO(data), "list.csv"))


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data)]


def a_book(*lines: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_file_is_read_however_it_was_written(encoding: str, delimiter: str) -> None:
    lines = [delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in line) for line in SAID]
    assert cells("\r\n".join(lines).encode(encoding)) == SAID


TRADITIONAL = [("登記編號", "姓名", "備註"), ("1", "歐陽娜娜", "臺北縣板橋市"), ("2", "游錫明", "說閩南話")]


@pytest.mark.parametrize("lines", [TRADITIONAL, [("id", "name", "remarks"), *TRADITIONAL[1:]]])
@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs", "gb18030"])
def test_traditional_characters_are_read_in_big5_as_in_gb_18030(lines: list[tuple[str, ...]], encoding: str) -> None:
    assert cells("\n".join(map(",".join, lines)).encode(encoding)) == lines


@pytest.mark.parametrize("cell", ["王䶮", "José", "甲", "阿卜杜热合曼·买买提", "龘龘靐齉王"])
def test_rare_characters_and_few_ones_stay_what_they_are(cell: str) -> None:
    assert cells(f"id,name\n1,{cell}\n".encode("gb18030")) == [("id", "name"), ("1", cell)]


@pytest.mark.parametrize("name", ["Müller", "Ångström", "Jürgen Voß"])
def test_letters_of_other_languages_do_not_become_chinese(name: str) -> None:
    with pytest.raises(Invalid, match="neither text"):
        cells(f"id,name\n1,{name}\n".encode("cp1252"))


@pytest.mark.parametrize("words", ["他说，他家在山边，有河，有树，有牛，很远", "a|b|c|d", "a; b; c; d"])
def test_delimiters_in_what_is_said_part_no_cells(words: str) -> None:
    said = [("编号", "姓名", "备注"), *((str(number), f"王{number}", words) for number in range(3))]
    assert cells("\n".join(",".join(line) for line in said).encode()) == said


def test_delimiters_in_cells_of_several_lines_part_no_cells() -> None:
    said = [
        ("编号", "姓名", "备注"),
        *((str(number), f"王{number}", "说方言，很快\n走路，慢\n戴帽子，黑色") for number in range(3)),
    ]
    assert cells("\n".join(f'{number},{name},"{words}"' for number, name, words in said).encode()) == said


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_rows_are_not_lost_in_a_quotation_mark_that_nobody_closes(end: str) -> None:
    with pytest.raises(Invalid, match="opens in row 2 is never closed"):
        read(f'a,b\n1,"one\n2,two\n3,three{end}'.encode())
    assert read(f'a,b\n1,he said "one"{end}'.encode()) == [Row(1, ("a", "b")), Row(2, ("1", 'he said "one"'))]


def test_rows_of_any_length_are_parted_by_what_parts_them_all() -> None:
    said = [("编号", "b", "c", "d"), ("", "", ";"), ("1", "2;"), ("x;", "y", "z", "1"), ("2", "3;")]
    assert cells("\n".join(map(",".join, said)).encode()) == said


def test_commas_in_numbers_part_no_cells_of_a_list_with_semicolons() -> None:
    assert cells(b"Nr;height;remarks\n1;1,65;a, b, c\n2;1,7;d, e\n")[1] == ("1", "1,65", "a, b, c")


@pytest.mark.parametrize(
    "page", ["<html><table><tr><td>编号</td></tr></table>", "\n<!DOCTYPE html>", '<?xml version="1.0"?><Workbook/>']
)
def test_a_web_page_that_is_called_a_spreadsheet_is_refused_with_what_to_do(page: str) -> None:
    with pytest.raises(Invalid, match="save it as"):
        cells(page.encode("gb18030"))


def test_empty_rows_are_left_out_and_the_others_keep_their_number() -> None:
    assert read(b"a,b\n\n,\n1, 2 \n") == [Row(1, ("a", "b")), Row(4, ("1", "2"))]


def test_a_cell_may_hold_lines_and_the_numbers_still_count_rows() -> None:
    assert read(b'a,b\n"one\ntwo",2\n3,4\n') == [Row(1, ("a", "b")), Row(2, ("one\ntwo", "2")), Row(3, ("3", "4"))]


def test_the_first_sheet_of_a_spreadsheet_is_read() -> None:
    book = a_book(
        ("编号", "姓名", "出生", "电话"),
        (1, " 王建国 ", date(1966, 2, 3), 13800000000),
        (2.0, None, datetime(1970, 1, 1, 8, 30)),  # noqa: DTZ001  a spreadsheet knows no zone
    )
    assert read(book) == [
        Row(1, ("编号", "姓名", "出生", "电话")),
        Row(2, ("1", "王建国", "1966-02-03", "13800000000")),
        Row(3, ("2", "", "1970-01-01 08:30")),
    ]


@pytest.mark.parametrize(("epoch", "day"), [(CALENDAR_WINDOWS_1900, date(1966, 2, 3)), (CALENDAR_MAC_1904, date(1970, 2, 4))])
def test_a_bare_number_comes_with_the_day_that_it_may_be(epoch: datetime, day: date) -> None:
    """As text it stays what it is: who knows the column knows whether it is one."""
    book = openpyxl.Workbook()
    book.epoch = epoch
    book.active.append(("7", 24141, 24141.5, 170, 1966, 19660203, "24141", True))
    kept = io.BytesIO()
    book.save(kept)
    (found,) = rows(io.BytesIO(kept.getvalue()))
    assert found.cells == ("7", "24141", "24141.5", "170", "1966", "19660203", "24141", "true")
    assert found.days == {1: day, 2: day}


def test_sheets_that_are_hidden_or_empty_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.active.append(("男", "女"))
    book.active.sheet_state = "hidden"
    book.create_sheet("empty")
    book.create_sheet("list").append(("编号", "姓名"))
    book.create_sheet("more").append(("1", "2"))
    kept = io.BytesIO()
    book.save(kept)
    assert cells(kept.getvalue()) == [("编号", "姓名")]


def test_a_list_that_goes_on_in_another_sheet_is_refused_with_their_names() -> None:
    """Half of it would come in, and nobody be told."""
    book = openpyxl.Workbook()
    for line in (("走失人员登记表",), ("编号", "姓名"), ("1", "王建国")):
        book.active.append(line)
    for name, lines in {
        "填写说明": (("编号", "怎么填"), ("1", "2")),
        "2月": (("编号", "姓名"), ("2", "李梅")),
        "3月": (("走失人员登记表",), ("编号", "姓名")),
    }.items():
        for line in lines:
            (book[name] if name in book else book.create_sheet(name)).append(line)

    def kept() -> bytes:
        whole = io.BytesIO()
        book.save(whole)
        return whole.getvalue()

    with pytest.raises(Invalid, match=r"other sheets: 2月\."):
        cells(kept())
    book["2月"].sheet_state = "hidden"
    assert cells(kept())[-1] == ("1", "王建国")


def test_a_cover_is_passed_over_and_hides_no_second_list() -> None:
    book = openpyxl.Workbook()
    book.active.append(("关于报送走失人员名单的函",))
    book.active.append(("各救助站", "请查收"))
    for name, number in (("1月", 1), ("2月", 2)):
        for line in (("编号", "姓名", "性别"), (number, "王建国", "男")):
            (book[name] if name in book else book.create_sheet(name)).append(line)
        kept = io.BytesIO()
        book.save(kept)
        if name == "1月":
            assert cells(kept.getvalue()) == [("编号", "姓名", "性别"), ("1", "王建国", "男")]
    with pytest.raises(Invalid, match=r"other sheets: 2月\."):
        cells(kept.getvalue())


def test_a_number_with_zeros_before_it_is_what_the_spreadsheet_shows() -> None:
    book = openpyxl.Workbook()
    book.active.append((17, 17, 17, -1, 1234567))
    for cell, code in zip(book.active[1], ("000000", "0", "0.00", "0000", "0000"), strict=True):
        cell.number_format = code
    kept = io.BytesIO()
    book.save(kept)
    assert cells(kept.getvalue()) == [("000017", "17", "17", "-1", "1234567")]


def test_ends_of_lines_that_were_pasted_are_no_letters() -> None:
    assert cells(a_book(("one_x000D_\ntwo_x0009_three_x000d_",))) == [("one\ntwo\tthree",)]


def test_a_formula_is_what_it_was_worked_out_to_and_never_run() -> None:
    assert cells(a_book(("a", "=1+1"), ("b", '=WEBSERVICE("http://127.0.0.1:9/")'))) == [("a",), ("b",)]


def test_the_file_stays_open_for_whoever_sent_it() -> None:
    file = io.BytesIO(b"a,b\n")
    assert list(rows(file))
    file.seek(0)
    assert file.read() == b"a,b\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (painted_photo(1), "neither"),
        (b"\x00\x01\x02,\x03", "neither"),
        (b"a\xff\xff,b", "neither"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "old Excel"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512) + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2**22) + "EncryptedPackage".encode("utf-16-le") + bytes(9),
            "has a password",
        ),
        (b"PK\x03\x04 no archive", "no spreadsheet"),
        (b",".join([b"x"] * 201), "more than 200 columns"),
        (b"a," + b"x" * 20_001, "more than 20000 characters"),
        (b'a,b\n"' + b"x\n" * 80_000, "no table from line"),
    ],
)
def test_what_is_no_table_is_refused_and_told(data: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(data)


def test_an_archive_that_is_no_spreadsheet_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("note.txt", "nothing")
    with pytest.raises(Invalid, match="no spreadsheet"):
        read(kept.getvalue())


def test_a_spreadsheet_that_unpacks_beyond_all_limits_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 1_000_000)
    kept = io.BytesIO(a_book(("a", "b")))
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/bomb", bytes(2_000_000))
    assert len(kept.getvalue()) < 20_000
    with pytest.raises(Invalid, match="too large when unpacked"):
        read(kept.getvalue())


def test_a_spreadsheet_with_entities_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_book(("a", "b")))) as source, zipfile.ZipFile(kept, "w") as packed:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + data
            packed.writestr(part, data)
    with pytest.raises(Invalid, match="no spreadsheet"):
        read(kept.getvalue())


def test_a_sheet_that_says_it_is_huge_is_read_as_it_is() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_book(("a", "b")))) as source, zipfile.ZipFile(kept, "w") as packed:
        for part in source.infolist():
            data = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert b'ref="A1:B1"' in data
                data = data.replace(b'ref="A1:B1"', b'ref="A1:XFD1048576"')
            packed.writestr(part, data)
    assert cells(kept.getvalue()) == [("a", "b")]


@given(st.binary(max_size=300))
def test_no_bytes_bring_more_than_a_refusal(data: bytes) -> None:
    for whole in (data, b"PK\x03\x04" + data):
        with suppress(Invalid):
            assert all(row.number > 0 for row in read(whole))


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10), min_size=2, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_what_a_spreadsheet_writes_comes_back(lines: list[list[str]]) -> None:
    import csv

    kept = io.StringIO()
    csv.writer(kept).writerows([["编号", "b", "c", "d"], *lines])
    expected = [tuple(tables._as_meant(cell.strip()) for cell in line) for line in lines]
    assert cells(kept.getvalue().encode())[1:] == [line for line in expected if any(line)]


FORMULAS = ["=1+1", "+86 138 0000 0000", "-5", "@SUM(A1)", "\t=1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("cell", [*FORMULAS, "王建国", "", "'quoted'", 'a, "b"\nc'])
def test_what_is_written_runs_in_no_spreadsheet_and_is_read_as_it_was(cell: str) -> None:
    data = b"".join(written([("编号", "备注"), ("1", cell)]))
    assert data.startswith(codecs.BOM_UTF8)
    (_, second), lying = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))), FORMULAS
    assert not second[1].startswith(("=", "+", "-", "@", "\t", "＝"))
    assert (second[1] != cell) == (cell in lying)
    *_, row = rows(io.BytesIO(data))
    assert row.cells == ("1", cell.strip())


def test_a_great_many_rows_are_written_one_by_one() -> None:
    made = written((str(number), "=x") for number in itertools.count())
    assert [next(made) for _ in range(3)] == [codecs.BOM_UTF8, b"0,'=x\r\n", b"1,'=x\r\n"]


@pytest.mark.parametrize("endless", [b"ab," * 2_000_000, b'"a\nb",' * 1_000_000, "王,".encode("gb18030") * 2_100_000])
def test_a_row_of_csv_that_does_not_end_is_refused(endless: bytes) -> None:
    with pytest.raises(Invalid, match="Row 3 has more than 4000000 characters"):
        read(b"a,b\nc,d\n" + endless)


def test_a_table_of_nothing_but_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 1000)
    assert read(b"a\n" + b"\n" * 998 + b"b")[-1] == Row(1000, ("b",))
    with pytest.raises(Invalid, match="more than 1000 rows"):
        read(b"a\n" + b"\n" * 1000)
