"""Whose the templates are, in arrays: the same as in a dict, whatever moves in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing import owners as module
from tracing.domain import Collection, GalleryChange
from tracing.errors import Damaged
from tracing.numbered import NONE
from tracing.owners import ORDER, Owners

CASES = [f"case-{number}" for number in range(5)] + ["案件" * 4]
PLACES = st.none() | st.tuples(st.sampled_from(Collection), st.sampled_from(CASES))
STEPS = st.lists(st.dictionaries(st.integers(0, 12), PLACES, max_size=8), max_size=10)
Where = tuple[Collection, str] | None


def noted(owners: Owners, step: dict[int, Where]) -> None:
    changes = [GalleryChange(1, template, *(where or (None, None))) for template, where in step.items()]
    owners.note(changes)


def seen(owners: Owners, templates: Sequence[int]) -> list[Where]:
    places = owners.places(np.array(templates, dtype=np.int64))
    collections = owners.collections(places)
    return [
        None if place == NONE else (ORDER[collection], owners.cases_at([place])[0])
        for place, collection in zip(places.tolist(), collections.tolist(), strict=True)
    ]


def assert_same(owners: Owners, known: dict[int, Where]) -> None:
    assert seen(owners, list(known)) == list(known.values())
    there = Counter(where for where in known.values() if where is not None)
    assert len(owners) == there.total()
    for collection in Collection:
        cases = {case for where, case in there if where is collection}
        assert owners.cases(collection) == cases
        assert owners.people[collection] == len(cases)
        assert owners.templates[collection] == sum(there[collection, case] for case in cases)
        assert (owners.places_of_cases(collection, CASES) != NONE).tolist() == [case in cases for case in CASES]


@given(STEPS, st.sampled_from([1, 3, 2**60]))
def test_it_knows_what_a_dict_knows_also_where_hashes_meet(steps: list[dict[int, Where]], different: int) -> None:
    known: dict[int, Where] = dict.fromkeys(range(13))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_hashes", lambda places: np.array([hash(each) % different for each in places], dtype=np.int64))
        owners = Owners()
        for step in steps:
            noted(owners, step)
            known |= step
            assert_same(owners, known)
        again = Owners.taken_back(owners.kept(), ORDER)
        assert_same(again, known)
        noted(again, {0: (Collection.MISSING, "someone new")})
        assert seen(again, [0]) == [(Collection.MISSING, "someone new")]


def test_nothing_is_left_of_a_case_whose_templates_are_gone() -> None:
    owners = Owners()
    noted(owners, {1: (Collection.MISSING, "erased"), 2: (Collection.MISSING, "kept")})
    noted(owners, {1: None})
    assert b"erased" not in owners.kept()["cases"].tolist()
    noted(owners, {3: (Collection.PAST, "later")})
    assert len(owners.kept()["cases"]) == 2, "the number is used again"


def test_it_takes_sixty_bytes_for_a_person_with_one_template() -> None:
    owners = Owners()
    for start in range(0, 20_000, 1000):
        noted(owners, {number: (Collection.MISSING, f"{number:032x}") for number in range(start, start + 1000)})
    assert owners.memory < (12 + 17 + 32) * 20_000 * 1.05


def test_collections_are_known_by_name_when_they_are_taken_back() -> None:
    owners = Owners()
    noted(owners, {1: (Collection.PAST, "one"), 2: (Collection.MISSING, "other")})
    kept = owners.kept()
    turned = kept | {"collections": (len(ORDER) - 1 - kept["collections"]).astype(np.uint8)}
    assert seen(Owners.taken_back(turned, ORDER[::-1]), [1, 2]) == [(Collection.PAST, "one"), (Collection.MISSING, "other")]


def test_what_does_not_fit_together_is_not_taken_back() -> None:
    owners = Owners()
    noted(owners, {1: (Collection.PAST, "one")})
    with pytest.raises(ValueError, match="fit together"):
        Owners.taken_back(owners.kept() | {"cases": np.empty(0, "S64")}, ORDER)


def test_an_id_that_cannot_be_kept_is_said() -> None:
    with pytest.raises(Damaged, match="too long"):
        noted(Owners(), {1: (Collection.PAST, "x" * 65)})
