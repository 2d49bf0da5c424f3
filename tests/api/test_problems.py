"""Problem documents are Chinese for whoever asks for it, whole, and English for every other program, as they were."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic_core import PydanticKnownError
from starlette import formparsers
from starlette.testclient import TestClient

import api
import tracing
from api import rates
from api.errors import STATUS
from api.language import translations
from api.problems import TITLES, in_chinese
from api.public.app import create_app
from api.staff.words import SAID
from api.v1.fields import Body
from api.v1.sentences import told
from tests.api.staff.test_errors import AT_THE_START, plain
from tests.house import House
from tracing import errors
from tracing.access import Permission
from tracing.bootstrap import public_of
from tracing.domain import CaseState, PairState, Role

HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
TYPED = re.compile(r"`[^`]*`|<[^>]*>|（tracing \w+）")
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
WEB, CORE = (Path(each.__file__).parent for each in (api, tracing))
OF_PAGES = ("staff/", "public/", "notices/")
"""Where nobody makes problem documents."""
TO_OPERATORS = (
    "embeddings/",
    "evaluation/",
    "index/",
    "store/backup/",
    "store/migrations/",
    "validation.py",
    "messages/messages.py",
)
"""What only commands do, or what the log says."""
say = translations("zh_CN").gettext


def sentences() -> Iterator[str]:
    """Every sentence that an error, a mistake in a field, or a problem of a middleware is made with."""
    yield rates.OF_A_KEY
    for root, without in ((WEB, OF_PAGES), (CORE, TO_OPERATORS)):
        for file in sorted(root.rglob("*.py")):
            name = str(file.relative_to(root))
            if not name.startswith(without):
                yield from made_in(ast.parse(file.read_text("utf-8")), name.startswith("v1/"))
    yield from made_in(ast.parse(inspect.getsource(formparsers)), of_fields=False)


def made_in(tree: ast.Module, of_fields: bool) -> Iterator[str]:
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            named.setdefault(ast.unparse(target), []).append(node.value)
        if isinstance(node, ast.Name) and node.id == "Incomplete":  # its sentences are put together before
            yield from (plain(each) or "" for name, (each, *_) in named.items() if name.isupper())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (at := place(node, of_fields)) is not None and len(node.args) > at:
            given = node.args[at]
            for each in named.get(given.id, []) if isinstance(given, ast.Name) else [given]:
                yield plain(each) or ""


def place(call: ast.Call, of_fields: bool) -> int | None:
    """Which of what it is called with is the sentence."""
    name = ast.unparse(call.func).rpartition(".")[2]
    kind = getattr(errors, name, None)
    if name in ("problem", "HTTPException", "_refuse"):
        return 1
    if name == "MultiPartException":
        return 0
    if isinstance(kind, type) and issubclass(kind, errors.TracingError) and kind not in AT_THE_START:
        return 0
    return 0 if of_fields and name == "ValueError" else None


def test_every_sentence_that_a_program_is_refused_with_has_its_chinese() -> None:
    found = {text for text in sentences() if " " in text}
    assert {text for text in found if not is_chinese(told(say, text))} == set()
    assert len(found) > 200


def is_chinese(said: str) -> bool:
    """With nothing in English but what is typed as it stands."""
    return HAN.search(said) is not None and not ENGLISH.search(TYPED.sub("", said))


def test_every_title_has_its_chinese() -> None:
    used = {
        int(HTTPStatus[name]) for file in WEB.glob("*.py") for name in re.findall(r"HTTPStatus\.([A-Z_]+)", file.read_text())
    }
    assert set(TITLES) >= used - {200, 206, 304} | {*map(int, STATUS.values()), 404, 405}
    assert [title for title in TITLES.values() if not HAN.search(say(title))] == []
    assert [word for word in SAID["problem"] if not HAN.search(told(say, "", word))] == []


@pytest.mark.parametrize(
    ("kind", "words"), [(Role, "Role"), (Permission, "Permission"), (CaseState, "CaseState"), (PairState, "PairState")]
)
def test_every_word_that_stands_in_a_sentence_has_its_chinese(kind: type[StrEnum], words: str) -> None:
    assert {value.value for value in kind} - set(SAID[words]) == set()
    assert (
        told(say, "The role reviewer may not do this (read reports).")
        == "角色“复核员”没有这项权限（查看家属和知情人提交的内容）。"
    )


TEXT = ("string_type", "string_unicode", "string_too_short", "string_too_long", "string_pattern_mismatch")
WHOLE = (
    "int_type",
    "int_parsing",
    "int_parsing_size",
    "int_from_float",
    "finite_number",
    "greater_than_equal",
    "less_than_equal",
)
MISTAKES: Final[Mapping[str, tuple[str, ...]]] = {
    "str": TEXT,
    "int": WHOLE,
    "bool": ("bool_type", "bool_parsing"),
    "list": ("list_type", "too_short", "too_long"),
    "dict": ("dict_type", "too_long"),
    "enum": ("enum",),
    "literal": ("literal_error",),
    "model": ("model_type", "model_attributes_type"),
    "model-fields": ("missing", "extra_forbidden"),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "datetime": ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "timezone_aware"),
}
"""What can be wrong with a value of each kind, as pydantic calls it."""
NOTHING_OF_ITS_OWN = {
    *("any", "default", "definition-ref", "definitions", "model-field", "nullable", "union"),
    *("function-after", "function-before", "function-plain", "function-wrap", "no-info", "with-info"),
    *("dataclass", "dataclass-args", "dataclass-field"),
}
"""They hold others; and what is sent as a file is no value."""
PUT_IN = {
    **{"ge": 2, "le": 3, "min_length": 2, "max_length": 3, "field_type": "List", "actual_length": 9, "pattern": "^a$"},
    **{"expected": "'a', 'b' or 'c'", "error": "input is too short", "class_name": "Body"},
}


def kinds(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(kind := found.get("type"), str):
            yield kind
        found = [value for key, value in found.items() if key not in ("metadata", "serialization")]
    if isinstance(found, list | tuple):
        for each in found:
            yield from kinds(each)


def asked_for(app: FastAPI) -> Iterator[Any]:
    """How pydantic checks what requests hold: bodies, and what stands in addresses."""
    of_bodies = [Body]
    while of_bodies:
        of_bodies += of_bodies[0].__subclasses__()
        yield of_bodies.pop(0).__pydantic_core_schema__
    for route in iter_route_contexts(app.routes):
        dependants = [found] if (found := getattr(route.original_route, "dependant", None)) is not None else []
        while dependants:
            one = dependants.pop()
            dependants += one.dependencies
            yield from (each._type_adapter.core_schema for each in (*one.query_params, *one.path_params, *one.header_params))


def test_every_mistake_in_a_value_has_its_chinese(app: FastAPI) -> None:
    used = {kind for schema in asked_for(app) for kind in kinds(schema)}
    assert used - NOTHING_OF_ITS_OWN - set(MISTAKES) == set(), "say what can be wrong with it"
    said = {str(PydanticKnownError(each, PUT_IN).message()) for kind in used & set(MISTAKES) for each in MISTAKES[kind]}
    said |= {text.replace("at least 2 characters", "at least 1 character") for text in said} | {"JSON decode error"}
    said |= {"Invalid JSON: expected value at line 1 column 2"} | {
        text.replace("List", "Dictionary") for text in said if "at most" in text
    }
    assert [text for text in said if not is_chinese(told(say, text))] == []
    assert told(say, "Input should be 'missing' or 'sheltered'") == "应为以下之一：'missing'、'sheltered'"


def answers(client: TestClient) -> list[tuple[str, Callable[[dict[str, str]], Any]]]:
    """Requests that are refused, by what refuses them."""
    return [
        ("no such thing", lambda more: client.get(f"/api/v1/cases/{'0' * 32}", headers=more)),
        ("no such page", lambda more: client.get("/api/v1/nothing", headers=more)),
        ("no such method", lambda more: client.delete("/api/v1/cases", headers=more)),
        ("wrong values", lambda more: client.post("/api/v1/cases", json={"kind": "robot", "odd": 1}, headers=more)),
        (
            "no JSON",
            lambda more: client.post("/api/v1/cases", content=b"{", headers=more | {"content-type": "application/json"}),
        ),
        ("no key", lambda more: client.get("/api/v1/cases", headers=more | {"Authorization": ""})),
        ("too large", lambda more: client.post("/api/v1/cases", content=b" " * (2 << 20), headers=more)),
        ("not allowed", lambda more: client.get("/api/v1/break-glass", headers=more)),
    ]


@pytest.mark.parametrize("number", range(8))
def test_what_is_refused_is_said_in_the_language_that_is_asked_for(number: int, intake: TestClient) -> None:
    what, ask = answers(intake)[number]
    as_it_was, english, chinese = ask({}), ask({"Accept-Language": "fr,en;q=0.5,zh;q=0.1"}), ask(CHINESE)
    assert as_it_was.status_code == chinese.status_code >= 400, what
    assert as_it_was.content == english.content
    assert not HAN.search(as_it_was.text)
    assert (as_it_was.headers["content-language"], chinese.headers["content-language"]) == ("en", "zh-CN")
    assert {each.headers["vary"] for each in (as_it_was, english, chinese)} == {"Accept-Language"}
    assert chinese.headers["content-type"] == "application/problem+json"
    before, after = as_it_was.json(), chinese.json()
    assert HAN.search(after["title"])
    assert HAN.search(after["detail"]), what
    spoken = {"title", "detail", "errors"}
    assert {name: value for name, value in before.items() if name not in spoken} == {
        name: value for name, value in after.items() if name not in spoken
    }
    assert [each["field"] for each in before.get("errors", [])] == [each["field"] for each in after.get("errors", [])]
    assert all(HAN.search(each["message"]) for each in after.get("errors", []))
    keep = ("www-authenticate", "allow", "connection", "retry-after")
    assert [as_it_was.headers.get(name) for name in keep] == [chinese.headers.get(name) for name in keep]


def test_a_photo_that_cannot_be_read_is_told_by_its_word() -> None:
    content = {"title": "Unprocessable Entity", "status": 422, "detail": "cannot identify", "problem": "truncated", "type": "x"}
    spoken = in_chinese(content, told)
    assert spoken["detail"].startswith("照片不完整")
    assert (spoken["problem"], spoken["type"], spoken["status"]) == ("truncated", "x", 422)


def test_what_nobody_knows_stays_as_it_is() -> None:
    assert [told(say, text) for text in ("", "Nobody foresaw this.")] == ["", "Nobody foresaw this."]


@pytest.mark.parametrize(("asked", "said"), [({}, "This service is not"), (CHINESE, "不能用这个名称访问本服务。")])
def test_the_pages_for_everybody_say_too_that_they_are_not_reached_by_a_name(
    asked: dict[str, str], said: str, house: House
) -> None:
    settings = house.services.settings.model_copy(update={"families_url": "https://xunqin.example"})
    services = public_of(settings, house.clock)
    with TestClient(create_app(services), base_url="http://other.example", headers=asked) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    assert answer.json()["detail"].startswith(said)
    services.close()
