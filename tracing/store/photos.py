"""Photo files: sealed, under random names, complete or not there at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from tracing.errors import DiskFull, Misconfigured, NotFound, NotWritable, Unavailable
from tracing.store.folders import make_folder, sync_folder, try_writing, write_new
from tracing.store.keys import NAMED, Keyring, sealed_by

KEY: Final = re.compile(r"[0-9a-f]{32}")
DRAFT: Final = re.compile(r"\.[0-9a-f]{32}\.draft")
LOCK: Final = ".lock"
NO_SPACE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FULL: Final = "The disk for photos is full, so the photo was not saved. Make room, then send it again."
GONE: Final = "The disk for photos is gone from its place. The operator has to look at it; then try again."
READ_ONLY: Final = "Nothing may be written to the disk for photos just now. The operator has to look at it; then send it again."


def random_key() -> str:
    return secrets.token_hex(16)


def photo_keys(folder: Path) -> Iterator[str]:
    """Of the photos in the folder of a store, whoever may open them."""
    for path in _files_in(folder):
        if KEY.fullmatch(path.name) and path == _place(folder, path.name):
            yield path.name


class FilePhotoStore:
    """``PhotoStore`` in a folder: ``ab/cd/abcd...`` for each key, readable by this account only.

    Two levels of folders keep each of them small: with a million photos, a folder holds about fifteen.
    """

    def __init__(self, folder: Path, keyring: Keyring, new_key: Callable[[], str] = random_key, proof: str = "") -> None:
        """``proof``: a file of the folder without which it is not ours, but what shows where its disk is not mounted."""
        self._proof = folder / proof if proof else None
        self._folder = folder
        self._keyring = keyring
        self._new_key = new_key

    def new_key(self) -> str:
        return self._new_key()

    def put(self, data: bytes, key: str = "") -> str:
        """When this returns, the photo survives a power cut. ``DiskFull`` where it does not fit: nothing is left then."""
        self._refuse_another_folder()
        key = key or self._new_key()
        path = self._path(key)
        draft = _draft(path)
        try:
            make_folder(path.parent, above=self._folder)
            try:
                write_new(draft, self._keyring.seal(data, _context(key)))
                draft.rename(path)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
        except OSError as error:
            raise _trouble(error) from error
        return key

    def get(self, key: str) -> bytes:
        try:
            sealed = self._path(key).read_bytes()
        except FileNotFoundError as error:
            self._refuse_another_folder()
            raise NotFound("There is no such photo file.") from error
        except OSError as error:
            raise _trouble(error) from error
        return self._keyring.open(sealed, _context(key))

    def erase(self, key: str) -> bool:
        """The file is unlinked, not overwritten: what stays on the disk's surface is sealed. So is what a crash left of it."""
        self._refuse_another_folder()  # or it would be taken for erased, and come back with its disk
        try:
            path = self._path(key)
            with self._alone():
                _draft(path).unlink(missing_ok=True)
                path.unlink()
                sync_folder(path.parent)
        except (NotFound, FileNotFoundError):
            return False
        except OSError as error:
            raise _trouble(error) from error
        return True

    def sealed_by(self, key: str) -> str:
        """The id of the key that this photo is sealed with. ``NotFound`` where it is gone."""
        return sealed_by(self._beginning(key))

    def reseal(self, key: str) -> bool:
        """Seal with the current key what was sealed with another; whether there was anything to do.

        Who reads meanwhile gets the photo all the time; one that is erased meanwhile stays erased.
        """
        try:
            if self._beginning(key) == self._keyring.mark():
                return False
            path = self._path(key)
            draft = _draft(path)
            draft.unlink(missing_ok=True)
            try:
                write_new(draft, self._keyring.seal(self.get(key), _context(key)))
                with self._alone():
                    if not path.exists():
                        return False
                    draft.rename(path)
                    sync_folder(path.parent)
            finally:
                draft.unlink(missing_ok=True)
        except NotFound:
            return False
        except OSError as error:
            raise _trouble(error) from error
        return True

    def try_writing(self) -> None:
        """``DiskFull`` where not even a small photo fits. The folder above where no photo has made this one yet."""
        self._refuse_another_folder()
        try:
            try_writing(self._folder if self._folder.exists() else self._folder.parent)
        except OSError as error:
            raise _trouble(error) from error

    def keys(self) -> Iterator[str]:
        """In no order; a file that is being written is not among them."""
        return photo_keys(self._folder)

    def sweep(self, older_than: datetime) -> int:
        """Remove drafts that a crash left behind, last written before this moment; how many there were."""
        limit = older_than.timestamp()
        swept = 0
        for path in _files_in(self._folder):
            if DRAFT.fullmatch(path.name) and path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _refuse_another_folder(self) -> None:
        if self._proof is not None and not self._proof.exists():
            raise Unavailable(GONE)

    def _beginning(self, key: str) -> bytes:
        try:
            with self._path(key).open("rb") as file:
                return file.read(NAMED)
        except FileNotFoundError as error:
            raise NotFound("There is no such photo file.") from error
        except OSError as error:
            raise _trouble(error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Of all processes on this folder: without it, sealing anew could bring back a photo that is erased at this moment."""
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            yield  # no folder, so there is nothing in it
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _path(self, key: str) -> Path:
        """``NotFound`` for whatever is not a key, so that no key leads out of the folder."""
        if not KEY.fullmatch(key):
            raise NotFound("There is no such photo file.")
        return _place(self._folder, key)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _context(key: str) -> str:
    return f"photo:{key}"


def _trouble(error: OSError) -> Unavailable | Misconfigured:
    if error.errno in NO_SPACE:
        return DiskFull(FULL)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotWritable(READ_ONLY)
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return Misconfigured(f"The folder for photos cannot be used: {error.strerror}. Check its owner and permissions.")
    return Unavailable(f"The disk for photos does not answer as it should: {error.strerror}.")


def _files_in(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")
    except OSError as error:
        raise _trouble(error) from error


def _place(folder: Path, key: str) -> Path:
    return folder / key[:2] / key[2:4] / key
