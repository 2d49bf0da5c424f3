"""How much there is of everything, for the people who run the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracing.access import Permission, blind_state, judges_blind, require
from tracing.disguise import Disguise
from tracing.domain import Actor, Analysis, CaseKind, CaseState, PairState
from tracing.ports import RecordStore
from tracing.records import CaseFilter


@dataclass(frozen=True, slots=True)
class Counts:
    """``photos_stuck``: pending photos that have used up their attempts and wait for an operator.

    ``open_cases``: those with a legal basis, which may be searched.
    """

    cases: Mapping[CaseKind, Mapping[CaseState, int]]
    photos: Mapping[Analysis, int]
    pairs: Mapping[PairState, int]
    searches_due: int
    photos_stuck: int
    searched_by_clues: int
    """Open cases that were searched by clues as they are now; of ``open_cases``, every one is to be."""
    open_cases: int


class Statistics:
    """Exact numbers for inside the station: cells of one or two people are not blurred, so they must not be published."""

    def __init__(self, store: RecordStore, max_attempts: int) -> None:
        self._store = store
        self._max_attempts = max_attempts

    def counts(self, actor: Actor) -> Counts:
        """All from one moment. Whoever judges blind is not told how far reviews have come: of few pairs it would say which.

        A known-answer pair that waits for the person counts, for this person alone, as the pair that it looks like.
        """
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            pairs: Counter[PairState] = Counter()
            for state in PairState:
                pairs[blind_state(state) if judges_blind(actor, judged=False) else state] += records.pairs.count(state)
            disguise = Disguise.of(records, actor)
            for pair_id, shown in disguise.shown.items():
                pairs.subtract([records.pairs.get(pair_id).state])
                pairs.update([shown.state])
            reopened = frozenset(disguise.reopened)
            searched, searchable = (count + len(reopened) for count in records.clues.coverage())
            return Counts(
                cases={
                    kind: {state: records.cases.count(CaseFilter(kind, state, as_open=reopened)) for state in CaseState}
                    for kind in CaseKind
                },
                photos={analysis: records.photos.count(analysis) for analysis in Analysis},
                pairs={state: pairs[state] for state in PairState},
                searches_due=records.cases.count_due(),
                photos_stuck=records.photos.stuck(self._max_attempts),
                searched_by_clues=searched,
                open_cases=searchable,
            )
