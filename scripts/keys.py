"""`tracing keys`: the keys that seal photos and rows, and changing them while the service runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import TaskID

from scripts.language import told, word
from scripts.opening import services
from scripts.output import AsJson, note, print_json, print_table, progress_bar, say
from tracing.store.resealing import Resealed

app = typer.Typer(help="The keys that seal photos, templates, contacts and papers.", no_args_is_help=True)


@app.command(name="list")
def list_keys(as_json: AsJson = False) -> None:
    """List the data keys and the master keys, with how many rows and photos each of them seals."""
    with services() as found:
        keys = found.rotation.listed()
    if as_json:
        print_json([asdict(each) for each in keys])
        return
    print_table(
        ["key", "kind", "made", "retired", "rows", "photos"],
        [
            (
                each.key_id,
                word("master" if each.master else "data") + (word(", in use") if each.current else ""),
                each.made_at and f"{each.made_at:%Y-%m-%d %H:%M}",
                each.retired_at and f"{each.retired_at:%Y-%m-%d %H:%M}",
                f"{each.rows:,}",
                f"{each.photos:,}",
            )
            for each in keys
        ],
    )


@app.command()
def rotate(
    master: Annotated[
        bool, typer.Option("--master", help="Change the master key instead, and lock the data keys with the new one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a new data key and seal everything anew with it, while servers and workers go on; repeat it if it was interrupted.

    The old key opens what may still be on its way for an hour; afterwards `tracing keys destroy` forgets it.
    """
    if master:
        _rotate_master(as_json)
        return
    with services() as found, progress_bar() as bar:
        lines: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            line = lines[what] if what in lines else lines.setdefault(what, bar.add_task(word(what)))
            bar.update(line, completed=done, total=total)

        done = found.rotation.rotate(show)
    if as_json:
        print_json(asdict(done))
    else:
        say(f"{done.rows:,} rows and {done.photos:,} photos are sealed with the new key.")
        say("In an hour, run: tracing keys destroy")
    _refuse_damaged(done)


@app.command()
def destroy(as_json: AsJson = False) -> None:
    """Forget the retired keys that nothing needs any more; earlier backups keep their own copy of them."""
    with services() as found:
        gone, kept = found.rotation.destroy()
    if as_json:
        print_json({"destroyed": gone, "kept": kept})
        return
    for name in gone:
        say(f"{name} is destroyed.")
    for name, reason in kept.items():
        say(f"{name} is kept: {told(reason)}.")
    if not gone and not kept:
        say("No key is retired.")


def _rotate_master(as_json: bool) -> None:
    with services() as found:
        name = found.rotation.rotate_master()
    if as_json:
        print_json({"master": name})
        return
    say(f"The data keys are locked with the master key {name}.")
    say("Keep a copy of it apart from the backups; backups that were made before need the old one.")


def _refuse_damaged(done: Resealed) -> None:
    for each in done.damaged:
        note(f"does not open, so it stays as it is: {each}")
    if done.damaged:
        raise typer.Exit(1)
