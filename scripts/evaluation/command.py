"""`tracing evaluate`: how many people an encoder misses, and how many strangers it brings up, on labelled photos."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from scripts.evaluation.labelled import Labelled, encode, groups_of, read_labels
from scripts.evaluation.plots import draw_ranks, draw_scores, draw_trade_off
from scripts.evaluation.words import page
from scripts.opening import quiet_logs, settings, usual_encoder
from scripts.output import AsJson, console, print_json, progress_bar
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.pool import ExaminerPool
from tracing.errors import Invalid
from tracing.evaluation.checks import require_similarities, same_photos, suspects
from tracing.evaluation.identification import Photos, Searches, half_of, search, split, strangers_among
from tracing.evaluation.report import RATES, Report, report
from tracing.ranking import LISTED

SHOWN: Final = 10
"""Labels of each sort that are shown as worth a look."""


def evaluate(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="One folder per person, or with a people.csv beside or above.")
    ],
    encoder: Annotated[list[str], typer.Option(help="See `tracing models list`; may be given several times.")] = [],  # noqa: B006
    distractors: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="More people to enrol, of whom nobody is looked for.")
    ] = None,
    label_errors: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file naming photos with wrong labels, one a line.")
    ] = None,
    half: Annotated[
        int | None, typer.Option(min=0, max=1, help="Only the people of this half, by a digest of the name; 1 is never fitted.")
    ] = None,
    size: Annotated[list[int], typer.Option(help="Also a gallery of so many people; may be given several times.")] = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Write JSON, Markdown and pictures here.")] = None,
    pictures: Annotated[bool, typer.Option(help="Draw pictures; they need matplotlib.")] = True,
    as_json: AsJson = False,
) -> None:
    """Measure encoders with labelled photos, by the pipeline of production: misses (FNIR) at rates of false positives (FPIR).

    people.csv has the columns identity and image, and perhaps source_set, age and sex. The labelled person is taken to be the
    one nearest to the middle of a photo.
    """
    quiet_logs()
    encoders = list(encoder) or [usual_encoder()]
    labelled, strangers = _labelled(folder, distractors, label_errors, half, encoders)
    reports: dict[str, Report] = {}
    searches: dict[str, Searches] = {}
    for encoder_id in encoders:
        photos = labelled.photos(encoder_id)
        aside = strangers if strangers is not None else strangers_among(photos)
        searches[encoder_id] = search(photos, split(photos, aside))
        require_similarities(searches[encoder_id])
        reports[encoder_id] = report(photos, groups_of(labelled), LISTED, size, aside)
    pages = {
        encoder_id: page(encoder_id, folder.name, LISTED, each, _findings(labelled, labelled.photos(encoder_id)))
        for encoder_id, each in reports.items()
    }
    if out is not None:
        _write(out, reports, pages, searches if pictures else {})
    if as_json:
        print_json({encoder_id: asdict(each) for encoder_id, each in reports.items()})
        return
    for each in pages.values():
        console.print(each, highlight=False, markup=False)


def _labelled(
    folder: Path, distractors: Path | None, label_errors: Path | None, half: int | None, encoders: list[str]
) -> tuple[Labelled, set[str] | None]:
    labels = [each for each in read_labels(folder, label_errors) if half is None or half_of(each.person) == half]
    if not labels:
        raise Invalid(f"Nobody of {folder} is in that half.", "half")
    strangers = None
    if distractors is not None:
        known = {label.person for label in labels}
        more = [label for label in read_labels(distractors, label_errors) if label.person not in known]
        strangers = strangers_among(_nameless([label.person for label in labels]))
        labels += more
    found = settings()
    pool = ExaminerPool(partial(make_examiner, encoders, found.model_folders), workers=found.encoder_processes)
    try:
        with progress_bar() as bar:
            task = bar.add_task("Photos", total=len(labels))
            return encode(labels, pool, encoders, found.encoder_processes, partial(bar.advance, task)), strangers
    finally:
        pool.close()


def _nameless(people: list[str]) -> Photos:
    """Names alone, to choose strangers among."""
    return Photos(np.array(people), np.zeros((len(people), 1), dtype=np.float32), np.arange(len(people), dtype=np.float64))


def _findings(labelled: Labelled, photos: Photos) -> list[str]:
    names = [label.path.name for label in labelled.labels]
    found = [f"{path} cannot be read" for path in labelled.unreadable]
    found += [f"{names[one]} and {names[other]} are one photo under two names" for one, other in same_photos(photos)[:SHOWN]]
    for each in suspects(photos, SHOWN):
        what = "are alike under two names" if each.alike else "are not alike under one name"
        found.append(f"{names[each.one]} and {names[each.other]} {what} ({each.score:.3f})")
    return found


def _write(out: Path, reports: dict[str, Report], pages: dict[str, str], searches: dict[str, Searches]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for encoder_id, each in reports.items():
        name = encoder_id.replace("/", "-")
        (out / f"{name}.json").write_text(json.dumps(asdict(each), indent=2) + "\n", encoding="utf-8")
        (out / f"{name}.md").write_text(pages[encoder_id], encoding="utf-8")
    if searches:
        draw_trade_off(out / "det.png", searches, LISTED)
        draw_ranks(out / "cmc.png", searches, LISTED)
    for encoder_id, found in searches.items():
        draw_scores(out / f"{encoder_id.replace('/', '-')}-scores.png", found.own, found.best, found.threshold(RATES[0]))
