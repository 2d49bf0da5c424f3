"""What is done with galleries now and then: they are kept on disk, and their recall is written to the generation."""

from __future__ import annotations

import logging
from dataclasses import replace

from tracing.domain import Collection
from tracing.errors import TracingError, where
from tracing.gallery import Galleries, erased_since
from tracing.keeping import GalleryShelf
from tracing.ports import RecordStore

log = logging.getLogger(__name__)


class Shelving:
    """Called where nothing else is to be done. What goes wrong costs the next start some time, and is logged."""

    def __init__(self, store: RecordStore, galleries: Galleries, shelf: GalleryShelf) -> None:
        self._store = store
        self._galleries = galleries
        self._shelf = shelf
        self._noted: dict[str, dict[str, float | None]] = {}

    def rest(self) -> None:
        """Both; for a worker that has nothing else to do."""
        self.note_recall()
        self.shelve()

    def note_recall(self) -> None:
        """Write the recall of this process's galleries to their generations, when an index has measured it anew."""
        for encoder_id in self._galleries.in_use():
            gallery = self._galleries.of(encoder_id)
            recall: dict[str, float | None] = {str(collection): gallery.recall(collection) for collection in Collection}
            if self._noted.get(encoder_id) == recall:
                continue
            try:
                self._write(encoder_id, recall)
            except TracingError as error:
                log.warning("the recall of the gallery of %s could not be noted: %s", encoder_id, error)
                continue
            self._noted[encoder_id] = recall

    def _write(self, encoder_id: str, recall: dict[str, float | None]) -> None:
        with self._store.transaction() as records:
            for generation in records.generations.live():
                if generation.encoder_id == encoder_id and generation.report.get("index_recall") != recall:
                    records.generations.save(replace(generation, report={**generation.report, "index_recall": recall}))

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
