"""`tracing reindex`: from one encoder to another without a pause."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, console, notes, print_json, print_table, progress_bar
from tracing.access import SYSTEM
from tracing.embeddings import manifest
from tracing.reindex import Progress

app = typer.Typer(help="From one encoder to another without a pause: start, backfill, activate, retire.", no_args_is_help=True)
Generation = Annotated[str, typer.Argument(metavar="GENERATION", help="Its id; see `tracing reindex status`.")]


@app.command()
def status(as_json: AsJson = False) -> None:
    """List the generations and how far each is."""
    with services() as found:
        all_of_them = [found.reindex.progress(each.generation_id) for each in found.reindex.generations()]
    if as_json:
        print_json([_row(each) for each in all_of_them])
    else:
        print_table(["generation", "encoder", "state", "encoded", "faces"], [list(_row(each).values()) for each in all_of_them])


@app.command()
def start(encoder: Annotated[str, typer.Argument(help="See `tracing models list`.")], as_json: AsJson = False) -> None:
    """Begin a generation: new faces are encoded for it from now on."""
    with services() as found:
        generation = found.reindex.start(SYSTEM, manifest.encoder_facts(encoder).encoder_id)
    if as_json:
        print_json(generation)
    else:
        console.print(
            f"Started {generation.generation_id}; next: tracing reindex backfill {generation.generation_id}", highlight=False
        )


@app.command()
def backfill(generation: Generation, as_json: AsJson = False) -> None:
    """Encode every face that the generation lacks; safe to interrupt and to repeat."""
    with services() as found, progress_bar() as bar:
        task = bar.add_task("Encoding faces")
        done = found.reindex.backfill(SYSTEM, generation, lambda now: bar.update(task, completed=now.encoded, total=now.faces))
    if as_json:
        print_json(_row(done) | {"failed": done.failed})
    else:
        console.print(f"{done.encoded} of {done.faces} faces are encoded.", highlight=False)
        for face_id in done.failed:
            notes.print(f"face {face_id}: its photo could not be read", highlight=False)
    if not done.complete:
        raise typer.Exit(1)


@app.command()
def activate(
    generation: Generation,
    incomplete: Annotated[bool, typer.Option("--incomplete", help="Even if faces are missing from it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search this generation from now on; the other one is retired. Going back is activating the old one again."""
    with services() as found:
        active = found.reindex.activate(SYSTEM, generation, incomplete)
    if as_json:
        print_json(active)
    else:
        console.print(f"{active.encoder_id} is active; every open case is searched again by the worker.", highlight=False)


@app.command()
def retire(generation: Generation) -> None:
    """Give up a generation that is being built."""
    with services() as found:
        found.reindex.retire(SYSTEM, generation)


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
