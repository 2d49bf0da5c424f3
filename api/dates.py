"""Dates and times as each language writes them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta

from tracing.domain import PartialDate


def moment(locale: str, zone: ZoneInfo | None, at: datetime) -> str:
    """A moment in the station's time zone."""
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm" if locale == "en" else "y年M月d日 HH:mm", locale=locale)


def span(locale: str, length: timedelta) -> str:
    """About how long, in words."""
    return format_timedelta(length, threshold=1.5, locale=locale)


def partial_date(locale: str, when: PartialDate | date | None) -> str:
    """A date as far as it is known, in words."""
    if when is None:
        return ""
    if isinstance(when, date):
        return format_date(when, "long", locale=locale)
    if when.day is not None:
        return format_date(when.earliest, "long", locale=locale)
    return format_skeleton("yMMMM" if when.month is not None else "y", when.earliest, locale=locale)


def last_day(locale: str, zone: ZoneInfo | None, over: datetime) -> str:
    """The day that ends at this moment, or in which it lies."""
    return partial_date(locale, (over - timedelta(seconds=1)).astimezone(zone).date())
