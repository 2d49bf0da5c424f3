"""The erasure ledger: a file outside database and backups that follows the audit, so that no backup brings anybody back."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tracing.domain import UNSHARED, LetGo
from tracing.errors import Damaged, TracingError, Unavailable
from tracing.gallery import ERASED, GIVEN_BACK, WITHDRAWN
from tracing.ports import RecordStore
from tracing.store.folders import make_folder, sync_folder

log = logging.getLogger(__name__)

FILE: Final = "erased.jsonl"
ACTIONS: Final = (ERASED, WITHDRAWN, GIVEN_BACK, UNSHARED)
RESTORED: Final = "restore"
"""Marks where the audit was set back: its rows are counted from there again."""
PORTION: Final = 1000
SUM: Final = "sum"
TOLD: Final = {field.name for field in fields(LetGo)}


class ErasureLedger:
    """Lines are only added, each durable before anybody is told that the data are gone for good."""

    def __init__(self, file: Path, store: RecordStore) -> None:
        self.file = file
        self._store = store
        self._position: int | None = None

    def follow(self) -> int:
        """Add what the audit has of late, here and in the folders of backups that can be reached; how many lines those are.

        ``Unavailable`` where the file cannot be written: the next call adds them.
        """
        with self._reached():
            return self._follow()

    def _follow(self) -> int:
        if self._position is None:
            # What a line said that cannot be read any more is written anew, as far as the audit knows it.
            self._position = 0 if self._spoiled(self.file) else self._last()
            self._share_with_all()  # the process before may have ended between this file and those
        added = 0
        while portion := self._follow_on(self._position):
            added += portion
        return added

    def _follow_on(self, after: int) -> int:
        with self._store.reading() as records:
            head, _ = records.audit.head()
            events = records.audit.of_actions(ACTIONS, after, PORTION)
            folders = {each.folder for each in records.backups.since()} if events else set()
        steps = [LetGo(event.seq, event.at, event.action, event.subject, "keepout_id" in event.detail) for event in events]
        if steps:
            add_lines(self.file, steps)
            for folder in sorted(folders):
                _add_if_there(Path(folder), steps)
        self._position = events[-1].seq if len(events) == PORTION else head
        return len(steps)

    def keep_up(self) -> None:
        """``follow`` for who has just let somebody go, which is done whether the ledger can be written or not."""
        try:
            self.follow()
        except TracingError as error:
            log.error("a worker adds it later: %s", error)

    def _share_with_all(self) -> None:
        steps = list(steps_in(self.file))
        with self._store.reading() as records:
            folders = {each.folder for each in records.backups.since()} if steps else set()
        for folder in sorted(folders):
            _add_if_there(Path(folder), steps)

    def share(self, folder: Path) -> None:
        """Tell a folder of backups everything that is known, also what happened while it could not be reached."""
        self.follow()
        add_lines(folder / FILE, list(steps_in(self.file)))

    def set_back(self, at: datetime) -> None:
        """A backup was brought back: what its audit says from here on is new, whatever the numbers."""
        with self._store.reading() as records:
            head, _ = records.audit.head()
        with self._reached():
            add_lines(self.file, [LetGo(head, at, RESTORED, "")])
        self._position = head

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(
                f"The list of erased cases {self.file} cannot be written: {error.strerror}. Whoever is not in it would come "
                "back with a backup."
            ) from error

    def spoiled(self) -> list[str]:
        """Lines that cannot be read, here and in folders of backups that can be reached: each as the file and its number."""
        with self._store.reading() as records:
            folders = {each.folder for each in records.backups.since()}
        return [line for file in (self.file, *(Path(each) / FILE for each in sorted(folders))) for line in self._spoiled(file)]

    @staticmethod
    def _spoiled(file: Path) -> list[str]:
        return [f"{file}:{number}" for number, step in _lines_in(file) if step is None]

    def _last(self) -> int:
        last = 0
        for step in steps_in(self.file):
            last = step.seq
        return last


def steps_in(file: Path) -> Iterator[LetGo]:
    """In the order of writing, without the lines that cannot be read; ``every_step_in`` refuses those."""
    return (step for _, step in _lines_in(file) if step is not None)


def every_step_in(file: Path) -> list[LetGo]:
    """For a restore: ``Damaged`` where a line cannot be read, for it may name somebody who would come back."""
    steps = []
    for number, step in _lines_in(file):
        if step is None:
            raise Damaged(
                f"Line {number} of {file} cannot be read: it may name somebody who was erased, and would come back. "
                "Put a copy of the file in its place, or mend the line."
            )
        steps.append(step)
    return steps


def _lines_in(file: Path) -> Iterator[tuple[int, LetGo | None]]:
    """Each line by its number, and what it says; None where that cannot be read.

    A last line that a power cut has torn is left out: nobody was told yet that its person is gone.
    """
    try:
        *lines, last = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for number, line in enumerate([*lines, *([] if _is_torn(last) else [last])], 1):
        if line.strip():
            yield number, _step(line)


def _is_torn(line: bytes) -> bool:
    return b"}" not in line


def _step(line: bytes) -> LetGo | None:
    """What a line says; also one of before, which has no sum of its own yet."""
    try:
        plain: dict[str, Any] = json.loads(line)
        if plain.keys() != TOLD and (plain.pop(SUM) != _sum(plain) or plain.keys() != TOLD):
            return None
        at = datetime.fromisoformat(plain["at"])
        return LetGo(int(plain["seq"]), at, str(plain["action"]), str(plain["case_id"]), bool(plain["kept_out"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def add_lines(file: Path, steps: Iterable[LetGo]) -> None:
    """Those that are not in it yet. Several processes follow the same audit: one of them writes at a time."""
    make_folder(file.parent, above=file.parent)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        there = {(step.at, step.action, step.case_id) for step in steps_in(file)}
        new = [step for step in steps if (step.at, step.action, step.case_id) not in there]
        first = not os.fstat(descriptor).st_size
        _append(descriptor, b"".join(_line(step) for step in new))
        if first:
            sync_folder(file.parent)
    finally:
        os.close(descriptor)


def _append(descriptor: int, lines: bytes) -> None:
    """Whole lines or none. A disk that fills takes a part of them without a word, and half a line would stop every restore."""
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    whole = content.rfind(b"\n") + 1
    if _is_torn(content[whole:]):
        os.ftruncate(descriptor, whole)
    else:
        lines = b"\n" + lines
    size = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, lines)
        if written < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _add_if_there(folder: Path, steps: list[LetGo]) -> None:
    try:
        if folder.is_dir():
            add_lines(folder / FILE, steps)
    except OSError as error:
        log.warning("the backups in %s were not told of an erasure: %s. The next backup tells them.", folder, error)


def _line(step: LetGo) -> bytes:
    told = asdict(step) | {"at": step.at.isoformat()}
    return json.dumps(told | {SUM: _sum(told)}).encode() + b"\n"


def _sum(told: dict[str, Any]) -> str:
    """Of what a line tells, so that a byte that the disk has changed is noticed: another id would let somebody come back."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
