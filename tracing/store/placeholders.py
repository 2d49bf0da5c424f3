"""Secrets that are none: a word from an example, a pattern, something typed by hand."""

from __future__ import annotations

import string
from itertools import pairwise
from typing import Final

from tracing.errors import Misconfigured

WORDS: Final = (
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "secret",
    "password",
    "example",
    "your-key",
    "xxxx",
)
MANY: Final = 12
"""Different bytes of a key; a random one of 32 has about thirty."""
FEW_LETTERS: Final = 10
PRINTABLE: Final = frozenset(string.printable.encode())


def is_placeholder(secret: str) -> bool:
    """Whether this was copied from an example, or is one pattern over and over."""
    plain = secret.lower()
    return any(word in plain for word in WORDS) or len(set(plain)) < FEW_LETTERS


def refuse_weak(key: bytes, source: str) -> None:
    """``Misconfigured`` for a key that no random generator has made: all zeros, a pattern, counted up, or readable text."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(set(key)) < MANY or len(steps) == 1 or PRINTABLE.issuperset(key):
        raise Misconfigured(
            f"The key in {source} is a placeholder or was typed by hand, and no secret. Make one with: openssl rand -base64 32"
        )
