"""The examiner in processes of its own, so that the web stays responsive and a crash in native code costs one photo.

Why not threads, and what both take, is in docs/adr/0002. Each worker is one process behind one pipe (no shared queues, locks
or semaphores that a killed process could leave behind).
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import queue
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, Final, cast

from tracing.embeddings.process import serve
from tracing.errors import Busy, EncoderUnavailable, Stopping, TracingError

if TYPE_CHECKING:
    from tracing.ports import Detection, Examination, Examiner, ImageReader, PhotoInfo
    from tracing.vision import Vector

log = logging.getLogger(__name__)

TIME_LIMIT = 120.0
"""Seconds for one photo, the loading of the models included."""

ENCODE_PATIENCE = 5.0
"""Seconds that ``encode`` waits for a process: it answers somebody who has tapped a face, and nothing waits in line for it."""

BUSY = "Too many photos are being examined just now. Please try again in a minute."
STOPPING = "The service is shutting down. Please try again in a minute."

ANSWERS: Final = "tracing.ports"
"""What answers are made of; it is loaded, with numpy, while the first process starts."""

SPAWN = multiprocessing.get_context("spawn")
_starting = threading.Lock()
"""multiprocessing keeps its children in a set that is not made for two threads."""


class ExaminerPool:
    """An ``Examiner`` made of up to ``workers`` processes, started when they are needed.

    ``make_examiner`` is called once in each process and has to be picklable. While all workers are busy up to ``waiting``
    calls wait their turn, those to ``encode`` for ``ENCODE_PATIENCE``; more are refused with ``Busy``. A photo that takes
    longer than ``time_limit`` seconds, or whose process dies, is an ``EncoderUnavailable``; the next call gets a new process.
    ``verify`` runs in the calling thread with ``reader``: a case is saved whatever the models are doing. Safe to share
    between threads.
    """

    def __init__(
        self,
        make_examiner: Callable[[], Examiner],
        workers: int = 1,
        waiting: int = 8,
        time_limit: float = TIME_LIMIT,
        reader: ImageReader | None = None,
    ) -> None:
        self._reader = reader
        self._workers = [_Worker(make_examiner, time_limit) for _ in range(workers)]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()  # the last one used has its models loaded
        for worker in self._workers:
            self._idle.put(worker)
        self._places = threading.BoundedSemaphore(workers + waiting)

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        if self._reader is None:
            from tracing.embeddings.imaging import PillowReader  # a second one does no harm, should two threads make it

            self._reader = PillowReader()
        return self._reader.verify(data, patience)

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        return cast("Examination", self._ask("examine", data, tuple(encoder_ids)))

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        return cast(
            "list[dict[str, Vector]]", self._ask("encode", data, tuple(faces), tuple(encoder_ids), patience=ENCODE_PATIENCE)
        )

    def warm(self, encoder_ids: Sequence[str]) -> None:
        """Start the processes and load their models in the background; what goes wrong is told by the first photo."""
        for _ in self._workers:
            threading.Thread(target=self._warm_one, args=(tuple(encoder_ids),), name="warm an examiner", daemon=True).start()

    def close(self) -> None:
        """Stop all processes, also in the middle of a photo. Later calls are ``Stopping``; closing twice is harmless."""
        for worker in self._workers:
            worker.close()

    def _ask(self, method: str, data: bytes, *arguments: object, patience: float | None = None) -> Any:
        if not self._places.acquire(blocking=False):
            raise Busy(BUSY)
        try:
            try:
                worker = self._idle.get(timeout=patience)
            except queue.Empty as error:
                raise Busy(BUSY) from error
            try:
                return worker.ask(method, data, *arguments)
            finally:
                self._idle.put(worker)
        finally:
            self._places.release()

    def _warm_one(self, encoder_ids: tuple[str, ...]) -> None:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            return
        try:
            worker.ask("warm", b"", encoder_ids)
        except TracingError as error:
            log.warning("the face models could not be loaded ahead: %s", error)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process, started by the first question and again after it died. Whoever asks has it for himself."""

    def __init__(self, make_examiner: Callable[[], Examiner], time_limit: float) -> None:
        self._recipe = pickle.dumps(make_examiner)
        self._time_limit = time_limit
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._questions = 0
        self._late = False
        self._closed = False

    def ask(self, method: str, data: bytes, *arguments: object) -> Any:
        connection, question = self._started()
        alarm = threading.Timer(self._time_limit, self._expire, (question,))
        alarm.daemon = True
        alarm.start()
        try:
            connection.send((method, arguments))
            connection.send_bytes(data)  # may block as long as the process loads its models
            import_module(ANSWERS)
            succeeded, answer = connection.recv()
        except (EOFError, OSError) as error:
            raise self._gone() from error
        except BaseException:  # such as Ctrl-C: the answer that is still to come must not meet the next question
            self._stop()
            raise
        finally:
            alarm.cancel()
        if not succeeded:
            raise answer
        return answer

    def close(self) -> None:
        with _starting:
            self._closed = True
            self._kill()

    def _started(self) -> tuple[Connection, int]:
        """The way to a living process, and the number of the question."""
        with _starting:
            if self._closed:
                raise Stopping(STOPPING)
            self._questions += 1
            self._late = False
            if self._connection is not None and self._process is not None and self._process.is_alive():
                return self._connection, self._questions
            self._discard()
            try:
                self._connection, self._process = self._started_anew()
            except OSError as error:  # too many processes or files, or no memory: the next question tries again
                raise EncoderUnavailable(f"No process for photos can be started ({error.strerror}).") from error
            return self._connection, self._questions

    def _started_anew(self) -> tuple[Connection, BaseProcess]:
        ours, theirs = SPAWN.Pipe()
        process = SPAWN.Process(target=serve, args=(theirs, self._recipe), name="examiner", daemon=True)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()  # or its end would stay open here, and a dead process would never be noticed
        return ours, process

    def _expire(self, question: int) -> None:
        with _starting:
            if question == self._questions:  # or the alarm went off just as the answer came
                self._late = True
                self._kill()

    def _gone(self) -> EncoderUnavailable | Stopping:
        late, closed = self._late, self._closed
        self._stop()
        if closed:
            return Stopping(STOPPING)
        if late:
            return EncoderUnavailable(f"The photo was not examined within {self._time_limit:.0f} seconds.")
        return EncoderUnavailable("The process that examined the photo died. Please try again.")

    def _stop(self) -> None:
        with _starting:
            self._kill()
            self._discard()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def _discard(self) -> None:
        """Forget a process that has ended. It is not closed: at exit, multiprocessing may be waiting for it just now."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join()
        self._connection = self._process = None
