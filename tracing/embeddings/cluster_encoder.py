"""Faces encoded by whatever workers a Dask client has: who is asked, for how long, and what happens when one dies."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, Final

from tracing.embeddings.workplace import Standard, Task, Workplace, carry_out
from tracing.errors import EncoderUnavailable, UnreadablePhoto, where
from tracing.ports import Detection
from tracing.vision import Vector

log = logging.getLogger(__name__)

PATIENCE: Final = 60.0
"""Seconds without a scheduler or a worker before it is given up."""
TIME_LIMIT: Final = 600.0
"""Seconds for one photo, the waiting for its turn and the loading of the models included."""
RESTART: Final = 30.0
"""Seconds for a worker to start again; the photos do not wait for it."""
MOMENT: Final = 0.02
GLANCE: Final = 2.0
"""Seconds between two looks at who is there."""
EACH: Final = 3
"""Photos for each thread of a worker: one that it has, and those on their way."""


class ClusterEncoder:
    """A ``BatchEncoder`` for the encoder of ``standard``. ``patience`` and ``time_limit`` are seconds."""

    def __init__(
        self,
        client: Any,
        address: str,
        make: Callable[[], Workplace],
        standard: Standard,
        patience: float = PATIENCE,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        self._client = client
        self._address = address
        self._make = make
        self._standard = standard
        self._patience = patience
        self._time_limit = time_limit
        self._one_suspect = threading.Lock()
        self._glancing = threading.Lock()
        self._glanced = self._seen = self._answered = self._freed = time.monotonic()
        self._threads = sum(client.nthreads().values())

    @property
    def at_once(self) -> int:
        return max(1, EACH * self._threads_now())

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        """Raises ``EncoderUnavailable`` where the scheduler is lost, no worker is there, or one has another model.

        Of a photo beside which workers die one after the other, others may have been the victims: it is tried once more, when
        no other suspect is, before it is called unreadable. One that a worker comes to no end with is given up, and the
        worker with it; those that waited behind it have all the time there is again.
        """
        if list(encoder_ids) != [self._standard.encoder_id]:
            raise EncoderUnavailable(f"The cluster was opened for {self._standard.encoder_id}, not for {encoder_ids}.")
        task = Task(self._make, self._standard, data, tuple(faces))
        answer = self._asked(task)
        if answer is None:
            with self._one_suspect:
                answer = self._asked(task)
        if answer is None:
            raise UnreadablePhoto("Every worker that was given this photo died.", "kills_workers")
        succeeded, result = answer
        if not succeeded:
            raise result
        return list(result)

    def _asked(self, task: Task) -> tuple[bool, Any] | None:
        """The answer of a worker; None where so many died that the scheduler gave the task up."""
        from distributed import KilledWorker

        future = None
        try:
            future = self._client.submit(carry_out, task, pure=False)
            return self._waited_for(future)
        except KilledWorker:
            return None
        except (EncoderUnavailable, UnreadablePhoto):
            raise
        except (CancelledError, OSError) as error:  # the client gives all up together with the connection
            raise self._lost() from error
        except Exception as error:
            log.error("the cluster failed: %s", where(error))
            if self._client.status != "running":
                raise self._lost() from error
            raise EncoderUnavailable(
                f"A machine of the cluster cannot run this version of the service ({type(error).__name__}). Install the same "
                "version, with the packages of its lock, where the scheduler and the workers run, and start them again."
            ) from error
        finally:
            if future is not None:
                with suppress(Exception):
                    future.cancel()

    def _waited_for(self, future: Any) -> tuple[bool, Any]:
        begun = time.monotonic()
        while True:
            try:
                answer: tuple[bool, Any] = future.result(timeout=GLANCE)
            except TimeoutError:
                self._look(future, begun)
            else:
                self._answered = time.monotonic()
                return answer

    def _look(self, future: Any, begun: float) -> None:
        """Raise what keeps a photo waiting in vain; the process that it is given up in is freed."""
        now = time.monotonic()
        if self._client.status == "closed":
            raise self._lost()
        if self._threads_now() == 0 and now - self._seen > self._patience:
            raise no_worker(self._address, self._patience)
        if now - max(begun, self._freed) > self._time_limit:
            if now - self._answered > self._time_limit:
                raise EncoderUnavailable(f"No worker has answered within {self._time_limit:.0f} seconds; look at their logs.")
            self._free(future)
            raise UnreadablePhoto(f"The photo was not encoded within {self._time_limit:.0f} seconds.", "too_slow")

    def _free(self, future: Any) -> None:
        """Start the process again that is still at a photo: what it was given next would wait behind it in vain.

        One that nobody watches over ends, as it would with a photo that kills it.
        """
        self._freed = time.monotonic()
        try:
            busy = self._at_work_on(future)
            future.cancel()
            # The scheduler hears of that by another way than of what follows, and would give the photo to the next worker.
            while self._at_work_on(future) and time.monotonic() - self._freed < RESTART:
                time.sleep(MOMENT)
            try:
                self._client.restart_workers(busy, timeout=RESTART, raise_for_error=False)
            except ValueError:  # no nanny
                self._client.retire_workers(busy)
        except Exception as error:  # whoever has lost the connection is told so by the next photo
            log.error("a worker could not be freed of a photo: %s", where(error))

    def _at_work_on(self, future: Any) -> list[str]:
        """The workers that the scheduler has given it to."""
        return [worker for worker, keys in self._client.processing().items() if future.key in keys]

    def _threads_now(self) -> int:
        """How many threads all workers have, as it was at the last glance."""
        with self._glancing:
            if time.monotonic() - self._glanced > GLANCE:
                with suppress(Exception):  # the connection is lost or being restored; whoever waits for an answer says so
                    self._threads = sum(self._client.nthreads().values())
                self._glanced = time.monotonic()
            if self._threads:
                self._seen = time.monotonic()
            return int(self._threads)

    def _lost(self) -> EncoderUnavailable:
        return EncoderUnavailable(
            f"The connection to the scheduler {self._address} is lost. What was encoded is kept: see that it runs, and repeat."
        )


def no_worker(address: str, seconds: float) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"The scheduler {address} has had no worker for {seconds:.0f} seconds. Start some with 'dask worker {address}', "
        "and repeat: what was encoded is kept."
    )
