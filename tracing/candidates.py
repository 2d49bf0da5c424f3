"""The candidates of a case, as far as the person who asks may see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tracing.access import Permission, blind_state, judges_blind, require, sees_scores
from tracing.domain import Actor, Case, Generation, Pair, PairState, Relation, SearchRun
from tracing.evidence import Calibration, Evidence, assess
from tracing.facts import childhood_possible
from tracing.ports import RecordStore


@dataclass(frozen=True, slots=True)
class CandidateView:
    """``case`` is the other case of the pair. What the person may not see is None."""

    pair: Pair
    case: Case
    rank: int | None
    score: float | None
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """``run`` is the last completed search, None where there was none."""

    run: SearchRun | None
    expected_false_alarms: float | None
    candidates: tuple[CandidateView, ...]


class Candidates:
    """``calibration_of`` knows what the scores of an encoder are worth, None where nobody has measured it."""

    def __init__(self, store: RecordStore, calibration_of: Callable[[str], Calibration | None]) -> None:
        self._store = store
        self._calibration_of = calibration_of

    def of_case(self, actor: Actor, case_id: str, relation: Relation | None = None, limit: int = 20) -> CandidateList:
        """Best first; only pairs of the active generation are ranked, for scores of two generations do not mix.

        Somebody who has still to judge a pair gets neither rank nor score nor evidence of it, and in no telling order.
        """
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            case = records.cases.get(case_id)
            generation = records.generations.active()
            run = records.pairs.latest_run(case_id)
            pairs = [pair for pair in records.pairs.of_case(case_id) if relation in (None, pair.relation)]
            judged = records.pairs.judged_by(actor.account_id, [pair.pair_id for pair in pairs])
            cases = records.cases.by_ids({pair.other(case_id) for pair in pairs})
        calibration = self._calibration_of(generation.encoder_id)
        people = run.gallery_size if run is not None else 0
        views: list[CandidateView] = []
        for pair, rank in _ranked(pairs, generation)[:limit]:
            other = cases[pair.other(case_id)]
            if judges_blind(actor, pair.pair_id in judged):
                views.append(CandidateView(replace(pair, state=blind_state(pair.state)), other, None, None, None))
            elif sees_scores(actor, pair.pair_id in judged):
                evidence = weigh(calibration, pair, case, other, people) if rank is not None else None
                views.append(CandidateView(pair, other, rank, pair.score, evidence))
            else:
                views.append(CandidateView(pair, other, rank, None, None))
        views.sort(key=lambda view: (view.rank is None, view.rank or 0, view.pair.pair_id))
        alarms = None
        if calibration is not None and sees_scores(actor, judged=False):
            alarms = calibration.expected_false_alarms(calibration.floor, people)
        return CandidateList(run, alarms, tuple(views))


def weigh(calibration: Calibration | None, pair: Pair, one: Case, other: Case, people: int) -> Evidence | None:
    """What the score of a pair is worth in a gallery of so many people; None where nobody has calibrated the encoder."""
    if calibration is None:
        return None
    return assess(calibration, pair.score, people, guarded=childhood_possible(one) or childhood_possible(other))


def _ranked(pairs: list[Pair], generation: Generation) -> list[tuple[Pair, int | None]]:
    live = [pair for pair in pairs if pair.state is not PairState.SUPERSEDED]
    comparable = [pair for pair in live if pair.generation_id == generation.generation_id]
    comparable.sort(key=lambda pair: (-pair.score, pair.pair_id))
    ranked: list[tuple[Pair, int | None]] = [(pair, rank) for rank, pair in enumerate(comparable, start=1)]
    others = sorted((pair for pair in live if pair.generation_id != generation.generation_id), key=lambda pair: pair.pair_id)
    return ranked + [(pair, None) for pair in others]
