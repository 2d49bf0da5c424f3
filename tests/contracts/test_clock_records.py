"""What every record store promises of clocks, actions, feeds and coverage, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_clock, a_generation, a_rule, a_run, a_sheltered_case, an_account, an_id
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    CaseState,
    ClockEnd,
    EscalatedClock,
    LegalBasis,
    Outcome,
    Pause,
    Role,
    TracingAction,
)
from tracing.errors import NotFound, Stale, WrongState
from tracing.ports import RecordStore
from tracing.records import FeedOwner, StationCoverage, Tally, TaskFilter

DAY = timedelta(days=1)


def test_what_was_passed_on_waits_for_its_role_until_somebody_takes_note_or_the_clock_ends(store: RecordStore) -> None:
    case = a_sheltered_case()
    clocks = [a_clock(case, cause=number) for number in (1, 2, 3)]
    raised = [
        EscalatedClock(an_id(), clock.clock_id, case.case_id, role, NOON + number * DAY)
        for number, (clock, role) in enumerate(zip(clocks, (Role.MANAGER, Role.MANAGER, Role.AUDITOR), strict=True))
    ]
    with store.transaction() as records:
        records.cases.add(case)
        for clock, escalated in zip(clocks, raised, strict=True):
            records.clocks.add(clock)
            records.escalations.add(escalated)
    with store.transaction() as records:
        assert records.escalations.waiting(Role.MANAGER, "", 9) == raised[:2]
        assert records.escalations.waiting(Role.MANAGER, case.station_id, 1) == raised[:1]
        assert records.escalations.count(Role.MANAGER, case.station_id) == 2
        assert records.escalations.count(Role.MANAGER, "elsewhere") == records.escalations.count(Role.INTAKE, "") == 0
        seen = replace(raised[0], seen_by="sun", seen_at=NOON + DAY)
        records.escalations.see(seen)
        assert records.escalations.get(seen.escalation_id) == seen
        records.clocks.save(replace(records.clocks.get(clocks[1].clock_id), end=ClockEnd.MET, ended_at=NOON))
        assert records.escalations.waiting(Role.MANAGER, "", 9) == []
        with pytest.raises(WrongState):
            records.escalations.see(seen)
        with pytest.raises(NotFound):
            records.escalations.see(replace(seen, escalation_id=an_id()))
    with store.transaction() as records:
        records.cases.erase(case.case_id)
        with pytest.raises(NotFound):
            records.escalations.get(seen.escalation_id)


def test_a_clock_comes_back_as_it_was_with_its_pauses_in_order(store: RecordStore) -> None:
    case = a_sheltered_case()
    clock = a_clock(case, provisional=True, next_step_at=NOON + DAY)
    later = Pause(an_id(), clock.clock_id, NOON + DAY, "lin", "in hospital")
    first = Pause(an_id(), clock.clock_id, NOON, "lin", "in court", NOON + timedelta(hours=1), "sun")
    with store.transaction() as records:
        records.cases.add(case)
        assert records.clocks.add(clock)
        assert not records.clocks.add(replace(clock, clock_id=an_id())), "one cause starts one clock of a rule"
        assert records.clocks.add(replace(clock, clock_id=an_id(), cause=2))
        for pause in (later, first):
            records.clocks.add_pause(pause)
    with store.transaction() as records:
        found = records.clocks.get(clock.clock_id)
        assert (found, found.pauses) == (clock, (first, later))
        records.clocks.end_pause(later.pause_id, NOON + 2 * DAY, "sun")
        saved = records.clocks.save(replace(found, end=ClockEnd.MET, ended_at=NOON, ended_by="an action"))
        assert saved.version == 2
        with pytest.raises(Stale):
            records.clocks.save(found)
        with pytest.raises(NotFound):
            records.clocks.get("nothing")
    with store.reading() as records:
        assert records.clocks.get(clock.clock_id).pauses[1].resumed_by == "sun"
        assert len(records.clocks.of_case(case.case_id)) == 2
        assert records.clocks.of_case("nobody") == []
        assert records.clocks.open_without() == []


def test_tasks_are_found_by_station_rule_kind_and_lateness(store: RecordStore) -> None:
    here, there = a_sheltered_case(), a_sheltered_case(station_id="station-2")
    late, paused = a_clock(here), a_clock(here, cause=2, paused=True)
    threshold = a_clock(here, cause=3, rule=a_rule(rule_id="stranded", threshold=True, done_by=()))
    ended = a_clock(here, cause=4, ended_at=NOON, end=ClockEnd.MET)
    other = a_clock(there, rule=a_rule(rule_id="dna"), due_at=NOON, next_step_at=NOON)
    with store.transaction() as records:
        for case in (here, there):
            records.cases.add(case)
        for clock in (late, paused, threshold, ended, other):
            records.clocks.add(clock)
        now = NOON + 2 * DAY

        def found(wanted: TaskFilter) -> list[str]:
            listed = [clock.clock_id for clock in records.clocks.find(wanted, 10)]
            assert records.clocks.count(wanted) == len(listed)
            return listed

        assert found(TaskFilter()) == [other.clock_id, late.clock_id, paused.clock_id]
        assert found(TaskFilter(station_id="station-1", overdue_at=now)) == [late.clock_id]
        assert found(TaskFilter(rule_id="dna")) == [other.clock_id]
        assert [clock.clock_id for clock in records.clocks.find(TaskFilter(), 1, 1)] == [late.clock_id]
        assert records.clocks.to_escalate(NOON, 9) == [other.clock_id]
        assert records.clocks.to_escalate(NOON - DAY, 9) == []
        assert records.clocks.tallies(now) == [Tally("station-1", "notice", 1, 0, 0, 1), Tally("station-2", "dna", 0, 0, 0, 1)]


def test_the_mark_of_how_far_the_clocks_have_come_is_kept(store: RecordStore) -> None:
    with store.transaction() as records:
        assert records.clocks.lock_seen() == records.clocks.seen() == 0
        records.clocks.mark_seen(7)
    with store.reading() as records:
        assert records.clocks.seen() == 7


def test_actions_are_listed_and_the_last_that_identified_counts(store: RecordStore) -> None:
    home = a_sheltered_case(state=CaseState.CLOSED, outcome=Outcome.REUNITED)
    unsaid = a_sheltered_case(state=CaseState.CLOSED, outcome=Outcome.REUNITED)
    sought = a_case(state=CaseState.CLOSED, outcome=Outcome.REUNITED)
    made = [
        TracingAction(an_id(), home.case_id, kind, outcome, NOON + hours * DAY, "", "lin", NOON)
        for kind, outcome, hours in (
            (ActionKind.POLICE, ActionOutcome.IDENTIFIED, 1),
            (ActionKind.INTERVIEW, ActionOutcome.IDENTIFIED, 2),
            (ActionKind.DNA, ActionOutcome.NOTHING, 3),
        )
    ]
    with store.transaction() as records:
        for case in (home, unsaid, sought):
            records.cases.add(case)
        for action in made:
            records.actions.add(action)
        assert records.actions.of_case(home.case_id) == made[::-1]
        assert records.actions.get(made[0].action_id) == made[0]
        ways = {way.action: way.count for way in records.figures.ways_home()}
        assert ways == {ActionKind.INTERVIEW: 1, None: 1}, "of those in care"


def test_an_account_has_one_feed_at_most(store: RecordStore) -> None:
    account = an_account()
    owner = FeedOwner(account.account_id, "station-1", NOON)
    with store.transaction() as records:
        records.accounts.add(account)
        records.feeds.replace("first", owner)
        records.feeds.replace("second", replace(owner, made_at=NOON + DAY))
        assert records.feeds.owner("first") is None
        assert records.feeds.owner("second") == records.feeds.of_account(account.account_id)
        assert records.feeds.drop(account.account_id)
        assert not records.feeds.drop(account.account_id)
        assert records.feeds.of_account(account.account_id) is None


def test_coverage_counts_open_cases_with_a_search_in_the_generation_and_none_that_is_due(store: RecordStore) -> None:
    generation = a_generation()
    searched, due, never = a_case(), a_case(search_wanted=2, search_done=1), a_sheltered_case(station_id="station-2")
    without, closed = a_case(legal_basis=LegalBasis.NONE), a_case(state=CaseState.CLOSED, outcome=Outcome.WITHDRAWN)
    with store.transaction() as records:
        records.generations.add(generation)
        for case in (searched, due, never, without, closed):
            records.cases.add(case)
        for case in (searched, due, without):
            records.pairs.add_runs([a_run(case.case_id, generation.generation_id)])
        assert records.coverage.by_station(generation.generation_id) == [
            StationCoverage("station-1", 3, 1),
            StationCoverage("station-2", 1, 0),
        ]
        missing = records.coverage.unsearched(generation.generation_id, "", 9)
        assert {case.case_id for case in missing} == {due.case_id, never.case_id, without.case_id}
        assert records.coverage.unsearched(generation.generation_id, "station-2", 9) == [never]
        assert records.coverage.unsearched(generation.generation_id, "", 9, 3) == []
