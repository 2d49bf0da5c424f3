"""A provider that speaks OpenID Connect, by code and PKCE: the only module that knows Authlib and joserfc."""

from __future__ import annotations

import logging
import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, Final
from urllib.parse import urlencode

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from tracing.errors import Misconfigured, ProviderUnavailable, SignOnFailed, where
from tracing.ports import Clock, SignOnRequest
from tracing.signon.calls import HTTPError, InvalidURL, bounded, is_safe

log = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that the provider alone has: neither `none`, nor a secret that we share with it."""
LEEWAY_SECONDS: Final = 60
KNOWN_FOR: Final = timedelta(hours=1)
"""After this time its addresses and keys are read anew."""
TRY_AGAIN: Final = timedelta(seconds=30)
"""Nobody makes us ask for them more often than this, by answers that do not hold or while it does not answer."""
AT_ONCE: Final = 4
"""A provider that hangs holds so many of our threads and no more."""
SILENT: Final = "The sign-in provider does not answer; try again in a minute."
UNHELD: Final = "What the sign-in provider said does not hold; try again, and tell the operator if it stays so."


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider, and where it sends browsers: ``back`` after a sign-in, ``out`` after a sign-out."""

    client_id: str
    secret: str
    back: str
    out: str
    authority: str = ""
    """PEM file of the authority that vouches for the provider's certificate; empty for those that the machine trusts."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider says of itself."""

    facts: Mapping[str, Any]
    keys: KeySet
    read_at: datetime


