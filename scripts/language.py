"""The language of what commands print and refuse: Chinese where the operator or the terminal wishes it, else English.

Commands are written in English, as the pages are. A sentence is known by its fixed words (``catalogue``): what was put into
it stands in the other language as well. Programs read ``--json``, which has no language. `--help` is in ``manual``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from tracing.errors import TracingError

CHINESE: Final = "zh_CN"
OF_THE_TERMINAL: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""As every program of POSIX is told; the first that says anything counts."""
CATALOGUE: Final = Path(__file__).resolve().parent / "locale" / CHINESE / "LC_MESSAGES" / "messages.po"
HOLE: Final = re.compile(r"%\((\w+)\)s")
FEW: Final = 4


def is_chinese(environment: Mapping[str, str] | None = None) -> bool:
    """``TRACING_LOCALE`` where the operator has set it, else what the terminal is told."""
    found = os.environ if environment is None else environment
    wished = found.get("TRACING_LOCALE") or next((found[name] for name in OF_THE_TERMINAL if found.get(name)), "")
    return wished.lower().startswith("zh")


def told(text: str) -> str:
    """A sentence or word of a command, in the language of this process; as it stands where nobody has translated it."""
    return (_of_a_command(text) or text) if is_chinese() else text


word = told
"""Marks a word that stands in a cell or in another sentence."""


def refused(error: TracingError | str) -> str:
    """What the service refuses, or has refused and kept, in the language of this process."""
    said = str(error)
    if not is_chinese():
        return said
    from api.language import translations  # the words of the pages take a while to load, so only who needs them does
    from api.staff.sentences import problem_of
    from api.staff.sentences import told as told_on_pages

    gettext = translations(CHINESE).gettext
    return _of_a_command(said) or problem_of(gettext, error) or told_on_pages(gettext, said)


def cell(value: object) -> str:
    """What stands in a table: a value of one of our lists in its words, what is so as ``yes``, anything else as it is."""
    if value is None or value is False:
        return ""
    if value is True:
        return word("yes")
    if not isinstance(value, StrEnum) or not is_chinese():
        return str(value)
    known = _words().get(type(value).__name__, {}).get(value.value)
    return known or _of_a_command(value.value.replace("_", " ")) or str(value)


def listed(texts: Iterable[str]) -> str:
    """In a row, with the comma of the language."""
    return ("，" if is_chinese() else ", ").join(texts)


def spaced(value: StrEnum) -> str:
    """The same, in words that are apart where it is written as one."""
    return cell(value) if is_chinese() else value.value.replace("_", " ")


@cache
def catalogue() -> Mapping[str, str]:
    """English -> Chinese; ``%(name)s`` is what was put in."""
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file, locale=CHINESE) if each.id}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those with the most words of their own first: they say the most about what they find."""
    with_holes = [text for text in catalogue() if HOLE.search(text)]
    with_holes.sort(key=lambda text: -len(HOLE.sub("", text)))
    return tuple((re.compile(_expression(text), re.DOTALL), text) for text in with_holes)


def _expression(text: str) -> str:
    """Of two or three letters of its own a sentence makes sense of numbers alone, or it would know itself everywhere."""
    inside = ".*" if len(re.sub(r"\W", "", HOLE.sub("", text))) > FEW else r"\S*"
    return re.sub(r"%\\\((\w+)\\\)s", lambda hole: f"(?P<{hole[1]}>{inside})", re.escape(text))


def _of_a_command(said: str) -> str:
    """Empty where nobody has translated it."""
    known = catalogue()
    if said in known:
        return known[said]
    for pattern, text in _patterns():
        if (found := pattern.fullmatch(said)) is not None:
            return HOLE.sub(lambda hole: known.get(found[hole[1]], found[hole[1]]), known[text])
    return ""


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Of each list of the domain, its values as the pages call them."""
    from api.language import translations
    from api.staff.words import SAID

    gettext: Callable[[str], str] = translations(CHINESE).gettext
    return {name: {value: gettext(text) for value, text in words.items()} for name, words in SAID.items()}
