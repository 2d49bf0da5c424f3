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
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Final

from tracing.errors import EncoderUnavailable, TracingError, where

if TYPE_CHECKING:
    from tracing.ports import Examiner

log = logging.getLogger(__name__)

THREADS_OF_NUMPY: Final = "OPENBLAS_NUM_THREADS"
"""There is a process for each core: threads beside it only cost the time and memory of starting them."""


def serve(connection: Connection, recipe: bytes) -> None:
    """Answer questions until the parent hangs up, or is gone. ``recipe`` is what makes an ``Examiner``, pickled."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.putenv(THREADS_OF_NUMPY, "1")
    make_examiner = pickle.loads(recipe)  # noqa: S301 - our parent's own
    examiner: Examiner | None = None
    while True:
        try:
            method, arguments = connection.recv()
        except (EOFError, OSError):
            return
        try:
            if examiner is None:
                examiner = make_examiner()
            answer = (True, _call(examiner, method, arguments))
        except TracingError as error:
            answer = (False, error)
        except Exception as error:
            log.error("examining a photo failed: %s", where(error))
            answer = (False, EncoderUnavailable(f"The photo could not be examined ({type(error).__name__})."))
        try:
            connection.send(answer)
        except OSError:
            return


def _call(examiner: Examiner, method: str, arguments: tuple[Any, ...]) -> Any:
    if method == "warm" and not hasattr(examiner, "warm"):
        return None
    return getattr(examiner, method)(*arguments)


def _end_with_parent() -> None:
    """A killed parent cannot tell its children, and one in the middle of a photo does not look at its pipe."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
