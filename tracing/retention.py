"""Let go of a person's data when its time is over or the law asks for it."""

from __future__ import annotations

from tracing.access import Permission, require
from tracing.domain import Actor, CaseState, Relation
from tracing.gallery import ERASED
from tracing.keeping import GalleryShelf
from tracing.lifecycle import HOLDING
from tracing.ports import PhotoStore, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case
from tracing.steps import take_step


class Retention:
    """Rows first, files second: a file without a row is found by ``tracing check``, a row without a file would break pages."""

    def __init__(self, store: RecordStore, photos: PhotoStore, shelf: GalleryShelf) -> None:
        self._store = store
        self._photos = photos
        self._shelf = shelf

    def erase_case(self, actor: Actor, case_id: str) -> int:
        """Remove every row, template, pair and photo of the case; no search in any process finds it any more.

        Galleries on disk may hold its templates and are thrown away. What stays is the audit, which names the random case id
        and no person. Whoever was matched with this person is open again and due for a search. Returns the number of photo
        files removed.
        """
        require(actor, Permission.ERASE)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            self._release_matched(records, actor, case_id)
            keys = records.cases.erase(case_id)
            records.texts.tidy()
            records.audit.append(actor, ERASED, case_id, {"photos": len(keys)})
        self._shelf.discard_all()
        return sum(self._photos.erase(key) for key in keys)

    @staticmethod
    def _release_matched(records: Records, actor: Actor, case_id: str) -> None:
        """The match goes with the case; without this, the other person would stay out of every gallery for ever."""
        for pair in records.pairs.of_case(case_id):
            if pair.relation is not Relation.TRACE or pair.state not in HOLDING:
                continue
            other = records.cases.get(records.pairs.lock(pair.pair_id).other(case_id))
            if other.state is CaseState.MATCHED:
                take_step(records, actor, other, CaseState.OPEN)
