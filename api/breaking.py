"""Texts in lines: Chinese between any two characters, names with dots at their dots, Latin between words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING: Final = "，。、；：？！）》”’」』·"
_OPENING: Final = "（《“‘「『"
_LATIN: Final = f"[^{_HAN}{_CLOSING}{_OPENING}\\s]+"
_DOT: Final = "·•‧・"
_PART: Final = f"[{_HAN}]{{1,12}}[{_DOT}]|(?<=[{_DOT}])[{_HAN}]{{1,12}}"
"""Of a name such as 阿卜杜热合曼·买买提: what stands between two dots is one name."""
_PIECES: Final = re.compile(f"[{_OPENING}]*(?:{_PART}|[{_HAN}{_CLOSING}]|{_LATIN}|[{_OPENING}]+)[{_CLOSING}]*\\s*|\\s+")
"""What stays together on a line: a Chinese character, a part of a name or a Latin word, with marks that close or open it."""


def broken(text: str, width: float, length: Callable[[str], float]) -> list[str]:
    """The text in lines that are at most so wide, as ``length`` measures them."""
    lines = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _PIECES.findall(paragraph):
            # A single piece that is too long, such as a web address, is cut where the line ends.
            while length(piece.rstrip()) > width:
                fitting = next(n for n in range(max(len(piece) - 1, 1), 0, -1) if n == 1 or _fits(piece, n, width, length))
                lines += [line, piece[:fitting]] if line else [piece[:fitting]]
                line, piece = "", piece[fitting:]
            if length((line + piece).rstrip()) > width:
                lines.append(line)
                line = ""
            line += piece
        lines.append(line)
    return lines


def _fits(piece: str, number: int, width: float, length: Callable[[str], float]) -> bool:
    """Whether so many of its characters are a line, without a mark at the start of the next one."""
    return piece[number] not in _CLOSING and length(piece[:number]) <= width
