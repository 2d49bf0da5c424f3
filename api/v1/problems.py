"""The problem documents (RFC 9457) as the OpenAPI document describes them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from api.problems import PROBLEM

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `type` is stable. `title`, `detail` and each `message` are for a person: in Chinese where "
    "`Accept-Language` prefers it, else in English.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:tracing:problem:not-found"]},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "examples": ["There is no such case."]},
        "field": {"type": "string", "description": "The one field that has to be changed."},
        "problem": {"type": "string", "description": "Of a photo: why it cannot be read.", "examples": ["truncated"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_MEANING: Final = {
    400: "The body cannot be parsed.",
    401: "No API key, or an unknown one.",
    403: "The role of this key may not do this.",
    404: "There is no such thing.",
    409: "Somebody else was faster, the version is stale, or the state has no such step.",
    413: "More than may be sent.",
    422: "A value makes no sense; `field` or `errors` name it. Or the photo cannot be read; `problem` says why.",
    429: "Too many requests or searches by this key; `Retry-After` says when to come again.",
    507: "The disk is full, and nothing was saved. The operator has to make room.",
    503: "Not now; `Retry-After` says when to try again.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses, for ``responses=`` of a route."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANING[HTTPStatus(status)], "content": content} for status in statuses}


EVERYWHERE: Final = problems(401, 403, 422, 429, 503, 507)
"""What every route of the API may answer."""
