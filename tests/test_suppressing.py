"""Suppression: the next import of the same record, or of the same face, does not bring an erased person back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, reindexed, rows_naming, two_encoders
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Analysis, Case, CaseKind, CaseState, Description, LegalBasis, Source
from tracing.errors import Conflict, Invalid, NotAllowed, NotFound, Suppressed, WrongState
from tracing.store.records import keepouts

__all__ = ["two_encoders"]

RECORD = Source("Missing Persons of Sichuan", "SC-2025-00317")


def imported(house: House, source: Source = RECORD) -> Case:
    return house.services.intake.open_case(
        house.partner, CaseKind.MISSING, Description(names=("小英",)), LegalBasis.SEPARATE_CONSENT, source=source
    )


def erase(house: House, case: Case) -> None:
    house.services.retention.erase_case(house.manager, case.case_id, suppress=True)


def waiting(house: House) -> list[str]:
    return [each.held.photo_id for each in house.services.suppressing.held(house.manager)]


def test_l8_the_same_record_is_refused_and_the_same_photo_under_a_new_name_is_held(any_house: House) -> None:
    """DOMAIN.md, L8: re-import the same record, and the same photo under a new id."""
    house = any_house
    case = imported(house)
    house.photograph(case, 1)
    erase(house, case)
    with pytest.raises(Suppressed):
        imported(house)
    again = imported(house, Source(RECORD.source, "a new id"))
    report = house.photograph(again, 1)
    asking = house.sheltered(1)
    assert house.services.intake.report(waiting(house)[-1]).photo.case_id == asking.case_id, "alike, so it is held as well"
    assert (report.photo.analysis, report.faces) == (Analysis.HELD, ())
    assert waiting(house)[0] == report.photo.photo_id
    assert house.services.matching.search(again.case_id) is None
    assert house.faults() == []


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (RECORD, Source(" missing persons of\u3000Sichuan ", "sc-2025-00317")),
        (RECORD, Source(RECORD.source, "ＳＣ－２０２５－００３１７")),
        (RECORD, Source(RECORD.source, "SC–2025 – 00317\ufeff")),
        (Source("Police", "007"), Source("Police", "7")),
        (Source("Police", "7"), Source("police", "００7")),
    ],
)
def test_l8_the_number_of_a_record_is_known_however_it_is_spelled(any_house: House, first: Source, then: Source) -> None:
    erase(any_house, imported(any_house, first))
    with pytest.raises(Suppressed):
        imported(any_house, then)


@pytest.mark.parametrize("other", [Source(RECORD.source, "SC-2025-317"), Source("Police", RECORD.source_id)])
def test_another_number_and_the_same_one_of_another_sender_are_let_in(house: House, other: Source) -> None:
    """Zeros within a number are no spreadsheet's doing."""
    erase(house, imported(house))
    assert imported(house, other).state is CaseState.OPEN


