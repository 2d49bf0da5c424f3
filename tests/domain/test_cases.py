"""Which gallery a case belongs to, and what stays out of all of them."""

from __future__ import annotations

from itertools import product

import pytest

from tests.factories import NOON, a_case, an_id
from tracing.domain import CaseKind, CaseState, Collection, LegalBasis, Outcome, Pair, PairState, PartialDate, Relation
from tracing.domain.cases import Case

K, S, B = CaseKind, CaseState, LegalBasis

OUT = (Outcome.REUNITED, Outcome.DECEASED)


def the_rule(kind: CaseKind, state: CaseState, outcome: Outcome | None, basis: LegalBasis) -> Collection | None:
    """DESIGN.md and DOMAIN.md L2, L10 in other words than the code's."""
    match (basis, state, kind):
        case (LegalBasis.NONE, _, _):
            return None
        case (_, CaseState.OPEN, CaseKind.MISSING):
            return Collection.MISSING
        case (_, CaseState.OPEN, CaseKind.SHELTERED):
            return Collection.IN_CARE
        case (_, CaseState.CLOSED, CaseKind.SHELTERED):
            return None if outcome in OUT else Collection.PAST
        case _:
            return None


def test_every_case_is_in_the_one_gallery_that_the_rule_gives_it() -> None:
    for kind, state, outcome, basis in product(CaseKind, CaseState, [None, *Outcome], LegalBasis):
        case = a_case(kind=kind, state=state, outcome=outcome, legal_basis=basis)
        assert case.collection is the_rule(kind, state, outcome, basis), (kind, state, outcome, basis)


@pytest.mark.parametrize(
    ("what", "collection"),
    [
        ({"kind": K.MISSING, "state": S.OPEN}, Collection.MISSING),
        ({"kind": K.SHELTERED, "state": S.OPEN}, Collection.IN_CARE),
        ({"kind": K.SHELTERED, "state": S.CLOSED, "outcome": Outcome.SELF_LEFT}, Collection.PAST),
        ({"kind": K.SHELTERED, "state": S.CLOSED, "outcome": Outcome.REUNITED}, None),
        ({"kind": K.SHELTERED, "state": S.CLOSED, "outcome": Outcome.DECEASED}, None),
        ({"kind": K.MISSING, "state": S.CLOSED, "outcome": Outcome.EXPIRED}, None),
        ({"kind": K.SHELTERED, "state": S.MATCHED}, None),
        ({"kind": K.MISSING, "state": S.SUSPENDED}, None),
        ({"kind": K.MISSING, "state": S.DRAFT}, None),
        ({"kind": K.SHELTERED, "state": S.OPEN, "legal_basis": B.NONE}, None),
        ({"kind": K.SHELTERED, "state": S.CLOSED, "outcome": Outcome.SELF_LEFT, "legal_basis": B.NONE}, None),
    ],
)
def test_the_gallery_of_the_cases_that_a_shelter_knows(what: dict[str, object], collection: Collection | None) -> None:
    assert a_case(**what).collection is collection


def test_a_case_is_called_by_its_first_name_or_by_none() -> None:
    assert a_case(names=("李秀英", "小英")).title == "李秀英"
    assert a_case(names=()).title == ""


def test_a_case_cannot_be_changed_by_accident() -> None:
    case: Case = a_case(birth_date=PartialDate(1948))
    with pytest.raises(AttributeError):
        case.state = CaseState.CLOSED  # type: ignore[misc]


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (K.MISSING, K.SHELTERED, Relation.TRACE),
        (K.SHELTERED, K.MISSING, Relation.TRACE),
        (K.SHELTERED, K.SHELTERED, Relation.READMISSION),
        (K.MISSING, K.MISSING, Relation.DUPLICATE),
    ],
)
def test_the_relation_follows_from_the_kinds(one: CaseKind, other: CaseKind, relation: Relation) -> None:
    assert Relation.between(one, other) is relation


def test_a_pair_knows_the_other_side() -> None:
    low, high = sorted([an_id(), an_id()])
    pair = Pair(an_id(), low, high, Relation.TRACE, PairState.PROPOSED, 0.9, 1, an_id(), an_id(), NOON)
    assert (pair.other(low), pair.other(high), pair.case_ids) == (high, low, (low, high))
