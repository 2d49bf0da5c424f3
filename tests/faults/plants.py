"""Faults that are planted into the processes, to see that they are found: each takes back one promise of the service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from tracing.domain import Actor, Case, CaseKind, CaseState, Description, LegalBasis
from tracing.intake import Intake
from tracing.store.photos import FilePhotoStore
from tracing.store.records.files import SqlFiles

LATER: Final = 0.2
"""Seconds; a power cut finds this gap soon."""


def answers_before_it_saves() -> None:
    """A case is acknowledged, and its commit comes a moment later."""
    save: Callable[..., Case] = Intake.open_case

    def acknowledged(
        intake: Any, actor: Actor, kind: CaseKind, said: Description, basis: LegalBasis, *_: Any, **__: Any
    ) -> Case:
        case_id = intake._new_id()
        threading.Timer(LATER, save, (intake, actor, kind, said, basis, None, case_id)).start()
        now = intake._clock()
        return Case(case_id, f"X-{case_id}", kind, CaseState.OPEN, actor.station_id, basis, now, actor.account_id, said)

    Intake.open_case = acknowledged  # type: ignore[method-assign]


def writes_the_file_after_the_row() -> None:
    """A photo's row is committed, and its file comes a moment later."""
    put = FilePhotoStore.put

    def later(store: FilePhotoStore, data: bytes, key: str = "") -> str:
        threading.Timer(LATER, put, (store, data, key)).start()
        return key

    FilePhotoStore.put = later  # type: ignore[method-assign]


def forgets_what_it_noted() -> None:
    """A photo file is written, and nobody knows of it until its row is there."""
    SqlFiles.note = lambda *_: None  # type: ignore[method-assign]
    SqlFiles.settle = lambda *_: True  # type: ignore[method-assign]


PLANTS: Final[dict[str, Callable[[], None]]] = {
    each.__name__: each for each in (answers_before_it_saves, writes_the_file_after_the_row, forgets_what_it_noted)
}
FOUND_AS: Final = {
    "answers_before_it_saves": "was acknowledged and is lost",
    "writes_the_file_after_the_row": "row_without_file",
    "forgets_what_it_noted": "file_without_row",
}


def plant(name: str) -> None:
    PLANTS[name]()
