"""What every record store promises about photo files without a photo, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_photo, an_id
from tracing.errors import Conflict
from tracing.ports import RecordStore

HOUR = timedelta(hours=1)


def test_a_noted_file_is_settled_once(store: RecordStore) -> None:
    key = an_id()
    with store.transaction() as records:
        records.files.note(key, NOON)
    with store.transaction() as records:
        assert records.files.without_photo() == {key}
        assert [records.files.settle(key) for _ in range(2)] == [True, False]
    with store.reading() as records:
        assert records.files.without_photo() == set()
        assert records.files.given_up(9) == []


def test_a_file_that_was_given_up_is_not_settled_any_more_and_waits_until_it_is_erased(store: RecordStore) -> None:
    key = an_id()
    with store.transaction() as records:
        records.files.note(key, NOON)
        assert [records.files.give_up(key) for _ in range(2)] == [True, False]
        assert not records.files.settle(key)
        assert (records.files.given_up(9), records.files.without_photo()) == ([key], {key})
        records.files.forget(key)
        assert records.files.without_photo() == set()


def test_a_settled_file_is_neither_given_up_nor_forgotten(store: RecordStore) -> None:
    settled, noted = an_id(), an_id()
    with store.transaction() as records:
        for key in (settled, noted):
            records.files.note(key, NOON)
        records.files.settle(settled)
        assert not records.files.give_up(settled)
        records.files.forget(noted)
        assert records.files.without_photo() == {noted}


def test_files_noted_long_ago_or_by_a_clock_that_was_ahead_are_given_up(store: RecordStore) -> None:
    old, new, ahead = (an_id() for _ in range(3))
    with store.transaction() as records:
        for key, moment in ((old, NOON - 2 * HOUR), (new, NOON), (ahead, NOON + 24 * HOUR)):
            records.files.note(key, moment)
        assert records.files.noted(NOON - HOUR, NOON + HOUR) == 2
        assert records.files.give_up_noted(NOON - HOUR, NOON + HOUR) == 2
        assert records.files.noted(NOON - HOUR, NOON + HOUR) == 0
        assert records.files.given_up(9) == sorted([old, ahead])
        assert records.files.given_up(1) == [min(old, ahead)]
        assert records.files.settle(new)


def test_a_key_is_noted_once(store: RecordStore) -> None:
    key = an_id()
    with store.transaction() as records:
        records.files.note(key, NOON)
        with pytest.raises(Conflict):
            records.files.note(key, NOON)


def test_the_files_of_an_erased_case_are_to_be_erased_in_the_same_transaction(store: RecordStore) -> None:
    case = a_case()
    photos = [a_photo(case.case_id) for _ in range(2)]
    keys = sorted(photo.photo_key for photo in photos)
    with store.transaction() as records:
        records.cases.add(case)
        for photo in photos:
            records.photos.add(photo)
    with store.transaction() as records:
        assert sorted(records.cases.erase(case.case_id)) == keys
    with store.reading() as records:
        assert records.files.given_up(9) == keys
