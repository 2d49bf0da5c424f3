"""The form of a new case and what becomes of its photos, without any JavaScript."""

from __future__ import annotations

import re

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.fakes import crowded_photo, faceless_photo, painted_photo, unreadable_photo
from tests.house import House
from tracing.domain import Analysis, CaseKind, Description, LegalBasis, NoFaceReason, Outcome, PartialDate, Sex
from tracing.errors import Busy
from tracing.records import CaseFilter

BASIS = {"legal_basis": "statutory_duty"}


def photos(*data: bytes) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("photos", (f"{number}.png", each, "image/png")) for number, each in enumerate(data)]


def form_id(source: str) -> str:
    found = re.search(r'name="form_id" value="([0-9a-f]{32})"', source)
    assert found is not None
    return found[1]


def all_cases(house: House) -> int:
    return house.services.casework.find(house.intake, CaseFilter(), 1).total


def test_an_intake_becomes_a_case_with_everything_that_was_typed(lin: Browser, house: House) -> None:
    lin.see("/cases/new?kind=sheltered")
    said = {
        "names": "王芳、小芳,阿芳",
        "sex": "female",
        "age_min": "３５",
        "age_max": "45",
        "birth_date": "1981年3月",
        "height_cm": "158",
        "marks": "scar above the left eye\n\nmole on the chin",
        "clothing": "red coat",
        "seen_at": "2026/2/27",
        "seen_place": "成都东站",
        "circumstances": "sat on a bench",
        "accent": "四川话",
        "languages": "普通话, sign language",
        "ethnic_group": "汉族",
    }
    lin.send("/cases/new", kind="sheltered", **BASIS, **said)
    case = house.services.casework.find(house.intake, CaseFilter(), 1).cases[0]
    assert case.kind is CaseKind.SHELTERED
    assert case.description == Description(
        names=("王芳", "小芳", "阿芳"),
        sex=Sex.FEMALE,
        birth_date=PartialDate(1981, 3),
        age_min=35,
        age_max=45,
        ethnic_group="汉族",
        languages=("普通话", "sign language"),
        accent="四川话",
        height_cm=158,
        marks=("scar above the left eye", "mole on the chin"),
        clothing="red coat",
        seen_at=PartialDate(2026, 2, 27),
        seen_place="成都东站",
        circumstances="sat on a bench",
    )
    assert lin.url == f"/cases/{case.case_id}?sent=0"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("birth_date", "last spring", "Write a date as 2024"),
        ("seen_at", "2026-02-30", "Write a date as 2024"),
        ("seen_at", "2031", "The date lies in the future"),
        ("age_min", "about 40", "Write a whole number"),
        ("age_max", "200", "An age lies between 0 and 125 years."),
        ("height_cm", "1.70", "Write a whole number"),
        ("sex", "robot", "Choose one of the answers offered."),
        ("legal_basis", "", "Choose one of the answers offered."),
        ("taken_on", "x", "Write a date as 2024"),
        ("contact_name", "", "Write the name of the person to call"),
    ],
)
def test_a_mistake_names_its_field_and_costs_nothing_that_was_typed(
    field: str, value: str, says: str, lin: Browser, house: House
) -> None:
    lin.see("/cases/new?kind=missing")
    typed = {"names": 'Ann "the bird"', "circumstances": "went out\nfor bread", "contact_phone": "123456", **BASIS}
    typed = {"contact_name": "Bob"} | typed | {field: value}
    page = lin.send("/cases/new", 422, kind="missing", **typed)
    assert says in text_of(page)
    assert f'href="#{field}"' in page
    assert "Ann &#34;the bird&#34;" in page
    assert "went out\nfor bread" in page
    assert 'value="123456"' in page
    assert "choose the photos again" in page
    assert all_cases(house) == 0


def test_a_form_sent_twice_opens_one_case(lin: Browser, house: House) -> None:
    fields = {"kind": "sheltered", "names": "Li", "form_id": form_id(lin.see("/cases/new")), **BASIS}
    lin.send("/cases/new", **fields)
    first = lin.url
    lin.send("/cases/new", **fields)
    assert (lin.url, all_cases(house)) == (first, 1)
    lin.send("/cases/new", **fields | {"form_id": form_id(lin.see("/cases/new"))})
    assert all_cases(house) == 2


def test_a_photo_with_one_face_is_sent_to_review_with_the_pairs_that_wait(lin: Browser, house: House) -> None:
    missing = house.missing(7, names=("Zhang Wei",))
    lin.see("/cases/new")
    page = text_of(lin.send("/cases/new", files=photos(painted_photo(7)), kind="sheltered", **BASIS))
    assert "Sent to review" in page
    assert "1 possible pair waits for the reviewers." in page
    assert missing.reference in page


def test_one_bad_photo_does_not_cost_the_others(lin: Browser, house: House) -> None:
    lin.see("/cases/new")
    page = text_of(
        lin.send("/cases/new", files=photos(painted_photo(3), unreadable_photo(), b"pdf"), kind="sheltered", **BASIS)
    )
    assert "Sent to review" in page
    assert "Photo 2 was not kept. The photo is incomplete" in page
    assert "Photo 3 was not kept. This file is no photo" in page
    assert len(house.services.desk.photos(house.intake, lin.url.split("/")[2].split("?")[0])) == 1


