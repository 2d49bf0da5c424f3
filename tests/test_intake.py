"""Open a case, keep its photos, enrol the faces in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.fakes import crowded_photo, faceless_photo, painted_photo, unreadable_photo
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import (
    Analysis,
    CaseKind,
    CaseState,
    Description,
    LegalBasis,
    NoFaceReason,
    Outcome,
    PartialDate,
    PhotoProblem,
)
from tracing.errors import (
    Busy,
    Conflict,
    EncoderUnavailable,
    Invalid,
    NotAllowed,
    NotFound,
    UnreadablePhoto,
    WrongState,
)
from tracing.opening import ContactDraft
from tracing.photo_reports import MAX_ATTEMPTS


def test_a_case_is_open_from_the_start_and_has_a_reference_of_its_kind(house: House) -> None:
    missing, sheltered = house.open(CaseKind.MISSING), house.open(CaseKind.SHELTERED)
    assert (missing.state, missing.reference) == (CaseState.OPEN, "M-2026-00001")
    assert (sheltered.reference, sheltered.opened_by) == ("S-2026-00001", house.intake.account_id)


def test_a_partial_birth_date_stays_partial(house: House) -> None:
    case = house.open(CaseKind.MISSING, birth_date=PartialDate.parse("1948-03"))
    assert str(house.case(case).description.birth_date) == "1948-03"


def test_what_cannot_be_true_is_refused_with_the_field_named(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        house.open(CaseKind.MISSING, age_min=50, age_max=40)
    assert refused.value.field == "age_min"


def test_a_reviewer_opens_no_case(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.open(CaseKind.MISSING, actor=house.reviewer)


def test_the_contact_is_kept_for_those_who_may_call(house: House) -> None:
    draft = ContactDraft("reporter", "李秀英", "000-1234", "东街")
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, Description(), LegalBasis.SEPARATE_CONSENT, draft)
    (contact,) = house.services.casework.contacts(house.intake, case.case_id)
    assert (contact.name, contact.phone) == ("李秀英", "000-1234")
    assert house.services.casework.contacts(house.reviewer, case.case_id) == []


def test_one_face_is_enrolled_and_searched_at_once(house: House) -> None:
    missing = house.missing(1)
    sheltered = house.sheltered(1)
    assert house.paired(missing, sheltered)
    assert house.case(sheltered).search_done == house.case(sheltered).search_wanted == 1


def test_several_faces_wait_for_a_person_and_none_is_enrolled(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, person=3, faces=3)
    assert (report.photo.analysis, report.photo.problem) == (Analysis.CHOOSE_FACE, PhotoProblem.SEVERAL_FACES)
    assert [face.of_interest for face in report.faces] == [False, False, False]
    with house.services.store.reading() as records:
        assert records.faces.count_templates("dlib-resnet-v1") == 0


def test_the_chosen_face_is_enrolled_and_the_bystanders_are_not(house: House) -> None:
    missing = house.missing(4)
    bystander = house.missing(3)
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, person=3, faces=2)  # persons 3 and 4; 4 is the smaller face
    subject = min(report.faces, key=lambda face: face.box.area)
    chosen = house.services.intake.choose_face(house.intake, subject.face_id)
    assert chosen.photo.analysis is Analysis.ENROLLED
    assert [face.face_id for face in chosen.faces if face.of_interest] == [subject.face_id]
    assert house.paired(missing, case)
    assert not house.paired(bystander, case)


def test_choosing_another_face_takes_the_first_one_out_of_the_gallery(house: House) -> None:
    missing = house.missing(3)
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, person=3, faces=2)
    right, wrong = sorted(report.faces, key=lambda face: -face.box.area)
    house.services.intake.choose_face(house.intake, wrong.face_id)
    assert not house.paired(missing, case)
    house.services.intake.choose_face(house.intake, right.face_id)
    assert house.paired(missing, case)
    assert house.faults() == []


def test_a_face_that_clearly_dominates_is_enrolled_and_the_others_are_only_listed(house: House) -> None:
    missing, behind = house.missing(3), house.missing(4)
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, crowded_photo(3, behind=4))
    house.services.intake.analyse(photo.photo_id)
    report = house.services.intake.report(photo.photo_id)
    assert (report.photo.analysis, report.photo.problem) == (Analysis.ENROLLED, PhotoProblem.NONE)
    assert [(face.box.width, face.of_interest) for face in report.faces] == [(13, False), (40, True)]
    assert house.paired(missing, case)
    assert not house.paired(behind, case)
    assert house.faults() == []


def test_where_the_dominating_face_is_the_wrong_one_a_person_chooses_another(house: House) -> None:
    right = house.missing(4)
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, crowded_photo(3, behind=4))
    house.services.intake.analyse(photo.photo_id)
    subject = min(house.services.intake.report(photo.photo_id).faces, key=lambda face: face.box.area)
    chosen = house.services.intake.choose_face(house.intake, subject.face_id)
    assert [face.face_id for face in chosen.faces if face.of_interest] == [subject.face_id]
    assert house.paired(right, case)
    with house.services.store.reading() as records:
        (template,) = records.faces.templates(case.case_id, "dlib-resnet-v1")
    assert template.face_id == subject.face_id
    assert house.faults() == []


def test_a_face_of_no_photo_cannot_be_chosen(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.intake.choose_face(house.intake, "0" * 32)


def test_a_photo_without_a_face_says_why_and_the_case_is_kept(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, faceless_photo())
    house.services.intake.analyse(photo.photo_id)
    report = house.services.intake.report(photo.photo_id)
    assert (report.photo.analysis, report.photo.problem, report.faces) == (Analysis.NO_FACE, PhotoProblem.NO_FACE, ())
    assert house.case(case).state is CaseState.OPEN


@pytest.mark.parametrize("reason", list(NoFaceReason))
def test_why_there_is_no_face_is_kept_with_the_photo(reason: NoFaceReason, house: House) -> None:
    house.examiner.no_face = reason
    report = house.photograph(house.open(CaseKind.SHELTERED), person=1, faces=0)
    assert (report.photo.problem, report.photo.no_face) == (PhotoProblem.NO_FACE, reason)


def test_a_photo_with_a_face_has_no_reason(house: House) -> None:
    assert house.photograph(house.open(CaseKind.SHELTERED), person=1).photo.no_face is None
    assert house.photograph(house.open(CaseKind.SHELTERED), person=1, faces=2).photo.no_face is None


def test_an_unreadable_photo_is_refused_with_a_sentence_and_leaves_no_file(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    with pytest.raises(UnreadablePhoto, match="photo"):
        house.services.intake.add_photo(house.intake, case.case_id, unreadable_photo())
    assert list(house.services.photos.keys()) == []


def test_a_photo_of_an_unknown_case_leaves_no_file(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.intake.add_photo(house.intake, "0" * 32, painted_photo())
    assert list(house.services.photos.keys()) == []


def test_a_photo_taken_in_the_future_is_refused(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    with pytest.raises(Invalid, match="future"):
        house.services.intake.add_photo(house.intake, case.case_id, painted_photo(), taken_on=PartialDate(2031))


def test_the_same_photo_sent_twice_is_one_photo(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    first = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    again = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    assert again == first
    assert len(list(house.services.photos.keys())) == 1


def test_a_closed_case_takes_no_photo(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    house.services.casework.close(house.manager, case.case_id, Outcome.SELF_LEFT, "left in the morning")
    with pytest.raises(WrongState, match="reopen"):
        house.services.intake.add_photo(house.intake, case.case_id, painted_photo())
    assert list(house.services.photos.keys()) == []


def test_l2_a_case_without_a_legal_basis_is_neither_found_nor_searched(house: House) -> None:
    missing = house.missing(1)
    case = house.open(CaseKind.SHELTERED, basis=LegalBasis.NONE)
    house.photograph(case, 1)
    assert house.services.matching.due(10) == []
    assert not house.paired(missing, case)


def test_nothing_is_lost_while_the_models_do_not_work(house: House) -> None:
    missing = house.missing(1)
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1, shot=9))
    house.examiner.failure = EncoderUnavailable("the model is gone")
    with pytest.raises(EncoderUnavailable):
        house.services.intake.analyse(photo.photo_id)
    assert house.services.intake.report(photo.photo_id).photo.analysis is Analysis.PENDING
    house.examiner.failure = None
    house.clock.advance(seconds=61)
    house.services.worker.work_off()
    assert house.paired(missing, case)


def test_a_failed_analysis_is_tried_again_only_when_its_claim_has_run_out(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    house.examiner.failure = EncoderUnavailable("the model is gone")
    with pytest.raises(EncoderUnavailable):
        house.services.intake.analyse(photo.photo_id)
    assert house.services.intake.pending(10) == []
    house.clock.advance(seconds=61)
    assert house.services.intake.pending(10) == [photo.photo_id]


def test_after_three_failures_a_photo_is_left_to_a_person(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    house.examiner.failure = RuntimeError("a fault nobody foresaw")
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(RuntimeError):
            house.services.intake.analyse(photo.photo_id)
        house.clock.advance(seconds=61)
    assert house.services.intake.pending(10) == []
    with house.services.store.reading() as records:
        assert records.photos.stuck(MAX_ATTEMPTS) == 1
    house.examiner.failure = None
    with pytest.raises(NotAllowed):
        house.services.intake.retry_stuck(house.intake)
    assert [house.services.intake.retry_stuck(SYSTEM) for _ in range(2)] == [1, 0]
    assert house.services.worker.work_off().photos == 1
    with house.services.store.reading() as records:
        retried = [event for event in records.audit.of_subject("") if event.action == "retry_photos"]
    assert [event.detail for event in retried] == [{"photos": 1}]


def test_a_busy_machine_gives_the_photo_back_without_counting_the_try(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    house.examiner.failure = Busy("too many photos")
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(Busy):
            house.services.intake.analyse(photo.photo_id)
    assert house.services.intake.pending(10) == [photo.photo_id]


def test_a_photo_is_analysed_once_however_many_workers_there_are(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    assert house.services.intake.analyse(photo.photo_id)
    assert not house.services.intake.analyse(photo.photo_id)
    assert house.examiner.examined == 1


def test_a_slow_analysis_that_lost_its_claim_writes_nothing_twice(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    examine = house.examiner.examine

    def slow(data: bytes, encoder_ids: object) -> object:
        house.examiner.examine = examine  # type: ignore[method-assign]
        house.clock.now = NOON + timedelta(minutes=5)
        assert house.services.intake.analyse(photo.photo_id), "the second worker takes over what the first one left"
        return examine(data, encoder_ids)  # type: ignore[arg-type]

    house.examiner.examine = slow  # type: ignore[assignment, method-assign]
    house.services.intake.analyse(photo.photo_id)
    assert len(house.services.intake.report(photo.photo_id).faces) == 1
    assert house.faults() == []


def test_two_people_choosing_at_once_is_a_conflict_for_the_second(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, person=3, faces=2)
    encode = house.examiner.encode

    def overtaken(*args: object) -> object:
        house.examiner.encode = encode  # type: ignore[method-assign]
        house.services.intake.choose_face(house.intake, report.faces[1].face_id)
        return encode(*args)  # type: ignore[arg-type]

    house.examiner.encode = overtaken  # type: ignore[assignment, method-assign]
    with pytest.raises(Conflict):
        house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    assert house.faults() == []
