"""Programs that send anything at all, in every role, break nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.programs import EXAMPLES, WANTED, attack, with_text
from tracing.domain import Role


def test_a_text_is_put_wherever_one_stands() -> None:
    told = with_text({"a": "x", "b": [1, "y", {"c": None, "d": "z"}]}, "a\0")
    assert told == {"a": "a\0", "b": [1, "a\0", {"c": None, "d": "a\0"}]}


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_twenty_thousand_made_up_requests_of_every_role_meet_no_error_of_ours(tmp_path: Path) -> None:
    outcome = attack(tmp_path / "var", 7, EXAMPLES)
    assert outcome.faults == []
    assert outcome.requests >= WANTED
    assert set(outcome.by_role) == {role.value for role in Role}
    assert {200, 201, 403, 404, 409, 422} <= set(outcome.by_status), "the requests never got as far as the work itself"
