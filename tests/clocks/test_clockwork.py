"""The clocks of cases: what starts, stops and ends them, and that nothing is lost or done twice."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.house import House, a_house
from tests.stories import a_neighbour, rows_naming
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.clocks.clockwork import Clockwork, Task
from tracing.clocks.jurisdictions import parse, shipped
from tracing.clocks.winding import Wound
from tracing.closing import brought_about
from tracing.config import Settings
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Case,
    CaseKind,
    Channel,
    Event,
    Outcome,
    Role,
    Standing,
    Told,
)
from tracing.errors import Conflict, Invalid, Misconfigured, NotAllowed, NotFound, WrongState
from tracing.records import Records, TaskFilter
from tracing.verdict import Proof

EVERYBODY = TaskFilter()


@pytest.fixture
def case(house: House) -> Case:
    """Somebody of whom nothing is known, opened at noon UTC on Sunday, 1 March 2026."""
    return house.open(CaseKind.SHELTERED)


def _services(tmp_path: Path, rules: Path) -> AbstractContextManager[Services]:
    """The services of a later life of the same data, with other rules."""
    settings = Settings(data_dir=tmp_path / "var", clock_rules=rules)
    return closing(build(settings, clock=FixedClock(), examiner=FakeExaminer(DEFAULT_ENCODER)))


def clocks(house: House, case: Case) -> dict[str, Task]:
    """The last clock of each rule."""
    return {task.clock.rule.rule_id: task for task in reversed(house.services.clockwork.of_case(house.intake, case.case_id))}


def standings(house: House, case: Case) -> dict[str, Standing]:
    return {rule_id: task.standing for rule_id, task in clocks(house, case).items()}


def act(house: House, case: Case, kind: ActionKind, outcome: ActionOutcome = ActionOutcome.DONE, **ago: float) -> None:
    house.services.actions.record(house.intake, case.case_id, kind, outcome, house.clock() - timedelta(**ago))


def audited(house: House, case: Case, action: str) -> list[dict[str, object]]:
    with house.services.store.reading() as records:
        return [dict(event.detail) for event in records.audit.of_subject(case.case_id) if event.action == action]


def test_opening_the_case_of_an_unknown_person_starts_the_clocks(house: House, case: Case) -> None:
    found = clocks(house, case)
    assert {rule_id: task.clock.due_at for rule_id, task in found.items()} == {
        "notice": datetime(2026, 3, 2, 12, tzinfo=UTC),
        "dna_request": datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC),
        "stranded": datetime(2026, 3, 11, 15, 59, 59, tzinfo=UTC),
        "settlement": datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC),
    }
    assert {task.clock.started_at for task in found.values()} == {case.opened_at}
    assert audited(house, case, "follow_case") == [{"started": ["notice", "dna_request", "stranded", "settlement"]}]


def test_who_is_known_or_sought_or_a_child_has_other_clocks(house: House) -> None:
    assert clocks(house, house.open(CaseKind.SHELTERED, names=("王建国",))).keys() == {"stranded"}
    assert clocks(house, house.open(CaseKind.MISSING)) == {}
    assert "police_child" in clocks(house, house.open(CaseKind.SHELTERED, age_min=9, age_max=12))
    assert "police_child" in clocks(house, house.open(CaseKind.SHELTERED, age_min=15, age_max=20))
    assert "police_child" not in clocks(house, house.open(CaseKind.SHELTERED, age_min=18, age_max=20))


def test_an_action_in_time_meets_the_clock_and_starts_the_next_one(house: House, case: Case) -> None:
    house.clock.advance(hours=20)
    assert standings(house, case)["notice"] is Standing.URGENT
    act(house, case, ActionKind.NOTICE, ActionOutcome.ASKED)
    assert standings(house, case)["notice"] is Standing.URGENT, "asked is not published"
    act(house, case, ActionKind.NOTICE, hours=1)
    found = clocks(house, case)
    assert (found["notice"].standing, found["notice"].clock.ended_at) == (Standing.MET, house.clock() - timedelta(hours=1))
    assert found["notice_again"].clock.due_at == datetime(2026, 4, 2, 15, 59, 59, tzinfo=UTC)
    act(house, case, ActionKind.DNA, ActionOutcome.ASKED)
    assert (standings(house, case)["dna_request"], standings(house, case)["dna_collected"]) == (Standing.MET, Standing.RUNNING)
    act(house, case, ActionKind.DNA, ActionOutcome.NOTHING)
    assert standings(house, case)["dna_collected"] is Standing.RUNNING, "taken at the moment of asking: that is no answer"
    house.clock.advance(days=3)
    act(house, case, ActionKind.DNA, ActionOutcome.NOTHING)
    assert standings(house, case)["dna_collected"] is Standing.MET


def test_a_notice_that_is_published_anew_goes_on_being_due(house: House, case: Case) -> None:
    for _ in range(3):
        house.clock.advance(hours=5)
        act(house, case, ActionKind.NOTICE)
        house.services.clockwork.follow()
    again = [
        task
        for task in house.services.clockwork.of_case(house.intake, case.case_id)
        if task.clock.rule.rule_id == "notice_again"
    ]
    assert [task.standing for task in again] == [Standing.RUNNING, Standing.MET, Standing.MET]


def test_what_is_done_late_is_met_late_and_what_is_not_done_is_overdue_and_then_missed(house: House, case: Case) -> None:
    house.clock.advance(days=20)
    found = standings(house, case)
    assert (found["notice"], found["dna_request"], found["stranded"]) == (Standing.OVERDUE, Standing.OVERDUE, Standing.REACHED)
    act(house, case, ActionKind.NOTICE)
    house.services.casework.close(house.intake, case.case_id, Outcome.SELF_LEFT, "gone in the morning")
    found = standings(house, case)
    assert (found["notice"], found["dna_request"]) == (Standing.MET_LATE, Standing.MISSED)
    assert (found["stranded"], found["settlement"]) == (Standing.NOT_NEEDED, Standing.NOT_NEEDED)


def test_a_pause_moves_the_due_time_by_as_much_and_says_who_and_why(house: House, case: Case) -> None:
    work, before = house.services.clockwork, clocks(house, case)["notice"].clock
    house.clock.advance(hours=3)
    paused = work.pause(house.intake, before.clock_id, " in hospital ")
    assert paused.pauses[0].reason == "in hospital"
    assert (paused.pauses[0].paused_by, paused.pauses[0].paused_at) == (house.intake.account_id, house.clock())
    house.clock.advance(hours=50)
    assert standings(house, case)["notice"] is Standing.PAUSED
    assert work.resume(house.manager, before.clock_id).due_at == before.due_at + timedelta(hours=50)
    assert standings(house, case)["notice"] is Standing.RUNNING
    assert [set(each) for each in audited(house, case, "pause_clock")] == [{"clock_id", "rule_id"}]
    assert audited(house, case, "resume_clock")[0]["due_at"] == (before.due_at + timedelta(hours=50)).isoformat()


def test_a_pause_needs_a_reason_and_a_clock_that_can_still_be_kept(house: House, case: Case) -> None:
    work, found = house.services.clockwork, clocks(house, case)
    notice = found["notice"].clock.clock_id
    with pytest.raises(Invalid):
        work.pause(house.intake, notice, " ")
    for actor in (house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            work.pause(actor, notice, "because")
    with pytest.raises(WrongState):
        work.pause(house.intake, found["stranded"].clock.clock_id, "because")
    with pytest.raises(WrongState):
        work.resume(house.intake, notice)
    work.pause(house.intake, notice, "because")
    with pytest.raises(WrongState):
        work.pause(house.intake, notice, "again")
    work.resume(house.intake, notice)
    house.clock.advance(days=2)
    with pytest.raises(WrongState, match="run out"):
        work.pause(house.intake, notice, "to hide that it is late")
    with pytest.raises(NotFound):
        work.pause(house.intake, "0" * 32, "because")


def test_what_is_done_while_the_clock_stands_still_is_done_in_time(house: House, case: Case) -> None:
    house.services.clockwork.pause(house.intake, clocks(house, case)["notice"].clock.clock_id, "in hospital")
    house.clock.advance(days=9)
    act(house, case, ActionKind.NOTICE)
    notice = clocks(house, case)["notice"]
    assert (notice.standing, notice.clock.pauses[0].resumed_at) == (Standing.MET, house.clock())


def test_the_clocks_stand_still_while_the_case_does(house: House, case: Case) -> None:
    work, before = house.services.clockwork, clocks(house, case)["notice"].clock
    house.services.casework.suspend(house.intake, case.case_id, "a dispute")
    house.clock.advance(days=3)
    found = standings(house, case)
    assert (found["notice"], found["dna_request"], found["stranded"]) == (Standing.PAUSED, Standing.PAUSED, Standing.RUNNING)
    with pytest.raises(WrongState, match="on hold"):
        work.resume(house.intake, before.clock_id)
    house.services.casework.reopen(house.intake, case.case_id, "settled")
    found = clocks(house, case)
    assert (found["notice"].standing, found["notice"].clock.due_at) == (Standing.RUNNING, before.due_at + timedelta(days=3))


def test_what_a_person_has_paused_is_not_resumed_with_the_case(house: House, case: Case) -> None:
    house.services.clockwork.pause(house.intake, clocks(house, case)["notice"].clock.clock_id, "in hospital")
    house.services.casework.suspend(house.intake, case.case_id, "a dispute")
    house.services.casework.reopen(house.intake, case.case_id, "settled")
    found = standings(house, case)
    assert (found["notice"], found["dna_request"]) == (Standing.PAUSED, Standing.RUNNING)


def test_a_match_stops_the_clocks_and_its_end_lets_them_go_on_or_ends_them(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    pair = house.confirm(house.pair(missing, sheltered))
    assert standings(house, sheltered)["notice"] is Standing.PAUSED
    house.services.review.revoke(house.manager, pair.pair_id, "another man")
    assert standings(house, sheltered)["notice"] is Standing.RUNNING
    other = house.sheltered(2)
    match = house.confirm(house.pair(house.missing(2), other))
    house.services.review.verify(house.manager, match.pair_id, Proof.DNA, "file 7")
    house.services.review.reunite(house.manager, match.pair_id, "to the brother")
    after = standings(house, other)
    assert after.pop("follow_up") is Standing.RUNNING
    assert set(after.values()) == {Standing.NOT_NEEDED}


def test_a_name_ends_the_search_for_one_and_its_loss_takes_it_up_where_it_was(house: House, case: Case) -> None:
    before = clocks(house, case)["notice"].clock
    house.clock.advance(hours=2)
    said = case.description.__class__
    house.services.casework.amend(house.intake, case.case_id, said(names=("小王",)))
    assert standings(house, case)["notice"] is Standing.NOT_NEEDED
    house.clock.advance(hours=2)
    house.services.casework.amend(house.intake, case.case_id, said(age_min=8, age_max=9))
    found = clocks(house, case)
    assert (found["notice"].standing, found["notice"].clock.due_at) == (Standing.RUNNING, before.due_at)
    assert found["police_child"].clock.started_at == house.clock(), "nobody could know it before"


def test_reopening_starts_anew(house: House, case: Case) -> None:
    house.clock.advance(hours=1)
    house.services.casework.close(house.intake, case.case_id, Outcome.TRANSFERRED, "to another station")
    assert set(standings(house, case).values()) == {Standing.NOT_NEEDED}
    house.clock.advance(days=30)
    house.services.casework.reopen(house.intake, case.case_id, "brought back")
    found = clocks(house, case)
    assert found["notice"].clock.due_at == house.clock() + timedelta(hours=24)
    assert len(house.services.clockwork.of_case(house.intake, case.case_id)) == 8


def test_a_person_starts_the_clock_of_a_suspicion_with_a_reason(house: House, case: Case) -> None:
    work = house.services.clockwork
    assert [rule.rule_id for rule in work.startable(case)] == ["police_suspected"]
    house.clock.advance(days=1)
    work.start(house.intake, case.case_id, "police_suspected", "speaks of a van and a stranger")
    assert clocks(house, case)["police_suspected"].clock.due_at == house.clock() + timedelta(hours=2)
    with pytest.raises(WrongState):
        work.start(house.intake, case.case_id, "police_suspected", "again")
    for rule_id in ("notice", "nothing"):
        with pytest.raises(Invalid):
            work.start(house.intake, case.case_id, rule_id, "because")
    with pytest.raises(NotAllowed):
        work.start(house.reviewer, case.case_id, "police_suspected", "because")
    act(house, case, ActionKind.POLICE, ActionOutcome.ASKED)
    assert standings(house, case)["police_suspected"] is Standing.MET


def test_nothing_is_followed_twice_and_nothing_is_lost_between_processes(house: House, case: Case) -> None:
    with a_neighbour(house) as other:
        act(house, case, ActionKind.NOTICE)
        first = other.clockwork.of_case(house.intake, case.case_id)
        assert house.services.clockwork.follow() == 0, "the other process has done it"
        assert [task.clock for task in house.services.clockwork.of_case(house.intake, case.case_id)] == [
            task.clock for task in first
        ]
    with house.services.store.transaction() as records:  # as if a copy of an older mark had come back
        records.clocks.mark_seen(0)
    assert house.services.clockwork.follow() == 2
    assert [task.clock.clock_id for task in house.services.clockwork.of_case(house.intake, case.case_id)] == [
        task.clock.clock_id for task in first
    ]


def test_a_crash_in_the_middle_loses_nothing(house: House, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(Clockwork, "_apply", broken)
        with pytest.raises(ZeroDivisionError):
            house.services.clockwork.follow()
    assert "notice" in clocks(house, case)


def test_who_is_overtaken_while_following_tries_again(house: House, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    apply, fails = Clockwork._apply, [Conflict("faster"), Conflict("faster")]

    def overtaken(self: Clockwork, records: Records, case: Case, event: Event, wound: Wound) -> None:
        apply(self, records, case, event, wound)
        if fails:
            raise fails.pop()

    monkeypatch.setattr(Clockwork, "_apply", overtaken)
    assert "notice" in clocks(house, case)
    assert len(audited(house, case, "follow_case")) == 1, "what was overtaken left nothing behind"
    fails += [Conflict("always")] * 3
    act(house, case, ActionKind.NOTICE)
    with pytest.raises(Conflict, match="always"):
        house.services.clockwork.follow()


def test_a_page_follows_a_part_of_a_long_backlog_and_the_worker_all(
    house: House, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracing.clocks.clockwork.BATCH", 3)
    later = [house.open(CaseKind.SHELTERED) for _ in range(12)]
    assert house.services.clockwork.follow(1) < 3
    house.services.clockwork.tend()
    assert house.services.clockwork.tasks(house.intake, EVERYBODY, 1).total == 2 * (1 + len(later))


def test_changed_rules_change_no_clock_that_runs(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    with a_house(tmp_path / "var") as house:
        case = house.open(CaseKind.SHELTERED)
        due_at = clocks(house, case)["notice"].clock.due_at
    rules.write_text(shipped().replace("after = 24", "after = 48").replace('en = "Publish', 'en = "Hang out'), "utf-8")
    with _services(tmp_path, rules) as later:
        (before,) = [each for each in later.clockwork.of_case(SYSTEM, case.case_id) if each.clock.rule.rule_id == "notice"]
        assert (before.clock.due_at, before.clock.rule.amount) == (due_at, 24)
        paused = later.clockwork.pause(SYSTEM, before.clock.clock_id, "in hospital")
        assert later.clockwork.resume(SYSTEM, paused.clock_id).due_at == due_at, "reckoned anew by its own rule"
        fresh = later.intake.open_case(SYSTEM, CaseKind.SHELTERED, case.description, case.legal_basis)
        (after,) = [each for each in later.clockwork.of_case(SYSTEM, fresh.case_id) if each.clock.rule.rule_id == "notice"]
        assert after.clock.rule.amount == 48


def test_when_a_calendar_is_published_due_times_follow_and_the_audit_says_so(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        house.clock.now = datetime(2027, 2, 1, 2, tzinfo=UTC)
        case = house.open(CaseKind.SHELTERED)
        dna = clocks(house, case)["dna_request"].clock
        assert dna.provisional
        house.services.clockwork.tend()
        assert audited(house, case, "reckon_clock") == []
    off = ", ".join(f"2027-02-{day:02d}" for day in range(5, 14))
    rules = tmp_path / "rules.toml"
    rules.write_text(shipped() + f"\n[[year]]\nyear = 2027\noff = [{off}]\nworking = [2027-02-20]\n", "utf-8")
    with _services(tmp_path, rules) as later:
        later.clockwork.tend()
        tasks = later.clockwork.of_case(SYSTEM, case.case_id)
        (after,) = [each.clock for each in tasks if each.clock.rule.rule_id == "dna_request"]
        assert (after.due_at, after.provisional) == (datetime(2027, 2, 18, 15, 59, 59, tzinfo=UTC), False)
        with later.store.reading() as records:
            (told,) = [each.detail for each in records.audit.of_subject(case.case_id) if each.action == "reckon_clock"]
        assert (told["from"], told["to"]) == (dna.due_at.isoformat(), after.due_at.isoformat())


def test_escalation_is_noted_once_and_shown_to_whom_it_concerns(house: House, case: Case) -> None:
    house.services.clockwork.tend()
    assert clocks(house, case)["notice"].escalated == ()
    house.clock.advance(hours=24, seconds=1)
    for _ in range(2):
        house.services.clockwork.tend()
    assert [(each["rule_id"], each["to"]) for each in audited(house, case, "escalate_clock")] == [("notice", "manager")]
    assert clocks(house, case)["notice"].escalated == (Role.MANAGER,)


def test_tasks_come_with_the_most_urgent_first_and_the_paused_last(house: House, case: Case) -> None:
    work, later = house.services.clockwork, house.open(CaseKind.SHELTERED, age_min=70)
    work.pause(house.intake, clocks(house, later)["notice"].clock.clock_id, "in hospital")
    found = work.tasks(house.intake, EVERYBODY, 10)
    assert [(task.clock.rule.rule_id, task.clock.paused) for task in found.tasks] == [
        ("notice", False),
        ("dna_request", False),
        ("dna_request", False),
        ("notice", True),
    ]
    assert (found.total, found.overdue) == (4, 0)
    house.clock.advance(days=2)
    assert [task.case.case_id for task in work.tasks(house.intake, EVERYBODY, 10, overdue=True).tasks] == [case.case_id]
    assert work.tasks(house.intake, EVERYBODY, 1, 1).total == 4
    assert work.tasks(house.intake, TaskFilter(station_id="elsewhere"), 10).total == 0
    assert work.tasks(house.intake, TaskFilter(rule_id="notice", kind=CaseKind.SHELTERED), 10).total == 2
    assert work.tasks(house.intake, TaskFilter(kind=CaseKind.MISSING), 10).total == 0


def test_cases_from_before_the_clocks_get_them_on_demand(house: House, case: Case) -> None:
    closed = house.open(CaseKind.SHELTERED)
    house.services.casework.close(house.intake, closed.case_id, Outcome.SELF_LEFT, "gone")
    with house.services.store.transaction() as records:
        records.clocks.mark_seen(records.audit.head()[0])
    house.clock.advance(days=30)
    assert clocks(house, case) == {}
    with pytest.raises(NotAllowed):
        house.services.clockwork.start_open_ones(house.manager)
    assert house.services.clockwork.start_open_ones(SYSTEM, since=house.clock()) == 0
    assert house.services.clockwork.start_open_ones(SYSTEM) == 1
    assert house.services.clockwork.start_open_ones(SYSTEM) == 0
    assert standings(house, case)["notice"] is Standing.OVERDUE
    assert clocks(house, closed) == {}


def test_an_erased_case_takes_clocks_pauses_and_actions_with_it(house: House, case: Case) -> None:
    work = house.services.clockwork
    work.pause(house.intake, clocks(house, case)["notice"].clock.clock_id, "in the zebra ward")
    house.services.actions.record(house.intake, case.case_id, ActionKind.INTERVIEW, ActionOutcome.LEAD, note="zebra crossing")
    unseen = house.open(CaseKind.SHELTERED)
    for each in (case, unseen):
        house.services.retention.erase_case(house.manager, each.case_id)
    work.tend()
    assert rows_naming(house, case.case_id).keys() <= {"events"}
    assert rows_naming(house, "zebra") == {}
    assert work.tasks(house.intake, EVERYBODY, 10).total == 0
    assert house.faults() == []


def test_actions_are_dated_noted_and_never_ahead_of_time(house: House, case: Case) -> None:
    actions = house.services.actions
    early = house.clock() - timedelta(days=2)
    actions.record(house.intake, case.case_id, ActionKind.INTERVIEW, ActionOutcome.LEAD, early, " speaks of a river ")
    actions.record(house.partner, case.case_id, ActionKind.MEDIA, ActionOutcome.ASKED)
    latest, first = actions.of_case(house.reviewer, case.case_id)
    assert (latest.taken_at, latest.recorded_by) == (house.clock(), house.partner.account_id)
    assert (first.taken_at, first.note, first.recorded_at) == (early, "speaks of a river", house.clock())
    for taken_at in (house.clock() + timedelta(hours=1), house.clock() - timedelta(days=60 * 365)):
        with pytest.raises(Invalid):
            actions.record(house.intake, case.case_id, ActionKind.DNA, ActionOutcome.DONE, taken_at)
    with pytest.raises(Invalid):
        actions.record(house.intake, case.case_id, ActionKind.DNA, ActionOutcome.DONE, note="x" * 5000)
    with pytest.raises(NotAllowed):
        actions.record(house.reviewer, case.case_id, ActionKind.DNA, ActionOutcome.DONE)
    with pytest.raises(NotFound):
        actions.record(house.intake, "0" * 32, ActionKind.DNA, ActionOutcome.DONE)


def test_the_action_that_identified_somebody_is_the_channel_of_the_closing(house: House, case: Case) -> None:
    act(house, case, ActionKind.POLICE, ActionOutcome.IDENTIFIED, hours=2)
    act(house, case, ActionKind.INTERVIEW, ActionOutcome.LEAD)
    close = house.services.casework.close
    close(house.intake, case.case_id, Outcome.RETURNED_TO_ORIGIN, "taken home")
    said = house.open(CaseKind.SHELTERED)
    act(house, said, ActionKind.POLICE, ActionOutcome.IDENTIFIED)
    close(house.intake, said.case_id, Outcome.RETURNED_TO_ORIGIN, "taken home", Channel.DNA)
    house.clock.advance(days=1)
    house.services.casework.reopen(house.intake, case.case_id, "it was not he")
    close(house.intake, case.case_id, Outcome.SELF_LEFT, "gone")
    with house.services.store.reading() as records:
        counted = {channel: number for (channel, _), number in records.cases.count_closings().items()}
    assert counted == {Channel.DNA: 1, None: 1}, "what was said before it was reopened does not count"


def test_reunions_are_counted_by_what_brought_them_about(house: House) -> None:
    for person, kind in ((1, None), (2, ActionKind.INTERVIEW)):
        sheltered = house.sheltered(person)
        pair = house.confirm(house.pair(house.missing(person), sheltered))
        if kind is not None:
            act(house, sheltered, kind, ActionOutcome.IDENTIFIED)
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
        house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
    assert house.services.compliance.reunions(house.auditor) == {Channel.FACE: 1, Channel.INTERVIEW: 1}


def test_a_reunion_that_clues_alone_brought_about_is_none_of_faces(house: House) -> None:
    house.open(CaseKind.MISSING, names=("刘国强",), seen_place="安徽省阜阳市")
    found = house.open(CaseKind.SHELTERED)
    house.services.interviews.record(house.intake, found.case_id, Told("我屋里在富阳，老爹叫刘国强"))
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        (pair,) = records.pairs.of_case(found.case_id)
    house.confirm(pair)
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
    assert house.services.compliance.reunions(house.auditor) == {Channel.INTERVIEW: 1}
    with house.services.store.reading() as records:
        assert [brought_about(way) for way in records.figures.ways_home()] == [Channel.INTERVIEW]


def test_compliance_is_told_by_station_and_rule_and_not_of_fewer_than_five(house: House) -> None:
    for number in range(6):
        case = house.open(CaseKind.SHELTERED)
        if number < 3:
            act(house, case, ActionKind.NOTICE)
        if number == 3:
            house.services.clockwork.pause(house.intake, clocks(house, case)["notice"].clock.clock_id, "in hospital")
    house.clock.advance(hours=30)
    act(house, case, ActionKind.NOTICE)  # late
    house.services.clockwork.follow()
    told = {(line.rule_id): (line.clocks, line.share) for line in house.services.compliance.by_station(house.auditor)}
    assert told == {"": (5, 0.6), "notice": (5, 0.6), "dna_request": (None, None), "notice_again": (None, None)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("name = ", "no TOML"),
        (shipped().replace("after = 24", "after = 0"), "rule notice: after lies"),
        (shipped().replace('unit = "working_days"', 'unit = "weeks"'), "rule dna_request"),
        (shipped().replace('id = "stranded"', 'id = "notice"'), "same id"),
        (shipped().replace("remind_hours = 6", "remind = 6"), "unknown keys: remind"),
        (shipped().replace('done_by = ["dna"]', 'done_by = ["dna.soon"]'), "rule dna_request"),
        (shipped().replace('done_by = ["dna"]', ""), "threshold"),
        (shipped().replace("Asia/Shanghai", "Asia/Nowhere"), "Nowhere"),
        (shipped().replace('country = "CN"', ""), "'country' is missing"),
        (shipped() + "\n[[year]]\nyear = 2027\noff = [2028-01-01]\n", "year 2027"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(wrong: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        parse(wrong)
