"""How the provider is called: by https, for a bounded time, and no more of its answer is read than an answer has."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from httpx2 import BaseTransport, ByteStream, HTTPError, HTTPTransport, InvalidURL, ReadError, Request, Response

from tracing.loopback import is_loopback

__all__ = ["HTTPError", "InvalidURL", "bounded", "is_safe"]

MOST_BYTES: Final = 1 << 20
MOST_SECONDS: Final = 10.0
STEP_SECONDS: Final = 5.0


def is_safe(address: str) -> bool:
    """Whether it is https, or on this very machine, where nobody listens in between."""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    except ValueError:
        return False


def bounded(verify: ssl.SSLContext) -> BaseTransport:
    return Bounded(HTTPTransport(verify=verify, trust_env=False))


class Bounded(BaseTransport):
    """A provider that drips or floods is one that does not answer."""

    def __init__(self, inner: BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: Request) -> Response:
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
        request.headers["Accept-Encoding"] = "identity"
        until = time.monotonic() + MOST_SECONDS
        answer = self._inner.handle_request(request)
        try:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ReadError("packed, and nobody knows how much it is")
            body = b"".join(_within(answer, until))
        finally:
            answer.close()
        return Response(answer.status_code, headers=answer.headers, stream=ByteStream(body), extensions=answer.extensions)

    def close(self) -> None:
        self._inner.close()


def _within(answer: Response, until: float) -> Iterator[bytes]:
    read = 0
    for part in answer.iter_raw():
        read += len(part)
        if read > MOST_BYTES or time.monotonic() > until:
            raise ReadError("too much, or too slow")
        yield part
