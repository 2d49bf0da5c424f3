"""The data keys: what seals photos and rows, kept beside the photos in a file that only the master key opens."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tracing.errors import Damaged, Misconfigured
from tracing.ports import Clock
from tracing.store.folders import replace_file, write_new
from tracing.store.key_files import MasterKey, link_once
from tracing.store.keys import KEY_BYTES, Keyring, Keys, key_id

log = logging.getLogger(__name__)

FILE: Final = "data.keys"
ROOT: Final = "root"


@dataclass(frozen=True, slots=True)
class DataKey:
    """``retired_at``: from when on nobody seals with it any more; it opens until it is destroyed."""

    made_at: datetime
    secret: bytes = field(repr=False)
    retired_at: datetime | None = None

    @property
    def key_id(self) -> str:
        return key_id(self.secret).hex()


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The current one last. ``unfinished``: a rotation has begun whose sealing anew is not done."""

    keys: tuple[DataKey, ...]
    root: bytes = field(repr=False)
    unfinished: bool = False

    @property
    def current(self) -> DataKey:
        return self.keys[-1]

    def with_new(self, now: datetime) -> DataKeys:
        """A new key seals from now on; the one before is retired."""
        retired = tuple(each if each.retired_at else replace(each, retired_at=now) for each in self.keys)
        taken = {each.key_id for each in self.keys}
        new = next(each for each in iter(lambda: new_key(now), None) if each.key_id not in taken)
        return replace(self, keys=(*retired, new), unfinished=True)


def new_key(now: datetime) -> DataKey:
    return DataKey(now, secrets.token_bytes(KEY_BYTES))


class DataKeyFile:
    """Written by whoever holds the rotation, read by every process: also those that were started before the last change."""

    def __init__(self, folder: Path, master: MasterKey, clock: Clock) -> None:
        self.path = folder / FILE
        self._master = master
        self._clock = clock
        self._guard = threading.Lock()
        self._seen: tuple[int, ...] | None = None

    def keyring(self) -> Keyring:
        """The keys of this service, made where there are none. It follows every later change of the file."""
        self._seen = self._signature()
        keys = self._keys()
        return Keyring(keys.current, keys.older, keys.root, self)

    def ensure(self) -> None:
        """Make the file, and the master key too, for a service that begins. ``Misconfigured`` where one of the two is lost."""
        if self.path.exists():
            if not self._master.exists():
                raise Misconfigured(
                    f"The master key {self._master.file} is missing, and {self.path} opens with no other. Put it back, "
                    "with mode 600, from where you keep your keys, or set TRACING_PHOTO_KEY."
                )
            return
        self._master.make()
        first = DataKeys((new_key(self._clock()),), secrets.token_bytes(KEY_BYTES))
        draft = self.path.with_name(f".{FILE}.{secrets.token_hex(8)}")
        try:
            write_new(draft, self._locked(first, self._master.ring()))
            try:
                link_once(draft, self.path)
            finally:
                draft.unlink()
        except OSError as error:
            raise Misconfigured(f"The file of data keys {self.path} cannot be written: {error}") from error

    def read(self) -> DataKeys:
        """``Misconfigured`` where the master key does not open them, or others may read the file."""
        try:
            if self.path.stat().st_mode & 0o077:
                raise Misconfigured(f"Other users can read the data keys. Run: chmod 600 {self.path}")
            return self._opened(json.loads(self.path.read_bytes()))
        except Damaged as error:
            raise Misconfigured(
                f"The data keys in {self.path} were locked with another master key. Put that key back, or set it in "
                "TRACING_PHOTO_KEY after the new one."
            ) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Misconfigured(
                f"The file of data keys {self.path} cannot be read: {error}. Bring it back from a backup."
            ) from error

    def write(self, keys: DataKeys) -> None:
        """At every moment, and after a power cut, the file holds the old ones or the new, locked with the current master."""
        replace_file(self.path, self._locked(keys, self._master.ring()))

    def newer(self) -> Keys | None:
        """See ``KeySource``: costs a look at the file's time and size. What cannot be read now is tried again the next time."""
        signature = self._signature()
        if signature == self._seen or signature is None:
            return None
        with self._guard:
            if signature == self._seen:
                return None
            try:
                keys = self._keys()
            except Misconfigured as error:
                log.error("changed keys cannot be taken over, so the old ones stay in use: %s", error)
                return None
            self._seen = signature
            return keys

    def _keys(self) -> Keys:
        """The master keys are among the older ones: before there were data keys, they sealed the data themselves."""
        keys = self.read()
        older = [each.secret for each in keys.keys[:-1]]
        return Keys(keys.current.secret, (*older, *self._master.held()), keys.root)

    def _signature(self) -> tuple[int, ...] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _locked(self, keys: DataKeys, master: Keyring) -> bytes:
        lines = [_line(each) | {"locked": _text(master.seal(each.secret, _context(_line(each))))} for each in keys.keys]
        root = {"locked": _text(master.seal(keys.root, ROOT))}
        stored = {"format": 1, "keys": lines, ROOT: root, "unfinished": keys.unfinished}
        return json.dumps(stored, indent=1).encode() + b"\n"

    def _opened(self, stored: dict[str, Any]) -> DataKeys:
        master = self._master.ring()
        keys = tuple(_data_key(each, master) for each in stored["keys"])
        if not keys or any(each.key_id != line["key_id"] for each, line in zip(keys, stored["keys"], strict=True)):
            raise ValueError("the keys in it are not those that it names")
        return DataKeys(keys, master.open(base64.b64decode(stored[ROOT]["locked"]), ROOT), bool(stored["unfinished"]))


def _line(key: DataKey) -> dict[str, Any]:
    retired = None if key.retired_at is None else key.retired_at.isoformat()
    return {"key_id": key.key_id, "made_at": key.made_at.isoformat(), "retired_at": retired}


def _data_key(line: dict[str, Any], master: Keyring) -> DataKey:
    secret = master.open(base64.b64decode(line["locked"]), _context(line))
    retired = line["retired_at"]
    return DataKey(datetime.fromisoformat(line["made_at"]), secret, datetime.fromisoformat(retired) if retired else None)


def _context(line: dict[str, Any]) -> str:
    """The dates are bound as well: nobody makes a retired key current by hand."""
    return f"data key:{line['key_id']}:{line['made_at']}:{line['retired_at']}"


def _text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()
