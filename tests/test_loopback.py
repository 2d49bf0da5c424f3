"""Which hosts are this very machine."""

from __future__ import annotations

import pytest

from tracing.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "127.0.0.1.example", "192.0.2.1", "::", "2001:db8::1"])
def test_nobody_else_is_taken_for_it(host: str) -> None:
    assert not is_loopback(host)
