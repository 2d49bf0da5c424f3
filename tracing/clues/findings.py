"""What searches by clues found, as far as the person who asks may know it: beside the faces, never before a blind judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracing.access import Permission, judges_blind, require, sees_scores, shown_pair
from tracing.clues.explained import Explained, explained
from tracing.domain import Actor, Case, ClueHit, Pair, Relation
from tracing.pairviews import to_be_shown
from tracing.ports import RecordStore
from tracing.stations.reach import elsewhere
from tracing.stations.scope import reach_of


@dataclass(frozen=True, slots=True)
class Finding:
    """``weight`` in bits is None for roles that see no scores; the lines are for everybody who has not to judge the pair."""

    weight: float | None
    lines: tuple[Explained, ...]

    @property
    def contradictions(self) -> tuple[Explained, ...]:
        return tuple(line for line in self.lines if line.contradicts)


@dataclass(frozen=True, slots=True)
class ClueCandidate:
    """``case`` is the other case of the pair; ``rank`` its place by clues alone."""

    pair: Pair
    case: Case
    rank: int
    finding: Finding


class Findings:
    def __init__(self, store: RecordStore) -> None:
        self._store = store

    def of_case(self, actor: Actor, case_id: str, relation: Relation | None = None, limit: int = 20) -> list[ClueCandidate]:
        """The weightiest first. Of pairs that this person has still to judge there is none here."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            reach, case = reach_of(records, actor), records.cases.get(case_id)
            if not reach.near(case):
                raise elsewhere()
            pairs = {pair.pair_id: pair for pair in records.pairs.of_case(case_id) if relation in (None, pair.relation)}
            judged = records.pairs.judged_by(actor.account_id, pairs.keys())
            hits = records.clues.hits(pairs.keys())
            found = records.cases.by_ids({pair.other(case_id) for pair in pairs.values()})
            cases = {other: reach.compared(each) for other, each in found.items() if reach.compares(case, each)}
        told = [
            (pairs[hit.pair_id], hit)
            for hit in sorted(hits.values(), key=lambda hit: (-hit.weight, hit.pair_id))
            if pairs[hit.pair_id].other(case_id) in cases
            and to_be_shown(pairs[hit.pair_id], case, cases[pairs[hit.pair_id].other(case_id)])
        ]
        return [
            ClueCandidate(
                shown_pair(actor, pair, pair.pair_id in judged),
                cases[pair.other(case_id)],
                rank,
                _finding(actor, hit, pair.pair_id in judged),
            )
            for rank, (pair, hit) in enumerate(told, start=1)
            if not judges_blind(actor, pair.pair_id in judged)
        ][:limit]

    def of_pairs(self, actor: Actor, pair_ids: Sequence[str]) -> dict[str, Finding]:
        """By pair, of pairs that the person may look at; those without a hit, and those still to judge, are left out."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            judged = records.pairs.judged_by(actor.account_id, pair_ids)
            hits = records.clues.hits(pair_ids)
        return {
            pair_id: _finding(actor, hit, pair_id in judged)
            for pair_id, hit in hits.items()
            if not judges_blind(actor, pair_id in judged)
        }


def _finding(actor: Actor, hit: ClueHit, judged: bool) -> Finding:
    return Finding(hit.weight if sees_scores(actor, judged) else None, explained(hit))
