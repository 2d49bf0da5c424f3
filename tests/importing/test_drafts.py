"""What the cells of a list say, and that nothing of it is lost."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.domain import CaseKind, PartialDate, Sex
from tracing.errors import Incomplete, Invalid
from tracing.importing import values
from tracing.importing.columns import recognised
from tracing.importing.drafts import COUNTED, FOOT, HEADINGS, ROUNDED, Draft, drafted
from tracing.opening import ContactDraft

TODAY: Final = date(2026, 11, 26)


def of(**said: str) -> Draft:
    said = {"编号": "7", "姓名": ""} | said
    layout = recognised([(1, tuple(said))]).checked()
    return drafted(layout, 2, tuple(said.values()), CaseKind.MISSING, TODAY)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1966", PartialDate(1966)),
        ("1966年", PartialDate(1966)),
        ("1966-2", PartialDate(1966, 2)),
        ("1966年2月", PartialDate(1966, 2)),
        ("1966/2/3", PartialDate(1966, 2, 3)),
        ("1966.02.03", PartialDate(1966, 2, 3)),
        ("1966年2月3日", PartialDate(1966, 2, 3)),
        ("19660203", PartialDate(1966, 2, 3)),
        ("196602", PartialDate(1966, 2)),
        ("1966-02-03 08:30", PartialDate(1966, 2, 3)),
        ("1966年2月3日8时许", PartialDate(1966, 2, 3)),
        ("1966年2月3日上午10點左右", PartialDate(1966, 2, 3)),
        ("1966年2月3日出生", PartialDate(1966, 2, 3)),
        ("1966年2月3日晚", PartialDate(1966, 2, 3)),
        ("1966年2月3号", PartialDate(1966, 2, 3)),
        ("1966年2月3號下午3點", PartialDate(1966, 2, 3)),
        ("3 Feb 1966", PartialDate(1966, 2, 3)),
        ("03-FEB-1966", PartialDate(1966, 2, 3)),
        ("February 3rd, 1966", PartialDate(1966, 2, 3)),
        ("Feb 1966", PartialDate(1966, 2)),
    ],
)
def test_dates(text: str, meant: PartialDate) -> None:
    assert values.day(text, "birth_date") == meant


@pytest.mark.parametrize(
    "text",
    [
        "02/03/1966",
        "spring 1966",
        "1966-13",
        "1966-02-30",
        "66",
        "0",
        "1966年2月3日左右",
        "3 Feb 4 1966",
        "30 Feb 1966",
        "3 Feb 66",
    ],
)
def test_a_date_is_never_guessed(text: str) -> None:
    with pytest.raises(Invalid, match="no date"):
        values.day(text, "birth_date")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("60", (60, 60)),
        ("60岁", (60, 60)),
        ("58-62", (58, 62)),
        ("58岁至62岁", (58, 62)),
        ("58~62岁", (58, 62)),
        ("约60岁", (55, 65)),
        ("60岁左右", (55, 65)),
        ("about 60 years", (55, 65)),
        ("60多岁", (60, 69)),
        ("40来岁", (40, 49)),
        ("60几岁", (60, 69)),
        ("约3岁", (0, 8)),
        ("約60歲", (55, 65)),
        ("60餘歲", (60, 69)),
        ("5个月", (0, 0)),
        ("8個月大", (0, 0)),
        ("18 months", (1, 1)),
        ("3岁半", (3, 3)),
        ("六十五岁", (65, 65)),
        ("约六十歲", (55, 65)),
        ("六十多岁", (60, 69)),
        ("十几岁", (10, 19)),
        ("五十八至六十二岁", (58, 62)),
        ("五六十岁", (50, 69)),
        ("六七岁", (6, 7)),
        ("二十七八岁", (27, 28)),
        ("一百零三岁", (103, 103)),
        ("两岁半", (2, 2)),
        ("五个月", (0, 0)),
    ],
)
def test_ages(text: str, meant: tuple[int, int]) -> None:
    assert values.ages(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("170", 170),
        ("170cm", 170),
        ("170厘米", 170),
        ("1.7米", 170),
        ("1.65 m", 165),
        ("1.72", 172),
        ("1,72", 172),
        ("约170公分", 170),
        ("1米65", 165),
        ("1米7", 170),
        ("大约1米6左右", 160),
        ("1m72", 172),
    ],
)
def test_heights(text: str, meant: int) -> None:
    assert values.height(text) == meant


def test_a_full_row_becomes_a_case() -> None:
    draft = of(
        姓名="王建国、王建军",
        性别="男",
        出生日期="1966年2月",
        民族="汉族",
        身高="1.7米",
        体貌特征="左眉有疤；六指",
        失踪时间="2026-3-1",
        失踪地点="阜阳",
        备注="走失时穿黑衣",
        联系人="王秀英",
        联系电话="13800000000",
        关系="女儿",
        照片="7.jpg；7b.jpg",
    )
    said = draft.description
    assert (draft.source_id, draft.kind, draft.row) == ("7", CaseKind.MISSING, 2)
    assert said.names == ("王建国", "王建军")
    assert (said.sex, said.birth_date, said.height_cm) == (Sex.MALE, PartialDate(1966, 2), 170)
    assert said.marks == ("左眉有疤", "六指")
    assert (said.seen_at, said.seen_place, said.circumstances) == (PartialDate(2026, 3, 1), "阜阳", "走失时穿黑衣")
    assert draft.contact == ContactDraft("女儿", "王秀英", "13800000000")
    assert draft.photos == ("7.jpg", "7b.jpg")
    assert draft.unread == ()


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("照片/7.jpg", ("照片/7.jpg",)),
        ("7/1.jpg、7/2.jpeg", ("7/1.jpg", "7/2.jpeg")),
        ("7.jpg/7-2.jpeg/8.png", ("7.jpg", "7-2.jpeg", "8.png")),
        ("有", ()),
    ],
)
def test_names_of_photos_keep_their_folders(cell: str, names: tuple[str, ...]) -> None:
    assert of(照片=cell).photos == names


def test_what_is_not_understood_is_kept_word_for_word() -> None:
    draft = of(姓名="王", 年龄="岁数很大", 出生日期="3000-01-01", 身高="很高", 性别="?", 备注="说安徽话")
    said = draft.description
    assert (said.age_min, said.birth_date, said.height_cm, said.sex) == (None, None, None, None)
    assert said.circumstances.splitlines() == ["说安徽话", "性别: ?", "身高: 很高", "年龄: 岁数很大", "出生日期: 3000-01-01"]
    assert draft.unread == (("性别", "?"), ("身高", "很高"), ("年龄", "岁数很大"), ("出生日期", "3000-01-01"))


def test_ages_in_the_wrong_order_are_text() -> None:
    assert of(年龄="62-58").description.circumstances == "年龄: 62-58"


def test_an_identity_number_tells_birth_and_sex_and_is_not_kept() -> None:
    draft = of(身份证号="11010519491231002X")
    assert (draft.description.birth_date, draft.description.sex) == (PartialDate(1949, 12, 31), Sex.FEMALE)
    assert "110105" not in repr(draft)
    assert of(身份证号="110105194912310021").description.birth_date is None, "its check digit is wrong"
    assert "110105" not in repr(of(身份证号="110105194912310021"))
    assert of(身份证号="11010519491231002X", 出生日期="1950").description.birth_date == PartialDate(1950)


@pytest.mark.parametrize("nothing", ["不详", "不詳", "未知", "无", "-", "N/A", "　", "#N/A", "#REF!"])
def test_words_for_nothing_are_nothing(nothing: str) -> None:
    draft = of(姓名=nothing, 年龄=nothing, 性别=nothing, 备注=nothing, 联系人=nothing)
    assert draft == of()
    assert draft.unread == ()


def test_the_row_may_say_the_kind() -> None:
    assert of(人员类别="受助人员").kind is CaseKind.SHELTERED
    assert of(人员类别="無名氏").kind is CaseKind.SHELTERED
    assert of(人员类别="").kind is CaseKind.MISSING


@pytest.mark.parametrize("number", ["", "不详", "x" * 201])
def test_a_row_without_the_senders_number_is_refused(number: str) -> None:
    with pytest.raises(Incomplete) as error:
        of(编号=number, 姓名="王")
    assert list(error.value.mistakes) == ["source_id"]


@pytest.mark.parametrize(
    ("number", "why"),
    [("3.40321E+17", ROUNDED), ("1.1e+17", ROUNDED)]
    + [(foot, FOOT) for foot in ("合计", "总 计", "合计：3", "共计6人", "總計", "Total:", "填表人：张三", "备注：略")],
)
def test_what_is_no_record_of_somebody_is_refused_and_told(number: str, why: str) -> None:
    with pytest.raises(Incomplete) as error:
        of(编号=number, 姓名="共6人")
    assert error.value.mistakes == {"source_id": why}


@pytest.mark.parametrize("number", ["12E4", "注001", "合计1", "police.cn/1:2", "TOTAL-7"])
def test_numbers_of_every_make_are_numbers(number: str) -> None:
    assert of(编号=number).source_id == number


@pytest.mark.parametrize("written", ["17", "17.0", '="17"', "'17", "'17'", "`17", "\ufeff17", "\u200b17\u202c", "１７"])
def test_a_number_is_the_same_whatever_program_wrote_it(written: str) -> None:
    assert of(编号=written).source_id == "17"
    draft = of(姓名="王", 年龄=written, 联系电话=written)
    assert (draft.description.age_min, draft.contact) == (17, ContactDraft("reporter", "", "17"))


@pytest.mark.parametrize(
    "written", ['="11010519491231002X"', "'11010519491231002X", "\t11010519491231002X", "\u200b11010519491231002X"]
)
def test_an_identity_number_is_one_whatever_keeps_it_from_being_rounded(written: str) -> None:
    assert of(编号=written).identity
    assert "110105" not in repr(of(身份证号=written))


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"姓名": "王建国（又名王建军）、王小名"}, ("王建国", "王建军", "王小名")),
        ({"姓名": "John Smith (aka Jack)"}, ("John Smith", "Jack")),
        ({"First name": "John", "Last name": "Smith"}, ("John Smith",)),
        ({"姓": "王", "名": "建国", "曾用名": "王建军"}, ("王建国", "王建军")),
        ({"Surname": "Smith"}, ("Smith",)),
        ({"First name": "", "Last name": "unknown", "姓名": "不祥"}, ()),
    ],
)
def test_names_however_a_list_parts_them(said: dict[str, str], names: tuple[str, ...]) -> None:
    full = {"编号": "7"} | said
    layout = recognised([(1, tuple(full))]).checked()
    assert drafted(layout, 2, tuple(full.values()), CaseKind.MISSING, TODAY).description.names == names


def test_headings_that_stand_on_every_page_are_no_records() -> None:
    for again in ("编号", "\ufeff编号"):
        with pytest.raises(Incomplete) as error:
            of(编号=again, 姓名="姓名")
        assert error.value.mistakes == {"source_id": HEADINGS}


def test_a_text_beyond_all_limits_is_refused() -> None:
    with pytest.raises(Incomplete) as error:
        of(备注="x" * 5000)
    assert list(error.value.mistakes) == ["circumstances"]


def test_the_digest_is_that_of_what_is_said_wherever_it_stands() -> None:
    layout = recognised([(1, ("编号", "姓名"))])
    one, moved, other = (
        drafted(layout, row, ("7", name), CaseKind.MISSING, TODAY).digest for row, name in ((2, "王"), (9, "王 "), (2, "李"))
    )
    assert one == moved != other


_CELL: Final[Any] = st.one_of(st.text(max_size=20), st.from_regex(r"[0-9年月日岁约\-~/.]{0,12}", fullmatch=True))


@given(st.tuples(*[_CELL] * 8))
def test_no_cell_breaks_a_row_and_every_word_is_kept(cells: tuple[str, ...]) -> None:
    headings = ("性别", "出生日期", "年龄", "身高", "失踪时间", "姓名", "备注", "人员类别")
    draft = of(**dict(zip(headings, cells, strict=True)))
    for heading, text in draft.unread:
        assert f"{heading}: {text}" in draft.description.circumstances


def test_the_digest_is_that_of_records_that_came_before() -> None:
    """Another spelling would make every record a changed one when its list comes the next time."""
    draft = of(**{"姓名": "王、李", "出生日期": "1966-02", "性别": "男", "联系人": "王秀英", "联系电话": "1", "照片": "a.jpg"})
    told = asdict(draft)
    del told["row"], told["unread"], told["absent"], told["identity"], told["number"]
    spelled = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    assert draft.digest == hashlib.sha256(spelled.encode()).hexdigest()


def dated(text: str, day: date | None = None) -> PartialDate | None:
    layout = recognised([(1, ("编号", "出生日期"))]).checked()
    days = {} if day is None else {1: day}
    return drafted(layout, 2, ("7", text), CaseKind.MISSING, TODAY, days).description.birth_date


def test_a_bare_number_is_the_day_that_its_spreadsheet_counts() -> None:
    assert dated("24141", date(1966, 2, 3)) == dated("24141.5", date(1966, 2, 3)) == PartialDate(1966, 2, 3)
    assert dated("4018", date(1910, 12, 31)) == PartialDate(1910, 12, 31)
    assert dated("19660", date(1953, 10, 29)) == PartialDate(1953, 10, 29)


@pytest.mark.parametrize(("text", "day"), [("24141", None), ("24141.25", None), ("19667", date(1953, 11, 5))])
def test_a_number_that_may_be_another_day_or_a_month_is_refused_with_why(text: str, day: date | None) -> None:
    with pytest.raises(Incomplete) as error:
        dated(text, day)
    assert error.value.mistakes == {"birth_date": COUNTED}


def test_a_number_elsewhere_is_no_day() -> None:
    layout = recognised([(1, ("编号", "备注"))]).checked()
    draft = drafted(layout, 2, ("24141", "24141"), CaseKind.MISSING, TODAY, {0: date(1966, 2, 3), 1: date(1966, 2, 3)})
    assert (draft.source_id, draft.description.circumstances) == ("24141", "24141")
