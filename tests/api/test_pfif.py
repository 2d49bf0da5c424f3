"""PFIF over HTTP: documents and feeds by API key in the header, bounded, told once, and quiet where nothing is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.app import create_app
from api.v1.pfif import A_DOCUMENT
from tests.api.conftest import HERE
from tests.exchange.test_pfif import a_file, a_note, a_person
from tests.house import House, a_house
from tests.partners.stories import repository, shared
from tests.partners.test_taking import expired
from tracing.access import SYSTEM
from tracing.domain import CaseKind, LegalBasis
from tracing.exchange.pfif.layout import ATOM, NAMESPACE
from tracing.exchange.pfif.reading import read
from tracing.partners.ending import ENDED
from tracing.records import CaseFilter

PERSONS: Final = "/api/v1/pfif/persons"
NOTES: Final = "/api/v1/pfif/notes"
ALL: Final = (PERSONS, f"{PERSONS}.atom", NOTES, f"{NOTES}.atom")


@pytest.fixture
def theirs(house: House, calls: Callable[[str], TestClient]) -> TestClient:
    """A partner's program."""
    repository(house)
    return calls("repository")


def test_a_partner_reads_people_and_notes_as_pfif(house: House, theirs: TestClient) -> None:
    shared(house)
    persons = theirs.get(PERSONS)
    assert persons.headers["content-type"] == "application/xml"
    (person,) = read(persons.content).persons
    assert (person.full_name, person.status) == ("王建国", "information_sought")
    notes = read(theirs.get(NOTES).content).notes
    assert [note.person_record_id for note in notes] == [person.person_record_id]
    assert read(theirs.get(f"{PERSONS}?omit_notes=yes").content).persons[0].notes == ()


def test_the_feeds_say_where_they_came_from(house: House, theirs: TestClient) -> None:
    shared(house)
    for path, kind in ((f"{PERSONS}.atom", "person"), (f"{NOTES}.atom", "note")):
        answer = theirs.get(f"{path}?max_results=7&skip=0")
        assert answer.headers["content-type"] == "application/atom+xml"
        root = ElementTree.fromstring(answer.content)  # noqa: S314  our own bytes
        assert root.tag == f"{{{ATOM}}}feed"
        link = root.find(f"{{{ATOM}}}link")
        assert link is not None
        assert link.attrib == {"rel": "self", "href": f"{HERE}{path}?max_results=7&skip=0"}
        (entry,) = root.findall(f"{{{ATOM}}}entry")
        record = entry.find(f"{{{NAMESPACE}}}{kind}")
        assert record is not None
        assert entry.findtext(f"{{{ATOM}}}id") == f"pfif:{record.findtext(f'{{{NAMESPACE}}}{kind}_record_id')}"
        assert entry.findtext(f"{{{ATOM}}}updated") == "2026-03-01T12:00:00Z"
        assert root.findtext(f"{{{ATOM}}}updated") == "2026-03-01T12:00:00Z"


def test_an_empty_feed_is_a_feed(theirs: TestClient) -> None:
    for path in ALL:
        assert ElementTree.fromstring(theirs.get(path).content).tag  # noqa: S314  our own bytes


def test_an_expired_record_is_a_placeholder_in_every_feed_of_people(house: House, theirs: TestClient) -> None:
    case = shared(house)
    house.services.retention.erase_case(SYSTEM, case.case_id)
    for path in ALL:
        text = theirs.get(path).text
        assert ("expiry_date" in text) == path.startswith(PERSONS)
        assert "王建国" not in text


