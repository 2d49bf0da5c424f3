"""People who search while something else is done: a process of its own that notes how long each takes."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, Self

import numpy as np

from scripts import logs
from tracing.bootstrap import build
from tracing.config import Settings
from tracing.errors import TracingError

PAUSE: Final = 0.02
"""Seconds between a search and the next one."""
SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Search:
    """``begun`` is a moment of ``time.monotonic``, which is the same for all processes; ``seconds`` how long it took."""

    begun: float
    seconds: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Latency:
    """Of so many searches, in milliseconds."""

    searches: int
    median: float
    percentile_99: float


class Searcher:
    """Searches for one case after the other from entering to leaving; then ``searches`` has them, the first ones left out.

    Entering waits until the gallery is filled.
    """

    def __init__(self, settings: Settings, case_ids: Sequence[str]) -> None:
        self.searches: list[Search] = []
        self._connection, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_search, args=(theirs, settings, list(case_ids)), daemon=True)
        self._theirs = theirs

    def __enter__(self) -> Self:
        self._process.start()
        self._theirs.close()
        self._connection.recv()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError, EOFError):
            self._connection.send(None)
            self.searches = self._connection.recv()
        self._process.join(30)
        self._process.kill()
        self._connection.close()


def latency(searches: Sequence[Search]) -> Latency:
    """Of those that did not fail; there is one at least."""
    taken = [1000 * each.seconds for each in searches if not each.failed]
    return Latency(len(taken), float(np.median(taken)), float(np.percentile(taken, 99)))


def _search(connection: Connection, settings: Settings, case_ids: list[str]) -> None:
    logs.set_up(settings)
    done: list[Search] = []
    with closing(build(settings)) as services:
        services.matching.search(case_ids[0])
        services.galleries.of(services.reindex.live_encoders()[0]).finish()
        connection.send(None)
        while not connection.poll():
            begun = time.monotonic()
            failed = False
            try:
                services.matching.search(case_ids[len(done) % len(case_ids)])
            except TracingError:
                failed = True
            done.append(Search(begun, time.monotonic() - begun, failed))
            time.sleep(PAUSE)
        connection.send(done)
