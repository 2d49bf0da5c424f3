"""Measures what the scores of an encoder are worth, on labelled photos, and prints the table for models/manifest.toml.

    TRACING_MODELS_DIR=../shared/weights .venv/bin/python -m scripts.calibrate ../shared/data/calibration

The people are split by a digest of their identity: one half is fitted, the other half only checked. Each population is
measured by itself, because faces of one are compared with faces of the same one where it matters: different East Asian
people get far higher scores from encoders trained elsewhere, and an average over populations would hide that from those
whom it harms. What is printed holds for the population that the encoder tells apart worst (``fitted on``).
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.opening import settings
from scripts.photo_files import central_templates
from tracing.embeddings.catalog import make_examiner
from tracing.errors import Invalid, TracingError
from tracing.evaluation.identification import half_of
from tracing.evaluation.likelihood import cost, fit_line
from tracing.evidence import CHILD_UNDER_YEARS, LARGE_GAP_YEARS, Calibration
from tracing.ports import Examiner

POPULATIONS = ("asianfaces", "lfw")
"""Photos of adults taken within some years, to which a line is fitted; childhood to adult age (fgnet) is only reported."""

BINS = 6
"""Between the floor and the median of mated pairs, in which what was fitted is shown beside what is seen."""
ROWS = 40
"""Of the table of false match rates, between the score that nearly every stranger reaches and the highest of all."""

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Templates:
    """One row per photo in which a face was found; ``missed`` are the photos where none was. Ages may be NaN."""

    vectors: NDArray[np.float64]
    identities: NDArray[np.str_]
    sets: NDArray[np.str_]
    ages: NDArray[np.float64]
    missed: NDArray[np.str_]

    def half(self, number: int) -> Templates:
        """The people whose digest is even (0, fitted) or odd (1, checked)."""
        return self._where(np.array([half_of(str(identity)) == number for identity in self.identities], dtype=np.bool_))

    def of_set(self, name: str) -> Templates:
        return self._where(self.sets == name)

    def _where(self, chosen: Flags) -> Templates:
        return Templates(self.vectors[chosen], self.identities[chosen], self.sets[chosen], self.ages[chosen], self.missed)


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Every pair of photos: its score, whether it shows one person, the years between, whether both show a child.

    ``people`` is how many pairs of different people are behind it.
    """

    scores: Scores
    same: Flags
    gaps: NDArray[np.float64]
    children: Flags
    people: int

    @property
    def mated(self) -> Scores:
        return self.scores[self.same]

    @property
    def non_mated(self) -> Scores:
        return self.scores[~self.same]


