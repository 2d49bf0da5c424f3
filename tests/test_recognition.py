"""The report on the recognition, from stories through the real services."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import House
from tests.stories import a_house_with_two_encoders, latest_run, reindexed, two_encoders
from tracing.domain import Case, CaseKind, Channel, Judgement, Outcome, PartialDate, Role
from tracing.drift import FEW, Fit
from tracing.errors import NotAllowed, NotFound
from tracing.recognition import Made, Miss, Recognition, Report

__all__ = ["two_encoders"]


def report(house: House, generation_id: str = "") -> Report:
    return house.services.recognition.report(house.manager, generation_id)


def close(house: House, case: Case, other: Case, channel: Channel = Channel.POLICE) -> None:
    outcome = Outcome.FOUND_ELSEWHERE if case.kind is CaseKind.MISSING else Outcome.RETURNED_TO_ORIGIN
    house.services.casework.close(house.intake, case.case_id, outcome, "they called", channel, other.reference)


def test_an_empty_service_has_an_empty_report(house: House) -> None:
    made = report(house)
    assert (made.confirmed.pairs, made.excluded.pairs, made.edges, made.misses, made.found) == (0, 0, (), (), 0)
    assert made.missed == (0.0, 1.0)
    assert made.low is not None
    assert made.strangers is not None
    assert (made.low.fit, made.strangers.fit, made.strangers.shape) == (Fit.TOO_FEW, Fit.TOO_FEW, Fit.TOO_FEW)


def test_confirmed_and_excluded_pairs_have_each_their_scores(house: House) -> None:
    for person in range(1, 6):
        missing, sheltered, stranger = house.missing(person), house.sheltered(person), house.sheltered(person, names=("x",))
        house.judge(house.reviewer, house.pair(missing, stranger), Judgement.EXCLUDED)
        house.confirm(house.pair(missing, sheltered))
    made = report(house)
    assert (made.confirmed.pairs, made.excluded.pairs, made.found) == (5, 5, 5)
    for each in (made.confirmed, made.excluded):
        assert list(each.quantiles) == sorted(each.quantiles)
        assert made.edges[0] <= each.quantiles[0] <= each.quantiles[-1] <= made.edges[-1]
        assert len(each.cells) == len(made.edges) - 1
        assert all(cell is None or cell == 0 or cell >= FEW for cell in each.cells)
        assert any(cell is None or cell for cell in each.cells)
    with house.services.store.reading() as records:
        generation_id = records.generations.active().generation_id
        scores = [pair.score for pair in records.pairs.in_states({house.pair(missing, sheltered).state})]
    assert made.generation.generation_id == generation_id
    assert made.confirmed.quantiles[2] == sorted(scores)[2]


def test_fewer_than_five_pairs_are_counted_and_not_described(house: House) -> None:
    house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    made = report(house)
    assert (made.confirmed.pairs, made.confirmed.quantiles, made.confirmed.cells, made.edges) == (1, (), (), ())


def test_known_mates_are_no_strangers_on_the_lists(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    before = report(house).strangers
    house.confirm(house.pair(missing, sheltered))
    after = report(house).strangers
    assert before is not None
    assert after is not None
    assert (before.searches, after.searches) == (2, 2)
    assert after.shown < before.shown
    assert after.candidates < before.candidates


def test_a_face_that_was_listed_and_that_the_police_found_is_a_miss_with_its_place(house: House) -> None:
    missing, sheltered, _ = house.missing(1), house.sheltered(1), house.sheltered(1, names=("more alike",))
    house.photograph(sheltered, 1, shot=40)
    run = latest_run(house, sheltered)
    line = next(line for line in run.list if line.case_id == missing.case_id)
    close(house, missing, sheltered)
    made = report(house)
    assert made.misses == (Miss(Channel.POLICE, Made.NOT_JUDGED, line.rank, len(run.list), run.gallery_size),)
    assert (made.found, made.outside, made.erased) == (0, 0, 0)
    assert made.closings == {Channel.POLICE: 1}


def test_a_face_that_no_list_had_is_a_miss_without_a_place(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(2)
    close(house, sheltered, missing, Channel.INTERVIEW)
    (miss,) = report(house).misses
    assert (miss.channel, miss.made, miss.rank) == (Channel.INTERVIEW, Made.NOT_LISTED, None)
    assert miss.listed == len(latest_run(house, sheltered).list)


def test_a_pair_that_people_had_excluded_or_a_fact_ruled_out_is_told_apart(house: House) -> None:
    excluded, other = house.missing(1), house.sheltered(1)
    house.judge(house.reviewer, house.pair(excluded, other), Judgement.EXCLUDED)
    close(house, excluded, other, Channel.DNA)
    old = house.missing(2, birth_date=PartialDate(1940))
    young = house.sheltered(2, birth_date=PartialDate(2001))
    close(house, old, young, Channel.NOTICE)
    assert {miss.channel: (miss.made, miss.rank is None) for miss in report(house).misses} == {
        Channel.DNA: (Made.JUDGED_OTHERWISE, False),
        Channel.NOTICE: (Made.RULED_OUT, True),
    }


def test_what_faces_found_and_what_could_not_be_found_is_no_miss(house: House) -> None:
    first, second = house.missing(1), house.sheltered(1)
    close(house, first, second, Channel.FACE)
    faceless, third = house.open(CaseKind.MISSING), house.sheltered(2)
    close(house, faceless, third)
    again, once = house.sheltered(3), house.sheltered(3, names=("before",))
    house.confirm(house.pair(again, once))
    close(house, again, once, Channel.INTERVIEW)
    made = report(house)
    assert (made.misses, made.outside, made.found) == ((), 1, 1)


def test_two_closings_of_one_pair_are_one_miss(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    close(house, missing, sheltered)
    close(house, sheltered, missing)
    made = report(house)
    assert len(made.misses) == 1
    assert (made.outside, made.closings) == (0, {Channel.POLICE: 2})


def test_the_share_of_misses_is_of_all_that_could_be_found_anyhow(house: House) -> None:
    for person in range(1, 4):
        house.confirm(house.pair(house.missing(person), house.sheltered(person)))
    close(house, house.missing(4), house.sheltered(4))
    made = report(house)
    assert (made.found, len(made.misses)) == (3, 1)
    low, high = made.missed
    assert low < 1 / 4 < high


def test_of_an_erased_person_only_the_number_is_left(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    close(house, missing, sheltered)
    house.services.retention.erase_case(house.manager, sheltered.case_id)
    made = report(house)
    assert (made.misses, made.erased) == ((), 1)


@pytest.mark.usefixtures("two_encoders")
def test_scores_of_two_generations_are_never_in_one_report(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        missing, sheltered = house.missing(1), house.sheltered(1)
        confirmed = house.confirm(house.pair(missing, sheltered))
        first = report(house).generation.generation_id
        found, lost = house.missing(2), house.sheltered(2)
        close(house, found, lost)
        reindexed(house)
        house.services.worker.work_off()
        now = report(house)
        assert now.generation.generation_id != first
        assert (now.confirmed.pairs, now.misses) == (0, ())
        before = report(house, first)
        assert (before.confirmed.pairs, len(before.misses)) == (1, 1)
        assert house.pair(missing, sheltered).score == confirmed.score, "a judged pair keeps the score it was judged with"


def test_an_encoder_that_nobody_has_calibrated_has_no_drift(house: House) -> None:
    house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    made = Recognition(house.services.store, lambda _: None).report(house.auditor)
    assert (made.calibrated, made.low, made.strangers, made.found) == (False, None, None, 1)


def test_the_report_names_nobody(house: House) -> None:
    missing, sheltered = house.missing(1, names=("王芳",)), house.sheltered(1, names=("小芳",))
    close(house, missing, sheltered)
    told = repr(report(house))
    for case in (missing, sheltered):
        assert all(word not in told for word in (case.case_id, case.reference, case.title))
    assert house.intake.account_id not in told


@pytest.mark.parametrize("who", [Role.INTAKE, Role.REVIEWER, Role.SERVICE])
def test_who_takes_in_or_judges_reads_no_scores_in_the_report_either(house: House, who: Role) -> None:
    with pytest.raises(NotAllowed):
        house.services.recognition.report(house.hire("somebody", who))
    assert house.services.recognition.report(house.auditor) == report(house)


def test_a_generation_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        report(house, "f" * 32)
