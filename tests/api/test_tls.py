"""Whoever speaks TLS is answered by it; who does not, or not in time, keeps no place."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import Receive, Scope, Send

from api.connections import GuardedConnection
from api.tls import by_tls
from tests.api.test_connections import Connect, asked, ended, listening
from tracing.errors import Misconfigured

HELLO = bytes.fromhex("16030100ff010000fb0303")
"""How a handshake begins; the rest of it never comes."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for loopback, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    none = serialization.NoEncryption()
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
    (folder / "key.pem").write_bytes(written)
    return folder / "cert.pem", folder / "key.pem"


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    body = f"{scope['scheme']} ok".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def serving(request: pytest.FixtureRequest, pair: tuple[Path, Path]) -> Iterator[Connect]:
    """A real server with the limits of the test's parameter; what it gives connects to it, and says nothing yet."""

    class Short(GuardedConnection):
        held: Any = type(GuardedConnection.held)()

    for name, value in request.param.items():
        setattr(Short, name, value)
    with listening(answering, threading.Event(), http=by_tls(*pair, Short)) as connect:
        yield connect


def secured(serving: Connect, pair: tuple[Path, Path]) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(pair[0]))
    connection = context.wrap_socket(serving(), server_hostname="127.0.0.1")
    serving.opened.append(connection)
    return connection


@pytest.mark.parametrize("serving", [{}], indirect=True)
def test_a_connection_by_tls_carries_many_requests_and_is_known_as_https(serving: Connect, pair: tuple[Path, Path]) -> None:
    connection = secured(serving, pair)
    assert [asked(connection).endswith(b"https ok") for _ in range(3)] == [True] * 3


@pytest.mark.parametrize(
    "said", [b"", HELLO, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["nothing", "half of it", "plain http"]
)
@pytest.mark.parametrize("serving", [{"head_seconds": 0.2}], indirect=True)
def test_a_handshake_that_does_not_come_in_time_is_not_waited_for(serving: Connect, said: bytes) -> None:
    connection = serving()
    connection.sendall(said)
    while not ended(connection):
        continue  # the alert that says so


@pytest.mark.parametrize("said", [b"", HELLO], ids=["nothing", "half of it"])
@pytest.mark.parametrize("serving", [{"most_of_one": 2}], indirect=True)
def test_a_handshake_takes_a_place_until_its_connection_lets_go(serving: Connect, pair: tuple[Path, Path], said: bytes) -> None:
    held = serving(), serving()
    for each in held:
        each.sendall(said)
    assert ended(serving())
    held[0].close()
    for _ in range(1000):  # until the server has noticed
        with suppress(OSError, AssertionError):
            assert asked(secured(serving, pair))
            return
    pytest.fail("the place was not given free")


@pytest.mark.parametrize("serving", [{"most_of_one": 1}], indirect=True)
def test_a_connection_by_tls_gives_its_place_free(serving: Connect, pair: tuple[Path, Path]) -> None:
    first = secured(serving, pair)
    assert asked(first)
    assert ended(serving())
    first.close()
    for _ in range(1000):
        with suppress(OSError, AssertionError):
            assert asked(secured(serving, pair))
            return
    pytest.fail("the place was not given free")


def test_a_certificate_with_the_key_of_another_is_refused_at_the_start(pair: tuple[Path, Path], tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    none = serialization.NoEncryption()
    written = other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)
    (tmp_path / "key.pem").write_bytes(written)
    for certificate, key in ((pair[0], tmp_path / "key.pem"), (tmp_path / "key.pem", tmp_path / "key.pem"), (pair[0], None)):
        with pytest.raises(Misconfigured, match="belong together"):
            by_tls(certificate, key)
