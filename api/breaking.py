"""Texts in lines: Chinese between any two characters, Latin between words, and no mark where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING: Final = "，。、；：？！）》”’」』·"
_OPENING: Final = "（《“‘「『"
_LATIN: Final = f"[^{_HAN}{_CLOSING}{_OPENING}\\s]+"
_PIECES: Final = re.compile(f"[{_OPENING}]*(?:[{_HAN}{_CLOSING}]|{_LATIN}|[{_OPENING}]+)[{_CLOSING}]*\\s*|\\s+")
"""What stays together on a line: a Chinese character or a Latin word, with closing marks after it and opening ones before."""


def broken(text: str, width: float, length: Callable[[str], float]) -> list[str]:
    """The text in lines that are at most so wide, as ``length`` measures them."""
    lines = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _PIECES.findall(paragraph):
            # A single piece that is too long, such as a web address, is cut where the line ends.
            while length(piece.rstrip()) > width:
                fitting = next(n for n in range(len(piece), 0, -1) if n == 1 or length(piece[:n]) <= width)
                lines += [line, piece[:fitting]] if line else [piece[:fitting]]
                line, piece = "", piece[fitting:]
            if length((line + piece).rstrip()) > width:
                lines.append(line)
                line = ""
            line += piece
        lines.append(line)
    return lines
