"""A sheet of paper: A4 as PDF, in Chinese and Latin script, with nothing that a printer or a reader has to have.

Characters that the font lacks are printed as a geta mark and named at the end, so that somebody writes them in by hand.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Self

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from api.staff.printed import Printed

FONT: Final = "NotoSansSC"
MISSING: Final = "〓"
"""The geta mark, which typesetters set where a character is not at hand."""
MARGIN: Final = 16
WIDTH: Final = 210 - 2 * MARGIN
"""Millimetres, as everything here."""
GAP: Final = 5
LINE: Final = 5.4
SMALL_LINE: Final = 4.2
BY_HAND: Final = 7.2
"""The height of a line that is written by hand."""
HEADING: Final = 11
"""The height of a heading with its line."""
MOST_LINES: Final = 8
"""Of a value in half the width; a longer one would make a tower beside an empty column."""
MOST_NAMED: Final = 12
BOX: Final = 3.2
INK: Final = 20
GREY: Final = 105
RULE: Final = 165
PHOTO: Final = (33, 33)
PLAIN: Final = FontFace(emphasis="")
"""The titles of a table, which FPDF repeats on each page: the font has no bold one."""
_HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOSING: Final = "，。、；：？！）》”’」』·"
_OPENING: Final = "（《“‘「『"
_LATIN: Final = f"[^{_HAN}{_CLOSING}{_OPENING}\\s]+"
_PIECES: Final = re.compile(f"[{_OPENING}]*(?:[{_HAN}{_CLOSING}]|{_LATIN}|[{_OPENING}]+)[{_CLOSING}]*\\s*|\\s+")
"""What stays together on a line: a Chinese character or a Latin word, with closing marks after it and opening ones before."""


@cache
def _font_file() -> str:
    return str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf")


@cache
def _drawable() -> frozenset[int]:
    with TTFont(_font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


class Paper(FPDF):
    """Grows downwards, page by page; to be used in a ``with`` block.

    ``head`` stands on every page, and under each who printed it, and its number.
    """

    def __init__(self, title: str, head: str, language: str, printed: Printed) -> None:
        super().__init__(format="A4")
        self.set_creation_date(printed.at)
        self._lacking: dict[str, None] = {}
        self._waiting = ("", 0.0)
        self._head, self._foot = self.known(head), self.known(printed.said)
        self.set_title(title)
        self.set_lang(language.replace("_", "-"))
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, margin=MARGIN + 4)
        self.add_font(FONT, fname=_font_file())
        self.add_page()
        self._say(title, 17)
        self.ln(1.5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files of the fonts, which FPDF keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def header(self) -> None:
        self._write(9, GREY)
        self.cell(0, SMALL_LINE, self._head, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self._write(8, GREY)
        self.cell(WIDTH - 20, SMALL_LINE, self._foot)
        self.cell(20, SMALL_LINE, f"{self.page_no()} / {{nb}}", align="R")

    def known(self, text: str) -> str:
        """The text with a geta mark for what the font cannot draw."""
        lacking = [each for each in text if ord(each) not in _drawable() and each not in "\n\t\r"]
        for each in lacking:
            self._lacking[each] = None
            text = text.replace(each, MISSING)
        return text

    def warning(self, text: str) -> None:
        """In letters larger than all that comes after it."""
        self._say(text, 12.5)
        self.ln(2)

    def heading(self, text: str, keep: float = 0) -> None:
        """Stands right above what comes after it, never alone at the foot of a page; ``keep``: the least room for both."""
        self._waiting = (text, keep)

    def _headed(self, text: str) -> None:
        self.ln(2.5)
        self._say(text, 12.5)
        self.set_draw_color(RULE)
        self.line(MARGIN, self.get_y() + 0.4, MARGIN + WIDTH, self.get_y() + 0.4)
        self.ln(2)

    def fields(self, pairs: Sequence[tuple[str, str]], width: float = WIDTH) -> None:
        """Labels with their values in two columns; an empty value is a line to write on, a long one has the whole width."""
        column = (width - GAP) / 2
        for left, right in zip(pairs[::2], [*pairs[1::2], None], strict=False):
            if any(self._height(each[1], column) > MOST_LINES * LINE for each in (left, right) if each is not None):
                for label, value in (each for each in (left, right) if each is not None):
                    self._text(label, value, 1, width)
                continue
            height = max(self._height(each[1], column) for each in (left, right) if each is not None)
            self._room(height + SMALL_LINE + 2)
            top = self.get_y()
            for place, each in enumerate((left, right)):
                if each is not None:
                    self._field(MARGIN + place * (column + GAP), top, column, *each)
            self.set_xy(MARGIN, top + SMALL_LINE + height + 1.6)

    def text(self, label: str, value: str, lines: int = 3) -> None:  # type: ignore[override]  # FPDF's own places one line
        """A label with a text below it across the page; an empty one is ``lines`` lines to write on."""
        self._text(label, value, lines, WIDTH)

    def _text(self, label: str, value: str, lines: int, width: float) -> None:
        self._room(SMALL_LINE + (lines * BY_HAND if not value else LINE))
        self._label(label)
        if value:
            self._write(10.5, INK)
            self._flow(width, value)
        else:
            for _ in range(lines):
                self.ln(BY_HAND)
                self._rule(MARGIN, self.get_y(), width)
        self.ln(1.6)

    def choices(self, label: str, offered: Iterable[tuple[str, bool]]) -> None:
        """Boxes, ticked where the answer is yes; several lines where one is too short."""
        self._room(SMALL_LINE + LINE)
        self._label(label)
        self._write(10.5, INK)
        for word, chosen in offered:
            shown = self.known(word)
            needed = BOX + 1.6 + self.get_string_width(shown) + 5
            if self.get_x() + needed > MARGIN + WIDTH:
                self.ln(LINE + 0.6)
            self._box(self.get_x(), self.get_y() + (LINE - BOX) / 2, chosen)
            self.set_x(self.get_x() + BOX + 1.6)
            self.cell(needed - BOX - 1.6, LINE, shown)
        self.ln(LINE + 1.6)

    def rows(self, label: str, titles: Sequence[str], rows: Sequence[Sequence[str]], empty: int = 4) -> None:
        """A table; without rows, ``empty`` of them to write in."""
        line = LINE if rows else BY_HAND
        self._room(SMALL_LINE + 3 * line)
        self._label(label)
        self._write(9.5, INK)
        self.set_draw_color(RULE)
        with self.table(width=WIDTH, line_height=line, text_align="LEFT", padding=0.8, headings_style=PLAIN) as table:
            for each in [titles, *(rows or [[""] * len(titles)] * empty)]:
                table.row([self.known(text) for text in each])
        self.ln(1.6)

    def signatures(self, labels: Sequence[str]) -> None:
        """Lines to sign on, three beside each other, or two where there are four; kept on one page."""
        beside = 2 if len(labels) == 4 else 3
        column = (WIDTH - (beside - 1) * GAP) / beside
        for start in range(0, len(labels), beside):
            self._room(20)
            self.ln(11)
            top = self.get_y()
            for place, label in enumerate(labels[start : start + beside]):
                left = MARGIN + place * (column + GAP)
                self._rule(left, top, column)
                self.set_xy(left, top + 0.8)
                self._write(8.5, GREY)
                self.multi_cell(column, SMALL_LINE, self.known(label), align="L")
            self.set_xy(MARGIN, top + 3 * SMALL_LINE)

    def portrait(self, jpeg: bytes) -> float:
        """The picture at the right of the place reached; how wide the text beside it may be."""
        wide, high = PHOTO
        self.image(io.BytesIO(jpeg), MARGIN + WIDTH - wide, self.get_y(), wide, high, keep_aspect_ratio=True)
        return WIDTH - wide - GAP

    def below(self, top: float) -> None:
        """Go on under a portrait that was placed at ``top``."""
        self.set_y(max(self.get_y(), top + PHOTO[1] + 2))

    def finished(self, lacking: str) -> bytes:
        """The PDF. ``lacking`` introduces the characters that the font cannot draw, where there are any."""
        self._room(0)
        if self._lacking:
            self.ln(3)
            self._write(9, INK)
            named = [f"U+{ord(each):04X}" for each in self._lacking]
            more = " …" if len(named) > MOST_NAMED else ""
            self._flow(WIDTH, f"{MISSING} {lacking} {', '.join(named[:MOST_NAMED])}{more}")
        return bytes(self.output())

    def _say(self, text: str, size: float) -> None:
        self._write(size, INK)
        self._flow(WIDTH, text, size * 0.5)

    def _label(self, text: str) -> None:
        self._write(8.5, GREY)
        self.multi_cell(WIDTH, SMALL_LINE, self.known(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def _field(self, left: float, top: float, width: float, label: str, value: str) -> None:
        self.set_xy(left, top)
        self._write(8.5, GREY)
        self.cell(width, SMALL_LINE, self.known(label))
        self.set_xy(left, top + SMALL_LINE)
        self._write(10.5, INK)
        if value:
            self._flow(width, value)
        else:
            self._rule(left, top + SMALL_LINE + LINE, width)

    def _flow(self, width: float, text: str, line: float = LINE) -> None:
        self.multi_cell(width, line, "\n".join(self._lines(text, width)), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def _height(self, value: str, width: float) -> float:
        self._write(10.5, INK)
        return LINE * len(self._lines(value, width))

    def _lines(self, text: str, width: float) -> list[str]:
        """The text in lines of the present size that fit."""
        lines = []
        for paragraph in self.known(text).splitlines() or [""]:
            line = ""
            for piece in _PIECES.findall(paragraph):
                # A single piece that is too long, such as a web address, is cut where the line ends.
                while self.get_string_width(piece.rstrip()) > width:
                    fitting = next(n for n in range(len(piece), 0, -1) if n == 1 or self.get_string_width(piece[:n]) <= width)
                    lines += [line, piece[:fitting]] if line else [piece[:fitting]]
                    line, piece = "", piece[fitting:]
                if self.get_string_width((line + piece).rstrip()) > width:
                    lines.append(line)
                    line = ""
                line += piece
            lines.append(line)
        return lines

    def _write(self, size: float, ink: int) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(ink)

    def _rule(self, left: float, top: float, width: float) -> None:
        self.set_draw_color(RULE)
        self.line(left, top, left + width, top)

    def _box(self, left: float, top: float, chosen: bool) -> None:
        self.set_draw_color(INK)
        self.rect(left, top, BOX, BOX)
        if chosen:
            self.set_line_width(0.55)
            self.polyline([(left + 0.6, top + 1.7), (left + 1.4, top + 2.5), (left + 2.8, top + 0.6)])
            self.set_line_width(0.2)

    def _room(self, height: float) -> None:
        """A new page where so much does not fit on this one, with the heading that waits for it."""
        heading, keep = self._waiting
        needed = max(keep, height + HEADING) if heading else height
        if self.get_y() + needed > self.page_break_trigger:
            self.add_page()
        if heading:
            self._waiting = ("", 0.0)
            self._headed(heading)
