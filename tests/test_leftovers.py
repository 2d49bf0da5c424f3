"""Photo files that an interruption left: none stays for ever, and none is taken from a photo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import CaseKind
from tracing.errors import DiskFull, NotWritable, Unavailable
from tracing.leftovers import Leftovers
from tracing.store.photos import FilePhotoStore
from tracing.store.records.photos import SqlPhotos


class PowerCut(BaseException):
    """Nothing below it runs any more."""


@contextmanager
def cut_off(patch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[None]:
    """The process dies when it comes here: nobody tidies up behind it."""

    def died(*_: object) -> None:
        raise PowerCut

    with patch.context() as patched:
        patched.setattr(owner, name, died)
        if name != "give_up":
            patched.setattr(Leftovers, "give_up", lambda *_: None)
        with pytest.raises(PowerCut):
            yield


def files(house: House) -> list[Path]:
    return [path for path in house.services.settings.photo_dir.glob("??/??/*") if path.is_file()]


def upload(house: House, person: int = 1) -> str:
    case = house.open(CaseKind.SHELTERED)
    return house.services.intake.add_photo(house.intake, case.case_id, painted_photo(person)).photo_id


def test_a_file_without_its_photo_is_no_contradiction_and_is_cleared_away_after_its_grace(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cut_off(monkeypatch, SqlPhotos, "add"):
        upload(house)
    house.services.worker.rest()
    assert (len(files(house)), house.faults()) == (1, [])
    house.clock.advance(minutes=31)
    house.services.worker.rest()
    assert (files(house), house.faults()) == ([], [])
    with house.services.store.reading() as records:
        assert records.files.without_photo() == set()


def test_half_a_file_is_cleared_away_as_well(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with cut_off(monkeypatch, Path, "rename"), monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        upload(house)
    assert [path.name.endswith(".draft") for path in files(house)] == [True]
    house.clock.advance(minutes=31)
    house.services.worker.rest()
    assert files(house) == []


def test_the_files_of_an_erased_person_go_although_the_process_died_between_rows_and_files(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.missing(1)
    with cut_off(monkeypatch, FilePhotoStore, "erase"):
        house.services.retention.erase_case(house.manager, case.case_id)
    assert (len(files(house)), house.faults()) == (1, [])
    house.services.worker.rest()
    assert files(house) == []


def test_what_is_saved_after_its_grace_is_refused_and_never_a_row_without_its_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = FilePhotoStore.put

    def slow(store: FilePhotoStore, data: bytes, key: str = "") -> str:
        put(store, data, key)
        house.clock.advance(hours=1)
        house.services.worker.rest()
        return key

    with monkeypatch.context() as patched:
        patched.setattr(FilePhotoStore, "put", slow)
        with pytest.raises(Unavailable, match="Send it again"):
            upload(house)
    assert (files(house), house.faults()) == ([], [])
    upload(house)
    assert house.faults() == []


def test_a_photo_whose_commit_went_through_keeps_its_file_although_the_answer_was_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    transaction = type(house.services.store).transaction
    settle = Leftovers.settle
    settled: list[str] = []

    @contextmanager
    def lost(store: Any) -> Iterator[Any]:
        with transaction(store) as records:
            yield records
        if settled and not settled.clear():  # type: ignore[func-returns-value]
            raise Unavailable("The connection to the database was lost. Try again.")

    def noticed(records: Any, key: str) -> None:
        settle(records, key)
        settled.append(key)

    with monkeypatch.context() as patched:
        patched.setattr(type(house.services.store), "transaction", lost)
        patched.setattr(Leftovers, "settle", staticmethod(noticed))
        with pytest.raises(Unavailable):
            upload(house)
    assert len(files(house)) == 1
    house.clock.advance(minutes=31)
    house.services.worker.rest()
    assert len(files(house)) == 1
    assert house.services.consistency.check(read_photos=True) == []


def test_a_disk_that_takes_nothing_is_no_reason_for_the_worker_to_stop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with cut_off(monkeypatch, SqlPhotos, "add"):
        upload(house)
    house.clock.advance(minutes=31)

    def refused(*_: object) -> None:
        raise NotWritable("read-only")

    with monkeypatch.context() as patched:
        patched.setattr(FilePhotoStore, "erase", refused)
        house.services.worker.rest()
        assert len(files(house)) == 1
    house.services.worker.rest()
    assert files(house) == []


def test_a_full_disk_leaves_neither_file_nor_note(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DiskFull("full")

    with monkeypatch.context() as patched:
        patched.setattr(FilePhotoStore, "put", full)
        with pytest.raises(DiskFull):
            upload(house)
    with house.services.store.reading() as records:
        assert records.files.without_photo() == set()
