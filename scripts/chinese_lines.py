"""Lines of Chinese in a terminal: they break between characters, as Chinese is written, and no word is cut off.

Rich breaks lines at spaces alone. A sentence without any was moved to a line of its own, and in a table it ended in dots.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rich.cells import cell_len
from rich.containers import Lines
from rich.text import Text
from typer.rich_utils import OptionHighlighter

NOT_FIRST: Final = frozenset("，。；：、！？）》”’」』】,.;:!?)]>")
NOT_LAST: Final = frozenset("（《“‘「『【([<")
WIDE: Final = 2


class Broken(OptionHighlighter):
    """Marks the names of options, as Typer's does, in a text that breaks as Chinese does."""

    def __call__(self, text: str | Text) -> Text:
        broken = _Chinese(overflow="fold")
        return broken.append_text(super().__call__(text))


class _Chinese(Text):
    def wrap(self, console: Any, width: int, **given: Any) -> Lines:
        parts = self.divide(breaks(self.plain, width))
        for part in parts:
            part.rstrip()
        return Text("\n", overflow=self.overflow).join(parts).wrap(console, width, **given)


def breaks(text: str, width: int) -> Iterator[int]:
    """Where lines of so many columns begin, but for the first; a word that is longer than a line is left whole."""
    start = used = last = 0
    for at, letter in enumerate(text):
        if letter == "\n":
            start = last = at + 1
            used = 0
            continue
        if at > start and _may_break(text[at - 1], letter):
            last = at
        if used + cell_len(letter) > width and letter != " " and last > start:
            yield last
            start, used = last, cell_len(text[last:at])
        used += cell_len(letter)


def _may_break(before: str, after: str) -> bool:
    if after in NOT_FIRST or after == " " or before in NOT_LAST:
        return False
    return before == " " or WIDE in (cell_len(before), cell_len(after))
