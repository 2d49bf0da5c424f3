"""How long what is kept is data, and a file that makes no sense is refused with the name of what is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOON, a_case, a_sheltered_case
from tracing.domain import CaseKind, CaseState, Outcome
from tracing.errors import Misconfigured
from tracing.expiry.policy import NEEDED, Kept, kind_of, parse, usual
from tracing.lifecycle import OUTCOMES


def test_the_usual_times_name_every_kind() -> None:
    assert usual().times.keys() == set(Kept)


def test_a_file_changes_what_it_names_and_leaves_the_rest() -> None:
    policy = parse("reunited = 30\nclosed_sheltered = 'for ever'\n")
    assert policy.times[Kept.REUNITED] == timedelta(days=30)
    assert policy.times[Kept.CLOSED_SHELTERED] is None
    assert policy.times[Kept.DECEASED] == usual().times[Kept.DECEASED]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("reunited = 0", "reunited"),
        ("reunited = 1.5", "reunited"),
        ("reunited = true", "reunited"),
        ("reunited = 'never'", "reunited"),
        ("reunions = 30", "reunions"),
        ("reunited = 36501", "reunited"),
        ("reunited =", "no TOML"),
        *((f"{kind} = 'for ever'", kind) for kind in sorted(NEEDED)),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        parse(text)


@pytest.mark.parametrize("kind", list(CaseKind))
def test_every_case_is_of_a_kind_but_for_those_of_a_standing_match(kind: CaseKind) -> None:
    for state in CaseState:
        for outcome in [*OUTCOMES[kind], None] if state is CaseState.CLOSED else [None]:
            assert (kind_of(kind, state, outcome) is None) == (state is CaseState.MATCHED)


def test_a_case_is_over_so_many_days_after_it_came_into_its_state() -> None:
    policy = parse("closed_missing = 10\nopen_sheltered = 20\n")
    closed = a_case(state=CaseState.CLOSED, outcome=Outcome.WITHDRAWN)
    assert policy.case_until(closed, NOON) == NOON + timedelta(days=10)
    assert policy.case_until(a_sheltered_case(), NOON) == NOON + timedelta(days=20)
    assert policy.case_until(a_case(), NOON) is None
