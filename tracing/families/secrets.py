"""What only a family has: the address of its draft, and the secret by which it follows its report. Only digests are kept."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

from tracing.folding import visible

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nobody has to tell O from 0, or I and L from 1."""
_MISREAD: Final = str.maketrans("OIL", "011", " -‐–—−_\t\r\n")
REFERENCE_LETTERS: Final = 8
SECRET_LETTERS: Final = 16
"""80 bits, which nobody tries out at a door that is shut after a few wrong ones."""
PREFIX: Final = "FR"


@dataclass(frozen=True, slots=True)
class Slip:
    """What somebody writes down who has sent a report."""

    reference: str
    secret: str


class Secrets:
    """``key`` is one that the database does not hold, so that a stolen one tells no secret and lets none be tried out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def slip(self, draft: str) -> Slip:
        """Number and secret of the report that is written at this address: the same ones each time it is asked."""
        return Slip(
            f"{PREFIX}-{self._lettered('reference', draft, REFERENCE_LETTERS)}",
            self._lettered("secret", draft, SECRET_LETTERS),
        )

    def of_draft(self, draft: str) -> str:
        return self._digest("draft", draft)

    def of_secret(self, reference: str, secret: str) -> str:
        return self._digest("follow", f"{reference}:{secret}")

    def opens(self, reference: str, secret: str, kept: str) -> bool:
        """Whether this is the secret of which the digest is kept. The same work for a right one and a wrong one."""
        return hmac.compare_digest(self.of_secret(reference, secret), kept)

    def _lettered(self, purpose: str, draft: str, length: int) -> str:
        number = int.from_bytes(hmac.digest(self._key, f"{purpose}:{draft}".encode(), "sha256"), "big")
        letters = []
        for _ in range(length):
            number, letter = divmod(number, len(LETTERS))
            letters.append(LETTERS[letter])
        return "".join(letters)

    def _digest(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(errors="surrogatepass"), hashlib.sha256).hexdigest()


def spaced(secret: str) -> str:
    """In groups of four, as people copy it."""
    return "-".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def read_reference(typed: str) -> str:
    """As it is kept, from what somebody copied by hand."""
    letters = _letters(typed).removeprefix(PREFIX)[: 2 * REFERENCE_LETTERS]
    return f"{PREFIX}-{letters}"


def read_secret(typed: str) -> str:
    return _letters(typed)[: 4 * SECRET_LETTERS]


def _letters(typed: str) -> str:
    return visible(unicodedata.normalize("NFKC", typed[:200])).upper().translate(_MISREAD)
