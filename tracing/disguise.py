"""What a person is shown while a known-answer pair waits for their judgement: as it was before anybody had judged it.

A reviewer who could read in a case that it is matched, or in the history that it was, would know the answer. So for this person
alone the two cases and the pair look as they did when the pair was new, in every answer; nothing in the records changes.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from tracing.access import Permission, allows
from tracing.domain import Actor, Case, CaseState, Event, KnownAnswer, Pair, PairState
from tracing.records import Records


def may_be_given(actor: Actor) -> bool:
    """Those who judge and do nothing else with a case. Whoever closes cases or revokes matches has to see how they stand."""
    return allows(actor, Permission.REVIEW) and not any(
        allows(actor, each) for each in (Permission.VERIFY, Permission.EDIT_CASES, Permission.CLOSE_CASES)
    )


@dataclass(frozen=True, slots=True)
class Disguise:
    """``shown``: the pair of the records -> what is shown instead. ``reopened``: cases that are matched and look open."""

    shown: Mapping[str, Pair] = field(default_factory=dict)
    reopened: Mapping[str, Case] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Records, actor: Actor) -> Self:
        """Of nothing, for most people at most times."""
        waiting = records.known.waiting(actor.account_id) if may_be_given(actor) else []
        if not waiting:
            return cls()
        cases = records.cases.by_ids({case_id for _, pair in waiting for case_id in pair.case_ids})
        matched = {case_id: case for case_id, case in cases.items() if case.state is CaseState.MATCHED}
        return cls({pair.pair_id: as_new(known, pair) for known, pair in waiting}, matched)

    def pair(self, pair: Pair) -> Pair:
        return self.shown.get(pair.pair_id, pair)

    def case(self, case: Case) -> Case:
        if case.case_id not in self.reopened or case.state is not CaseState.MATCHED:
            return case
        return replace(case, state=CaseState.OPEN, version=case.version - 1, search_done=case.search_wanted)

    def cases(self, cases: Mapping[str, Case]) -> dict[str, Case]:
        return {case_id: self.case(case) for case_id, case in cases.items()}

    def history(self, case_id: str, events: Iterable[Event]) -> list[Event]:
        """Up to the match."""
        told = list(events)
        if case_id not in self.reopened:
            return told
        matched = [place for place, each in enumerate(told) if each.detail.get("to") == CaseState.MATCHED]
        return told[: matched[-1]] if matched else told


def searched_when_open(records: Records, case_ids: Some[str]) -> set[str]:
    """Those of these matched cases that clues had searched when they were open; the match itself has left a mark too."""
    return {case_id for case_id, due in records.coverage.clue_searches_due(case_ids).items() if due <= 1}


def as_new(known: KnownAnswer, pair: Pair) -> Pair:
    """The pair under the id that the reviewer knows it by, waiting, and held by nobody else."""
    return replace(
        pair,
        pair_id=known.known_id,
        state=PairState.PROPOSED if known.claimed_until is None else PairState.UNDER_REVIEW,
        suggested_at=known.waiting_since,
        claimed_by=known.reviewer if known.claimed_until is not None else None,
        claimed_until=known.claimed_until,
        superseded_by=None,
        state_before=None,
        version=1,
    )


def pair_behind(records: Records, actor: Actor, pair_id: str) -> Pair:
    """The pair of the records, also where the person knows it by an id of its own; ``NotFound`` where there is none."""
    own = records.known.get(actor.account_id, pair_id) if may_be_given(actor) else None
    return own[1] if own is not None else records.pairs.get(pair_id)
