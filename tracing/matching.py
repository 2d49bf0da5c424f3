"""Probe the galleries with a case's templates and put the likely pairs in front of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from tracing.access import SYSTEM, Permission, require
from tracing.clues.support import bring_back
from tracing.domain import (
    Actor,
    Candidate,
    Case,
    CaseFacts,
    CaseKind,
    Collection,
    Generation,
    Purpose,
    Relation,
    SearchOutcome,
    SearchRun,
    Vector,
)
from tracing.errors import Conflict, Unavailable, WrongState
from tracing.evidence import Calibration, outcome, weigh
from tracing.gallery import Galleries, Gallery
from tracing.places import Probe
from tracing.ports import Clock, NewId, RecordStore
from tracing.ranking import LISTED, ranked, scored
from tracing.records import Records, Suggestion
from tracing.reopening import reopen_with_new_photos

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
    outcome: SearchOutcome


@dataclass(frozen=True, slots=True)
class Compared:
    """What the galleries hold for people who are no cases here: by their ids the candidates, and how many were searched."""

    generation: Generation
    found: Mapping[str, tuple[Candidate, ...]]
    people: int


@dataclass(frozen=True, slots=True)
class _Found:
    """Ranked candidates with what they would be to the case, and the number of people who were searched."""

    lines: tuple[tuple[Candidate, Relation], ...]
    people: int

    @property
    def list(self) -> tuple[Candidate, ...]:
        return tuple(candidate for candidate, _ in self.lines)


class Matching:
    """``calibration_of`` knows what the scores of a generation are worth, None where nobody has measured it."""

    def __init__(
        self,
        store: RecordStore,
        galleries: Galleries,
        calibration_of: Callable[[Generation], Calibration | None],
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
                found, head = self._probe(records, wanted, generation), records.gallery.head()
            try:
                with self._store.transaction() as records:
                    if records.generations.active().generation_id == generation.generation_id:
                        return self._record(records, wanted, generation, found, head, started)[case_id]
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
            found, head = self._probe(records, wanted, generation), records.gallery.head()
        with self._store.transaction() as records:
            if records.generations.active().generation_id != generation.generation_id:
                return 0
            return len(self._record(records, wanted, generation, found, head, started))

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
        floor = self._floor(generation)
        found: dict[str, _Found] = {}
        for kind in CaseKind:
            alike = {case_id: vectors for case_id, vectors in probes.items() if wanted[case_id].kind is kind}
            if alike:
                found |= self._hits(records, gallery, floor, [wanted[case_id] for case_id in alike], list(alike.values()))
        return found

    def _hits(
        self,
        records: Records,
        gallery: Gallery,
        floor: float,
        sought: Sequence[Case],
        vectors: Sequence[Vector],
        station_id: str = "",
        enrolled: bool = True,
    ) -> dict[str, _Found]:
        """For cases of one kind, with the templates of each; only among the cases of a station if it is named.

        Those that are ``enrolled`` are no candidates of their own, and not among the people searched.
        """
        collections = PROBED[sought[0].kind]
        probes = [Probe(own, case.case_id) for case, own in zip(sought, vectors, strict=True)]
        # Ask for more than the list holds, so that candidates ruled out by facts do not push others off it.
        allowed = records.gallery.of_station(gallery.encoder_id, station_id) if station_id else None
        allow = None if allowed is None else np.array(sorted(allowed), dtype=np.int64)
        nearest = gallery.probe_many(probes, collections, 2 * LISTED, allow)
        alike = [scored(case, hits, floor) for case, hits in zip(sought, nearest, strict=True)]
        facts: dict[str, CaseFacts | None] = {}
        while True:
            lists = [ranked(case, hits, facts) for case, hits in zip(sought, alike, strict=True)]
            if not (unknown := {case_id for _, missing in lists for case_id in missing}):
                break
            facts |= dict.fromkeys(unknown) | records.cases.facts(unknown)
        if allowed is None:
            everybody = sum(gallery.people(collection) for collection in collections)
            own = {case.case_id: int(enrolled and case.collection in collections) for case in sought}
        else:
            there = {case_id for case_id, collection in allowed.values() if collection in collections}
            everybody, own = len(there), {case.case_id: int(case.case_id in there) for case in sought}
        return {
            case.case_id: _Found(lines, everybody - own[case.case_id]) for case, (lines, _) in zip(sought, lists, strict=True)
        }

    def _record(
        self,
        records: Records,
        wanted: Mapping[str, Case],
        generation: Generation,
        found: Mapping[str, _Found],
        head: int,
        started: datetime,
    ) -> dict[str, SearchRun | None]:
        """The search of each case with its list and its pairs; nothing for those without a list, which are not due any more.

        ``head`` is the last change of the galleries that the lists know of.
        """
        if records.gallery.head() > head:
            named = {candidate.case_id for each in found.values() for candidate, _ in each.lines} | found.keys()
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
            _suggestion(candidate, relation, run)
            for case_id, run in runs.items()
            for candidate, relation in found[case_id].lines
            if not candidate.veto
        ]
        new = Counter(case_id for pair in records.pairs.suggest(suggestions, self._clock()) for case_id in pair)
        again = reopen_with_new_photos(records, suggestions, self._clock())
        back = set(bring_back(records, {(each.low_case_id, each.high_case_id) for each in suggestions}, self._clock()))
        again += [each for each in suggestions if (each.low_case_id, each.high_case_id) in back]
        records.pairs.suggest(again, self._clock())
        for case_id, run in runs.items():
            detail = {"gallery_size": run.gallery_size, "listed": len(run.list), "new_pairs": new[case_id]}
            records.audit.append(SYSTEM, "search", case_id, detail | _named(run))
        records.cases.searches_done({case_id: case.search_wanted for case_id, case in wanted.items()})
        return {case_id: runs.get(case_id) for case_id in wanted}

    def repeat(self, run: SearchRun) -> SearchRun:
        """The search as it would come out now, whatever has become of its case; nothing is recorded and no pair suggested.

        In the generation of then where it is still live, else in the active one.
        """
        started = self._clock()
        with self._store.reading() as records:
            case = records.cases.get(run.case_id)
            live = {each.generation_id: each for each in records.generations.live()}
            generation = live.get(run.generation_id) or records.generations.active()
            own = records.faces.templates(case.case_id, generation.encoder_id)
            gallery = self._galleries.of(generation.encoder_id)
            gallery.refresh(records)
            found = _Found((), 0)
            if own:
                vectors = np.stack([template.vector for template in own])
                found = self._hits(records, gallery, self._floor(generation), [case], [vectors])[case.case_id]
        return replace(
            run,
            generation_id=generation.generation_id,
            gallery_size=found.people,
            started_at=started,
            finished_at=self._clock(),
            list=found.list,
        )

    def line_up(
        self, actor: Actor, case_id: str, vectors: Sequence[Vector], station_id: str = "", encoder_id: str = ""
    ) -> Lineup:
        """Search with templates of a photo that is not kept, on behalf of a case: audited, and no pair is suggested.

        Only among the cases of a station if it is named. ``encoder_id`` is whose the templates are: ``Conflict`` where another
        encoder has come into use since.
        """
        require(actor, Permission.SEE_SCORES)
        started = self._clock()
        with self._store.reading() as records:
            case = records.cases.get(case_id)
            if case.collection is None:
                raise WrongState("Nobody may be searched for this case as it stands: look at its state and its legal basis.")
            generation = _still_active(records, encoder_id)
            gallery = self._galleries.of(generation.encoder_id)
            gallery.refresh(records)
            found = self._hits(records, gallery, self._floor(generation), [case], [np.stack(vectors)], station_id)[case_id]
            cases = records.cases.by_ids({candidate.case_id for candidate, _ in found.lines})
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
            among = {"station_id": station_id} if station_id else {}
            # The list is kept nowhere else, so that the row itself has to say who stood on it.
            shown = {
                "cases": sorted(each.case_id for each in run.list),
                "score": max((e.score for e in run.list), default=None),
            }
            records.audit.append(actor, "line_up", case_id, {"listed": len(run.list)} | shown | among | _named(run))
        return Lineup(run, cases, self._outcome(generation, run))

    def compare(
        self, actor: Actor, run_id: str, sought: Sequence[Case], vectors: Sequence[Vector], encoder_id: str = ""
    ) -> Compared:
        """Search for people of a list, who are no cases here, on behalf of the run over that list.

        Audited as such, with a purpose of its own: nobody is enrolled, no template is kept and no pair is suggested. ``sought``
        are cases that nobody has saved, ``vectors`` the templates of each in the active generation: by ``encoder_id`` as in
        ``line_up``.
        """
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            generation = _still_active(records, encoder_id)
            gallery = self._galleries.of(generation.encoder_id)
            gallery.refresh(records)
            floor, found = self._floor(generation), dict[str, _Found]()
            for kind in CaseKind:
                alike = [(case, own) for case, own in zip(sought, vectors, strict=True) if case.kind is kind]
                if alike:
                    cases, templates = [case for case, _ in alike], [own for _, own in alike]
                    found |= self._hits(records, gallery, floor, cases, templates, enrolled=False)
        people = max((each.people for each in found.values()), default=0)
        detail = {"run_id": run_id, "purpose": Purpose.COMPARE_LISTS, "generation_id": generation.generation_id}
        with self._store.transaction() as records:
            records.audit.append(actor, "compare_rows", run_id, detail | {"rows": len(sought), "gallery_size": people})
        return Compared(generation, {case_id: each.list for case_id, each in found.items()}, people)

    def _outcome(self, generation: Generation, run: SearchRun) -> SearchOutcome:
        """By the face alone, as if each candidate might be a child: nobody is called implausible too early."""
        calibration = self._calibration_of(generation)
        left = [candidate.score for candidate in run.list if not candidate.veto]
        evidences = [weigh(score, calibration, run.gallery_size, guarded) for score in left for guarded in (False, True)]
        return outcome(evidences)

    def _floor(self, generation: Generation) -> float:
        calibration = self._calibration_of(generation)
        return calibration.floor if calibration is not None else float("-inf")


def _still_active(records: Records, encoder_id: str) -> Generation:
    """The generation in use. Templates of another encoder have scores in it that mean nothing, or none at all."""
    generation = records.generations.active()
    if encoder_id not in ("", generation.encoder_id):
        raise Conflict("Another encoder has come into use since the photo was looked at. Try it again.")
    return generation


def _suggestion(candidate: Candidate, relation: Relation, run: SearchRun) -> Suggestion:
    low, high = sorted((run.case_id, candidate.case_id))
    return Suggestion(low, high, relation, candidate.score, candidate.rank, run.generation_id, run.run_id)


def _named(run: SearchRun) -> dict[str, object]:
    return {"run_id": run.run_id, "purpose": run.purpose, "generation_id": run.generation_id}
