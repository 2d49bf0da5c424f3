"""The master key: from the environment, or in a file for this account alone. It seals the data keys and nothing else."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from pathlib import Path

from tracing.errors import Misconfigured
from tracing.store.folders import replace_file, sync_folder, write_new
from tracing.store.keys import KEY_BYTES, Keyring
from tracing.store.placeholders import refuse_weak


class MasterKey:
    """Read anew at each call, so that a running process sees a key file that another one has changed.

    Several keys are separated by white space or commas; the first is the current one, the others open what they sealed.
    """

    def __init__(self, env_value: str | None, key_file: Path) -> None:
        self._env_value = (env_value or "").strip()
        self.file = key_file

    @property
    def from_environment(self) -> bool:
        return bool(self._env_value)

    def exists(self) -> bool:
        return self.from_environment or self.file.exists()

    def make(self) -> None:
        """A random key in the file, where there is none. Two processes that start at once end with the same key."""
        if not self.exists():
            _create(self.file)

    def held(self) -> list[bytes]:
        """The current one first. ``Misconfigured`` for text that is no key and for a file that others may read."""
        return _parse(self._env_value, "TRACING_PHOTO_KEY") if self.from_environment else _read(self.file)

    def ring(self) -> Keyring:
        current, *older = self.held()
        return Keyring(current, older)

    def replace(self, keys: Sequence[bytes]) -> None:
        """Write these into the file; at every moment, and after a power cut, it holds the old ones or the new ones.

        What a killed process left half written beside it goes: an old key must not stay there.
        """
        if self.from_environment:
            raise Misconfigured("The master key comes from TRACING_PHOTO_KEY: change it there, the new key before the old one.")
        target = self.file.resolve()  # where the file is a link, what it leads to is changed, and the link stays
        try:
            replace_file(target, b"".join(base64.b64encode(key) + b"\n" for key in keys))
            for left in target.parent.glob(f".{target.name}.{'[0-9a-f]' * 16}"):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise Misconfigured(f"The key file {target} cannot be written: {error}") from error


def keys_in(content: bytes, source: str) -> list[bytes]:
    """As ``MasterKey.held``, of a key file that is not in its place yet."""
    return _parse(content.decode("ascii", "replace"), source)


def _parse(text: str, source: str) -> list[bytes]:
    try:
        keys = [base64.b64decode(part, validate=True) for part in text.replace(",", " ").split()]
    except (binascii.Error, ValueError) as error:
        raise Misconfigured(f"The key in {source} is not base64 text. {_how()}") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise Misconfigured(f"The key in {source} must be {KEY_BYTES} bytes as base64 text. {_how()}")
    for key in keys:
        refuse_weak(key, source)
    return keys


def _how() -> str:
    return "Make one with: openssl rand -base64 32"


def _read(key_file: Path) -> list[bytes]:
    try:
        if key_file.stat().st_mode & 0o077:
            raise Misconfigured(f"Other users can read the key file. Run: chmod 600 {key_file}")
        return _parse(key_file.read_text("ascii"), str(key_file))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"The key file {key_file} cannot be read: {error}") from error


def _create(key_file: Path) -> None:
    """Write a complete file beside it and link it into place: whoever links second finds the first one's key."""
    draft = key_file.with_name(f".{key_file.name}.{secrets.token_hex(8)}")
    try:
        key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_new(draft, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        try:
            link_once(draft, key_file)
        finally:
            draft.unlink()
    except OSError as error:
        raise Misconfigured(f"The key file {key_file} cannot be written: {error}") from error


def link_once(draft: Path, target: Path) -> None:
    """Give the file its name, unless somebody else was faster."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        return
    sync_folder(target.parent)