def test_no_face_comes_with_advice_and_the_case_is_there(lin: Browser) -> None:
    lin.see("/cases/new")
    page = text_of(lin.send("/cases/new", files=photos(faceless_photo()), kind="sheltered", **BASIS))
    assert "No face found" in page
    assert "The person looks straight into the camera." in page


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (
            "sheltered",
            "too dark: turn on a light or face the window, and take another one while the person is here.",
        ),
        ("missing", "too dark: ask the family for one in better light."),
    ],
)
def test_no_face_comes_with_its_reason_and_what_to_do_now(kind: str, says: str, lin: Browser, house: House) -> None:
    house.examiner.no_face = NoFaceReason.TOO_DARK
    lin.see(f"/cases/new?kind={kind}")
    page = text_of(lin.send("/cases/new", files=photos(faceless_photo()), kind=kind, **BASIS))
    assert says in page
    assert ("The person looks straight into the camera." in page) is (kind == "sheltered")


def test_what_would_make_the_photo_better_is_said_at_once(lin: Browser) -> None:
    lin.see("/cases/new")
    page = lin.send("/cases/new", files=photos(painted_photo(3)), kind="sheltered", **BASIS)
    assert '<details class="tips" open>' in page
    assert "The face is small: go closer, until it fills half the picture." in text_of(page)


def test_too_many_photos_open_no_case(lin: Browser, house: House) -> None:
    lin.see("/cases/new")
    page = lin.send("/cases/new", 422, files=photos(*(painted_photo(n) for n in range(9))), kind="sheltered", **BASIS)
    assert "At most 8 photos fit here" in text_of(page)
    assert all_cases(house) == 0


def test_a_person_chooses_the_face_without_javascript(lin: Browser, house: House) -> None:
    lin.see("/cases/new")
    page = lin.send("/cases/new", files=photos(painted_photo(5, faces=3)), kind="sheltered", **BASIS)
    assert "Who is it? Tap the face." in page
    buttons = re.findall(r'<button class="face-(?:hit|pick)" name="face" value="(\w+)"', page)
    assert len(buttons) == 6, "each face in the photo and below it"
    assert set(buttons[:3]) == set(buttons[3:])
    assert "Several faces: say who it is" in lin.see("/")
    page = lin.send("/faces", face=buttons[1])
    assert "Sent to review" in page
    (sheet,) = house.services.desk.photos(house.intake, lin.url.split("/")[2].split("#")[0].split("?")[0])
    assert sheet.photo.analysis is Analysis.ENROLLED
    assert sheet.face is not None
    assert sheet.face.face_id == buttons[1]
    assert "Several faces" not in lin.see("/")


def test_a_face_that_was_taken_among_several_is_named_and_another_is_tapped(lin: Browser, house: House) -> None:
    lin.see("/cases/new")
    page = lin.send("/cases/new", files=photos(crowded_photo(5, behind=6)), kind="sheltered", **BASIS)
    assert "Sent to review" in page
    assert "Several people are in the photo: we took the largest face." in text_of(page)
    assert "The faces of the others are neither enrolled nor compared." in text_of(page)
    assert "Not the right person? Tap the right face." in text_of(page)
    assert "several faces, the largest was taken" in text_of(page)
    in_photo, below = re.findall(r'<button class="face-(?:hit|pick)" name="face" value="(\w+)"', page)
    assert in_photo == below, "only the other face has buttons"
    page = lin.send("/faces", face=below)
    assert "we took the face with the tick" in text_of(page)
    (sheet,) = house.services.desk.photos(house.intake, lin.url.split("/")[2].split("#")[0].split("?")[0])
    assert sheet.face is not None
    assert sheet.face.face_id == below


def test_nobody_taps_another_face_of_a_closed_case(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, crowded_photo())
    house.services.intake.analyse(photo.photo_id)
    house.services.casework.close(house.manager, case.case_id, Outcome.SELF_LEFT, "left in the morning")
    page = lin.see(f"/cases/{case.case_id}")
    assert "we took the largest face" in text_of(page)
    assert "Tap the right face" not in page
    assert 'action="/faces"' not in page


def test_a_photo_that_has_to_wait_says_so_and_the_page_comes_back_by_itself(lin: Browser, house: House) -> None:
    house.examiner.failure = Busy("Too many photos are being examined just now. Please try again in a minute.")
    lin.see("/cases/new")
    page = lin.send("/cases/new", files=photos(painted_photo(3)), kind="sheltered", **BASIS)
    assert "Being looked at" in page
    assert '<meta http-equiv="refresh"' in page
    assert "poll.js" in page
    house.examiner.failure = None
    house.services.worker.work_off()
    page = lin.see(lin.url)
    assert "Sent to review" in page
    assert "refresh" not in page


def test_photos_are_added_later_with_their_date(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING)
    lin.see(f"/cases/{case.case_id}")
    page = lin.send(f"/cases/{case.case_id}/photos", files=photos(painted_photo(4)), taken_on="2019-05", age_in_photo="61")
    assert "taken May 2019 · aged 61" in text_of(page)
    refused = lin.send(f"/cases/{case.case_id}/photos", 422, taken_on="2019-05")
    assert "Choose at least one photo." in refused
    assert 'value="2019-05"' in refused


def test_a_case_without_a_legal_basis_is_kept_and_not_searched(lin: Browser, house: House) -> None:
    house.missing(7)
    lin.see("/cases/new")
    page = text_of(lin.send("/cases/new", files=photos(painted_photo(7)), kind="sheltered", legal_basis=LegalBasis.NONE))
    assert "the face is neither searched nor found" in page
    assert "Sent to review" not in page
