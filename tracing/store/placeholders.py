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
    "xxxxxxxx",
    "insecure",
    "not-secure",
    "not-for-production",
    "in-production",
    "replace",
    "default",
    "for-test",
    "testing",
    "development",
    "dev-key",
    "todo-",
    "todo_",
    "fill-me",
    "qwertyuiop",
    "0123456789",
    "abcdefghijkl",
)
BRACKETS: Final = ("<>", "{}", "[]")
MANY: Final = 12
"""Different bytes of a key; a random one of 32 has about thirty."""
FEW_LETTERS: Final = 10
PRINTABLE: Final = frozenset(string.printable.encode())


def is_placeholder(secret: str) -> bool:
    """Whether this was copied from an example, is one pattern over and over, or stands in brackets as what is to be put in."""
    plain = secret.lower().strip()
    bracketed = plain[:1] + plain[-1:] in BRACKETS
    return bracketed or any(word in plain for word in WORDS) or len(set(plain)) < FEW_LETTERS or _repeats(plain)


def _repeats(text: str) -> bool:
    """Whether it is its own beginning over and over, at least twice and a half."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) * 2 // 5 + 1))


def refuse_weak(key: bytes, source: str) -> None:
    """``Misconfigured`` for a key that no random generator has made: all zeros, a pattern, counted up, or readable text."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(set(key)) < MANY or len(steps) == 1 or PRINTABLE.issuperset(key):
        raise Misconfigured(
            f"The key in {source} is a placeholder or was typed by hand, and no secret. Make one with: openssl rand -base64 32"
        )
