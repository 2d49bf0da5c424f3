"""A gallery on Milvus, in a file: one for all processes, written by one at a time, and never the truth."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.house import House, a_house
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, a_neighbour, at_once, found_by, reindexed, two_encoders
from tracing import sharing
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.consistency import Fault
from tracing.domain import CaseKind, Collection, Outcome, Vector
from tracing.errors import Unavailable
from tracing.gallery import Gallery
from tracing.index.milvus_index import MilvusIndex
from tracing.index.milvus_server import MilvusServer, parsed, server
from tracing.shared import Position

__all__ = ["two_encoders"]


@pytest.fixture
def milvus(milvus_lite_uri: str) -> MilvusServer:
    return server(parsed(milvus_lite_uri))


@pytest.fixture
def house(tmp_path: Path, milvus_lite_uri: str) -> Iterator[House]:
    with a_house(tmp_path / "var", index=f"milvus:{milvus_lite_uri}") as found:
        yield found


def gallery(services: Services) -> Gallery:
    """Up to date."""
    found = services.galleries.of(DEFAULT_ENCODER)
    with services.store.reading() as records:
        found.refresh(records)
    return found


def indexes(services: Services) -> dict[Collection, MilvusIndex]:
    there = services.galleries.of(DEFAULT_ENCODER)._places.indexes
    return {collection: index for collection, index in there.items() if isinstance(index, MilvusIndex)}


def held(services: Services) -> dict[int, Collection]:
    """What Milvus holds, whatever a gallery thinks."""
    return {int(name): collection for collection, index in indexes(services).items() for name in index.ids()}


def expected(services: Services) -> dict[int, str]:
    with services.store.reading() as records:
        return records.gallery.expected(DEFAULT_ENCODER)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many templates each addition took to Milvus."""
    seen: list[int] = []
    add = MilvusIndex.add

    def noted(self: MilvusIndex, ids: Any, vectors: Any) -> None:
        seen.append(len(ids))
        add(self, ids, vectors)

    monkeypatch.setattr(MilvusIndex, "add", noted)
    return seen


def test_what_one_process_enrols_another_finds_and_does_not_write_again(house: House, written: list[int]) -> None:
    people = [house.missing(person) for person in range(3)]
    intake = house.sheltered(1)
    with a_neighbour(house) as neighbour:
        written.clear()
        assert people[1].case_id in found_by(neighbour, intake)
        later = house.missing(7)
        assert written == [1]
        assert later.case_id in found_by(neighbour, house.beside(neighbour).sheltered(7))
        assert written == [1, 1]
        assert gallery(neighbour).snapshot() == held(house.services) == expected(house.services)
    assert house.faults() == []


def test_an_erased_person_is_found_by_nobody_and_leaves_milvus_with_the_next_search_of_anyone(house: House) -> None:
    person, intake = house.missing(1), house.sheltered(1)
    with a_neighbour(house) as neighbour:
        assert person.case_id in found_by(neighbour, intake)
        house.services.retention.erase_case(house.manager, person.case_id)
        assert person.case_id not in found_by(neighbour, intake)
        assert held(house.services) == expected(house.services)


def test_what_milvus_still_holds_of_an_erased_person_is_not_found(house: House) -> None:
    """As after a restored Milvus, or a process that died between two removals."""
    person, other, intake = house.missing(1), house.missing(2), house.sheltered(1)
    gallery(house.services)
    index = indexes(house.services)[Collection.MISSING]
    (name,) = [hits[0].template_id for hits in index.search(_template(house, person.case_id), 1)]
    vector = _template(house, person.case_id)
    house.services.retention.erase_case(house.manager, person.case_id)
    assert person.case_id not in found_by(house.services, intake)
    index.add(_name(name), vector)
    index.add(_name(10**9), vector)
    assert person.case_id not in found_by(house.services, intake)
    with a_neighbour(house) as neighbour:
        assert person.case_id not in found_by(neighbour, intake)
        assert other.case_id in gallery(neighbour)._places.owners.cases(Collection.MISSING)
    findings = house.services.consistency.check()
    assert {(finding.fault, finding.subject) for finding in findings} == {
        (Fault.GALLERY_DIFFERS, str(name)),
        (Fault.GALLERY_DIFFERS, str(10**9)),
    }
    assert "the shared gallery" in findings[0].message


def test_a_template_that_moves_is_in_one_collection(house: House) -> None:
    person = house.sheltered(1)
    assert set(gallery(house.services).snapshot().values()) == {Collection.IN_CARE}
    house.services.casework.close(house.manager, person.case_id, Outcome.TRANSFERRED, "to the city's shelter")
    assert set(gallery(house.services).snapshot().values()) == set(expected(house.services).values())
    assert held(house.services) == expected(house.services)


