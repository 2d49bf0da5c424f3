"""Promises of law and ethics (DOMAIN.md, section 7) that only the whole API keeps: every route is walked, none is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.v1.openapi import described
from scripts.main import app as commands
from tests.api.conftest import HERE
from tests.api.test_routes import ACCOUNTS, FOR_STRANGERS, PHOTO, filled, names, routes
from tests.factories import a_case
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.noticing import a_notice, told_of
from tests.partners.stories import AGREED, persons
from tests.stories import found_by, rows_naming
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import CaseKind, CaseState, LegalBasis, Pair, PairState, Purpose, Role
from tracing.errors import WrongState
from tracing.verdict import Proof

__all__ = ["names"]

WHERE_PHOTOS_COME: Final = {"/api/v1/intakes", "/api/v1/cases/{case_id}/photos", "/api/v1/lists"}
"""They open the case that the face is searched for, or name it; a list says who sent it, by what right, and its run is named
by each search (tests/importing/test_comparing.py)."""
BY_WORDS: Final = "/api/v1/clues/enquiries"
"""No face is searched by words: it is what somebody on the telephone says, counted and audited."""
ENDS: Final = (PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED)
STATING: Final = {"state": "confirmed", "judgement": "same_very_likely", "confirmed": True, "score": 1.0, "stage": "second"}
"""What somebody would write who wants a pair to be confirmed."""

LIKELY: Final = {"judgement": "same_likely", "reason": "the same scar", "confidence": 4}

Operation = tuple[str, str, Mapping[str, Any]]


def operations(app: FastAPI) -> Iterator[Operation]:
    """(method, path, description) of every route of the API."""
    for path, item in described(app)["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def content(operation: Mapping[str, Any]) -> dict[str, Any]:
    return dict(operation.get("requestBody", {}).get("content", {}))


def test_l1_a_search_without_a_case_is_refused_and_there_is_no_ad_hoc_search(
    app: FastAPI, house: House, intake: TestClient, partner: TestClient
) -> None:
    for client in (intake, partner):
        answer = client.post("/api/v1/intakes", files={"photo": PHOTO})
        assert (answer.status_code, answer.json()["field"]) == (422, "case")
        assert client.post("/api/v1/intakes", files={"photo": PHOTO, "case": ("case.json", "{}")}).status_code == 422
        whole = {
            "file": ("list.csv", "编号,姓名\n1,甲\n".encode(), "text/csv"),
            "photos": ("photos.zip", b"", "application/zip"),
        }
        assert client.post("/api/v1/lists", data={"purpose": "compare"}, files=whole).json()["field"] == "source"
        nobody = {"purpose": "compare", "source": "Police", "legal_basis": "none"}
        assert client.post("/api/v1/lists", data=nobody, files=whole).json()["field"] == "legal_basis"
    assert rows_naming(house, Purpose.IDENTIFY_INTAKE).keys() == set(), "nobody was searched"
    assert rows_naming(house, Purpose.COMPARE_LISTS).keys() == set(), "nobody was compared"
    assert {path for _, path, each in operations(app) if "multipart/form-data" in content(each)} == WHERE_PHOTOS_COME
    named = {path for method, path in routes(app) if re.search(r"search|quer|compare|identify|match|lookup", path)}
    assert named == set(), "a way to search that asks for no case"
    assert [path for _, path, each in operations(app) if "enquir" in each["operationId"]] == [BY_WORDS]


def test_l1_every_search_that_was_run_names_its_case_and_its_purpose(house: House, intake: TestClient) -> None:
    files = {"photo": ("photo.png", painted_photo(1), "image/png"), "case": ("case.json", '{"kind": "sheltered"}')}
    case_id = intake.post("/api/v1/intakes", files=files).json()["case"]["case_id"]
    missing = house.missing(1)
    with house.services.store.reading() as records:
        runs = {each: records.pairs.latest_run(each) for each in (case_id, missing.case_id)}
        searched = [each for each in records.audit.events(0, 1000) if each.action == "search"]
    assert {each: (run.case_id, run.purpose) for each, run in runs.items() if run is not None} == {
        case_id: (case_id, Purpose.IDENTIFY_INTAKE),
        missing.case_id: (missing.case_id, Purpose.ANSWER_MISSING_REPORT),
    }
    assert {(each.subject, each.detail["purpose"]) for each in searched} == {
        (case_id, Purpose.IDENTIFY_INTAKE),
        (missing.case_id, Purpose.ANSWER_MISSING_REPORT),
    }


def test_l1_nobody_is_searched_for_on_the_command_line_or_by_a_list_without_saying_for_what(house: House) -> None:
    """`tracing search` asks for the case, and leaves it with the purpose; a comparison leaves the run over the list so."""
    refused = CliRunner().invoke(commands, ["search", __file__])
    assert (refused.exit_code, "--case" in refused.output) == (2, True)
    asking, found = house.open(CaseKind.SHELTERED), house.missing(1)
    with house.services.store.reading() as records:
        (template,) = records.faces.templates(found.case_id, DEFAULT_ENCODER)
    house.services.matching.line_up(SYSTEM, asking.case_id, [template.vector])
    house.services.matching.compare(house.intake, "a run", [a_case()], [np.stack([template.vector])])
    with house.services.store.reading() as records:
        rows = {each.action: each for each in records.audit.events(0, 1000)}
    lined_up, compared = rows["line_up"], rows["compare_rows"]
    assert (lined_up.subject, lined_up.detail["purpose"]) == (asking.case_id, Purpose.QUALITY_TEST)
    assert (compared.subject, compared.detail["purpose"]) == ("a run", Purpose.COMPARE_LISTS)
    house.services.casework.amend(house.intake, asking.case_id, legal_basis=LegalBasis.NONE)
    with pytest.raises(WrongState, match="legal basis"):
        house.services.matching.line_up(SYSTEM, asking.case_id, [template.vector])


def test_l2_who_has_no_basis_any_more_is_told_by_no_door_from_that_answer_on(
    house: House, intake: TestClient, reviewer: TestClient, auditor: TestClient
) -> None:
    """Nothing works in between: neither worker nor another search."""
    sheltered, missing = told_of(house), told_of(house, kind=CaseKind.MISSING)
    house.services.case_sharing.share(house.manager, sheltered.case_id, AGREED)
    house.services.worker.work_off()
    notice, pair = a_notice(house, sheltered), house.pair(sheltered, missing)
    address = f"/api/v1/cases/{sheltered.case_id}"

    def told() -> set[str]:
        """The doors at which the person is."""
        enquiry = intake.post("/api/v1/clues/enquiries", json={"words": "王建国 合肥站北广场"}).json()
        page = house.services.published.page(9)
        doors = {
            "candidates": sheltered.case_id in auditor.get(f"/api/v1/cases/{missing.case_id}/candidates").text,
            "queue": pair.pair_id in reviewer.get("/api/v1/review/queue").text,
            "by words": sheltered.case_id in json.dumps(enquiry),
            "search": sheltered.case_id in found_by(house.services, missing),
            "notices": notice.token in {each.token for each in page.notices},
            "partners": "王建国" in repr(persons(house)),
        }
        return {door for door, there in doors.items() if there}

    everywhere = {"candidates", "queue", "by words", "search", "notices", "partners"}
    assert told() == everywhere
    assert intake.patch(address, json={"legal_basis": "none"}).status_code == 200
    assert told() == set()
    assert house.services.matching.search(sheltered.case_id) is None
    assert house.services.clue_search.search(sheltered.case_id) is None
    assert reviewer.post(f"/api/v1/pairs/{pair.pair_id}/decisions", json=LIKELY).status_code == 409
    assert intake.patch(address, json={"legal_basis": "statutory_duty"}).status_code == 200
    house.services.worker.work_off()
    assert told() >= {"candidates", "queue", "by words", "search"}


def test_l10_who_is_reunited_is_found_by_nobody_and_stands_on_no_page_and_in_no_feed_for_strangers(
    house: House, intake: TestClient, stranger: TestClient
) -> None:
    """The calendar is a feed for staff: whoever has its address reads references and days, before and after."""
    missing, sheltered = (make(1, names=("王建国",), seen_place="阜阳") for make in (house.missing, house.sheltered))
    house.services.worker.work_off()
    open_to_all = [path for method, path in FOR_STRANGERS if method == "GET" and "{" not in path]
    open_to_all.append(f"/api/v1/calendar/{house.services.feeds.make(house.intake)}")

    def shown() -> tuple[int, list[str]]:
        """To whoever asks for name and place; to strangers."""
        found = intake.post("/api/v1/clues/enquiries", json={"words": "王建国 阜阳"}).json()["found"]
        people = (missing.case_id, sheltered.case_id, "王建国", "阜阳")
        return len(found), [path for path in open_to_all if any(each in stranger.get(path).text for each in people)]

    assert shown() == (2, [])
    pair = house.confirm(house.pair(missing, sheltered))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
    assert shown() == (0, [])
    assert found_by(house.services, house.missing(1)) == set()


def bodies(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """For a route that takes JSON: its example, with each field that could state an end, alone and all together."""
    for kind, described_as in content(operation).items():
        if kind != "application/json":
            continue
        example = dict(schemas[described_as["schema"]["$ref"].rsplit("/", 1)[1]]["examples"][0])
        yield example | STATING
        yield from (example | {name: value} for name, value in STATING.items())
        yield example
    if not content(operation):
        yield dict(STATING)


def states(house: House, pair: Pair) -> tuple[PairState, set[CaseState]]:
    with house.services.store.reading() as records:
        cases = records.cases.by_ids(pair.case_ids)
        return records.pairs.get(pair.pair_id).state, {case.state for case in cases.values()}


@pytest.mark.long
@pytest.mark.parametrize("role", list(Role))
def test_l14_no_program_states_a_match_by_any_route_or_field(
    app: FastAPI, house: House, calls: Callable[[str], TestClient], names: dict[str, str], role: Role
) -> None:
    """The two photos are the same to the pixel: the score is as high as it can be, and says nothing of what people say."""
    with house.services.store.reading() as records:
        pair = records.pairs.get(names["pair_id"])
    program, schemas = calls(ACCOUNTS[role]), described(app)["components"]["schemas"]
    tried = 0
    for method, path, operation in operations(app):
        if method == "GET" or "multipart/form-data" in content(operation):
            continue
        for body in bodies(operation, schemas):
            for query in ("", "?state=confirmed&judgement=same_very_likely"):
                answer = program.request(method, filled(path, names) + query, json=body)
                assert answer.status_code < 500, f"{method} {path}: {answer.text}"
                state, of_cases = states(house, pair)
                assert state not in ENDS, f"{role} by {method} {path} with {sorted(body)}"
                assert CaseState.MATCHED not in of_cases
                tried += 1
    assert tried > 200


@pytest.mark.parametrize("step", ["verify", "reunite", "revoke"])
def test_l14_no_step_is_left_out_on_the_way_to_a_match(
    house: House, manager: TestClient, reviewer: TestClient, step: str
) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    said = {"proof": "dna", "reason": "file 7"} if step == "verify" else {"reason": "the score says so"}
    for judged in (False, True):
        if judged:
            verdict = {"judgement": "same_very_likely", "reason": "the same scar", "confidence": 5}
            assert reviewer.post(f"/api/v1/pairs/{pair.pair_id}/decisions", json=verdict).json()["state"] == "first_positive"
            assert reviewer.post(f"/api/v1/pairs/{pair.pair_id}/decisions", json=verdict).status_code == 403
        assert manager.post(f"/api/v1/pairs/{pair.pair_id}/{step}", json=said).status_code == 409
    assert states(house, pair) == (PairState.FIRST_POSITIVE, {CaseState.OPEN})


@pytest.fixture
def curious(tmp_path: Path) -> Iterator[Callable[[str], TestClient]]:
    """A house of two stations, whose programs may send twenty requests a minute and search five times a day."""
    with a_house(tmp_path / "var", key_requests_per_minute=20, searches_per_day=5) as house:
        for person in range(1, 4):
            house.missing(person, names=("王建国",), age_min=40)
        for station in ("main", "north"):
            house.services.stations.add(SYSTEM, station)
        house.services.accounts.add(SYSTEM, "north", Role.INTAKE, station_id="north")
        app = create_app(house.services)
        made = []

        def client(name: str) -> TestClient:
            key = house.services.accounts.new_api_key(SYSTEM, name)
            made.append(TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"}))
            return made[-1]

        yield client
        for each in made:
            each.close()
        app.state.analyses.close()


def test_l18_who_counts_references_through_finds_nobody_of_other_stations_and_is_stopped(
    curious: Callable[[str], TestClient],
) -> None:
    told = [curious("north").get(f"/api/v1/cases?text=M-2026-{number:05d}") for number in range(1, 8)]
    assert [each.status_code for each in told] == [200] * 5 + [429] * 2
    assert all(each.json() == {"total": 0, "cases": []} for each in told[:5])
    assert int(told[-1].headers["retry-after"]) > 60


def test_l18_ids_and_secret_addresses_are_not_found_by_trying(curious: Callable[[str], TestClient]) -> None:
    """Ids have 128 bits drawn by lot; whoever tries them all the same gets one answer, twenty times a minute."""
    north = curious("north")
    told = [north.get(f"/api/v1/{kind}/{number:032x}") for number in range(1, 9) for kind in ("cases", "pairs", "photos")]
    assert {each.status_code for each in told[:20]} == {404}
    assert len({re.sub(r"\b(case|pair|photo)\b", "thing", each.json()["detail"]) for each in told[:20]}) == 1
    assert {each.status_code for each in told[20:]} == {429}


def test_l18_nothing_that_could_look_somebody_up_answers_a_stranger(app: FastAPI, stranger: TestClient) -> None:
    for method, path, _ in operations(app):
        answer = stranger.request(method, re.sub(r"{\w+}", "0" * 32, path))
        told = answer.json()["detail"] if answer.status_code != 401 else ""
        assert answer.status_code == 401 or "calendar" in path, f"{method} {path}: {answer.status_code} {told}"
