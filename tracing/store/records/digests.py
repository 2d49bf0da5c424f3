"""Digests of a source's name for a record, keyed so that neither can be read, nor guessed without the key."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from sqlalchemy import Connection, select

from tracing.domain import Source
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.rows import upsert
from tracing.store.tables import keepout_salts
from tracing.store.text import canonical_json

SALT_BYTES: Final = 32


class SourceDigests:
    """The key is a row of its own, so that a new key of the service does not make the digests worthless.

    ``use`` keeps digests of different uses apart: from what keeps somebody out no hit can be found.
    """

    def __init__(self, connection: Connection, keyring: Keyring, use: str = "") -> None:
        self._connection = connection
        self._keyring = keyring
        self._use = [use] if use else []

    @property
    def begun(self) -> bool:
        """Whether there is a key, and so perhaps a digest."""
        return self._salt() is not None

    def begin(self) -> bytes:
        """Make the key where there is none."""
        return self._salt() or self._new_salt()

    def of(self, *sources: Source) -> list[str]:
        salt = self.begin()
        named = (canonical_json([*self._use, each.source, each.source_id]).encode() for each in sources)
        return [hmac.digest(salt, each, "sha256").hex() for each in named]

    def _salt(self) -> bytes | None:
        sealed = self._connection.execute(select(keepout_salts.c.sealed)).scalar_one_or_none()
        return None if sealed is None else self._keyring.open(sealed, context_of(keepout_salts))

    def _new_salt(self) -> bytes:
        """Of two processes that make the first one at once both go on with the same."""
        sealed = self._keyring.seal(secrets.token_bytes(SALT_BYTES), context_of(keepout_salts))
        self._connection.execute(upsert(self._connection, keepout_salts).values(one=1, sealed=sealed).on_conflict_do_nothing())
        salt = self._salt()
        assert salt is not None  # noqa: S101 -- for the type checker: the row has just been written
        return salt
