"""A notice as a poster: one page of A4 as PDF, to be read from two steps away, with a code that leads to the notice itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import segno
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont

from api.breaking import broken
from api.fonts import drawable, font_file
from api.notices import words
from api.notices.telling import Line, Telling
from tracing.domain import CaseKind
from tracing.notices.published import PublicNotice

FONT: Final = "NotoSansSC"
WIDE: Final = 210.0
HIGH: Final = 297.0
MARGIN: Final = 14.0
"""Millimetres, as everything here."""
INNER: Final = WIDE - 2 * MARGIN
BAND: Final = 36.0
CALL: Final = 58.0
"""The height of the box that says whom to call."""
FOOT: Final = 13.0
CODE: Final = 40.0
GAP: Final = 8.0
BODY: Final = HIGH - BAND - CALL - FOOT - 3 * GAP
"""What is left for the photo and the words."""
SIZES: Final = (24.0, 22.0, 20.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.5)
"""Of the words in points, the largest that fits."""
BESIDE: Final = 17.0
"""The largest beside a photo."""
PHOTOS: Final = (1.0, 0.85, 0.7, 0.55, 0.45)
"""Parts of the photo's usual size, where the words need the room."""
PHOTO_WIDTH: Final = 86.0
PHOTO_HEIGHT: Final = 110.0
LYING: Final = 0.95
"""A photo that is lower than this part of its width stands above the words, not beside them."""
MM: Final = 0.3528
"""Of a point."""
INK: Final = (20, 32, 34)
SOFT: Final = (84, 98, 96)
PALE: Final = (236, 239, 235)
COLOURS: Final = {CaseKind.SHELTERED: (15, 95, 91), CaseKind.MISSING: (150, 78, 8)}
NAMES: Final = ((17, 1), (14, 1), (14, 2), (11, 2), (9, 9))
NUMBERS: Final = ((27, 1), (23, 1), (20, 1), (18, 2), (14, 2), (11, 9))
SENTENCES: Final = ((11, 2), (9, 2), (8, 9))
"""The sizes of a text in the box below, each with the lines that it may take then."""
LINE: Final = 1.32
"""From one line to the next, of the size of the letters."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the poster besides the notice. ``address``: where its code leads; empty where no address is set.

    ``until`` is its last day, ``draft`` a word that is written across it as long as it is not published.
    """

    language: str
    made_at: datetime
    address: str = ""
    until: str = ""
    draft: str = ""


def poster(notice: PublicNotice, jpeg: bytes | None, sheet: Sheet) -> bytes:
    """The PDF. Everything that a notice may say fits on its one page."""
    with _Poster(notice, jpeg, sheet) as made:
        made.draw()
        return bytes(made.output())


