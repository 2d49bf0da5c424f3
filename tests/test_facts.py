"""What two descriptions say about each other, and what makes it impossible that they mean one person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_case, a_photo, a_sheltered_case
from tracing.domain import Case, CaseState, Description, PartialDate, Sex
from tracing.errors import Invalid
from tracing.facts import Agreement, Veto, age_then, birth_years, check_description, compare, veto, youngest_age

TODAY = date(2026, 3, 1)
"""The day of ``NOON``, on which every case of the factories is opened."""
when = PartialDate.parse


def fields(low: Case, high: Case) -> dict[str, Agreement]:
    return {row.field: row.agreement for row in compare(low, high)}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"age_min": -1}, "age_min"),
        ({"age_max": 126}, "age_max"),
        ({"age_min": 50, "age_max": 40}, "age_min"),
        ({"height_cm": 19}, "height_cm"),
        ({"height_cm": 281}, "height_cm"),
        ({"birth_date": when("1900")}, "birth_date"),
        ({"birth_date": when("2027")}, "birth_date"),
        ({"birth_date": when("2026-04")}, "birth_date"),
        ({"birth_date": when("2026-03-03")}, "birth_date"),
        ({"seen_at": when("2026-03-03")}, "seen_at"),
        ({"seen_at": when("1899-12-31")}, "seen_at"),
        ({"names": ("x",) * 51}, "names"),
        ({"marks": ("x" * 4001,)}, "marks"),
        ({"languages": ("x" * 4001,)}, "languages"),
        ({"circumstances": "x" * 4001}, "circumstances"),
        ({"clothing": "x" * 4001}, "clothing"),
        ({"seen_place": "x" * 4001}, "seen_place"),
        ({"accent": "x" * 4001}, "accent"),
        ({"ethnic_group": "x" * 4001}, "ethnic_group"),
    ],
)
def test_what_cannot_be_true_or_kept_is_refused_by_its_field(said: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_description(Description(**said), TODAY)  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"age_min": 0, "age_max": 125},
        {"age_min": 40, "age_max": 40},
        {"age_max": 5},
        {"height_cm": 20},
        {"height_cm": 280},
        {"birth_date": when("1901")},
        {"birth_date": when("2026")},
        {"birth_date": when("2026-03-01")},
        {"seen_at": when("2026-03")},
        {"names": ("x" * 4000,) * 50},
    ],
)
def test_what_can_be_true_is_taken(said: dict[str, object]) -> None:
    check_description(Description(**said), TODAY)  # type: ignore[arg-type]


def test_a_person_found_today_in_china_is_not_found_in_the_future() -> None:
    """At two in the morning in Beijing, Greenwich still writes yesterday."""
    check_description(Description(seen_at=when("2026-03-02")), datetime(2026, 3, 1, 18, 0, tzinfo=UTC).date())


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ({}, None),
        ({"birth_date": when("1948-03")}, (1948, 1948)),
        ({"birth_date": when("1948"), "age_min": 5, "age_max": 6}, (1948, 1948)),
        ({"age_min": 30, "age_max": 40}, (1985, 1996)),
        ({"age_min": 30}, (1900, 1996)),
        ({"age_max": 40}, (1985, 2026)),
    ],
)
def test_the_years_of_birth_that_a_description_allows(said: dict[str, object], years: tuple[int, int] | None) -> None:
    assert birth_years(a_case(**said).facts) == years


@given(age=st.integers(0, 100), spread=st.integers(0, 20), older_by=st.integers(0, 12))
def test_nobody_is_ruled_out_whose_real_age_lies_in_what_was_said(age: int, spread: int, older_by: int) -> None:
    """The one side knows the year, the other guesses around it."""
    born = when(str(2026 - age))
    guess = a_sheltered_case(age_min=max(0, age - spread - 1), age_max=age + older_by)
    assert veto(a_case(birth_date=born).facts, guess.facts) is Veto.NONE


@pytest.mark.parametrize(
    ("missing", "sheltered", "found"),
    [
        ({}, {}, Veto.NONE),
        ({"birth_date": when("1948")}, {"birth_date": when("1963")}, Veto.NONE),
        ({"birth_date": when("1948")}, {"birth_date": when("1964")}, Veto.BIRTH_YEAR),
        ({"birth_date": when("1964")}, {"birth_date": when("1948")}, Veto.BIRTH_YEAR),
        ({"birth_date": when("1948")}, {"age_min": 60, "age_max": 65}, Veto.NONE),
        ({"birth_date": when("1948")}, {"age_min": 30, "age_max": 40}, Veto.BIRTH_YEAR),
        ({"birth_date": when("1948")}, {"age_min": 30}, Veto.NONE),
        ({"seen_at": when("2026-03-01")}, {}, Veto.NONE),
        ({"seen_at": when("2026-03-02")}, {}, Veto.NONE),  # the same day, further east
        ({"seen_at": when("2026-03-03")}, {}, Veto.TIME_ORDER),
        ({"seen_at": when("2026-03")}, {}, Veto.NONE),
        ({"seen_at": when("2026")}, {"seen_at": when("2026-01-01")}, Veto.NONE),
        ({"seen_at": when("2026-02-27")}, {"seen_at": when("2026-01-01")}, Veto.NONE),  # in care from the 1st of March on
        ({"seen_at": when("2026-03-05")}, {"seen_at": when("2026-01-01")}, Veto.TIME_ORDER),
        ({"seen_at": when("2026-04-01")}, {"state": CaseState.CLOSED}, Veto.NONE),  # has left since
    ],
)
def test_only_the_impossible_rules_a_pair_out(missing: dict[str, object], sheltered: dict[str, object], found: Veto) -> None:
    one, other = a_case(**missing).facts, a_sheltered_case(**sheltered).facts
    assert veto(one, other) is veto(other, one) is found


def test_the_order_of_times_says_nothing_between_two_files_of_one_kind() -> None:
    assert veto(a_sheltered_case(seen_at=when("2026-12-01")).facts, a_sheltered_case().facts) is Veto.NONE


def test_neither_sex_nor_height_nor_name_ever_rules_a_pair_out() -> None:
    one = a_case(sex=Sex.FEMALE, height_cm=150, names=("甲",), ethnic_group="藏族", accent="四川")
    other = a_sheltered_case(sex=Sex.MALE, height_cm=190, names=("乙",), ethnic_group="汉族", accent="东北")
    assert veto(one.facts, other.facts) is Veto.NONE


@pytest.mark.parametrize(
    ("said", "youngest"),
    [
        ({}, None),
        ({"age_min": 20, "age_max": 30}, 20),
        ({"age_min": 20}, 20),
        ({"age_max": 30}, 0),
        ({"birth_date": when("2012")}, 13),
        ({"birth_date": when("2012-02")}, 14),
        ({"birth_date": when("2012-03-01")}, 14),
        ({"birth_date": when("2012-03-02")}, 13),
        ({"birth_date": when("2026")}, 0),
    ],
)
def test_the_lowest_age_that_a_person_can_have_had(said: dict[str, object], youngest: int | None) -> None:
    """A child of thirteen must not pass for fourteen: the guard for children hangs on it."""
    assert youngest_age(a_case(**said)) == youngest


@pytest.mark.parametrize(
    ("field", "low", "high", "agreement"),
    [
        ("names", ("李秀英", "小英"), ("王芳", "小英"), Agreement.MATCH),
        ("names", ("Li ",), (" li",), Agreement.MATCH),
        ("names", ("李秀英",), ("王芳",), Agreement.MISMATCH),
        ("names", (), ("王芳",), Agreement.BLANK),
        ("sex", Sex.FEMALE, Sex.FEMALE, Agreement.MATCH),
        ("sex", Sex.FEMALE, Sex.MALE, Agreement.MISMATCH),
        ("sex", None, Sex.MALE, Agreement.BLANK),
        ("birth_date", when("1948"), when("1948-03-09"), Agreement.MATCH),
        ("birth_date", when("1948-03"), when("1948-04"), Agreement.MISMATCH),
        ("birth_date", None, when("1948-04"), Agreement.BLANK),
        ("height_cm", 170, 175, Agreement.MATCH),
        ("height_cm", 170, 176, Agreement.MISMATCH),
        ("height_cm", 170, None, Agreement.BLANK),
        ("accent", "四川 ", "四川", Agreement.MATCH),
        ("accent", "四川", "东北", Agreement.MISMATCH),
        ("ethnic_group", " ", "汉族", Agreement.BLANK),
        ("languages", ("普通话",), ("粤语", "普通话"), Agreement.MATCH),
        ("marks", ("scar",), ("scar",), Agreement.UNCOMPARED),
        ("marks", ("scar",), (), Agreement.BLANK),
        ("circumstances", "left home", "", Agreement.BLANK),
        ("seen_place", "东街", "西街", Agreement.UNCOMPARED),
    ],
)
def test_how_two_descriptions_agree(field: str, low: object, high: object, agreement: Agreement) -> None:
    one, other = a_case(**{field: low}), a_sheltered_case(**{field: high})
    assert fields(one, other)[field] is fields(other, one)[field] is agreement


@pytest.mark.parametrize(
    ("low", "high", "agreement"),
    [
        ({"age_min": 30, "age_max": 40}, {"age_min": 38, "age_max": 50}, Agreement.MATCH),
        ({"age_min": 30, "age_max": 40}, {"age_min": 50, "age_max": 60}, Agreement.MISMATCH),
        ({"birth_date": when("1990")}, {"age_min": 35, "age_max": 36}, Agreement.MATCH),
        ({}, {"age_min": 35}, Agreement.BLANK),
    ],
)
def test_ages_agree_by_the_years_of_birth_that_they_allow(
    low: dict[str, object], high: dict[str, object], agreement: Agreement
) -> None:
    assert fields(a_case(**low), a_case(**high))["age"] is agreement


def test_a_comparison_shows_both_texts_and_every_field_once() -> None:
    one = a_case(names=("李秀英", "小英"), age_min=30, age_max=30, marks=("scar", "mole"))
    rows = {row.field: (row.low, row.high) for row in compare(one, a_case(age_max=9))}
    assert rows["names"] == ("李秀英 / 小英", "")
    assert rows["age"] == ("30", "-9")
    assert rows["marks"] == ("scar / mole", "")
    described = set(Description.__dataclass_fields__) - {"age_min", "age_max"} | {"age"}
    assert set(rows) == described


@pytest.mark.parametrize(
    ("photo", "born", "age"),
    [
        ({"age_in_photo": 8, "taken_on": PartialDate(2020)}, PartialDate(2010), 8),
        ({"taken_on": PartialDate(2020, 5)}, PartialDate(2010), 10),
        ({"taken_on": PartialDate(2009)}, PartialDate(2010), None),
        ({"taken_on": PartialDate(2020)}, None, None),
        ({}, PartialDate(2010), None),
    ],
)
def test_how_old_somebody_was_in_a_photo(photo: dict[str, Any], born: PartialDate | None, age: int | None) -> None:
    case = a_case(birth_date=born)
    assert age_then(a_photo(case.case_id, **photo), case) == age
