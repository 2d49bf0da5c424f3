"""Let go of a person's data when its time is over or the law asks for it."""

from __future__ import annotations

from tracing.access import Permission, require
from tracing.domain import Actor
from tracing.ports import PhotoStore, RecordStore


class Retention:
    """Rows first, files second: a file without a row is found by ``tracing check``, a row without a file would break pages."""

    def __init__(self, store: RecordStore, photos: PhotoStore) -> None:
        self._store = store
        self._photos = photos

    def erase_case(self, actor: Actor, case_id: str) -> int:
        """Remove every row, template, pair and photo of the case; no search in any process finds it any more.

        What stays is the audit, which names the random case id and no person. Returns the number of photo files removed.
        """
        require(actor, Permission.ERASE)
        with self._store.transaction() as records:
            keys = records.cases.erase(case_id)
            records.audit.append(actor, "erase_case", case_id, {"photos": len(keys)})
        return sum(self._photos.erase(key) for key in keys)
