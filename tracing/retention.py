"""Let go of a person's data when its time is over or the law asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, Backup, CaseState, ErasureRequest, Keepout, Relation
from tracing.errors import Invalid, NotAllowed, WrongState
from tracing.gallery import ERASED
from tracing.keeping import GalleryShelf
from tracing.keepouts import keep_out
from tracing.lifecycle import HOLDING
from tracing.ports import Clock, NewId, PhotoStore, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case, reach_of
from tracing.steps import take_step
from tracing.verdict import checked_reason


class Retention:
    """Rows first, files second: a file without a row is found by ``tracing check``, a row without a file would break pages.

    ``keepout_until`` tells until when somebody who is erased at this moment is kept out.
    """

    def __init__(
        self,
        store: RecordStore,
        photos: PhotoStore,
        shelf: GalleryShelf,
        clock: Clock,
        new_id: NewId,
        keepout_until: Callable[[datetime], datetime],
    ) -> None:
        self._store = store
        self._photos = photos
        self._shelf = shelf
        self._clock = clock
        self._new_id = new_id
        self._keepout_until = keepout_until

    def erase_case(self, actor: Actor, case_id: str, suppress: bool = False) -> int:
        """Remove every row, template, pair and photo of the case; no search in any process finds it any more.

        Galleries on disk may hold its templates and are thrown away. What stays is the audit, which names the random case id
        and no person. Whoever was matched with this person is open again and due for a search. Returns the number of photo
        files removed. With ``suppress`` a keep-out stays, so that the next import does not bring the person back; ``Invalid``
        where there is neither a face nor a source by which anybody could be recognised.
        """
        require(actor, Permission.ERASE)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            keys = self._erase(records, actor, case_id, suppress)
        return self._erase_files(keys)

    def say_erase(self, actor: Actor, case_id: str, reason: str, suppress: bool) -> bool:
        """One person's word that the case is to be erased; with the second person's it is. Whether it was.

        Whether the person is kept out afterwards is as the first one said. The same person's second word is ``NotAllowed``.
        """
        require(actor, Permission.ERASE)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            asked = records.rights.erasure_asked(case_id)
            if asked is None:
                records.rights.ask_erasure(ErasureRequest(case_id, actor.account_id, self._clock(), said, suppress))
                records.audit.append(actor, "ask_erasure", case_id, {"suppress": suppress})
                return False
            if asked.asked_by == actor.account_id:
                raise NotAllowed("You have asked for this erasure yourself; a second person has to carry it out.")
            keys = self._erase(records, actor, case_id, asked.suppress, {"asked_by": asked.asked_by})
        self._erase_files(keys)
        return True

    def still_held(self, actor: Actor, opened_at: datetime) -> list[Backup]:
        """Backups that hold a case of this moment until somebody deletes them; an erasure does not reach them."""
        require(actor, Permission.ERASE)
        with self._store.reading() as records:
            return records.backups.since(opened_at)

    def expire_case(self, case_id: str, kind: str) -> bool:
        """Erase a case whose time is over, as the service itself; False where it is not, or where somebody was faster."""
        with self._store.transaction() as records:
            if not records.expiry.unlock(case_id, self._clock()):
                return False
            keys = self._erase(records, SYSTEM, case_id, False, {"kept_as": kind})
        self._erase_files(keys)
        return True

    def take_back(self, actor: Actor, case_id: str) -> None:
        """The erasure that was asked for is not wanted any more; the case stays."""
        require(actor, Permission.ERASE)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            if not records.rights.drop_erasure(case_id):
                raise WrongState("Nobody has asked for the erasure of this case.")
            records.audit.append(actor, "take_erasure_back", case_id)

    def asked(self, actor: Actor) -> list[ErasureRequest]:
        """Erasures at the person's own station that wait for a second one, the oldest first."""
        require(actor, Permission.ERASE)
        with self._store.reading() as records:
            reach, waiting = reach_of(records, actor), records.rights.erasures_asked()
            cases = records.cases.by_ids({each.case_id for each in waiting})
            return [each for each in waiting if each.case_id in cases and reach.owns(cases[each.case_id])]

    def asked_of(self, actor: Actor, case_id: str) -> ErasureRequest | None:
        """The erasure of this case that waits for a second word."""
        return next((each for each in self.asked(actor) if each.case_id == case_id), None)

    def _erase(
        self, records: Records, actor: Actor, case_id: str, suppress: bool, more: dict[str, Any] | None = None
    ) -> list[str]:
        self._release_matched(records, actor, case_id)
        self._note_ended(records, case_id)
        detail: dict[str, Any] = dict(more or {})
        if suppress:
            detail["keepout_id"] = self._kept_out(records, case_id).keepout_id
        keys = records.cases.erase(case_id)
        records.texts.tidy()
        records.audit.append(actor, ERASED, case_id, {"photos": len(keys)} | detail)
        return keys

    def _note_ended(self, records: Records, case_id: str) -> None:
        """Of a partner's record that has expired no older version comes back."""
        clone, source, now = records.partners.clones([case_id]).get(case_id), records.rights.source(case_id), self._clock()
        if source is not None and clone is not None and clone.expired(now):
            records.ended.put({source: clone.source_date}, now)

    def _kept_out(self, records: Records, case_id: str) -> Keepout:
        now = self._clock()
        made = keep_out(records, case_id, self._new_id(), now, self._keepout_until(now))
        if made is None:
            raise Invalid(
                "There is neither a face nor a source by which this person could be recognised; erase without a keep-out.",
                "suppress",
            )
        return made

    def _erase_files(self, keys: list[str]) -> int:
        """What was deleted is wiped from the database's files as well, as far as the database can."""
        self._shelf.discard_all()
        erased = sum(self._photos.erase(key) for key in keys)
        with self._store.transaction() as records:
            for key in keys:
                records.files.forget(key)
        self._store.wipe()
        return erased

    @staticmethod
    def _release_matched(records: Records, actor: Actor, case_id: str) -> None:
        """The match goes with the case; without this, the other person would stay out of every gallery for ever."""
        for pair in records.pairs.of_case(case_id):
            if pair.relation is not Relation.TRACE or pair.state not in HOLDING:
                continue
            other = records.cases.get(records.pairs.lock(pair.pair_id).other(case_id))
            if other.state is CaseState.MATCHED:
                take_step(records, actor, other, CaseState.OPEN)
