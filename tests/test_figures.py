"""What is said at the end of a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.figures import FIGURES, _lines, rows_of


def report(node: str, when: str = "call", **counted: str) -> Any:
    return SimpleNamespace(nodeid=node, when=when, user_properties=list(counted.items()))


def test_a_test_belongs_to_each_promise_that_it_is_named_after() -> None:
    assert rows_of("tests/notices/test_standing.py::test_l17_l10_what_ends_a_case[suspend]") == ["L17", "L10"]
    assert rows_of("tests/test_listing.py::test_list_of_cases") == []


def test_figures_are_said_once_and_promises_are_counted_by_what_became_of_their_tests() -> None:
    one, other = "tests/test_a.py::test_l2_one", "tests/test_a.py::test_l10_other"
    stats = {
        "": [report(one, "setup", figures="kills: 200"), report(one, "teardown", figures="kills: 200")],
        "passed": [report(one, figures="kills: 200"), report("tests/test_b.py::test_else")],
        "failed": [report(other)],
    }
    assert FIGURES == "figures"
    assert list(_lines(stats)) == ["kills: 200", "promises: L2 1 passed; L10 1 failed"]
    assert list(_lines({"passed": [report("tests/test_b.py::test_else")]})) == []