class _Poster(FPDF):
    def __init__(self, notice: PublicNotice, jpeg: bytes | None, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._notice, self._jpeg, self._sheet = notice, jpeg, sheet
        self._telling = Telling(sheet.language, notice.kind)
        self._colour = COLOURS[notice.kind]
        self._advances: dict[str, float] = {}
        self.lowest = 0.0
        """Where the words of the box below end."""
        self.set_creation_date(sheet.made_at)
        self.set_title(f"{self._telling.head} · {self._telling.name(notice.words)}")
        self.set_lang(sheet.language.replace("_", "-"))
        self.set_margins(MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(False)
        self.add_font(FONT, fname=font_file())
        self.add_page()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files of the fonts, which FPDF keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def draw(self) -> None:
        self._band()
        self._body(BAND + GAP)
        self._call(HIGH - FOOT - CALL - GAP / 2)
        self._foot()
        if self._sheet.draft:
            self._across(self._sheet.draft)

    def _band(self) -> None:
        self.set_fill_color(*self._colour)
        self.rect(0, 0, WIDE, BAND, style="F")
        self._write(self._telling.head, MARGIN, 5, self._fitting(self._telling.head, INNER, 40), (255, 255, 255), bold=True)
        title = self._telling.title
        self._write(title, MARGIN, 24, self._fitting(title, INNER, 20), (255, 255, 255))

    def _body(self, top: float) -> None:
        lines = self._telling.lines(self._notice.words)
        shape = self._shape()
        tried = [(size, share) for share in PHOTOS for size in SIZES if size >= 12 or share == PHOTOS[-1]]
        if self._jpeg is not None:
            tried = [(size, share) for size, share in tried if size <= BESIDE]
        fitting = (each for each in tried if self._words(lines, 0, each[0], *self._photo_size(each[1], shape)) <= BODY)
        size, share = next(fitting, tried[-1])
        wide, high = self._photo_size(share, shape)
        if self._jpeg is not None:
            left = MARGIN if shape >= LYING else (WIDE - wide) / 2
            self.image(io.BytesIO(self._jpeg), left, top, wide, high)
            self.set_draw_color(200, 206, 202)
            self.rect(left, top, wide, high)
        self._words(lines, top, size, wide, high, draw=True)

    def _words(self, lines: Sequence[Line], top: float, size: float, wide: float, high: float, draw: bool = False) -> float:
        """Beside a photo that stands, as far as it reaches, then below it; where they end. Drawn, or only measured."""
        stands = wide > 0 and high >= LYING * wide
        y, left, width = top, MARGIN, INNER
        if stands:
            left, width = MARGIN + wide + GAP, INNER - wide - GAP
        elif wide:
            y = top + high + GAP * 0.6
        y = self._title(y, left, width, size, draw)
        below = not stands
        place = 0
        while place < len(lines):
            line = lines[place]
            if not below:
                if y + self._tall(line, width, size) <= top + high + 1:
                    y = self._told(line, left, y, width, size, draw)
                    place += 1
                    continue
                below, left, width, y = True, MARGIN, INNER, max(y, top + high + GAP * 0.6)
            half = (INNER - GAP) / 2
            pair = lines[place : place + 2]
            if len(pair) == 2 and all(len(self._broken(each.text, half, size)) == 1 for each in pair):
                for number, each in enumerate(pair):
                    end = self._told(each, MARGIN + number * (half + GAP), y, half, size, draw)
                y, place = end, place + 2
            else:
                y, place = self._told(line, left, y, width, size, draw), place + 1
        return max(y, top + high)

    def _title(self, top: float, left: float, width: float, size: float, draw: bool) -> float:
        """The name."""
        for text in self._broken(self._telling.name(self._notice.words), width, 1.9 * size):
            if draw:
                self._write(text, left, top, 1.9 * size, INK, bold=True)
            top += 1.9 * size * MM * 1.25
        return top + size * MM * 0.3

    def _told(self, line: Line, left: float, top: float, width: float, size: float, draw: bool) -> float:
        label = 0.78 * size
        if draw:
            self._write(line.label, left, top, label, SOFT)
        y = top + label * 1.25 * MM
        for text in self._broken(line.text, width, size):
            if draw:
                self._write(text, left, y, size, INK)
            y += size * LINE * MM
        return y + size * MM * 0.45

    def _tall(self, line: Line, width: float, size: float) -> float:
        return self._told(line, 0, 0, width, size, draw=False) - size * MM * 0.45

    def _photo_size(self, share: float, shape: float) -> tuple[float, float]:
        """No wider and no higher than its part of the page."""
        if self._jpeg is None:
            return 0.0, 0.0
        widest, highest = (PHOTO_WIDTH, PHOTO_HEIGHT) if shape >= LYING else (INNER, PHOTO_HEIGHT * 0.8)
        wide = min(widest, highest / shape) * share
        return wide, wide * shape

    def _shape(self) -> float:
        """Height of the photo, of its width."""
        if self._jpeg is None:
            return 1.0
        wide, high = _jpeg_size(self._jpeg)
        return high / wide

    def _call(self, top: float) -> None:
        self.set_fill_color(*PALE)
        self.rect(0, top, WIDE, CALL, style="F")
        self.set_fill_color(*self._colour)
        self.rect(0, top, 4, CALL, style="F")
        width = INNER - CODE - GAP
        y = top + 6
        self._write(self._telling.label("contact"), MARGIN, y, 14, self._colour, bold=True)
        y += 7.5
        if self._notice.station:
            y = self._paragraph(self._notice.station, y, width, NAMES)
        y = self._paragraph(self._notice.contact, y + 1, width, NUMBERS, bold=True)
        self.lowest = self._paragraph(self._telling.say(words.HELP), max(y + 1.5, top + CALL - 14), width, SENTENCES)
        self._code(WIDE - MARGIN - CODE, top + 5)

    def _code(self, left: float, top: float) -> None:
        if not self._sheet.address:
            self._column(self._telling.say(words.NO_ADDRESS), left, top + 12, CODE, 10)
            return
        code = segno.make(self._sheet.address, error="m", micro=False)
        rows = [list(row) for row in code.matrix]
        border = 4  # modules, as the standard wants them
        module = CODE / (len(rows) + 2 * border)
        self.set_fill_color(255, 255, 255)
        self.rect(left, top, CODE, CODE, style="F")
        self.set_fill_color(0, 0, 0)
        for number, row in enumerate(rows):
            for start, length in _runs(row):
                x, y = left + (border + start) * module, top + (border + number) * module
                self.rect(x, y, length * module, module + 0.02, style="F")
        self._column(self._telling.say(words.SCAN), left, top + CODE + 1.5, CODE, 8)

    def _foot(self) -> None:
        y = HIGH - FOOT + 1
        trust = self._telling.say(words.TRUST)
        self._write(trust, MARGIN, y, self._fitting(trust, INNER - 62, 10), INK)
        if self._sheet.until:
            until = f"{self._telling.label('until')} {self._sheet.until}"
            self._write(until, WIDE - MARGIN - self._long(drawable(until), 9), y + 0.3, 9, SOFT)

    def _across(self, word: str) -> None:
        size = 110 if len(word) < 4 else 80
        with self.local_context(fill_opacity=0.2), self.rotation(35, WIDE / 2, HIGH / 2):
            self._write(word, (WIDE - self._long(word, size)) / 2, HIGH / 2 - size * MM / 2, size, (161, 42, 42))

    def _paragraph(self, text: str, top: float, width: float, sizes: Sequence[tuple[float, int]], bold: bool = False) -> float:
        """In the first of the sizes in which it takes no more than so many lines; where it ends."""
        size, lines = next((size, lines) for size, most in sizes if len(lines := self._broken(text, width, size)) <= most)
        for line in lines:
            self._write(line, MARGIN, top, size, INK, bold=bold)
            top += size * MM * 1.25
        return top

    def _column(self, text: str, left: float, top: float, width: float, size: float) -> None:
        for line in self._broken(text, width, size):
            self._write(line, left, top, size, SOFT)
            top += size * MM * 1.3

    def _broken(self, text: str, width: float, size: float) -> list[str]:
        return broken(drawable(text), width, lambda part: self._long(part, size))

    def _fitting(self, text: str, width: float, size: float) -> float:
        """The size, or as small as one line needs it."""
        return size * min(1.0, width / max(1.0, self._long(drawable(text), size)))

    def _long(self, text: str, size: float) -> float:
        """Millimetres: the letters of this font stand beside each other as wide as they are, whatever comes next."""
        return sum(map(self._advance, text)) * size

    def _advance(self, letter: str) -> float:
        known = self._advances.get(letter)
        if known is None:
            self.set_font(FONT, size=100)
            known = self._advances[letter] = float(self.get_string_width(letter)) / 100
        return known

    def _write(self, text: str, left: float, top: float, size: float, ink: tuple[int, int, int], bold: bool = False) -> None:
        """One line. The font has no bold face: its outlines are drawn as well."""
        self.set_font(FONT, size=size)
        self.set_text_color(*ink)
        self.set_draw_color(*ink)
        self.set_line_width(size * MM * 0.025)
        with self.local_context(text_mode=TextMode.FILL_STROKE if bold else TextMode.FILL):
            self.text(left, top + size * MM * 0.88, drawable(text))
        self.set_line_width(0.2)


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Where dark modules begin that stand side by side, and how many there are."""
    runs: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == place:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((place, 1))
    return runs


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of one of our own JPEGs, from its frame header."""
    place = 2
    while place + 9 < len(data):
        kind, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if kind in (0xC0, 0xC1, 0xC2):
            high, wide = (int.from_bytes(data[place + at : place + at + 2], "big") for at in (5, 7))
            return wide, high
        place += 2 + length
    return 1, 1
