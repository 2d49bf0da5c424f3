"""`tracing evaluate`: how many people an encoder misses, and how many strangers it brings up, on labelled photos.

It is read in the language of the terminal. What is kept of it, as Markdown, JSON, pictures and cards, is English.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from functools import partial, reduce
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import Annotated, Any, Final

import numpy as np
import typer

from scripts import logs
from scripts.evaluation.cards import write_card
from scripts.evaluation.guard import Guard, guard_over_children
from scripts.evaluation.labelled import Label, Labelled, encode, groups_of
from scripts.evaluation.people import people_of
from scripts.evaluation.plots import draw_ranks, draw_scores, draw_trade_off
from scripts.evaluation.words import Result, page
from scripts.language import told, word
from scripts.opening import settings, usual_encoder
from scripts.output import AsJson, console, print_json, progress_bar
from scripts.photo_files import readable
from tracing.bootstrap import utc_now
from tracing.embeddings.manifest import encoder_facts, known_encoders
from tracing.embeddings.pool import ExaminerPool
from tracing.embeddings.process import make_here
from tracing.embeddings.reference import REFERENCE, ReferenceExaminer
from tracing.errors import Invalid
from tracing.evaluation.card import card_of
from tracing.evaluation.checks import compare_all, require_similarities, same_photos, suspects, too_many
from tracing.evaluation.identification import Photos, Searches, search
from tracing.evaluation.normalised import Switch, fit
from tracing.evaluation.report import RATES, Effect, Measured, beside, effect, measure, report
from tracing.evaluation.scores import Scoring, cosine
from tracing.evidence import Calibration
from tracing.ports import Examiner
from tracing.ranking import LISTED

WHICH: Final = f"See `tracing models list`, or {REFERENCE}: the package as its users call it. May be given several times."
PLAIN: Final = "nothing"
SHOWN: Final = 10
"""Labels of each sort that are shown as worth a look."""


def evaluate(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="One folder per person, or with a people.csv beside or above.")
    ],
    encoder: Annotated[list[str], typer.Option(help=WHICH)] = [],  # noqa: B006
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
    switches: Annotated[
        list[Switch], typer.Option("--with", help="Also score this way, fitted on the half that is not reported on.")
    ] = [],  # noqa: B006
    cards: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Write model cards here, such as models/cards, for people and the service."),
    ] = None,
    out: Annotated[Path | None, typer.Option(file_okay=False, help="Write JSON, Markdown and pictures here.")] = None,
    pictures: Annotated[bool, typer.Option(help="Draw pictures; they need matplotlib.")] = True,
    as_json: AsJson = False,
) -> None:
    """Measure encoders with labelled photos, by the production pipeline: misses (FNIR) at rates of false positives (FPIR).

    people.csv has the columns identity and image, and perhaps source_set, age and sex. The labelled person is taken to be the
    one nearest to the middle of a photo. docs/evaluation.md says how to read what comes out.
    """
    logs.set_up(settings())
    encoders = list(dict.fromkeys(encoder)) or [usual_encoder()]
    if cards is not None and REFERENCE in encoders:
        raise Invalid(f"{REFERENCE} itself is no encoder of the service, and has no card.", "encoder")
    for kept in (out, cards):
        _make_folder(kept)
    people = people_of(folder, distractors, label_errors, half, fitting=bool(switches))
    labelled = _encoded(people.everybody, encoders)
    results: dict[str, Result] = {}
    searches: dict[str, Searches] = {}
    before: dict[str, Measured] = {}
    for encoder_id in encoders:
        reported = labelled.where(np.arange(len(people.reported)))
        fitted = labelled.where(np.arange(len(people.reported), len(people.everybody)))
        measured = measure(reported.photos(encoder_id), people.strangers)
        require_similarities(measured.searches)
        searches[encoder_id] = measured.searches
        scored = dict(_scored(switches, measured, fitted.photos(encoder_id)))
        results[encoder_id] = Result(
            report=report(measured, groups_of(reported), LISTED, size),
            effects=tuple(_effects(measured, scored)),
            guard=_guard(reported, encoder_id),
            findings=tuple(_findings(reported, measured.photos, people.unmet)),
            beside=tuple(beside(name, each, measured.searches, LISTED) for name, each in before.items()),
        )
        if encoder_id == encoders[0]:
            ways = {f"{encoder_id}, {way}": each for way, (each, _) in scored.items() if way != PLAIN}
            before = {name: replace(measured, searches=each) for name, each in {encoder_id: measured.searches, **ways}.items()}
    if out is not None:
        _write(out, readable(folder.name), results, searches if pictures else {})
    if cards is not None:
        _write_cards(cards, results, people.sets or (readable(folder.name),), half)
    if as_json:
        print_json({encoder_id: _plain(each) for encoder_id, each in results.items()})
        return
    for encoder_id, each in results.items():
        console.print(page(encoder_id, readable(folder.name), LISTED, each, told), highlight=False, markup=False)


def _encoded(labels: list[Label], encoders: list[str]) -> Labelled:
    """By the pipeline of production, and by the package face_recognition where it is asked for beside the encoders."""
    found = settings()
    ours = [encoder_id for encoder_id in encoders if encoder_id != REFERENCE]
    theirs = [REFERENCE] if REFERENCE in encoders else []
    sides: list[tuple[Callable[[], Examiner], list[str]]]
    sides = [(partial(make_here, ours, found.model_folders), ours), (ReferenceExaminer, theirs)]
    seen: list[Labelled] = []
    with progress_bar() as bar:
        for make, named in sides:
            if named:
                task = bar.add_task(word("Photos"), total=len(labels))
                with closing(ExaminerPool(make, workers=found.encoder_processes)) as pool:
                    seen.append(encode(labels, pool, named, found.encoder_processes, partial(bar.advance, task)))
    return reduce(Labelled.beside, seen)


def _scored(switches: Sequence[Switch], measured: Measured, fitted: Photos) -> Iterator[tuple[str, tuple[Searches, float]]]:
    """The searches scored in each way, and the milliseconds that one took.

    Plain cosines first, so that there is something to hold the time of the others against.
    """
    if switches:
        yield PLAIN, _timed(measured, cosine)
    for switch in switches:
        yield switch.value, _timed(measured, fit(switch, fitted, measured.photos))


def _timed(measured: Measured, scoring: Scoring) -> tuple[Searches, float]:
    start = perf_counter()
    changed = search(measured.photos, measured.chosen, scoring=scoring)
    return changed, 1000 * (perf_counter() - start) / (len(changed.mated) + len(changed.non_mated))


def _effects(measured: Measured, scored: Mapping[str, tuple[Searches, float]]) -> Iterator[Effect]:
    for name, (changed, milliseconds) in scored.items():
        yield effect(name, measured, changed, milliseconds, LISTED)


def _guard(labelled: Labelled, encoder_id: str) -> Guard | None:
    """None where the encoder is not calibrated: then nothing is said of a score at all."""
    found = encoder_facts(encoder_id).calibration if encoder_id in known_encoders() else None
    if found is None:
        return None
    return guard_over_children(labelled.labels, labelled.templates[encoder_id], Calibration.from_dict(found))


def _findings(labelled: Labelled, photos: Photos, unmet: Sequence[str]) -> Iterator[str]:
    names = [readable(f"{label.path.parent.name}/{label.path.name}") for label in labelled.labels]
    yield from (f"{line}, among the label errors, is no photo here" for line in unmet)
    yield from (f"{readable(str(path))} cannot be read" for path in labelled.unreadable)
    if too_many(photos):
        yield "there are too many photos to compare each with each; look for wrong labels in a part of them"
        return
    compared = compare_all(photos)
    same = same_photos(compared)
    for one, other in [(one, other) for one, other, apart in same if apart][:SHOWN]:
        yield f"{names[one]} and {names[other]} are one photo under two names"
    for one, other in [(one, other) for one, other, apart in same if not apart][:SHOWN]:
        yield f"{names[one]} and {names[other]} are one photo under one name: searches find it for sure"
    for each in suspects(compared, SHOWN):
        if each.alike:
            yield f"{names[each.one]} and {names[each.other]} are alike under two names ({each.score:.3f})"
        else:
            yield f"{names[each.one]} and {names[each.other]} are not alike under one name ({each.score:.3f})"


def _plain(result: Result) -> dict[str, Any]:
    """The report, and beside it what the desk found beyond that."""
    more = {
        "effects": [asdict(each) for each in result.effects],
        "guard": result.guard and asdict(result.guard),
        "beside": [asdict(each) for each in result.beside],
    }
    return asdict(result.report) | more


def _make_folder(kept: Path | None) -> None:
    """Before anything is measured: that may take an hour."""
    try:
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=kept):
                pass
    except OSError as error:
        raise Invalid(f"{kept} cannot be written: {error.strerror}.", "out") from error


def _write(out: Path, source: str, results: dict[str, Result], searches: dict[str, Searches]) -> None:
    for encoder_id, each in results.items():
        name = encoder_id.replace("/", "-")
        (out / f"{name}.json").write_text(json.dumps(_plain(each), indent=2) + "\n", encoding="utf-8")
        (out / f"{name}.md").write_text(page(encoder_id, source, LISTED, each), encoding="utf-8")
    if searches:
        draw_trade_off(out / "det.png", searches, LISTED)
        draw_ranks(out / "cmc.png", searches, LISTED)
    for encoder_id, found in searches.items():
        draw_scores(out / f"{encoder_id.replace('/', '-')}-scores.png", found.own, found.best, found.threshold(RATES[0]))


def _write_cards(folder: Path, results: dict[str, Result], sets: tuple[str, ...], half: int | None) -> None:
    command = shlex.join(["tracing", *sys.argv[1:]])
    for encoder_id, each in results.items():
        card = card_of(encoder_id, utc_now().date(), sets, each.report)
        write_card(folder, card, encoder_facts(encoder_id), command, half)