def test_what_has_not_changed_is_told_in_a_line(house: House, theirs: TestClient) -> None:
    case = shared(house)
    for path in ALL:
        first = theirs.get(path)
        again = theirs.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
    before = theirs.get(PERSONS).headers["etag"]
    house.clock.advance(minutes=1)
    house.services.casework.amend(house.intake, case.case_id, replace(case.description, accent="阜阳话"))
    house.services.telling.follow()
    assert theirs.get(PERSONS, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("max_results=0", "max_results"),
        ("max_results=x", "max_results"),
        ("skip=-1", "skip"),
        ("min_entry_date=yesterday", "min_entry_date"),
        ("min_entry_date=2026-02-30T00:00:00Z", "min_entry_date"),
        (f"person_record_id={'x' * 900}", "person_record_id"),
        ("omit_notes=perhaps", "omit_notes"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_the_name_of_the_field(theirs: TestClient, query: str, field: str) -> None:
    answer = theirs.get(f"{PERSONS}?{query}")
    assert answer.status_code == 422
    assert field in answer.text


def test_ten_records_by_itself_and_two_hundred_at_most(house: House, theirs: TestClient) -> None:
    for number in range(12):
        shared(house, names=(f"person {number}",))
    assert len(read(theirs.get(PERSONS).content).persons) == 10
    assert len(read(theirs.get(f"{PERSONS}?max_results=100000").content).persons) == 12
    assert len(read(theirs.get(f"{PERSONS}?max_results=3&skip=10").content).persons) == 2
    (one, *_) = read(theirs.get(PERSONS).content).persons
    assert [
        each.person_record_id for each in read(theirs.get(f"{PERSONS}?person_record_id={one.person_record_id}").content).persons
    ] == [one.person_record_id]
    assert read(theirs.get(f"{PERSONS}?min_entry_date=2026-03-01T12:00:01Z").content).persons == ()
    assert len(read(theirs.get(f"{PERSONS}?min_entry_date=2026-03-01T12:00:00Z&max_results=99").content).persons) == 12


def test_a_key_in_the_address_is_no_key_and_is_refused_beside_one(
    house: House, theirs: TestClient, stranger: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """It would stand in the logs of every proxy on the way."""
    key = theirs.headers["authorization"].removeprefix("Bearer ")
    with caplog.at_level("DEBUG"):
        assert stranger.get(f"{PERSONS}?key={key}").status_code == 401
        answer = theirs.get(f"{PERSONS}?key={key}")
    assert answer.status_code == 422
    assert "header" in answer.json()["detail"]
    assert key not in answer.text
    assert key not in "".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))


def test_nobody_else_reads_them(
    house: House, app: FastAPI, theirs: TestClient, intake: TestClient, reviewer: TestClient, partner: TestClient
) -> None:
    case = shared(house)
    for path in ALL:
        for client in (intake, reviewer, partner):
            assert client.get(path).status_code == 403
    assert theirs.get("/api/v1/cases").status_code == 403
    assert theirs.get(f"/api/v1/cases/{case.case_id}").status_code == 403
    assert theirs.get("/api/v1/statistics").status_code == 403


def test_where_no_domain_is_set_the_answer_says_so(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", pfif_domain="") as house:
        repository(house)
        key = house.services.accounts.new_api_key(SYSTEM, "repository")
        app = create_app(house.services)
        with_key = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})
        answer = with_key.get(PERSONS)
        assert (answer.status_code, "TRACING_PFIF_DOMAIN" in answer.text) == (409, True)
        app.state.analyses.close()


def test_each_page_is_a_row_of_the_audit_with_whom_it_showed(house: House, theirs: TestClient) -> None:
    case = shared(house)
    for path in ALL:
        theirs.get(path)
    with house.services.store.reading() as records:
        rows = [each for each in records.audit.events(0, 1000) if each.action == "tell_partners"]
    assert [each.detail["cases"] for each in rows] == [[case.case_id]] * 4
    assert {each.actor for each in rows} == {repository(house).account_id}


def test_a_manager_shares_a_case_and_ends_it(house: House, manager: TestClient, intake: TestClient, theirs: TestClient) -> None:
    case = house.open(CaseKind.MISSING, age_min=60)
    path = f"/api/v1/cases/{case.case_id}"
    assert manager.get(f"{path}/share").json() == {"share": None}
    assert intake.post(f"{path}/share", json={"reason": "agreed"}).status_code == 403
    assert manager.post(f"{path}/share", json={"reason": " "}).status_code == 422
    shared_now = manager.post(f"{path}/share", json={"reason": "the daughter agreed"})
    assert shared_now.status_code == 201
    assert manager.get(f"{path}/share").json() == {"share": shared_now.json()}
    assert manager.post(f"{path}/share", json={"reason": "again"}).status_code == 409
    assert [each.person_record_id for each in read(theirs.get(PERSONS).content).persons] == [shared_now.json()["record_id"]]
    assert manager.post(f"{path}/unshare", json={"reason": "asked for"}).json() == {"share": None}
    assert house.let_go() == ["unshare_case"]
    assert manager.post(f"{path}/unshare", json={"reason": "asked for"}).status_code == 409
    child = house.open(CaseKind.MISSING, age_min=6)
    assert "under 14" in manager.post(f"/api/v1/cases/{child.case_id}/share", json={"reason": "agreed"}).text


WRITE: Final = "/api/v1/pfif/write"
AS_XML: Final = {"Content-Type": "application/xml"}


@pytest.fixture
def writer(house: House, theirs: TestClient) -> TestClient:
    """The same program, whose account is tied to a domain."""
    house.services.partner_register.tie(SYSTEM, "repository", "police.example.cn", LegalBasis.STATUTORY_DUTY)
    return theirs


