"""The OpenAPI document, and the API held against it with made-up requests."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.api.conftest import HERE
from tests.factories import a_hit, an_id
from tests.house import House
from tests.importing.handed import brought, hand_in, put
from tracing.domain import Told

EXAMPLES = 30
"""Per operation and kind of data: together with the calls about two minutes. The programs of tests/hostile send more."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PROBLEM = "#/components/schemas/Problem"


@pytest.fixture
def document(partner: TestClient) -> Any:
    return partner.get("/api/v1/openapi.json").json()


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [(path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()]


def test_every_operation_names_its_key_its_purpose_and_its_problems(document: Any) -> None:
    assert document["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    for path, method, operation in operations(document):
        assert path.startswith("/api/v1/")
        assert operation["security"] == [{"HTTPBearer": []}], path
        assert operation["description"], path
        for status, answer in operation["responses"].items():
            if status >= "4":
                described = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
                assert answer["content"] == described, f"{method} {path} {status}"
        assert {"401", "403", "422", "503", "507"} <= operation["responses"].keys()


def test_names_of_operations_are_short_and_never_double(document: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert {"open_a_case", "take_in", "add_photo", "decide"} <= set(names)


def test_every_body_has_an_example_that_the_service_takes(document: Any, intake: TestClient) -> None:
    schemas = document["components"]["schemas"]
    for path, _, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            named = schemas[content["schema"]["$ref"].rsplit("/", 1)[1]] if "$ref" in content["schema"] else {}
            assert kind == "multipart/form-data" or named.get("examples") or content.get("example"), path
    case = schemas["NewCase"]["examples"][0] | {"seen_at": "2025-10"}
    assert intake.post("/api/v1/cases", json=case).status_code == 201


def test_every_reference_in_the_document_leads_somewhere(document: Any) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    found = references(document["paths"]) + references(document["components"])
    assert PROBLEM in found
    for reference in found:
        assert reference.rsplit("/", 1)[1] in document["components"]["schemas"], reference


def test_a_date_is_described_as_the_text_that_it_is(document: Any) -> None:
    birth_date = document["components"]["schemas"]["NewCase"]["properties"]["birth_date"]
    assert {kind["type"] for kind in birth_date["anyOf"]} == {"string", "null"}


@pytest.fixture
def known(house: House) -> dict[str, str]:
    """Things that are there, so that requests get further than to "no such thing"."""
    one, other = house.missing(1), house.sheltered(1)
    report = house.photograph(one, 5, faces=2)
    return {
        "case_id": one.case_id,
        "lead_id": an_id(),
        "notice_id": an_id(),
        "request_id": an_id(),
        "emergency_id": an_id(),
        "escalation_id": an_id(),
        "report_id": an_id(),
        "sighting_id": an_id(),
        "handed_id": an_id(),
        "picture_id": an_id(),
        "keepout_id": an_id(),
        "clock_id": house.services.clockwork.of_case(house.intake, other.case_id)[0].clock.clock_id,
        "clue_id": house.services.interviews.record(house.intake, one.case_id, Told("he said Fuyang")).clue.clue_id,
        "pair_id": house.pair(one, other).pair_id,
        "list_id": hand_in(house).list_id,
        "run_id": brought(house, hand_in(house)).run_id,
        "hit_id": put(house, a_hit(one), portrait=b"jpeg").hit_id,
        "photo_id": report.photo.photo_id,
        "face_id": report.faces[1].face_id,
    }


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_breaks_the_service_and_every_answer_is_as_described(
    mode: GenerationMode, document: Any, partner: TestClient, manager: TestClient, known: dict[str, str]
) -> None:
    schema = schemathesis.openapi.from_dict(_without_keys(document))
    tried: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        # Of a document that is no JSON any text is right by its schema.
        wrong = operation.query or any(each.media_type != "application/xml" for each in operation.body)
        if mode is GenerationMode.NEGATIVE and not wrong:
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans(), as_manager=st.booleans())
        def call(case: Any, real: bool, as_manager: bool) -> None:
            if real and case.path_parameters:
                case.path_parameters.update({name: known[name] for name in case.path_parameters})
            response = _send(manager if as_manager else partner, case)
            tried.add(str(response.status_code))
            # With an identifier put right, a request that was wrong only there is right; and of the JSON inside of a form
            # schemathesis sometimes takes one right value for the wrong of another.
            refused = mode is GenerationMode.NEGATIVE and not real and case.operation.path != "/api/v1/intakes"
            case.validate_response(response, checks=[*CHECKS, negative_data_rejection] if refused else CHECKS)

        call()
    # What is wrong is refused for that, before anybody asks who sent it.
    assert ({"404", "422"} if mode is GenerationMode.NEGATIVE else {"200", "403", "404"}) <= tried


def _send(client: TestClient, case: Any) -> Any:
    """Send what the made-up request is on the wire; the key is the client's own."""
    wire = requests.Request(**case.as_transport_kwargs(base_url=HERE)).prepare()
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body
    return client.request(str(wire.method), str(wire.url), content=body, headers=dict(wire.headers))


def _without_keys(document: Any) -> Any:
    """Keys are a matter of test_routes.py: here every request has a good one."""
    paths = {
        path: {method: operation | {"security": []} for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    return document | {"paths": paths}
