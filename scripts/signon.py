"""`tracing sign-on`: the provider of sign-ins, and whose account is whose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from scripts.language import word
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.errors import Misconfigured, SignOnFailed
from tracing.signon.linking import SignOn

app = typer.Typer(help="Sign-in by a provider (OpenID Connect), such as a government's.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The account.")]


@contextmanager
def _sign_on() -> Iterator[SignOn]:
    with services() as found:
        if found.sign_on is None:
            raise Misconfigured("No provider is set: docs/sign-in.md says how, beginning with TRACING_SIGN_ON_ISSUER.")
        yield found.sign_on


@app.command()
def check(as_json: AsJson = False) -> None:
    """Ask the provider for its addresses and keys, and say what has to be registered with it."""
    with _sign_on() as signing:
        try:
            told = signing.provider.described()
        except SignOnFailed as error:
            raise Misconfigured(f"This is not the provider that is set: {error.__cause__ or error}") from error
    if as_json:
        print_json(told)
    else:
        print_table(["what", "value"], [(name, word(value)) for name, value in told.items()])


@app.command("list")
def list_linkings(as_json: AsJson = False) -> None:
    """List the accounts of people, and who of them signs in by the provider."""
    with _sign_on() as signing:
        linkings = signing.linkings(SYSTEM)
    rows = [
        {"name": each.account.name, "role": each.account.role, "linked": each.linked, "password": each.by_owner}
        for each in linkings
    ]
    if as_json:
        print_json(rows)
    else:
        marked = [list(each.values()) for each in rows]
        print_table(["name", "role", "by the provider", "password"], marked)


@app.command()
def link(name: Name, code: Annotated[str, typer.Argument(help="The code that the person was shown.")]) -> None:
    """Let somebody who has shown a code sign in to this account."""
    with _sign_on() as signing:
        account = signing.link(SYSTEM, name, code)
    say(f"{account.name} signs in by the provider from now on.")


@app.command()
def unlink(name: Name) -> None:
    """Let nobody sign in to this account by the provider any more; its sessions end."""
    with _sign_on() as signing:
        signing.unlink(SYSTEM, name)
    say(f"Nobody signs in to {name} by the provider any more.")