def test_a_partner_writes_records_and_is_told_what_became_of_each(house: House, writer: TestClient) -> None:
    data = a_file(a_person(1, inner=a_note(1)), a_person(2, person_record_id="elsewhere.example/2"), a_person(3))
    answer = writer.post(WRITE, content=data, headers=AS_XML)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["parsed"], told["written"], told["unchanged"], told["erased"]) == (4, 3, 0, 0)
    assert [each["id"] for each in told["skipped"]] == ["elsewhere.example/2"]
    assert "not of police.example.cn" in told["skipped"][0]["error"]
    run = house.services.list_runs.look(house.manager, told["run_id"]).run
    assert (run.source, run.new) == ("police.example.cn", 2)
    assert writer.post(WRITE, content=data, headers={"Content-Type": "text/xml; charset=utf-8"}).json()["unchanged"] == 3


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 422),
        (b"{}", 422),
        (b"<html/>", 422),
        (a_file(a_person(1), before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), 422),
        (a_file(a_person(1), before='<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">]>'), 422),
        (a_file(a_person(1)).decode().encode("utf-16"), 422),
        (b'<pfif xmlns="http://zesty.ca/pfif/1.4">' + b"<a>" * 100_000, 422),
        (b"<" * (2 << 20), 413),
    ],
    ids=["nothing", "JSON", "HTML", "external entity", "billion laughs", "UTF-16", "deep nesting", "too much"],
)
def test_a_document_that_is_none_is_refused_and_changes_nothing(
    house: House, writer: TestClient, data: bytes, status: int
) -> None:
    answer = writer.post(WRITE, content=data, headers=AS_XML)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.services.list_runs.all(house.manager)[1] == 0


def test_a_hundred_megabytes_are_refused_by_their_announcement_and_without_one(writer: TestClient) -> None:
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * (1 << 20)

    assert writer.post(WRITE, content=b"", headers=AS_XML | {"Content-Length": str(100 << 20)}).status_code == 413
    assert writer.post(WRITE, content=body(), headers=AS_XML).status_code == 413


def test_the_example_of_the_description_is_taken(writer: TestClient) -> None:
    answer = writer.post(WRITE, content=A_DOCUMENT.encode(), headers=AS_XML).json()
    assert (answer["parsed"], answer["written"], answer["skipped"]) == (2, 2, [])


def test_l8_a_partner_that_sends_an_old_version_of_what_it_has_ended_is_told_so_by_its_id(
    house: House, writer: TestClient
) -> None:
    old = a_file(a_person(1))
    writer.post(WRITE, content=old, headers=AS_XML)
    assert writer.post(WRITE, content=a_file(expired()), headers=AS_XML).json()["erased"] == 1
    told = writer.post(WRITE, content=old, headers=AS_XML).json()
    assert (told["written"], told["unchanged"]) == (0, 0)
    assert told["skipped"] == [{"id": "police.example.cn/1", "error": ENDED}]
    assert list(house.services.casework.find(house.manager, CaseFilter(), 9).cases) == []


def test_only_a_key_that_is_tied_to_a_domain_writes(
    house: House, theirs: TestClient, manager: TestClient, partner: TestClient, stranger: TestClient
) -> None:
    data = a_file(a_person(1))
    assert theirs.post(WRITE, content=data, headers=AS_XML).status_code == 409
    assert manager.post(WRITE, content=data, headers=AS_XML).status_code == 403
    assert partner.post(WRITE, content=data, headers=AS_XML).status_code == 403
    assert stranger.post(WRITE, content=b"<", headers=AS_XML).status_code == 401
    house.services.partner_register.tie(SYSTEM, "repository", "police.example.cn", LegalBasis.STATUTORY_DUTY)
    assert theirs.post(WRITE, content=data, headers={"Content-Type": "application/json"}).status_code == 422
    assert theirs.post(WRITE, content=data, headers=AS_XML).status_code == 200


def test_what_goes_out_of_one_house_comes_into_another_and_dies_there_with_its_placeholder(
    house: House, theirs: TestClient, tmp_path: Path
) -> None:
    """Two services that exchange one person, to the end."""
    case = shared(house, CaseKind.SHELTERED, names=("王建国", "小国"), height_cm=170, accent="阜阳话")
    with a_house(tmp_path / "elsewhere", pfif_domain="other.example.org") as other:
        repository(other)
        other.services.partner_register.tie(SYSTEM, "repository", "shelter.example.org", LegalBasis.STATUTORY_DUTY)
        app = create_app(other.services)
        key = other.services.accounts.new_api_key(SYSTEM, "repository")
        there = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})

        def exchange() -> dict[str, int]:
            told = there.post(WRITE, content=theirs.get(f"{PERSONS}?max_results=200").content, headers=AS_XML).json()
            assert told["skipped"] == []
            return {name: told[name] for name in ("written", "unchanged", "erased")}

        assert exchange() == {"written": 2, "unchanged": 0, "erased": 0}
        assert exchange() == {"written": 0, "unchanged": 2, "erased": 0}
        (copy,) = other.services.casework.find(other.intake, CaseFilter(), 10).cases
        assert (copy.kind, copy.description.names, copy.description.age_min) == (CaseKind.SHELTERED, ("王建国", "小国"), 60)
        assert "height: 170 cm" in copy.description.circumstances
        other.photograph(copy, 1)
        for each in (house, other):
            each.clock.advance(hours=1)
        house.services.casework.suspend(house.manager, case.case_id, "a safeguarding check")
        assert exchange() == {"written": 0, "unchanged": 0, "erased": 1}
        assert other.let_go() == ["erase_case"], "before a worker comes by: no backup brings the copy back"
        assert other.services.casework.find(other.intake, CaseFilter(), 10).total == 0
        assert other.faults() == []
        app.state.analyses.close()
