"""The mark that relatives may be the danger (DOMAIN.md, L21), over HTTP: set, seen, checked, and every door that it closes."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import problem
from tests.house import House
from tests.test_reunions import WHOLE, whole
from tracing.domain import Case, Pair, Role
from tracing.verdict import Proof

WHY = {"reason": "old injuries, and he trembles when his father is named"}
FOUND = {"reason": "the police have found nothing against him"}
HAND_OVER = {name: getattr(WHOLE, name) for name in WHOLE.__dataclass_fields__}


@pytest.fixture
def match(house: House) -> tuple[Case, Case, Pair]:
    missing, sheltered = house.missing(1, age_min=40), house.sheltered(1, age_min=40, seen_place="合肥火车站")
    pair = house.confirm(house.pair(missing, sheltered))
    house.hire("yue", Role.MANAGER)
    return missing, sheltered, pair


def test_l21_a_program_sets_and_sees_a_mark_and_another_person_records_the_check(
    partner: TestClient, intake: TestClient, manager: TestClient, house: House, match: tuple[Case, Case, Pair], calls: Any
) -> None:
    place = f"/api/v1/cases/{match[1].case_id}/safeguard"
    assert intake.get(place).json() == {"guarded": False, "relatives_closed": False, "may_clear": False, "marks": []}
    made = intake.post(place, json=WHY)
    assert (made.status_code, made.json()["reason"]) == (201, WHY["reason"])
    assert problem(partner.post(place, json=WHY)) == (409, "conflict")
    told = calls("yue").get(place).json()
    assert (told["guarded"], told["relatives_closed"], told["may_clear"]) == (True, True, True)
    assert partner.get(place).json()["marks"][0]["reason"] == ""
    assert intake.get(f"/api/v1/cases/{match[0].case_id}/safeguard").json()["relatives_closed"] is True
    assert [each["may_clear"] for each in intake.get("/api/v1/safeguards").json()["safeguards"]] == [False]
    assert intake.get(f"/api/v1/cases/{match[1].case_id}").json()["guarded"] is True
    for client in (intake, partner):
        assert client.post(f"{place}/clear", json=FOUND).status_code == 403
    cleared = calls("yue").post(f"{place}/clear", json=FOUND)
    assert (cleared.status_code, cleared.json()["finding"]) == (200, FOUND["reason"])
    assert problem(manager.post(f"{place}/clear", json=FOUND)) == (409, "wrong-state")
    assert manager.get("/api/v1/safeguards").json() == {"safeguards": []}


def test_l21_every_call_that_leads_to_relatives_is_closed_and_says_what_comes_next(
    manager: TestClient, intake: TestClient, house: House, match: tuple[Case, Case, Pair]
) -> None:
    _, sheltered, pair = match
    place = f"/api/v1/pairs/{pair.pair_id}"
    intake.post(f"/api/v1/cases/{sheltered.case_id}/safeguard", json=WHY)
    for proof in (Proof.CONTROL_QUESTION, Proof.DOCUMENT):
        refused = manager.post(f"{place}/verify", json={"proof": proof, "reason": "asked", "details": whole(proof)})
        assert problem(refused) == (409, "safeguarded")
    assert manager.post(f"{place}/verify", json={"proof": "dna", "reason": "file 7"}).json()["state"] == "verified"
    for body in ({"reason": "to the father"}, {"reason": "to the father", "hand_over": HAND_OVER}):
        refused = manager.post(f"{place}/reunite", json=body)
        assert problem(refused) == (409, "safeguarded")
        assert "a manager who does not deal with the family records the check" in refused.json()["detail"]
    said = {"outcome": "returned_to_origin", "reason": "sent home"}
    free = house.sheltered(5)
    intake.post(f"/api/v1/cases/{free.case_id}/safeguard", json=WHY)
    assert problem(intake.post(f"/api/v1/cases/{free.case_id}/close", json=said)) == (409, "safeguarded")


def test_l21_the_description_tells_programs_of_the_mark(partner: TestClient) -> None:
    document = partner.get("/api/v1/openapi.json").json()
    assert "guarded" in document["components"]["schemas"]["CaseAnswer"]["required"]
    assert "safeguarded" in document["paths"]["/api/v1/cases/{case_id}/safeguard"]["post"]["description"]
