"""How well the recognition does in daily work: what people decided about its pairs, and whom it missed.

It is a report. Nothing that people decide is fitted to anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, Channel, Closing, Generation, Pair, PairState, SearchRun
from tracing.drift import LowScores, Shown, Spread, Strangers, common_edges, interval, low_scores, spread, strangers
from tracing.evidence import Calibration
from tracing.ports import RecordStore
from tracing.ranking import LISTED
from tracing.records import Records

SAME: Final = frozenset({PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED})
"""People found that both cases are one person."""
SEARCHES: Final = 2000
"""The newest searches are looked at, at most so many."""


class Made(StrEnum):
    """What had become, on the last list, of a pair that another channel brought together."""

    NOT_LISTED = "not_listed"
    """The machine missed it."""
    RULED_OUT = "ruled_out"
    """It was listed without a place, because a fact in the records spoke against it."""
    NOT_JUDGED = "not_judged"
    """It was listed, and nobody had judged it yet."""
    JUDGED_OTHERWISE = "judged_otherwise"
    """It was listed, and people did not recognise it."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Two faces of one person that stood in the galleries, brought together by something else than the face search.

    ``rank`` is the place on the last list before, among ``listed`` lines of a search of ``gallery_size`` people; None without
    a place.
    """

    channel: Channel
    made: Made
    rank: int | None
    listed: int
    gallery_size: int


@dataclass(frozen=True, slots=True)
class Report:
    """Of one generation, whose scores are mixed with none of another. No name, no photo, no case.

    ``low`` and ``strangers`` are None for an encoder without calibration. ``found`` pairs were recognised by face; with the
    ``misses`` they are all that is known to have been findable, and ``missed`` is the 95 % interval of the share of misses.
    ``outside``: pairs that another channel brought together while one of the faces was in no gallery, or before any search.
    ``erased``: closings of which the other file is gone, so that nothing more is known of the miss. ``closings`` counts what
    brought to light who or where the person was, None where nobody said. These three are of all generations.
    """

    generation: Generation
    calibrated: bool
    edges: tuple[float, ...]
    confirmed: Spread
    excluded: Spread
    low: LowScores | None
    strangers: Strangers | None
    found: int
    misses: tuple[Miss, ...]
    missed: tuple[float, float]
    outside: int
    erased: int
    closings: Mapping[Channel | None, int]


class Recognition:
    """``calibration_of`` knows what the scores of a generation are worth, None where nobody has measured it."""

    def __init__(self, store: RecordStore, calibration_of: Callable[[Generation], Calibration | None]) -> None:
        self._store = store
        self._calibration_of = calibration_of

    def report(self, actor: Actor, generation_id: str = "") -> Report:
        """Of this generation, or of the active one. Pairs keep the score with which they were judged, whatever came after."""
        require(actor, Permission.READ_RECOGNITION)
        with self._store.reading() as records:
            generation = records.generations.get(generation_id) if generation_id else records.generations.active()
            calibration = self._calibration_of(generation)
            same = records.pairs.in_states(SAME)
            of_now = [pair for pair in same if pair.generation_id == generation.generation_id]
            confirmed = [pair.score for pair in of_now if pair.score is not None]
            excluded = records.pairs.scores(PairState.EXCLUDED, generation.generation_id)
            searches = _searches(records, generation, calibration, same) if calibration else []
            closings = records.cases.closings()
            known = _brought_together(closings, same)
            lists = [(each, records.pairs.run(each.closing.list_id)) for each in known if each.findable]
            misses = tuple(_miss(records, each, run) for each, run in lists if run.generation_id == generation.generation_id)
        edges = common_edges(confirmed, excluded)
        return Report(
            generation=generation,
            calibrated=calibration is not None,
            edges=edges,
            confirmed=spread(confirmed, edges),
            excluded=spread(excluded, edges),
            low=low_scores(confirmed, calibration) if calibration else None,
            strangers=strangers(searches, calibration) if calibration else None,
            found=len(confirmed),
            misses=misses,
            missed=interval(len(misses), len(misses) + len(confirmed)),
            outside=sum(not each.findable for each in known),
            erased=sum(each.in_galleries and each.other_case_id is None for each in closings),
            closings=Counter(each.channel for each in closings),
        )


def _searches(records: Records, generation: Generation, calibration: Calibration, same: Collection[Pair]) -> list[Shown]:
    """The last search of each case among the newest ones, without its known mates."""
    mates = {frozenset(pair.case_ids) for pair in same}
    newest: dict[str, SearchRun] = {}
    for run in records.pairs.newest_runs(generation.generation_id, SEARCHES):
        newest.setdefault(run.case_id, run)
    return [
        Shown(
            run.gallery_size,
            tuple(line.score for line in run.list if frozenset((run.case_id, line.case_id)) not in mates),
            _complete_from(run, calibration),
        )
        for run in newest.values()
    ]


def _complete_from(run: SearchRun, calibration: Calibration) -> float:
    """The score from which on everybody is on the list: of every relation the last place of a full list, and the floor."""
    return max([line.score for line in run.list if line.rank == LISTED] + [calibration.floor])


@dataclass(frozen=True, slots=True)
class _Known:
    """Two cases of one person whom something else than a face brought together."""

    closing: Closing
    channel: Channel
    other_case_id: str

    @property
    def findable(self) -> bool:
        """Both faces were there, and a search has looked."""
        return self.closing.in_galleries and self.closing.list_id != ""


def _brought_together(closings: Sequence[Closing], same: Collection[Pair]) -> list[_Known]:
    """Each pair once, by the first closing before which it could have been found; none that people recognised by face too."""
    recognised = {frozenset(pair.case_ids) for pair in same}
    pairs: dict[frozenset[str], _Known] = {}
    for each in closings:
        if each.other_case_id is None or each.channel in (None, Channel.FACE):
            continue
        both, known = frozenset((each.case_id, each.other_case_id)), _Known(each, each.channel, each.other_case_id)
        if both not in recognised and (both not in pairs or known.findable > pairs[both].findable):
            pairs[both] = known
    return list(pairs.values())


def _miss(records: Records, known: _Known, run: SearchRun) -> Miss:
    both = (known.closing.case_id, known.other_case_id)
    line = next((line for line in run.list if line.case_id in both), None)
    pair = records.pairs.between(*both)
    if line is None:
        made = Made.NOT_LISTED
    elif line.veto:
        made = Made.RULED_OUT
    elif pair is not None and records.pairs.decisions(pair.pair_id):
        made = Made.JUDGED_OTHERWISE
    else:
        made = Made.NOT_JUDGED
    rank = line.rank if line is not None and line.rank else None
    return Miss(known.channel, made, rank, len(run.list), run.gallery_size)
