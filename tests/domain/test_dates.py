"""A date as far as it is known stays as far as it is known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.domain import PartialDate

DATES = st.dates(min_value=date(1, 1, 1))
PARTIAL_DATES = st.one_of(
    DATES.map(lambda day: PartialDate(day.year)),
    DATES.map(lambda day: PartialDate(day.year, day.month)),
    DATES.map(lambda day: PartialDate(day.year, day.month, day.day)),
)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1948", date(1948, 1, 1), date(1948, 12, 31)),
        ("1948-03", date(1948, 3, 1), date(1948, 3, 31)),
        ("1948-03-09", date(1948, 3, 9), date(1948, 3, 9)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_partial_date_spans_every_day_that_it_may_mean(text: str, earliest: date, latest: date) -> None:
    parsed = PartialDate.parse(text)
    assert (parsed.earliest, parsed.latest) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "48", "194", "19480", "1948-", "1948-3", "1948-13", "1948-00", "1948-03-9", "1948-03-32", "1948-02-30",
        "2023-02-29", "0000", "03/1948", "1948/03", "1948-03-09T00:00", "1948-03-09 x", "-948", "+948", "１９４８", "一九四八",
        "1948\n-03", "19 48",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        PartialDate.parse(text)


def test_blanks_around_a_date_do_not_matter() -> None:
    assert PartialDate.parse(" 1948-03\n") == PartialDate(1948, 3)


def test_a_day_needs_a_month() -> None:
    with pytest.raises(ValueError, match="a day needs a month"):
        PartialDate(1948, None, 9)


@pytest.mark.parametrize("parts", [(0,), (10_000,), (1948, 0), (1948, 13), (1948, 2, 30), (1948, 3, 0)])
def test_a_date_that_is_in_no_calendar_cannot_be_made(parts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        PartialDate(*parts)


@given(PARTIAL_DATES)
def test_what_is_written_is_read_again(when: PartialDate) -> None:
    assert PartialDate.parse(str(when)) == when


@given(PARTIAL_DATES)
def test_nothing_is_completed_by_guessing(when: PartialDate) -> None:
    known = [part for part in (when.year, when.month, when.day) if part is not None]
    assert len(str(when).split("-")) == len(known)
    assert when.earliest <= when.latest
