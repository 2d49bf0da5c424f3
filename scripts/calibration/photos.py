"""Labelled photos and their templates, for fitting and for checking."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.language import told
from scripts.photo_files import central_templates
from tracing.evaluation.identification import half_of
from tracing.ports import Examiner

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Templates:
    """One row per photo in which a face was found; ``missed`` are the photos where none was. Ages may be NaN."""

    vectors: NDArray[np.float64]
    identities: NDArray[np.str_]
    sets: NDArray[np.str_]
    ages: NDArray[np.float64]
    qualities: NDArray[np.float64]
    missed: NDArray[np.str_]

    def half(self, number: int) -> Templates:
        """The people whose digest is even (0, fitted) or odd (1, checked)."""
        return self._where(np.array([half_of(str(identity)) == number for identity in self.identities], dtype=np.bool_))

    def of_sets(self, *names: str) -> Templates:
        return self._where(np.isin(self.sets, names))

    def _where(self, chosen: Flags) -> Templates:
        return Templates(
            self.vectors[chosen],
            self.identities[chosen],
            self.sets[chosen],
            self.ages[chosen],
            self.qualities[chosen],
            self.missed,
        )


def choose_photos(folder: Path, distractors: int) -> list[dict[str, str]]:
    """Every photo of everybody with several, of all East Asian people, and of this many people of LFW with one photo."""
    with (folder / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    count = Counter(row["identity"] for row in rows)
    single = [identity for identity in count if count[identity] == 1 and identity.startswith("lfw/")]
    left_out = set(sorted(single, key=_digest)[distractors:])
    return sorted((row for row in rows if row["identity"] not in left_out), key=lambda row: row["image"])


def encode(folder: Path, rows: Sequence[dict[str, str]], examiner: Examiner, encoder_id: str) -> Templates:
    """The template of the labelled person of each photo, who is the one nearest to its middle."""
    kept, vectors, qualities, missed = [], [], [], []
    for done, row in enumerate(rows, start=1):
        found = central_templates((folder / row["image"]).read_bytes(), examiner, [encoder_id])
        if found is None:
            missed.append(row["image"])
        else:
            vectors.append(found[0][encoder_id])
            qualities.append(found[1].score)
            kept.append(row)
        if done % 200 == 0:
            sys.stderr.write(told(f"{done} of {len(rows)} photos") + "\n")
    return Templates(
        vectors=np.array(vectors, dtype=np.float64),
        identities=np.array([row["identity"] for row in kept]),
        sets=np.array([row["source_set"] for row in kept]),
        ages=np.array([float(row["age"] or "nan") for row in kept]),
        qualities=np.array(qualities, dtype=np.float64),
        missed=np.array(missed, dtype=np.str_),
    )


def _digest(identity: str) -> bytes:
    return sha256(identity.encode()).digest()
