"""Photos, faces and pictures over HTTP."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.api.conftest import add_photo, open_case
from tests.embeddings.pictures import corner_names, corners, written
from tests.fakes import crowded_photo, faceless_photo, painted_photo, unreadable_photo
from tests.house import House
from tracing.domain import NoFaceReason
from tracing.errors import Busy


def picture(client: TestClient, photo_id: str, query: str = "") -> Image.Image:
    answer = client.get(f"/api/v1/photos/{photo_id}/image?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    return Image.open(io.BytesIO(answer.content))


def test_a_photo_with_one_face_is_enrolled_in_the_answer(intake: TestClient) -> None:
    case_id = open_case(intake)["case_id"]
    answer = add_photo(intake, case_id, taken_on="2019-05", age_in_photo="58")
    photo = answer.json()
    assert (answer.status_code, photo["analysis"], photo["problem"]) == (201, "enrolled", "")
    assert (photo["width"], photo["height"], photo["taken_on"], photo["age_in_photo"]) == (120, 80, "2019-05", 58)
    (face,) = photo["faces"]
    assert face["box"] == {"left": 10, "top": 20, "right": 50, "bottom": 60}
    assert face["of_interest"] is True
    assert 0 <= face["quality"]["score"] <= 1
    assert intake.get(f"/api/v1/photos/{photo['photo_id']}").json() == photo
    assert intake.get(f"/api/v1/cases/{case_id}/photos").json() == {"photos": [photo]}


def test_the_same_bytes_twice_are_one_photo(intake: TestClient) -> None:
    case_id = open_case(intake)["case_id"]
    assert add_photo(intake, case_id).json() == add_photo(intake, case_id).json()
    assert len(intake.get(f"/api/v1/cases/{case_id}/photos").json()["photos"]) == 1


def test_a_photo_without_a_face_is_kept_and_says_so(intake: TestClient) -> None:
    answer = add_photo(intake, open_case(intake)["case_id"], faceless_photo())
    assert answer.status_code == 201
    assert (answer.json()["analysis"], answer.json()["problem"], answer.json()["faces"]) == ("no_face", "no_face", [])


@pytest.mark.parametrize("reason", list(NoFaceReason))
def test_why_there_is_no_face_is_told_beside_the_problem(reason: NoFaceReason, intake: TestClient, house: House) -> None:
    house.examiner.no_face = reason
    photo = add_photo(intake, open_case(intake)["case_id"], faceless_photo()).json()
    assert (photo["analysis"], photo["problem"], photo["reason"]) == ("no_face", "no_face", reason)
    assert intake.get(f"/api/v1/photos/{photo['photo_id']}").json() == photo


def test_a_photo_with_a_face_has_no_reason(intake: TestClient) -> None:
    assert add_photo(intake, open_case(intake)["case_id"]).json()["reason"] is None


def test_a_dominating_face_is_taken_and_another_may_be_chosen_instead(intake: TestClient) -> None:
    photo = add_photo(intake, open_case(intake)["case_id"], crowded_photo()).json()
    assert (photo["analysis"], photo["problem"]) == ("enrolled", "")
    behind, taken = photo["faces"]
    assert (behind["of_interest"], taken["of_interest"]) == (False, True)
    assert "several_faces" in taken["quality"]["hints"]
    chosen = intake.patch(f"/api/v1/faces/{behind['face_id']}", json={"of_interest": True}).json()
    assert [face["of_interest"] for face in chosen["faces"]] == [True, False]


def test_among_several_faces_a_person_chooses_and_may_choose_again(intake: TestClient) -> None:
    photo = add_photo(intake, open_case(intake)["case_id"], painted_photo(faces=3)).json()
    assert photo["analysis"] == "choose_face"
    assert [face["of_interest"] for face in photo["faces"]] == [False] * 3
    for wanted in (photo["faces"][1]["face_id"], photo["faces"][2]["face_id"]):
        chosen = intake.patch(f"/api/v1/faces/{wanted}", json={"of_interest": True}).json()
        assert chosen["analysis"] == "enrolled"
        assert [face["face_id"] for face in chosen["faces"] if face["of_interest"]] == [wanted]


def test_a_face_is_not_unchosen(intake: TestClient) -> None:
    photo = add_photo(intake, open_case(intake)["case_id"]).json()
    place = f"/api/v1/faces/{photo['faces'][0]['face_id']}"
    refused = intake.patch(place, json={"of_interest": False})
    assert (refused.status_code, refused.json()["field"]) == (422, "of_interest")
    assert intake.patch(place, json={"of_interest": "yes"}).status_code == 422
    assert intake.get(f"/api/v1/photos/{photo['photo_id']}").json() == photo


@pytest.mark.parametrize(
    ("data", "problem"), [(b"", "empty"), (b"%PDF-1.7", "not_an_image"), (unreadable_photo(), "truncated")]
)
def test_what_is_no_photo_is_refused_with_a_reason_and_not_kept(intake: TestClient, data: bytes, problem: str) -> None:
    case_id = open_case(intake)["case_id"]
    refused = add_photo(intake, case_id, data)
    assert (refused.status_code, refused.json()["problem"]) == (422, problem)
    assert intake.get(f"/api/v1/cases/{case_id}/photos").json() == {"photos": []}


def test_a_photo_larger_than_allowed_is_refused(intake: TestClient, house: House) -> None:
    most = house.services.settings.max_photo_mib << 20
    refused = add_photo(intake, open_case(intake)["case_id"], bytes(most + 1))
    assert (refused.status_code, refused.json()["problem"]) == (413, "too_many_bytes")


@pytest.mark.parametrize(
    "fields", [{"taken_on": "May"}, {"taken_on": "2999"}, {"age_in_photo": "126"}, {"age_in_photo": "old"}]
)
def test_a_photo_with_impossible_facts_is_refused(intake: TestClient, fields: dict[str, str]) -> None:
    assert add_photo(intake, open_case(intake)["case_id"], **fields).status_code == 422


def test_a_photo_needs_a_case_that_is_there_and_not_closed(intake: TestClient) -> None:
    assert add_photo(intake, "0" * 32).status_code == 404
    case_id = open_case(intake)["case_id"]
    intake.post(f"/api/v1/cases/{case_id}/close", json={"outcome": "withdrawn", "reason": "asked"})
    assert add_photo(intake, case_id).status_code == 409


def test_a_photo_that_is_sent_as_text_is_refused(intake: TestClient) -> None:
    place = f"/api/v1/cases/{open_case(intake)['case_id']}/photos"
    assert intake.post(place, data={"photo": "text"}).status_code == 422
    assert intake.post(place, json={"photo": "text"}).status_code == 422
    broken = intake.post(place, content=b"--x\r\n", headers={"Content-Type": "multipart/form-data; boundary=y"})
    assert broken.status_code in (400, 422)


def test_a_form_of_too_many_parts_is_refused(intake: TestClient) -> None:
    place = f"/api/v1/cases/{open_case(intake)['case_id']}/photos"
    many = [("photo", (f"{number}.png", painted_photo(number), "image/png")) for number in range(9)]
    assert intake.post(place, files=many).status_code == 400
    fields = {f"field{number}": "x" for number in range(9)}
    assert intake.post(place, files=many[:1], data=fields).status_code == 400
    assert intake.post(place, files=many[:1], data={"taken_on": "x" * 70_000}).status_code == 400


def test_an_analysis_that_does_not_come_about_leaves_the_photo_pending(intake: TestClient, house: House) -> None:
    house.examiner.failure = Busy("too many photos are waiting")
    answer = add_photo(intake, open_case(intake)["case_id"])
    photo = answer.json()
    assert (answer.status_code, photo["analysis"], photo["faces"]) == (202, "pending", [])
    assert (photo["width"], photo["height"]) == (120, 80)
    house.clock.advance(minutes=1)
    second = add_photo(intake, photo["case_id"], painted_photo(2)).json()
    assert (photo["place_in_line"], second["place_in_line"]) == (1, 2)
    listed = intake.get(f"/api/v1/cases/{photo['case_id']}/photos").json()["photos"]
    assert [each["place_in_line"] for each in listed] == [1, 2]
    house.examiner.failure = None
    house.services.worker.work_off()
    looked_at = intake.get(f"/api/v1/photos/{photo['photo_id']}").json()
    assert (looked_at["analysis"], looked_at["place_in_line"]) == ("enrolled", None)


def test_photos_of_several_programs_at_once_are_all_enrolled(intake: TestClient) -> None:
    cases = [open_case(intake)["case_id"] for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: add_photo(intake, cases[number], painted_photo(number)), range(6)))
    assert [(answer.status_code, answer.json()["analysis"]) for answer in answers] == [(201, "enrolled")] * 6


def test_l20_the_original_is_upright_in_its_own_size_and_without_metadata(intake: TestClient) -> None:
    turned = corners(64, 48).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where the family lives"
    data = written(turned, "JPEG", exif=exif.tobytes(), quality=95)
    photo = add_photo(intake, open_case(intake)["case_id"], data).json()
    shown = picture(intake, photo["photo_id"])
    assert shown.size == (photo["width"], photo["height"]) == (64, 48)
    import numpy as np

    assert corner_names(np.asarray(shown.convert("RGB"))) == "rgbw"
    assert not shown.getexif()
    assert "exif" not in shown.info


def test_a_thumbnail_is_small_and_never_enlarged(intake: TestClient) -> None:
    case_id = open_case(intake)["case_id"]
    large = add_photo(intake, case_id, written(corners(1280, 960), "PNG")).json()
    small = add_photo(intake, case_id, written(corners(64, 48), "PNG")).json()
    assert picture(intake, large["photo_id"], "variant=thumb").size == (320, 240)
    assert picture(intake, small["photo_id"], "variant=thumb").size == (64, 48)
    assert picture(intake, large["photo_id"]).size == (1280, 960)


def test_the_portrait_shows_the_face_of_interest_or_the_one_that_is_named(intake: TestClient) -> None:
    photo = add_photo(intake, open_case(intake)["case_id"], painted_photo(faces=2)).json()
    place = f"/api/v1/photos/{photo['photo_id']}/image?variant=face"
    assert intake.get(place).status_code == 404
    first, second = (face["face_id"] for face in photo["faces"])
    assert picture(intake, photo["photo_id"], f"variant=face&face_id={first}").size == (480, 480)
    intake.patch(f"/api/v1/faces/{second}", json={"of_interest": True})
    assert intake.get(place).content == intake.get(f"{place}&face_id={second}").content
    assert intake.get(place).content != intake.get(f"{place}&face_id={first}").content
    assert intake.get(f"{place}&face_id={'0' * 32}").status_code == 404


def test_an_erased_photo_is_not_shown_from_memory(intake: TestClient, house: House) -> None:
    case_id = open_case(intake)["case_id"]
    photo_id = add_photo(intake, case_id).json()["photo_id"]
    for variant in ("thumb", "face", "original"):
        picture(intake, photo_id, f"variant={variant}")
    house.services.retention.erase_case(house.manager, case_id)
    for variant in ("thumb", "face", "original"):
        assert intake.get(f"/api/v1/photos/{photo_id}/image?variant={variant}").status_code == 404
