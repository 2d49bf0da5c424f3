"""`--help` and the mistakes in what was typed, in the language of this process.

Typer has no catalogue: what it says by itself is English in its sources. Its sentences are known by their fixed words, as
ours are, and all of them are put into Chinese when they are shown, so that no command starts any later for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from functools import cache, partial
from typing import Any, Final

import typer

from scripts.language import is_chinese, told

FIXED: Final = (
    *("DEPRECATED_STRING", "DEFAULT_STRING", "ENVVAR_STRING", "REQUIRED_LONG_STRING", "ARGUMENTS_PANEL_TITLE"),
    *("OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "ERRORS_PANEL_TITLE", "ABORTED_TEXT", "RICH_HELP"),
)
"""What Typer calls the words that it shows around ours."""


class Page(typer.Context):
    """One command as it was called: what it tells of itself is what people read."""

    def get_help(self) -> str:
        _put_up_signs()
        return str(_spoken(self).get_help(self))

    def get_usage(self) -> str:
        return str(_spoken(self).get_usage(self))

    def make_formatter(self) -> Any:
        formatter = super().make_formatter()
        formatter.write_usage = partial(formatter.write_usage, prefix=told("Usage: "))  # type: ignore[method-assign]
        return formatter


class Mistaken(typer.BadParameter):
    """A mistake in what was typed, of which everything is said."""

    def format_message(self) -> str:
        return self.message


def speaking(command: Any) -> Any:
    """The same command, with those inside it: asked for help, they answer in the language of this process."""
    command.context_class = Page
    for inner in getattr(command, "commands", {}).values():
        speaking(inner)
    return command


@contextmanager
def in_their_words() -> Iterator[None]:
    """Around what finds out what was typed: what Typer refuses there is said in the language of this process."""
    try:
        yield
    except typer.Abort:
        _put_up_signs()
        raise
    except typer.TyperException as error:
        _put_up_signs()
        if not is_chinese() or not (whole := error.format_message()):
            raise  # the help of a group that was called by itself has nothing to say: it is shown
        said = told(whole)
        if error.message:
            said = said.replace(error.message, told(error.message))
        mistaken = Mistaken(said, getattr(error, "ctx", None))
        mistaken.exit_code = error.exit_code
        raise mistaken from error


def _put_up_signs() -> None:
    """A process may be asked in one language after the other, and Typer keeps these words with its code."""
    from typer import rich_utils

    from scripts.chinese_lines import Broken

    for name, english in _signs().items():
        setattr(rich_utils, name, told(english))
    rich_utils.highlighter = Broken() if is_chinese() else rich_utils.OptionHighlighter()


@cache
def _signs() -> Mapping[str, str]:
    from typer import rich_utils

    return {name: getattr(rich_utils, name) for name in FIXED}


def _spoken(page: Page) -> Any:
    """A copy of the command to be read; what is run stays as it is."""
    command: Any = page.command
    if not is_chinese():
        return command
    shown = copy(command)
    shown.help = _paragraphs(command.help)
    shown.options_metavar = told(command.options_metavar)
    shown.params = [_parameter(each) for each in command.get_params(page)]
    shown.add_help_option = False  # it is one of them
    if hasattr(command, "commands"):
        shown.subcommand_metavar = told(command.subcommand_metavar)
        shown.commands = {name: _summary(each) for name, each in command.commands.items()}
    return shown


def _parameter(given: Any) -> Any:
    shown = copy(given)
    shown.help = _paragraphs(given.help)
    shown.display_type = lambda ctx: told(given.display_type(ctx))
    return shown


def _summary(command: Any) -> Any:
    shown = copy(command)
    shown.help = _paragraphs(command.help)
    return shown


def _paragraphs(text: str | None) -> str | None:
    """How the lines of a docstring are broken does not matter: each paragraph is one entry of the catalogue."""
    return text and "\n\n".join(told(" ".join(each.split())) for each in text.split("\n\n"))
