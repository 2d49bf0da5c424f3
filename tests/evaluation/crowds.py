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