def test_l8_keep_outs_that_were_made_by_the_number_as_it_was_spelled_hold_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of earlier versions."""
    with monkeypatch.context() as earlier:
        earlier.setattr(keepouts, "spelled_alike", str)
        erase(house, imported(house))
    with pytest.raises(Suppressed):
        imported(house)


def test_l8_another_photo_of_the_person_is_held_and_one_of_somebody_else_is_not(house: House) -> None:
    case = house.missing(1)
    erase(house, case)
    back, other = house.open(CaseKind.SHELTERED), house.open(CaseKind.SHELTERED)
    assert house.photograph(back, 1, shot=77).photo.analysis is Analysis.HELD
    assert house.photograph(other, 2, shot=77).photo.analysis is Analysis.ENROLLED


def test_a_keep_out_names_nobody_and_stands_in_no_gallery(house: House) -> None:
    case = imported(house)
    house.photograph(case, 1)
    with house.services.store.reading() as records:
        photo, face = records.photos.of_case(case.case_id)[0], records.faces.of_case(case.case_id)[0]
    erase(house, case)
    for name in (case.case_id, case.reference, "小英", RECORD.source, RECORD.source_id, photo.photo_id, face.face_id):
        assert rows_naming(house, name).keys() <= {"events"}, name
    with house.services.store.reading() as records:
        assert records.gallery.expected(DEFAULT_ENCODER) == {}
        (keepout,) = records.keepouts.all()
    assert keepout.by_source
    assert keepout.encoders == (DEFAULT_ENCODER,)


def test_a_held_photo_is_searched_once_a_person_says_that_it_is_somebody_else(house: House) -> None:
    erase(house, house.missing(1))
    twin = house.open(CaseKind.SHELTERED)
    photo_id = house.photograph(twin, 1).photo.photo_id
    with pytest.raises(Invalid):
        house.services.suppressing.let_in(house.manager, photo_id, " ")
    house.services.suppressing.let_in(house.manager, photo_id, "ten years younger, and another name")
    house.services.worker.work_off()
    assert house.services.intake.report(photo_id).photo.analysis is Analysis.ENROLLED
    assert waiting(house) == []
    with pytest.raises(Conflict):
        house.services.suppressing.let_in(house.manager, photo_id, "again")
    assert [event.action for event in house.done(twin) if "photo_in" in event.action] == ["let_photo_in"]


def test_l8_a_face_that_somebody_chooses_is_held_like_any_other(house: House) -> None:
    erase(house, house.missing(2))
    case = house.open(CaseKind.SHELTERED)
    report = house.photograph(case, 1, faces=3)
    assert report.photo.analysis in (Analysis.CHOOSE_FACE, Analysis.ENROLLED)
    second = sorted(report.faces, key=lambda face: face.box.left)[1]
    chosen = house.services.intake.choose_face(house.intake, second.face_id)
    assert (chosen.photo.analysis, chosen.faces) == (Analysis.HELD, ())
    assert house.faults() == []


def group_photo(house: House) -> tuple[str, list[str]]:
    """A photo in which a person has to say who it is about: its id, and three people's faces from left to right."""
    report = house.photograph(house.open(CaseKind.SHELTERED), 1, faces=3)
    return report.photo.photo_id, faces_of(house, report.photo.photo_id)


def faces_of(house: House, photo_id: str) -> list[str]:
    return [face.face_id for face in sorted(house.services.intake.report(photo_id).faces, key=lambda face: face.box.left)]


def choose(house: House, face_id: str) -> Analysis:
    return house.services.intake.choose_face(house.intake, face_id).photo.analysis


def let_in(house: House, photo_id: str) -> None:
    house.services.suppressing.let_in(house.manager, photo_id, "somebody else: the ears differ")
    house.services.worker.work_off()


def test_l8_what_was_said_of_one_face_lets_no_other_face_of_the_photo_in(any_house: House) -> None:
    house = any_house
    erase(house, house.missing(2))
    erase(house, house.missing(3))
    photo_id, faces = group_photo(house)
    assert choose(house, faces[1]) is Analysis.HELD
    let_in(house, photo_id)
    assert choose(house, faces_of(house, photo_id)[1]) is Analysis.ENROLLED
    assert choose(house, faces_of(house, photo_id)[2]) is Analysis.HELD
    let_in(house, photo_id)
    assert choose(house, faces_of(house, photo_id)[2]) is Analysis.ENROLLED
    assert choose(house, faces_of(house, photo_id)[1]) is Analysis.ENROLLED, "said before, and said still"
    assert house.faults() == []


def test_l8_who_is_kept_out_later_is_asked_about_although_a_face_was_let_in_before(house: House) -> None:
    erase(house, house.missing(2))
    photo_id, faces = group_photo(house)
    assert choose(house, faces[1]) is Analysis.HELD
    let_in(house, photo_id)
    twin = house.open(CaseKind.MISSING)
    let_in(house, house.photograph(twin, 2, shot=8).photo.photo_id)
    house.clock.now += timedelta(minutes=1)
    erase(house, twin)
    assert choose(house, faces_of(house, photo_id)[1]) is Analysis.HELD


def test_a_photo_that_was_let_in_before_its_faces_were_kept_stays_so(house: House) -> None:
    erase(house, house.missing(2))
    photo_id, faces = group_photo(house)
    assert choose(house, faces[1]) is Analysis.HELD
    with house.services.store.transaction() as records:
        held = records.keepouts.held(photo_id)
        assert held is not None
        records.keepouts.hold(replace(held, faces=()))
    let_in(house, photo_id)
    assert [choose(house, faces_of(house, photo_id)[place]) for place in (1, 2)] == [Analysis.ENROLLED] * 2


