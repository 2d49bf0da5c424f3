"""The audit chain: whole as written, broken by whatever is done to it afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from tests.factories import NOON, a_case, an_actor
from tracing.domain import Event
from tracing.errors import AuditUnavailable, Invalid
from tracing.ports import RecordStore
from tracing.store.audit import GENESIS, event_hash, sealed_event, verify_chain

DETAILS = st.dictionaries(st.text(max_size=5), st.integers() | st.floats(allow_nan=False) | st.text(max_size=5), max_size=3)


def a_chain(length: int = 5) -> list[Event]:
    chain: list[Event] = []
    for seq in range(1, length + 1):
        before = chain[-1].hash if chain else GENESIS
        chain.append(sealed_event(Event(seq, NOON, "actor", "view_case", f"case-{seq}", {"seq": seq}, before, "")))
    return chain


def head(chain: list[Event]) -> tuple[int, str]:
    return (chain[-1].seq, chain[-1].hash) if chain else (0, GENESIS)


@given(st.integers(0, 6))
def test_a_chain_as_written_is_whole(length: int) -> None:
    chain = a_chain(length)
    assert verify_chain(chain) is None
    assert verify_chain(chain, head(chain)) is None


@pytest.mark.parametrize("seq", [1, 3, 5])
@pytest.mark.parametrize(
    "change",
    [
        {"at": NOON + timedelta(microseconds=1)},
        {"actor": "somebody else"},
        {"action": "erase_case"},
        {"subject": "another case"},
        {"detail": {"seq": 0}},
        {"previous_hash": "f" * 64},
        {"hash": "f" * 64},
        {"seq": 17},
    ],
)
def test_l11_a_changed_row_is_named(seq: int, change: dict[str, Any]) -> None:
    chain = a_chain()
    chain[seq - 1] = replace(chain[seq - 1], **change)
    assert verify_chain(chain, head(a_chain())) == seq


@pytest.mark.parametrize("seq", [1, 3, 4])
def test_a_missing_row_is_named(seq: int) -> None:
    chain = a_chain()
    del chain[seq - 1]
    assert verify_chain(chain, head(a_chain())) == seq


def test_a_row_that_was_sealed_again_breaks_the_next_one() -> None:
    chain = a_chain()
    chain[1] = sealed_event(replace(chain[1], subject="another case"))
    assert verify_chain(chain) == 3


def test_rows_in_another_order_are_noticed() -> None:
    chain = a_chain()
    chain[2], chain[3] = chain[3], chain[2]
    assert verify_chain(chain) == 3


@pytest.mark.parametrize("left", [0, 1, 4])
def test_a_tail_that_was_cut_off_is_noticed_by_the_head(left: int) -> None:
    chain = a_chain()
    assert verify_chain(chain[:left]) is None
    assert verify_chain(chain[:left], head(chain)) == left + 1


def test_a_row_beyond_the_head_is_noticed() -> None:
    chain = a_chain()
    assert verify_chain(chain, head(chain[:4])) == 5
    assert verify_chain(chain[:4], (4, "f" * 64)) == 4


def test_the_hash_does_not_depend_on_the_zone_or_the_order_of_details() -> None:
    event = a_chain(1)[0]
    elsewhere = replace(event, at=event.at.astimezone(timezone(timedelta(hours=8))), detail={"b": 1, "a": 2})
    assert event_hash(elsewhere) == event_hash(replace(event, detail={"a": 2, "b": 1}))


@given(DETAILS, DETAILS)
def test_different_details_have_different_hashes(one: dict[str, Any], other: dict[str, Any]) -> None:
    event = a_chain(1)[0]
    try:
        hashes = {event_hash(replace(event, detail=detail)) for detail in (one, other)}
    except Invalid:
        return  # text that no database could keep
    assert len(hashes) == (1 if one == other and str(one) == str(other) else len(hashes))
    if one != other:
        assert len(hashes) == 2


def test_what_was_appended_is_what_is_read_and_verified(store: RecordStore) -> None:
    actor = an_actor()
    detail = {"score": 0.1 + 0.2, "无": ["a", 1, None, True], "nested": {"b": 1e300, "a": ()}, "role": actor.role}
    with store.transaction() as records:
        records.audit.append(actor, "open_case", "case", detail)
        records.audit.append(actor, "view_case", "case")
        assert records.audit.events(0, 10) == [], "rows get their number at the end"
    with store.reading() as records:
        first, second = records.audit.events(0, 10)
        assert (first.actor, first.action, first.subject, first.at) == (actor.account_id, "open_case", "case", NOON)
        assert first.detail == detail | {"nested": {"b": 1e300, "a": []}, "role": "intake"}
        assert (first.seq, first.previous_hash) == (1, GENESIS)
        assert verify_chain([first, second], records.audit.head()) is None
        assert records.audit.of_subject("case") == [first, second]


@pytest.mark.parametrize("detail", [{"score": float("nan")}, {"text": "a\0"}, {"a\0": 1}, {"list": ["\ud800"]}])
def test_a_detail_that_cannot_be_kept_fails_the_transaction(store: RecordStore, detail: dict[str, Any]) -> None:
    with pytest.raises(Invalid), store.transaction() as records:
        records.audit.append(an_actor(), "view_case", "case", detail)
    with store.reading() as records:
        assert records.audit.head() == (0, GENESIS)


def test_what_cannot_be_audited_does_not_happen(store: RecordStore, store_url: str) -> None:
    engine = create_engine(store_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE events"))
    engine.dispose()
    case = a_case()

    def open_case() -> None:
        with store.transaction() as records:
            records.cases.add(case)
            records.audit.append(an_actor(), "open_case", case.case_id)

    with pytest.raises(AuditUnavailable):
        open_case()
    with store.reading() as records:
        assert records.cases.by_ids([case.case_id]) == {}
        assert records.audit.head() == (0, GENESIS)
