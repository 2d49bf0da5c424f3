"""What commands say and refuse, read from the sources: each sentence with ``%(name)s`` where something is put in."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import tracing.errors

ROOT: Final = Path(__file__).resolve().parents[2]
SAYING: Final = {"say", "note", "sure", "told", "word"}
MISTYPED: Final = "BadParameter"


def sources(*packages: str) -> Iterator[ast.Module]:
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(file.read_text("utf-8"))


def said() -> set[str]:
    """What commands print: lines, words, headings and titles of tables, and questions."""
    return {text for tree in sources("scripts") for node in ast.walk(tree) for text in _of(node)}


def refused() -> set[str]:
    """The sentences with which commands, and what they call, refuse."""
    return {
        text
        for tree in sources("tracing", "scripts")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
        if isinstance(getattr(tracing.errors, node.func.id, None), type)
        for text in _texts(node.args[0])
    }


def untold() -> set[str]:
    """What is printed, or stands beside a bar, past all of these: nobody would ask for its Chinese."""
    return {text for tree in sources("scripts") for node in ast.walk(tree) for text in _past_them(node)}


def within(function: Callable[..., Any] | type) -> set[str]:
    """Every text in a function or class, but for what says what it is for."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    put_together = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in put_together for part in ast.walk(node) if part is not node}
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = [node for node in ast.walk(tree) if id(node) not in inside | documents]
    return {text for node in found if isinstance(node, ast.Constant | ast.JoinedStr) for text in _texts(node)}


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == MISTYPED:
        yield from _texts(node.args[0])
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
        return
    if node.func.id in SAYING:
        yield from _texts(node.args[0])
    if node.func.id == "print_table":
        headings, *rest = node.args
        for each in [*(headings.elts if isinstance(headings, ast.List) else ()), *rest[1:]]:
            yield from _texts(each)


def _past_them(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        beside = [each.value for each in node.keywords if each.arg == "description"]
        shown = {"print": node.args, "add_task": node.args[:1] + beside, "track": beside, "update": beside}
        for each in shown.get(node.func.attr, []):
            yield from _texts(each)


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield _with_holes(node)


def _with_holes(node: ast.JoinedStr) -> str:
    names: list[str] = []
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue):
            name = _name(part.value)
            names.append(name)
            number = names.count(name)
            parts.append(f"%({name if number == 1 else f'{name}{number}'})s")
    return "".join(parts)


def _name(node: ast.AST) -> str:
    """What the thing is called that is put in there."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lower()
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(args=[inner]):
            return _name(inner)
    return "value"
