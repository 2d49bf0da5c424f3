"""Cohen's kappa, against figures worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.agreement import LEAST, cohens_kappa, share


def table(*cells: tuple[str, str, int]) -> list[tuple[str, str]]:
    return [(one, other) for one, other, count in cells for _ in range(count)]


def test_kappa_of_a_known_table() -> None:
    """Of 50: 20 and 15 alike, 5 and 10 not; observed 0.7, expected 0.5."""
    kappa = cohens_kappa(table(("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15)))
    assert kappa is not None
    assert isclose(kappa.value, 0.4)
    # 1.96 sqrt(0.7 * 0.3 / 50) / 0.5
    assert isclose(kappa.high - kappa.value, 0.254, abs_tol=0.0005)
    assert isclose(kappa.value - kappa.low, kappa.high - kappa.value)
    assert kappa.count == 50


def test_kappa_of_three_words() -> None:
    """Of 200: observed 140, expected 0.6 x 0.5 + 0.3 x 0.3 + 0.1 x 0.2."""
    cells = [
        ("a", "a", 88), ("a", "b", 14), ("a", "c", 18),
        ("b", "a", 10), ("b", "b", 40), ("b", "c", 10),
        ("c", "a", 2), ("c", "b", 6), ("c", "c", 12),
    ]  # fmt: skip
    kappa = cohens_kappa(table(*cells))
    assert kappa is not None
    assert isclose(kappa.value, (0.70 - 0.41) / (1 - 0.41), abs_tol=1e-12)


@pytest.mark.parametrize(
    ("pairs", "value"),
    [
        (table(("a", "a", 10), ("b", "b", 10)), 1.0),
        (table(("a", "a", 5), ("a", "b", 5), ("b", "a", 5), ("b", "b", 5)), 0.0),
        (table(("a", "b", 10), ("b", "a", 10)), -1.0),
    ],
)
def test_full_agreement_is_one_chance_is_nought_and_contradiction_is_below(
    pairs: Sequence[tuple[str, str]], value: float
) -> None:
    kappa = cohens_kappa(pairs)
    assert kappa is not None
    assert isclose(kappa.value, value, abs_tol=1e-12)


def test_few_things_and_a_single_word_give_no_verdict() -> None:
    assert cohens_kappa(table(("a", "a", 10), ("b", "b", LEAST - 11))) is None
    assert cohens_kappa(table(("a", "a", 100))) is None
    assert cohens_kappa([]) is None
    assert share(1, LEAST - 1) is None
    assert share(1, LEAST) == 1 / LEAST


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=LEAST, max_size=60))
def test_kappa_lies_inside_its_interval_and_does_not_depend_on_who_is_named_first(pairs: list[tuple[str, str]]) -> None:
    kappa, swapped = cohens_kappa(pairs), cohens_kappa([(other, one) for one, other in pairs])
    if kappa is None or swapped is None:
        assert kappa is swapped
        assert len(set(pairs)) == 1
        return
    assert -1 <= kappa.low <= kappa.value <= kappa.high <= 1
    assert isclose(kappa.value, swapped.value, abs_tol=1e-12)
