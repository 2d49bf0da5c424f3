"""Galleries on disk, so that a process need not fill them from the records: sealed, complete, and thrown away in any doubt."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.errors import Damaged
from tracing.keeping import Shelved
from tracing.store.folders import make_folder, sync_folder
from tracing.store.keys import Keyring

log = logging.getLogger(__name__)

LENGTH: Final = struct.Struct(">Q")
LARGEST: Final = 1 << 30
"""Bytes of one sealed part; a length beyond was never written by us."""
SUFFIX: Final = ".gallery"
DRAFT: Final = ".draft"
TYPES: Final = frozenset({"<f4", "<f2", "<i8", "<i4", "|u1", "|S64"})


class FileShelf:
    """A ``GalleryShelf`` in a folder, one file per name; several processes may share it, and the last one to save wins."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def save(self, name: str, facts: Mapping[str, Any], arrays: Mapping[str, Iterable[NDArray[Any]]]) -> None:
        draft = self._path(name).with_name(f".{secrets.token_hex(8)}{DRAFT}")
        try:
            make_folder(self._folder, above=self._folder)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                self._write(file, name, facts, arrays)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path(name))
            sync_folder(self._folder)
        except BaseException:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise

    def load(self, name: str) -> Shelved | None:
        try:
            with self._path(name).open("rb") as file:
                return self._read(file, name)
        except FileNotFoundError:
            return None
        except (OSError, Damaged, ValueError, KeyError, TypeError, MemoryError) as error:
            log.warning("a gallery on disk does not verify and is thrown away: %s", error)
            self.discard(name)
            return None

    def holds(self, name: str) -> bool:
        return self._path(name).is_file()

    def discard(self, name: str) -> None:
        with suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def discard_all(self) -> None:
        """Also what a killed process left half written, and what another one is writing: it is kept the next time."""
        for path in (*self._folder.glob(f"*{SUFFIX}"), *self._folder.glob(f".*{DRAFT}")):
            path.unlink(missing_ok=True)

    def _write(
        self, file: IO[bytes], name: str, facts: Mapping[str, Any], arrays: Mapping[str, Iterable[NDArray[Any]]]
    ) -> None:
        """Every part is bound to its place in this very file, and the last one says that nothing is missing."""
        ticket = secrets.token_hex(16)
        self._put(file, json.dumps({"ticket": ticket, "facts": facts}).encode(), f"gallery:{name}")
        number = 0
        for key, portions in arrays.items():
            for portion in portions:
                plain = np.ascontiguousarray(portion)
                head = json.dumps([key, plain.dtype.newbyteorder("<").str, plain.shape]).encode()
                self._put(file, LENGTH.pack(len(head)) + head + plain.tobytes(), _context(name, ticket, number))
                number += 1
        self._put(file, b"", _context(name, ticket, number))

    def _read(self, file: IO[bytes], name: str) -> Shelved:
        first = json.loads(self._keyring.open(_sealed(file), f"gallery:{name}"))
        found: dict[str, list[NDArray[Any]]] = {}
        for key, portion in self._portions(file, name, first["ticket"]):
            found.setdefault(key, []).append(portion)
        return Shelved(first["facts"], found)

    def _portions(self, file: IO[bytes], name: str, ticket: str) -> Iterator[tuple[str, NDArray[Any]]]:
        number = 0
        while plain := self._keyring.open(_sealed(file), _context(name, ticket, number)):
            (length,) = LENGTH.unpack_from(plain)
            key, kind, shape = json.loads(plain[LENGTH.size : LENGTH.size + length])
            if kind not in TYPES:
                raise Damaged("A gallery on disk holds values of an unknown kind.")
            yield key, np.frombuffer(plain, kind, offset=LENGTH.size + length).reshape(shape)
            number += 1

    def _put(self, file: IO[bytes], plain: bytes, context: str) -> None:
        sealed = self._keyring.seal(plain, context)
        file.write(LENGTH.pack(len(sealed)))
        file.write(sealed)

    def _path(self, name: str) -> Path:
        return self._folder / (re.sub(r"[^A-Za-z0-9_-]", "_", name) + SUFFIX)


def _context(name: str, ticket: str, number: int) -> str:
    return f"gallery:{name}:{ticket}:{number}"


def _sealed(file: IO[bytes]) -> bytes:
    head = file.read(LENGTH.size)
    if len(head) < LENGTH.size or (length := LENGTH.unpack(head)[0]) > LARGEST:
        raise Damaged("A gallery on disk is incomplete.")
    sealed = file.read(length)
    if len(sealed) < length:
        raise Damaged("A gallery on disk is incomplete.")
    return sealed
