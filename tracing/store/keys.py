"""The keys that seal what must not be readable in a stolen disk: photos, templates, contacts."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracing.errors import Damaged, Misconfigured
from tracing.store.folders import sync_folder, write_new
from tracing.store.text import canonical_json

KEY_BYTES: Final = 32
FORMAT: Final = b"\x01"
ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
HEADER: Final = len(FORMAT) + ID_BYTES + NONCE_BYTES


class Keyring:
    """One current key and older ones that still open what they sealed (AES-256-GCM)."""

    def __init__(self, current: bytes, older: Sequence[bytes] = ()) -> None:
        if any(len(key) != KEY_BYTES for key in (current, *older)):
            raise Misconfigured(f"A key must have {KEY_BYTES} bytes.")
        self._current = _key_id(current)
        self._root = current
        self._ciphers = {_key_id(key): AESGCM(key) for key in (current, *older)}

    def seal(self, data: bytes, context: str) -> bytes:
        """Encrypt and sign. ``context`` says what the data are, so that sealed bytes cannot stand in for others.

        Layout: format (1 byte), key id (4), nonce (12), ciphertext with its tag.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        ciphertext = self._ciphers[self._current].encrypt(nonce, data, context.encode())
        return FORMAT + self._current + nonce + ciphertext

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. ``Damaged`` for an unknown key, another context, or a single altered bit."""
        cipher = self._ciphers.get(sealed[len(FORMAT) : len(FORMAT) + ID_BYTES])
        if sealed[: len(FORMAT)] != FORMAT or cipher is None:
            raise Damaged("Stored data were sealed with a key that is not here.")
        try:
            return cipher.decrypt(sealed[HEADER - NONCE_BYTES : HEADER], sealed[HEADER:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged("Stored data do not verify: they were altered.") from error

    def seal_json(self, value: Any, context: str) -> bytes:
        """As ``seal``, of a value in the one spelling of JSON. ``Invalid`` for text that no database could keep."""
        return self.seal(canonical_json(value).encode(), context)

    def open_json(self, sealed: bytes, context: str) -> Any:
        """As ``open``, of what ``seal_json`` has sealed."""
        return json.loads(self.open(sealed, context))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use, which say nothing of the key; every process with this key gets the same."""
        return hmac.digest(self._root, purpose.encode(), "sha256")

    def knows(self, sealed: bytes) -> bool:
        """Whether the key that sealed this is here."""
        return sealed[len(FORMAT) : len(FORMAT) + ID_BYTES] in self._ciphers


def load_keyring(env_value: str | None, key_file: Path) -> Keyring:
    """The keys from base64 text, or else from the file, which is made with a random key where there is none.

    Several keys are separated by white space or commas; the first is the current one. Two processes that start
    at once end with the same key. ``Misconfigured`` for text that is no key and for a file that others may read.
    """
    if env_value is not None and env_value.strip():
        return _parse(env_value, "the setting")
    if not key_file.exists():
        _create(key_file)
    return _read(key_file)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:ID_BYTES]


def _parse(text: str, source: str) -> Keyring:
    try:
        keys = [base64.b64decode(part, validate=True) for part in text.replace(",", " ").split()]
    except (binascii.Error, ValueError) as error:
        raise Misconfigured(f"The key in {source} is not base64 text.") from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise Misconfigured(f"The key in {source} must be {KEY_BYTES} bytes as base64 text.")
    return Keyring(keys[0], keys[1:])


def _read(key_file: Path) -> Keyring:
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
            _link(draft, key_file)
        finally:
            draft.unlink()
    except OSError as error:
        raise Misconfigured(f"The key file {key_file} cannot be written: {error}") from error


def _link(draft: Path, key_file: Path) -> None:
    try:
        key_file.hardlink_to(draft)
    except FileExistsError:
        return
    sync_folder(key_file.parent)
