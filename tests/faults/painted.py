"""What is not real in the processes that are shaken: the faces are painted, and the clock may be told to go wrong."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from api import app
from scripts import opening, worker
from tests.fakes import FakeExaminer, painted_photo
from tests.faults import plants
from tests.stories import SECOND_ENCODER
from tracing import bootstrap
from tracing.chosen import DEFAULT_ENCODER
from tracing.embeddings import manifest
from tracing.embeddings.pool import ExaminerPool
from tracing.ports import Examination, Examiner
from tracing.worker import Worker

POOL = "FAULTS_POOL"
"""Set in the environment of a process that is to look at photos in processes of its own, as the service does."""
CLOCK = "FAULTS_CLOCK"
"""A file with the seconds by which the clock of the process is ahead; it may be written while the process runs."""
PLANT = "FAULTS_PLANT"
"""A fault of ``plants`` that the process has."""
PAUSE = 0.1
"""Of the worker, in seconds, so that nobody waits long for what it does by itself."""

FINISH_SECONDS = 2.0
"""What a process that is stopped gives to a photo."""

DEADLY, SLOW, ENDLESS = 60_001, 60_002, 60_003
"""Who looks at the first one's photo dies; the second one's takes a moment, and the third one's far too long."""
SLOW_SECONDS = {painted_photo(SLOW): 1.0, painted_photo(ENDLESS): 100.0}


class TemperamentalExaminer(FakeExaminer):
    """Sees painted faces; two people's photos are more than it can take."""

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        if data == painted_photo(DEADLY):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(SLOW_SECONDS.get(data, 0.0))
        return super().examine(data, encoder_ids)


def examiner(*_: object, **__: object) -> Examiner:
    """In place of ``process.make_here``; found by its name in the processes of the pool."""
    return TemperamentalExaminer(DEFAULT_ENCODER, SECOND_ENCODER)


class InThisProcess(TemperamentalExaminer):
    """In place of the pool, whose processes would take longer to start than everything else."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(DEFAULT_ENCODER, SECOND_ENCODER)

    def warm(self, _: Sequence[str]) -> None:
        """There is nothing to load."""

    def close(self) -> None:
        """There is nothing to stop."""


def paint(environment: dict[str, str]) -> None:
    """From now on this process is as the others of its kind; its settings are read from the environment afterwards."""
    set_of: Any = bootstrap
    set_of.make_here = examiner
    set_of.ExaminerPool = ExaminerPool if environment.get(POOL) else InThisProcess
    set_of._missing_files = lambda *_: []
    _know_a_second_encoder()
    if CLOCK in environment:
        _keep_time_by(_clock_of(Path(environment[CLOCK])))
    Worker.run.__defaults__ = (PAUSE,)
    for stopped in (app, worker):
        stopped.FINISH_SECONDS = FINISH_SECONDS  # type: ignore[attr-defined]
    if PLANT in environment:
        plants.plant(environment[PLANT])


def _know_a_second_encoder(facts: Callable[[str], manifest.EncoderFacts] = manifest.encoder_facts) -> None:

    def also_the_second(encoder_id: str) -> manifest.EncoderFacts:
        return replace(facts(DEFAULT_ENCODER), encoder_id=SECOND_ENCODER) if encoder_id == SECOND_ENCODER else facts(encoder_id)

    manifest.encoder_facts = also_the_second  # type: ignore[assignment]


def _clock_of(file: Path) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text()))


def _keep_time_by(clock: Callable[[], datetime]) -> None:
    for function in (bootstrap.build, opening.services.__wrapped__):  # type: ignore[attr-defined]
        defaults = function.__defaults__ or ()
        function.__defaults__ = tuple(clock if each is bootstrap.utc_now else each for each in defaults)
