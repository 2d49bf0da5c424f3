"""`tracing models`: the encoders and detectors, and the files they are made of."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from scripts.language import word
from scripts.opening import settings
from scripts.output import AsJson, console, print_json, print_table, progress_bar, say
from scripts.photo_files import photos_below
from tracing.embeddings import catalog, conversion, manifest, weights
from tracing.embeddings.manifest import ModelFacts
from tracing.errors import Invalid

MOST_CHIPS = 64
"""Faces of real photos on which a converted network is compared."""

app = typer.Typer(help="The encoders and detectors that can be used here, and their files.", no_args_is_help=True)
Named = Annotated[str, typer.Argument(metavar="[MODEL]", help="Its id; all of them where none is named.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models: whether their files are here, their licence and what it means, whether their scores are calibrated."""
    folders = _folders()
    encoders = manifest.known_encoders()
    rows = []
    for model in manifest.known_models():
        facts = manifest.encoder_facts(model.model_id) if model.model_id in encoders else None
        rows.append({
            "model_id": model.model_id,
            "use": "encoder" if facts else "detector",
            "name": model.name,
            "dimension": facts.dimension if facts else None,
            "metric": facts.metric if facts else None,
            "calibrated": bool(facts.calibration) if facts else None,
            "missing": catalog.missing_files(model, folders),
            "licence": model.licence,
            "consequences": model.consequences,
            "source": model.source,
        })  # fmt: skip
    if as_json:
        print_json(rows)
        return
    print_table(["model", "use", "here", "calibrated"], [
        (row["model_id"], word(str(row["use"])), _yes_or_no(not row["missing"]), _yes_or_no(row["calibrated"])) for row in rows
    ])  # fmt: skip
    for row in rows:
        console.print(f"\n{row['model_id']}", style="bold", end="", highlight=False)
        console.print(f": {row['name']}, {row['licence']}\n  {row['consequences']}", highlight=False, markup=False)


@app.command()
def verify(model: Named = "", as_json: AsJson = False) -> None:
    """Compare the files on this machine with their digests.

    The exit status is 1 where a file is altered, or one of the named model is missing.
    """
    folders = _folders()
    files = [
        {"model_id": each.model_id, "file": file.facts.name, "path": file.path, "problem": file.problem}
        for each in _chosen(model)
        for file in folders.verified(each)
    ]
    if as_json:
        print_json(files)
    else:
        shown = [(each["model_id"], each["file"], each["path"], word(str(each["problem"] or ""))) for each in files]
        print_table(["model", "file", "where", "problem"], shown)
    serious = ("altered", "missing") if model else ("altered",)
    if any(each["problem"] in serious for each in files):
        raise typer.Exit(1)


@app.command()
def pull(
    model: Annotated[str, typer.Argument(help="Its id; see `tracing models list`.")],
    origin: Annotated[
        str,
        typer.Option("--from", help="A folder, a file, or an http(s) address. Default: that in the manifest, see above."),
    ] = "",
    sha256: Annotated[str, typer.Option(help="The digest you trust, for a file whose publisher gives none.")] = "",
    as_json: AsJson = False,
) -> None:
    """Bring the files of a model, and of what it needs, into the folder of models, after their digests were checked.

    The addresses in the manifest are where the files once came from. Nobody has fetched from them with this command: if one
    is gone, or gives another file, it is refused and nothing is kept; then bring the file yourself, with --from.
    """
    folders, facts = _folders(), manifest.model_facts(model)
    wanted = [
        (each, file.facts)
        for each in (facts, *map(manifest.model_facts, facts.needs))
        for file in folders.verified(each)
        if file.problem and not file.facts.package
    ]
    pulled = []
    with progress_bar() as bar:
        for each, file in wanted:
            if not (place := origin or file.url):
                raise Invalid(f"{file.name} has to be fetched by hand: {each.source}. Then name it with --from.", "from")
            task = bar.add_task(file.name, total=file.bytes or None)
            path = weights.pull(file, place, settings().model_folders[-1], sha256, partial(bar.advance, task))
            pulled.append({"model_id": each.model_id, "file": file.name, "path": path, "licence": each.licence})
    if as_json:
        print_json(pulled)
        return
    for row in pulled:
        say(f"{row['file']} is now {row['path']} ({row['licence']}).")
    if not pulled:
        say("Every file of it is here already.")
    console.print(f"{facts.name}: {facts.consequences}", highlight=False, markup=False)


@app.command()
def build(
    model: Named = "",
    photos: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Compare on the faces of these photos too.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Convert dlib's networks for ONNX Runtime, compare them with dlib on faces, and keep them only if they agree.

    Workers do it by themselves with their first photo; this does it ahead, and shows the figures.
    """
    folders = _folders()
    chips = np.concatenate([conversion.drawn_chips(), catalog.chips_of(photos_below(photos), folders)[:MOST_CHIPS]])
    here = [each for each in _chosen(model) if model or not catalog.missing_files(each, folders)]
    made = {each.model_id: check for each in here if (check := catalog.convert(each, folders, chips)) is not None}
    if not made:
        raise Invalid(f"{model} needs no conversion.", "model")
    if as_json:
        print_json([{"model_id": model_id, **asdict(check)} for model_id, check in made.items()])
        return
    for model_id, check in made.items():
        say(
            f"{model_id}: converted; compared with dlib on {check.faces} faces, the largest difference is "
            f"{check.largest_difference:.1e}."
        )


def _yes_or_no(value: object) -> str:
    return "" if value is None else word("yes" if value else "no")


def _folders() -> weights.ModelFolders:
    return weights.ModelFolders(*settings().model_folders)


def _chosen(model: str) -> tuple[ModelFacts, ...]:
    return (manifest.model_facts(model),) if model else manifest.known_models()
