"""Hits of comparisons as people see and decide them: the face first, what the machine makes of it after they have said."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, judges_blind, require, sees_scores
from tracing.disguise import Disguise
from tracing.domain import Actor, Case, HitState, ListHit, Source
from tracing.errors import NotFound, WrongState
from tracing.lifecycle import UNDECIDED, step_hit
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.reach import Reach, may_be_shared
from tracing.stations.scope import reach_of
from tracing.verdict import checked_reason

MOST: Final = 2000
"""Hits that are looked through for those that somebody may see."""


@dataclass(frozen=True, slots=True)
class HitView:
    """``hit`` as the person may see it: without what would tell somebody who judges blind what the machine thinks.

    ``case`` is the one that it points at, ``opened`` the one that was opened for the record, where the person may read of it.
    """

    hit: ListHit
    case: Case
    opened: Case | None = None
    has_portrait: bool = False


class ListHits:
    """A hit is seen where its case is near, and at the station whose run brought it as far as the case may be shown to it."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def find(
        self,
        actor: Actor,
        states: Some[HitState] = UNDECIDED,
        source: str = "",
        run_id: str = "",
        limit: int = 20,
        offset: int = 0,
    ) -> tuple[list[HitView], int]:
        """The longest waiting first, and how many there are. Their order tells nothing of how likely they are."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            found = records.hits.find(states, source, run_id, MOST)
            views = self._shown(records, actor, found)
        return views[offset : offset + limit], len(views)

    def of_case(self, actor: Actor, case_id: str) -> list[HitView]:
        """Those that point at the case, the latest first."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            return self._shown(records, actor, records.hits.of_case(case_id))

    def sources(self, actor: Actor) -> list[str]:
        """Of whose lists there are hits."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            return records.hits.sources()

    def view(self, actor: Actor, hit_id: str) -> HitView:
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            view = self._one(records, actor, hit_id)
            return replace(view, has_portrait=records.hits.portrait(hit_id) is not None)

    def portrait(self, actor: Actor, hit_id: str) -> bytes:
        """A JPEG. ``NotFound`` where no photo came with the record, or somebody has decided: ask the department then."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            self._one(records, actor, hit_id)
            found = records.hits.portrait(hit_id)
        if found is None:
            raise NotFound("There is no such photo.")
        return found

    def decide(self, actor: Actor, hit_id: str, state: HitState, reason: str, version: int) -> ListHit:
        """One person's word, with a reason. It never makes a pair, and no later run changes it."""
        require(actor, Permission.FOLLOW_LISTS)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            self._one(records, actor, hit_id)
            hit = records.hits.get(hit_id)
            step_hit(hit.state, state)
            return self._save(records, actor, replace(hit, state=state, reason=said, version=version))

    def source_of(self, actor: Actor, hit_id: str, case_id: str | None = None) -> Source:
        """The record's name, for a case that is opened for it.

        ``WrongState`` where there is another one than this, or it was ruled out.
        """
        require(actor, Permission.OPEN_CASES)
        with self._store.reading() as records:
            self._one(records, actor, hit_id)
            hit = records.hits.get(hit_id)
        if hit.opened_case_id not in (None, case_id) or hit.state is HitState.NO_MATCH:
            raise WrongState("A case was opened for this record already, or somebody has ruled it out.")
        return Source(hit.source, hit.source_id)

    def opened(self, actor: Actor, hit_id: str, case_id: str, reason: str) -> ListHit:
        """A case was opened for the record; the hit is followed up with it. Twice is no error."""
        require(actor, Permission.OPEN_CASES)
        with self._store.transaction() as records:
            self._one(records, actor, hit_id)
            hit = records.hits.get(hit_id)
            if hit.opened_case_id == case_id:
                return hit
            if hit.state is not HitState.FOLLOWED_UP:
                step_hit(hit.state, HitState.FOLLOWED_UP)
            followed = replace(hit, state=HitState.FOLLOWED_UP, opened_case_id=case_id, reason=hit.reason or reason)
            return self._save(records, actor, followed)

    def _save(self, records: Records, actor: Actor, hit: ListHit) -> ListHit:
        saved = records.hits.save(replace(hit, decided_by=actor.account_id, decided_at=self._clock()))
        records.audit.append(actor, "decide_list_hit", hit.case_id, {"hit_id": hit.hit_id, "state": hit.state})
        return saved

    def _one(self, records: Records, actor: Actor, hit_id: str) -> HitView:
        shown = self._shown(records, actor, [records.hits.get(hit_id)])
        if not shown:
            raise NotFound("There is no such hit.")
        return shown[0]

    @staticmethod
    def _shown(records: Records, actor: Actor, hits: list[ListHit]) -> list[HitView]:
        reach, disguise = reach_of(records, actor), Disguise.of(records, actor)
        ids = {case_id for hit in hits for case_id in (hit.case_id, hit.opened_case_id) if case_id}
        cases = disguise.cases(records.cases.by_ids(ids))
        read = {case_id: case for case_id, case in cases.items() if reach.parts(case)}
        return [
            HitView(_masked(actor, hit), reach.compared(cases[hit.case_id]), read.get(hit.opened_case_id or ""))
            for hit in hits
            if hit.case_id in cases and _is_seen(reach, hit, cases[hit.case_id])
        ]


def _is_seen(reach: Reach, hit: ListHit, case: Case) -> bool:
    return reach.near(case) or (hit.station_id == reach.station_id and may_be_shared(case, reach.today))


def _masked(actor: Actor, hit: ListHit) -> ListHit:
    """Faces are looked at before anybody is told what they are worth; words that brought a hit alone can only be read.

    What is followed up may become a case, and a pair that has to be judged: those who judge are told when it was ruled out.
    """
    blind = judges_blind(actor, judged=False) and hit.state is not HitState.NO_MATCH
    by_face = sees_scores(actor, judged=False) or (hit.state not in UNDECIDED and not blind)
    return replace(hit, band=hit.band if by_face else "", reasons=() if blind and hit.band else hit.reasons)
