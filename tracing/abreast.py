"""Galleries that other processes share follow the records though nobody searches: whoever is let go leaves them as well."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tracing.errors import TracingError
from tracing.gallery import Gallery
from tracing.ports import Clock, RecordStore
from tracing.seldom import Seldom

OFTEN: Final = timedelta(minutes=1)

log = logging.getLogger(__name__)


class Abreast:
    """Also those of generations that are in use no more, which nothing else would ever write to again."""

    def __init__(self, store: RecordStore, make_gallery: Callable[[str], Gallery], clock: Clock) -> None:
        self._store = store
        self._make_gallery = make_gallery
        self._clock = clock
        self._looked = Seldom(OFTEN)
        self._followed = 0

    def tend(self) -> None:
        """Where a server is down it is tried again a minute later."""
        now = self._clock()
        if not self._looked.due(now):
            return
        self._looked.done(now)
        with self._store.reading() as records:
            head, encoders = records.gallery.head(), sorted({each.encoder_id for each in records.generations.all()})
        if head == self._followed:
            return
        followed = [self._follow(encoder_id) for encoder_id in encoders]
        if all(followed):
            self._followed = head

    def _follow(self, encoder_id: str) -> bool:
        try:
            self._make_gallery(encoder_id).keep_up()
        except TracingError as error:
            log.warning("whoever was let go may stand in the shared gallery of %s still: %s", encoder_id, error)
            return False
        return True
