"""Work that a browser does before it writes, instead of a picture puzzle from elsewhere; who has no script waits instead.

A challenge is signed and used once. Its answer is a number: the SHA-256 of ``challenge:number`` begins with ``bits`` zero bits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from tracing.errors import Conflict, Invalid, TooMany
from tracing.ports import Clock
from tracing.records import Records

LASTS: Final = timedelta(hours=12)
"""A page may lie open so long before what is written on it has to be sent once more."""
_SIGNED: Final = 32
LONGEST: Final = 200


class Lane(StrEnum):
    PROVEN = "proven"
    WAITED = "waited"
    """Without the work, after the time that a reader takes; fewer may come by here."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """``wait``: seconds after which it can be sent without the work."""

    text: str
    bits: int
    wait: int


class Challenges:
    """``bits`` 0: nothing is asked of anybody."""

    def __init__(self, key: bytes, clock: Clock, draw: Callable[[], str], bits: int, wait: timedelta) -> None:
        self._key = key
        self._clock = clock
        self._draw = draw
        self._bits = bits
        self._wait = wait

    def new(self, purpose: str) -> Challenge:
        """For a form with this purpose, and for no other."""
        unsigned = f"{int(self._clock().timestamp())}.{self._bits}.{purpose}.{self._draw()}"
        return self._challenge(f"{unsigned}.{self._sign(unsigned)}", self._clock())

    def again(self, text: str, purpose: str) -> Challenge:
        """The same one, for a form that comes back with a mistake: whoever has waited does not wait anew."""
        try:
            issued = self._issued(text, purpose)
        except Invalid:
            return self.new(purpose)
        return self._challenge(text, issued)

    def lane(self, text: str, answer: str, purpose: str) -> Lane:
        """By which way this form comes. ``Invalid`` for no challenge of ours or one that is over, ``TooMany`` where somebody
        has neither done the work nor waited; ``seconds`` says how long it still takes."""
        issued = self._issued(text, purpose)
        if not self._bits or (answer and proves(text, answer, self._bits)):
            return Lane.PROVEN
        left = issued + self._wait - self._clock()
        if left > timedelta():
            raise TooMany("This form was sent too fast. Wait a little, then send it once more.", ceil(left.total_seconds()))
        return Lane.WAITED

    def spend(self, records: Records, text: str) -> None:
        """Use it up, in the transaction that writes; ``Conflict`` where it was used before."""
        digest = hmac.new(self._key, f"spent:{text}".encode(), hashlib.sha256).hexdigest()
        try:
            records.handed.spend(digest, self._clock() + LASTS)
        except Conflict as spent:
            raise Conflict("This form was sent already.") from spent

    def _challenge(self, text: str, issued: datetime) -> Challenge:
        left = issued + self._wait - self._clock()
        return Challenge(text, self._bits, max(0, int(left.total_seconds())))

    def _issued(self, text: str, purpose: str) -> datetime:
        unsigned, _, signed = text.rpartition(".")
        said, _, rest = unsigned.partition(".")
        bits, _, rest = rest.partition(".")
        if (
            len(text) > LONGEST
            or not text.isascii()
            or not hmac.compare_digest(signed, self._sign(unsigned))
            or rest.partition(".")[0] != purpose
            or bits != str(self._bits)
        ):
            raise Invalid("This form is not one of ours, or too old.", "challenge")
        issued = datetime.fromtimestamp(int(said), UTC)
        if not timedelta(seconds=-60) <= self._clock() - issued <= LASTS:
            raise Invalid("This form is not one of ours, or too old.", "challenge")
        return issued

    def _sign(self, unsigned: str) -> str:
        return hmac.new(self._key, f"challenge:{unsigned}".encode(), hashlib.sha256).hexdigest()[:_SIGNED]


def proves(text: str, answer: str, bits: int) -> bool:
    """Whether this number is an answer: one hash, whatever was sent."""
    if not (answer.isascii() and answer.isdigit() and len(answer) <= 12):
        return False
    digest = hashlib.sha256(f"{text}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0
