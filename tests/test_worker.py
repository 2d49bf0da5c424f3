"""What is marked as waiting gets done, whatever happens to the thing beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.stories import a_neighbour, at_once, latest_run
from tracing.domain import Analysis, CaseKind, Photo
from tracing.errors import Busy, Damaged, EncoderUnavailable, Unavailable
from tracing.worker import PHOTOS, Work, Worker


@pytest.fixture
def any_house(store_url: str, tmp_path: Path) -> Iterator[House]:
    """A house on each database."""
    with a_house(tmp_path / "var", database_url=store_url) as found:
        yield found


def waiting(house: House, kind: CaseKind, person: int, shot: int = 0) -> Photo:
    """A photo that nobody has looked at yet."""
    case = house.open(kind)
    return house.services.intake.add_photo(house.intake, case.case_id, painted_photo(person, shot=shot))


def analysis_of(house: House, photo: Photo) -> Analysis:
    return house.services.intake.report(photo.photo_id).photo.analysis


def fails_for(house: House, photo: Photo, error: Exception) -> None:
    """The examiner fails for the bytes of this photo only."""
    bad, examine = house.services.photos.get(photo.photo_key), house.examiner.examine

    def picky(data: bytes, encoder_ids: object) -> object:
        if data == bad:
            raise error
        return examine(data, encoder_ids)  # type: ignore[arg-type]

    house.examiner.examine = picky  # type: ignore[assignment, method-assign]


def test_the_worker_analyses_and_searches_what_waits(house: House) -> None:
    missing, sheltered = waiting(house, CaseKind.MISSING, 1), waiting(house, CaseKind.SHELTERED, 1, shot=2)
    assert house.services.worker.work_off() == Work(photos=2, clue_searches=2)
    assert [analysis_of(house, photo) for photo in (missing, sheltered)] == [Analysis.ENROLLED] * 2
    with house.services.store.reading() as records:
        assert records.pairs.between(missing.case_id, sheltered.case_id) is not None
    assert house.services.worker.work_off() == Work()
    assert house.faults() == []


@pytest.mark.parametrize("error", [EncoderUnavailable("dead"), RuntimeError("a fault nobody foresaw"), MemoryError()])
def test_one_bad_photo_does_not_stop_the_others(house: House, error: Exception) -> None:
    first, bad, last = (waiting(house, CaseKind.MISSING, person) for person in (1, 2, 3))
    fails_for(house, bad, error)
    assert house.services.worker.work_off() == Work(photos=2, failed=1, clue_searches=3)
    assert [analysis_of(house, photo) for photo in (first, bad, last)] == [
        Analysis.ENROLLED,
        Analysis.PENDING,
        Analysis.ENROLLED,
    ]


def test_a_whole_batch_of_bad_photos_does_not_stop_the_others(house: House) -> None:
    broken = house.examiner.examine
    case = house.open(CaseKind.MISSING)
    for shot in range(PHOTOS):
        house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=shot))
    house.clock.advance(minutes=1)
    good = waiting(house, CaseKind.SHELTERED, 2)
    data = house.services.photos.get(good.photo_key)

    def only_the_last(seen: bytes, encoder_ids: object) -> object:
        if seen != data:
            raise EncoderUnavailable("dead")
        return broken(seen, encoder_ids)  # type: ignore[arg-type]

    house.examiner.examine = only_the_last  # type: ignore[assignment, method-assign]
    assert house.services.worker.work_off() == Work(photos=1, failed=PHOTOS, clue_searches=2)
    assert analysis_of(house, good) is Analysis.ENROLLED


def test_a_busy_machine_ends_the_round_and_the_searches_still_run(house: House) -> None:
    missing = house.missing(1)
    with house.services.store.transaction() as records:
        records.cases.want_search(missing.case_id)
    photo = waiting(house, CaseKind.SHELTERED, 1, shot=3)
    house.examiner.failure = Busy("too many photos")
    assert house.services.worker.work_off() == Work(searches=1, clue_searches=2)
    house.examiner.failure = None
    house.services.worker.work_off()
    assert analysis_of(house, photo) is Analysis.ENROLLED


def test_a_search_that_fails_stays_due_and_does_not_stop_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = house.missing(1), house.missing(2)
    for case in (good, bad):
        with house.services.store.transaction() as records:
            records.cases.want_search(case.case_id)
    search = house.services.matching.search

    def picky(case_id: str) -> object:
        if case_id == bad.case_id:
            raise Unavailable("not now")
        return search(case_id)

    services = house.services
    worker = Worker(services.intake.pending, services.intake.analyse, services.matching.due, picky, lambda _: 0)
    done = worker.work_off()
    assert done.searches == 1
    assert done.failed >= 1
    assert services.matching.due(9) == [bad.case_id]
    assert services.worker.work_off() == Work(searches=1, clue_searches=2)
    assert services.matching.due(9) == []


def test_a_case_that_is_in_the_way_is_found_by_halves_and_holds_up_no_other() -> None:
    due, tried = [f"case {number}" for number in range(100)], list[int]()

    def together(case_ids: list[str]) -> int:
        tried.append(len(case_ids))
        if "case 42" in case_ids:
            raise Damaged("the template of case 42 does not open")
        return len(case_ids)

    def alone(case_id: str) -> None:
        together([case_id])

    worker = Worker(lambda _: [], lambda _: True, lambda _: due, alone, together)
    assert worker.round() == Work(searches=99, failed=1)
    assert len(tried) < 20, "and not each of a hundred alone"


def test_where_the_records_are_away_all_searches_wait_and_none_is_tried_alone() -> None:
    tried: list[list[str]] = []

    def together(case_ids: list[str]) -> int:
        tried.append(case_ids)
        raise Unavailable("The database is busy.")

    def alone(_: str) -> None:
        raise AssertionError("each would wait as long again")

    worker = Worker(lambda _: [], lambda _: True, lambda _: ["a", "b", "c"], alone, together)
    assert worker.round() == Work(failed=3)
    assert tried == [["a", "b", "c"]]


def test_a_search_that_fails_at_the_end_of_an_analysis_comes_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The template is committed, the process dies before the search: the due mark brings it back."""
    missing = house.missing(1)
    photo = waiting(house, CaseKind.SHELTERED, 1, shot=3)

    def dies(_: str) -> None:
        raise Unavailable("the process was killed here")

    monkeypatch.setattr(house.services.intake, "_search", dies)
    with pytest.raises(Unavailable):
        house.services.intake.analyse(photo.photo_id)
    assert house.services.matching.due(9) == [photo.case_id]
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        assert records.pairs.between(missing.case_id, photo.case_id) is not None
    assert house.faults() == []


