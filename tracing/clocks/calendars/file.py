"""Due times as an iCalendar file (RFC 5545), which phones and mail programs subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracing.clocks.reckoning import CalendarEntry

if TYPE_CHECKING:
    from icalendar import Event

REFRESH = timedelta(hours=1)


def calendar_file(entries: Sequence[CalendarEntry], name: str, now: datetime) -> bytes:
    """The file; ``now`` is when it was written. Times are in UTC, which every calendar shows in its own zone."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Family tracing//Clocks//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, now: datetime) -> Event:
    from icalendar import Alarm, Event

    event = Event()
    event.add("uid", f"{entry.uid}@family-tracing")
    event.add("dtstamp", now)
    event.add("dtstart", entry.at)
    event.add("summary", entry.summary)
    event.add("sequence", entry.changes)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    if entry.told_before is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", -entry.told_before)
        event.add_component(alarm)
    return event
