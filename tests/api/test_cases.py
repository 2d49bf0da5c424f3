"""Cases over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import add_photo, open_case
from tests.house import House
from tracing.domain import Event


def events(house: House, case_id: str) -> list[Event]:
    with house.services.store.reading() as records:
        return records.audit.of_subject(case_id)


def test_a_new_case_is_open_and_told_back_as_it_was_given(intake: TestClient) -> None:
    told = {
        "names": ["王建国"],
        "sex": "male",
        "birth_date": "1961-03",
        "languages": ["四川话"],
        "height_cm": 168,
        "marks": ["a scar"],
        "seen_at": "2025",
        "circumstances": "two lines\nof text",
    }
    case = open_case(intake, **told)
    assert (case["state"], case["kind"], case["version"], case["outcome"]) == ("open", "missing", 1, None)
    assert case["reference"].startswith("M-2026-")
    assert told.items() <= case.items()
    assert intake.get(f"/api/v1/cases/{case['case_id']}").json() == case


@pytest.mark.parametrize(("kind", "basis"), [("sheltered", "statutory_duty"), ("missing", "separate_consent")])
def test_a_case_without_a_legal_basis_has_that_of_its_kind(intake: TestClient, kind: str, basis: str) -> None:
    assert open_case(intake, kind)["legal_basis"] == basis


def test_l18_the_contact_is_kept_and_never_told(intake: TestClient, house: House) -> None:
    case = open_case(intake, contact={"role": "daughter", "name": "王芳", "phone": "138"})
    assert "王芳" not in intake.get(f"/api/v1/cases/{case['case_id']}").text
    (contact,) = house.services.casework.contacts(house.intake, case["case_id"])
    assert (contact.role, contact.name, contact.phone) == ("daughter", "王芳", "138")


def test_reading_a_case_is_audited_and_listing_cases_is_not(intake: TestClient, auditor: TestClient, house: House) -> None:
    case_id = open_case(intake)["case_id"]
    auditor.get("/api/v1/cases")
    assert [event.action for event in events(house, case_id)] == ["open_case"]
    auditor.get(f"/api/v1/cases/{case_id}")
    last = events(house, case_id)[-1]
    assert (last.action, last.actor) == ("read_case", house.auditor.account_id)


def test_cases_are_found_by_kind_state_and_text(intake: TestClient) -> None:
    wang = open_case(intake, names=["Wang Jianguo"])
    li = open_case(intake, "sheltered", names=["Li Na"])
    intake.post(f"/api/v1/cases/{li['case_id']}/suspend", json={"reason": "a check"})

    def found(query: str) -> set[str]:
        page = intake.get(f"/api/v1/cases?{query}").json()
        assert page["total"] == len(page["cases"])
        return {case["case_id"] for case in page["cases"]}

    assert found("") == {wang["case_id"], li["case_id"]}
    assert found("kind=missing") == found("text=JIANGUO") == {wang["case_id"]}
    assert found("state=suspended") == {li["case_id"]}


def test_a_list_comes_in_pages(intake: TestClient) -> None:
    for _ in range(3):
        open_case(intake)
    first = intake.get("/api/v1/cases?limit=2").json()
    rest = intake.get("/api/v1/cases?limit=2&offset=2").json()
    assert (first["total"], len(first["cases"]), len(rest["cases"])) == (3, 2, 1)
    assert rest["cases"][0] not in first["cases"]


def test_an_amendment_changes_what_is_sent_and_leaves_the_rest(intake: TestClient) -> None:
    case = open_case(intake, names=["Wang"], sex="male", height_cm=170)
    amended = intake.patch(
        f"/api/v1/cases/{case['case_id']}", json={"height_cm": 172, "sex": None, "birth_date": "1950"}
    ).json()
    assert amended == case | {"height_cm": 172, "sex": None, "birth_date": "1950", "version": 2}


def test_an_amendment_of_a_stale_version_is_a_conflict(intake: TestClient) -> None:
    case = open_case(intake)
    place = f"/api/v1/cases/{case['case_id']}"
    assert intake.patch(place, json={"version": 1, "accent": "Min"}).status_code == 200
    refused = intake.patch(place, json={"version": 1, "accent": "Wu"})
    assert refused.status_code == 409
    assert intake.get(place).json()["accent"] == "Min"


def test_without_a_version_two_amendments_of_different_fields_both_hold(
    intake: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one lands between the first one's reading and writing."""
    case = open_case(intake)
    place = f"/api/v1/cases/{case['case_id']}"
    get, interrupted = type(house.services.casework).get, []

    def get_and_be_interrupted(*args: Any) -> Any:
        read = get(*args)
        if not interrupted:
            interrupted.append(True)
            intake.patch(place, json={"clothing": "a red coat"})
        return read

    monkeypatch.setattr(type(house.services.casework), "get", get_and_be_interrupted)
    amended = intake.patch(place, json={"accent": "Wu"}).json()
    assert (amended["accent"], amended["clothing"], amended["version"]) == ("Wu", "a red coat", 3)


