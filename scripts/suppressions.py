"""`tracing suppressions`: who is kept out after an erasure, and lift one."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM

app = typer.Typer(help="What keeps erased people from being brought back: list, lift.", no_args_is_help=True)


@app.command("list")
def list_keepouts(as_json: AsJson = False) -> None:
    """The keep-outs that hold now, what they recognise, and the photos that wait for a decision. No name is kept of anybody."""
    with services() as found:
        views, held = found.suppressing.all(SYSTEM), found.suppressing.held(SYSTEM)
    if as_json:
        print_json({"keepouts": views, "held_photos": [each.held for each in held]})
        return
    rows = [
        (
            view.keepout.keepout_id,
            f"{view.keepout.made_at:%Y-%m-%d}",
            f"{view.keepout.expires_at:%Y-%m-%d}",
            view.keepout.by_source,
            ", ".join(view.compared),
            ", ".join(view.blind),
        )
        for view in views
    ]
    print_table(["keep-out", "made", "until", "by source", "by face", "blind for"], rows, f"{len(rows)} keep-outs")
    if any(view.blind for view in views):
        say("Blind: by these encoders alone no photo shows the person; the older one is asked too, while its files are here.")
    say(f"{len(held)} photos are held until a person has decided.")


@app.command()
def lift(
    keepout: Annotated[str, typer.Argument(metavar="KEEPOUT", help="Its id, from the list.")],
    reason: Annotated[str, typer.Option(help="Why the person may be kept and searched again.")],
) -> None:
    """Let the person be kept and searched again; photos that were held because of it are looked at."""
    with services() as found:
        found.suppressing.lift(SYSTEM, keepout, reason)
    say(f"{keepout} is lifted.")
