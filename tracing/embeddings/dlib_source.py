"""The primitives of dlib's serialisation, read from bytes that nobody vouches for."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tracing.errors import EncoderUnavailable
from tracing.vision import Vector

SPECIAL: Final = {32000: math.inf, 32001: -math.inf, 32002: math.nan}
"""Exponents that stand for what has no mantissa."""
MOST_EXPONENT: Final = 2000
"""A double has none above 1023, nor below -1074."""
LONGEST_NAME: Final = 64


class Source:
    """A file's bytes, read from the front and without copies.

    Whatever is missing or makes no sense is an ``EncoderUnavailable``. Nothing is allocated for a size that a file merely
    claims: it is compared with what is left first.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def refusal(self, why: str) -> EncoderUnavailable:
        return EncoderUnavailable(
            f"The model file is damaged or of another kind (byte {self._at}: {why}); run 'make setup' again."
        )

    def expect(self, holds: bool, why: str) -> None:
        if not holds:
            raise self.refusal(why)

    def finish(self) -> None:
        """Nothing may be left."""
        self.expect(self._at == len(self._data), f"{len(self._data) - self._at} bytes too many")

    def integer(self, least: int, most: int) -> int:
        """A control byte (the low four bits: how many bytes follow; the highest: whether it is negative), then these bytes."""
        start = self._take(1)
        control = self._data[start]
        size = control & 0x0F
        self.expect(1 <= size <= 8 and not control & 0x70, "no integer")
        start = self._take(size)
        value = int.from_bytes(self._data[start : start + size], "little") * (-1 if control & 0x80 else 1)
        self.expect(least <= value <= most, f"{value} is not from {least} to {most}")
        return value

    def boolean(self) -> bool:
        digit = self._data[self._take(1)]
        self.expect(digit in b"01", "no truth value")
        return digit == ord("1")

    def text(self) -> str:
        size = self.integer(0, LONGEST_NAME)
        start = self._take(size)
        word = self._data[start : start + size]
        self.expect(word.isascii(), "no name")
        return word.decode("ascii")

    def real(self) -> float:
        """An integer mantissa and the exponent of 2. A finite number: infinity and not-a-number are refused."""
        mantissa = self.integer(-(2**63), 2**64 - 1)
        exponent = self.integer(-MOST_EXPONENT, max(SPECIAL))
        self.expect(exponent <= MOST_EXPONENT, f"{SPECIAL.get(exponent, 'no number')} where a number should be")
        try:
            return math.ldexp(mantissa, exponent)
        except OverflowError:
            raise self.refusal("a number beyond all bounds") from None

    def shape(self) -> tuple[int, int, int, int]:
        """Samples, channels, rows, columns."""
        samples, channels, rows, columns = (self.integer(0, len(self._data)) for _ in range(4))
        return samples, channels, rows, columns

    def alias(self) -> tuple[int, int, int, int]:
        """The shape of a view into the tensor before."""
        self.integer(1, 1)
        return self.shape()

    def tensor(self) -> Vector:
        """All values in one row: every tensor of parameters is cut by aliases."""
        self.integer(2, 2)
        size = math.prod(self.shape())
        start = self._take(4 * size)
        values = np.frombuffer(self._data, dtype="<f4", count=size, offset=start)
        self.expect(bool(np.isfinite(values).all()), "weights that are not numbers")
        return values

    def _take(self, size: int) -> int:
        """Where the next so many bytes begin."""
        start = self._at
        self.expect(size <= len(self._data) - start, "it ends too early")
        self._at += size
        return start
