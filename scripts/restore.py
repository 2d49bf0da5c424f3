"""`tracing restore`: a backup comes back onto an empty machine."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scripts.language import word
from scripts.opening import services, settings
from scripts.output import AsJson, print_json, progress_bar, say
from tracing.bootstrap import restoring_of
from tracing.store.backup.ledger import FILE, add_lines, every_step_in


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backups.")],
    backup: Annotated[str, typer.Argument(metavar="ID", help="The backup; the latest where none is named.")] = "",
    keys: Annotated[Path | None, typer.Option(help="Folder with the master key of the backup.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="A list of erased cases that was saved elsewhere, beside the one in the folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a backup, bring it back into an empty data folder and database, and erase again whoever was erased since.

    What is brought back is compared to the row: the number of rows and a digest of each table. Everybody has to sign in anew.
    """
    chosen = settings()
    restoring = restoring_of(chosen)
    with progress_bar() as bar:
        line = bar.add_task(word("photos"))
        made = restoring.restore(folder, backup, keys, lambda done, total: bar.update(line, completed=done, total=total))
    with services(chosen, after_restore=True) as found:
        own = every_step_in(chosen.ledger_file)
        known = [*every_step_in(folder / FILE), *(every_step_in(ledger) if ledger else ()), *own]
        add_lines(chosen.ledger_file, known)
        recovered = found.recovery.let_go_again(known, made.point)
        found.ledger.set_back(found.clock())
        last = max((step.at for step in known), default=None)
    restoring.finish()
    rows = sum(each.rows for each in made.tables.values())
    if as_json:
        print_json({"backup": made.backup_id, "point": made.point, "rows": rows, "photos": made.photos, **asdict(recovered)})
        return
    say(f"{made.backup_id} is back: {rows:,} rows in {len(made.tables)} tables, the same to the row, {made.photos:,} photos.")
    say(f"Point of recovery: {made.point:%Y-%m-%d %H:%M:%S} UTC. What was done after it is lost.")
    say(
        f"Erased again: {recovered.erased} cases; withdrawn again: {recovered.withdrawn} faces; "
        f"no longer shared with partners again: {recovered.unshared} cases."
    )
    if recovered.unrecognised:
        say(
            f"Of {recovered.unrecognised} people who were to be kept out nothing came back by which they could be known: "
            "the next list or photo brings them back."
        )
    if last:
        say(f"Such steps are known up to {last:%Y-%m-%d %H:%M:%S} UTC. Repeat what was done later.")
    else:
        say("Such steps are known of no time after it. Repeat what was done later.")
    say("Now run: tracing check --photos")
