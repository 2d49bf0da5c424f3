"""The photo of a notice: only what is shown of it, drawn anew without metadata, other people's faces unrecognisable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from api.kept import Kept
from tracing.domain import NoticePhoto
from tracing.ports import ImageReader, PhotoStore, RecordStore

SCREEN: Final = 900
"""Longer side on a page, in pixels."""
SMALL: Final = 420
"""The same in a list."""
PRINT: Final = 1600
"""The same on paper and in the picture for news apps."""
KEPT_BYTES: Final = 16 << 20


class NoticePictures:
    """JPEGs, kept in memory for a while and never on disk; safe for several threads.

    Whoever asks has looked up the notice just now: what is not shown any more is not asked for.
    """

    def __init__(self, store: RecordStore, photos: PhotoStore, reader: ImageReader, kept_bytes: int = KEPT_BYTES) -> None:
        self._store = store
        self._photos = photos
        self._reader = reader
        self._kept = Kept(kept_bytes)

    def jpeg(self, photo: NoticePhoto, longest: int = SCREEN) -> bytes:
        """``NotFound`` where the photo is gone."""
        with self._store.reading() as records:
            key = records.photos.get(photo.photo_id).photo_key
        return self._once(
            (key, longest, photo.box, photo.blurred),
            lambda: self._reader.excerpt(self._photos.get(key), longest, photo.box, photo.blurred),
        )

    def _once(self, key: object, draw: Callable[[], bytes]) -> bytes:
        kept = self._kept.get(key)
        if kept is None:
            kept = draw()
            self._kept.put(key, kept)
        return kept
