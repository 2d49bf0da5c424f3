"""What becomes of two cases, and of their other pairs, when their ``trace`` pair is confirmed, reunited or revoked."""

from __future__ import annotations

from dataclasses import replace

from tracing.domain import Actor, CaseState, Outcome, Pair, PairState, Relation
from tracing.lifecycle import HOLDING, WAITING_FOR_REVIEW, step_pair
from tracing.records import Records
from tracing.steps import take_step


def follow(records: Records, actor: Actor, pair: Pair) -> None:
    """Do what the state that the pair has just come to means for its cases; nothing where it means nothing.

    ``Conflict`` where one of the two is matched already.
    """
    if pair.state is PairState.CONFIRMED:
        _match(records, actor, pair)
    elif pair.state is PairState.REUNITED:
        _close_reunited(records, actor, pair)
    elif pair.state is PairState.REVOKED:
        _unmatch(records, actor, pair)


def _match(records: Records, actor: Actor, pair: Pair) -> None:
    records.pairs.register_match(pair)
    for case_id in pair.case_ids:
        case = records.cases.get(case_id)
        if case.state is not CaseState.CLOSED:  # a past intake tells where the person was; the file stays closed
            take_step(records, actor, case, CaseState.MATCHED)
        for other in records.pairs.of_case(case_id):
            if other.relation is Relation.TRACE and other.state in WAITING_FOR_REVIEW and other.pair_id != pair.pair_id:
                _supersede(records, actor, other, pair)


def _supersede(records: Records, actor: Actor, other: Pair, pair: Pair) -> None:
    step_pair(other.state, PairState.SUPERSEDED)
    records.pairs.save(
        replace(
            other,
            state=PairState.SUPERSEDED,
            state_before=other.state,
            superseded_by=pair.pair_id,
            claimed_by=None,
            claimed_until=None,
        )
    )
    records.audit.append(actor, "supersede_pair", other.pair_id, {"by": pair.pair_id})


def _close_reunited(records: Records, actor: Actor, pair: Pair) -> None:
    records.pairs.release_match(pair.pair_id)
    for case_id in pair.case_ids:
        case = records.cases.get(case_id)
        if case.state is CaseState.MATCHED:
            take_step(records, actor, case, CaseState.CLOSED, Outcome.REUNITED)


def _unmatch(records: Records, actor: Actor, pair: Pair) -> None:
    records.pairs.release_match(pair.pair_id)
    for case_id in pair.case_ids:
        case = records.cases.get(case_id)
        if case.state is CaseState.MATCHED:
            take_step(records, actor, case, CaseState.OPEN)
        for other in records.pairs.of_case(case_id):
            if other.superseded_by == pair.pair_id:
                _bring_back(records, other)


def _bring_back(records: Records, aside: Pair) -> None:
    """Let a superseded pair wait for review again, unless another match has taken one of its cases meanwhile."""
    around = (pair for case_id in aside.case_ids for pair in records.pairs.of_case(case_id))
    match = next((pair for pair in around if pair.relation is Relation.TRACE and pair.state in HOLDING), None)
    if match is not None:
        records.pairs.save(replace(aside, superseded_by=match.pair_id))
    elif aside.state_before is not None:
        step_pair(aside.state, aside.state_before)
        records.pairs.save(replace(aside, state=aside.state_before, state_before=None, superseded_by=None))
