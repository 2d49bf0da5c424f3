"""Draws ``models/drawn_chips.png``, the faces on which converted networks are compared with dlib's wherever they are made.

    .venv/bin/python -m scripts.demo.chips

The faces are cut out of drawn photos by dlib's detector and aligner, as the service cuts them out of real ones.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from scripts.demo.casting import invent_cast
from tracing.domain import Pixels
from tracing.embeddings.alignment import dlib_chips
from tracing.embeddings.conversion import DRAWN_CHIPS
from tracing.embeddings.hog import HogDetector
from tracing.embeddings.pictures import to_png

ACROSS = DOWN = 4
TODAY = date(2026, 11, 25)


def draw_sheet() -> Pixels:
    """``ACROSS`` x ``DOWN`` faces of as many people, uint8 (600, 600, 3); always the same ones."""
    detector = HogDetector()
    chips: dict[str, Pixels] = {}
    for case in invent_cast(today=TODAY).cases:
        if case.person_key in chips or not case.photos:
            continue
        photo = case.photos[0].draw()
        faces = detector.detect(photo)
        if len(faces) == 1:
            chips[case.person_key] = dlib_chips(photo, faces)[0]
        if len(chips) == ACROSS * DOWN:
            break
    return np.vstack([np.hstack(list(chips.values())[start : start + ACROSS]) for start in range(0, ACROSS * DOWN, ACROSS)])


def main(path: Path = DRAWN_CHIPS) -> None:
    path.write_bytes(to_png(draw_sheet()))


if __name__ == "__main__":
    main()
