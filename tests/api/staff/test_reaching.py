"""No field of any request is a path or an address: nothing of the machine is opened for it, and nothing is connected to."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.v1.openapi import described
from tests.api.staff.conftest import Browser
from tests.api.test_routes import PAGES, filled, step_of
from tests.fakes import painted_photo
from tests.house import House

MARK: Final = "canary7f3a"
TRAPS: Final = (f"../../../../../../{MARK}", f"http://{MARK}.example:80/x")
MORE_TRAPS: Final = (
    f"/etc/{MARK}",
    f"..\\..\\{MARK}",
    f"file:///etc/{MARK}",
    f"//{MARK}.example/x",
    f"\\\\{MARK}.example\\share",
    f"http://169.254.169.254/{MARK}",
)
EVERY_TRAP: Final = [*TRAPS, *(pytest.param(each, marks=pytest.mark.long) for each in MORE_TRAPS)]
WATCHED: Final = {"open", "os.listdir", "os.scandir", "os.remove", "os.rename", "subprocess.Popen", "os.system"}
REACHING_OUT: Final = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}

_seen: list[str] | None = None
_hooked = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and (event in REACHING_OUT or (event in WATCHED and MARK in repr(arguments))):
        _seen.append(f"{event} {arguments!r}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is opened with the mark in its name, and whatever is connected to. Python itself tells, below every library."""
    global _seen, _hooked  # a hook of the interpreter cannot be taken off again
    if not _hooked:
        sys.addaudithook(_watch)
        _hooked = True
    _seen = []
    try:
        yield _seen
    finally:
        _seen = None


@pytest.fixture
def names(house: House) -> dict[str, str]:
    one, other = house.missing(1, age_min=40), house.sheltered(1, age_min=40)
    photo = house.photograph(one, 5, faces=2)
    return {
        "case_id": one.case_id,
        "pair_id": house.pair(one, other).pair_id,
        "photo_id": photo.photo.photo_id,
        "face_id": photo.faces[1].face_id,
    }


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def with_traps(document: dict[str, Any], schema: dict[str, Any], trap: str, depth: int = 0) -> Any:
    """A body of this schema with the trap in every field that takes a text."""
    schema = resolved(document, schema)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            found = [with_traps(document, each, trap, depth) for each in schema[choice]]
            return next((each for each in found if each is not None), None)
    match schema.get("type"):
        case "object" if depth < 6:
            fields = schema.get("properties", {})
            extra = {trap: trap} if schema.get("additionalProperties", True) else {}
            return {name: with_traps(document, each, trap, depth + 1) for name, each in fields.items()} | extra
        case "array":
            return [with_traps(document, schema.get("items", {}), trap, depth + 1)]
        case "string":
            return schema["enum"][0] if "enum" in schema else trap
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return None


def single_fields(body: Any, trap: str) -> Iterator[Any]:
    """The body whole, and each field alone: a value that is refused must not hide the others."""
    yield body
    if isinstance(body, dict):
        for name, value in body.items():
            if trap in json.dumps(value):
                yield {name: value}


def requests_of(app: FastAPI, names: dict[str, str], trap: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    document = described(app)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", [])
            query = {each["name"]: trap for each in parameters if each["in"] == "query"}
            here = filled(path, names | {"token": "x"})
            for each in parameters:
                here = here.replace("{" + each["name"] + "}", trap.replace("/", "%2F").replace("\\", "%5C"))
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                body = with_traps(document, content["application/json"]["schema"], trap)
                for each in single_fields(body, trap):
                    yield method, here, {"json": each}
            elif "multipart/form-data" in content:
                file = (trap, painted_photo(3), trap)
                fields = {"taken_on": trap, "age_in_photo": trap, trap: trap}
                yield method, here, {"files": {"photo": file, "case": (trap, '{"kind": "missing"}', trap)}, "data": fields}
            else:
                yield method, here, {"params": query}
            if query:
                for name in query:
                    yield method, here, {"params": {name: trap}, "json": {}}


@pytest.mark.parametrize("trap", EVERY_TRAP)
def test_no_field_of_the_api_is_a_path_or_an_address(
    app: FastAPI, calls: Callable[[str], TestClient], names: dict[str, str], trap: str
) -> None:
    asked = 0
    with watched() as reached:
        for method, path, request in requests_of(app, names, trap):
            for account in ("sun", "lin"):
                answer = calls(account).request(method, path, headers={"X-Forwarded-Host": trap, "Referer": trap}, **request)
                assert answer.status_code < 500, f"{method} {path} {request}"
                asked += 1
    assert reached == []
    assert asked > 150


@pytest.mark.parametrize("trap", EVERY_TRAP)
def test_no_field_of_a_page_is_a_path_or_an_address(lin: Browser, names: dict[str, str], trap: str) -> None:
    fields = ("next", "kind", "names", "reason", "case", "face", "photo", "words", "said", "station_id", "other_case")
    with watched() as reached:
        for row in PAGES:
            if row.path == "/logout":
                continue
            path = filled(row.path, names | {"step": step_of(row.path), "part": "person"})
            while "{" in path:
                path = path[: path.index("{")] + trap.replace("/", "%2F").replace("\\", "%5C") + path[path.index("}") + 1 :]
            if row.method == "GET":
                answer = lin.client.get(path, params=dict.fromkeys(fields, trap), follow_redirects=False)
            else:
                data = dict.fromkeys((*(row.request or {}).get("data", {}), *fields), trap) | {"csrf": lin.token}
                file = (trap, painted_photo(3), trap)
                answer = lin.client.post(path, data=data, files={"photos": file}, follow_redirects=False)
            assert answer.status_code < 500, f"{row.method} {path}"
            assert MARK not in answer.headers.get("location", "").split("?")[0], "sent elsewhere"
    assert reached == []


def test_what_is_opened_or_connected_to_is_noticed() -> None:
    with watched() as reached:
        with pytest.raises(FileNotFoundError):
            Path(f"/nowhere/{MARK}").read_bytes()
        with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", 9), timeout=1):
            pass
    assert [each.split()[0] for each in reached][:2] == ["open", "socket.getaddrinfo"]
