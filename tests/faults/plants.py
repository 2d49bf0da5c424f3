"""Faults that are planted into the processes, to see that they are found: each takes back one promise of the service."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tracing import bootstrap
from tracing.domain import Actor, Case, CaseKind, CaseState, Description, ImportRun, LegalBasis
from tracing.importing.importing import Importing
from tracing.intake import Intake
from tracing.store.backup.folder import BackupFolder
from tracing.store.database import SqlRecordStore
from tracing.store.photos import FilePhotoStore
from tracing.store.records.audit import SqlAudit
from tracing.store.records.files import SqlFiles

LATER: Final = 0.2
"""Seconds; a power cut finds this gap soon."""
OFTEN: Final = 0.1
"""Of all calls."""
HALF: Final = 0.5


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


def loses_a_commit() -> None:
    """Of some cases nothing is kept, and nobody is told."""
    begin, append = SqlRecordStore._transaction, SqlAudit.append
    here = threading.local()

    class Gone(Exception):
        pass

    def noted(audit: SqlAudit, actor: Actor, action: str, *more: Any) -> None:
        append(audit, actor, action, *more)
        here.opened = here.opened or action == "open_case"

    @contextmanager
    def sometimes(store: SqlRecordStore) -> Iterator[Any]:
        here.opened = False
        with suppress(Gone), begin(store) as records:
            yield records
            if here.opened and random.random() < HALF:
                raise Gone

    SqlAudit.append = noted  # type: ignore[method-assign]
    SqlRecordStore._transaction = sometimes  # type: ignore[method-assign]


def skips_a_row_of_the_audit() -> None:
    """Some come in or are judged, and the audit does not say by whom."""
    append = SqlAudit.append

    def sometimes(audit: SqlAudit, actor: Actor, action: str, *more: Any) -> None:
        if action not in ("open_case", "add_photo", "judge_pair") or random.random() < HALF:
            append(audit, actor, action, *more)

    SqlAudit.append = sometimes  # type: ignore[method-assign]


def writes_the_file_after_the_row() -> None:
    """A photo's row is committed, and its file comes a moment later."""
    put = FilePhotoStore.put

    def later(store: FilePhotoStore, data: bytes, key: str = "") -> str:
        threading.Timer(LATER, put, (store, data, key)).start()
        return key

    FilePhotoStore.put = later  # type: ignore[method-assign]


def forgets_what_it_noted() -> None:
    """A photo file is written, and nobody knows of it until its row is there a moment later."""
    put = FilePhotoStore.put

    def slowly(store: FilePhotoStore, data: bytes, key: str = "") -> str:
        written = put(store, data, key)
        time.sleep(LATER)
        return written

    SqlFiles.note = lambda *_: None  # type: ignore[method-assign]
    SqlFiles.settle = lambda *_: True  # type: ignore[method-assign]
    FilePhotoStore.put = slowly  # type: ignore[method-assign]


def crashes_by_itself() -> None:
    """The server ends in the middle of an answer."""
    open_case = Intake.open_case

    def sometimes(*arguments: Any, **more: Any) -> Case:
        if random.random() < OFTEN:
            os._exit(1)
        return open_case(*arguments, **more)

    Intake.open_case = sometimes  # type: ignore[method-assign]


def seals_in_place() -> None:
    """A photo that is sealed anew is gone for a moment."""

    def reseal(store: FilePhotoStore, key: str) -> bool:
        data = store.get(key)
        store.erase(key)
        time.sleep(LATER / 4)
        store.put(data, key)
        return True

    FilePhotoStore.reseal = reseal  # type: ignore[method-assign]


def names_a_backup_before_it_is_whole() -> None:
    """It lies where backups lie from its first file on."""

    def finish(folder: BackupFolder, draft: Path, backup_id: str) -> None:
        made = draft.with_name(backup_id)
        made.mkdir(mode=0o700)
        for each in sorted(draft.iterdir()):
            time.sleep(LATER)
            each.rename(made / each.name)
        draft.rmdir()

    BackupFolder.finish = finish  # type: ignore[method-assign]


def starts_on_half_a_restore() -> None:
    bootstrap.refuse_unfinished = lambda _: None  # type: ignore[attr-defined]


def counts_rows_before_it_keeps_them() -> None:
    """An import notes how far it has come, and its rows come a moment later."""
    bring = Importing._portion

    def later(importing: Any, sent: Any, run: ImportRun, portion: Any) -> ImportRun:
        early = replace(run, rows_done=portion.last)
        with importing._store.transaction() as records:
            records.imports.save(early)
        time.sleep(LATER)
        return bring(importing, sent, early, portion)

    Importing._portion = later  # type: ignore[method-assign]


PLANTS: Final[dict[str, Callable[[], None]]] = {
    each.__name__: each
    for each in (
        *(loses_a_commit, skips_a_row_of_the_audit),
        *(answers_before_it_saves, writes_the_file_after_the_row, forgets_what_it_noted, crashes_by_itself),
        *(seals_in_place, names_a_backup_before_it_is_whole, starts_on_half_a_restore, counts_rows_before_it_keeps_them),
    )
}
SERVED: Final = ("uploads", "judgements", "worker", "erasure", "reindex")
FOUND_AS: Final[dict[str, tuple[Sequence[str], str]]] = {
    "loses_a_commit": (["uploads"], "was acknowledged and is lost"),
    "skips_a_row_of_the_audit": (["uploads", "judgements"], "lines in the audit|no row of the audit"),
    "answers_before_it_saves": (SERVED, "was acknowledged and is lost"),
    "writes_the_file_after_the_row": (SERVED, "row_without_file"),
    "forgets_what_it_noted": (SERVED, "file_without_row"),
    "crashes_by_itself": (SERVED, "by itself"),
    "seals_in_place": (["keys"], "row_without_file"),
    "names_a_backup_before_it_is_whole": (["backup"], "There is no backup in|ended with"),
    "starts_on_half_a_restore": (["restore"], "half of a restore|tracing check ended with"),
    "counts_rows_before_it_keeps_them": (["import"], "the list has 40 rows"),
}
"""Each with the ways of killing among which it is looked for, and what the harness says."""


def plant(name: str) -> None:
    PLANTS[name]()