def test_a_filling_that_is_interrupted_is_completed_by_the_next_process(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [house.missing(person) for person in range(6)]
    intake = house.sheltered(2)
    for index in indexes(house.services).values():
        index.empty()
    monkeypatch.setattr(sharing, "WRITTEN", 2)
    mark = MilvusIndex.mark

    def dies(self: MilvusIndex, position: Position) -> None:
        if position.after >= 4:
            raise KeyboardInterrupt
        mark(self, position)

    with a_neighbour(house) as neighbour:
        monkeypatch.setattr(MilvusIndex, "mark", dies)
        with pytest.raises(KeyboardInterrupt):
            gallery(neighbour)
        monkeypatch.setattr(MilvusIndex, "mark", mark)
    assert {index.position().after for index in indexes(house.services).values() if index.position()} == {2}  # type: ignore[union-attr]
    with a_neighbour(house) as neighbour:
        assert people[2].case_id in found_by(neighbour, intake)
        assert held(neighbour) == expected(neighbour)


@pytest.mark.parametrize("lost", list(Collection))
def test_a_collection_that_was_removed_is_filled_anew(house: House, milvus: MilvusServer, lost: Collection) -> None:
    person, intake = house.missing(1), house.sheltered(1)
    gallery(house.services)
    index = indexes(house.services)[lost]
    milvus.ask("drop_collection", index._there())
    results = []
    for _ in range(2):
        try:
            results.append(person.case_id in found_by(house.services, intake))
        except Unavailable:
            results.append(None)
    assert results in ([True, True], [None, True])
    assert held(house.services) == expected(house.services)


def test_records_from_an_older_backup_are_not_searched_with_the_newer_gallery(house: House, tmp_path: Path) -> None:
    """The audit has other rows where the gallery saw some, or none yet."""
    house.missing(1)
    shutil.copytree(house.services.settings.data_dir, tmp_path / "backup")
    later = [house.missing(person) for person in range(2, 5)]
    gallery(house.services)
    restored = build(
        Settings(data_dir=tmp_path / "backup", index=house.services.settings.index), house.clock, examiner=house.examiner
    )
    there = house.beside(restored)
    assert gallery(restored).snapshot() == held(restored) == expected(restored)
    assert len(held(restored)) == 1
    others = [there.missing(person) for person in range(20, 24)]
    assert not {case.case_id for case in later} & found_by(restored, there.sheltered(2))
    assert others[1].case_id in found_by(restored, there.sheltered(21))
    assert there.faults() == []
    restored.close()


def test_two_services_in_one_milvus_do_not_touch_each_other(house: House, tmp_path: Path) -> None:
    mine = house.missing(1)
    with a_house(tmp_path / "other", index=house.services.settings.index) as other:
        theirs, intake = other.missing(1), other.sheltered(1)
        assert found_by(other.services, intake) == {theirs.case_id}
        assert not set(_names(other.services)) & set(_names(house.services))
    assert found_by(house.services, house.sheltered(1)) == {mine.case_id}
    assert house.faults() == []


def test_while_milvus_is_down_the_service_starts_keeps_cases_and_searches_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, milvus_lite_uri: str
) -> None:
    with a_house(tmp_path / "var", index=f"milvus:{milvus_lite_uri}") as house:
        ask = MilvusServer.ask

        def down(self: MilvusServer, *words: Any, **named: Any) -> None:
            raise self._out_of_reach()

        monkeypatch.setattr(MilvusServer, "ask", down)
        person, intake = house.open(CaseKind.MISSING), house.open(CaseKind.SHELTERED)
        for shot, case in enumerate((person, intake)):
            with pytest.raises(Unavailable, match="Searches wait"):
                house.photograph(case, 1, shot=shot)
        assert set(house.services.matching.due(10)) == {person.case_id, intake.case_id}
        assert house.services.worker.round().failed == 2
        monkeypatch.setattr(MilvusServer, "ask", ask)
        assert house.services.worker.round().searches == 2
        assert house.services.matching.due(10) == []
        assert house.paired(person, intake)


