"""Clues over HTTP: what is said comes back word for word, and finds."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import open_case
from tests.house import House

HOME = "我屋里在富阳，老爹叫刘国强"


def told(client: TestClient, case_id: str, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/cases/{case_id}/clues", json={"said": HOME} | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def found(intake: TestClient, house: House) -> tuple[str, str]:
    """The ids of a missing case and of an intake that clues alone put together."""
    missing = open_case(intake, names=["刘国强"], seen_place="安徽省阜阳市")["case_id"]
    house.services.worker.work_off()
    sheltered = open_case(intake, kind="sheltered")["case_id"]
    told(intake, sheltered, mentions=[{"kind": "place", "start": 4, "end": 6, "text": "富阳", "place_code": "341200"}])
    return missing, sheltered


def test_a_clue_comes_back_as_it_was_said(intake: TestClient) -> None:
    case_id = open_case(intake, kind="sheltered")["case_id"]
    clue = told(intake, case_id, dialect="阜阳话", said_at="2026-02-27T09:30:00+08:00")
    assert (clue["said"], clue["dialect"], clue["version"]) == (HOME, "阜阳话", 1)
    (read,) = intake.get(f"/api/v1/cases/{case_id}/clues").json()["clues"]
    assert read["said_at"] == "2026-02-27T01:30:00Z"
    assert {**read, "said_at": clue["said_at"]} == clue


def test_suggestions_keep_nothing(intake: TestClient) -> None:
    answer = intake.post("/api/v1/clues/suggestions", json={"said": HOME}).json()
    place, person = answer["mentions"]
    assert (place["kind"], place["text"], person["kind"], person["text"]) == ("place", "富阳", "person", "刘国强")
    assert {each["name"] for each in place["places"]} >= {"浙江省杭州市富阳区", "安徽省阜阳市"}


def test_a_revision_a_withdrawal_and_the_history(intake: TestClient) -> None:
    case_id = open_case(intake, kind="sheltered")["case_id"]
    path = f"/api/v1/clues/{told(intake, case_id)['clue_id']}"
    body = {"said": "他讲阜阳", "version": 1, "reason": "heard again"}
    assert intake.put(path, json=body).json()["version"] == 2
    assert intake.put(path, json=body).status_code == 409
    assert intake.post(f"{path}/withdraw", json={"version": 2, "reason": "of a neighbour"}).json()["withdrawn"]
    assert intake.get(f"/api/v1/cases/{case_id}/clues").json() == {"clues": []}
    assert [each["said"] for each in intake.get(f"{path}/history").json()["clues"]] == [HOME, "他讲阜阳", "他讲阜阳"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"said": " "},
        {"said": HOME, "said_at": "2026-02-27T09:30:00"},
        {"said": HOME, "said_at": "2036-02-27T09:30:00Z"},
        {"said": HOME, "mentions": [{"kind": "place", "start": 4, "end": 6, "text": "阜阳"}]},
        {"said": HOME, "mentions": [{"kind": "place", "start": 4, "end": 6, "text": "富阳", "place_code": "x"}]},
        {"said": HOME, "told_to": "somebody else"},
    ],
)
def test_what_makes_no_sense_is_a_problem_of_its_field(intake: TestClient, body: dict[str, Any]) -> None:
    case_id = open_case(intake, kind="sheltered")["case_id"]
    answer = intake.post(f"/api/v1/cases/{case_id}/clues", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_candidates_by_clues_are_a_list_of_their_own(found: tuple[str, str], auditor: TestClient, intake: TestClient) -> None:
    missing, sheltered = found
    path = f"/api/v1/cases/{missing}/candidates"
    (candidate,) = auditor.get(f"{path}?source=clues").json()["candidates"]
    assert (candidate["case"]["case_id"], candidate["rank"], "score" in candidate) == (sheltered, 1, False)
    evidence = candidate["clue_evidence"]
    assert evidence["bits"] == pytest.approx(sum(line["bits"] for line in evidence["lines"]))
    (by_faces,) = auditor.get(path).json()["candidates"]
    assert (by_faces["rank"], by_faces["clue_evidence"]) == (None, evidence)
    assert "evidence" not in by_faces
    (unweighed,) = intake.get(f"{path}?source=clues").json()["candidates"]
    assert "bits" not in unweighed["clue_evidence"]
    assert unweighed["clue_evidence"]["lines"][0]["strength"] == "strong"


def test_a_first_reviewer_reads_what_was_said_and_not_what_it_weighs(
    found: tuple[str, str], reviewer: TestClient, auditor: TestClient
) -> None:
    missing, _ = found
    pair_id = auditor.get(f"/api/v1/cases/{missing}/candidates?source=clues").json()["candidates"][0]["pair_id"]
    assert reviewer.get(f"/api/v1/cases/{missing}/candidates?source=clues").json()["candidates"] == []
    before = reviewer.get(f"/api/v1/pairs/{pair_id}").json()
    assert sorted(clue["said"] for said in before["said"] for clue in said) == [HOME]
    assert "clue_evidence" not in before
    body = {"judgement": "cannot_tell", "reason": "no photo"}
    assert reviewer.post(f"/api/v1/pairs/{pair_id}/decisions", json=body).status_code == 201
    after = reviewer.get(f"/api/v1/pairs/{pair_id}").json()
    assert after["clue_evidence"]["bits"] > 5
    assert "score" not in after, "there is no face to compare"


def test_coverage_by_clues_is_counted(found: tuple[str, str], auditor: TestClient) -> None:
    counts = auditor.get("/api/v1/statistics").json()
    assert (counts["searched_by_clues"], counts["open_cases"]) == (2, 2)
    assert "tracing_cases_searched_by_clues 2.0" in auditor.get("/metrics").text


def test_words_are_answered_with_the_cases_they_fit(intake: TestClient, found: tuple[str, str]) -> None:
    answer = intake.post("/api/v1/clues/enquiries", json={"words": "富阳 刘国强", "kind": "missing"}).json()
    (hit,) = answer["found"]
    assert (hit["case"]["case_id"], answer["elsewhere"]) == (found[0], {})
    assert {line["topic"] for line in hit["lines"]} == {"place", "name"}
    assert all(line["low"]["field"] == "asked" for line in hit["lines"])
    assert hit["bits"] is None, "whoever asks sees words, and no numbers"
    assert all(line["bits"] is None for line in hit["lines"])


@pytest.mark.parametrize(
    "body", [{"words": ""}, {"words": "x"}, {"words": "阜阳", "limit": 0}, {"words": "阜阳", "kind": "lost"}]
)
def test_an_enquiry_without_words_is_a_problem(intake: TestClient, body: dict[str, Any]) -> None:
    answer = intake.post("/api/v1/clues/enquiries", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def in_care(intake: TestClient, house: House) -> str:
    """The id of an intake, among families from four places."""
    for name, place in (
        ("刘国强", "安徽省阜阳市"),
        ("王军", "河南省信阳市"),
        ("李伟", "四川省成都市"),
        ("陈明", "安徽省合肥市"),
    ):
        open_case(intake, names=[name], seen_place=place)
    case_id: str = open_case(intake, kind="sheltered")["case_id"]
    house.services.worker.work_off()
    return case_id


def test_the_help_names_a_board_and_keeps_what_was_pointed_at(intake: TestClient, house: House, in_care: str) -> None:
    path = f"/api/v1/cases/{in_care}/interview-help"
    found = intake.get(path, params={"kind": "place"}).json()
    assert (found["answered"], found["board"]["kind"], found["board"]["within"]) == (0, "place", "")
    assert found["kinds"] == ["place", "surname", "picture"]
    shown = [choice["key"] for choice in found["board"]["choices"]]
    assert shown == sorted(shown)
    assert {"place:340000", "place:410000", "place:510000"} < set(shown)
    body = {"kind": "place", "shown": shown, "reply": "yes", "pointed_at": ["place:340000"]}
    clue = intake.post(path, json=body).json()
    assert {(each["text"], each["reply"]) for each in clue["mentions"]} > {("安徽省", "yes"), ("河南省", "no")}
    assert clue["said"].endswith(" → 安徽省")
    after = intake.get(path, params={"kind": "place"}).json()
    assert (after["answered"], after["board"]["within"]) == (1, "340000")
    assert not set(shown) & {choice["key"] for choice in after["board"]["choices"]}
    with house.services.store.reading() as records:
        actions = [(event.action, event.detail.get("interview_help")) for event in records.audit.of_subject(in_care)]
    assert ("read_case", "place") in actions


def test_nobody_learns_from_the_help_which_cases_it_weighs(intake: TestClient, in_care: str) -> None:
    answer = intake.get(f"/api/v1/cases/{in_care}/interview-help").text
    for word in ("gain", "weight", "case_id", "M-2026"):
        assert word not in answer


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "surname"},
        {"pointed_at": []},
        {"pointed_at": ["place:510000"]},
        {"reply": "no"},
        {"reply": "perhaps"},
        {"shown": ["place:340000"]},
        {"shown": ["place:340000", "place:000000"]},
        {"shown": ["place:340000", "name:liu"]},
    ],
)
def test_what_no_board_has_shown_is_a_problem(intake: TestClient, in_care: str, change: dict[str, Any]) -> None:
    body = {"kind": "place", "shown": ["place:340000", "place:410000"], "reply": "yes", "pointed_at": ["place:340000"]}
    answer = intake.post(f"/api/v1/cases/{in_care}/interview-help", json=body | change)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_help_is_for_people_in_care_and_for_those_who_may_write(
    intake: TestClient, reviewer: TestClient, in_care: str
) -> None:
    missing = open_case(intake, names=["刘国强"])["case_id"]
    assert intake.get(f"/api/v1/cases/{missing}/interview-help").status_code == 409
    assert reviewer.get(f"/api/v1/cases/{in_care}/interview-help").status_code == 403
