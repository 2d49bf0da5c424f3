"""All hostile photos, one after the other, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from random import Random

from tests.hostile import bombs, disguises
from tests.hostile.samples import samples
from tests.hostile.segments import beginnings

AROUND = (-1, 0, 1)
FLIPS = 8
"""Bits of a file that are turned over, at most."""


class Kind(StrEnum):
    CUT = "cut off at a part"
    FLIPPED = "bits turned over"
    BOMB = "bomb"
    NOTES = "huge or broken notes"
    WRONG = "no photo"
    TWOFOLD = "photo and something else"


@dataclass(frozen=True, slots=True)
class Hostile:
    """``make`` gives the bytes; ``keep`` whether the service has to keep them: None where either is right."""

    name: str
    kind: Kind
    make: Callable[[], bytes]
    keep: bool | None = None


def cut() -> Iterator[Hostile]:
    """Each sample cut off before, at and behind the beginning of each of its parts."""
    for name, data in samples().items():
        for at in sorted({place + by for place in beginnings(data) for by in AROUND if 0 < place + by < len(data)}):
            yield Hostile(f"cut at {at} {name}", Kind.CUT, partial(_first, data, at))


def flipped(seed: int, each: int, photos: Sequence[Path] = ()) -> Iterator[Hostile]:
    """Each sample, and each of these real photos, with bits turned over, so many times."""
    chance = Random(f"flips {seed}")
    whole = [(name, data) for name, data in samples().items()] + [(path.name, path.read_bytes()) for path in photos]
    for name, data in whole:
        for number in range(each):
            early = number % 2 and len(data) > 2_000  # every other one in what says how the pixels are to be read
            most = 8 * (2_000 if early else len(data)) - 1
            bits = [chance.randint(0, most) for _ in range(chance.randint(1, FLIPS))]
            yield Hostile(f"flip {number} {name}", Kind.FLIPPED, partial(_turned, data, tuple(bits)))


def costly() -> Iterator[Hostile]:
    for name, make in bombs.BOMBS.items():
        yield Hostile(name, Kind.BOMB, make)
    for name, make in disguises.NOTES.items():
        yield Hostile(name, Kind.NOTES, make)


def disguised() -> Iterator[Hostile]:
    for name, make in disguises.WRONG.items():
        yield Hostile(name, Kind.WRONG, make, keep=False)
    for name, make in disguises.TWOFOLD.items():
        yield Hostile(name, Kind.TWOFOLD, make, keep=True)


def whole_corpus(seed: int, each: int, photos: Sequence[Path] = ()) -> Iterator[Hostile]:
    yield from disguised()
    yield from costly()
    yield from cut()
    yield from flipped(seed, each, photos)


def _first(data: bytes, length: int) -> bytes:
    return data[:length]


def _turned(data: bytes, bits: tuple[int, ...]) -> bytes:
    spoilt = bytearray(data)
    for bit in bits:
        spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)
