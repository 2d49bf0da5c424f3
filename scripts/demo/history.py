"""A little history for the drawn people: pairs that colleagues of earlier days have settled, whose answer is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import Actor, Judgement, Pair, PairState, Relation, Role
from tracing.records import CaseFilter
from tracing.verdict import Proof, Verdict

COLLEAGUES: Final = ("gao.former", "ma.former")
"""They have left: nobody can sign in as one of them."""
MATED: Final = 2
DIFFERENT: Final = 3
REASON: Final = "demonstration"


def settle(found: Services, person_of: Mapping[str, str], manager: Actor) -> int:
    """Verify some pairs of one person and exclude some of two; how many. ``person_of`` tells whose each case is.

    Files of one kind alone are verified, for these match no cases: every pair of a missing and a sheltered person is left to
    those who try the demonstration out, and so are the brothers and sisters among the missing and the sheltered.
    """
    with found.store.reading() as records:
        waiting = records.pairs.in_states({PairState.PROPOSED})
        opened_by = {case.case_id: case.opened_by for case in found.casework.find(SYSTEM, CaseFilter(), 100_000).cases}
    told = [pair for pair in waiting if all(case_id in person_of and case_id in opened_by for case_id in pair.case_ids)]
    told.sort(key=lambda pair: -(pair.score or 0))
    same = [pair for pair in told if pair.relation is not Relation.TRACE and _of_one(pair, person_of)]
    different = [pair for pair in told if pair.relation is not Relation.TRACE and not _of_one(pair, person_of)]
    people = [_former(found, name) for name in COLLEAGUES]
    for pair in same[:MATED]:
        for colleague in people:
            _say(found, colleague, pair, Judgement.SAME_VERY_LIKELY)
        found.review.verify(manager, pair.pair_id, Proof.DOCUMENT, REASON)
    for pair in different[:DIFFERENT]:
        _say(found, people[0], pair, Judgement.SAME_LIKELY)
        _say(found, people[1], pair, Judgement.EXCLUDED)
        _say(found, manager, pair, Judgement.EXCLUDED)
    for name in COLLEAGUES:
        found.accounts.disable(SYSTEM, name)
    return len(same[:MATED]) + len(different[:DIFFERENT])


def _of_one(pair: Pair, person_of: Mapping[str, str]) -> bool:
    return person_of[pair.low_case_id] == person_of[pair.high_case_id]


def _former(found: Services, name: str) -> Actor:
    """Somebody of an interrupted run is there already."""
    there = {account.name: account for account in found.accounts.all()}
    account = there[name] if name in there else found.accounts.add(SYSTEM, name, Role.REVIEWER)[0]
    return Actor(account.account_id, account.name, account.role, account.station_id)


def _say(found: Services, who: Actor, pair: Pair, judgement: Judgement) -> None:
    found.review.decide(who, pair.pair_id, Verdict(judgement, REASON))
