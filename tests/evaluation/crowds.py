"""Invented people whose photos are alike, for tests of what is measured on many."""

from __future__ import annotations

import numpy as np

from tracing.evaluation.identification import Photos


def crowd(people: int, photos: int, spread: float = 0.6, singles: int = 0, seed: int = 1, dimension: int = 32) -> Photos:
    """People with so many photos each, and ``singles`` more with one; the larger the spread, the less alike are photos."""
    numbers = np.random.default_rng(seed)
    names = [f"person-{number:04d}" for number in range(people) for _ in range(photos)]
    names += [f"single-{number:04d}" for number in range(singles)]
    centres = numbers.normal(size=(people + singles, dimension))
    whose = np.concatenate([np.repeat(np.arange(people), photos), np.arange(people, people + singles)])
    templates = centres[whose] + spread * numbers.normal(size=(len(whose), dimension))
    return Photos(np.array(names), templates.astype(np.float32), np.arange(len(names), dtype=np.float64))


def photos(*taken: tuple[str, float], order: list[float] | None = None) -> Photos:
    """Each a person and the angle, in degrees, of the template; a photo without an angle shows no face."""
    radians = np.radians([angle for _, angle in taken])
    lengths = np.linspace(1, 3, len(taken))[:, np.newaxis]
    templates = (np.stack([np.cos(radians), np.sin(radians)], axis=1) * lengths).astype(np.float32)
    times = np.array(order if order is not None else range(len(taken)), dtype=np.float64)
    return Photos(np.array([person for person, _ in taken]), templates, times)
