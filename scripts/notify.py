"""`tracing notify`: the channels that staff is told by, and a message to try one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer

from scripts.language import cell, listed, word
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.errors import Misconfigured
from tracing.messages.messages import Messages

app = typer.Typer(help="Messages to staff that something waits (docs/notifications.md).", no_args_is_help=True)


@contextmanager
def _messages() -> Iterator[tuple[Messages, str]]:
    with services() as found:
        if found.messages is None:
            raise Misconfigured("Nothing is sent: docs/notifications.md says how, beginning with TRACING_NOTIFY_RULES.")
        yield found.messages, found.settings.locale


@app.command()
def test(channel: Annotated[str, typer.Argument(help="The name of a channel.")]) -> None:
    """Send a test message to a channel now."""
    with _messages() as (messages, language):
        messages.test(SYSTEM, channel, language)
    say(f"The channel {channel} has taken a test message.")


@app.command("list")
def list_channels(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent now. Nothing is.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the channels, by kind and host of their addresses alone, and what each is told."""
    with _messages() as (messages, _):
        shown = messages.shown()
        rows: list[dict[str, object]] = [
            {
                "channel": line.channel.name,
                "address": shown[line.channel.name],
                "event": line.rule.happening,
                "roles": sorted(line.rule.roles),
                "stations": list(line.rule.stations),
            }
            for line in messages.rules.lines()
        ]
        named = {row["channel"] for row in rows}
        rows += [
            {"channel": name, "address": address, "event": "", "roles": [], "stations": []}
            for name, address in shown.items()
            if name not in named
        ]
        if dry_run:
            rows = [
                {
                    "channel": due.line.channel.name,
                    "event": due.line.rule.happening,
                    "number": due.number,
                    "held": due.held,
                    "text": messages.text(due.line.rule.happening, due.line.rule.language, due.number),
                }
                for due in messages.due()
            ]
    if as_json:
        print_json(rows)
    else:
        cells = [[_cell(value) for value in row.values()] for row in rows]
        print_table(list(rows[0]) if rows else ["channel"], cells)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return listed(cell(each) for each in value)
    return word(value) if isinstance(value, str) and not isinstance(value, StrEnum) else cell(value)
