"""Denies this Python process the network, when ``TESTS_OFFLINE_LOG`` names a file to write each attempt to.

The tests put this folder on the PYTHONPATH, so that every Python that they start imports it first. An audit hook cannot be
taken off again, sees every thread, and whatever library calls. What is no Python (browsers, servers of databases) is
seen by ``python -m tests.offline`` alone, which takes the network away.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys

LOG = "TESTS_OFFLINE_LOG"


class NetworkDenied(OSError):
    """A test, or what it started, wanted to reach another machine."""


def at_home(host: object) -> bool:
    """Whether this is the machine itself. What is no text is no address of a network: a path, or numbers of the kernel's."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(text, str) or text in ("", "localhost", "ip6-localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False  # a name, which only a name server knows
    return address.is_loopback or address.is_unspecified


def host_of(event: str, arguments: tuple[object, ...]) -> object:
    """The host that an event of the interpreter is about; None where it is about none."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        return address[0] if isinstance(address, tuple) and address else None
    return arguments[0] if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr") else None


def deny(event: str, arguments: tuple[object, ...]) -> None:
    """The hook."""
    if not event.startswith("socket."):
        return
    host = host_of(event, arguments)
    if at_home(host) or _asks_for_its_own_address(event, arguments) or host == socket.gethostname():
        return
    if log := os.environ.get(LOG):
        with open(log, "a", encoding="utf-8") as attempts:  # noqa: PTH123 - pathlib is not imported in every process
            attempts.write(f"{event} {host} by {sys.argv[0] if sys.argv else ''}\n")
    raise NetworkDenied(f"the tests reach no network, and {event} wanted {host}")


def _asks_for_its_own_address(event: str, arguments: tuple[object, ...]) -> bool:
    """A UDP socket "connected" to another machine tells the own address, and sends nothing; Dask does that."""
    return event == "socket.connect" and getattr(arguments[0], "type", None) == socket.SOCK_DGRAM


if os.environ.get(LOG):
    sys.addaudithook(deny)
