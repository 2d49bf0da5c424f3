"""No path and no address in any field opens a file or a connection (SSRF and traversal), in the JSON API and on the pages.

Every text of every operation of the OpenAPI, and every field of every form that a page shows, holds a path to a file that is
there, the same by way of its parents, and an address at which somebody listens. The interpreter itself tells of every file
that is opened, every folder that is listed, every process that is started and every connection; of those, none may bear the
mark that they all carry.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.staff.conftest import PASSWORD, Browser
from tests.api.test_routes import ACCOUNTS, PAGES, TABLE, Request, Row, filled, made, names, step_of
from tests.fakes import painted_photo
from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Role

__all__ = ["names"]

MARK: Final = "leads-nowhere-7f3a"
LURE: Final = "what stands in the file"
TOUCHES: Final = (
    "open",
    "os.",
    "shutil.",
    "glob.",
    "socket.",
    "subprocess.",
    "sqlite3.connect",
    "urllib.",
    "http.",
    "ftplib.",
    "import",
    "exec",
    "compile",
    "ctypes.dlopen",
)
"""What the interpreter calls it when something outside of it is touched, by code found by a name, or by a name alone."""


@dataclass
class Watch:
    """What was touched by a name that bears the mark, while somebody watched."""

    on: bool = False
    port: int = -1
    touched: list[str] = field(default_factory=list)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on or not event.startswith(TOUCHES):
            return
        told = repr(args)[:2000]
        if MARK in told or (event == "socket.connect" and f", {self.port})" in told):
            self.touched.append(f"{event} {told[:200]}")


WATCH: Final = Watch()
sys.addaudithook(WATCH)  # there is no way to take it away again; it is off but in these tests


@contextmanager
def watched() -> Iterator[list[str]]:
    WATCH.touched, WATCH.on = [], True
    try:
        yield WATCH.touched
    finally:
        WATCH.on = False


@pytest.fixture
def lures(tmp_path: Path) -> Iterator[list[str]]:
    """A path to a file that is there, the same by way of its parents, and an address where somebody listens."""
    file = tmp_path / f"{MARK}.png"
    file.write_bytes(painted_photo(1) + LURE.encode())
    with socket.create_server(("127.0.0.1", 0)) as server:
        WATCH.port = server.getsockname()[1]
        climbing = "../" * 12 + str(file).lstrip("/")
        yield [str(file), climbing, f"http://127.0.0.1:{WATCH.port}/{MARK}.png"]


@pytest.fixture
def programs(app: FastAPI, house: House) -> Callable[[Row], TestClient]:
    """A program of a role that may use the row."""
    known: dict[Role, TestClient] = {}

    def program(row: Row) -> TestClient:
        role = next(each for each in (Role.MANAGER, *Role) if each in row.roles)
        if role not in known:
            key = house.services.accounts.new_api_key(SYSTEM, ACCOUNTS[role])
            known[role] = TestClient(
                app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False
            )
        return known[role]

    return program


def texts(schema: Any, schemas: Any, way: tuple[str | int, ...] = (), depth: int = 0) -> Iterator[tuple[str | int, ...]]:
    """Where a body of this schema holds a text: the names and places that lead to each one."""
    if depth > 6:
        return
    if "$ref" in schema:
        yield from texts(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, way, depth + 1)
    for other in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from texts(other, schemas, way, depth + 1)
    kind = schema.get("type")
    if kind == "string":
        yield way
    elif kind == "array":
        yield from texts(schema.get("items", {"type": "string"}), schemas, (*way, 0), depth + 1)
    elif kind == "object" or "properties" in schema:
        for name, each in schema.get("properties", {}).items():
            yield from texts(each, schemas, (*way, name), depth + 1)
        if isinstance(more := schema.get("additionalProperties"), dict):
            yield from texts(more, schemas, (*way, "build"), depth + 1)


def put(body: Any, way: tuple[str | int, ...], value: str) -> Any:
    """A copy of the body that holds the value at the end of the way."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    if isinstance(step, int):
        return [put(body[0] if isinstance(body, list) and body else None, rest, value)]
    kept = body if isinstance(body, dict) else {}
    return kept | {step: put(kept.get(step), rest, value)}


def requests_of(row: Row, operation: Any, schemas: Any, names: dict[str, str], lure: str) -> Iterator[tuple[str, Request]]:
    """The row's request once for each of its texts, which is the lure; with the address it is sent to."""
    usual, path = made(row, names), filled(row.path, names)
    for each in operation.get("parameters", ()):
        if each["in"] == "path":
            yield filled(row.path, names | {each["name"]: lure.replace("/", "%2F")}), usual
        elif each["in"] == "query":
            yield path, usual | {"params": {each["name"]: lure}}
        else:
            yield path, usual | {"headers": {each["name"]: lure}}
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        for way in texts(content["schema"], schemas):
            if kind == "application/json":
                yield path, {"json": put(usual.get("json", {}), way, lure)}
            elif not way:  # the text is the whole body
                yield path, usual | {"content": lure.encode()}
            else:
                yield path, usual | {"data": {str(way[0]): lure}}
    for name, file in usual.get("files", {}).items():
        yield path, {"files": {name: (lure, *file[1:])}}
    yield path, usual | {"headers": {"X-Request-ID": lure, "Referer": lure, "X-Forwarded-Host": lure, "Accept-Language": lure}}


