"""The plugin that says at the end of a run what the harnesses counted, and how many tests of each promise passed.

Also where the tests ran in several processes, whose own output nobody sees.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest

TellFigures = Callable[[str, Mapping[str, Any]], None]
FIGURES: Final = "figures"
OF_PROMISES: Final = re.compile(r"::test_((?:l\d+_)+)")


@pytest.fixture
def tell_figures(record_property: Callable[[str, object], None]) -> TellFigures:
    """``tell_figures("kills", {"survived": 200})``: what is empty is left out."""

    def tell(what: str, figures: Mapping[str, Any]) -> None:
        counted = {name: value for name, value in figures.items() if value not in ({}, [], "")}
        record_property(FIGURES, f"{what}: {json.dumps(counted, ensure_ascii=False)}")

    return tell


def rows_of(node: str) -> list[str]:
    """The promises (DOMAIN.md, section 7) that a test is named after: ``test_l17_l10_...`` holds two."""
    found = OF_PROMISES.search(node)
    return [row.upper() for row in found[1].split("_") if row] if found is not None else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = list(_lines(terminalreporter.stats))
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


def _lines(stats: Mapping[str, list[Any]]) -> Iterator[str]:
    held: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "skipped"):
        for report in stats.get(outcome, []):
            if getattr(report, "when", "") != "call" and outcome == "passed":
                continue
            for row in rows_of(report.nodeid):
                held.setdefault(row, Counter())[outcome] += 1
            yield from (str(value) for name, value in getattr(report, "user_properties", ()) if name == FIGURES)
    if held:
        rows = sorted(held, key=lambda row: int(row[1:]))
        said = (", ".join(f"{number} {outcome}" for outcome, number in held[row].items()) for row in rows)
        yield "promises: " + "; ".join(f"{row} {text}" for row, text in zip(rows, said, strict=True))
