"""The demonstration's history: what former colleagues settled is material for pairs with a known answer, and nothing else."""

from __future__ import annotations

import pytest

from scripts.demo.history import COLLEAGUES, settle
from tests.house import House
from tracing.domain import Case, PairState, Relation, Role
from tracing.errors import NotSignedIn


@pytest.fixture
def people(house: House) -> dict[str, str]:
    """Two people reported missing twice, two that are alike, and one missing and found."""
    cast: list[tuple[Case, str]] = [(house.missing(person), f"person {person}") for person in (1, 1, 2, 2)]
    cast += [(house.missing(3), "a brother"), (house.missing(3), "another brother")]
    cast += [(house.missing(4), "person 4"), (house.sheltered(4), "person 4")]
    return {case.case_id: person for case, person in cast}


def test_pairs_of_one_kind_are_settled_and_those_to_be_found_are_left(house: House, people: dict[str, str]) -> None:
    assert settle(house.services, people, house.manager) == 3
    with house.services.store.reading() as records:
        pairs = {pair for case_id in people for pair in records.pairs.of_case(case_id)}
    states = {state: [pair for pair in pairs if pair.state is state] for state in PairState}
    assert len(states[PairState.VERIFIED]) == 2
    assert {people[case_id] for pair in states[PairState.VERIFIED] for case_id in pair.case_ids} == {"person 1", "person 2"}
    (excluded,) = states[PairState.EXCLUDED]
    assert {people[case_id] for case_id in excluded.case_ids} == {"a brother", "another brother"}
    assert [pair.relation for pair in states[PairState.PROPOSED]] == [Relation.TRACE]
    assert house.faults() == []


def test_a_reviewer_of_the_demonstration_is_given_one(house: House, people: dict[str, str]) -> None:
    settle(house.services, people, house.manager)
    assert house.services.known_answers.give(house.hire("newcomer", Role.REVIEWER)) is not None


def test_nobody_signs_in_as_one_who_has_left_and_a_second_run_goes_on(house: House, people: dict[str, str]) -> None:
    settle(house.services, people, house.manager)
    assert settle(house.services, people, house.manager) == 0
    accounts = {account.name: account for account in house.services.accounts.all()}
    assert all(accounts[name].disabled_at is not None for name in COLLEAGUES)
    with pytest.raises(NotSignedIn):
        house.services.accounts.sign_in(COLLEAGUES[0], "")


def test_people_of_whom_nobody_knows_who_they_are_are_left_alone(house: House, people: dict[str, str]) -> None:
    assert settle(house.services, {}, house.manager) == 0
