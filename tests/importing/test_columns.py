"""Headings of lists as departments write them."""

from __future__ import annotations

import pytest

from tracing.errors import Invalid
from tracing.importing.columns import Column, Heading, meaning, recognised


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("姓名", Column.NAMES),
        ("姓　名", Column.NAMES),
        ("*姓名", Column.NAMES),
        ("出生日期（年月日）", Column.BIRTH_DATE),
        ("出生年月:", Column.BIRTH_DATE),
        ("身高(cm)", Column.HEIGHT),
        ("身高 cm", Column.HEIGHT),
        ("Date of Birth", Column.BIRTH_DATE),
        ("date-of-birth", Column.BIRTH_DATE),
        ("FULL NAME", Column.NAMES),
        ("联系电话", Column.CONTACT_PHONE),
        ("失踪时间", Column.SEEN_AT),
        ("走失\n时间", Column.SEEN_AT),
        ("最后出现地点", Column.SEEN_PLACE),
        ("Case No.", Column.SOURCE_ID),
        ("Place last seen", Column.SEEN_PLACE),
        ("Date last seen", Column.SEEN_AT),
        ("入站日期", Column.SEEN_AT),
        ("身份证号码", Column.ID_NUMBER),
        ("ＩＤ", Column.SOURCE_ID),
        ("\ufeff编号", Column.SOURCE_ID),
        ("登記編號", Column.SOURCE_ID),
        ("失蹤時間", Column.SEEN_AT),
        ("聯繫電話", Column.CONTACT_PHONE),
        ("编号 / No.", Column.SOURCE_ID),
        ("姓名 Name", Column.NAMES),
        ("Sex 性别", Column.SEX),
        ("出生日期\nDate of birth", Column.BIRTH_DATE),
        ("失踪地点|Last seen place", Column.SEEN_PLACE),
        ("姓名2", Column.NAMES),
        ("DNA编号", None),
        ("报案人 Name", None),
        ("血型", None),
        ("", None),
    ],
)
def test_a_heading_says_what_its_column_is(heading: str, column: Column | None) -> None:
    assert meaning(heading) is column


def test_the_headings_stand_below_a_title() -> None:
    rows = [
        (1, ("走失人员登记表", "", "")),
        (2, ("2026年11月", "第一救助站")),
        (3, ("编号", "姓名", "血型")),
        (4, ("1", "王建国", "A")),
    ]
    layout = recognised(rows).checked()
    assert layout.row == 3
    assert [each.column for each in layout.headings] == [Column.SOURCE_ID, Column.NAMES, None]
    assert layout.cells(("1", "王建国", "A")) == {Column.SOURCE_ID: ["1"], Column.NAMES: ["王建国"]}


def columns(*rows: tuple[str, ...]) -> tuple[int, dict[str, Column | None]]:
    layout = recognised(list(enumerate(rows, 1)))
    return layout.row, {each.text: each.column for each in layout.headings}


def test_headings_in_two_rows_of_which_the_upper_names_groups_are_one() -> None:
    row, found = columns(
        ("走失人员登记表",),
        ("编号", "姓名", "走失情况", "", "联系人", "", "备注"),
        ("", "", "时间", "地点", "姓名", "电话", ""),
        ("1", "王建国", "2026-3-1", "阜阳", "王秀英", "13800000000", ""),
    )
    assert row == 3
    assert found == {
        "编号": Column.SOURCE_ID,
        "姓名": Column.NAMES,
        "走失 时间": Column.SEEN_AT,
        "走失 地点": Column.SEEN_PLACE,
        "联系人 姓名": Column.CONTACT_NAME,
        "联系人 电话": Column.CONTACT_PHONE,
        "备注": Column.CIRCUMSTANCES,
    }


def test_the_name_of_a_contact_is_nobodys_who_is_missing() -> None:
    _, found = columns(("受助人员信息", "", "", "联系人", ""), ("编号", "姓名", "性别", "姓名", "电话"))
    assert found["姓名"] is Column.NAMES
    assert found["联系人 姓名"] is Column.CONTACT_NAME
    _, found = columns(("受助人员信息", "", "", "派出所", "", ""), ("编号", "姓名", "性别", "姓名", "电话", "说明"))
    assert (found["姓名"], found["派出所 姓名"]) == (Column.NAMES, None)


@pytest.mark.parametrize("below", [("1", "王建国", "备注", ""), ("编号", "姓名", "", "备注"), ("", "", "", "")])
def test_a_record_below_headings_is_no_row_of_them(below: tuple[str, ...]) -> None:
    row, found = columns(("编号", "姓名", "", "备注"), below)
    assert (row, list(found)) == (1, ["编号", "姓名", "", "备注"])


def test_of_two_columns_that_claim_to_be_the_number_the_first_is_it() -> None:
    layout = recognised([(1, ("编号", "案件编号", "姓名"))]).checked()
    assert [each.column for each in layout.headings] == [Column.SOURCE_ID, None, Column.NAMES]


def test_of_each_of_two_columns_with_the_same_heading_something_can_be_said() -> None:
    layout = recognised([(1, ("编号", "性别", "性别", "性别", "", ""))])
    assert [each.text for each in layout.headings] == ["编号", "性别", "性别 (2)", "性别 (3)", "", ""]
    assert [each.column for each in layout.headings] == [Column.SOURCE_ID, Column.SEX, None, None, None, None]
    said = layout.with_columns({each.text: each.column for each in layout.headings if each.text}).checked()
    assert said == layout
    assert meaning("性别 (2)") is Column.SEX


def test_several_columns_may_hold_names() -> None:
    layout = recognised([(1, ("编号", "姓名", "曾用名"))])
    assert layout.cells(("1", "王建国", "王建军"))[Column.NAMES] == ["王建国", "王建军"]


def test_a_person_says_what_a_column_is_instead() -> None:
    layout = recognised([(1, ("No", "姓名", "Remarks"))])
    with pytest.raises(Invalid, match="No, 姓名, Remarks"):
        layout.checked()
    said = layout.with_columns({"No": Column.SOURCE_ID, "Remarks": None}).checked()
    assert said.headings[2] == Heading(2, "Remarks", None)
    assert said.heading_of(Column.SOURCE_ID) == "No"
    with pytest.raises(Invalid, match="no column 'Nr'"):
        layout.with_columns({"Nr": Column.SOURCE_ID})
    with pytest.raises(Invalid, match="Two columns are the same: No, 姓名"):
        layout.with_columns({"No": Column.SOURCE_ID, "姓名": Column.SOURCE_ID}).checked()


@pytest.mark.parametrize("rows", [[], [(1, ("only",))], [(1, ("", "x"))]])
def test_a_table_without_headings_is_refused(rows: list[tuple[int, tuple[str, ...]]]) -> None:
    with pytest.raises(Invalid, match="no row with two cells"):
        recognised(rows)
