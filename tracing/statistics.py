"""How much there is of everything, for the people who run the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracing.access import Permission, blind_state, judges_blind, require
from tracing.disguise import Disguise, searched_when_open
from tracing.domain import Actor, Analysis, CaseKind, CaseState, Pair, PairState
from tracing.ports import RecordStore
from tracing.records import CaseFilter, Records
from tracing.stations.scope import counted_station


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
    station_id: str | None = None
    """Of which station all this is; None for all of them."""


class Statistics:
    """Exact numbers for inside the station: cells of one or two people are not blurred, so they must not be published."""

    def __init__(self, store: RecordStore, max_attempts: int) -> None:
        self._store = store
        self._max_attempts = max_attempts

    def counts(self, actor: Actor, whole_house: bool = False) -> Counts:
        """All from one moment, of the own station (``scope.counted_station``), or of all where ``whole_house`` is asked for.

        Whoever judges blind is not told how far reviews have come: of few pairs it would say which. A known-answer pair that
        waits for the person counts, for this person alone, as the pair that it looks like.
        """
        require(actor, Permission.READ_STATISTICS)
        with self._store.reading() as records:
            station = None if whole_house else counted_station(records, actor)
            pairs: Counter[PairState] = Counter()
            for state in PairState:
                shown_as = blind_state(state) if judges_blind(actor, judged=False) else state
                pairs[shown_as] += records.pairs.count(state, station)
            disguise = Disguise.of(records, actor)
            for pair_id, shown in disguise.shown.items():
                if _counts(records, pair := records.pairs.get(pair_id), station):
                    pairs.subtract([pair.state])
                    pairs.update([shown.state])
            reopened = frozenset(case_id for case_id, case in disguise.reopened.items() if station in (None, case.station_id))
            searched, searchable = records.clues.coverage(station)
            return Counts(
                cases={
                    kind: {
                        state: records.cases.count(CaseFilter(kind, state, as_open=reopened, station_id=station))
                        for state in CaseState
                    }
                    for kind in CaseKind
                },
                photos={analysis: records.photos.count(analysis, station) for analysis in Analysis},
                pairs={state: pairs[state] for state in PairState},
                searches_due=records.cases.count_due(station),
                photos_stuck=records.photos.stuck(self._max_attempts, station),
                searched_by_clues=searched + len(searched_when_open(records, reopened)),
                open_cases=searchable + len(reopened),
                station_id=station,
            )


def _counts(records: Records, pair: Pair, station: str | None) -> bool:
    """As ``PairRecords.count``."""
    return station is None or any(each.station_id == station for each in records.cases.by_ids(pair.case_ids).values())
