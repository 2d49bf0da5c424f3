"""What stands between a stranger and the records, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories import NOON, a_session, an_account
from tests.stories import at_once
from tracing.ports import RecordStore

AN_HOUR = timedelta(hours=1)
AN_HOUR_BEFORE = NOON - AN_HOUR
LATER = NOON + timedelta(minutes=5)


def test_tries_are_counted_until_somebody_is_shut_out_and_again_afterwards(store: RecordStore) -> None:
    with store.transaction() as records:
        assert [records.doors.attempt("li", NOON, AN_HOUR).count for _ in range(3)] == [1, 2, 3]
        records.doors.shut("li", LATER)
        shut = records.doors.attempt("li", NOON, AN_HOUR)
        assert (shut.count, shut.shut_until) == (3, LATER)
        assert records.doors.count_shut(NOON) == 1
        assert records.doors.attempt("li", LATER, AN_HOUR).count == 4
        assert records.doors.attempt("li", LATER + timedelta(hours=2), AN_HOUR).count == 1
        assert records.doors.attempt("wang", NOON, AN_HOUR).count == 1


def test_whom_a_clock_has_shut_out_that_was_set_back_since_is_let_in(store: RecordStore) -> None:
    """Of two servers one may be a little ahead: what the one has shut is shut at the other, too."""
    with store.transaction() as records:
        assert records.doors.attempt("li", NOON + timedelta(days=3650), AN_HOUR).count == 1
        assert records.doors.attempt("li", NOON, AN_HOUR).shut_until < NOON - timedelta(days=3650), "nobody has shut it"
        records.doors.shut("li", NOON + timedelta(days=3650))
        assert records.doors.attempt("li", NOON, AN_HOUR).count == 1
        records.doors.shut("li", NOON + 2 * AN_HOUR)
        assert records.doors.attempt("li", NOON, AN_HOUR).shut_until == NOON + 2 * AN_HOUR


def test_tries_side_by_side_are_counted_each(store: RecordStore) -> None:
    def one() -> int:
        with store.transaction() as records:
            return records.doors.attempt("li", NOON, AN_HOUR).count

    assert sorted(at_once(*[one] * 8)) == list(range(1, 9))


def test_what_is_forgiven_is_taken_back_and_what_is_forgotten_is_gone(store: RecordStore) -> None:
    with store.transaction() as records:
        for _ in range(3):
            records.doors.attempt("li", NOON, AN_HOUR)
        records.doors.shut("li", LATER)
        records.doors.forgive("li")
        assert records.doors.attempt("li", NOON, AN_HOUR).count == 3
        records.doors.forget("li")
        assert records.doors.attempt("li", NOON, AN_HOUR).count == 1
        records.doors.shut("li", NOON + timedelta(days=1))
        records.doors.attempt("wang", NOON, AN_HOUR)
        assert records.doors.forget_before(LATER) == 1
        assert records.doors.count_shut(LATER) == 1


def test_searches_are_counted_by_account_and_day(store: RecordStore) -> None:
    one, other, day = an_account(), an_account(), date(2026, 11, 26)
    with store.transaction() as records:
        records.accounts.add(one)
        records.accounts.add(other)
    with store.transaction() as records:
        assert [records.doors.count_search(one.account_id, day) for _ in range(3)] == [1, 2, 3]
        assert records.doors.count_search(other.account_id, day) == 1
        assert records.doors.count_search(one.account_id, day + timedelta(days=1)) == 1
        assert records.doors.searches(day, 2) == {one.account_id: 3}
        assert records.doors.forget_searches_before(day + timedelta(days=1)) == 2
        assert records.doors.searches(day, 1) == {}


def test_the_sessions_of_an_account_are_listed_and_note_when_they_were_used(store: RecordStore) -> None:
    account, other = an_account(), an_account()
    early = a_session(account.account_id, created_at=AN_HOUR_BEFORE)
    late = a_session(account.account_id)
    with store.transaction() as records:
        for one in (account, other):
            records.accounts.add(one)
        for session in (early, late, a_session(other.account_id)):
            records.accounts.add_session(session)
        records.accounts.use_session(early.token_hash, LATER)
    with store.reading() as records:
        found = records.accounts.sessions_of(account.account_id)
    assert [each.session_id for each in found] == [late.session_id, early.session_id]
    assert [each.used_at for each in found] == [NOON, LATER]
