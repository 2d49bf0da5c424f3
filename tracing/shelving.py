"""Keep the galleries on disk now and then, so that the next process need not fill them from the records."""

from __future__ import annotations

import logging

from tracing.errors import TracingError, where
from tracing.gallery import Galleries, erased_since
from tracing.ports import GalleryShelf, RecordStore

log = logging.getLogger(__name__)


class Shelving:
    """Called where nothing else is to be done. What goes wrong costs the next start some time, and is logged."""

    def __init__(self, store: RecordStore, galleries: Galleries, shelf: GalleryShelf) -> None:
        self._store = store
        self._galleries = galleries
        self._shelf = shelf

    def shelve(self) -> int:
        """Keep those galleries of this process of which enough has moved; how many were kept."""
        return sum(self._keep(encoder_id) for encoder_id in self._galleries.in_use())

    def _keep(self, encoder_id: str) -> bool:
        try:
            with self._store.reading() as records:
                seq = self._galleries.of(encoder_id).shelve(records)
            if seq is None:
                return False
            with self._store.reading() as records:
                overtaken = erased_since(records, seq)
            if overtaken:  # it may hold the erased person
                self._shelf.discard(encoder_id)
            return not overtaken
        except (TracingError, OSError) as error:
            log.warning("the gallery of %s could not be kept on disk: %s", encoder_id, error)
        except Exception as error:
            log.error("keeping the gallery of %s on disk failed: %s", encoder_id, where(error))
        return False
