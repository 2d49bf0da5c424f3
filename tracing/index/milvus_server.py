"""The way to Milvus: its address, its library, and its failures in words of ours."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tracing.errors import Misconfigured, Unavailable

PATIENCE_S: Final = 15.0
"""How long one call may take; a search that waits longer is ``Unavailable`` and comes back by itself."""
CONNECT_S: Final = 5.0
REST_S: Final = 3.0
"""After Milvus could not be reached it is not asked again for so long, so that waiting searches do not wait one by one."""
GONE: Final = 100
"""Milvus' number for a collection that is not there."""
OUT_OF_REACH: Final = ("unavailable", "deadline", "timeout", "retry run out", "fail connecting", "closed channel")
"""Words in what the client says where no answer came."""
FORM: Final = (
    "TRACING_INDEX has to be milvus:http://host:port, milvus:https://user:password@host:port/database, or milvus:./file.db"
)


class Missing(Unavailable):
    """The collection that was asked for is not there."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where Milvus is; ``shown`` may stand in a message, ``uri`` may hold a password."""

    uri: str
    shown: str
    embedded: bool

    def safe(self, said: str) -> str:
        """What Milvus said, without anything of what was said to it to be let in."""
        parts = urlsplit(self.uri)
        for secret in (parts.password, parts.username):
            if secret:
                said = said.replace(secret, "***")
        return said


def parsed(uri: str) -> Address:
    """``Misconfigured`` where it is no address; the message does not repeat it."""
    if "://" not in uri:
        if not uri.endswith(".db") or not Path(uri).absolute().parent.is_dir():
            raise Misconfigured(f"{FORM}, in a folder that exists.")
        return Address(uri, f"the file {uri}", embedded=True)
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise Misconfigured(f"{FORM}.") from None
    path = parts.path.strip("/")
    if parts.scheme not in ("http", "https") or not parts.hostname or "/" in path or parts.query or parts.fragment:
        raise Misconfigured(f"{FORM}.")
    host = f"{parts.hostname}:{port}" if port else parts.hostname
    return Address(uri, f"{host}/{path}" if path else host, embedded=False)


@cache
def load_pymilvus() -> Any:
    try:
        import pymilvus
    except ImportError as error:
        raise Misconfigured(
            "For Milvus, install the extra: pip install 'family-tracing[milvus]', or set TRACING_INDEX to auto."
        ) from error
    # Failures reach us as exceptions; the library would write each into the log a second time, with a traceback.
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return pymilvus


@cache
def server(address: Address) -> MilvusServer:
    """One connection for all indexes of the process."""
    return MilvusServer(address)


class MilvusServer:
    """Connects when it is first asked something, and again after it was lost. Safe for several threads."""

    def __init__(self, address: Address) -> None:
        self._pymilvus = load_pymilvus()
        self._address = address
        self._connecting = threading.Lock()
        # The embedded one must not be asked and written at once; a server may.
        self._turn: AbstractContextManager[object] = threading.RLock() if address.embedded else nullcontext()
        self._client: Any = None
        self._rests_until = 0.0

    def ask(self, method: str, *words: Any, patience: float = PATIENCE_S, **named: Any) -> Any:
        """What the client's method of this name answers.

        ``Missing`` for a collection that is not there; ``Unavailable`` for every other failure, within ``patience`` seconds.
        """
        client = self._connected()
        try:
            with self._turn:
                return getattr(client, method)(*words, timeout=patience, **named)
        except Exception as error:
            raise self._translated(error) from error

    def each(self, collection: str, condition: str, field: str, batch: int) -> list[int]:
        """The field of every row for which the condition holds, however many there are."""
        client = self._connected()
        found: list[int] = []
        named = {"filter": condition, "output_fields": [field], "consistency_level": "Strong", "timeout": PATIENCE_S}
        try:
            with self._turn, closing(client.query_iterator(collection, batch_size=batch, **named)) as pages:
                while page := pages.next():
                    found.extend(row[field] for row in page)
        except Exception as error:
            raise self._translated(error) from error
        return found

    def schema(self) -> Any:
        return self._pymilvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)

    def index_params(self) -> Any:
        return self._pymilvus.MilvusClient.prepare_index_params()

    @property
    def types(self) -> Any:
        return self._pymilvus.DataType

    def _connected(self) -> Any:
        with self._connecting:
            if time.monotonic() < self._rests_until:
                raise self._out_of_reach()
            if self._client is None:
                try:
                    self._client = self._pymilvus.MilvusClient(self._address.uri, timeout=CONNECT_S)
                except Exception as error:
                    raise self._translated(error) from error
            return self._client

    def _translated(self, error: Exception) -> Exception:
        exceptions = self._pymilvus.exceptions
        if not isinstance(error, exceptions.MilvusException) and not type(error).__module__.startswith("grpc"):
            return error  # a mistake of the program
        if getattr(error, "code", None) == GONE or isinstance(error, exceptions.CollectionNotExistException):
            return Missing("The gallery in Milvus is not there any more. It is filled anew at the next search.")
        said = str(getattr(error, "message", ""))
        if isinstance(error, exceptions.ConnectionConfigException) and "milvus-lite is required" in said:
            return Misconfigured("For Milvus in a file, install it: pip install milvus-lite")
        if self._client is None or any(word in said.lower() for word in OUT_OF_REACH):
            self._rests_until = time.monotonic() + REST_S
            return self._out_of_reach()
        return Unavailable(f"Milvus at {self._address.shown} refused what was asked of it: {self._address.safe(said[:200])}")

    def _out_of_reach(self) -> Unavailable:
        if self._address.embedded:
            return Unavailable(f"Milvus cannot open {self._address.shown}: is another process using it? Searches wait for it.")
        return Unavailable(f"Milvus at {self._address.shown} cannot be reached or is too slow. Searches wait until it answers.")