class OpenIdProvider:
    """Keeps the contract of ``SignOnProvider``. Safe to share between threads."""

    def __init__(self, issuer: str, client: Client, clock: Clock) -> None:
        self.issuer = issuer
        self._client = client
        self._clock = clock
        self._known: Known | None = None
        self._failed_at: datetime | None = None
        self._at_once = BoundedSemaphore(AT_ONCE)
        if not is_safe(issuer):
            raise Misconfigured("TRACING_SIGN_ON_ISSUER has to be https; without it anybody in between could sign in.")
        if not is_safe(client.back):
            raise Misconfigured("TRACING_PUBLIC_URL has to be https for sign-ins by a provider.")
        try:
            self._verify = ssl.create_default_context(cafile=client.authority or None)
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(f"TRACING_SIGN_ON_AUTHORITY: {client.authority} is no PEM file of certificates.") from error

    def request(self) -> SignOnRequest:
        facts = self.known().facts
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._session() as session:
            address, _ = session.create_authorization_url(
                facts["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return SignOnRequest(address, state, nonce, verifier)

    def subject_of(self, code: str, request: SignOnRequest) -> str:
        known = self.known()
        with self._asking(), self._session(known.facts) as session:
            answer = session.fetch_token(
                known.facts["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=request.verifier
            )
            token = str(answer["id_token"])
        with _judged():
            try:
                read = jwt.decode(token, known.keys, algorithms=ALGORITHMS)
            except InvalidKeyIdError:  # it has new keys
                read = jwt.decode(token, self.known(of_late=True).keys, algorithms=ALGORITHMS)
            return self._subject(read, request, answer)

    def sign_out_address(self) -> str:
        try:
            endpoint = str(self.known().facts.get("end_session_endpoint", ""))
        except (ProviderUnavailable, SignOnFailed):
            return ""
        asked = {"client_id": self._client.client_id, "post_logout_redirect_uri": self._client.out}
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}" if endpoint else ""

    def described(self) -> dict[str, str]:
        known = self._read(self._clock())
        offered = known.facts.get("code_challenge_methods_supported", [])
        return {
            "issuer": self.issuer,
            "authorization_endpoint": str(known.facts["authorization_endpoint"]),
            "token_endpoint": str(known.facts["token_endpoint"]),
            "keys": ", ".join(sorted(f"{key.kid} ({key.key_type})" for key in known.keys)),
            "pkce": "S256" if "S256" in offered else "not announced; ask whether it takes S256",
            "sign_out": str(known.facts.get("end_session_endpoint", "")),
            "client": self._client.client_id,
            "redirect_uri": self._client.back,
            "post_logout_redirect_uri": self._client.out,
        }

    def known(self, of_late: bool = False) -> Known:
        """Its addresses and keys, read within the hour; ``of_late`` within half a minute."""
        now = self._clock()
        if self._known is not None and now - self._known.read_at < (TRY_AGAIN if of_late else KNOWN_FOR):
            return self._known
        if self._failed_at is not None and now - self._failed_at < TRY_AGAIN:
            raise ProviderUnavailable(SILENT)
        try:
            self._known = self._read(now)
        except (ProviderUnavailable, SignOnFailed):
            self._failed_at = now
            raise
        self._failed_at = None
        return self._known

    def _read(self, now: datetime) -> Known:
        with self._asking(), self._session() as session:
            facts = _document(session, self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            _check(facts, self.issuer)
            return Known(facts, KeySet.import_key_set(_document(session, facts["jwks_uri"])), now)  # type: ignore[arg-type]

    def _subject(self, read: jwt.Token, request: SignOnRequest, answer: Mapping[str, Any]) -> str:
        wanted = {"iss": self.issuer, "aud": self._client.client_id, "nonce": request.nonce}
        claims = CodeIDToken(
            read.claims,
            read.header,
            {name: {"essential": True, "value": value} for name, value in wanted.items()},
            {"nonce": request.nonce, "client_id": self._client.client_id, "access_token": answer.get("access_token")},
        )
        claims.validate(int(self._clock().timestamp()), LEEWAY_SECONDS)
        subject = str(claims["sub"])
        if not 1 <= len(subject) <= 255 or not subject.isprintable():
            raise ValueError("the subject is no subject")
        return subject

    def _session(self, facts: Mapping[str, Any] | None = None) -> Any:
        return OAuth2Client(
            self._client.client_id,
            self._client.secret or None,
            token_endpoint_auth_method=_authentication(facts or {}, bool(self._client.secret)),
            scope="openid",
            redirect_uri=self._client.back,
            code_challenge_method="S256",
            transport=bounded(self._verify),
            trust_env=False,
            follow_redirects=False,
        )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._at_once.acquire(timeout=1):
            raise ProviderUnavailable(SILENT)
        try:
            with _judged():
                yield
        finally:
            self._at_once.release()


@contextmanager
def _judged() -> Iterator[None]:
    """Foreign errors to ours. The log has their classes and places, and nothing that the provider said."""
    try:
        yield
    except (HTTPError, InvalidURL) as error:
        log.warning("the provider of sign-ins does not answer: %s", where(error))
        raise ProviderUnavailable(SILENT) from error
    except Astray as error:
        log.error("the provider of sign-ins is not the one that is set: %s", error)
        raise SignOnFailed(UNHELD) from error
    except (OAuthError, OAuth2Error, JoseError, LookupError, ValueError, TypeError, AttributeError) as error:
        log.warning("what the provider of sign-ins said does not hold: %s", where(error))
        raise SignOnFailed(UNHELD) from error


def _check(facts: Mapping[str, Any], issuer: str) -> None:
    """Another issuer's word is not taken for this one's, and nothing is sent where others could read it."""
    if facts.get("issuer") != issuer:
        raise Astray(f"it calls itself {str(facts.get('issuer'))[:200]!r}, and TRACING_SIGN_ON_ISSUER is {issuer!r}")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        if not is_safe(str(facts.get(name, issuer if name == "end_session_endpoint" else ""))):
            raise Astray(f"its {name} is not an address that begins with https://")


class Astray(ValueError):
    """Says what is wrong with how the provider is set up; in words, for the operator."""


def _document(session: Any, address: str) -> Mapping[str, Any]:
    answer = session.request("GET", address, withhold_token=True, headers={"Accept": "application/json"})
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _authentication(facts: Mapping[str, Any], has_secret: bool) -> str:
    """How we show our secret: in the header, unless the provider takes it in the form alone."""
    if not has_secret:
        return "none"
    offered = facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
