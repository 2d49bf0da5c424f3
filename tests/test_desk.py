"""The work that waits for hands, a case's photos, and the portraits that cases are known by."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factories import an_id
from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import CaseKind, Description, LegalBasis, Outcome
from tracing.errors import Conflict, EncoderUnavailable
from tracing.photo_reports import MAX_ATTEMPTS
from tracing.records import CaseFilter


def test_a_photo_with_several_faces_waits_for_a_person_until_one_is_chosen(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, 1, faces=2)
    assert [each.case_id for each in house.services.desk.waiting(house.intake).to_choose] == [case.case_id]
    house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    assert house.services.desk.waiting(house.intake).to_choose == ()


def test_a_case_waits_for_another_photo_only_while_no_photo_of_it_has_a_face(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.photograph(case, 1, faces=0)
    assert [each.case_id for each in house.services.desk.waiting(house.intake).without_face] == [case.case_id]
    house.photograph(case, 1)
    assert house.services.desk.waiting(house.intake).without_face == ()


def test_closed_cases_wait_for_nobody(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.photograph(case, 1, faces=0)
    house.services.casework.close(house.manager, case.case_id, Outcome.SELF_LEFT, "went away")
    assert house.services.desk.waiting(house.intake).without_face == ()


def test_a_photo_that_failed_every_time_is_stuck(house: House) -> None:
    photo = house.services.intake.add_photo(house.intake, house.open(CaseKind.SHELTERED).case_id, painted_photo())
    house.examiner.failure = EncoderUnavailable("gone")
    for _ in range(MAX_ATTEMPTS):
        assert not house.services.intake.report(photo.photo_id).stuck
        with pytest.raises(EncoderUnavailable):
            house.services.intake.analyse(photo.photo_id)
        house.clock.advance(hours=1)
    assert house.services.intake.report(photo.photo_id).stuck
    assert house.services.desk.waiting(house.intake).stuck_photos == 1


def test_a_case_is_known_by_the_face_of_its_person(house: House) -> None:
    with_face, without = house.missing(1), house.open(CaseKind.SHELTERED)
    house.photograph(without, 1, faces=2)
    (sheet,) = house.services.desk.photos(house.intake, with_face.case_id)
    portraits = house.services.desk.portraits(house.intake, [with_face.case_id, without.case_id])
    assert portraits == {with_face.case_id: sheet.photo.photo_id}
    assert sheet.face is not None
    assert house.services.desk.photos(house.intake, without.case_id)[0].face is None


def test_one_request_sent_by_many_threads_opens_one_case(house: House) -> None:
    case_id = an_id()

    def send(_: int) -> str:
        said = (house.intake, CaseKind.MISSING, Description(), LegalBasis.STATUTORY_DUTY, None, case_id)
        return house.services.intake.open_case(*said).reference

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(send, range(8)))) == 1
    assert house.services.casework.find(house.intake, CaseFilter(), 1).total == 1
    with pytest.raises(Conflict):
        house.services.intake.open_case(
            house.manager, CaseKind.MISSING, Description(), LegalBasis.STATUTORY_DUTY, None, case_id
        )
