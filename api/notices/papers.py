"""Posters and share pictures as they are handed out: drawn once for each version and language, two at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Final

from api.kept import Kept
from api.notices.pictures import PRINT, NoticePictures
from tracing.errors import Busy
from tracing.notices.published import PublicNotice

KEPT_BYTES: Final = 48 << 20
AT_ONCE: Final = 2
PATIENCE: Final = 20.0
"""Seconds that somebody waits for the others; drawing takes one or two."""


class NoticePapers:
    """Safe for several threads. Whoever asks has looked up the notice just now, so that nothing is kept beyond it."""

    def __init__(self, pictures: NoticePictures, kept_bytes: int = KEPT_BYTES) -> None:
        self._pictures = pictures
        self._kept = Kept(kept_bytes)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def poster(
        self, notice: PublicNotice, language: str, made_at: datetime, address: str = "", until: str = "", draft: str = ""
    ) -> bytes:
        """A PDF. ``address``: where its code leads. ``Unavailable`` names the package that is missing, where one is."""
        from api.notices.poster import Sheet, poster  # nobody waits for the library of paper who prints nothing

        sheet = Sheet(language, made_at, address, until, draft)
        return self._once(
            ("poster", notice, language, address, until, draft), lambda: poster(notice, self._photo(notice), sheet)
        )

    def share(self, notice: PublicNotice, language: str, draft: str = "") -> bytes:
        """A PNG."""
        from api.notices.share import share_picture

        return self._once(
            ("share", notice, language, draft), lambda: share_picture(notice, self._photo(notice), language, draft)
        )

    def _photo(self, notice: PublicNotice) -> bytes | None:
        return None if notice.photo is None else self._pictures.jpeg(notice.photo, PRINT)

    def _once(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        if not self._turns.acquire(timeout=PATIENCE):
            raise Busy("Too many posters are being drawn just now. Please try again in a minute.")
        try:
            made = self._kept.get(key) or draw()
        finally:
            self._turns.release()
        self._kept.put(key, made)
        return made
