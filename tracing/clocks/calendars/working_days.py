"""The working days of a country, from the package ``holidays`` and from what the rules say of a year.

``holidays`` was chosen over ``chinesecalendar``: the two agree on every day from 2004 to 2026 but one (31 December 2005),
make-up Saturdays included, and ``holidays`` also knows other countries and, by the law, years that nobody has published yet,
where ``chinesecalendar`` raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import holidays

from tracing.clocks.jurisdictions import Jurisdiction, OfficialYear
from tracing.errors import Misconfigured

WEEKEND = (5, 6)


class CountryCalendar:
    """A ``WorkCalendar``. What the rules say of a year goes before what the package knows of it."""

    def __init__(self, country: str, published_yearly: bool, official_years: Sequence[OfficialYear] = ()) -> None:
        try:
            known = holidays.country_holidays(country)
        except NotImplementedError as error:
            raise Misconfigured(f"The rules of the clocks: nobody knows the holidays of the country {country}.") from error
        self._country = country
        self._official = {each.year: each for each in official_years}
        published: Mapping[int, object] = getattr(known, "special_public_holidays", {})
        self._published_until = max(published, default=0) if published_yearly else None
        self._years: dict[int, frozenset[date]] = {}

    @classmethod
    def of(cls, jurisdiction: Jurisdiction) -> CountryCalendar:
        return cls(jurisdiction.country, jurisdiction.published_yearly, jurisdiction.official_years)

    def is_working(self, day: date) -> bool:
        if day.year not in self._years:
            self._years[day.year] = self._working_days(day.year)
        return day in self._years[day.year]

    def is_official(self, year: int) -> bool:
        return self._published_until is None or year <= self._published_until or year in self._official

    def _working_days(self, year: int) -> frozenset[date]:
        days = [date(year, 1, 1) + timedelta(days=number) for number in range((date(year, 12, 31) - date(year, 1, 1)).days + 1)]
        if (told := self._official.get(year)) is not None:
            return frozenset(
                day for day in days if day in told.working or (day.weekday() not in WEEKEND and day not in told.off)
            )
        known = holidays.country_holidays(self._country, years=year)
        return frozenset(day for day in days if known.is_working_day(day))
