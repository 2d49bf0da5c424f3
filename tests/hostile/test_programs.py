"""Programs that send anything at all, in every role, break nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.figures import TellFigures
from tests.hostile import met, planted
from tests.hostile.oddities import addresses, bodies, places, put
from tests.hostile.programs import EXAMPLES, WANTED, attack
from tests.hostile.texts import NUMBERS, SHARP, TEXTS
from tracing.domain import Role

BODY = {"kind": "missing", "names": ["王", "李"], "age_min": 40, "open": True, "seen": {"place": "x", "at": 0.5}}


def test_one_thing_at_a_time_is_odd_and_all_else_is_as_it_was() -> None:
    assert list(places(BODY, str)) == [("kind",), ("names", 0), ("names", 1), ("seen", "place")]
    assert list(places(BODY, int | float)) == [("age_min",), ("seen", "at")]
    assert put(BODY, ("names", 1), "\0") == BODY | {"names": ["王", "\0"]}
    made = list(bodies(BODY))
    assert len(made) == 4 * len(SHARP) + len(set(TEXTS) - set(SHARP)) + 2 * len(NUMBERS)
    for text in SHARP:
        assert [put(BODY, place, text) for place in places(BODY, str)] == [each for each in made if text in str_values(each)]
    assert {name for each in addresses({"a": "1", "b": "2"}) for name in each if each[name] not in "12"} == {"a", "b"}


def str_values(value: object) -> list[object]:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [found for each in inside for found in str_values(each)]
    return [value]


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_twenty_thousand_made_up_requests_of_every_role_meet_no_error_of_ours(
    tmp_path: Path, tell_figures: TellFigures
) -> None:
    outcome = attack(tmp_path / "var", 7, EXAMPLES)
    tell_figures("hostile programs", outcome.figures())
    assert outcome.faults == []
    assert outcome.requests >= WANTED
    assert outcome.tried - outcome.done == set(), "operations whose work no request has reached"
    assert set(outcome.by_role) == {role.value for role in Role}
    assert {200, 201, 403, 404, 409, 422} <= set(outcome.by_status), "the requests never got as far as the work itself"


@pytest.mark.long
def test_planted_faults_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A route that raises on a NUL and one that does on a huge number, a slow one, and one that swallows memory."""
    monkeypatch.setattr(met, "most_seconds", lambda: planted.SECONDS)
    monkeypatch.setattr(met, "MOST_MEMORY", planted.MIB)
    faults = (planted.RAISES_ON_NUL, planted.RAISES_ON_A_HUGE_NUMBER, planted.IS_SLOW, planted.SWALLOWS_MEMORY)
    found = attack(tmp_path / "var", 7, 4, only=faults, program=[sys.executable, "-m", "tests.hostile.planted"]).faults
    for path, fault in ((planted.RAISES_ON_NUL, "500"), (planted.RAISES_ON_A_HUGE_NUMBER, "500"), (planted.IS_SLOW, " s")):
        assert [line for line in found if f" {path}" in line and fault in line], (path, found)
    assert [line for line in found if line.endswith("MiB of memory")], found
