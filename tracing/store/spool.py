"""Rows of the audit that could not be written: sealed files beside the database, until the audit takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tracing.domain import Event
from tracing.errors import Damaged
from tracing.store.folders import make_folder, sync_folder, write_new
from tracing.store.keys import Keyring

NAME: Final = re.compile(r"[0-9a-f]{32}\.events")
ASIDE: Final = re.compile(r"[0-9a-f]{32}\.damaged")


class AuditSpool:
    """A file for each transaction whose rows had no place, on the disk before the transaction is committed.

    Sealed with a key derived for it alone, which outlives changes of the other keys.
    """

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = Keyring(keyring.derive("audit spool"))

    def keep(self, spool_id: str, events: Iterable[Event]) -> None:
        rows = [_as_json(event) for event in events]
        make_folder(self._folder, above=self._folder)
        write_new(self._path(spool_id), self._keyring.seal_json({"events": rows}, _context(spool_id)))
        sync_folder(self._folder)

    def waiting(self) -> list[str]:
        """The ids of the files, the oldest first."""
        return self._named(NAME)

    def aside(self) -> list[str]:
        """The ids of the files that were set aside, the oldest first."""
        return self._named(ASIDE)

    def events(self, spool_id: str) -> list[Event]:
        """``Damaged`` where somebody has changed the file, or it is not what we write."""
        sealed = self._path(spool_id).read_bytes()
        try:
            held: dict[str, Any] = self._keyring.open_json(sealed, _context(spool_id))
            return [_event(each, spool_id) for each in held["events"]]
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged("Stored data are no rows of the audit.") from error

    def unreadable(self) -> list[str]:
        """Those that wait, and will not be brought in."""
        found = []
        for spool_id in self.waiting():
            try:
                self.events(spool_id)
            except FileNotFoundError:
                continue
            except (Damaged, OSError):
                found.append(spool_id)
        return found

    def set_aside(self, spool_id: str) -> None:
        """It waits no longer, and stays for whoever looks at it."""
        self._path(spool_id).replace(self._folder / f"{spool_id}.damaged")
        sync_folder(self._folder)

    def drop(self, spool_id: str) -> None:
        self._path(spool_id).unlink(missing_ok=True)

    def _named(self, name: re.Pattern[str]) -> list[str]:
        if not self._folder.is_dir():
            return []
        found: list[tuple[int, str]] = []
        for path in self._folder.iterdir():
            if name.fullmatch(path.name):
                with suppress(FileNotFoundError):  # another process has just brought it in
                    found.append((path.stat().st_mtime_ns, path.stem))
        return [spool_id for _, spool_id in sorted(found)]

    def _path(self, spool_id: str) -> Path:
        return self._folder / f"{spool_id}.events"


def _context(spool_id: str) -> str:
    return f"spool:{spool_id}"


def _as_json(event: Event) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "detail": dict(event.detail),
    }


def _event(held: dict[str, Any], spool_id: str) -> Event:
    detail = {**held["detail"], "spooled": spool_id}
    return Event(0, datetime.fromisoformat(held["at"]), held["actor"], held["action"], held["subject"], detail, "", "")
