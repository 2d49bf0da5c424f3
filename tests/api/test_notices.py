"""Notices by the JSON API: proposed, drafted, approved by somebody else, published, taken down."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tests.house import House
from tests.noticing import CONTACT, STATION, told_of
from tracing.domain import Case


@pytest.fixture
def case(house: House) -> Case:
    return told_of(house)


def proposed(client: TestClient, case: Case) -> dict[str, Any]:
    answer = client.get(f"/api/v1/cases/{case.case_id}/notices/proposal")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def drafted(client: TestClient, case: Case, status: int = 201, **changes: Any) -> Any:
    offer = proposed(client, case)
    body = {
        "station": STATION,
        "contact": CONTACT,
        "shown": offer["shown"],
        "marks": offer["proposed_marks"],
        "photo_id": offer["photo_ids"][0],
    }
    answer = client.post(f"/api/v1/cases/{case.case_id}/notices", json=body | changes)
    assert answer.status_code == status, answer.text
    return answer.json()


def step(client: TestClient, notice: dict[str, Any], what: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api/v1/notices/{notice['notice_id']}/{what}", json={"version": notice["version"]} | body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_from_a_draft_to_everybody_and_back(house: House, intake: TestClient, manager: TestClient, case: Case) -> None:
    draft = drafted(intake, case)
    assert (draft["state"], draft["version"], draft["obstacles"]) == ("draft", 1, [])
    assert draft["words"]["name"] == "王建国"
    assert [mark["text"] for mark in draft["words"]["marks"]] == ["左眉有一道疤"]
    assert [mark["text"] for mark in draft["kept_back"]] == ["右手缺小指"]
    approved = step(manager, draft, "approve", reason="compared")
    published = step(manager, approved, "publish", until="2026-03-20")
    assert (published["state"], published["expires_at"]) == ("published", "2026-03-21T00:00:00Z")
    assert len(house.services.published.page(9).notices) == 1
    ended = step(intake, published, "withdraw", reason="he is home")
    assert (ended["state"], ended["end"], ended["end_reason"]) == ("withdrawn", "by_hand", "he is home")
    assert house.services.published.page(9).notices == ()
    listed = intake.get(f"/api/v1/cases/{case.case_id}/notices").json()["notices"]
    assert listed == [ended]
    page = manager.get("/api/v1/notices?state=withdrawn").json()
    assert page["counts"]["withdrawn"] == 1
    assert page["notices"] == [ended]
    assert manager.get("/api/v1/notices?state=draft").json()["notices"] == []


def test_an_approval_is_taken_back_and_the_draft_is_written_anew(intake: TestClient, manager: TestClient, case: Case) -> None:
    approved = step(manager, drafted(intake, case), "approve", reason="compared")
    back = step(intake, approved, "take-back", reason="another photo")
    body = {"station": STATION, "contact": CONTACT, "shown": ["sex", "age"], "version": back["version"]}
    answer = intake.put(f"/api/v1/notices/{back['notice_id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["shown"] == ["age", "sex"]
    assert answer.json()["photo_id"] is None
    assert intake.put(f"/api/v1/notices/{back['notice_id']}", json=body).status_code == 409


def test_what_no_notice_tells_is_refused_by_its_field(intake: TestClient, case: Case) -> None:
    keys = [mark["key"] for mark in proposed(intake, case)["marks"]]
    wrong = drafted(intake, case, 422, marks=keys, contact="", shown=["marks", "mind"], mind="健忘")
    assert {each["field"] for each in wrong["errors"]} == {"marks", "contact", "mind_reason"}
    assert drafted(intake, case, 422, marks=["0" * 16])["errors"][0]["field"] == "marks"
    assert drafted(intake, case, 422, photo_id="0" * 32)["field"] == "photo"


def test_l3_a_child_has_no_notice_without_a_guardian(house: House, intake: TestClient) -> None:
    child = told_of(house, 5, age_min=9, age_max=12)
    assert proposed(intake, child)["refused"]
    refused = drafted(intake, child, 409)
    assert "under 14" in refused["detail"]


def test_nobody_approves_their_own_words(manager: TestClient, case: Case) -> None:
    mine = drafted(manager, case)
    assert step(manager, mine, "approve", 403, reason="mine")["type"].endswith("not-allowed")


def test_of_two_at_once_the_second_is_told(intake: TestClient, manager: TestClient, case: Case) -> None:
    draft = drafted(intake, case)
    step(manager, draft, "approve", reason="compared")
    assert step(manager, draft, "approve", 409, reason="compared")["type"].endswith("stale")


def test_the_picture_is_what_is_shown_and_nothing_more(house: House, intake: TestClient) -> None:
    case = told_of(house, 3)
    report = house.photograph(case, 3, faces=2, shot=9)
    if not any(face.of_interest for face in report.faces):
        house.services.intake.choose_face(house.intake, report.faces[0].face_id)
    draft = drafted(intake, case, photo_id=report.photo.photo_id)
    answer = intake.get(f"/api/v1/notices/{draft['notice_id']}/image")
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.width < report.photo.width
    assert not picture.getexif()
    bare = drafted(intake, case, shown=["age"])
    assert intake.get(f"/api/v1/notices/{bare['notice_id']}/image").status_code == 404


def test_an_unusual_day_is_no_day(intake: TestClient, manager: TestClient, case: Case) -> None:
    approved = step(manager, drafted(intake, case), "approve", reason="compared")
    for until in (1_800_000_000, "2026-3-1", "tomorrow", "2020-01-01", "2099-01-01"):
        step(manager, approved, "publish", 422, until=until)


@pytest.mark.parametrize(
    ("what", "kind", "begin"), [("poster", "application/pdf", b"%PDF"), ("share", "image/png", b"\x89PNG")]
)
def test_programs_get_the_papers_too(intake: TestClient, case: Case, what: str, kind: str, begin: bytes) -> None:
    draft = drafted(intake, case)
    answers = [intake.get(f"/api/v1/notices/{draft['notice_id']}/{what}?language={each}") for each in ("zh_CN", "en")]
    assert [each.headers["content-type"] for each in answers] == [kind] * 2
    assert all(each.content.startswith(begin) for each in answers)
    assert answers[0].content != answers[1].content
    assert intake.get(f"/api/v1/notices/{draft['notice_id']}/{what}?language=xx").status_code == 422
