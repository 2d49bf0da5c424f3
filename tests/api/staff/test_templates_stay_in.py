"""No template leaves by an answer (L4): no field has a place for one, and no answer holds its numbers."""

from __future__ import annotations

import json
import re

from fastapi import FastAPI
from starlette.testclient import TestClient

from api.v1.openapi import described
from tests.api.staff.conftest import Browser
from tests.house import House
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import CaseKind

BIOMETRIC = re.compile(r"vector|embedding|template|descriptor|sealed|photo_key", re.IGNORECASE)
INFERRED = re.compile(r"emotion|mood|expression|race|ethnicity|religion|attractive|guess|inferred", re.IGNORECASE)
"""What nobody reads out of a face here; an ethnic group is what somebody said."""


def test_l4_no_answer_of_the_api_has_a_place_for_a_template(app: FastAPI) -> None:
    document = described(app)
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert len(names) > 100
    assert {name for name in names if BIOMETRIC.search(name)} == set()
    assert {name for name in names if INFERRED.search(name)} == set()
    rows = {
        name
        for schema in document["components"]["schemas"].values()
        for name, each in schema.get("properties", {}).items()
        if '"items": {"type": "number"' in json.dumps(each)
    }
    assert rows == {"quantiles", "edges"}, "a row of numbers, as templates are: these two are of distributions"


def test_l4_no_answer_holds_a_row_of_numbers_as_long_as_a_template(house: House, auditor: TestClient, sun: Browser) -> None:
    one, other = house.missing(1), house.sheltered(1)
    pair = house.pair(one, other)
    with house.services.store.reading() as records:
        (photo,) = records.photos.of_case(one.case_id)
        (template,) = records.faces.templates_of_cases([one.case_id], DEFAULT_ENCODER)[one.case_id]
    numbers = [f"{each:.6f}"[:7] for each in template.vector[:4]]
    paths = [
        "/api/v1/cases",
        f"/api/v1/cases/{one.case_id}",
        f"/api/v1/cases/{one.case_id}/candidates",
        f"/api/v1/cases/{one.case_id}/photos",
        f"/api/v1/photos/{photo.photo_id}",
        f"/api/v1/pairs/{pair.pair_id}",
        "/api/v1/statistics",
    ]
    answers = [auditor.get(path).text for path in paths]
    answers += [sun.see(path) for path in (f"/cases/{one.case_id}", f"/pairs/{pair.pair_id}", "/cases", "/review")]
    for answer in answers:
        assert not re.search(r"(?:-?\d+\.\d+,\s*){12,}", answer)
        assert photo.photo_key not in answer
        assert not all(number in answer for number in numbers)
    assert house.case(one).kind is CaseKind.MISSING
