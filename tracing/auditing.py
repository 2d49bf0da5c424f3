"""Looking back: is the audit whole, and does a decision's list still come out as it was shown?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np

from tracing.access import Permission, require
from tracing.domain import Actor, Candidate, Case, CaseKind, Decision, Event, Generation, Grounds, SearchRun
from tracing.errors import NotFound
from tracing.evidence import Calibration
from tracing.grounds import grounds_of
from tracing.ports import Metric, RecordStore
from tracing.records import Records
from tracing.vectors import unit

PAGE: Final = 5000
SAME_SCORE: Final = 1e-5
"""Scores that differ by less are the same: libraries add up in another order from one machine to the next."""


class Aspect(StrEnum):
    """What may be another one today."""

    PHOTOS = "photos"
    GENERATION = "generation"
    ENCODER = "encoder"
    CALIBRATION = "calibration"
    SCORE = "score"
    GALLERY_SIZE = "gallery_size"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Change:
    """``subject`` is the case that it is about; empty where it is about the pair or the whole list."""

    aspect: Aspect
    subject: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Replay:
    """``same_list``: today's search lists the same people in the same order with the same scores.

    ``shown`` and ``today`` are the searches; that of today is in the generation of then where it is still live.
    """

    decision: Decision
    same_list: bool
    changes: tuple[Change, ...]
    shown: SearchRun
    today: SearchRun


@dataclass(frozen=True, slots=True)
class Chain:
    """``first_bad`` is the number of the first row that is altered, missing or out of place; None where all is well."""

    events: int
    first_bad: int | None


class Auditing:
    """``verify_chain`` names the first audit row that does not fit, or None; ``repeat`` runs a search as it would come out now
    and records nothing; ``metric_of`` tells how an encoder's templates are compared."""

    def __init__(
        self,
        store: RecordStore,
        verify_chain: Callable[[Iterable[Event], tuple[int, str]], int | None],
        repeat: Callable[[SearchRun], SearchRun],
        calibration_of: Callable[[Generation], Calibration | None],
        metric_of: Callable[[str], Metric],
    ) -> None:
        self._store = store
        self._verify_chain = verify_chain
        self._repeat = repeat
        self._calibration_of = calibration_of
        self._metric_of = metric_of

    def verify(self, actor: Actor, report: Callable[[int], None] = lambda _: None) -> Chain:
        """Recompute every row's hash, of one moment. ``report`` hears how many rows were read."""
        require(actor, Permission.READ_AUDIT)
        read = 0

        def counted(records: Records) -> Iterator[Event]:
            nonlocal read
            while page := records.audit.events(read, PAGE):
                yield from page
                read += len(page)
                report(read)

        with self._store.reading() as records:
            head = records.audit.head()
            bad = self._verify_chain(counted(records), head)
        return Chain(head[0], bad)

    def replay(self, actor: Actor, decision_id: str) -> Replay:
        """Hold what a decision rested on against what there is today. ``NotFound`` where it kept no grounds."""
        require(actor, Permission.READ_AUDIT)
        with self._store.reading() as records:
            decision = records.pairs.decision(decision_id)
            then = decision.grounds
            if then is None:
                raise NotFound("This decision was taken by a version that did not keep what it rested on.")
            if not then.list_id:
                raise NotFound("Clues alone had put these two together: there is no list of faces to hold it against.")
            pair = records.pairs.get(decision.pair_id)
            shown = records.pairs.run(then.list_id)
            now = grounds_of(records, pair, self._calibration_of)
            active = records.generations.active()
            score = self._score(records, then)
        today = self._repeat(shown)
        with self._store.reading() as records:
            cases = records.cases.by_ids({line.case_id for line in (*shown.list, *today.list)})
        lines = list(_lines(shown, today, cases))
        changes = [
            *_photos(then, now),
            *_changed(Aspect.GENERATION, then.generation_id, active.generation_id),
            *_changed(Aspect.ENCODER, then.encoder_id, active.encoder_id),
            *_calibrations(then.calibration, now.calibration),
            *_scores(then.score, score),
            *_changed(Aspect.GALLERY_SIZE, shown.gallery_size, today.gallery_size),
            *lines,
        ]
        return Replay(decision, not lines, tuple(changes), shown, today)

    def _score(self, records: Records, then: Grounds) -> float | None:
        """How alike the two are today by the encoder of then; None where it has no template of one of them any more."""
        templates = records.faces.templates_of_cases(then.photos.keys(), then.encoder_id)
        sides = [np.stack([each.vector for each in own]) for own in templates.values() if own]
        if len(sides) < 2:
            return None
        if self._metric_of(then.encoder_id) is Metric.COSINE:
            return float((unit(sides[0]) @ unit(sides[1]).T).max())
        return -float(np.linalg.norm(sides[0][:, None] - sides[1][None], axis=2).min())


