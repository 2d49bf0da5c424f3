"""What every record store promises about the words of cases: any part of them is found, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.factories import a_case, a_sheltered_case
from tracing.domain import Case, CaseState, LegalBasis
from tracing.ports import RecordStore
from tracing.store.grams import asked_grams, grams

SAID = "家在王家坳，村口有棵大槐树\nMr O'Neil, ＦＵＹＡＮＧ 3组\n𠮷田在𰻝𰻝巷\nئۈرۈمچى བོད་ལྗོངས"


@pytest.fixture
def case(store: RecordStore) -> Case:
    made = a_case()
    with store.transaction() as records:
        records.cases.add(made)
        records.texts.put(made.case_id, SAID)
    return made


def found(store: RecordStore, word: str, limit: int = 10) -> list[str]:
    with store.reading() as records:
        return records.texts.holding(word, limit)


@pytest.mark.parametrize(
    "word",
    [
        "王家坳",
        "王家",
        "家坳",
        "槐树",
        "棵大",
        "fuyang",
        "Fuyang",
        "neil",
        "3组",
        "𠮷田",
        "𰻝𰻝巷",
        "ئۈرۈمچى",
        "བོད",
        "王家坳，村口",
    ],
)
def test_any_part_of_the_words_is_found(store: RecordStore, case: Case, word: str) -> None:
    assert found(store, word) == [case.case_id]


@pytest.mark.parametrize(
    "word", ["", " ", "坳", "，。", '"', "*", "王家 坳村", "家王", "坳有棵", "fuyan", "大树", "树mr", "AND", "' OR 1=1"]
)
def test_what_does_not_stand_there_is_not_found(store: RecordStore, case: Case, word: str) -> None:
    assert case
    assert found(store, word) == []


def test_words_are_replaced(store: RecordStore, case: Case) -> None:
    with store.transaction() as records:
        assert records.texts.same(case.case_id, SAID)
        records.texts.put(case.case_id, "家在李家坡")
        assert not records.texts.same(case.case_id, SAID)
        records.texts.tidy()
    assert (found(store, "王家坳"), found(store, "李家坡")) == ([], [case.case_id])


@pytest.mark.parametrize("changes", [{"state": CaseState.SUSPENDED}, {"legal_basis": LegalBasis.NONE}])
def test_a_case_that_is_not_searched_is_not_found_and_keeps_no_words(
    store: RecordStore, case: Case, changes: dict[str, object]
) -> None:
    with store.transaction() as records:
        records.cases.save(replace(case, **changes))  # type: ignore[arg-type]
    assert found(store, "王家坳") == []
    with store.transaction() as records:
        records.texts.put(case.case_id, SAID)
        assert not records.texts.same(case.case_id, SAID)


def test_an_erased_case_is_not_found(store: RecordStore, case: Case) -> None:
    with store.transaction() as records:
        records.cases.erase(case.case_id)
    assert found(store, "王家坳") == []


def test_at_most_so_many_are_found(store: RecordStore, case: Case) -> None:
    with store.transaction() as records:
        for _ in range(3):
            other = a_sheltered_case()
            records.cases.add(other)
            records.texts.put(other.case_id, "王家坳")
    assert len(found(store, "王家坳", 2)) == 2
    assert len(found(store, "王家坳")) == 4
    assert case.case_id in found(store, "王家坳")


def inside_a_word(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place + 1]
    return len(around) == 2 and all(letter in "a1é" for letter in around)


@settings(max_examples=300)
@given(st.text(st.sampled_from("王家坳村a1é ，'\"*·-"), max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_whatever_stands_in_a_text_has_grams_that_the_text_has(text: str, start: int, end: int) -> None:
    """Else a word that stands there would not be found; where letters make words, whole words are asked for."""
    assume(not inside_a_word(text, start) and not inside_a_word(text, end))
    assert set(asked_grams(text[start:end])) <= set(grams(text))
    assert all(gram.isalnum() for gram in grams(text))
