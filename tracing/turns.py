"""Whose turn it is to decode a photo: some at a time, of the large ones one, and nobody waits longer than he said."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from tracing.errors import Busy

SENTENCE: Final = "Too many photos are being opened just now. Please try again in a minute."


class Turns:
    """``at_once`` photos are decoded at one time, and one large one among them. Safe to share between threads.

    A large one that waits for another holds no place meanwhile: five of them kept all others waiting.
    """

    def __init__(self, at_once: int) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._large = threading.BoundedSemaphore()

    @contextmanager
    def turn(self, large: bool, patience: float | None) -> Iterator[None]:
        """``Busy`` where it does not come in so many seconds; None: in any time."""
        ends = None if patience is None else time.monotonic() + patience
        with ExitStack() as taken:
            for door in (self._large, self._places) if large else (self._places,):
                if not door.acquire(timeout=None if ends is None else max(0.0, ends - time.monotonic())):
                    raise Busy(SENTENCE)
                taken.callback(door.release)
            yield
