"""Whether a host is this very machine, where nobody listens in between."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Of ``localhost`` and of addresses of the loopback interface; of no other name, and of none."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
