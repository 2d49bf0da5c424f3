"""Candidates, the review queue and decisions over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.house import House
from tracing.domain import Case, CaseKind

VERDICT = {
    "judgement": "same_likely",
    "confidence": 4,
    "features": {"ears": "similar", "scars": "similar"},
    "reason": "The same scar above the left eye.",
}


@pytest.fixture
def two(house: House) -> tuple[Case, Case]:
    """A missing report and an intake of one person, enrolled and searched; the list holds a stranger too."""
    missing = house.missing(1, names=("Wang",))
    house.sheltered(2)
    return missing, house.sheltered(1, names=("unknown",))


def candidates(client: TestClient, case: Case, query: str = "") -> Any:
    answer = client.get(f"/api/v1/cases/{case.case_id}/candidates?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_program_that_sees_scores_gets_the_evidence(partner: TestClient, two: tuple[Case, Case]) -> None:
    missing, sheltered = two
    found = candidates(partner, sheltered)
    assert found["search"]["gallery_size"] == 2
    assert found["search"]["expected_false_alarms"] > 0
    (candidate,) = found["candidates"]
    assert candidate["case"]["case_id"] == missing.case_id
    assert candidate["case"]["names"] == ["Wang"]
    assert (candidate["relation"], candidate["rank"], candidate["state"]) == ("trace", 1, "proposed")
    assert candidate["score"] > 0.9
    assert candidate["evidence"].keys() == {"log10_lr", "band", "expected_false_alarms", "guarded"}


def test_nobody_plausible_is_an_answer(partner: TestClient, reviewer: TestClient, house: House) -> None:
    alone = house.missing(7)
    for client in (partner, reviewer):
        found = candidates(client, alone)
        assert (found["search"]["outcome"], found["candidates"]) == ("nobody_plausible", [])
    house.sheltered(7)
    for client in (partner, reviewer):
        assert candidates(client, alone)["search"]["outcome"] == "candidates"


def test_intake_staff_see_candidates_without_scores(intake: TestClient, two: tuple[Case, Case]) -> None:
    found = candidates(intake, two[1])
    assert found["search"]["expected_false_alarms"] is None
    (candidate,) = found["candidates"]
    assert candidate["rank"] == 1
    assert not candidate.keys() & {"score", "evidence"}


def test_a_reviewer_sees_the_score_only_after_the_own_judgement(reviewer: TestClient, two: tuple[Case, Case]) -> None:
    (before,) = candidates(reviewer, two[1])["candidates"]
    assert before["rank"] is None
    place = f"/api/v1/pairs/{before['pair_id']}"
    assert not (before.keys() | reviewer.get(place).json().keys()) & {"score", "evidence"}
    assert reviewer.post(f"{place}/decisions", json=VERDICT).status_code == 201
    (after,) = candidates(reviewer, two[1])["candidates"]
    assert after["rank"] == 1
    assert after["score"] == reviewer.get(place).json()["score"] > 0.9
    assert after["evidence"]["band"] == reviewer.get(place).json()["evidence"]["band"]


def test_a_case_that_was_never_searched_has_no_candidates(partner: TestClient, house: House) -> None:
    assert candidates(partner, house.open(CaseKind.MISSING)) == {"search": None, "candidates": [], "warnings": []}


def test_candidates_of_one_relation_and_at_most_so_many(partner: TestClient, house: House, two: tuple[Case, Case]) -> None:
    third = house.sheltered(1, names=("again",))
    assert {each["relation"] for each in candidates(partner, third)["candidates"]} == {"trace", "readmission"}
    (one,) = candidates(partner, third, "relation=readmission")["candidates"]
    assert one["case"]["case_id"] == two[1].case_id
    assert len(candidates(partner, third, "limit=1")["candidates"]) == 1


def test_the_queue_never_tells_how_alike_two_people_are(
    reviewer: TestClient, manager: TestClient, house: House, two: tuple[Case, Case]
) -> None:
    for client in (reviewer, manager):
        page = client.get("/api/v1/review/queue").json()
        assert page["total"] == 1
        (pair,) = page["pairs"]
        assert pair.keys() == {"pair_id", "relation", "state", "cases"}
        assert {case["case_id"] for case in pair["cases"]} == {case.case_id for case in two}
    assert reviewer.get("/api/v1/review/queue?relation=duplicate").json() == {"total": 0, "pairs": []}


def test_two_people_look_at_a_pair_and_prove_and_end_it(
    reviewer: TestClient,
    second: TestClient,
    manager: TestClient,
    auditor: TestClient,
    intake: TestClient,
    house: House,
    two: tuple[Case, Case],
) -> None:
    pair_id = house.pair(*two).pair_id
    place = f"/api/v1/pairs/{pair_id}"
    claimed = reviewer.post(f"{place}/claim").json()
    assert (claimed["pair_id"], claimed["state"]) == (pair_id, "under_review")
    assert claimed["claimed_until"] == "2026-03-01T12:15:00Z"
    assert second.post(f"{place}/claim").status_code == 409
    assert second.post(f"{place}/decisions", json=VERDICT).status_code == 409

    first = reviewer.post(f"{place}/decisions", json=VERDICT)
    assert (first.status_code, first.json()["state"]) == (201, "first_positive")
    decision = first.json()["decision"]
    assert (decision["judgement"], decision["stage"], decision["features"]) == ("same_likely", "first", VERDICT["features"])
    assert reviewer.post(f"{place}/decisions", json=VERDICT).status_code == 403

    blind = second.get(place).json()
    assert (blind["state"], blind["decisions"], blind["may_judge"]) == ("under_review", [], True)
    assert second.post(f"{place}/decisions", json=VERDICT).json()["state"] == "confirmed"
    assert {intake.get(f"/api/v1/cases/{case.case_id}").json()["state"] for case in two} == {"matched"}

    proof = {"proof": "control_question", "reason": "Knew the name of the family's dog."}
    assert manager.post(f"{place}/reunite", json={"reason": "too early"}).status_code == 409
    assert manager.post(f"{place}/verify", json=proof).json() == {"pair_id": pair_id, "state": "verified"}
    assert manager.post(f"{place}/reunite", json={"reason": "Fetched by the son."}).json()["state"] == "reunited"
    assert {intake.get(f"/api/v1/cases/{case.case_id}").json()["outcome"] for case in two} == {"reunited"}
    stages = [each["stage"] for each in auditor.get(place).json()["decisions"]]
    assert stages == ["first", "second", "verification", "reunion"]


def test_a_confirmation_is_revoked_with_a_reason(
    manager: TestClient, intake: TestClient, house: House, two: tuple[Case, Case]
) -> None:
    place = f"/api/v1/pairs/{house.confirm(house.pair(*two)).pair_id}"
    assert manager.post(f"{place}/revoke", json={"reason": "  "}).status_code == 422
    assert manager.post(f"{place}/revoke", json={"reason": "The parents know better."}).json()["state"] == "revoked"
    assert {intake.get(f"/api/v1/cases/{case.case_id}").json()["state"] for case in two} == {"open"}


def test_a_pair_shows_both_descriptions_field_by_field(auditor: TestClient, house: House, two: tuple[Case, Case]) -> None:
    shown = auditor.get(f"/api/v1/pairs/{house.pair(*two).pair_id}").json()
    assert [case["case_id"] for case in shown["cases"]] == sorted(case.case_id for case in two)
    names = next(row for row in shown["comparison"] if row["field"] == "names")
    assert ({names["low"], names["high"]}, names["agreement"]) == ({"Wang", "unknown"}, "mismatch")
    assert "score" in shown
    assert shown["may_judge"] is False


def test_nobody_judges_a_pair_of_a_case_they_opened(manager: TestClient, house: House) -> None:
    own = house.open(CaseKind.MISSING, house.manager)
    house.photograph(own, 1)
    pair = house.pair(own, house.sheltered(1))
    assert manager.get("/api/v1/review/queue").json()["total"] == 0
    assert manager.post(f"/api/v1/pairs/{pair.pair_id}/claim").status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"judgement": "maybe"}, "judgement"),
        ({"confidence": 6}, "confidence"),
        ({"confidence": "4"}, "confidence"),
        ({"features": {"hat": "similar"}}, "features"),
        ({"features": {"ears": "nice"}}, "features.ears"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 4001}, "reason"),
        ({"reason": "nul \x00"}, "reason"),
        ({"score": 1}, "score"),
    ],
)
def test_a_judgement_off_the_form_is_refused_with_the_field_named(
    reviewer: TestClient, house: House, two: tuple[Case, Case], change: dict[str, Any], field: str
) -> None:
    refused = reviewer.post(f"/api/v1/pairs/{house.pair(*two).pair_id}/decisions", json=VERDICT | change)
    assert refused.status_code == 422
    problem = refused.json()
    assert field in [problem.get("field"), *(each["field"] for each in problem.get("errors", []))]


@pytest.mark.parametrize("step", ["claim", "decisions", "verify", "revoke", "reunite"])
@pytest.mark.parametrize("name", ["x", "0" * 32])
def test_a_pair_that_is_not_there_is_not_found(manager: TestClient, step: str, name: str) -> None:
    bodies = {"decisions": VERDICT, "verify": {"proof": "dna", "reason": "r"}, "claim": None}
    answer = manager.post(f"/api/v1/pairs/{name}/{step}", json=bodies.get(step, {"reason": "r"}))
    assert answer.status_code == 404
