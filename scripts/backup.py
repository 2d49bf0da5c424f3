"""`tracing backup`: backups while the service runs, and a look at those that there are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from scripts.language import told, word
from scripts.opening import services
from scripts.output import AsJson, note, print_json, print_table, progress_bar, say
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.manifest import Manifest

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backups, on another disk.")]
Which = Annotated[str, typer.Argument(metavar="ID", help="The backup; the latest where none is named.")]


class MakeUnlessNamed(TyperGroup):
    """`tracing backup DIR` makes one; the other things one can do with backups have a word."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args[0] in self.commands else ["make", *args])


app = typer.Typer(
    cls=MakeUnlessNamed,
    help="`tracing backup DIR` makes a backup while the service runs; docs/backup.md says how to bring one back.",
    no_args_is_help=True,
)


@app.command()
def make(
    folder: Folder,
    keys: Annotated[Path | None, typer.Option(help="Also write the master key, into this folder, on yet another disk.")] = None,
    beside: Annotated[bool, typer.Option("--beside", help="Let the key lie beside the backup.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a backup: the database at one moment, the photos that are new, the data keys; not the master key, unless asked."""
    with services() as found, progress_bar() as bar:
        line = bar.add_task(word("photos"))
        made = found.backups.make(folder, keys, beside, lambda done, total: bar.update(line, completed=done, total=total))
        found.ledger.share(folder)
    if as_json:
        print_json({"keys": str(keys) if keys else None, **asdict(made)})
        return
    rows = sum(each.rows for each in made.tables.values())
    say(f"{made.backup_id}: {rows:,} rows in {len(made.tables)} tables, {made.photos:,} photos.")
    if made.gone:
        say(f"{made.gone:,} photos are not in it: erased meanwhile, or missing; `tracing check` says which.")
    say(f"Point of recovery: {made.point:%Y-%m-%d %H:%M:%S} UTC. Whatever was saved by then is in it.")
    if keys:
        say(f"The master key {made.master} is in {keys}; nothing opens without it.")
    else:
        say(f"The master key {made.master} is not in it: keep a copy elsewhere; nothing opens without it.")


@app.command(name="list")
def list_backups(folder: Folder, as_json: AsJson = False) -> None:
    """List the backups in the folder; exit status 1 where one is damaged."""
    there = BackupFolder(folder)
    backups, damaged = there.all(), there.unreadable()
    if as_json:
        print_json([asdict(each) for each in backups])
    else:
        _tell(backups)
    for each, why in damaged.items():
        note(f"{each} is damaged, and no backup any more: {told(why)}")
    if damaged:
        raise typer.Exit(1)


def _tell(backups: list[Manifest]) -> None:
    print_table(
        ["backup", "point of recovery (UTC)", "rows", "photos", "MiB of photos", "master key"],
        [
            (
                each.backup_id,
                f"{each.point:%Y-%m-%d %H:%M:%S}",
                f"{sum(table.rows for table in each.tables.values()):,}",
                f"{each.photos:,}",
                f"{each.photo_bytes / 2**20:,.1f}",
                each.master,
            )
            for each in backups
        ],
    )


@app.command()
def verify(folder: Folder, backup: Which = "", as_json: AsJson = False) -> None:
    """Read every file of a backup and compare its digest; exit status 1 where one is missing or altered."""
    there = BackupFolder(folder)
    chosen = there.find(backup)
    with progress_bar() as bar:
        line = bar.add_task(word("photos"))
        faults = there.verify(chosen, lambda done, total: bar.update(line, completed=done, total=total))
    if as_json:
        print_json({"backup": chosen.backup_id, "whole": not faults, "faults": faults})
    elif faults:
        print_table(["file", "what"], [(each.file, word(each.what)) for each in faults])
    else:
        say(f"{chosen.backup_id} is whole: the database and {chosen.photos:,} photos.")
    if faults:
        raise typer.Exit(1)


@app.command()
def forget(
    folder: Folder,
    backup: Annotated[str, typer.Argument(metavar="ID", help="The backup to delete.")],
    as_json: AsJson = False,
) -> None:
    """Delete a backup and the photos that no other one needs, so that nobody who was erased since lies in it any more."""
    with services() as found:
        photos = found.backups.forget(folder, backup)
    if as_json:
        print_json({"backup": backup, "photos": photos})
    else:
        say(f"{backup} is deleted, with {photos:,} photos that no other backup needs.")
