"""What is told when: by numbers alone, once in a while, again where nobody took it, and never lost."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import a_clock, a_rule, an_emergency
from tests.families.sent import a_report
from tests.house import House, a_house
from tests.messages.conftest import RULES, rest, write_rules
from tests.messages.receivers import Hooks
from tests.test_known_answers import Dice, verified
from tracing.access import SYSTEM
from tracing.domain import CaseKind, Judgement, ReportState, Role, Start, Unit
from tracing.errors import Misconfigured, NotAllowed, NotFound, Unavailable
from tracing.known_answers import KnownAnswers
from tracing.messages.messages import LEASE, Messages


def messages_of(house: House) -> Messages:
    assert house.services.messages is not None
    return house.services.messages


def said(receiver: Hooks) -> list[str]:
    return [body["message"].splitlines()[0] for body in receiver.bodies]


def sent(house: House) -> list[dict[str, Any]]:
    with house.services.store.reading() as records:
        events = records.audit.of_actions(["send_message"], 0, 100)
    return [{"channel": event.subject, "by": event.actor, **event.detail} for event in events]


CANDIDATES = "Cases with new candidates: {}. Sign in to look at them."
REVIEWS = "Pairs that wait for review: {}. Sign in to review them."
EMERGENCIES = "Cases opened in an emergency that wait for a manager's look: {}. Sign in to look at them."


def test_nothing_is_sent_and_nothing_loaded_where_no_rules_are_set(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        assert house.services.messages is None
    look = (
        "import sys; from tests.house import a_house; from pathlib import Path\n"
        f"with a_house(Path({str(tmp_path / 'other')!r})) as house: house.services.worker.rest()\n"
        "assert not {'apprise', 'requests'} & set(sys.modules), 'loaded although nothing is sent'"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_where_the_package_is_missing_the_service_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.delitem(sys.modules, "tracing.messages.post", raising=False)
    rules = write_rules(tmp_path / "messages.toml", RULES.format(url="json://127.0.0.1"))
    with (
        pytest.raises(Misconfigured, match=r"pip install 'family-tracing\[notify\]'"),
        a_house(tmp_path / "var", notify_rules=rules),
    ):
        pass


def test_a_message_holds_a_number_and_the_address_of_a_page(told: House, receiver: Hooks) -> None:
    rest(told)
    told.missing(1)
    told.sheltered(1)
    for _ in range(4):
        rest(told)
    by_line = {body["message"] for body in receiver.bodies}
    assert by_line == {
        f"{REVIEWS.format(1)}\nhttps://tracing.example/review",
        f"{CANDIDATES.format(2)}\nhttps://tracing.example/cases",
    }
    assert {body["title"] for body in receiver.bodies} == {"Family tracing: something waits"}
    assert sorted(sent(told), key=str) == [
        {"channel": "desk", "by": SYSTEM.account_id, "event": "new_candidate", "number": 2},
        {"channel": "desk", "by": SYSTEM.account_id, "event": "review_waiting", "number": 1},
    ]


def test_a_house_is_not_told_of_its_whole_past_where_messages_are_switched_on(told: House, receiver: Hooks) -> None:
    told.missing(1)
    told.sheltered(1)
    told.clock.advance(hours=5)
    for _ in range(6):
        rest(told)
    assert said(receiver) == [REVIEWS.format(1)]


def test_one_message_of_a_kind_for_many_things_and_none_again_before_its_time(told: House, receiver: Hooks) -> None:
    rest(told)
    for person in (1, 2, 3):
        told.missing(person)
        told.sheltered(person)
    for _ in range(5):
        rest(told)
    assert sorted(said(receiver)) == [CANDIDATES.format(6), REVIEWS.format(3)]
    told.missing(4)
    told.sheltered(4)
    for _ in range(30):
        rest(told)
    assert len(receiver.bodies) == 2
    told.clock.advance(hours=4)
    rest(told)
    assert sorted(said(receiver)[2:]) == [CANDIDATES.format(2), REVIEWS.format(4)]
    told.clock.advance(hours=5)
    rest(told)
    assert said(receiver)[4:] == [REVIEWS.format(4)], "no candidate is new any more; what waits goes on waiting"


def test_who_judged_already_does_not_show_in_the_number(told: House, receiver: Hooks) -> None:
    rest(told)
    pair = told.pair(told.missing(1), told.sheltered(1))
    told.judge(told.reviewer, pair)
    for _ in range(4):
        rest(told)
    assert sorted(said(receiver)) == [CANDIDATES.format(2), REVIEWS.format(1)]


def test_known_answers_count_as_the_queue_shows_them(told: House, receiver: Hooks) -> None:
    services, newcomer = told.services, told.hire("newcomer", Role.REVIEWER)
    verified(told, 1)
    day = timedelta(hours=24)
    known = KnownAnswers(services.store, told.clock, services.known_answers._new_id, Dice(0.0), 10.0, day / 96, day)
    services.review._known = known
    rest(told)
    assert said(receiver) == []
    assert known.give(newcomer) is not None
    rest(told)
    assert services.review.queue(newcomer).total == 1
    assert said(receiver) == [REVIEWS.format(1)]
    assert {line.number for line in messages_of(told).due() if line.line.rule.happening == "new_candidate"} == {0}


def test_what_waits_for_seniors_alone_is_not_told_to_others(told: House, receiver: Hooks) -> None:
    pair = told.pair(told.missing(1), told.sheltered(1))
    told.judge(told.reviewer, pair)
    told.judge(told.second, pair, Judgement.EXCLUDED)
    for _ in range(4):
        rest(told)
    assert not any(each.startswith("Pairs") for each in said(receiver))


def test_duties_that_run_out_are_told_and_those_that_stand_still_are_not(told: House, receiver: Hooks) -> None:
    case = told.open(CaseKind.MISSING, age_min=70)
    with told.services.store.transaction() as records:
        by_hand = {"start": Start.BY_HAND, "kinds": (CaseKind.MISSING,), "amount": 10, "unit": Unit.DAYS}
        for number, changes in enumerate(({}, {"remind_hours": 1000}, {"paused": True})):
            paused = bool(changes.pop("paused", False))
            rule = a_rule(rule_id=f"duty_{number}", **by_hand | changes)
            clock = a_clock(
                case, rule=rule, cause=number, paused=paused, due_at=told.clock() + LEASE * (1000 if number == 1 else 1)
            )
            records.clocks.add(clock)
    rest(told)
    before = [due.number for due in messages_of(told).due() if due.line.rule.happening == "clock_running_out"]
    assert before == [1], "what is reminded of early"
    told.clock.advance(minutes=10)
    (due,) = [due for due in messages_of(told).due() if due.line.rule.happening == "clock_running_out"]
    assert (due.number, due.held) == (2, "told lately")
    assert said(receiver) == ["即将到期或已逾期的事项数：1。请登录系统处理。"]


def test_what_families_and_informants_send_is_told_to_who_answers_them(told: House, receiver: Hooks) -> None:
    for station_id in ("main", "north", "south"):
        told.services.stations.add(SYSTEM, station_id, station_id)
    a_report(told, photos=0, station_id="north")
    a_report(told, photos=0, station_id="main")
    a_report(told, photos=0)
    a_report(told, photos=0, state=ReportState.WITHDRAWN)
    rest(told)
    assert said(receiver) == ["Reports and sightings sent in by the public that wait for somebody: 2. Sign in to read them."]
    rest(told)
    rest(told)
    assert len(receiver.bodies) == 1, "the next in four hours"


def test_quiet_hours_hold_back_what_is_told_afterwards(told: House, receiver: Hooks) -> None:
    told.clock.advance(hours=10)  # ten in the evening
    case = told.open(CaseKind.MISSING)
    with told.services.store.transaction() as records:
        records.stations.add_emergency(an_emergency(case))
    rest(told)
    assert EMERGENCIES.format(1) not in said(receiver)
    (due,) = [due for due in messages_of(told).due() if due.line.rule.happening == "break_glass"]
    assert (due.number, due.held) == (1, "quiet hours")
    told.clock.advance(hours=9)
    rest(told)
    assert EMERGENCIES.format(1) in said(receiver)


def test_what_is_not_taken_is_tried_again_after_longer_and_longer(
    told: House, receiver: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    told.missing(1)
    told.sheltered(1)
    receiver.status = 500
    rest(told)
    assert messages_of(told).failing() == 1
    assert sent(told) == []
    assert "review_waiting desk: NotTaken" in caplog.text
    assert "hook-secret" not in caplog.text
    assert "127.0.0.1" not in caplog.text
    tries = 1
    for _ in range(7):  # minutes 1 and 3 after the first: pauses of one minute, and of two
        before = caplog.text.count("review_waiting desk: NotTaken")
        rest(told)
        tries += caplog.text.count("review_waiting desk: NotTaken") > before
    assert tries == 4
    receiver.status = 200
    told.clock.advance(minutes=10)
    rest(told)
    assert REVIEWS.format(1) in said(receiver)
    assert messages_of(told).failing() == 0


def test_a_receiver_that_never_says_yes_is_not_told_more_often_than_its_rule_says(
    told: House, receiver: Hooks, caplog: pytest.LogCaptureFixture
) -> None:
    """It may have taken the message each time, and may break down only afterwards."""
    told.missing(1)
    told.sheltered(1)
    receiver.status = 500
    tries = []
    for _ in range(48):
        told.clock.advance(hours=1)
        rest(told)
        tries.append(caplog.text.count("review_waiting desk: NotTaken"))
    assert tries[5] >= 5, "soon at first"
    assert tries[-1] - tries[-25] <= 24 / 4


def test_several_receivers_that_hang_hold_up_the_end_of_the_service_no_longer_than_one(told: House, receiver: Hooks) -> None:
    case = told.missing(1)
    told.sheltered(1)
    with told.services.store.transaction() as records:
        records.stations.add_emergency(an_emergency(case))
    receiver.hangs.set()
    told.clock.advance(minutes=1)
    messages_of(told).tend()
    assert len(messages_of(told)._under_way) > 1
    began = time.monotonic()
    messages_of(told).close(0.5)
    assert time.monotonic() - began < 0.9
    receiver.let_go.set()
    messages_of(told).close()


def test_a_receiver_that_hangs_holds_up_nothing_else(told: House, receiver: Hooks, caplog: pytest.LogCaptureFixture) -> None:
    told.missing(1)
    told.sheltered(1)
    receiver.hangs.set()
    told.clock.advance(minutes=1)
    began = time.monotonic()
    told.services.worker.rest()
    assert time.monotonic() - began < 2.0
    assert sent(told) == []
    told.clock.advance(minutes=1)
    told.services.worker.rest()
    assert "review_waiting desk: TimedOut" in caplog.text
    assert messages_of(told).failing() == 1
    receiver.let_go.set()
    messages_of(told).close()
    messages_of(told).close()


def test_a_receiver_that_sends_us_elsewhere_is_not_followed(told: House, receiver: Hooks) -> None:
    told.missing(1)
    told.sheltered(1)
    receiver.status = 307  # to another machine, which the tests would notice
    rest(told)
    assert messages_of(told).failing() == 1


def test_after_a_crash_between_sending_and_keeping_it_is_told_once_more_and_not_lost(
    told: House, receiver: Hooks, tmp_path: Path
) -> None:
    told.missing(1)
    told.sheltered(1)
    told.clock.advance(minutes=1)
    told.services.worker.rest()
    (delivery,) = messages_of(told)._under_way.values()
    assert delivery.done.wait(10)
    assert (said(receiver), sent(told)) == ([REVIEWS.format(1)], [])
    messages_of(told)._under_way.clear()  # the process is gone
    rest(told)
    assert said(receiver).count(REVIEWS.format(1)) == 1, "another process may still be at it"
    told.clock.advance(minutes=5)
    rest(told)
    assert said(receiver).count(REVIEWS.format(1)) == 2
    for _ in range(10):
        rest(told)
    assert len([each for each in said(receiver) if each.startswith("Pairs")]) == 2
    assert [each["event"] for each in sent(told)].count("review_waiting") == 1


def test_what_was_told_by_a_clock_that_was_ahead_silences_nobody_once_it_is_set_right(told: House, receiver: Hooks) -> None:
    rest(told)
    told.clock.advance(days=300)
    told.missing(1)
    told.sheltered(1)
    for _ in range(4):
        rest(told)
    assert CANDIDATES.format(2) in said(receiver)
    told.clock.advance(days=-300, hours=1)
    told.missing(2)
    told.sheltered(2)
    before = len(receiver.bodies)
    for _ in range(4):
        rest(told)
    assert CANDIDATES.format(2) in said(receiver)[before:]


def test_a_message_that_was_begun_by_a_clock_that_was_ahead_is_sent_once_it_is_set_right(told: House, receiver: Hooks) -> None:
    told.missing(1)
    told.sheltered(1)
    told.clock.advance(days=30)
    told.services.worker.rest()
    assert all(delivery.done.wait(10) for delivery in messages_of(told)._under_way.values())
    messages_of(told)._under_way.clear()  # the process is gone
    told.clock.advance(days=-30)
    rest(told)
    assert said(receiver).count(REVIEWS.format(1)) == 2
    assert [each["event"] for each in sent(told)] == ["review_waiting"]


def test_two_processes_send_one_message(told: House, receiver: Hooks) -> None:
    told.missing(1)
    told.sheltered(1)
    first = messages_of(told)
    second = Messages(told.services.store, told.clock, first.rules, first._post)
    told.clock.advance(minutes=1)
    first.tend()
    second.tend()
    first.close()
    second.close()
    second.tend()
    assert said(receiver) == [REVIEWS.format(1)]


def test_a_restart_repeats_nothing(told: House, receiver: Hooks) -> None:
    told.missing(1)
    told.sheltered(1)
    rest(told)
    assert said(receiver) == [REVIEWS.format(1)]
    again = Messages(told.services.store, told.clock, messages_of(told).rules, messages_of(told)._post)
    told.clock.advance(minutes=1)
    again.tend()
    again.close()
    assert [each for each in said(receiver) if each.startswith("Pairs")] == [REVIEWS.format(1)]


def test_a_test_message_goes_to_one_channel_and_stands_in_the_audit(told: House, receiver: Hooks) -> None:
    messages_of(told).test(SYSTEM, "watch", "en")
    assert said(receiver) == ["This is a test message; there is nothing to do."]
    assert sent(told) == [{"channel": "watch", "by": SYSTEM.account_id, "event": "test", "number": 0}]
    with pytest.raises(NotFound):
        messages_of(told).test(SYSTEM, "nobody", "en")
    with pytest.raises(NotAllowed):
        messages_of(told).test(told.manager, "watch", "en")
    receiver.status = 403
    with pytest.raises(Unavailable, match="NotTaken"):
        messages_of(told).test(SYSTEM, "watch", "en")
    assert len(sent(told)) == 1


def test_apprise_says_nothing_of_addresses(told: House) -> None:
    assert not logging.getLogger("apprise").isEnabledFor(logging.CRITICAL)
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.ERROR)
    assert messages_of(told).shown() == {"desk": "json://127.0.0.1", "watch": "json://127.0.0.1"}
