"""A process that fills a generation, to be killed: ``python -m tests.backfilling DATA_DIR GENERATION``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.stories import SECOND_ENCODER, also_a_second_encoder
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.reindex import Progress


def main() -> None:
    folder, generation_id = sys.argv[1:]
    with pytest.MonkeyPatch.context() as patched:
        also_a_second_encoder(patched)
        examiner = FakeExaminer(DEFAULT_ENCODER, SECOND_ENCODER)
        with closing(build(Settings(data_dir=Path(folder)), FixedClock(), examiner=examiner)) as services:
            done = services.reindex.backfill(SYSTEM, generation_id, _tell)
    sys.exit(0 if done.complete and not done.failed else 1)


def _tell(progress: Progress) -> None:
    print(progress.encoded, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
