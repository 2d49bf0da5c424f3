"""The states of requests between stations: every edge is walked, every other step refused."""

from __future__ import annotations

import pytest

from tests.factories import a_case, a_request
from tracing.domain import RequestState
from tracing.errors import WrongState
from tracing.stations.asking import REQUEST_STEPS, step_request, whose

EDGES = {
    "in_progress": {"accepted", "rejected", "revoked"},
    "accepted": {"done", "revoked"},
    "rejected": set(),
    "revoked": set(),
    "done": set(),
}


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    assert {str(now): {str(then) for then in thens} for now, thens in REQUEST_STEPS.items()} == EDGES


@pytest.mark.parametrize("then", list(RequestState))
@pytest.mark.parametrize("now", list(RequestState))
def test_every_edge_is_walked_and_every_other_step_is_refused(now: RequestState, then: RequestState) -> None:
    if then in EDGES[now]:
        step_request(now, then)
    else:
        with pytest.raises(WrongState, match="cannot become"):
            step_request(now, then)


@pytest.mark.parametrize(
    ("now", "then", "who"),
    [
        ("in_progress", "accepted", {"asked"}),
        ("in_progress", "rejected", {"asked"}),
        ("in_progress", "revoked", {"asking"}),
        ("accepted", "revoked", {"asking", "asked"}),
        ("accepted", "done", {"asking", "asked"}),
    ],
)
def test_whose_step_it_is(now: str, then: str, who: set[str]) -> None:
    request = a_request(a_case(), asking="asking", asked="asked", state=RequestState(now))
    assert whose(request, RequestState(then)) == who
