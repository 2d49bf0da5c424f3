"""What programs hand in with a verification and a reunion, and first words: beside the contract that was there before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.house import House
from tests.stories import rows_naming
from tests.test_reunions import WHOLE, whole
from tracing.domain import Outcome, Pair
from tracing.verdict import Proof


@pytest.fixture
def confirmed(house: House) -> Pair:
    return house.confirm(house.pair(house.missing(1), house.sheltered(1)))


def step(client: TestClient, pair: Pair, name: str, **body: Any) -> Any:
    return client.post(f"/api/v1/pairs/{pair.pair_id}/{name}", json={"reason": "see the papers"} | body)


def named(answer: Any) -> dict[str, str]:
    """field -> message of a problem document that names several."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:tracing:problem:incomplete"
    return {each["field"]: each["message"] for each in answer.json()["errors"]}


@pytest.mark.parametrize("proof", list(Proof))
def test_a_verification_takes_the_fields_of_its_kind_all_or_none(
    manager: TestClient, house: House, confirmed: Pair, proof: Proof
) -> None:
    details = whole(proof)
    first, *rest = details
    assert named(step(manager, confirmed, "verify", proof=proof, details={first: details[first]})).keys() == set(rest)
    assert "nonsense" in named(step(manager, confirmed, "verify", proof=proof, details=details | {"nonsense": "x"}))
    assert step(manager, confirmed, "verify", proof=proof, details=details).json()["state"] == "verified"
    with house.services.store.reading() as records:
        (kept,) = records.reunions.proofs(confirmed.pair_id)
    assert kept.details.keys() == details.keys()


def test_a_reunion_takes_the_whole_record_or_a_reason_alone(manager: TestClient, house: House, confirmed: Pair) -> None:
    step(manager, confirmed, "verify", proof="dna")
    whole_record = asdict(WHOLE)
    assert len(named(step(manager, confirmed, "reunite", hand_over={}))) == 11
    assert step(manager, confirmed, "reunite", hand_over=whole_record | {"shoe_size": "41"}).status_code == 422
    assert named(step(manager, confirmed, "reunite", hand_over=whole_record | {"witness": " "})).keys() == {"witness"}
    assert step(manager, confirmed, "reunite", hand_over=whole_record).json()["state"] == "reunited"
    with house.services.store.reading() as records:
        assert records.reunions.hand_over(confirmed.pair_id) is not None


def test_no_answer_holds_what_the_papers_say(
    manager: TestClient, auditor: TestClient, partner: TestClient, house: House, confirmed: Pair
) -> None:
    step(manager, confirmed, "verify", proof="document", details=whole(Proof.DOCUMENT))
    step(manager, confirmed, "reunite", hand_over=asdict(WHOLE))
    for client in (manager, auditor, partner):
        told = client.get(f"/api/v1/pairs/{confirmed.pair_id}").text + client.get("/api/v1/cases").text
        assert "Li Fang" not in told
        assert "the seen_by" not in told
    assert rows_naming(house, "Li Fang") == {}


def test_a_first_word_is_listed_and_taken_back_by_who_gave_it(intake: TestClient, manager: TestClient, house: House) -> None:
    case = house.sheltered(1)
    said = {"outcome": "deceased", "reason": "the hospital called"}
    assert intake.post(f"/api/v1/cases/{case.case_id}/close", json=said).status_code == 202
    (word,) = manager.get("/api/v1/approvals").json()["approvals"]
    assert (word["case"]["case_id"], word["outcome"], word["own"]) == (case.case_id, Outcome.DECEASED, False)
    assert (word["approver"], word["reason"]) == (house.intake.account_id, "the hospital called")
    place = f"/api/v1/cases/{case.case_id}/approval/withdraw"
    assert manager.post(place).status_code == 409
    assert intake.post(place).json()["state"] == "open"
    assert manager.get("/api/v1/approvals").json() == {"approvals": []}
    assert intake.post(place).status_code == 409
