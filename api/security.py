"""What every answer and every sign-in needs: headers, the session cookie, and tokens against forged forms."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.errors import NotAllowed
from tracing.loopback import is_loopback

SESSION_COOKIE: Final = "tracing_session"
LOGIN_COOKIE: Final = "tracing_login"
SIGN_ON_COOKIE: Final = "tracing_sign_on"
PROVIDER_COOKIE: Final = "tracing_by_provider"
_WITH_PORT: Final = re.compile(r"(?:\[(.+)\]|([^:]+))(?::\d+)?")
FORM_FIELD: Final = "csrf"
FORM_HOURS: Final = 12

# No script, style, picture or form leads anywhere but here; blob: is the preview of a photo that is not yet sent.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin, because no-referrer would blank the Origin of our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}

LASTING_TLS: Final = "max-age=31536000"
"""Whoever came by https comes by it from now on."""


class SecurityHeaders:
    """Puts the headers on every answer, also on errors; whatever is not said to be cacheable is not stored by anybody."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", LASTING_TLS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def address_of(request: Request) -> str:
    """Where the request comes from, as the server or a trusted proxy says; empty where nobody knows.

    Of an IPv6 address the network of its house: who has one such address has all of that network. An IPv4 address that a
    proxy writes as IPv6 (``::ffff:203.0.113.9``) is the one it is: all of them are of one network. The port that some proxies
    write behind it is another one for each connection, and is left out.
    """
    host = request.client.host if request.client is not None else ""
    try:
        found = _WITH_PORT.fullmatch(host)
        address = ipaddress.ip_address(host if found is None else found[1] or found[2])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie no script can read and no other site can send. Only on loopback may it travel without TLS."""
    secure = not _on_plain_loopback(request)
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def _on_plain_loopback(request: Request) -> bool:
    return is_loopback(request.url.hostname or "") and request.url.scheme == "http"


class ForeignForm(NotAllowed):
    """A form of ours, but of another session or too old."""


class FormTokens:
    """A token ties a form to the browser that it was shown to, so that no other site can make that browser send it."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="form")

    def issue(self, cookie: str) -> str:
        """For a form shown to the browser that holds this cookie."""
        return str(self._serializer.dumps(cookie[:16]))

    def are_ours(self, request: Request, token: str) -> bool:
        """Whether the form was shown by us, to whomever and whenever, and is not sent from another site.

        Enough to show the person what it holds; not enough to do what it asks.
        """
        try:
            self._serializer.loads(token)
        except BadSignature:
            return False
        return request.headers.get("origin") in (None, _own(request))

    def check(self, request: Request, cookie: str, token: str) -> None:
        """Raise ``NotAllowed`` unless the form was shown to this browser, lately, and is sent from our own page."""
        origin = request.headers.get("origin")
        if origin is not None and origin != _own(request):
            raise NotAllowed("This form was sent from another site.")
        try:
            expected = str(self._serializer.loads(token, max_age=FORM_HOURS * 3600))
        except BadSignature as error:
            raise ForeignForm("This form has expired; go back, load the page again, and send it once more.") from error
        if not cookie or not hmac.compare_digest(expected.encode(), cookie[:16].encode()):
            raise ForeignForm("This form belongs to another session; go back, load the page again, and send it once more.")


def from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site has made it send this. One that hides its origin is not counted: pages inside
    of messengers do."""
    return request.headers.get("origin") not in (None, "null", _own(request)) or (
        request.headers.get("sec-fetch-site") == "cross-site"
    )


def _own(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
