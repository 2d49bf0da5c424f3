"""Templates in rows: found by their ids whatever the order in which they come, go and come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracing.index import rows as module
from tracing.index.rows import GONE, Rows, portions


def ids(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def vectors(*numbers: int) -> NDArray[np.float32]:
    """A template that tells whose it is."""
    return np.repeat(np.array(numbers, dtype=np.float32)[:, np.newaxis], 4, axis=1)


some_ids = st.lists(st.integers(0, 30), unique=True, max_size=10)
steps = st.lists(st.tuples(st.sampled_from(["append", "remove", "compact"]), some_ids), max_size=15)


@pytest.mark.parametrize("half", [False, True])
@settings(max_examples=200)
@given(steps=steps)
def test_whatever_happened_every_id_leads_to_its_template(half: bool, steps: list[tuple[str, list[int]]]) -> None:
    rows, model, version = Rows(4, half), {}, 0
    for step, names in steps:
        if step == "append":
            fresh = [name for name in names if name not in model]
            version += 1
            model |= {name: 100 * version + name for name in fresh}
            rows.append(ids(*fresh), vectors(*(model[name] for name in fresh)).reshape(-1, 4))
        elif step == "remove":
            assert rows.remove(ids(*names)) == sum(model.pop(name, None) is not None for name in names)
        else:
            empty = rows.count - len(model)
            assert len(rows.compact()) == empty
            assert rows.count == len(model)
        assert len(rows) == len(model)
    assert rows.sorted_ids().tolist() == sorted(model)
    found = rows.rows_of(ids(*range(31)))
    assert rows.ids[found].tolist() == sorted(model)
    assert rows.vectors(found)[:, 0].tolist() == [model[name] for name in sorted(model)]


def test_a_removed_template_is_wiped() -> None:
    rows = Rows(4)
    rows.append(ids(7, 3), vectors(70, 30))
    rows.remove(ids(7, 99))
    assert rows.ids.tolist() == [GONE, 3]
    assert rows.vectors(slice(0, 2)).tolist() == vectors(0, 30).tolist()


def test_compacting_tells_which_rows_were_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORTION", 3)
    rows = Rows(4)
    rows.append(ids(*range(10)), vectors(*range(10)))
    rows.remove(ids(0, 4, 5, 9))
    assert rows.compact().tolist() == [0, 4, 5, 9]
    assert rows.vectors(slice(0, 6))[:, 0].tolist() == [1, 2, 3, 6, 7, 8]


def test_half_precision_takes_half_the_memory_and_keeps_what_was_there() -> None:
    rows = Rows(128)
    rows.append(np.arange(1000), np.random.default_rng(0).random((1000, 128), np.float32))
    before, memory = rows.copied(0, 1000), rows.memory
    rows.halve()
    assert rows.half
    assert rows.memory < 0.6 * memory
    assert np.abs(rows.vectors(slice(0, 1000)) - before).max() < 1e-3


def test_little_more_memory_than_the_templates_is_taken() -> None:
    rows = Rows(128)
    for start in range(0, 20_000, 500):
        rows.append(np.arange(start, start + 500), np.zeros((500, 128), np.float32))
    assert rows.memory < 1.08 * 20_000 * 128 * 4


def test_a_copy_is_as_long_as_there_are_rows_and_stays() -> None:
    rows = Rows(4)
    rows.append(ids(1), vectors(1))
    copy = rows.copied(0, 100)
    rows.append(np.arange(2, 5000), np.ones((4998, 4), np.float32))
    assert copy.tolist() == vectors(1).tolist()


def test_portions_cover_everything_from_where_they_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORTION", 4)
    assert portions(10, 3) == [slice(3, 7), slice(7, 10)]
    assert portions(3, 3) == []
