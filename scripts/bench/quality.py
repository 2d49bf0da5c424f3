"""`tracing bench quality`: whether the photos that are called poor are the ones that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from scripts.language import word
from scripts.opening import settings, usual_encoder
from scripts.output import AsJson, print_json, print_table, progress_bar, say
from scripts.photo_files import central_templates, people_in
from tracing.domain import Quality, Vector
from tracing.embeddings.catalog import make_examiner
from tracing.errors import Invalid, UnreadablePhoto
from tracing.evaluation.discard import DISCARDED, Comparisons, area, benefit, compare, error_versus_discard, ideal_quality
from tracing.ports import Examiner

MANY: Final = 10_000
"""Comparisons of two people from which on a false match rate of one in a thousand rests on ten of them."""


@dataclass
class Enrolled:
    """The photos in which a face was found, and the names of those in which none was, or that cannot be read."""

    people: list[str] = field(default_factory=list)
    vectors: list[Vector] = field(default_factory=list)
    qualities: list[Quality] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def quality(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="One folder per person, photos in each.")],
    encoder: Annotated[str, typer.Option(help="See `tracing models list`. Default: that of the settings.")] = "",
    people: Annotated[str, typer.Option(help="Only the people whose folders have such a name, such as 'lfw__*'.")] = "*",
    false_match_rate: Annotated[
        float, typer.Option("--fmr", min=0, max=1, help="Fixes the threshold. Default: 0.001, or 0.01 where people are few.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Print how many photos of one person fail to match, as the poorest photos are left out: by score and by each component.

    The error versus discard characteristic of ISO/IEC 29794-1. The labelled person is taken to be the one nearest to the middle
    of a photo. A benefit of 1 is that of an oracle, 0 that of chance.
    """
    chosen = {name: photos for name, photos in people_in(folder).items() if fnmatchcase(name, people)}
    if not chosen:
        raise Invalid(f"{folder} holds no such folder with a photo.", "folder")
    encoder_id = encoder or usual_encoder()
    found = _enrol(make_examiner([encoder_id], settings().model_folders), encoder_id, chosen)
    comparisons = _compared(found, false_match_rate)
    report = _report(found, comparisons) | {"encoder": encoder_id}
    if as_json:
        print_json(report)
    else:
        _print(report)


def _enrol(examiner: Examiner, encoder_id: str, people: dict[str, list[Path]]) -> Enrolled:
    found = Enrolled()
    photos = [(person, photo) for person, photos in people.items() for photo in photos]
    with progress_bar() as bar:
        for person, photo in bar.track(photos, description=word("Photos")):
            try:
                seen = central_templates(photo.read_bytes(), examiner, [encoder_id])
            except UnreadablePhoto:
                seen = None
            if seen is None:
                found.failures.append(f"{person}/{photo.name}")
                continue
            vectors, quality = seen
            found.people.append(person)
            found.vectors.append(vectors[encoder_id])
            found.qualities.append(quality)
    return found


def _compared(found: Enrolled, false_match_rate: float) -> Comparisons:
    templates = np.array(found.vectors, dtype=np.float32)
    if false_match_rate > 0:
        return compare(templates, found.people, false_match_rate)
    strict = compare(templates, found.people, 0.001)
    return strict if strict.non_mated >= MANY else compare(templates, found.people, 0.01)


def _report(found: Enrolled, comparisons: Comparisons) -> dict[str, Any]:
    ideal = error_versus_discard(comparisons, ideal_quality(comparisons))
    measures = {"score": [each.score for each in found.qualities]}
    measures |= {name: [each.components[name] for each in found.qualities] for name in found.qualities[0].components}
    curves = {name: error_versus_discard(comparisons, values) for name, values in measures.items()}
    curves |= {"chance": error_versus_discard(comparisons, np.zeros(comparisons.photos)), "ideal": ideal}
    return {
        "people": len(set(found.people)),
        "photos": comparisons.photos,
        "failures_to_enrol": found.failures,
        "mated": len(comparisons.failed),
        "non_mated": comparisons.non_mated,
        "threshold": comparisons.threshold,
        "false_match_rate": comparisons.false_match_rate,
        "false_non_match_rate": comparisons.false_non_match_rate,
        "discarded": DISCARDED,
        "curves": {
            name: {"rates": rates, "area": area(rates), "benefit": benefit(rates, ideal)} for name, rates in curves.items()
        },
    }


def _print(report: dict[str, Any]) -> None:
    failures = len(report["failures_to_enrol"])
    say(f"{report['photos']} photos of {report['people']} people by {report['encoder']}; {failures} more without a face")
    say(f"{report['mated']} comparisons of one person, {report['non_mated']} of two")
    say(
        f"threshold {report['threshold']:.4f}: false match rate {report['false_match_rate']:.2%}, "
        f"false non-match rate {report['false_non_match_rate']:.2%}"
    )
    curves: dict[str, dict[str, Any]] = report["curves"]
    rows = [
        (word(name), *_percent(each["rates"]), *_percent([each["area"]]), f"{each['benefit']:.2f}")
        for name, each in curves.items()
    ]
    shares = [f"-{share:.0%}" if share else word("all") for share in report["discarded"]]
    print_table(["by", *shares, "mean", "benefit"], rows, "false non-match rate in %, without the poorest photos")


def _percent(rates: Sequence[float]) -> list[str]:
    return [f"{100 * rate:.1f}" for rate in rates]
