"""What is done with pixels wherever quality is measured: smaller copies, luma, and how sharp the edges are."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.vision import Pixels

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Direction = tuple[float, float]

LUMA: Final = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""ITU-R BT.601."""
SAMPLES: Final = 3
"""Pixels of a block that are averaged, along each side: enough of them, so that a huge face costs no more than a small one."""
NO_EDGES: Final = -4.0
FINER, COARSEST = 3.2, 0.75
_FEWEST: Final = 9


def reduced(image: Pixels, block: int) -> Floats:
    """(rows, columns, 3): the mean of each whole block, of ``SAMPLES`` x ``SAMPLES`` of its pixels where it has more."""
    if block == 1:
        return image.astype(np.float32)
    rows, columns = image.shape[0] // block, image.shape[1] // block
    many = min(block, SAMPLES)
    step = block // many
    first = (block - 1 - (many - 1) * step) // 2
    total = np.zeros((rows, columns, 3), dtype=np.uint16)
    for down in range(many):
        for across in range(many):
            total += image[first + down * step :: block, first + across * step :: block][:rows, :columns]
    return total.astype(np.float32) / np.float32(many * many)


def edge_energies(grey: Floats, chosen: Mask, directions: Sequence[Direction]) -> list[float]:
    """In each direction, the decimal logarithm of the edges' energy over that of the whole; ``NO_EDGES`` at least.

    The energy is the mean square of the second difference over pairs of pixels. What noise adds to it is taken off: estimated
    from how much stronger the finest differences are than an image without noise has them (the Laplacian of white noise has
    20 times its variance, over pairs 5 times, a second difference over pairs 1.5 times).
    """
    inside = chosen[2:-3, 2:-3]
    if min(grey.shape) < 7 or np.count_nonzero(inside) < _FEWEST:
        return [NO_EDGES for _ in directions]
    pairs = (grey[:-1, :-1] + grey[1:, :-1] + grey[:-1, 1:] + grey[1:, 1:]) / 4
    twice = 2 * pairs[2:-2, 2:-2]
    beside = (pairs[2:-2, :-4] + pairs[2:-2, 4:] - twice)[inside]
    above = (pairs[:-4, 2:-2] + pairs[4:, 2:-2] - twice)[inside]
    aslant = (pairs[4:, 4:] + pairs[:-4, :-4] - pairs[4:, :-4] - pairs[:-4, 4:])[inside] / 4
    fine = (grey[2:-3, 1:-4] + grey[2:-3, 3:-2] + grey[1:-4, 2:-3] + grey[3:-2, 2:-3] - 4 * grey[2:-3, 2:-3])[inside]
    curves = np.stack([beside, aslant, above]).astype(np.float64)
    products = curves @ curves.T / curves.shape[1]
    coarse = products[0, 0] + 2 * products[0, 2] + products[2, 2]
    noise = max(float(np.square(fine, dtype=np.float64).mean()) - coarse / 4, 0.0) / (20 - 5 / 4)
    whole = max(float(grey[chosen].var()), 1.0)
    return [_logarithm((_along(products, direction) - 1.5 * noise) / whole) for direction in directions]


def at_scale(finer: float) -> float:
    """What to add to an energy measured in a copy so many times as fine as the usual one.

    The energy of an edge falls by this power with the pixels that blur spreads it over. In much coarser copies no blur is left.
    """
    return FINER * log10(max(finer, COARSEST))


def _along(products: NDArray[np.float64], direction: Direction) -> float:
    """The mean square of the second derivative in a direction, from the mean products of its three parts."""
    x, y = direction
    weights = np.array((x * x, 2 * x * y, y * y))
    return float(weights @ products @ weights)


def _logarithm(share: float) -> float:
    return float(np.log10(max(share, 10**NO_EDGES)))
