"""A withdrawn face: the case stays, and whatever was made of its face is nowhere any more."""

from __future__ import annotations

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.stories import (
    a_house_with_two_encoders,
    a_neighbour,
    found_by,
    latest_run,
    pairs_of,
    reindexed,
    rows_naming,
    two_encoders,
)
from tracing.domain import Analysis, CaseKind, PairState, Told
from tracing.errors import Conflict, Invalid, NotAllowed, WrongState

__all__ = ["two_encoders"]


def withdraw(house: House, case) -> None:  # type: ignore[no-untyped-def]
    house.services.withdrawing.withdraw(house.intake, case.case_id, "he asked us to")


def analyses(house: House, case) -> list[Analysis]:  # type: ignore[no-untyped-def]
    with house.services.store.reading() as records:
        return [photo.analysis for photo in records.photos.of_case(case.case_id)]


def test_l9_no_face_template_or_place_in_a_gallery_is_left_and_the_case_is(any_house: House) -> None:
    house = any_house
    case, asking = house.sheltered(1), house.missing(1)
    with a_neighbour(house) as other:
        assert found_by(other, asking) == {case.case_id}
        withdraw(house, case)
        assert found_by(other, asking) == set()
    with house.services.store.reading() as records:
        assert records.faces.of_case(case.case_id) == []
        assert records.faces.templates(case.case_id, "dlib-resnet-v1") == []
    assert house.case(case).description == case.description
    assert analyses(house, case) == [Analysis.WITHDRAWN]
    assert house.faults() == []


def test_l9_scores_and_lines_on_lists_go_with_the_face(house: House) -> None:
    case, asking = house.sheltered(1), house.missing(1)
    assert latest_run(house, asking).list
    withdraw(house, case)
    assert latest_run(house, asking).list == latest_run(house, case).list == ()
    assert [pair.score for pair in pairs_of(house, case)] == [None]


def test_l9_a_pair_that_the_face_alone_had_made_leaves_the_queue(house: House) -> None:
    case, asking = house.sheltered(1), house.missing(1)
    assert house.services.review.queue(house.reviewer).pairs
    withdraw(house, case)
    assert house.services.review.queue(house.reviewer).pairs == ()
    assert house.pair(case, asking).state is PairState.SUPERSEDED


def test_what_people_have_judged_stays(house: House) -> None:
    case, asking = house.sheltered(1), house.missing(1)
    house.confirm(house.pair(case, asking))
    withdraw(house, case)
    assert house.pair(case, asking).state is PairState.CONFIRMED
    with house.services.store.reading() as records:
        assert len(records.pairs.decisions(house.pair(case, asking).pair_id)) == 2


def test_a_pair_that_clues_speak_for_goes_on_waiting(house: House) -> None:
    case, asking = house.sheltered(1, seen_place="成都"), house.missing(1, seen_place="成都")
    for each in (case, asking):
        house.services.interviews.record(house.intake, each.case_id, Told("家在阜阳市颍上县,会补锅"))
    house.services.worker.work_off()
    withdraw(house, case)
    pair = house.pair(case, asking)
    assert (pair.state, pair.score) == (PairState.PROPOSED, None)


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_l9_a_photo_that_comes_later_is_kept_and_not_looked_at(house: House, withdrawn_first: bool) -> None:
    case = house.sheltered(1)
    if not withdrawn_first:
        waiting = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=9))
    withdraw(house, case)
    if withdrawn_first:
        waiting = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=9))
    looked_at = house.examiner.examined
    house.services.worker.work_off()
    assert house.examiner.examined == looked_at
    assert analyses(house, case) == [Analysis.WITHDRAWN] * 2
    assert house.services.intake.report(waiting.photo_id).faces == ()


def test_l9_withdrawing_in_the_middle_of_an_analysis_leaves_no_face_behind(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    examine = house.examiner.examine

    def overtaken(data: bytes, encoder_ids: object) -> object:
        house.examiner.examine = examine  # type: ignore[method-assign]
        withdraw(house, case)
        return examine(data, encoder_ids)  # type: ignore[arg-type]

    house.examiner.examine = overtaken  # type: ignore[assignment, method-assign]
    report = house.photograph(case, 1)
    assert (report.photo.analysis, report.faces) == (Analysis.WITHDRAWN, ())
    assert house.faults() == []


def test_l9_nobody_can_choose_a_face_in_a_withdrawn_photo(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, 1, faces=2)
    withdraw(house, case)
    with pytest.raises(Exception, match="no such face"):
        house.services.intake.choose_face(house.intake, report.faces[0].face_id)


@pytest.mark.usefixtures("two_encoders")
def test_l9_a_new_encoder_does_not_see_the_face_either(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with a_house_with_two_encoders(tmp_path / "var") as house:
        case, other = house.sheltered(1), house.missing(1)
        withdraw(house, case)
        reindexed(house)
        house.services.worker.work_off()
        assert found_by(house.services, other) == set()
        assert house.faults() == []


def test_a_face_that_is_given_back_is_looked_at_searched_and_found_again(house: House) -> None:
    case, asking = house.sheltered(1), house.missing(1)
    withdraw(house, case)
    assert house.services.withdrawing.give_back(house.intake, case.case_id, "he came back and agreed") == 1
    house.services.worker.work_off()
    assert analyses(house, case) == [Analysis.ENROLLED]
    pair = house.pair(case, asking)
    assert pair.state is PairState.PROPOSED
    assert pair.score is not None
    assert house.faults() == []


def test_a_judgement_outlives_a_face_that_goes_and_comes_back(house: House) -> None:
    case, asking = house.sheltered(1), house.missing(1)
    house.judge(house.reviewer, house.pair(case, asking))
    withdraw(house, case)
    assert house.pair(case, asking).state is PairState.SUPERSEDED
    house.services.withdrawing.give_back(house.intake, case.case_id, "he agreed")
    house.services.worker.work_off()
    assert house.pair(case, asking).state is PairState.FIRST_POSITIVE


def test_the_reason_is_demanded_and_the_audit_names_no_person(house: House) -> None:
    case = house.sheltered(1, names=("小英",))
    for reason in ("", "   "):
        with pytest.raises(Invalid):
            house.services.withdrawing.withdraw(house.intake, case.case_id, reason)
    withdraw(house, case)
    with pytest.raises(Conflict):
        withdraw(house, case)
    last = house.done(case)[-1]
    assert (last.action, last.actor, last.detail) == ("withdraw_face", house.intake.account_id, {"templates": 1, "pairs": 0})
    assert rows_naming(house, "he asked us to").keys() == {"face_withdrawals"}


def test_a_face_that_is_not_withdrawn_cannot_be_given_back(house: House) -> None:
    with pytest.raises(WrongState):
        house.services.withdrawing.give_back(house.intake, house.sheltered(1).case_id, "he agreed")


def test_reviewers_and_auditors_withdraw_nothing(house: House) -> None:
    case = house.sheltered(1)
    for actor in (house.reviewer, house.auditor):
        with pytest.raises(NotAllowed):
            house.services.withdrawing.withdraw(actor, case.case_id, "because")
