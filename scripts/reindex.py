"""`tracing reindex`: from one encoder to another without a pause."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scripts.language import told, word
from scripts.opening import services
from scripts.output import AsJson, RateColumn, note, print_json, print_table, progress_bar, say
from scripts.photo_files import people_in, photo_bytes
from tracing.access import SYSTEM
from tracing.embeddings import manifest
from tracing.errors import Misconfigured
from tracing.machines import machines
from tracing.reindex import Progress
from tracing.validation import Report

app = typer.Typer(
    help="From one encoder to another without a pause: start, backfill, verify, activate, rollback, recalibrate, retire.",
    no_args_is_help=True,
)
Incomplete = Annotated[bool, typer.Option("--incomplete", help="Even if faces are missing from it, or more is wrong.")]
Generation = Annotated[str, typer.Argument(metavar="GENERATION", help="Its id; see `tracing reindex status`.")]


class Engine(StrEnum):
    LOCAL = "local"
    CLUSTER = "cluster"


@app.command()
def status(as_json: AsJson = False) -> None:
    """List the generations and how far each is."""
    with services() as found:
        all_of_them = [found.reindex.progress(each.generation_id) for each in found.reindex.generations()]
        outdated = [each.generation.generation_id for each in all_of_them if found.reindex.is_outdated(each.generation)]
    if as_json:
        print_json([_row(each) | {"outdated_calibration": each.generation.generation_id in outdated} for each in all_of_them])
    else:
        print_table(["generation", "encoder", "state", "encoded", "faces"], [list(_row(each).values()) for each in all_of_them])
        for generation_id in outdated:
            note(f"{generation_id} has another calibration than the list of models: tracing reindex recalibrate")


@app.command()
def start(encoder: Annotated[str, typer.Argument(help="See `tracing models list`.")], as_json: AsJson = False) -> None:
    """Begin a generation: new faces are encoded for it from now on."""
    with services() as found:
        generation = found.reindex.start(SYSTEM, manifest.encoder_facts(encoder).encoder_id)
    if as_json:
        print_json(generation)
    else:
        say(f"Started {generation.generation_id}; next: tracing reindex backfill {generation.generation_id}")


@app.command()
def backfill(
    generation: Generation,
    engine: Annotated[Engine, typer.Option(help="Processes of the service here, or workers of Dask.")] = Engine.LOCAL,
    address: Annotated[
        str, typer.Option(metavar="tls://HOST:PORT", help="Dask's scheduler; without it Dask starts processes here.")
    ] = "",
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Even if photos travel as tcp:// to another machine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Encode every face that the generation lacks; safe to interrupt and to repeat.

    With `--engine cluster` a worker that is killed, or that joins meanwhile, changes nothing but the time it takes.
    """
    if engine is Engine.LOCAL and (address or unencrypted):
        raise Misconfigured("--address and --unencrypted are for --engine cluster.")
    with services() as found, ExitStack() as stack:
        before = found.reindex.progress(generation)
        encoder = None
        if engine is Engine.CLUSTER:
            opened = machines(found.settings, found.examiner, before.generation.encoder_id, address, unencrypted)
            encoder = stack.enter_context(opened)
        bar = stack.enter_context(progress_bar(RateColumn(word("faces"))))
        task = bar.add_task(word("Encoding faces"), completed=before.encoded, total=before.faces)

        def show(now: Progress) -> None:
            bar.update(task, completed=now.encoded, total=now.faces)

        done = found.reindex.backfill(SYSTEM, generation, show, encoder)
    if as_json:
        print_json(_row(done) | {"failed": done.failed})
    else:
        say(f"{done.encoded} of {done.faces} faces are encoded.")
        for face_id in done.failed:
            note(f"face {face_id}: its photo could not be read")
    if not done.complete:
        raise typer.Exit(1)


@app.command()
def verify(
    generation: Generation,
    photos: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Labelled photos, one folder per person."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look whether a generation is complete, finds its own templates and lists every confirmed match; kept with it."""
    people = people_in(photos) if photos else {}
    labelled = [(name, partial(photo_bytes, photo)) for name, found in people.items() for photo in found]
    with services() as found, progress_bar() as bar:
        task = bar.add_task(word("Verifying"), total=None)
        report = found.validation.verify(SYSTEM, generation, labelled, lambda doing: bar.update(task, description=told(doing)))
    if as_json:
        print_json(asdict(report) | {"problems": report.problems})
    else:
        _print_report(report)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def activate(
    generation: Generation,
    incomplete: Incomplete = False,
    as_json: AsJson = False,
) -> None:
    """Search this generation from now on; the other one is retired. Going back is `rollback`.

    Where `verify` found something wrong with it, it is refused without `--incomplete`.
    """
    with services() as found:
        active = found.reindex.activate(SYSTEM, generation, incomplete)
    if as_json:
        print_json(active)
    else:
        say(f"{active.encoder_id} is active; every open case is searched again by the worker.")


@app.command()
def rollback(incomplete: Incomplete = False, as_json: AsJson = False) -> None:
    """Go back to the generation that was searched before this one."""
    with services() as found:
        active = found.reindex.rollback(SYSTEM, incomplete)
    if as_json:
        print_json(active)
    else:
        say(f"{active.encoder_id} is active again; every open case is searched anew by the worker.")


@app.command()
def recalibrate(generation: Generation, as_json: AsJson = False) -> None:
    """Let the scores of a generation mean what models/manifest.toml says of its encoder now.

    A generation keeps the calibration it began with, whatever becomes of that file, until this is asked for.
    """
    with services() as found:
        changed = found.reindex.recalibrate(SYSTEM, generation)
    if as_json:
        print_json(changed)
    else:
        say(f"The scores of {changed.encoder_id} mean what the list of models says of them.")


@app.command()
def retire(generation: Generation) -> None:
    """Give up a generation that is being built."""
    with services() as found:
        found.reindex.retire(SYSTEM, generation)


def _print_report(report: Report) -> None:
    say(f"{report.encoded} of {report.faces} faces are encoded")
    say(f"{report.found_themselves} of {report.searched} templates that were tried find themselves")
    say(f"{report.listed} of {report.matches} confirmed matches would be listed, {report.listed_now} are so now")
    if report.on_photos is not None:
        seen = report.on_photos
        say(
            f"labelled photos: {seen.false_negative_rate:.1%} of {seen.mated} searches miss their person where "
            f"{seen.false_positive_rate:.1%} of {seen.non_mated} find somebody by mistake; first {seen.first:.1%}"
        )
    for problem in report.problems:
        say(problem)


def _row(progress: Progress) -> dict[str, object]:
    generation = progress.generation
    return {
        "generation_id": generation.generation_id,
        "encoder_id": generation.encoder_id,
        "state": generation.state,
        "encoded": progress.encoded,
        "faces": progress.faces,
    }


if __name__ == "__main__":
    app()
