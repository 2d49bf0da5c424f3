"""Sealing: what must not be readable on a stolen disk - photos, templates, contacts - and the keys in hand for it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracing.errors import Damaged, Misconfigured
from tracing.store.text import canonical_json

KEY_BYTES: Final = 32
FORMAT: Final = b"\x01"
ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
NAMED: Final = len(FORMAT) + ID_BYTES
"""So many bytes at the beginning of whatever is sealed say with which key."""
HEADER: Final = NAMED + NONCE_BYTES


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys at one moment: one that seals, older ones that still open, and what other secrets are derived from."""

    current: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    root: bytes = field(default=b"", repr=False)


class KeySource(Protocol):
    """Where keys come from that another process may change."""

    def newer(self) -> Keys | None:
        """The keys, if they are others than those that were last given; None where nothing has changed."""
        ...


class Keyring:
    """One current key and older ones that still open what they sealed (AES-256-GCM); safe to share between threads.

    With a ``source`` it follows what another process does to the keys: before it seals, and when it meets an unknown key.
    """

    def __init__(self, current: bytes, older: Sequence[bytes] = (), root: bytes = b"", source: KeySource | None = None) -> None:
        self._held = _Held(Keys(current, tuple(older), root))
        self._source = source

    def seal(self, data: bytes, context: str) -> bytes:
        """Encrypt and sign. ``context`` says what the data are, so that sealed bytes cannot stand in for others.

        Layout: format (1 byte), key id (4), nonce (12), ciphertext with its tag.
        """
        self._follow()
        held, nonce = self._held, secrets.token_bytes(NONCE_BYTES)
        ciphertext = held.ciphers[held.current].encrypt(nonce, data, context.encode())
        return FORMAT + held.current + nonce + ciphertext

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. ``Damaged`` for an unknown key, another context, or a single altered bit."""
        cipher = self._cipher(sealed) if sealed[: len(FORMAT)] == FORMAT else None
        if cipher is None:
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
        """32 bytes for another use, which say nothing of the keys; every process gets the same, also after a rotation."""
        return hmac.digest(self._held.root, purpose.encode(), "sha256")

    def knows(self, sealed: bytes) -> bool:
        """Whether the key that sealed this is here."""
        return self._cipher(sealed) is not None

    def mark(self) -> bytes:
        """How everything begins that is sealed from now on, until the keys are changed."""
        self._follow()
        return FORMAT + self._held.current

    def _cipher(self, sealed: bytes) -> AESGCM | None:
        key_id = sealed[len(FORMAT) : NAMED]
        if key_id not in self._held.ciphers:
            self._follow()
        return self._held.ciphers.get(key_id)

    def _follow(self) -> None:
        if self._source is not None and (keys := self._source.newer()) is not None:
            self._held = _Held(keys)


class _Held:
    """Replaced as a whole, so that no thread sees the ciphers of one moment and the current key of another."""

    __slots__ = ("ciphers", "current", "root")

    def __init__(self, keys: Keys) -> None:
        everything = (keys.current, *keys.older)
        if any(len(key) != KEY_BYTES for key in everything):
            raise Misconfigured(f"A key must have {KEY_BYTES} bytes.")
        self.current = key_id(keys.current)
        self.ciphers = {key_id(key): AESGCM(key) for key in everything}
        self.root = keys.root or keys.current


def key_id(key: bytes) -> bytes:
    """What sealed bytes call their key; it says nothing of it."""
    return hashlib.sha256(key).digest()[:ID_BYTES]


def sealed_by(sealed: bytes) -> str:
    """The id of the key that sealed this, from its beginning, as lists of keys show it. Empty for what was never sealed."""
    return sealed[len(FORMAT) : NAMED].hex() if sealed[: len(FORMAT)] == FORMAT and len(sealed) >= NAMED else ""
