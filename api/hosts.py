"""The address that people come by: no other is answered, and it says whether they come by https."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import OTHER_NAME, problem
from tracing.loopback import is_loopback

FOR_MACHINES: Final = ("/health/", "/metrics")
"""Asked by address, from within: they look at no cookie."""


class OwnHost:
    """With a public address, requests for another host are refused (421), save those for the machine itself.

    Requests for it count as coming by its scheme, whatever the proxy in front passes on: so cookies are kept from plain
    http, and forms of our own pages are known as ours. Without a public address nothing is looked at.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        parts = urlsplit(public_url)
        self._host, self._scheme = parts.netloc.lower(), parts.scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._host:
            host = Headers(scope=scope).get("host", "").lower()
            if host == self._host:
                scope["scheme"] = self._scheme
            elif not _is_this_machine(host) and not scope["path"].startswith(FOR_MACHINES):
                await problem(HTTPStatus.MISDIRECTED_REQUEST, OTHER_NAME, "other-host")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_this_machine(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
