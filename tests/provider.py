"""A provider of sign-ins on loopback, which speaks OpenID Connect as governments' do, and can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key

CLIENT = "tracing-test"
SECRET = "a secret of the provider"


def a_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@dataclass
class Provider:
    """Knows one person at a time, ``subject``, whom it lets through without asking. What it is told to do is in the fields."""

    back: str
    out: str
    now: Callable[[], float] = time.time
    subject: str = "subject-of-lin"
    key: Key = field(default_factory=lambda: a_key("first"))
    told: dict[str, Any] = field(default_factory=dict)
    """Claims that it writes in place of the right ones; None leaves one out."""
    says: dict[str, Any] = field(default_factory=dict)
    """The same for what it says of itself."""
    signs: Callable[[Provider, dict[str, Any]], str] | None = None
    """How it signs in place of the right way."""
    answers: Callable[[str], tuple[int, bytes] | None] = lambda path: None
    """Status and body in place of the right ones, by path."""
    asked: list[str] = field(default_factory=list)
    """The paths of all requests, in order."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    url: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        facts = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }
        return {name: value for name, value in (facts | self.says).items() if value is not None}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where it sends the browser: only to the address that is registered, to the letter."""
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.back, "a provider shows an error to a browser that wants to go anywhere else"
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{self.back}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        shown = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)  # once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if authorization != f"Basic {shown}":
            return 401, {"error": "invalid_client"}
        if asked is None or form.get("redirect_uri") != self.back or asked["code_challenge"] != challenge.decode():
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": int(self.now()) + 300,
            "iat": int(self.now()),
            "nonce": asked["nonce"],
        }
        claims = {name: value for name, value in (claims | self.told).items() if value is not None}
        signed = self.signs(self, claims) if self.signs else self.signed(claims)
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": signed}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def answer(self, method: str, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes, str]:
        """Status, body and the place to go to."""
        self.asked.append(path)
        if (said := self.answers(path)) is not None:
            return *said, ""
        match path:
            case "/.well-known/openid-configuration":
                return 200, json.dumps(self.facts).encode(), ""
            case "/keys":
                return 200, json.dumps({"keys": [self.key.as_dict(private=False)]}).encode(), ""
            case "/authorize":
                return 302, b"", self.authorize(form)
            case "/token" if method == "POST":
                status, told = self.token(form, authorization)
                return status, json.dumps(told).encode(), ""
            case "/end":
                assert form["post_logout_redirect_uri"] == self.out
                return 302, b"", self.out
        return 404, b"{}", ""


@contextmanager
def a_provider(back: str, out: str, now: Callable[[], float] = time.time) -> Iterator[Provider]:
    """It listens on a free port of loopback."""
    provider = Provider(back, out, now)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(sent or parts.query).items()}
            authorization = self.headers.get("Authorization", "")
            status, body, place = provider.answer(self.command, parts.path, form, authorization)
            self.send_response(status)
            if place:
                self.send_header("Location", place)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815  # as the library wants them

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