def choose_photos(folder: Path, distractors: int) -> list[dict[str, str]]:
    """Every photo of everybody with several, of all East Asian people, and of this many people of LFW with one photo."""
    with (folder / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    count: dict[str, int] = {}
    for row in rows:
        count[row["identity"]] = count.get(row["identity"], 0) + 1
    single = [identity for identity in count if count[identity] == 1 and identity.startswith("lfw/")]
    left_out = set(sorted(single, key=_digest)[distractors:])
    return sorted((row for row in rows if row["identity"] not in left_out), key=lambda row: row["image"])


def encode(folder: Path, rows: Sequence[dict[str, str]], examiner: Examiner, encoder_id: str) -> Templates:
    """The template of the labelled person of each photo, who is the one nearest to its middle."""
    kept, vectors, missed = [], [], []
    for done, row in enumerate(rows, start=1):
        found = central_templates((folder / row["image"]).read_bytes(), examiner, [encoder_id])
        if found is None:
            missed.append(row["image"])
        else:
            vectors.append(found[0][encoder_id])
            kept.append(row)
        if done % 200 == 0:
            sys.stderr.write(f"{done} of {len(rows)} photos\n")
    return Templates(
        vectors=np.array(vectors, dtype=np.float64),
        identities=np.array([row["identity"] for row in kept]),
        sets=np.array([row["source_set"] for row in kept]),
        ages=np.array([float(row["age"] or "nan") for row in kept]),
        missed=np.array(missed, dtype=np.str_),
    )


def compare(templates: Templates) -> Comparisons:
    """The cosine of every pair of photos."""
    vectors = templates.vectors / np.linalg.norm(templates.vectors, axis=1, keepdims=True)
    low, high = np.triu_indices(len(vectors), 1)
    scores = (vectors @ vectors.T)[low, high]
    same = templates.identities[low] == templates.identities[high]
    people = len(set(templates.identities.tolist()))
    gaps = np.abs(templates.ages[low] - templates.ages[high])
    children = np.maximum(templates.ages[low], templates.ages[high]) < CHILD_UNDER_YEARS
    return Comparisons(scores, same, gaps, children, people * (people - 1) // 2)


def rate_table(comparisons: Comparisons) -> tuple[tuple[float, float], ...]:
    """False match rates on the grid, down to the lowest that so many pairs of people can support (3 / n)."""
    least = 3 / comparisons.people
    rows = [(-1.0, 1.0)]
    low, high = np.quantile(comparisons.non_mated, (0.005, 1))
    for score in np.unique(np.round(np.linspace(low, high, ROWS), 3)):
        rate = _share(comparisons.non_mated, float(score))
        rows.append((float(score), round(max(rate, least), 7)))
        if rate <= least:
            break
    return tuple(rows)


def calibrate(fitted: Mapping[str, Comparisons], keep: float) -> tuple[str, Calibration]:
    """The population that is told apart worst, and its calibration; the floor keeps this share of each one's mated pairs.

    ``Invalid`` where a population has too few comparisons.
    """
    for name, comparisons in fitted.items():
        if len(comparisons.mated) < 3 or len(comparisons.non_mated) < 3:
            raise Invalid(f"There are too few people of {name} to fit anything to.", "photos")
    floor = min(_rounded_down(float(np.quantile(comparisons.mated, 1 - keep))) for comparisons in fitted.values())
    worst = max(fitted, key=lambda name: _share(fitted[name].non_mated, floor))
    slope, intercept = fit_line(fitted[worst].mated, fitted[worst].non_mated)
    calibration = Calibration(
        slope=round(slope, 3),
        intercept=round(intercept, 3),
        floor=floor,
        mated=len(fitted[worst].mated),
        non_mated=fitted[worst].people,
        false_match_rates=rate_table(fitted[worst]),
    )
    return worst, calibration


def cost_of(comparisons: Comparisons, calibration: Calibration) -> float:
    kinds = (comparisons.mated, comparisons.non_mated)
    return cost(*(np.array([calibration.log10_lr(score) for score in scores]) for scores in kinds))


def report(name: str, comparisons: Comparisons, calibration: Calibration) -> Iterator[str]:
    """Lines that say how the calibration does on these people."""
    mated, other, floor = comparisons.mated, comparisons.non_mated, calibration.floor
    if not len(mated) or not len(other):
        yield f"{name}: nothing to compare"
        return
    yield (
        f"{name}: {len(mated)} mated, {len(other)} non-mated comparisons; Cllr {cost_of(comparisons, calibration):.3f}; "
        f"floor {floor} keeps {_share(mated, floor):.1%} of mated, {_share(other, floor):.2%} of non-mated"
    )
    for start, end in pairwise(np.linspace(calibration.floor, np.quantile(mated, 0.5), BINS + 1)):
        of_mated = _share(mated, start) - _share(mated, end)
        of_other = _share(other, start) - _share(other, end)
        seen = f"{np.log10(of_mated / of_other):+.1f}" if of_mated and of_other else "-"
        yield (
            f"  score {start:.3f} to {end:.3f}: log10 LR {calibration.log10_lr((start + end) / 2):+.1f}, seen {seen}; "
            f"FMR from {start:.3f} on {calibration.false_match_rate(start):.5f}, seen {_share(other, start):.5f}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _options()
    options = parser.parse_args(arguments)
    try:
        lines = _lines(options)
    except (TracingError, OSError) as error:
        parser.exit(1, f"{error}\n")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _lines(options: argparse.Namespace) -> list[str]:
    templates = _templates(options)
    names = sorted({*templates.sets.tolist(), *POPULATIONS})
    halves = [{name: compare(templates.half(half).of_set(name)) for name in names} for half in (0, 1)]
    worst, calibration = calibrate({name: halves[0][name] for name in POPULATIONS}, options.keep)
    lines = [f"# photos with a face: {len(templates.vectors)}, without: {len(templates.missed)}; fitted on: {worst}"]
    for title, half in zip(("fitted half", "checked half"), halves, strict=True):
        for name, comparisons in half.items():
            lines += [f"# {line}" for line in report(f"{title}, {name}", comparisons, calibration)]
    for title, chosen in _by_age(compare(templates.of_set("fgnet"))):
        lines.append(f"# fgnet, {title}: floor keeps {_share(chosen, calibration.floor):.1%} of {len(chosen)}")
    return [*lines, f'[encoders."{options.encoder}".calibration]', *_toml(calibration)]


def _by_age(comparisons: Comparisons) -> Iterator[tuple[str, Scores]]:
    far = comparisons.gaps >= LARGE_GAP_YEARS
    yield f"mated, under {LARGE_GAP_YEARS} years between", comparisons.scores[comparisons.same & ~far]
    yield f"mated, {LARGE_GAP_YEARS} years or more between", comparisons.scores[comparisons.same & far]
    yield f"non-mated, both under {CHILD_UNDER_YEARS}", comparisons.scores[~comparisons.same & comparisons.children]


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure what the scores of an encoder are worth.")
    parser.add_argument("photos", type=Path, help="folder with people.csv (identity, image, source_set, age)")
    parser.add_argument("--vectors", type=Path, help="keep the templates in this .npz file, and use it where it is there")
    parser.add_argument("--encoder", default="dlib-resnet-v1", help="an encoder of models/manifest.toml")
    parser.add_argument(
        "--keep", type=float, default=0.99, help="share of each population's mated pairs that the floor has to keep"
    )
    parser.add_argument("--distractors", type=int, default=500, help="people of LFW with one photo")
    return parser


def _templates(options: argparse.Namespace) -> Templates:
    if options.vectors and options.vectors.exists():
        with np.load(options.vectors) as saved:
            return Templates(**{name: saved[name] for name in Templates.__dataclass_fields__})
    rows = choose_photos(options.photos, options.distractors)
    templates = encode(options.photos, rows, make_examiner([options.encoder], settings().model_folders), options.encoder)
    if options.vectors:
        np.savez(options.vectors, **{name: getattr(templates, name) for name in Templates.__dataclass_fields__})
    return templates


def _rounded_down(score: float) -> float:
    return math.floor(score * 1000) / 1000


def _share(scores: Scores, least: float) -> float:
    return float(np.mean(scores >= least)) if len(scores) else 0.0


def _toml(calibration: Calibration) -> Iterator[str]:
    for key, value in calibration.to_dict().items():
        if isinstance(value, list):
            yield f"{key} = [  # score, share of different people who reach it"
            yield from (f"    [{score}, {rate:.7f}]," for score, rate in value)
            yield "]"
        else:
            yield f"{key} = {value}"


def _digest(identity: str) -> bytes:
    return sha256(identity.encode()).digest()


if __name__ == "__main__":
    raise SystemExit(main())
