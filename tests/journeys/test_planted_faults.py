"""The machine of the invariants earns its keep: faults that were planted by hand are found, and within its own examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.journeys.test_invariants import EXAMPLES, STEPS, AShelterInDisorder
from tracing.domain import Pair
from tracing.lifecycle import REJECTED
from tracing.review import Review
from tracing.store.records.pairs import SqlPairs

pytestmark = pytest.mark.long


def superseded_pairs_stay_aside(patch: pytest.MonkeyPatch) -> None:
    """A revoked match leaves the pairs that it had set aside where they are."""
    patch.setattr("tracing.consequences._bring_back", lambda records, aside: None)


def one_person_is_enough(patch: pytest.MonkeyPatch) -> None:
    """Whoever judged a pair first may judge it second."""
    refusal: Callable[..., Any] = Review._refusal
    patch.setattr(Review, "_refusal", lambda desk, actor, pair, low, high, judged: refusal(desk, actor, pair, low, high, False))


def a_search_reopens_what_was_rejected(patch: pytest.MonkeyPatch) -> None:
    """Any search that finds a rejected pair again proposes it again, with no new photo."""

    def found_again(records: SqlPairs, case_ids: Any) -> list[Pair]:
        pairs = [records.between(low, high) for low, high in sorted(case_ids)]
        return [pair for pair in pairs if pair is not None and pair.state in REJECTED]

    patch.setattr(SqlPairs, "with_new_photo", found_again)


FAULTS: Final = (superseded_pairs_stay_aside, one_person_is_enough, a_search_reopens_what_was_rejected)


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    once = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=False,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AShelterInDisorder, settings=once)
