"""When clocks are due: over holidays, with pauses, on every date from 1990 to 2100."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracing.clocks.calendars.working_days import CountryCalendar
from tracing.clocks.jurisdictions import OfficialYear, parse, shipped
from tracing.clocks.reckoning import Due, Still, due, months_later
from tracing.domain import Start, Unit
from tracing.errors import Misconfigured

CHINA = parse(shipped())
ZONE = CHINA.zone
CALENDAR = CountryCalendar.of(CHINA)
NEW_YORK = ZoneInfo("America/New_York")


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def shown(found: Due) -> str:
    return f"{found.at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}" + (" provisional" if found.provisional else "")


def test_an_intake_before_the_chinese_new_year_of_2026(capsys: pytest.CaptureFixture[str]) -> None:
    """Off from 15 to 23 February; the Saturdays 14 and 28 February are worked to make up for it."""
    opened = here("2026-02-12T10:00")
    found = {
        rule.rule_id: shown(due(opened, rule.amount, rule.unit, ZONE, CALENDAR))
        for rule in CHINA.rules
        if rule.start is Start.OPENED
    }
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{rule_id:14} {at}" for rule_id, at in found.items()) + "\n")
    assert found == {
        "police_child": "2026-02-12 12:00:00",
        "notice": "2026-02-13 10:00:00",
        "dna_request": "2026-02-28 23:59:59",
        "stranded": "2026-02-22 23:59:59",
        "settlement": "2026-05-12 23:59:59",
    }


def test_a_year_whose_calendar_is_not_published_yet_is_provisional_until_the_rules_hold_it() -> None:
    opened = here("2027-02-01T10:00")
    assert shown(due(opened, 7, Unit.WORKING_DAYS, ZONE, CALENDAR)).endswith(" provisional")
    off = frozenset(date(2027, 2, 5) + timedelta(days=number) for number in range(9))
    told = OfficialYear(2027, off, frozenset({date(2027, 2, 20)}))
    official = CountryCalendar("CN", published_yearly=True, official_years=[told])
    assert shown(due(opened, 7, Unit.WORKING_DAYS, ZONE, official)) == "2027-02-18 23:59:59"
    assert shown(due(opened, 9, Unit.WORKING_DAYS, ZONE, official)) == "2027-02-20 23:59:59"
    assert shown(due(here("2026-12-31T10:00"), 1, Unit.WORKING_DAYS, ZONE, CALENDAR)).endswith(" provisional")
    assert not due(opened, 10, Unit.DAYS, ZONE, CALENDAR).provisional, "holidays do not matter to it"


def test_a_country_without_a_yearly_calendar_is_never_provisional_and_an_unknown_one_is_refused() -> None:
    assert CountryCalendar("US", published_yearly=False).is_official(2090)
    with pytest.raises(Misconfigured):
        CountryCalendar("XX", published_yearly=False)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-02-28", 1, "2026-03-28"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last_one(day: str, months: int, then: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("amount", "unit", "since", "until", "then"),
    [
        (24, Unit.HOURS, "2026-03-02T12:00", "2026-03-02T15:30", "2026-03-03 13:30:00"),
        (24, Unit.HOURS, "2026-03-01T12:00", "2026-03-02T11:00", "2026-03-03 11:00:00"),  # had begun to stand still before
        (24, Unit.HOURS, "2026-03-04T12:00", "2026-03-05T12:00", "2026-03-03 10:00:00"),  # after it was due
        (7, Unit.WORKING_DAYS, "2026-03-03T09:00", "2026-03-03T18:00", "2026-03-11 23:59:59"),  # runs at the day's end
        (7, Unit.WORKING_DAYS, "2026-03-03T09:00", "2026-03-05T09:00", "2026-03-13 23:59:59"),
        (7, Unit.WORKING_DAYS, "2026-03-07T09:00", "2026-03-08T20:00", "2026-03-11 23:59:59"),  # over a weekend
        (10, Unit.DAYS, "2026-03-03T09:00", "2026-03-05T09:00", "2026-03-14 23:59:59"),
        (1, Unit.MONTHS, "2026-03-03T09:00", "2026-03-05T09:00", "2026-04-04 23:59:59"),
    ],
)
def test_a_pause_moves_the_due_time(amount: int, unit: Unit, since: str, until: str, then: str) -> None:
    still = Still(here(since), here(until))
    assert shown(due(here("2026-03-02T10:00"), amount, unit, ZONE, CALENDAR, [still])) == then


def test_a_day_with_23_hours_ends_when_it_ends() -> None:
    spring_forward = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    assert due(spring_forward, 1, Unit.DAYS, NEW_YORK, CALENDAR).at == datetime(2026, 3, 9, 3, 59, 59, tzinfo=UTC)
    assert due(spring_forward, 24, Unit.HOURS, NEW_YORK, CALENDAR).at == spring_forward.astimezone(UTC) + timedelta(hours=24)


MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31, 23, 59), timezones=st.just(UTC))  # noqa: DTZ001
AMOUNTS = st.integers(1, 60)
UNITS = st.sampled_from(list(Unit))
PAUSES = st.lists(
    st.builds(
        lambda start, length: (timedelta(minutes=start), timedelta(minutes=length)),
        st.integers(-5000, 50_000),
        st.integers(0, 20_000),
    ),
    max_size=4,
)


def stills(start: datetime, pauses: list[tuple[timedelta, timedelta]]) -> list[Still]:
    return [Still(start + after, start + after + length) for after, length in pauses]


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=40)), AMOUNTS, UNITS, PAUSES)
@example(datetime(2000, 3, 28, tzinfo=UTC), timedelta(days=1), 59, Unit.MONTHS, [(timedelta(), timedelta(days=1, hours=16))])
def test_who_starts_later_is_not_due_earlier(
    start: datetime, later: timedelta, amount: int, unit: Unit, pauses: list[tuple[timedelta, timedelta]]
) -> None:
    still = stills(start, pauses)
    first = due(start, amount, unit, ZONE, CALENDAR, still)
    second = due(start + later, amount, unit, ZONE, CALENDAR, still)
    assert start < first.at
    plain = [due(each, amount, unit, ZONE, CALENDAR, []).at for each in (start, start + later)]
    # Up to four starts of one month end with February; a pause may have been shorter for the later ones, and holidays follow.
    ends_with_the_month = unit is Unit.MONTHS and later and plain[0] == plain[1]
    assert first.at <= second.at + (timedelta(days=14) if ends_with_the_month and pauses else timedelta())


@given(MOMENTS, AMOUNTS, UNITS, PAUSES, PAUSES)
def test_pausing_never_brings_the_due_time_nearer(
    start: datetime,
    amount: int,
    unit: Unit,
    pauses: list[tuple[timedelta, timedelta]],
    more: list[tuple[timedelta, timedelta]],
) -> None:
    fewer, all_of_them = stills(start, pauses), stills(start, pauses + more)
    before = due(start, amount, unit, ZONE, CALENDAR, fewer).at
    assert before <= due(start, amount, unit, ZONE, CALENDAR, all_of_them).at
    after_all = [Still(before + timedelta(seconds=1), before + timedelta(days=3))]
    assert due(start, amount, unit, ZONE, CALENDAR, fewer + after_all).at == before


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), AMOUNTS)
def test_working_days_agree_with_counting_day_by_day(day: date, amount: int) -> None:
    last = due(datetime(day.year, day.month, day.day, 9, tzinfo=ZONE), amount, Unit.WORKING_DAYS, ZONE, CALENDAR).at
    end = last.astimezone(ZONE).date()
    between = [day + timedelta(days=number) for number in range(1, (end - day).days + 1)]
    assert sum(CALENDAR.is_working(each) for each in between) == amount
    assert CALENDAR.is_working(end)


@pytest.mark.parametrize("unit", list(Unit))
def test_no_date_from_1990_to_2100_is_too_much(unit: Unit) -> None:
    day = datetime(1990, 1, 1, 16, tzinfo=UTC)
    before = day
    while day.year <= 2100:
        found = due(day, 7, unit, ZONE, CALENDAR).at
        assert found >= before
        before, day = found, day + timedelta(days=1)
