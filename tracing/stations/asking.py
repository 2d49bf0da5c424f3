"""The states of what stations ask of each other, as data: which step leads where, and whose step it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.domain import RequestState, StationRequest
from tracing.errors import WrongState

REQUEST_STEPS: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    RequestState.IN_PROGRESS: frozenset({RequestState.ACCEPTED, RequestState.REJECTED, RequestState.REVOKED}),
    RequestState.ACCEPTED: frozenset({RequestState.DONE, RequestState.REVOKED}),
    RequestState.REJECTED: frozenset(),
    RequestState.REVOKED: frozenset(),
    RequestState.DONE: frozenset(),
}

OF_THE_ASKED: Final = frozenset({RequestState.ACCEPTED, RequestState.REJECTED})
"""An answer is the asked station's."""


def step_request(now: RequestState, then: RequestState) -> None:
    """Refuse a step that the table does not have with ``WrongState``."""
    if then not in REQUEST_STEPS[now]:
        raise WrongState(f"A request that is {now.replace('_', ' ')} cannot become {then.replace('_', ' ')}.")


def whose(request: StationRequest, then: RequestState) -> frozenset[str]:
    """The stations whose step this is. A question is taken back by those who asked; what runs, ended by either."""
    if then in OF_THE_ASKED:
        return frozenset({request.asked})
    if request.state is RequestState.IN_PROGRESS:
        return frozenset({request.asking})
    return frozenset({request.asking, request.asked})
