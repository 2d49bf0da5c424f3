"""Probe the galleries with a case's templates and put the likely pairs in front of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from tracing.access import SYSTEM, Permission, require
from tracing.domain import (
    Actor,
    Candidate,
    Case,
    CaseKind,
    Collection,
    Generation,
    Purpose,
    Relation,
    SearchRun,
    Vector,
)
from tracing.errors import Conflict, Unavailable, WrongState
from tracing.evidence import Calibration
from tracing.facts import veto
from tracing.gallery import Galleries, Gallery
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records, Suggestion

LISTED: Final = 20
"""Candidates per relation: longer lists make reviewers miss more and accuse more (DOMAIN.md section 3)."""
_TRIES: Final = 3

PROBED: Final = {
    CaseKind.MISSING: (Collection.IN_CARE, Collection.PAST, Collection.MISSING),
    CaseKind.SHELTERED: (Collection.MISSING, Collection.IN_CARE, Collection.PAST),
}
PURPOSES: Final = {CaseKind.MISSING: Purpose.ANSWER_MISSING_REPORT, CaseKind.SHELTERED: Purpose.IDENTIFY_INTAKE}


@dataclass(frozen=True, slots=True)
class Lineup:
    """What the galleries hold for a photo that is not kept, without any pair being suggested."""

    run: SearchRun
    cases: dict[str, Case]


@dataclass(frozen=True, slots=True)
class _Found:
    """Ranked candidates, their cases, and the number of people who were searched."""

    list: tuple[Candidate, ...]
    cases: dict[str, Case]
    people: int


class Matching:
    """``calibration_of`` knows what the scores of an encoder are worth, None where nobody has measured it."""

    def __init__(
        self,
        store: RecordStore,
        galleries: Galleries,
        calibration_of: Callable[[str], Calibration | None],
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._store = store
        self._galleries = galleries
        self._calibration_of = calibration_of
        self._clock = clock
        self._new_id = new_id

    def due(self, limit: int) -> list[str]:
        """Ids of cases that wait for a search."""
        with self._store.reading() as records:
            return records.cases.due(limit)

    def search(self, case_id: str) -> SearchRun | None:
        """Search the galleries for the person of this case and suggest the pairs; None where the case is not searchable.

        Safe to call twice and beside itself. A generation switch in the middle starts it over; what fails leaves the case due.
        """
        for _ in range(_TRIES):
            started = self._clock()
            with self._store.reading() as records:
                case = records.cases.get(case_id)
                generation = records.generations.active()
                found = self._probe(records, case, generation)
            if found is None:
                with self._store.transaction() as records:
                    records.cases.search_done(case_id, case.search_wanted)
                return None
            try:
                with self._store.transaction() as records:
                    if records.generations.active().generation_id == generation.generation_id:
                        return self._record(records, case, generation, found, started)
            except Conflict:  # a case of the list was matched, closed or erased meanwhile
                continue
        raise Unavailable("The galleries are changing too fast; the search comes back by itself.")

    def _probe(self, records: Records, case: Case, generation: Generation) -> _Found | None:
        if case.collection is None:
            return None
        vectors = [template.vector for template in records.faces.templates(case.case_id, generation.encoder_id)]
        if not vectors:
            return None
        gallery = self._galleries.of(generation.encoder_id)
        gallery.refresh(records)
        return self._hits(records, gallery, case, vectors)

    def _hits(self, records: Records, gallery: Gallery, case: Case, vectors: Sequence[Vector]) -> _Found:
        collections = PROBED[case.kind]
        # Ask for more than the list holds, so that candidates ruled out by facts do not push others off it.
        hits = gallery.probe(np.stack(vectors), collections, limit=2 * LISTED, exclude_case=case.case_id)
        floor = self._floor(gallery.encoder_id)
        scored = [hit for each in hits.values() for hit in each if hit.score >= floor]
        scored.sort(key=lambda hit: (-hit.score, hit.case_id))
        cases = records.cases.by_ids({hit.case_id for hit in scored})
        listed = [
            Candidate(hit.case_id, 0, hit.score, hit.template_id, veto(case, other))
            for hit in scored
            if (other := cases.get(hit.case_id)) is not None and other.collection is not None
        ]
        people = sum(gallery.people(collection) for collection in collections) - (case.collection in collections)
        return _Found(_ranked(case, listed, cases), cases, people)

    def _record(self, records: Records, case: Case, generation: Generation, found: _Found, started: datetime) -> SearchRun:
        named = {case.case_id, *(candidate.case_id for candidate in found.list)}
        current = records.cases.by_ids(named)
        if len(current) < len(named) or any(each.collection is None for each in current.values()):
            raise Conflict("A case of the list left the galleries while the search ran.")
        run = SearchRun(
            run_id=self._new_id(),
            case_id=case.case_id,
            purpose=PURPOSES[case.kind],
            generation_id=generation.generation_id,
            gallery_size=found.people,
            started_at=started,
            finished_at=self._clock(),
            list=found.list,
        )
        records.pairs.add_run(run)
        suggestions = [
            _suggestion(case, current[candidate.case_id], candidate, run) for candidate in found.list if not candidate.veto
        ]
        suggestions.sort(key=lambda each: (each.low_case_id, each.high_case_id))
        new = records.pairs.suggest(suggestions, run.finished_at)
        records.cases.search_done(case.case_id, case.search_wanted)
        detail = {"gallery_size": run.gallery_size, "listed": len(run.list), "new_pairs": new}
        records.audit.append(SYSTEM, "search", case.case_id, detail | _named(run))
        return run

    def line_up(self, actor: Actor, case_id: str, vectors: Sequence[Vector]) -> Lineup:
        """Search with templates of a photo that is not kept, on behalf of a case: audited, and no pair is suggested."""
        require(actor, Permission.SEE_SCORES)
        started = self._clock()
        with self._store.reading() as records:
            case = records.cases.get(case_id)
            if case.collection is None:
                raise WrongState("Nobody may be searched for this case as it stands: look at its state and its legal basis.")
            generation = records.generations.active()
            gallery = self._galleries.of(generation.encoder_id)
            gallery.refresh(records)
            found = self._hits(records, gallery, case, vectors)
        run = SearchRun(
            self._new_id(),
            case_id,
            Purpose.QUALITY_TEST,
            generation.generation_id,
            found.people,
            started,
            self._clock(),
            found.list,
        )
        with self._store.transaction() as records:
            records.audit.append(actor, "line_up", case_id, {"listed": len(run.list)} | _named(run))
        return Lineup(run, found.cases)

    def _floor(self, encoder_id: str) -> float:
        calibration = self._calibration_of(encoder_id)
        return calibration.floor if calibration is not None else float("-inf")


def _ranked(case: Case, listed: Sequence[Candidate], cases: dict[str, Case]) -> tuple[Candidate, ...]:
    """Number the candidates by relation, best first, and cut each relation's list; a vetoed one keeps rank 0 and no place."""
    ranks: Counter[Relation] = Counter()
    kept: list[Candidate] = []
    for candidate in listed:
        if candidate.veto:
            kept.append(candidate)
            continue
        relation = Relation.between(case.kind, cases[candidate.case_id].kind)
        if ranks[relation] < LISTED:
            ranks[relation] += 1
            kept.append(replace(candidate, rank=ranks[relation]))
    return tuple(kept)


def _suggestion(case: Case, other: Case, candidate: Candidate, run: SearchRun) -> Suggestion:
    low, high = sorted((case.case_id, other.case_id))
    relation = Relation.between(case.kind, other.kind)
    return Suggestion(low, high, relation, candidate.score, candidate.rank, run.generation_id, run.run_id)


def _named(run: SearchRun) -> dict[str, object]:
    return {"run_id": run.run_id, "purpose": run.purpose, "generation_id": run.generation_id}
