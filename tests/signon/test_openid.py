"""The client of a provider, against one on loopback that is told to lie: whom it vouches for, and what is not believed."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.factories import FixedClock
from tests.provider import CLIENT, SECRET, Provider, a_key, a_provider
from tracing.errors import Misconfigured, ProviderUnavailable, SignOnFailed
from tracing.signon.calls import MOST_BYTES, is_safe
from tracing.signon.openid import Client, OpenIdProvider

BACK, OUT = "https://tracing.example.cn/sign-on/back", "https://tracing.example.cn/login"
Signs = Callable[[Provider, dict[str, Any]], str]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def provider(clock: FixedClock) -> Iterator[Provider]:
    with a_provider(BACK, OUT, lambda: clock().timestamp()) as found:
        yield found


@pytest.fixture
def client(provider: Provider, clock: FixedClock) -> OpenIdProvider:
    return OpenIdProvider(provider.url, Client(CLIENT, SECRET, BACK, OUT), clock)


def went(client: OpenIdProvider, **changed: str) -> str:
    """Somebody goes to the provider and comes back with a code; who that is."""
    request = client.request()
    answer = httpx2.get(request.address, trust_env=False)
    assert answer.status_code == 302, answer.text
    told = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert told["state"] == request.state
    return client.subject_of(changed.get("code", told["code"]), request)


def test_whom_the_provider_vouches_for_is_known_by_its_subject(client: OpenIdProvider, provider: Provider) -> None:
    assert went(client) == "subject-of-lin"
    provider.subject = "subject-of-chen"
    assert went(client) == "subject-of-chen"


def test_each_way_there_has_secrets_of_its_own(client: OpenIdProvider) -> None:
    one, other = client.request(), client.request()
    for name in ("address", "state", "nonce", "verifier"):
        assert getattr(one, name) != getattr(other, name)
    asked = parse_qs(urlsplit(one.address).query)
    assert asked["redirect_uri"] == [BACK]
    assert one.verifier not in one.address, "it is shown by its digest alone"


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "for another service": {"aud": "another-service"},
    "for nobody": {"aud": None},
    "for several, without saying which": {"aud": [CLIENT, "another-service"], "azp": "another-service"},
    "of another request": {"nonce": "another nonce"},
    "of no request": {"nonce": None},
    "run out": {"exp": 1_000_000_000},
    "without an end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "about nobody": {"sub": None},
    "about an empty name": {"sub": ""},
    "about no text": {"sub": 7},
    "about a name of control characters": {"sub": "lin\x00"},
    "about a name without an end": {"sub": "x" * 256},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_claim_that_does_not_hold_signs_nobody_in(lie: str, client: OpenIdProvider, provider: Provider) -> None:
    provider.told = LIES[lie]
    with pytest.raises(SignOnFailed, match="does not hold"):
        went(client)
    provider.told = {}
    assert went(client) == provider.subject


def _unsigned(_: Provider, claims: dict[str, Any]) -> str:
    def packed(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{packed({'alg': 'none'})}.{packed(claims)}."


def _by_a_stranger(provider: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256", "kid": provider.key.kid}, claims, a_key("first"))


def _by_the_shared_secret(provider: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256", "kid": provider.key.kid}, claims, OctKey.import_key(SECRET * 2))


def _by_the_public_key_as_a_secret(provider: Provider, claims: dict[str, Any]) -> str:
    public = OctKey.import_key(provider.key.as_bytes(private=False).hex())
    return jwt.encode({"alg": "HS256", "kid": provider.key.kid}, claims, public)


def _with_its_own_key_inside(_: Provider, claims: dict[str, Any]) -> str:
    mine = a_key("mine")
    return jwt.encode({"alg": "ES256", "kid": "first", "jwk": mine.as_dict(private=False)}, claims, mine)


def _altered(provider: Provider, claims: dict[str, Any]) -> str:
    head, body, signature = provider.signed(claims).split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "the-manager"}
    packed = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    return f"{head}.{packed}.{signature}"


FORGED: dict[str, Signs] = {
    "not at all": _unsigned,
    "by a key of the same name": _by_a_stranger,
    "by the secret we share": _by_the_shared_secret,
    "by its public key, taken for a secret": _by_the_public_key_as_a_secret,
    "by a key that came with it": _with_its_own_key_inside,
    "and altered": _altered,
    "as nonsense": lambda *_: "nonsense",
    "as nothing": lambda *_: "",
    "with too many parts": lambda *_: "a.b.c.d.e",
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_not_signed_by_the_provider_signs_nobody_in(how: str, client: OpenIdProvider, provider: Provider) -> None:
    provider.signs = FORGED[how]
    with pytest.raises(SignOnFailed, match="does not hold"):
        went(client)


def test_a_signature_by_rsa_holds_as_well(client: OpenIdProvider, provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    provider.signs = lambda found, claims: jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, found.key)
    assert went(client) == provider.subject


def test_new_keys_of_the_provider_are_read_when_they_are_first_used(
    client: OpenIdProvider, provider: Provider, clock: FixedClock
) -> None:
    went(client)
    clock.advance(minutes=5)
    provider.key = a_key("second")
    assert went(client) == provider.subject


def test_keys_that_nobody_has_make_us_ask_for_them_no_more_than_twice_a_minute(
    client: OpenIdProvider, provider: Provider, clock: FixedClock
) -> None:
    went(client)
    provider.signs = lambda _, claims: jwt.encode({"alg": "ES256", "kid": "unheard of"}, claims, a_key("unheard of"))
    clock.advance(minutes=1)
    for _ in range(5):
        with pytest.raises(SignOnFailed):
            went(client)
    assert provider.asked.count("/keys") == 2


def test_a_code_is_good_once_and_only_with_the_secret_of_its_browser(client: OpenIdProvider, provider: Provider) -> None:
    request = client.request()
    place = httpx2.get(request.address, trust_env=False).headers["location"]
    code = parse_qs(urlsplit(place).query)["code"][0]
    with pytest.raises(SignOnFailed):
        client.subject_of(code, client.request())  # a stolen code, in another browser
    with pytest.raises(SignOnFailed):
        client.subject_of(code, request)  # and now it is used up
    with pytest.raises(SignOnFailed):
        went(client, code="guessed")


SILENCE: dict[str, tuple[int, bytes]] = {
    "broken": (500, b"{}"),
    "gone": (404, b"{}"),
    "flooding": (200, b"[" + b"1," * MOST_BYTES + b"1]"),
}


@pytest.mark.parametrize("how", SILENCE)
def test_a_provider_that_does_not_answer_is_asked_again_in_a_while_and_by_nobody_before(
    how: str, client: OpenIdProvider, provider: Provider, clock: FixedClock
) -> None:
    provider.answers = lambda path: SILENCE[how]
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            client.request()
    assert len(provider.asked) == 1
    assert client.sign_out_address() == "", "who signs out here need not wait for it"
    provider.answers = lambda path: None
    clock.advance(seconds=31)
    assert went(client) == provider.subject


def test_a_provider_that_is_switched_off_does_not_answer(clock: FixedClock) -> None:
    with a_provider(BACK, OUT) as gone:
        pass
    with pytest.raises(ProviderUnavailable):
        OpenIdProvider(gone.url, Client(CLIENT, SECRET, BACK, OUT), clock).request()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"null", b'{"id_token": null}', b'{"id_token": 7}', b"\xff"])
def test_an_answer_without_sense_signs_nobody_in(body: bytes, client: OpenIdProvider, provider: Provider) -> None:
    provider.answers = lambda path: (200, body) if path == "/token" else None
    with pytest.raises(SignOnFailed):
        went(client)


@pytest.mark.parametrize(
    "says",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "http://evil.example/"},
    ],
)
def test_a_provider_that_sends_us_astray_is_not_followed(
    says: dict[str, Any], client: OpenIdProvider, provider: Provider
) -> None:
    provider.says = says
    with pytest.raises(SignOnFailed):
        client.request()


def test_a_redirect_of_the_provider_is_not_followed(client: OpenIdProvider, provider: Provider) -> None:
    provider.answers = lambda path: (302, b"{}") if path == "/token" else None
    with pytest.raises(SignOnFailed):
        went(client)


def test_the_way_out_leads_to_the_provider_and_back_to_the_login(client: OpenIdProvider, provider: Provider) -> None:
    address = client.sign_out_address()
    assert address.startswith(f"{provider.url}/end?")
    assert parse_qs(urlsplit(address).query) == {"client_id": [CLIENT], "post_logout_redirect_uri": [OUT]}
    assert httpx2.get(address, trust_env=False).headers["location"] == OUT


def test_a_provider_without_a_way_out_has_none(client: OpenIdProvider, provider: Provider) -> None:
    provider.says = {"end_session_endpoint": None}
    assert client.sign_out_address() == ""
    assert went(client) == provider.subject


def test_what_was_exchanged_stays_out_of_the_log(
    client: OpenIdProvider, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.told = {"nonce": "another nonce"}
    with caplog.at_level(logging.DEBUG, "tracing"), pytest.raises(SignOnFailed):
        went(client)
    assert "does not hold" in caplog.text
    assert "InvalidClaimError" in caplog.text, "the operator learns what is wrong"
    for secret in (SECRET, provider.subject, "another nonce", "eyJ"):
        assert secret not in caplog.text


def test_a_provider_without_tls_is_refused_at_the_start(clock: FixedClock) -> None:
    for issuer in ("http://login.gov.example", "login.gov.example", "ftp://login.gov.example", "", "https//x"):
        assert not is_safe(issuer)
        with pytest.raises(Misconfigured, match="https"):
            OpenIdProvider(issuer, Client(CLIENT, SECRET, BACK, OUT), clock)
    assert is_safe("https://login.gov.example/realms/staff")
    with pytest.raises(Misconfigured, match="TRACING_PUBLIC_URL"):
        OpenIdProvider("https://login.gov.example", Client(CLIENT, SECRET, "http://tracing.example/back", OUT), clock)


def test_an_authority_that_is_none_is_refused_at_the_start(clock: FixedClock) -> None:
    with pytest.raises(Misconfigured, match="TRACING_SIGN_ON_AUTHORITY"):
        OpenIdProvider("https://login.gov.example", Client(CLIENT, SECRET, BACK, OUT, "/no/such/file.pem"), clock)