def test_a_gallery_that_another_process_is_writing_is_not_waited_for_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracing.store.holding.PATIENCE_S", 0.1)
    intake = house.sheltered(1)
    gallery(house.services)
    with house.services.store.hold(f"gallery of {DEFAULT_ENCODER}"), a_neighbour(house) as neighbour:
        assert found_by(neighbour, intake) == set()  # there is nothing to write
        person = house.open(CaseKind.MISSING)
        with pytest.raises(Unavailable, match="Another process"):
            house.photograph(person, 1)
        with pytest.raises(Unavailable, match="Another process"):
            found_by(neighbour, intake)
    assert person.case_id in found_by(house.services, intake)


def test_processes_that_write_at_once_lose_and_double_nothing(house: House) -> None:
    with a_neighbour(house) as second, a_neighbour(house) as third:
        houses = [house, house.beside(second), house.beside(third)]

        def enrol(place: int) -> None:
            for number in range(4):
                case = houses[place].missing(100 * place + number)
                if number % 2:
                    houses[place].services.retention.erase_case(house.manager, case.case_id)
                gallery(houses[place].services)

        assert at_once(*(lambda place=place: enrol(place) for place in range(3))) == [None] * 3
        for each in houses:
            assert gallery(each.services).snapshot() == expected(house.services)
    assert len(held(house.services)) == 6
    assert house.faults() == []


def test_a_search_beside_a_filling_waits_and_then_finds(house: House) -> None:
    people = [house.missing(person) for person in range(3)]
    intake = house.sheltered(1)
    for index in indexes(house.services).values():
        index.empty()
    filler = threading.Thread(target=lambda: gallery(house.services))
    with a_neighbour(house) as neighbour:
        filler.start()
        while True:
            with suppress(Unavailable):  # the collection was being made; a search that is refused stays due
                assert people[1].case_id in found_by(neighbour, intake)
                break
        filler.join(timeout=30)
    assert held(house.services) == expected(house.services)


def test_a_retired_generation_keeps_its_collections_for_a_way_back(
    tmp_path: Path, milvus_lite_uri: str, two_encoders: None
) -> None:
    with a_house_with_two_encoders(tmp_path / "var", index=f"milvus:{milvus_lite_uri}") as house:
        person, intake = house.missing(1), house.sheltered(1)
        reindexed(house)
        assert person.case_id in found_by(house.services, intake)
        there = house.services.galleries.of(SECOND_ENCODER).snapshot()
        assert len(there) == len(held(house.services)) == 2
        assert not set(there) & set(held(house.services))
        house.services.reindex.rollback(SYSTEM)
        assert person.case_id in found_by(house.services, intake)
        assert house.faults() == []


def test_l8_the_worker_takes_an_erased_person_out_of_every_generation_s_collections_though_nobody_searches(
    tmp_path: Path, milvus_lite_uri: str, two_encoders: None
) -> None:
    with a_house_with_two_encoders(tmp_path / "var", index=f"milvus:{milvus_lite_uri}") as house:
        person, face = house.missing(1), house.missing(2)
        gallery(house.services)
        reindexed(house)
        house.services.worker.work_off()
        held_by = {encoder_id: _held_by(house.services, encoder_id) for encoder_id in (DEFAULT_ENCODER, SECOND_ENCODER)}
        assert [len(each) for each in held_by.values()] == [2, 2]
        house.services.retention.erase_case(house.manager, person.case_id)
        house.services.withdrawing.withdraw(house.intake, face.case_id, "as she wished")
        house.services.worker.rest()
        for encoder_id in held_by:
            assert _held_by(house.services, encoder_id) == set()


def test_while_milvus_is_down_the_worker_tries_again_a_minute_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    person = house.missing(1)
    gallery(house.services)
    house.services.retention.erase_case(house.manager, person.case_id)
    asked: list[str] = []

    def down(self: MilvusServer, *words: Any, **named: Any) -> None:
        asked.append("")
        raise self._out_of_reach()

    with monkeypatch.context() as away:
        away.setattr(MilvusServer, "ask", down)
        house.services.worker.rest()
        tries = len(asked)
        house.services.worker.rest()
        assert len(asked) == tries > 0
    house.clock.advance(minutes=1)
    house.services.worker.rest()
    assert held(house.services) == {}


def _held_by(services: Services, encoder_id: str) -> set[int]:
    indexes = services.galleries.of(encoder_id)._places.indexes.values()
    return {int(name) for index in indexes for name in index.ids()}


def _names(services: Services) -> list[str]:
    gallery(services)
    return [index._there() for index in indexes(services).values()]


def _name(template_id: int) -> NDArray[np.int64]:
    return np.array([template_id])


def _template(house: House, case_id: str) -> Vector:
    with house.services.store.reading() as records:
        return records.faces.templates(case_id, DEFAULT_ENCODER)[0].vector[np.newaxis]
