"""Faces encoded by the workers of a Dask cluster, or of processes that Dask starts here: how both are opened.

The workers get photos and give templates; they hold no key and no record. Dask sends a task that a dead worker had to another
one, and that is all that is needed: a backfill keeps its place in the records.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

from tracing.embeddings.cluster_encoder import PATIENCE, ClusterEncoder, no_worker
from tracing.embeddings.workplace import Standard, Workplace
from tracing.errors import EncoderUnavailable, Misconfigured
from tracing.loopback import is_loopback

PATIENCE_HERE: Final = 300.0
"""Seconds without a worker of those that are started here: on a machine with too much to do each takes most of a minute to
start."""
CONNECTING: Final = 15.0
"""Seconds before a scheduler is called absent."""

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


def _require_address(address: str, unencrypted: bool) -> None:
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if not host or not port or scheme not in ("tcp", "tls"):
        raise Misconfigured(f"{address!r} is not the address of a Dask scheduler, such as tls://10.0.0.5:8786.")
    if scheme == "tcp" and not unencrypted and not is_loopback(host):
        raise Misconfigured(
            f"Photos would travel unencrypted to {host}, and anybody who reaches it could run programs there. Use tls://, as "
            "docs/operations.md shows, or add --unencrypted where nobody else is on the network."
        )


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
