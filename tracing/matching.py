"""Probe the galleries with a case's templates and put the likely pairs in front of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
from tracing.places import Probe
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
                wanted = {case_id: records.cases.get(case_id)}
                generation = records.generations.active()
                found = self._probe(records, wanted, generation)
            try:
                with self._store.transaction() as records:
                    if records.generations.active().generation_id == generation.generation_id:
                        return self._record(records, wanted, generation, found, started)[case_id]
            except Conflict:  # a case of the list was matched, closed or erased meanwhile
                continue
        raise Unavailable("The galleries are changing too fast; the search comes back by itself.")

    def recheck(self, actor: Actor) -> int:
        """Make every open case due for a search; how many there are. The worker works them off."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            due = records.cases.want_search_everywhere()
            records.audit.append(actor, "recheck", "", {"due": due})
        return due

    def search_many(self, case_ids: Sequence[str]) -> int:
        """As ``search`` for each, all compared together and recorded in one transaction; how many were done.

        Where one of them is in the way none is done, and it may raise: each is to be searched alone then.
        """
        started = self._clock()
        with self._store.reading() as records:
            wanted = records.cases.by_ids(case_ids)
            generation = records.generations.active()
            found = self._probe(records, wanted, generation)
        with self._store.transaction() as records:
            if records.generations.active().generation_id != generation.generation_id:
                return 0
            return len(self._record(records, wanted, generation, found, started))

    def _probe(self, records: Records, wanted: Mapping[str, Case], generation: Generation) -> dict[str, _Found]:
        """Without those that cannot be searched: not searchable as they stand, or without a template."""
        templates = records.faces.templates_of_cases(wanted, generation.encoder_id)
        probes = {
            case_id: np.stack([template.vector for template in templates[case_id]])
            for case_id, case in wanted.items()
            if case.collection is not None and templates[case_id]
        }
        if not probes:
            return {}
        gallery = self._galleries.of(generation.encoder_id)
        gallery.refresh(records)
        found: dict[str, _Found] = {}
        for kind in CaseKind:
            alike = {case_id: vectors for case_id, vectors in probes.items() if wanted[case_id].kind is kind}
            if alike:
                found |= self._hits(records, gallery, [wanted[case_id] for case_id in alike], list(alike.values()))
        return found

    def _hits(self, records: Records, gallery: Gallery, sought: Sequence[Case], vectors: Sequence[Vector]) -> dict[str, _Found]:
        """For cases of one kind, with the templates of each."""
        collections = PROBED[sought[0].kind]
        probes = [Probe(own, case.case_id) for case, own in zip(sought, vectors, strict=True)]
        floor = self._floor(gallery.encoder_id)
        # Ask for more than the list holds, so that candidates ruled out by facts do not push others off it.
        scored = [
            sorted(
                (hit for each in hits.values() for hit in each if hit.score >= floor), key=lambda hit: (-hit.score, hit.case_id)
            )
            for hits in gallery.probe_many(probes, collections, limit=2 * LISTED)
        ]
        cases = records.cases.by_ids({hit.case_id for hits in scored for hit in hits})
        everybody = sum(gallery.people(collection) for collection in collections)
        found = {}
        for case, hits in zip(sought, scored, strict=True):
            listed = [
                Candidate(hit.case_id, 0, hit.score, hit.template_id, veto(case, other))
                for hit in hits
                if (other := cases.get(hit.case_id)) is not None and other.collection is not None
            ]
            found[case.case_id] = _Found(_ranked(case, listed, cases), cases, everybody - (case.collection in collections))
        return found

    def _record(
        self,
        records: Records,
        wanted: Mapping[str, Case],
        generation: Generation,
        found: Mapping[str, _Found],
        started: datetime,
    ) -> dict[str, SearchRun | None]:
        """The search of each case with its list and its pairs; nothing for those without a list, which are not due any more."""
        named = {candidate.case_id for each in found.values() for candidate in each.list} | found.keys()
        current = records.cases.collections(named)
        if len(current) < len(named) or None in current.values():
            raise Conflict("A case of the list left the galleries while the search ran.")
        runs = {
            case_id: SearchRun(
                run_id=self._new_id(),
                case_id=case_id,
                purpose=PURPOSES[wanted[case_id].kind],
                generation_id=generation.generation_id,
                gallery_size=each.people,
                started_at=started,
                finished_at=self._clock(),
                list=each.list,
            )
            for case_id, each in found.items()
        }
        records.pairs.add_runs(list(runs.values()))
        suggestions = [
            _suggestion(wanted[case_id], found[case_id].cases[candidate.case_id], candidate, run)
            for case_id, run in runs.items()
            for candidate in run.list
            if not candidate.veto
        ]
        new = Counter(case_id for pair in records.pairs.suggest(suggestions, self._clock()) for case_id in pair)
        for case_id, run in runs.items():
            detail = {"gallery_size": run.gallery_size, "listed": len(run.list), "new_pairs": new[case_id]}
            records.audit.append(SYSTEM, "search", case_id, detail | _named(run))
        records.cases.searches_done({case_id: case.search_wanted for case_id, case in wanted.items()})
        return {case_id: runs.get(case_id) for case_id in wanted}

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
            found = self._hits(records, gallery, [case], [np.stack(vectors)])[case_id]
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