@pytest.mark.long
def test_no_text_of_the_api_opens_a_file_or_a_connection(
    programs: Callable[[Row], TestClient], names: dict[str, str], lures: list[str]
) -> None:
    document = programs(TABLE[0]).get("/api/v1/openapi.json").json()
    schemas, sent = document["components"]["schemas"], 0
    for row in TABLE:
        operation = document["paths"].get(row.path, {}).get(row.method.lower(), {})
        for lure in lures:
            for path, request in requests_of(row, operation, schemas, names, lure):
                with watched() as touched:
                    answer = programs(row).request(row.method, path, **request, follow_redirects=False)
                asked = f"{row.method} {row.path} {json.dumps(request, default=str)[:300]}"
                assert touched == [], asked
                assert answer.status_code < 500, f"{asked}: {answer.status_code}"
                assert LURE not in answer.text, asked
                sent += 1
    print(f"{sent} requests to {len(TABLE)} routes touched nothing")  # noqa: T201  # -s shows it
    assert sent > 700


class Forms(HTMLParser):
    """The forms of a page: where each leads, and its fields with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []
        self.loose: dict[str, str] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append((said.get("method", "get").lower(), said.get("action", ""), {}))
        elif tag in ("input", "textarea", "select", "button") and "name" in said and self.found:
            fields = self.found[-1][2]
            if said.get("type") not in ("radio", "checkbox") or "checked" in said or said["name"] not in fields:
                fields[said["name"]] = said.get("value", "")


def forms_of(browser: Browser, pages: list[str]) -> dict[tuple[str, str], tuple[str, dict[str, str]]]:
    """(method, action with the ids of one thing) -> the page it stands on and its fields; each kind of form once."""
    found: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}
    for path in pages:
        answer = browser.client.get(path)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        parser = Forms()
        parser.feed(answer.text)
        for method, action, fields in parser.found:
            found.setdefault((method, action.split("?")[0] or path), (path, fields))
    return found


@pytest.mark.long
@pytest.mark.parametrize("name", ["lin", "chen", "sun"])
def test_no_field_of_a_form_opens_a_file_or_a_connection(
    name: str, app: FastAPI, house: House, names: dict[str, str], lures: list[str]
) -> None:
    """Whoever takes in, whoever judges and whoever leads see different forms."""
    house.services.accounts.set_password(SYSTEM, name, PASSWORD)
    browser = Browser(app)
    login = forms_of(browser, ["/login"])
    browser.sign_in(name)
    pages = [filled(row.path, names | {"part": "person"}) for row in PAGES if row.method == "GET"]
    forms = {key: value for key, value in (login | forms_of(browser, pages)).items() if key[1] != "/logout"}
    for row in PAGES:  # those that no page shows to this person now
        path = filled(row.path, names | {"step": step_of(row.path), "part": "person"})
        if row.method == "POST" and path != "/logout":
            forms.setdefault(("post", path), (path, dict((row.request or {}).get("data", {})) or {"reason": ""}))
    sent = 0
    for (method, action), (_, fields) in forms.items():
        for each in (*fields, "next"):
            for lure in (lures[0], lures[2]):
                said = {"csrf": browser.token} | {key: value for key, value in fields.items() if key != "csrf"} | {each: lure}
                with watched() as touched:
                    if method == "get":
                        answer = browser.client.get(action, params=said, follow_redirects=False)
                    else:
                        answer = browser.client.post(action, data=said, follow_redirects=False)
                asked = f"{method} {action} {each}={lure}"
                assert touched == [], asked
                assert answer.status_code < 500, f"{asked}: {answer.status_code}"
                assert LURE not in answer.text, asked
                assert answer.headers.get("location", "/").startswith("/"), f"{asked} leads away"
                assert not answer.headers.get("location", "/").startswith("//"), f"{asked} leads away"
                sent += 1
                if answer.headers.get("location", "").startswith("/login"):  # a form had ended the session
                    browser.sign_in(name)
    print(f"{sent} forms sent by {name} touched nothing")  # noqa: T201  # as above
    assert sent > 200


def _opens(name: str) -> None:
    Path(name).read_bytes()


def _lists(name: str) -> None:
    list(Path(name).parent.iterdir())
    list(Path(name).iterdir())


def _calls(name: str) -> None:
    with socket.create_connection(("127.0.0.1", WATCH.port), timeout=1):
        pass


@pytest.mark.parametrize("leak", [_opens, _lists, _calls])
def test_a_field_that_is_followed_is_noticed(
    leak: Callable[[str], None],
    programs: Callable[[Row], TestClient],
    names: dict[str, str],
    lures: list[str],
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A route that reads the file somebody names, lists a folder, or calls a host."""
    find = type(house.services.casework).find

    def follows(self: Any, actor: Any, wanted: Any, *more: Any) -> Any:
        with suppress(OSError):
            leak(wanted.text)
        return find(self, actor, wanted, *more)

    monkeypatch.setattr(type(house.services.casework), "find", follows)
    row = next(each for each in TABLE if (each.method, each.path) == ("GET", "/api/v1/cases"))
    with watched() as touched:
        programs(row).get("/api/v1/cases", params={"text": lures[0]})
    assert touched
