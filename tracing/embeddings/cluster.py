"""Faces encoded by the workers of a Dask cluster, or of processes that Dask starts here; the one place that knows Dask.

The workers get photos and give templates; they hold no key and no record. Dask sends a task that a dead worker had to another
one, and that is all that is needed: a backfill keeps its place in the records.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from tracing.embeddings.workplace import Standard, Task, Workplace, carry_out
from tracing.errors import EncoderUnavailable, Misconfigured, UnreadablePhoto, where
from tracing.ports import Detection
from tracing.vision import Vector

log = logging.getLogger(__name__)

PATIENCE: Final = 60.0
"""Seconds without a scheduler or a worker before it is given up."""
PATIENCE_HERE: Final = 300.0
"""The same for processes that are started here: on a machine with too much to do each takes most of a minute to start."""
TIME_LIMIT: Final = 600.0
"""Seconds for one photo, the waiting for its turn and the loading of the models included."""
CONNECTING: Final = 15.0
"""Seconds before a scheduler is called absent."""
RESTART: Final = 30.0
"""Seconds for a worker to start again; the photos do not wait for it."""
MOMENT: Final = 0.02
GLANCE: Final = 2.0
"""Seconds between two looks at who is there."""
EACH: Final = 3
"""Photos for each thread of a worker: one that it has, and those on their way."""

SETTINGS: Final = {
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.admin.large-graph-warning-threshold": "1 GiB",
    "distributed.deploy.lost-worker-timeout": "1 day",
}
"""Of the processes that are started here: nothing is written to the disk, no page is served, and one that takes long to start
again, on a machine with too much to do, is not dropped for good. And a photo is no large graph."""
LOUD: Final = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "bokeh")


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


def require(address: str = "", unencrypted: bool = False) -> None:
    """``Misconfigured`` where Dask is not installed, or this is no address that photos may be sent to.

    ``tcp://`` is for the loopback interface; elsewhere it is refused unless ``unencrypted`` says that it is meant: photos could
    be read on the way, and whoever reaches the scheduler can run programs on its machine and on those of the workers.
    """
    if address:
        _require_address(address, unencrypted)
    _distributed()


@contextmanager
def on_this_machine(
    make: Callable[[], Workplace], standard: Standard, processes: int, patience: float = PATIENCE_HERE
) -> Iterator[ClusterEncoder]:
    """A scheduler and as many worker processes, on the loopback interface and for this process alone: whoever else is on the
    machine lacks the certificate, made for the occasion. They end with the block. ``Misconfigured`` without the package.
    """
    distributed = _distributed()
    import dask

    with dask.config.set(SETTINGS):
        try:
            with _interrupts_held():
                cluster = distributed.LocalCluster(
                    n_workers=processes,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False},
                    security=True,
                    memory_limit=0,  # not watched, so nothing is spilled either
                    silence_logs=logging.CRITICAL,
                )
        except Exception as error:
            raise EncoderUnavailable(f"Dask cannot start on this machine: {error}") from error
        with cluster, _client(cluster, cluster.scheduler_address, cluster.security, patience) as client:
            yield ClusterEncoder(client, cluster.scheduler_address, make, standard, patience)


@contextmanager
def at(address: str, make: Callable[[], Workplace], standard: Standard, patience: float = PATIENCE) -> Iterator[ClusterEncoder]:
    """The workers of the scheduler at an address that ``require`` lets pass.

    ``tls://`` takes the certificates that Dask's own configuration names, and is ``Misconfigured`` where it names none.
    """
    distributed = _distributed()
    import dask

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):
        security = distributed.Security()
        if address.startswith("tls:") and not (security.tls_ca_file and security.tls_client_cert):
            raise Misconfigured(
                "tls:// needs certificates: name them in Dask's configuration, as docs/operations.md shows "
                "(distributed.comm.tls.ca-file, distributed.comm.tls.client.cert and .key)."
            )
        with _client(address, address, security, patience) as client:
            yield ClusterEncoder(client, address, make, standard, patience)


@contextmanager
def _client(target: Any, address: str, security: Any, patience: float) -> Iterator[Any]:
    distributed = _distributed()
    try:
        client = distributed.Client(
            target, timeout=min(patience, CONNECTING), security=security, set_as_default=False, name="tracing"
        )
    except Exception as error:
        raise EncoderUnavailable(
            f"No Dask scheduler answers at {address} ({type(error).__name__}). Start one with 'dask scheduler', or correct "
            "--address; for tls:// see that both sides have a certificate of the same authority."
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=patience)
        except TimeoutError as error:
            raise no_worker(address, patience) from error
        yield client
    finally:
        with suppress(Exception):  # it may be lost already
            client.close(timeout=5)


def no_worker(address: str, seconds: float) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"The scheduler {address} has had no worker for {seconds:.0f} seconds. Start some with 'dask worker {address}', "
        "and repeat: what was encoded is kept."
    )


def _require_address(address: str, unencrypted: bool) -> None:
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if not host or not port or scheme not in ("tcp", "tls"):
        raise Misconfigured(f"{address!r} is not the address of a Dask scheduler, such as tls://10.0.0.5:8786.")
    if scheme == "tcp" and not unencrypted and not _is_loopback(host):
        raise Misconfigured(
            f"Photos would travel unencrypted to {host}, and anybody who reaches it could run programs there. Use tls://, as "
            "docs/operations.md shows, or add --unencrypted where nobody else is on the network."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal. Those whose threads are started in here never hear it, nor do the processes
    that these start, now or in place of dead ones: the coordinator alone decides when to stop."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise Misconfigured("A cluster needs Dask: pip install 'family-tracing[cluster]'.") from error
    for name in LOUD:  # it logs to the terminal by itself; what matters is raised
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed
