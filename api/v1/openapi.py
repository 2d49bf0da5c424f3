"""The OpenAPI document of the JSON API."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.v1.bodies import NewCase
from api.v1.problems import SCHEMA

ABOUT = """\
Face search for family tracing, for programs of partner organisations.

Send the API key that the operator made with every request: `Authorization: Bearer <key>`. What a key may do depends on its
role. Errors are problem documents (RFC 9457), in Chinese where `Accept-Language` prefers it. A search suggests; only people
decide.
"""
OURS = "/api/v1/"


def described(app: FastAPI) -> dict[str, Any]:
    """The document, made at the first call."""
    known: dict[str, Any] | None = getattr(app.state, "openapi", None)
    if known is None:
        known = app.state.openapi = _made(app)
    return known


def _made(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith(OURS)}
    schemas = document["components"]["schemas"]
    schemas["Problem"] = SCHEMA
    # The form of /intakes is read by hand, so that nothing else names this one.
    for name, schema in _schema_of_new_case().items():
        schemas.setdefault(name, schema)
    return document


def _schema_of_new_case() -> dict[str, Any]:
    schema = NewCase.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = schema.pop("$defs")
    return parts | {"NewCase": schema}
