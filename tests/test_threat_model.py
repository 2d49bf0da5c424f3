"""The threat model rests on tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
MODEL = (TESTS.parent / "docs" / "threat-model.md").read_text("utf-8")
STRIDE = "STRIDE"
PROMISES = {f"L{number}" for number in range(1, 23)} - {"L16"}
"""Those of law and ethics that a test can hold."""
NONE_YET = 0
"""So many rows have no test yet, and say so; there is no new one among them."""
TEST = re.compile(r"`([a-z0-9_/]+\.py)::(\w*)`")
OF_A_PROMISE = re.compile(r"^def test_l(\d+)_", re.MULTILINE)
ROW = re.compile(r"^\| ([STRIDE]|L\d+) \|(.*)\|$", re.MULTILINE)


def flows() -> dict[str, str]:
    """Heading -> what stands under it, of the numbered flows."""
    parts = re.split(r"^## (.+)$", MODEL, flags=re.MULTILINE)
    return {title: text for title, text in zip(parts[1::2], parts[2::2], strict=True) if title[0].isdigit()}


@cache
def written_in(path: str) -> frozenset[str]:
    file = TESTS / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def test_each_test_that_the_model_names_is_there() -> None:
    named = TEST.findall(MODEL)
    assert len(named) > 100
    assert [f"{path}::{name}" for path, name in named if name not in written_in(path)] == []


def test_each_row_names_a_test() -> None:
    rows = ROW.findall(MODEL)
    assert len(rows) > 80
    without = [f"{letter}: {said[:80]}" for letter, said in rows if not TEST.search(said.rsplit("|", 1)[-1])]
    assert len(without) == NONE_YET, without


@pytest.mark.parametrize("flow", flows())
def test_each_flow_is_looked_at_from_all_six_sides(flow: str) -> None:
    assert {letter for letter, _ in ROW.findall(flows()[flow])} >= set(STRIDE)


def test_each_promise_names_a_test_that_is_named_after_it() -> None:
    rows = {letter: said for letter, said in ROW.findall(MODEL) if letter[1:]}
    named = {letter: [name for _, name in TEST.findall(said)] for letter, said in rows.items()}
    strange = {letter: names for letter, names in named.items() if not names or not all(_is_of(letter, each) for each in names)}
    assert strange == {}


def test_no_test_is_named_after_a_promise_that_there_is_not() -> None:
    named = {f"L{found[1]}" for path in TESTS.rglob("test_*.py") for found in OF_A_PROMISE.finditer(path.read_text("utf-8"))}
    assert named == PROMISES


def _is_of(letter: str, test: str) -> bool:
    return test.startswith(f"test_{letter.lower()}_")


def test_each_promise_has_its_row() -> None:
    assert {letter for letter, _ in ROW.findall(MODEL) if letter[1:]} == PROMISES


def test_the_flows_are_those_by_which_somebody_could_come() -> None:
    told = " ".join(flows()).lower()
    for word in ("photo", "review", "export", "password", "provider", "backup", "reindex", "shell", "api key", "erasure"):
        assert word in told, word


def test_a_test_that_is_gone_is_noticed() -> None:
    assert "test_each_row_names_a_test" in written_in("test_threat_model.py")
    assert "test_that_nobody_wrote" not in written_in("test_threat_model.py")
    assert written_in("no/such/file.py") == frozenset()
