"""Every command there is, and every mistake that can be made in typing it. None of them is run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import typer

from scripts.main import COMMANDS, app, whole
from scripts.manual import in_their_words

WRONG: Final = ("x", "-99999999999", "99999999999", "/nowhere", "/", "/etc/passwd")
"""What is no number, too little, too much, no file, a folder and no folder: one of them is wrong for whatever has a kind."""


@cache
def commands() -> tuple[tuple[tuple[str, ...], Any], ...]:
    """How each is called, and what it is."""
    root = typer.main.get_command(app)
    return (((), root), *(found for name in COMMANDS for found in _inside((name,), whole(name))))


def _inside(path: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _inside((*path, name), inner)


def helps() -> set[str]:
    """What is said of commands, their arguments and their options: each paragraph."""
    said = [command.help for _, command in commands()]
    said += [parameter.help for path, command in commands() for parameter in command.get_params(page(path, command))]
    said += [sentence for _, sentence in COMMANDS.values()]
    return {" ".join(each.split()) for text in said if text for each in text.split("\n\n")}


def signs() -> set[str]:
    """What stands for the rest: of a line that says how to call a command, and the kinds of values."""
    found = set()
    for path, command in commands():
        found |= {command.options_metavar, getattr(command, "subcommand_metavar", command.options_metavar)}
        found |= {each.display_type(page(path, command)) for each in command.get_params(page(path, command))}
    return {each for each in found if "|" not in each or "list" in each}


def page(path: tuple[str, ...], command: Any) -> Any:
    return command.context_class(command, info_name=" ".join(("tracing", *path)))


def mistakes() -> Iterator[tuple[str, str]]:
    """What Typer says of each: all of it, and the part that tells what is wrong with a value."""
    for path, command in commands():
        for words in _wrong(path, command):
            try:
                with in_their_words():
                    made = command.make_context(" ".join(("tracing", *path)), list(words), resilient_parsing=False)
                    if hasattr(command, "commands"):
                        command.resolve_command(made, list(words))
            except typer.TyperException as error:
                yield error.format_message(), error.message


def _wrong(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield from (("--nothing-like-it",), ("--hepl",), ("-Q",))
    if inside := list(getattr(command, "commands", {})):
        yield from (("nothing-like-it",), (f"{inside[0]}x",))
        return
    yield from ((), ("a",) * 9)
    for each in command.get_params(page(path, command)):
        name = each.opts[0]
        if each.param_type_name == "argument":
            yield from ((wrong,) for wrong in WRONG if not wrong.startswith("-"))
        elif each.is_flag:
            yield (f"{name}=1",)
        else:
            yield (name,)
            yield from ((name, wrong) for wrong in WRONG)
