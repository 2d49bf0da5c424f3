"""A process of its own, with the real services and painted faces, that is told what to do by lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.fakes import FakeExaminer, painted_photo
from tracing import sharing
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import CaseKind, Description, LegalBasis
from tracing.errors import Unavailable
from tracing.index.milvus_index import MilvusIndex
from tracing.shared import Position

ROOT = Path(__file__).resolve().parents[1]


class Beside:
    """The process, as the test sees it: ``beside.tell("search", case_id)``."""

    def __init__(self, **settings: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_")}
        environment = clean | {f"TRACING_{name.upper()}": value for name, value in settings.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.beside"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def say(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def tell(self, *words: object) -> Any:
        self.say(*words)
        return self.hear()

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self._process.wait(timeout=30)


def enrol(services: Services, kind: str, person: int, shot: int) -> str:
    """The case's id; that its search fails is no reason to fail."""
    case = services.intake.open_case(SYSTEM, CaseKind(kind), Description(), LegalBasis.STATUTORY_DUTY)
    photo = services.intake.add_photo(SYSTEM, case.case_id, painted_photo(person, shot=shot))
    with suppress(Unavailable):
        services.intake.analyse(photo.photo_id)
    return case.case_id


def search(services: Services, case_id: str) -> list[str]:
    run = services.matching.search(case_id)
    return [candidate.case_id for candidate in run.list] if run is not None else []


def erase(services: Services, case_id: str) -> int:
    return services.retention.erase_case(SYSTEM, case_id)


def fill_slowly(services: Services, seconds: float) -> int:
    """Says each position, and then takes its time."""
    sharing.WRITTEN = 2  # type: ignore[misc]
    mark = MilvusIndex.mark

    def told(self: MilvusIndex, position: Position) -> None:
        mark(self, position)
        answer(position.after)
        time.sleep(seconds)

    MilvusIndex.mark = told  # type: ignore[method-assign]
    with services.store.reading() as records:
        return services.galleries.of(DEFAULT_ENCODER).refresh(records)


def held(services: Services) -> dict[int, str]:
    """What Milvus holds now."""
    with services.store.reading() as records:
        gallery = services.galleries.of(DEFAULT_ENCODER)
        gallery.refresh(records)
    return {name: str(collection) for name, collection in gallery.snapshot().items()}


def check(services: Services) -> list[str]:
    return [finding.message for finding in services.consistency.check()]


def answer(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    services = build(Settings(), examiner=FakeExaminer(DEFAULT_ENCODER))
    steps: dict[str, Callable[..., object]] = {each.__name__: each for each in (enrol, search, erase, fill_slowly, held, check)}
    for line in sys.stdin:
        name, *words = json.loads(line)
        try:
            said: object = steps[name](services, *words)
        except Unavailable as error:
            said = {"unavailable": str(error)}
        answer(said)
    services.close()


if __name__ == "__main__":
    main()
