"""What is noted when a case is closed by hand: which other case it was, and what the search had made of the two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, a_run, an_id
from tests.house import House
from tracing.closing import detail_of, other_case, with_what_the_search_knew
from tracing.domain import Candidate, Case, CaseKind, Channel, Closing, LegalBasis, Outcome, SearchRun
from tracing.errors import Invalid


@pytest.fixture
def two(house: House) -> tuple[Case, Case]:
    return house.missing(1), house.sheltered(1)


def named(house: House, case: Case, text: str) -> Case | None:
    with house.services.store.reading() as records:
        return other_case(records, case, text)


def closing_of(case: Case, other: Case | None) -> Closing:
    other_id = other.case_id if other is not None else None
    return Closing(an_id(), case.case_id, NOON, Outcome.FOUND_ELSEWHERE, Channel.POLICE, other_id)


def known(house: House, case: Case, other: Case | None) -> Closing:
    with house.services.store.reading() as records:
        return with_what_the_search_knew(records, closing_of(case, other))


# Which case


def test_another_case_is_named_by_its_reference_or_its_id(house: House, two: tuple[Case, Case]) -> None:
    for text in (two[1].reference, two[1].case_id):
        found = named(house, two[0], text)
        assert found is not None
        assert found.case_id == two[1].case_id


def test_nothing_named_is_no_case(house: House, two: tuple[Case, Case]) -> None:
    assert named(house, two[0], "") is None


@pytest.mark.parametrize("text", ["M-1999-00001", "somebody", "0" * 32, "%", "'; --"])
def test_a_case_that_is_not_there_is_refused_at_its_field(house: House, two: tuple[Case, Case], text: str) -> None:
    with pytest.raises(Invalid, match="no case") as refused:
        named(house, two[0], text)
    assert refused.value.field == "other_case"


def test_a_case_is_not_found_to_be_itself(house: House, two: tuple[Case, Case]) -> None:
    for text in (two[0].reference, two[0].case_id):
        with pytest.raises(Invalid, match="not this one"):
            named(house, two[0], text)


# What the search knew


def test_without_another_case_nothing_is_looked_up(house: House, two: tuple[Case, Case]) -> None:
    closing = closing_of(two[0], None)
    with house.services.store.reading() as records:
        assert with_what_the_search_knew(records, closing) is closing


def test_two_faces_in_the_galleries_could_have_been_brought_together(house: House, two: tuple[Case, Case]) -> None:
    assert known(house, *two).in_galleries
    assert known(house, *two[::-1]).in_galleries


def test_a_case_without_a_face_could_not(house: House, two: tuple[Case, Case]) -> None:
    assert not known(house, two[0], house.open(CaseKind.SHELTERED)).in_galleries


def test_nor_could_one_that_nobody_may_search(house: House, two: tuple[Case, Case]) -> None:
    house.services.casework.amend(house.manager, two[1].case_id, legal_basis=LegalBasis.NONE)
    assert not known(house, *two).in_galleries


def test_nor_one_whose_face_is_of_another_encoder_alone(house: House, two: tuple[Case, Case]) -> None:
    with house.services.store.transaction() as records:
        active = records.generations.active()
        records.generations.save(replace(active, encoder_id="an encoder that came later"))
    with house.services.store.reading() as records:
        assert not with_what_the_search_knew(records, closing_of(*two)).in_galleries


def test_two_that_were_never_searched_have_no_list(house: House) -> None:
    kept = known(house, house.open(CaseKind.MISSING), house.open(CaseKind.SHELTERED))
    assert (kept.list_id, kept.in_galleries) == ("", False)


def runs(house: House, *made: SearchRun) -> None:
    with house.services.store.transaction() as records:
        records.pairs.add_runs(made)


def a_list(house: House, case: Case, minutes: int, listed: Case | None = None, people: int = 2) -> SearchRun:
    with house.services.store.reading() as records:
        generation_id = records.generations.active().generation_id
    at = house.clock() + timedelta(minutes=minutes)
    lines = (Candidate(listed.case_id, 1, 0.9, 1),) if listed is not None else ()
    return replace(a_run(case.case_id, generation_id), started_at=at, finished_at=at, gallery_size=people, list=lines)


def test_the_last_list_of_either_is_kept(house: House, two: tuple[Case, Case]) -> None:
    earlier, later = a_list(house, two[0], 5), a_list(house, two[1], 6)
    runs(house, earlier, later)
    assert known(house, *two).list_id == known(house, *two[::-1]).list_id == later.run_id


def test_of_two_at_one_moment_the_one_that_names_the_other(house: House, two: tuple[Case, Case]) -> None:
    silent, naming = a_list(house, two[0], 5, people=99), a_list(house, two[1], 5, listed=two[0], people=1)
    runs(house, silent, naming)
    assert known(house, *two).list_id == known(house, *two[::-1]).list_id == naming.run_id


def test_else_the_one_that_looked_at_more_people(house: House, two: tuple[Case, Case]) -> None:
    few, many = a_list(house, two[0], 5, people=1), a_list(house, two[1], 5, people=2)
    runs(house, few, many)
    assert known(house, *two).list_id == known(house, *two[::-1]).list_id == many.run_id


def test_the_audit_is_told_all_that_was_noted(house: House, two: tuple[Case, Case]) -> None:
    kept = known(house, *two)
    assert detail_of(kept) == {
        "channel": Channel.POLICE,
        "other_case_id": two[1].case_id,
        "in_galleries": True,
        "list_id": kept.list_id,
    }
