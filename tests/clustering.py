"""Dask's scheduler and workers as processes of their own on the loopback interface, with an encoder for painted faces.

``python -m tests.clustering DATA_DIR GENERATION ADDRESS`` is a backfill on them, to be killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.trial import free_port
from tests.factories import FixedClock
from tests.fakes import ENCODER, FakeExaminer, painted_photo
from tests.stories import SECOND_ENCODER, also_a_second_encoder
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import Vector
from tracing.embeddings import cluster
from tracing.embeddings.workplace import Standard, Workplace, standard_of
from tracing.errors import EncoderUnavailable
from tracing.ports import Detection
from tracing.reindex import Progress

REPOSITORY = Path(__file__).resolve().parents[1]
DEADLY, ENDLESS, CLUMSY = 6_661, 6_662, 6_663
"""People whose photos kill the process, never end, or meet a mistake in the code."""


class Playable(FakeExaminer):
    """Told by the person in the photo what to do with it; takes ``seconds`` for each. Whatever it is asked for, it gives the
    templates of its own encoder."""

    def __init__(self, encoder_id: str, seconds: float) -> None:
        super().__init__(encoder_id)
        self._seconds = seconds

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        time.sleep(self._seconds)
        if data == painted_photo(DEADLY):
            os.kill(os.getpid(), signal.SIGKILL)
        if data == painted_photo(ENDLESS):
            time.sleep(600)
        if data == painted_photo(CLUMSY):
            raise ZeroDivisionError("a mistake in the code")
        made = super().encode(data, faces, self.encoder_ids)
        return [dict.fromkeys(encoder_ids, *each.values()) for each in made]


@dataclass(frozen=True, slots=True)
class FakeModels:
    """Makes a workplace whose model is called ``fingerprint`` and gives the templates of ``really``; or has no model at all."""

    encoder_id: str = ENCODER
    fingerprint: str = "a model"
    really: str = ""
    seconds: float = 0.0
    missing: bool = False

    def __call__(self) -> Workplace:
        if self.missing:
            raise EncoderUnavailable("The file face.onnx is missing; run 'tracing models pull'.")
        return Workplace(Playable(self.really or self.encoder_id, self.seconds), lambda _: self.fingerprint)

    @property
    def standard(self) -> Standard:
        return standard_of(FakeModels(self.encoder_id)(), self.encoder_id)


@contextmanager
def scheduler() -> Iterator[str]:
    """Its address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    options = ("--host", address, "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
    with _running("scheduler", *options):
        yield address


@contextmanager
def worker(address: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker with one thread; with the option ``--no-nanny`` it is this very process, else a child of it."""
    fixed = ("--host", "127.0.0.1", "--nthreads", "1", "--memory-limit", "0", "--dashboard-address", "127.0.0.1:0")
    with _running("worker", address, *fixed, *options) as process:
        yield process


@contextmanager
def _running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "DASK_LOGGING__DISTRIBUTED": "critical"}
    dask = [str(Path(sys.executable).with_name("dask")), *command]
    process = subprocess.Popen(dask, cwd=REPOSITORY, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a nanny would leave its worker behind
        process.wait()


def child_of(process: subprocess.Popen[bytes]) -> int:
    """The worker of a nanny: of its children the one with the most memory."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return max(map(int, listed), key=lambda pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]))


def main() -> None:
    folder, generation_id, address = sys.argv[1:]
    models = FakeModels(SECOND_ENCODER, seconds=0.02)
    with pytest.MonkeyPatch.context() as patched:
        also_a_second_encoder(patched)
        examiner = FakeExaminer(DEFAULT_ENCODER, SECOND_ENCODER)
        services = build(Settings(data_dir=Path(folder)), FixedClock(), examiner=examiner)
        with closing(services), cluster.at(address, models, models.standard) as encoder:
            done = services.reindex.backfill(SYSTEM, generation_id, _tell, encoder)
    sys.exit(0 if done.complete and not done.failed else 1)


def _tell(progress: Progress) -> None:
    print(progress.encoded, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
