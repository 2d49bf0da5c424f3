"""What a sender has ended stays ended: no older version of a record brings anybody back, in whatever order they come."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from itertools import count, permutations
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from tests.exchange.test_pfif import a_person
from tests.house import House, a_house
from tests.partners.test_taking import EARLIER, LATER, cases, counts, desk, errors, expired, take
from tests.stories import killed_after
from tracing.access import SYSTEM
from tracing.domain import ImportedRecord
from tracing.expiry.policy import Kept
from tracing.partners.ending import ENDED
from tracing.store.tables import ended_records

RECORD: Final = "police.example.cn/1"
NUMBERS: Final = count(1)


def test_l8_an_old_version_does_not_bring_back_whom_the_sender_has_ended(house: House) -> None:
    take(house, a_person(1, **EARLIER))
    take(house, a_person(1))
    assert counts(take(house, expired())) == (0, 0, 1, 0)
    for version in (a_person(1, **EARLIER), a_person(1), a_person(1, full_name="王建军", **LATER)):
        taken = take(house, version, a_person(2))
        assert errors(taken) == {RECORD: ENDED}
        assert [case.title for case in cases(house)] == ["王建国"], "the other one comes in"
    assert house.faults() == []


def test_l8_nor_does_it_where_the_placeholder_came_first(house: House) -> None:
    assert counts(take(house, expired())) == (0, 1, 0, 0)
    assert errors(take(house, a_person(1))) == {RECORD: ENDED}
    assert cases(house) == []


def test_what_was_written_later_than_the_end_is_taken_and_ends_again(house: House) -> None:
    take(house, a_person(1))
    take(house, expired())
    house.clock.advance(days=3)
    again = a_person(1, full_name="王建军", source_date="2026-03-02T08:30:01Z")
    assert counts(take(house, again)) == (1, 0, 0, 0)
    assert counts(take(house, again)) == (0, 1, 0, 0)
    assert errors(take(house, expired()))[RECORD] != ENDED, "the end is older than what is here"
    assert [case.title for case in cases(house)] == ["王建军"]
    assert counts(take(house, expired(source_date="2026-03-03T08:30:00Z"))) == (0, 0, 1, 0)
    assert errors(take(house, again)) == {RECORD: ENDED}


def test_a_record_that_ran_out_here_without_a_placeholder_does_not_come_back_by_an_older_file(house: House) -> None:
    end = house.clock.now + timedelta(days=3)
    take(house, a_person(1, expiry_date=f"{end:%Y-%m-%dT%H:%M:%SZ}"))
    house.clock.now = end
    assert errors(take(house, a_person(1))) == {RECORD: ENDED}, "nor while the worker has not looked yet"
    house.services.purging.tend()
    assert errors(take(house, a_person(1), a_person(2, **EARLIER))) == {RECORD: ENDED}
    assert [each["source_date"] for each in noted(house)] == [datetime.fromisoformat("2026-03-01T08:30:00Z")]


def test_a_newer_version_is_taken_though_the_worker_has_not_yet_erased_the_one_that_ran_out(house: House) -> None:
    end = house.clock.now + timedelta(days=3)
    take(house, a_person(1, expiry_date=f"{end:%Y-%m-%dT%H:%M:%SZ}"))
    (before,) = cases(house)
    house.clock.now = end
    assert counts(take(house, a_person(1, full_name="王建军", **LATER), a_person(2))) == (2, 0, 0, 0)
    house.services.purging.tend()
    assert sorted(case.title for case in cases(house)) == ["王建军", "王建国"]
    assert before.case_id not in {case.case_id for case in cases(house)}
    assert house.faults() == []


@pytest.mark.parametrize("order", list(permutations(["old", "newest", "end"])))
def test_in_one_file_the_latest_of_a_record_counts_and_its_end_before_what_is_no_newer(
    house: House, order: tuple[str, ...]
) -> None:
    said = {"old": a_person(1, **EARLIER), "newest": a_person(1, full_name="x", **LATER), "end": expired()}
    taken = take(house, *(said[each] for each in order))
    assert cases(house) == []
    assert taken.parsed == len(taken.skipped) + taken.left
    assert errors(take(house, said["newest"])) == {RECORD: ENDED}


def test_what_another_station_may_not_end_is_not_noted_and_what_it_may_not_change_is_not_dated(house: House) -> None:
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    take(house, a_person(1))
    north = desk(house, "north")
    ends = f"{house.clock() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    for record in (expired(), a_person(1, full_name="x", expiry_date=ends, **LATER)):
        assert "another station" in errors(take(house, record, actor=north))[RECORD]
    assert counts(take(house, a_person(1))) == (0, 1, 0, 0)
    house.clock.advance(days=2)
    assert len(cases(house)) == 1


def test_an_end_that_comes_while_the_old_version_is_being_opened_ends_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    taking = house.services.taking
    bring = taking._importing.bring

    def meanwhile(*words: Any) -> Any:
        monkeypatch.setattr(taking._importing, "bring", bring)
        assert counts(take(house, expired())) == (0, 1, 0, 0)
        return bring(*words)

    monkeypatch.setattr(taking._importing, "bring", meanwhile)
    take(house, a_person(1))
    assert known(house) == {}


def test_an_old_version_that_is_opened_while_its_end_is_being_written_goes_as_well(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look at what is here, and before anybody else can read that it has ended; SQLite has one writer at a time."""
    with a_house(tmp_path / "var", database_url=postgres_url) as house:
        _opened_while_it_ends(house, monkeypatch)