def _changed(aspect: Aspect, then: object, now: object, subject: str = "") -> Iterator[Change]:
    if then != now:
        yield Change(aspect, subject, str(then), str(now))


def _photos(then: Grounds, now: Grounds) -> Iterator[Change]:
    """By the first digits of each photo's digest."""
    for case_id in then.photos:
        before, after = set(then.photos[case_id]), set(now.photos[case_id])
        gone, new = sorted(before - after), sorted(after - before)
        if gone or new:
            yield Change(
                Aspect.PHOTOS, case_id, ", ".join(f"-{each[:12]}" for each in gone), ", ".join(f"+{each[:12]}" for each in new)
            )


def _calibrations(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[Change]:
    names = sorted((then or {}).keys() | (now or {}).keys())
    differing = [name for name in names if (then or {}).get(name) != (now or {}).get(name)]
    if differing:
        told = [", ".join(f"{name}={(each or {}).get(name)}" for name in differing) for each in (then, now)]
        yield Change(Aspect.CALIBRATION, "", *told)


def _scores(then: float | None, now: float | None) -> Iterator[Change]:
    if then is None:
        return
    if now is None:
        yield Change(Aspect.SCORE, "", f"{then:.6f}", "no template of one of them by this encoder")
    elif abs(then - now) > SAME_SCORE:
        yield Change(Aspect.SCORE, "", f"{then:.6f}", f"{now:.6f}")


def _lines(shown: SearchRun, today: SearchRun, cases: Mapping[str, Case]) -> Iterator[Change]:
    """The lines that are not the same: gone with the reason, new, elsewhere, or with another score."""
    then, now = ({line.case_id: line for line in _without_gaps(run.list, cases)} for run in (shown, today))
    comparable = shown.generation_id == today.generation_id
    for case_id in dict.fromkeys((*then, *now)):
        before, after = then.get(case_id), now.get(case_id)
        if before is None or after is None or not _same(before, after, comparable):
            yield Change(Aspect.LINE, case_id, _said(before), _said(after) if after else _whereabouts(cases.get(case_id)))


def _without_gaps(lines: Iterable[Candidate], cases: Mapping[str, Case]) -> Iterator[Candidate]:
    """Ranked anew, each relation by itself: erasure takes a line out of a kept list, which moves nobody who stayed."""
    places: Counter[CaseKind | None] = Counter()
    for line in sorted(lines, key=lambda line: line.rank):
        kind = cases[line.case_id].kind if line.case_id in cases else None
        places[kind] += not line.veto
        yield line if line.veto else replace(line, rank=places[kind])


def _same(before: Candidate, after: Candidate, comparable: bool) -> bool:
    return (before.rank, before.veto) == (after.rank, after.veto) and (
        not comparable or abs(before.score - after.score) <= SAME_SCORE
    )


def _said(line: Candidate | None) -> str:
    if line is None:
        return "not listed"
    return f"ruled out: {line.veto}" if line.veto else f"rank {line.rank}, score {line.score:.6f}"


def _whereabouts(case: Case | None) -> str:
    """Why somebody who was listed is not any more, as far as the case tells."""
    if case is None:
        return "erased"
    return "not listed" if case.collection is not None else f"not searched: {case.outcome or case.state}"