@pytest.mark.parametrize("how", ["lifted", "run out"])
def test_a_keep_out_that_is_lifted_or_has_run_out_holds_nobody_any_more(house: House, how: str) -> None:
    case = imported(house)
    house.photograph(case, 1)
    erase(house, case)
    held = house.photograph(house.open(CaseKind.SHELTERED), 1, shot=5).photo.photo_id
    (view,) = house.services.suppressing.all(house.manager)
    if how == "lifted":
        house.services.suppressing.lift(house.manager, view.keepout.keepout_id, "she came herself and asked to be found")
        with pytest.raises(NotFound):
            house.services.suppressing.lift(house.manager, view.keepout.keepout_id, "again")
    else:
        house.clock.now = view.keepout.expires_at
        assert house.services.suppressing.all(house.manager) == []
        imported(house)  # nothing is refused after the end, whether somebody has tidied up or not
        assert house.services.suppressing.expire() == 1
        assert house.services.suppressing.expire() == 0
    house.services.worker.work_off()
    assert house.services.intake.report(held).photo.analysis is Analysis.ENROLLED
    assert rows_naming(house, view.keepout.keepout_id).keys() <= {"events"}
    assert imported(house, Source("another", "1"))


def test_a_keep_out_lasts_as_long_as_is_set(house: House) -> None:
    erase(house, house.missing(1))
    (view,) = house.services.suppressing.all(house.manager)
    assert view.keepout.expires_at - house.clock() == timedelta(days=1825)


@pytest.mark.usefixtures("two_encoders")
def test_after_a_change_of_encoder_the_older_one_is_still_asked(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        erase(house, house.missing(1))
        reindexed(house)
        (view,) = house.services.suppressing.all(house.manager)
        assert view.blind == (SECOND_ENCODER,)
        assert house.photograph(house.open(CaseKind.SHELTERED), 1, shot=3).photo.analysis is Analysis.HELD
        other = house.open(CaseKind.SHELTERED)
        house.photograph(other, 2)
        with house.services.store.reading() as records:
            assert records.faces.templates(other.case_id, DEFAULT_ENCODER) == [], "made for the comparison alone"
            assert len(records.faces.templates(other.case_id, SECOND_ENCODER)) == 1
        assert house.faults() == []


def test_where_nothing_could_recognise_the_person_the_erasure_says_so_and_waits(house: House) -> None:
    case = house.open(CaseKind.MISSING)
    with pytest.raises(Invalid):
        erase(house, case)
    assert house.case(case) == case
    house.services.retention.erase_case(house.manager, case.case_id)


def test_a_second_case_of_one_record_is_refused_plainly(house: House) -> None:
    imported(house)
    with pytest.raises(Conflict):
        imported(house)


def test_only_managers_see_keep_outs_and_decide(house: House) -> None:
    erase(house, house.missing(1))
    (view,) = house.services.suppressing.all(house.manager)
    photo_id = house.photograph(house.open(CaseKind.SHELTERED), 1).photo.photo_id
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        for step in (
            lambda actor=actor: house.services.suppressing.all(actor),
            lambda actor=actor: house.services.suppressing.held(actor),
            lambda actor=actor: house.services.suppressing.lift(actor, view.keepout.keepout_id, "because"),
            lambda actor=actor: house.services.suppressing.let_in(actor, photo_id, "because"),
        ):
            with pytest.raises(NotAllowed):
                step()


def test_the_second_person_carries_an_erasure_out_and_the_first_cannot(house: House) -> None:
    case, other = house.missing(1), house.hire("zhou", house.manager.role)
    assert not house.services.retention.say_erase(house.manager, case.case_id, "the family asked", suppress=True)
    with pytest.raises(NotAllowed):
        house.services.retention.say_erase(house.manager, case.case_id, "once more", suppress=True)
    assert [each.case_id for each in house.services.retention.asked(other)] == [case.case_id]
    assert house.services.retention.say_erase(other, case.case_id, "checked", suppress=False)
    with pytest.raises(NotFound):
        house.case(case)
    assert len(house.services.suppressing.all(house.manager)) == 1, "as the first person had said"


def test_an_erasure_that_was_asked_for_can_be_taken_back(house: House) -> None:
    case, other = house.missing(1), house.hire("zhou", house.manager.role)
    house.services.retention.say_erase(house.manager, case.case_id, "the family asked", suppress=False)
    house.services.retention.take_back(other, case.case_id)
    with pytest.raises(WrongState):
        house.services.retention.take_back(other, case.case_id)
    assert not house.services.retention.say_erase(other, case.case_id, "asked anew", suppress=False)
