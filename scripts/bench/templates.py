"""Templates of people who do not exist, spread as real ones are: in clusters, and in few directions more than in others.

How dlib's templates of real faces are spread was measured on 4,372 photos of 1,680 people of LFW: a large common part, then
what tells people apart, then what tells photos of one person apart. Uniform noise has none of this, and makes every index
look worse or better than it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Vector

COMMON: Final = 1.306
"""Length of the part that all templates have in common."""
DIRECTIONS: Final = (0, 1, 2, 4, 8, 16, 32, 48, 64, 88)
BETWEEN: Final = (3.30e-2, 2.22e-2, 1.58e-2, 1.10e-2, 6.7e-3, 3.87e-3, 1.86e-3, 9.7e-4, 4.2e-4, 1e-5)
"""Variance between people along the strongest direction, the second, the third, the fifth ...; none beyond the last."""
WITHIN: Final = (1.28e-3, 2.08e-3, 1.96e-3, 2.12e-3, 1.89e-3, 1.65e-3, 1.41e-3, 1.0e-3, 7.9e-4, 1e-5)
"""Variance between photos of one person along the same directions."""
PORTION: Final = 50_000


@dataclass(frozen=True, slots=False)
class Crowd:
    """``people`` with ``photos`` enrolled photos each, in ``dimension`` numbers; the same seed gives the same crowd."""

    people: int
    photos: int = 2
    dimension: int = 128
    seed: int = 0

    @property
    def size(self) -> int:
        return self.people * self.photos

    def templates(self) -> Iterator[tuple[NDArray[np.int64], Vector]]:
        """Ids from 0 on, person by person, and float32 (n, dimension), in portions."""
        step = max(1, PORTION // self.photos)
        for first in range(0, self.people, step):
            people = np.arange(first, min(first + step, self.people))
            centres = np.repeat(self._centres(people), self.photos, axis=0)
            ids = np.arange(people[0] * self.photos, (people[-1] + 1) * self.photos, dtype=np.int64)
            yield ids, self._photographed(centres, np.random.default_rng((self.seed, 1, first)))

    def probes(self, count: int) -> Vector:
        """float32 (count, dimension): another photo each of as many people out of the crowd."""
        people = np.sort(np.random.default_rng((self.seed, 2)).permutation(self.people)[:count])
        return self._photographed(self._centres(people), np.random.default_rng((self.seed, 3)))

    def _centres(self, people: NDArray[np.int64]) -> Vector:
        """What tells each person apart, drawn in blocks, so that some can be made without the others."""
        blocks = {block: self._block(block) for block in np.unique(people // PORTION).tolist()}
        return np.stack([blocks[person // PORTION][person % PORTION] for person in people.tolist()])

    def _block(self, block: int) -> Vector:
        noise = np.random.default_rng((self.seed, 0, block)).standard_normal((PORTION, len(self._spread[0])), np.float32)
        return np.asarray(noise * np.sqrt(self._spread[0]), dtype=np.float32)

    def _photographed(self, centres: Vector, random: np.random.Generator) -> Vector:
        noise = random.standard_normal(centres.shape, np.float32) * np.sqrt(self._spread[1])
        return np.asarray((centres + noise) @ self._axes[1:] + COMMON * self._axes[0], dtype=np.float32)

    @cached_property
    def _spread(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        directions = np.arange(min(DIRECTIONS[-1] + 1, self.dimension - 1))
        between, within = (np.exp(np.interp(directions, DIRECTIONS, np.log(known))) for known in (BETWEEN, WITHIN))
        return between, within

    @cached_property
    def _axes(self) -> NDArray[np.float64]:
        """Orthonormal rows: the common direction, and those that differ."""
        random = np.random.default_rng((self.seed, 4))
        square, _ = np.linalg.qr(random.standard_normal((self.dimension, self.dimension)))
        return square[: len(self._spread[0]) + 1]
