"""Every error of the tree is a problem document, and none of them tells too much."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.testclient import TestClient
from starlette.types import Message

from api.app import create_app
from api.errors import STATUS, invalid, problem_of
from tests.api.conftest import HERE
from tests.house import House
from tracing import errors
from tracing.access import SYSTEM

EXPECTED = {
    errors.TracingError: 500,
    errors.Refused: 400,
    errors.NotFound: 404,
    errors.Invalid: 422,
    errors.Incomplete: 422,
    errors.NotAllowed: 403,
    errors.OtherStation: 403,
    errors.NotSignedIn: 401,
    errors.SignOnFailed: 401,
    errors.Conflict: 409,
    errors.WrongState: 409,
    errors.Claimed: 409,
    errors.Stale: 409,
    errors.Safeguarded: 409,
    errors.Safeguarded: 409,
    errors.Suppressed: 409,
    errors.UnreadablePhoto: 422,
    errors.PhotoTooLarge: 413,
    errors.Unavailable: 503,
    errors.Busy: 503,
    errors.TooMany: 429,
    errors.AuditUnavailable: 503,
    errors.EncoderUnavailable: 503,
    errors.ProviderUnavailable: 503,
    errors.Stopping: 503,
    errors.DiskFull: 507,
    errors.NotWritable: 503,
    errors.Misconfigured: 500,
    errors.Damaged: 500,
}


def the_tree(root: type[errors.TracingError] = errors.TracingError) -> Iterator[type[errors.TracingError]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from the_tree(kind)


def made(kind: type[errors.TracingError]) -> errors.TracingError:
    if issubclass(kind, errors.Incomplete):
        return kind({"a_field": "a sentence"})
    return kind("a sentence", "a-word") if issubclass(kind, errors.UnreadablePhoto) else kind("a sentence")


def test_the_table_knows_every_error_of_the_tree() -> None:
    assert set(the_tree()) == EXPECTED.keys()
    assert STATUS.keys() <= EXPECTED.keys()


@pytest.mark.parametrize("kind", EXPECTED)
def test_an_error_has_its_status_and_a_type_of_its_own(kind: type[errors.TracingError]) -> None:
    answer = problem_of(made(kind))
    assert answer.status_code == EXPECTED[kind]
    assert answer.media_type == "application/problem+json"
    assert f'"type":"urn:tracing:problem:{"".join(f"-{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:]}"' in (
        bytes(answer.body).decode()
    )


def test_what_an_operator_has_to_see_is_in_the_log_and_not_in_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="api.errors"):
        answer = problem_of(errors.Misconfigured("the key file /secret/place is gone"))
    assert "/secret/place" in caplog.text
    assert b"/secret/place" not in bytes(answer.body)


def test_not_now_says_when_to_come_back_and_not_signed_in_says_how() -> None:
    assert problem_of(errors.Busy("later")).headers["retry-after"] == "5"
    assert problem_of(errors.NotSignedIn("who?")).headers["www-authenticate"] == 'Bearer realm="tracing"'


def test_a_wrong_value_is_not_repeated() -> None:
    mistakes = [{"type": "x", "loc": ("body", "name\ud800" + "y" * 500), "msg": "Value error, too long", "input": "王建国"}]
    body = bytes(invalid(mistakes * 1000).body)
    assert "王建国".encode() not in body
    assert len(body) < 5000
    assert b'"message":"too long"' in body


@pytest.fixture
def broken(house: House) -> Iterator[TestClient]:
    """The application with a route of a program's mistake."""
    app: FastAPI = create_app(house.services)

    @app.get("/api/v1/broken")
    def fail() -> None:
        raise ZeroDivisionError(" ".join(["Wang", "Jianguo"]))

    client = TestClient(app, base_url=HERE)
    yield client
    client.close()
    app.state.analyses.close()


def test_a_mistake_of_the_program_answers_with_a_problem_and_every_header(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = broken.get("/api/v1/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "Wang Jianguo" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "ZeroDivisionError" in caplog.text
    assert "test_errors.py" in caplog.text
    assert "Wang Jianguo" not in caplog.text


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/api/v1/cases", "application/json", "Look whether it was saved"),
        ("/login", "application/x-www-form-urlencoded", "<h1>"),
    ],
)
def test_a_request_that_is_broken_off_because_the_service_stops_is_not_now(
    house: House, app: FastAPI, path: str, kind: str, said: str
) -> None:
    key = house.services.accounts.new_api_key(SYSTEM, "lin")
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {key}", "content-type": kind}
    scope = {
        **{"type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http", "state": {}},
        "client": ("127.0.0.1", 5000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    answer: list[Message] = []

    async def stop_in_the_middle() -> None:
        reached = asyncio.Event()

        async def receive() -> Message:
            reached.set()
            return await asyncio.Future()

        async def send(message: Message) -> None:
            answer.append(message)

        under_way = asyncio.create_task(app(scope, receive, send))
        await reached.wait()
        under_way.cancel()
        await under_way

    asyncio.run(stop_in_the_middle())
    start, *body = answer
    assert (start["status"], Headers(raw=start["headers"])["retry-after"]) == (503, "5")
    assert Headers(raw=start["headers"])["x-frame-options"] == "DENY"
    assert said in b"".join(each["body"] for each in body).decode()


def test_unknown_paths_and_methods_are_problems_too(stranger: TestClient) -> None:
    assert stranger.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
    wrong = stranger.delete("/api/v1/cases")
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, "application/problem+json")


def test_a_form_that_is_not_whole_names_every_field() -> None:
    answer = problem_of(errors.Incomplete({"witness": "This is needed.", "place": "This is needed."}))
    assert json.loads(bytes(answer.body))["errors"] == [
        {"field": "witness", "message": "This is needed."},
        {"field": "place", "message": "This is needed."},
    ]