def _opened_while_it_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = house.services.taking._ending
    date = ending._date

    def opened_right_after(*words: Any) -> Any:
        found = date(*words)
        monkeypatch.setattr(ending, "_date", date)
        assert counts(take(house, a_person(1))) == (1, 0, 0, 0)
        return found

    monkeypatch.setattr(ending, "_date", opened_right_after)
    assert counts(take(house, expired())) == (0, 0, 1, 0)
    assert known(house) == {}


@pytest.mark.parametrize("survived", range(1, 5))
def test_an_end_that_was_cut_off_once_it_was_noted_is_carried_out_by_a_worker(
    house: House, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    take(house, a_person(1))
    with killed_after(survived, house, monkeypatch):
        take(house, expired())
    house.services.purging.tend()
    assert cases(house) == []
    assert errors(take(house, a_person(1))) == {RECORD: ENDED}
    assert house.faults() == []


def known(house: House) -> dict[str, ImportedRecord]:
    with house.services.store.reading() as records:
        return records.imports.known("police.example.cn", [RECORD])


def noted(house: House) -> list[Any]:
    url = house.services.settings.store_url
    with closing(create_engine(url).connect()) as connection:
        return [row._mapping for row in connection.execute(select(ended_records))]


def test_what_is_kept_of_it_is_a_keyed_digest_and_two_dates(house: House, tmp_path: Path) -> None:
    take(house, a_person(1))
    take(house, expired())
    (row,) = noted(house)
    assert set(row) == {"record_digest", "source_date", "told_at"}
    assert len(row["record_digest"]) == 64
    with a_house(tmp_path / "elsewhere") as other:
        take(other, expired())
        assert noted(other)[0]["record_digest"] != row["record_digest"], "under another key it is another one"


def test_l7_it_is_kept_for_its_time_from_the_sender_s_last_word_and_no_longer(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("ended_records = 30\n", "utf-8")
    with a_house(tmp_path / "var", retention_rules=tmp_path / "rules.toml") as house:
        take(house, a_person(1))
        take(house, expired())
        house.clock.advance(days=20)
        take(house, expired())
        house.clock.advance(days=29)
        house.services.purging.purge(SYSTEM)
        assert errors(take(house, a_person(1))) == {RECORD: ENDED}
        house.clock.advance(days=1)
        (holding,) = (each for each in house.services.purging.overview(SYSTEM) if each.kind is Kept.ENDED_RECORDS)
        assert (holding.kept, holding.over) == (1, 1)
        house.services.purging.purge(SYSTEM)
        assert noted(house) == []


def test_a_new_key_of_the_service_does_not_let_it_be_forgotten(house: House) -> None:
    take(house, expired())
    house.services.rotation.rotate()
    assert errors(take(house, a_person(1))) == {RECORD: ENDED}


VERSION: Final = st.tuples(st.sampled_from(["record", "placeholder", "expired"]), st.integers(0, 3))


@pytest.mark.long
def test_no_order_of_versions_and_ends_leaves_open_what_has_ended(house: House) -> None:
    """Nor closes what was written later than every end; whatever came in one file, was read twice, or erased in between."""

    @settings(max_examples=150)
    @given(files=st.lists(st.lists(VERSION, min_size=1, max_size=3), min_size=1, max_size=5), tended=st.booleans())
    def whatever_comes(files: list[list[tuple[str, int]]], tended: bool) -> None:
        number = next(NUMBERS)
        for versions in files:
            take(house, *(_version(number, kind, hour) for kind, hour in versions))
            if tended:
                house.services.purging.tend()
        said = [(hour, kind == "record") for versions in files for kind, hour in versions]
        latest = max(hour for hour, _ in said)
        there = all(lives for hour, lives in said if hour == latest)
        with house.services.store.reading() as records:
            left = records.imports.known("police.example.cn", [f"police.example.cn/{number}"])
        assert bool(left) is there

    whatever_comes()
    assert house.faults() == []


def _version(number: int, kind: str, hour: int) -> str:
    at = {"source_date": f"2026-03-01T0{hour}:30:00Z"}
    if kind == "placeholder":
        return expired(number, expiry_date=at["source_date"], **at)
    return a_person(number, **at, **({"expiry_date": "2026-03-01T09:00:00Z"} if kind == "expired" else {}))
