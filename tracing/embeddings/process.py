"""The life of a process for photos.

Nothing but the standard library is imported here, so that it is this process that says how what it imports then behaves.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tracing.errors import EncoderUnavailable, TracingError, where

if TYPE_CHECKING:
    from tracing.ports import Examiner

log = logging.getLogger(__name__)

THREADS_OF_NUMPY: Final = "OPENBLAS_NUM_THREADS"
"""There is a process for each core: threads beside it only cost the time and memory of starting them."""


def make_here(encoder_ids: Sequence[str], folders: Sequence[Path] = (), **limits: Any) -> Examiner:
    """``catalog.make_examiner``, loaded where it is called: with ``functools.partial`` this is what ``ExaminerPool`` wants of
    a process that has no use for the libraries itself."""
    from tracing.embeddings.catalog import make_examiner

    return make_examiner(encoder_ids, folders, **limits)


def serve(connection: Connection, recipe: bytes) -> None:
    """Answer questions until the parent hangs up, or is gone. ``recipe`` is what makes an ``Examiner``, pickled.

    A question is a method's name with its arguments but the first, and then the first, the bytes of a photo, as they are.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.putenv(THREADS_OF_NUMPY, "1")
    make_examiner = pickle.loads(recipe)  # noqa: S301 - our parent's own
    examiner: Examiner | None = None
    while True:
        try:
            method, arguments = connection.recv()
            data = connection.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            if examiner is None:
                examiner = make_examiner()
            answer = (True, _call(examiner, method, data, arguments))
        except TracingError as error:
            answer = (False, error)
        except Exception as error:
            log.error("examining a photo failed: %s", where(error))
            answer = (False, EncoderUnavailable(f"The photo could not be examined ({type(error).__name__})."))
        try:
            connection.send(answer)
        except OSError:
            return


def _call(examiner: Examiner, method: str, data: bytes, arguments: tuple[Any, ...]) -> Any:
    if method == "warm":
        return examiner.warm(*arguments) if hasattr(examiner, "warm") else None
    return getattr(examiner, method)(data, *arguments)


def _end_with_parent() -> None:
    """A killed parent cannot tell its children, and one in the middle of a photo does not look at its pipe."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