def test_withdrawn_consent_takes_the_face_out_of_the_gallery(intake: TestClient, partner: TestClient) -> None:
    case = open_case(intake)
    add_photo(intake, case["case_id"])
    place = f"/api/v1/cases/{case['case_id']}"
    assert intake.patch(place, json={"legal_basis": "none"}).json()["legal_basis"] == "none"
    other = open_case(intake, "sheltered")
    add_photo(intake, other["case_id"])
    assert partner.get(f"/api/v1/cases/{other['case_id']}/candidates").json()["candidates"] == []


def test_a_case_is_suspended_reopened_and_closed(intake: TestClient) -> None:
    place = f"/api/v1/cases/{open_case(intake)['case_id']}"
    reason = {"reason": "the family asked for it"}
    assert intake.post(f"{place}/suspend", json=reason).json()["state"] == "suspended"
    assert intake.post(f"{place}/reopen", json=reason).json()["state"] == "open"
    unknown = intake.post(f"{place}/close", json=reason | {"outcome": "withdrawn", "other_case": "S-1999-00001"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "other_case")
    closed = intake.post(f"{place}/close", json=reason | {"outcome": "withdrawn", "channel": "interview"}).json()
    assert (closed["state"], closed["outcome"]) == ("closed", "withdrawn")
    assert intake.post(f"{place}/suspend", json=reason).status_code == 409


@pytest.mark.parametrize("outcome", ["reunited", "settled", "nonsense"])
def test_an_outcome_that_does_not_fit_is_refused(intake: TestClient, outcome: str) -> None:
    place = f"/api/v1/cases/{open_case(intake)['case_id']}"
    refused = intake.post(f"{place}/close", json={"outcome": outcome, "reason": "why"})
    assert refused.status_code == 422
    assert "outcome" in refused.text


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"nmaes": ["a spelling mistake"]}, "nmaes"),
        ({"names": "not a list"}, "names"),
        ({"names": ["  "]}, "names.0"),
        ({"names": ["x"] * 51}, "names"),
        ({"names": ["x" * 201]}, "names.0"),
        ({"names": ["nul \x00"]}, "names.0"),
        ({"names": ["line\nend"]}, "names.0"),
        ({"circumstances": "bell \x07"}, "circumstances"),
        ({"circumstances": "x" * 4001}, "circumstances"),
        ({"birth_date": "1961-3"}, "birth_date"),
        ({"birth_date": "1961-13"}, "birth_date"),
        ({"birth_date": 1961}, "birth_date"),
        ({"age_min": "60"}, "age_min"),
        ({"age_min": True}, "age_min"),
        ({"age_min": 10**400}, "age_min"),
        ({"age_min": 60, "age_max": 50}, "age_min"),
        ({"age_max": -1}, "age_max"),
        ({"height_cm": 1000}, "height_cm"),
        ({"seen_at": "2999"}, "seen_at"),
        ({"sex": "unknown"}, "sex"),
        ({"legal_basis": "curiosity"}, "legal_basis"),
        ({"contact": {"role": "daughter"}}, "contact.name"),
        ({"contact": {"role": "daughter", "name": "x", "email": "y"}}, "contact.email"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_field_named(intake: TestClient, said: dict[str, Any], field: str) -> None:
    refused = intake.post("/api/v1/cases", json={"kind": "missing"} | said)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert field in [problem.get("field"), *(each["field"] for each in problem.get("errors", []))]
    assert intake.get("/api/v1/cases").json()["total"] == 0


def test_null_empties_nothing_that_has_to_be_there(intake: TestClient) -> None:
    place = f"/api/v1/cases/{open_case(intake)['case_id']}"
    for field in ("legal_basis", "names", "accent"):
        assert intake.patch(place, json={field: None}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"kind":"missing","names":["\\ud800"]}',
        b'{"kind":"missing","\\ud800":1}',
        b"[" * 100_000,
        b'{"kind":"missing","age_min":' + b"9" * 5000 + b"}",
        b'{"kind":"missing","age_min":NaN}',
    ],
)
def test_a_body_that_is_no_case_is_refused_whatever_it_is(intake: TestClient, body: bytes) -> None:
    refused = intake.post("/api/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in (400, 422), refused.text
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["x", "%00", "%F0%9F%98%80", "..%2f..%2fetc", "A" * 5000, "0" * 32, "0" * 33, "%ff%fe"])
def test_an_identifier_of_any_shape_names_no_case(intake: TestClient, name: str) -> None:
    assert intake.get(f"/api/v1/cases/{name}").status_code == 404
    assert intake.patch(f"/api/v1/cases/{name}", json={}).status_code == 404
    assert intake.get(f"/api/v1/cases/{name}/candidates").status_code == 404


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=99999999999999999999", "text=%00", "kind=x"]
)
def test_a_query_out_of_its_limits_is_refused(intake: TestClient, query: str) -> None:
    assert intake.get(f"/api/v1/cases?{query}").status_code == 422
