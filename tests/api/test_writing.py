"""Dates, times, numbers and shares as each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.dates import moment, partial_date
from api.writing import decimal, month, number, percent
from tracing.domain import PartialDate
from tracing.reporting.months import Month

LATE = datetime(2026, 11, 25, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh_CN", ["2026年11月26日", "2026年11月", "2026年", "2026年11月26日 01:05", "2026年11月"]),
        ("en", ["November 26, 2026", "November 2026", "2026", "26 Nov 2026, 01:05", "November 2026"]),
    ],
)
def test_dates_are_written_in_the_order_and_the_words_of_the_language(locale: str, said: list[str]) -> None:
    assert [
        partial_date(locale, date(2026, 11, 26)),
        partial_date(locale, PartialDate.parse("2026-11")),
        partial_date(locale, PartialDate.parse("2026")),
        moment(locale, ZoneInfo("Asia/Shanghai"), LATE),
        month(locale, Month(2026, 11)),
    ] == said


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_large_numbers_are_grouped_and_places_are_kept(locale: str) -> None:
    assert number(locale, 1234567) == "1,234,567"
    assert decimal(locale, 2, 1) == "2.0"
    assert decimal(locale, 1234.5, 0) in ("1,234", "1,235")


@pytest.mark.parametrize(
    ("share", "places", "said"),
    [(1, 0, "100%"), (0, 0, "0%"), (0.9999, 0, "99%"), (0.0001, 0, "1%"), (0.123, 1, "12.3%"), (0.5, 0, "50%")],
)
def test_all_and_none_are_said_of_all_and_none_alone(share: float, places: int, said: str) -> None:
    assert percent("zh_CN", share, places) == percent("en", share, places) == said
