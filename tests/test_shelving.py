"""A process that starts takes over the gallery that another one kept, and what moved since: the records stay the truth."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, a_house, keyring_of
from tests.stories import a_neighbour, found_by
from tracing import gallery as gallery_module
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.consistency import Fault
from tracing.domain import Collection, Outcome
from tracing.gallery import Gallery
from tracing.store.shelf import FileShelf


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(gallery_module, "SHELVED_FROM", 2)
    with a_house(tmp_path / "var") as found:
        yield found


def kept(house: House) -> Path:
    return house.services.settings.gallery_dir / f"{DEFAULT_ENCODER}.gallery"


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After which change each filling began to read the records."""
    seen: list[int] = []
    batches = Gallery._batches

    def noted(self: Gallery, records: object, start: int | None = None) -> object:
        if start is not None:
            seen.append(start)
        return batches(self, records, start)  # type: ignore[arg-type]

    monkeypatch.setattr(Gallery, "_batches", noted)
    return seen


def test_the_next_process_takes_it_over_and_follows_what_moved_since(house: House, read_from: list[int]) -> None:
    people = [house.missing(person) for person in range(3)]
    assert house.services.shelving.shelve() == 1
    later = house.missing(7)
    house.services.casework.close(house.manager, people[0].case_id, Outcome.WITHDRAWN, "the family asked for it")
    intake = house.sheltered(1)
    read_from.clear()
    with a_neighbour(house) as neighbour:
        assert people[1].case_id in found_by(neighbour, intake)
        assert read_from[0] > 0
        with neighbour.store.reading() as records:
            expected = records.gallery.expected(DEFAULT_ENCODER)
        there = neighbour.galleries.of(DEFAULT_ENCODER).snapshot()
        assert there == expected
        assert len(there) == 4
        assert later.case_id in found_by(neighbour, house.sheltered(7))


def test_it_is_kept_again_only_when_enough_has_moved(house: House) -> None:
    for person in range(3):
        house.missing(person)
    ours = house.services.shelving
    assert [ours.shelve(), ours.shelve()] == [1, 0]
    house.missing(8)
    assert ours.shelve() == 0
    house.missing(9)
    assert ours.shelve() == 1


def test_an_erased_person_is_neither_on_disk_nor_found(house: House) -> None:
    people = [house.missing(person) for person in range(3)]
    intake = house.sheltered(1)
    house.services.shelving.shelve()
    house.services.retention.erase_case(house.manager, people[1].case_id)
    assert not kept(house).exists()
    with a_neighbour(house) as neighbour:
        assert people[1].case_id not in found_by(neighbour, intake)


def test_a_gallery_that_an_erasure_overtook_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [house.missing(person) for person in range(3)]
    save = FileShelf.save

    def slowly(self: FileShelf, *arguments: object) -> None:
        house.services.retention.erase_case(house.manager, people[1].case_id)
        save(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(FileShelf, "save", slowly)
    assert house.services.shelving.shelve() == 0
    assert not kept(house).exists()


def test_what_was_kept_of_other_records_is_not_taken(house: House, read_from: list[int], tmp_path: Path) -> None:
    """A database that was brought back from a backup: the audit has other rows where the kept gallery saw some."""
    house.missing(1)
    shutil.copytree(house.services.settings.data_dir, tmp_path / "backup")
    for person in range(2, 5):
        house.missing(person)
    house.services.shelving.shelve()
    folder = tmp_path / "backup" / "galleries"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept(house).parent, folder)
    restored = build(Settings(data_dir=tmp_path / "backup"), house.clock, examiner=house.examiner)
    there = house.beside(restored)
    read_from.clear()
    others = [there.missing(person) for person in range(20, 26)]
    assert read_from == [0]
    assert there.faults() == []
    assert {each.case_id for each in others} <= set(
        restored.galleries.of(DEFAULT_ENCODER)._places.owners.cases(Collection.MISSING)
    )
    restored.close()


def test_a_damaged_one_costs_time_and_nothing_else(house: House, read_from: list[int]) -> None:
    people = [house.missing(person) for person in range(3)]
    intake = house.sheltered(1)
    house.services.shelving.shelve()
    kept(house).write_bytes(kept(house).read_bytes()[:-40])
    read_from.clear()
    with a_neighbour(house) as neighbour:
        assert people[1].case_id in found_by(neighbour, intake)
    assert read_from == [0]


def test_a_full_disk_is_logged_and_costs_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for person in range(3):
        house.missing(person)
    monkeypatch.setattr(FileShelf, "save", full)
    with caplog.at_level(logging.WARNING):
        assert house.services.shelving.shelve() == 0
        assert house.services.shelving.shelve() == 0
    assert caplog.text.count("No space left") == 1


def test_an_index_that_cannot_be_kept_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery_module, "SHELVED_FROM", 1)
    with a_house(tmp_path / "var", index="exact") as house:
        house.missing(1)
        assert house.services.shelving.shelve() == 0


def test_the_check_compares_what_was_kept_with_the_records_too(house: House) -> None:
    for person in range(3):
        house.missing(person)
    house.services.shelving.shelve()
    assert house.faults() == []
    shelf = FileShelf(kept(house).parent, keyring_of(house.services))
    whole = shelf.load(DEFAULT_ENCODER)
    assert whole is not None
    swapped = {"missing": "in_care", "in_care": "missing"}
    indexes = {swapped.get(name, name): facts for name, facts in whole.facts["indexes"].items()}
    arrays = {"/".join(swapped.get(part, part) for part in key.split("/")): each for key, each in whole.arrays.items()}
    shelf.save(DEFAULT_ENCODER, {**whole.facts, "indexes": indexes}, arrays)
    assert {finding.fault for finding in house.services.consistency.check()} == {Fault.GALLERY_DIFFERS}


def test_what_searches_find_is_kept_with_the_generation(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def stored() -> object:
        (generation,) = house.services.reindex.generations()
        return generation.report.get("index_recall")

    house.missing(1)
    house.services.worker.work_off()
    house.services.shelving.rest()
    assert stored() == {"missing": 1.0, "in_care": 1.0, "past": 1.0}
    monkeypatch.setattr(Gallery, "recall", lambda self, collection: 0.9997 if collection is Collection.MISSING else 1.0)
    house.services.shelving.rest()
    assert stored() == {"missing": 0.9997, "in_care": 1.0, "past": 1.0}
    monkeypatch.setattr(house.services.shelving, "_write", None)  # unchanged, it is not written again
    house.services.shelving.rest()


def test_a_verification_keeps_what_was_measured_and_the_other_way_round(house: House) -> None:
    house.missing(1)
    (generation,) = house.services.reindex.generations()
    house.services.validation.verify(SYSTEM, generation.generation_id)
    house.services.shelving.rest()
    (generation,) = house.services.reindex.generations()
    assert generation.report["faces"] == 1
    assert generation.report["index_recall"]["missing"] == 1.0
