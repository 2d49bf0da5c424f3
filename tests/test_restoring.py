"""`python -m tests.restoring` finds what a backup or a restore loses, though they themselves noticed nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.figures import TellFigures
from tests.restoring import run, wrong
from tracing.store.backup.databases import SqliteDatabase
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.manifest import Manifest
from tracing.store.backup.restoring import Restoring


@pytest.mark.long
def test_a_house_at_work_is_brought_back_to_the_row(tmp_path: Path, tell_figures: TellFigures) -> None:
    figures = run(tmp_path, 20)
    tell_figures("restoring", figures)
    assert wrong(figures) == []


def test_nothing_is_lost_on_the_way(tmp_path: Path) -> None:
    assert wrong(run(tmp_path, 2)) == []


def a_row(patched: pytest.MonkeyPatch) -> None:
    """The restore counts its rows before it loses one."""
    restore = SqliteDatabase.restore

    def losing(database: SqliteDatabase, source: Path) -> Any:
        counted = restore(database, source)
        with closing(sqlite3.connect(database._path)) as connection, connection:
            connection.execute("DELETE FROM contacts WHERE rowid = (SELECT min(rowid) FROM contacts)")
        return counted

    patched.setattr(SqliteDatabase, "restore", losing)


def a_photo(patched: pytest.MonkeyPatch) -> None:
    """The restore leaves the first one out."""
    bring = Restoring._photos

    class Less(BackupFolder):
        def lines(self, backup: Manifest) -> Any:
            return list(super().lines(backup))[1:]

    patched.setattr(Restoring, "_photos", lambda self, folder, *more: bring(self, Less(folder.folder), *more))


PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "a row": (a_row, "contacts: 1 rows"),
    "a photo": (a_photo, "photo "),
}


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_lost_is_found(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, found = PLANTED[what]
    plant(monkeypatch)
    assert found in "\n".join(wrong(run(tmp_path, 2)))
