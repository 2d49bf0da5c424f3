"""How many things wait: all that a message says, counted as the people who read it find them on their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from tracing.domain import Actor, PairState, ReportState, Role, SightingState, Standing
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.messages.rules import Happening, Rule
from tracing.records import QueueFilter, Records, TaskFilter
from tracing.stations.scope import counted_station, may_compare

AHEAD: Final = timedelta(days=62)
"""Nothing that is due later than that is nearly due, whatever its rule says."""
PAGE: Final = 500


def number(records: Records, rule: Rule, since: datetime, until: datetime) -> int:
    """At ``until``; of new candidates those that came after ``since``, of everything else all that wait."""
    stations = rule.stations or ("",)
    match rule.happening:
        case Happening.NEW_CANDIDATE:
            return len({case_id for each in stations for case_id in _with_candidates(records, each, since, until)})
        case Happening.REVIEW_WAITING:
            return _to_review(records, rule, stations, until)
        case Happening.CLOCK_RUNNING_OUT:
            return sum(_running_out(records, each, until) for each in stations)
        case Happening.BREAK_GLASS:
            return len({emergency_id for each in stations for emergency_id in records.messages.unseen_emergencies(each)})
        case Happening.FROM_FAMILIES:
            return _from_families(records, rule.stations)


def _with_candidates(records: Records, station_id: str, since: datetime, until: datetime) -> set[str]:
    # In whatever state of review: that a first person has judged a pair already must not show.
    return records.messages.cases_paired(WAITING_FOR_REVIEW, since, until, station_id, _seen_from(records, station_id))


def _to_review(records: Records, rule: Rule, stations: Sequence[str], now: datetime) -> int:
    """Nobody's claim is on them, and each counts once, however many of the stations may compare it. What waits for seniors
    alone is told to them alone."""
    juniors = Role.REVIEWER in rule.roles
    states = WAITING_FOR_REVIEW - {PairState.DISPUTED} if juniors else WAITING_FOR_REVIEW
    size = records.pairs.queue_size("", states, now, *(_seen_from(records, each) for each in stations))
    return size + (sum(_known_answers(records, each, now) for each in stations) if juniors else 0)


def _known_answers(records: Records, station_id: str, now: datetime) -> int:
    """Those that wait for reviewers count as their queues show them: the number must not tell them apart."""
    waiting = 0
    for account in records.accounts.all():
        if account.role is Role.REVIEWER and account.disabled_at is None and station_id in ("", account.station_id):
            actor = Actor(account.account_id, account.name, account.role, account.station_id)
            for known, pair in records.known.waiting(account.account_id):
                free = known.claimed_until is None or known.claimed_until <= now
                waiting += free and may_compare(records, actor, pair)
    return waiting


def _seen_from(records: Records, station_id: str) -> QueueFilter:
    """What people of the station may compare, and is of it; everything where no station is meant."""
    if not station_id:
        return QueueFilter()
    reach = records.stations.reach(Actor("", "", Role.REVIEWER, station_id))
    return QueueFilter(station_id=station_id) if reach.everything else QueueFilter(reach=reach)


def _from_families(records: Records, stations: Sequence[str]) -> int:
    """What nobody has answered or read yet; a report to no station in particular counts once, however many may read it."""

    def reports(station_id: str | None) -> int:
        return records.reports.find([ReportState.SENT], station_id, 0)[1]

    def sightings(station_id: str | None) -> int:
        return records.sightings.find([SightingState.NEW], station_id, 0)[1]

    counted = [counted_station(records, Actor("", "", Role.MANAGER, each)) for each in stations]
    if None in counted or not counted:
        return reports(None) + sightings(None)
    to_nobody = reports("")
    return to_nobody + sum(reports(each) - to_nobody + sightings(each) for each in counted)


def _running_out(records: Records, station_id: str, now: datetime) -> int:
    """Overdue ones come first in the list, then those due next; what stands still comes last."""
    found = records.clocks.count(TaskFilter(station_id, overdue_at=now))
    offset = found
    while True:
        page = records.clocks.find(TaskFilter(station_id), PAGE, offset)
        found += sum(clock.standing(now) is Standing.URGENT for clock in page)
        if len(page) < PAGE or page[-1].paused or page[-1].due_at > now + AHEAD:
            return found
        offset += PAGE
