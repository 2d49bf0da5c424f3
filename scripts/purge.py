"""`tracing purge`: let go of what is over."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.language import told, word
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of what was kept long enough: cases with everything in them, lists, words, drafts, accounts, keep-outs.

    The worker does it by itself, cases within seconds and everything else once a day. For how long what is kept says
    TRACING_RETENTION_RULES.
    """
    with services() as found:
        holdings = found.purging.overview(SYSTEM) if dry_run else found.purging.purge(SYSTEM)
    if as_json:
        print_json({"dry_run": dry_run, "kinds": holdings})
        return
    rows = [
        (each.kind, word("for ever") if each.days is None else told(f"{each.days} days"), each.kept, each.over)
        for each in holdings
    ]
    print_table(["kind", "kept for", "there are", "would go" if dry_run else "gone"], rows)
    gone = sum(each.over for each in holdings)
    say(f"{gone} would go; nothing was changed." if dry_run else f"{gone} are gone.")
