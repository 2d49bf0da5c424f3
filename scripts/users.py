"""`tracing users`: accounts of people and programs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from scripts.language import cell, word
from scripts.opening import services
from scripts.output import AsJson, console, note, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.domain import Role

app = typer.Typer(help="Accounts of people and programs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The name to sign in with.")]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    api_key: Annotated[bool, typer.Option("--api-key", help="Make an API key, and no password.")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False,
    by_provider: Annotated[
        bool, typer.Option("--by-provider", help="Make no password: the person signs in by the provider (docs/sign-in.md).")
    ] = False,
    station: Annotated[str, typer.Option(help="The station the account belongs to; default: TRACING_STATION.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add an account. The API key is shown this once; a password is asked for."""
    password = None if api_key or by_provider else _password(password_stdin)
    with services() as found:
        where = station or found.settings.station
        account, key = found.accounts.add(SYSTEM, name, role, password, with_api_key=api_key, station_id=where)
    if as_json:
        print_json({"name": account.name, "role": account.role, "api_key": key})
    elif key:
        say(f"API key of {account.name} ({cell(role)}), shown only now:\n{key}", whole=True)
    elif by_provider:
        say(f"{account.name} ({cell(role)}) signs in by the provider, and shows a code the first time.")
    else:
        say(f"{account.name} ({cell(role)}) can sign in now.")


@app.command("list")
def list_accounts(as_json: AsJson = False) -> None:
    """List the accounts."""
    with services() as found:
        accounts = found.accounts.all()
    rows = [
        {
            "name": each.name,
            "role": each.role,
            "station_id": each.station_id,
            "password": bool(each.password_hash),
            "api_key": bool(each.api_key_hash),
            "disabled": each.disabled_at is not None,
        }
        for each in accounts
    ]
    if as_json:
        print_json(rows)
    else:
        marked = [list(each.values()) for each in rows]
        print_table(["name", "role", "station", "password", "API key", "disabled"], marked)


@app.command()
def disable(name: Name) -> None:
    """Lock an account out at once; what it did stays in the records."""
    with services() as found:
        found.accounts.disable(SYSTEM, name)


@app.command()
def enable(name: Name) -> None:
    """Let a disabled account in again."""
    with services() as found:
        found.accounts.enable(SYSTEM, name)


@app.command()
def unlock(name: Name) -> None:
    """Let somebody sign in again at once who is shut out after wrong passwords."""
    with services() as found:
        found.throttle.unlock(SYSTEM, name)


@app.command()
def move(name: Name, station: Annotated[str, typer.Argument(help="The station's id.")]) -> None:
    """Let the account work at another station; its cases stay where they are, and its sessions end."""
    with services() as found:
        found.accounts.move(SYSTEM, name, station)


@app.command()
def password(
    name: Name,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
) -> None:
    """Set a new password; every session of the account ends."""
    new = _password(password_stdin)
    with services() as found:
        found.accounts.set_password(SYSTEM, name, new)


@app.command()
def key(name: Name, as_json: AsJson = False) -> None:
    """Make a new API key; the old one stops working at once."""
    with services() as found:
        made = found.accounts.new_api_key(SYSTEM, name)
    if as_json:
        print_json({"name": name, "api_key": made})
    else:
        console.print(made, highlight=False, markup=False, soft_wrap=True)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    while (typed := _unseen(word("Password"))) != _unseen(word("Repeat for confirmation")):
        note("The two passwords are not the same.")
    return typed


def _unseen(asked: str) -> str:
    return str(typer.prompt(asked, hide_input=True))
