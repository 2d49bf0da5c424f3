"""The timeline of a case over HTTP."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.api.conftest import open_case
from tests.house import House
from tracing.domain import Told


def test_a_timeline_is_read_page_by_page_and_by_kind(intake: TestClient, house: House) -> None:
    case_id = open_case(intake)["case_id"]
    path = f"/api/v1/cases/{case_id}/timeline"
    for number in range(3):
        house.clock.advance(minutes=1)
        house.services.interviews.record(house.intake, case_id, Told(f"word {number}"))
    first = intake.get(path, params={"kind": "clue", "limit": 2}).json()
    assert [entry["words"] for entry in first["entries"]] == ["word 2", "word 1"]
    assert (first["total"], first["counts"]["case"], first["ahead"]) == (3, 1, [])
    house.services.interviews.record(house.intake, case_id, Told("word 3"))
    second = intake.get(path, params={"kind": "clue", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert [entry["words"] for entry in second["entries"]] == ["word 0"]
    assert second["next_cursor"] is None
    opened = intake.get(path).json()["entries"][-1]
    assert (opened["what"], opened["by"], opened["about"]["kind"]) == ("opened", house.intake.account_id, "missing")


def test_what_makes_no_sense_is_a_problem_document(intake: TestClient) -> None:
    path = f"/api/v1/cases/{open_case(intake)['case_id']}/timeline"
    for wrong in ({"cursor": "nonsense"}, {"kind": "nonsense"}, {"limit": 0}, {"cursor": "x" * 200}):
        answer = intake.get(path, params=wrong)
        assert answer.status_code == 422, wrong
        assert answer.headers["content-type"] == "application/problem+json"
    assert intake.get(f"/api/v1/cases/{'0' * 32}/timeline").status_code == 404


def test_contacts_are_nowhere_in_it(intake: TestClient) -> None:
    case_id = open_case(intake, contact={"role": "reporter", "name": "Aunt Chen", "phone": "555 0100"})["case_id"]
    text = intake.get(f"/api/v1/cases/{case_id}/timeline").text
    assert "Aunt Chen" not in text
    assert "555" not in text
