"""What a decision rested on is written down as it was at that moment, whatever changes afterwards."""

from __future__ import annotations

import pytest

from tests.house import House
from tests.stories import by_hand, latest_run
from tracing.domain import Case, Grounds, Pair
from tracing.errors import NotFound
from tracing.evidence import calibration_of
from tracing.grounds import grounds_of


@pytest.fixture
def two(house: House) -> tuple[Case, Case]:
    return house.missing(1), house.sheltered(1)


def grounds(house: House, pair: Pair) -> Grounds:
    with house.services.store.reading() as records:
        return grounds_of(records, records.pairs.get(pair.pair_id), calibration_of)


def digests(house: House, case: Case) -> tuple[str, ...]:
    with house.services.store.reading() as records:
        return tuple(sorted(photo.sha256 for photo in records.photos.of_case(case.case_id)))


def test_they_are_the_list_the_score_and_both_peoples_photos(house: House, two: tuple[Case, Case]) -> None:
    pair = house.pair(*two)
    found, run = grounds(house, pair), latest_run(house, two[1])
    assert (found.list_id, found.generation_id, found.gallery_size) == (run.run_id, run.generation_id, run.gallery_size)
    assert (found.score, found.rank) == (pair.score, pair.rank)
    assert found.encoder_id == "dlib-resnet-v1"
    assert found.photos == {case.case_id: digests(house, case) for case in two}
    assert all(len(each) == 1 for each in found.photos.values())


def test_the_calibration_is_whole_and_none_where_nobody_has_measured(house: House, two: tuple[Case, Case]) -> None:
    pair = house.pair(*two)
    kept = grounds(house, pair).calibration
    with house.services.store.reading() as records:
        measured = calibration_of(records.generations.active())
        bare = grounds_of(records, pair, lambda _: None)
    assert measured is not None
    assert kept == measured.to_dict()
    assert bare.calibration is None


def test_photos_stand_in_the_order_of_their_digests_and_all_of_them(house: House, two: tuple[Case, Case]) -> None:
    for shot in range(3):
        house.photograph(two[0], 1, shot=100 + shot)
    found = grounds(house, house.pair(*two)).photos[two[0].case_id]
    assert found == digests(house, two[0])
    assert len(found) == 4


def test_a_case_whose_photos_are_gone_has_none(house: House, two: tuple[Case, Case]) -> None:
    by_hand(house, "DELETE FROM photos WHERE case_id = ?", values=(two[0].case_id,))
    assert grounds(house, house.pair(*two)).photos[two[0].case_id] == ()


def test_a_list_that_is_gone_is_an_error_and_no_invented_size(house: House, two: tuple[Case, Case]) -> None:
    by_hand(house, "DELETE FROM search_runs")
    with pytest.raises(NotFound):
        grounds(house, house.pair(*two))


def test_what_was_written_down_does_not_follow_later_changes(house: House, two: tuple[Case, Case]) -> None:
    pair = house.pair(*two)
    before = grounds(house, pair)
    house.judge(house.reviewer, pair)
    house.photograph(two[0], 1, shot=77)
    with house.services.store.reading() as records:
        kept = records.pairs.decisions(pair.pair_id)[0].grounds
    assert kept == before
    assert grounds(house, pair) != before
