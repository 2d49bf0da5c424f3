"""Measures what the scores of an encoder are worth, on labelled photos, and prints the table for models/manifest.toml.

    TRACING_MODELS_DIR=../shared/weights .venv/bin/python -m scripts.calibrate ../shared/data/calibration

The people are split by a digest of their identity: one half is fitted, the other half only checked. Each population is
measured by itself, because faces of one are compared with faces of the same one where it matters: different East Asian
people get far higher scores from encoders trained elsewhere, and an average over populations would hide that from those
whom it harms. What is printed holds for the population that the encoder tells apart worst (``fitted on``). Children, and
photos years apart, get a line of their own from people who were photographed from childhood on.

These remarks are in the language of the terminal; the table, which is kept, is English.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripts.calibration.comparisons import Comparisons, compare
from scripts.calibration.findings import alarms, by_age, kept, paid, paid_crosswise, reliable, said_and_seen, with_quality
from scripts.calibration.fitting import calibrate, has_both_kinds, line_of, toml
from scripts.calibration.photos import Templates, choose_photos, encode
from scripts.evaluation.plots import draw_reliability
from scripts.language import refused, told
from scripts.opening import settings
from tracing.embeddings.catalog import make_examiner
from tracing.errors import Invalid, TracingError
from tracing.evaluation.alarms import rate_table
from tracing.evidence import Calibration

POPULATIONS = ("asianfaces", "lfw")
"""Photos of adults taken within some years, to which a line is fitted."""
ENCODER = "encoder"
"""Whose the templates are that are kept in a file."""
AGING = "fgnet"
"""Photos from childhood to adult age, of which the guarded comparisons get their line."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _options()
    options = parser.parse_args(arguments)
    try:
        lines = _lines(options)
    except (TracingError, OSError) as error:
        parser.exit(1, f"{refused(error if isinstance(error, TracingError) else str(error))}\n")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _lines(options: argparse.Namespace) -> list[str]:
    templates = _templates(options)
    fitted, checked = (_compared(templates.half(number)) for number in (0, 1))
    guarded = fitted[AGING].where(fitted[AGING].guarded)
    worst, calibration = calibrate(
        {name: fitted[name] for name in POPULATIONS}, guarded if has_both_kinds(guarded) else None, options.keep
    )
    said = [told(f"photos with a face: {len(templates.vectors)}, without: {len(templates.missed)}; fitted on: {worst}")]
    said += [*_costs(fitted, checked, calibration), *_reliability(checked, worst, calibration, options.plot)]
    for name in POPULATIONS:
        own = rate_table(fitted[name].non_mated)
        said += alarms(told(f"{name}, checked half, by its own table"), templates.half(1).of_sets(name), own)
        if name != worst:
            table = calibration.false_match_rates
            said += alarms(told(f"{name}, checked half, by this table"), templates.half(1).of_sets(name), table)
    said += by_age(compare(templates.of_sets(AGING)), calibration.floor)
    return [f"# {line}" for line in said] + list(toml(options.encoder, calibration))


def _compared(templates: Templates) -> dict[str, Comparisons]:
    """By population, and all of them together: ``pooled``."""
    names = {name: (name,) for name in (*POPULATIONS, AGING)} | {"pooled": POPULATIONS}
    return {name: compare(templates.of_sets(*sets)) for name, sets in names.items()}


def _costs(fitted: Mapping[str, Comparisons], checked: Mapping[str, Comparisons], calibration: Calibration) -> Iterator[str]:
    """Of the table's lines, and of a line that each population could have for itself, on people who were not fitted."""
    for name in (*POPULATIONS, "pooled"):
        this_table, own_line = told(f"{name}, checked half, by this table"), told(f"{name}, checked half, by its own line")
        yield kept(told(f"{name}, checked half"), checked[name], calibration.floor)
        yield paid(this_table, checked[name], calibration.line)
        yield paid(own_line, checked[name], line_of(fitted[name]))
        yield paid_crosswise(told(f"{name}, each half by the line of the other"), (fitted[name], checked[name]))
        yield with_quality(own_line, fitted[name], checked[name])
    if calibration.guarded is not None:
        name = told(f"{AGING}, guarded")
        guarded = checked[AGING].where(checked[AGING].guarded)
        yield paid(told(f"{name}, checked half, by this table"), guarded, calibration.guarded)
        yield paid(told(f"{name}, checked half, by the line of adults"), guarded, calibration.line)
        halves = [each[AGING].where(each[AGING].guarded) for each in (fitted, checked)]
        yield paid_crosswise(told(f"{name}, each half by the line of the other"), halves)


def _reliability(checked: Mapping[str, Comparisons], worst: str, calibration: Calibration, plot: Path | None) -> Iterator[str]:
    groups = {worst: reliable(checked[worst], calibration.line)}
    if calibration.guarded is not None:
        groups[f"{AGING}, guarded"] = reliable(checked[AGING].where(checked[AGING].guarded), calibration.guarded)
    for name, steps in groups.items():
        whose = told(name)
        yield from said_and_seen(told(f"{whose}, checked half"), steps)
    if plot is not None:
        draw_reliability(plot, groups)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=told("Measure what the scores of an encoder are worth."))
    parser.add_argument("photos", type=Path, help=told("folder with people.csv (identity, image, source_set, age)"))
    parser.add_argument("--vectors", type=Path, help=told("keep the templates in this .npz file, and use it where it is there"))
    parser.add_argument("--encoder", default="dlib-resnet-v1", help=told("an encoder of models/manifest.toml"))
    parser.add_argument("--plot", type=Path, help=told("draw into this .png file what was said against what was seen"))
    parser.add_argument(
        "--keep", type=float, default=0.99, help=told("share of each population's mated pairs that the floor has to keep")
    )
    parser.add_argument("--distractors", type=int, default=500, help=told("people of LFW with one photo"))
    return parser


def _templates(options: argparse.Namespace) -> Templates:
    """``Invalid`` where those that were kept are another encoder's: its table would be called this one's."""
    if options.vectors and options.vectors.exists():
        with np.load(options.vectors) as saved:
            if ENCODER not in saved or str(saved[ENCODER]) != options.encoder:
                raise Invalid(f"The templates in {options.vectors} are not of {options.encoder}: name another file.", "vectors")
            return Templates(**{name: saved[name] for name in Templates.__dataclass_fields__})
    rows = choose_photos(options.photos, options.distractors)
    templates = encode(options.photos, rows, make_examiner([options.encoder], settings().model_folders), options.encoder)
    if options.vectors:
        kept: dict[str, Any] = {name: getattr(templates, name) for name in Templates.__dataclass_fields__}
        np.savez(options.vectors, **kept | {ENCODER: np.array(options.encoder)})
    return templates


if __name__ == "__main__":
    raise SystemExit(main())