def test_two_workers_at_once_do_everything_once(any_house: House) -> None:
    house = any_house
    photos = [waiting(house, kind, person, shot=number) for person in (1, 2, 3, 4) for number, kind in enumerate(CaseKind)]
    with a_neighbour(house) as other:
        results = at_once(house.services.worker.work_off, other.worker.work_off, house.services.worker.work_off)
        assert all(isinstance(result, Work) and not result.failed for result in results), results
        house.services.worker.work_off()
    assert house.examiner.examined == len(photos)
    assert {analysis_of(house, photo) for photo in photos} == {Analysis.ENROLLED}
    with house.services.store.reading() as records:
        for one, other_photo in zip(photos[::2], photos[1::2], strict=True):
            assert records.pairs.between(one.case_id, other_photo.case_id) is not None
    assert house.faults() == []


def test_a_worker_that_is_told_to_stop_stops_and_the_next_one_goes_on(house: House) -> None:
    photos = [waiting(house, CaseKind.MISSING, person) for person in (1, 2, 3)]
    stop, examine = threading.Event(), house.examiner.examine

    def told_meanwhile(*args: object) -> object:
        stop.set()
        return examine(*args)  # type: ignore[arg-type]

    house.examiner.examine = told_meanwhile  # type: ignore[assignment, method-assign]
    assert house.services.worker.work_off(stop=stop) == Work(photos=1)
    assert house.services.worker.work_off() == Work(photos=2, clue_searches=3)
    assert {analysis_of(house, photo) for photo in photos} == {Analysis.ENROLLED}


def test_the_loop_outlives_a_store_that_is_gone_for_a_while() -> None:
    stop, calls = threading.Event(), []

    def gone_at_first(limit: int) -> list[str]:
        calls.append(limit)
        if len(calls) == 1:
            raise Unavailable("the database restarts")
        if len(calls) == 3:
            stop.set()
        return []

    Worker(gone_at_first, lambda _: True, lambda _: [], lambda _: None, lambda _: 0).run(stop, pause=0.001)
    assert len(calls) == 3


def test_a_chore_that_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    name = "王" + "建国"

    def fails() -> None:
        done.append("first")
        raise Unavailable("the disk is full")

    def fails_too() -> None:
        raise ValueError(name)

    worker = Worker(
        lambda _: [], lambda _: True, lambda _: [], lambda _: None, lambda _: 0, [fails, fails_too, lambda: done.append("last")]
    )
    with pytest.raises(Unavailable, match="full"):
        worker.rest()
    assert done == ["first", "last"]
    assert "ValueError" in caplog.text
    assert name not in caplog.text


def test_progress_is_reported_round_by_round(house: House) -> None:
    for person in range(PHOTOS + 2):
        waiting(house, CaseKind.MISSING, 50 + person)
    heard: list[Work] = []
    house.services.worker.work_off(heard.append)
    assert [work.photos for work in heard] == [PHOTOS, PHOTOS + 2]


@pytest.mark.parametrize("secret", ["李秀英", "13800001234"])
def test_the_log_of_a_failure_names_no_person(house: House, caplog: pytest.LogCaptureFixture, secret: str) -> None:
    case = house.open(CaseKind.MISSING, names=(secret,))
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    fails_for(house, photo, EncoderUnavailable("The encoder died."))
    house.services.worker.work_off()
    assert photo.photo_id in caplog.text
    assert secret not in caplog.text


def test_nothing_to_do_is_done_at_once(house: House) -> None:
    idle: Callable[[], Work] = house.services.worker.work_off
    assert idle() == Work()
    missing = house.missing(1)
    assert latest_run(house, missing).case_id == missing.case_id
