"""A notice as a picture for news apps and messengers: PNG, to be recognised when it is as small as a thumb."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from api.breaking import broken
from api.fonts import drawable, font_file
from api.notices.telling import Telling
from tracing.domain import CaseKind, NoticeField
from tracing.notices.published import PublicNotice

WIDE: Final = 1200
HIGH: Final = 900
PHOTO: Final = 660
"""Width of the photo, which is as high as the picture above the band."""
BAND: Final = 150
"""Height of the band that says whom to call."""
EDGE: Final = 44
INK: Final = (20, 32, 34)
SOFT: Final = (84, 98, 96)
GROUND: Final = (255, 255, 255)
PALE: Final = (236, 239, 235)
LEAST_FILLED: Final = 0.72
MOST_FILLED: Final = 1.0
"""Of a photo that is narrower or wider than this, so much would be cut off that the person might be gone."""
MOST_LINES: Final = 3
SMALLEST: Final = 0.78
SIZES: Final = ((1.0, MOST_LINES), (0.92, MOST_LINES), (0.84, MOST_LINES), (SMALLEST, MOST_LINES), (SMALLEST, 2), (SMALLEST, 1))
"""Shares of the usual letters, and lines of marks and clothing: the first at which there is room for when and where the person
was seen."""
LEAST_NUMBER: Final = 34
"""A number in smaller letters takes two lines instead."""
COLOURS: Final = {CaseKind.SHELTERED: (15, 95, 91), CaseKind.MISSING: (150, 78, 8)}
SHOWN: Final = (NoticeField.MARKS, NoticeField.CLOTHING, NoticeField.SEEN_AT, NoticeField.SEEN_PLACE, NoticeField.HEIGHT)
"""As far as there is room, in the order of what somebody is known by."""
Colour = tuple[int, int, int]


def share_picture(notice: PublicNotice, jpeg: bytes | None, language: str, draft: str = "") -> bytes:
    """``draft`` is written across it as long as the notice is not published."""
    return _Picture(notice, language).drawn(jpeg, draft)


class _Picture:
    def __init__(self, notice: PublicNotice, language: str) -> None:
        self._notice = notice
        self._telling = Telling(language, notice.kind)
        self._colour = COLOURS[notice.kind]
        self._image = Image.new("RGB", (WIDE, HIGH), GROUND)
        self._pen = ImageDraw.Draw(self._image)

    def drawn(self, jpeg: bytes | None, draft: str) -> bytes:
        left = self._photo(jpeg) if jpeg is not None else 0
        bare = self._image.copy()
        for share, most in SIZES:
            self._image.paste(bare)
            without = self._words(left + EDGE, WIDE - left - 2 * EDGE, share * (1.0 if left else 1.3), most)
            if without is None or (without is NoticeField.HEIGHT and share == SMALLEST):
                break
        self._call()
        if draft:
            self._across(draft)
        file = io.BytesIO()
        self._image.save(file, "PNG", optimize=True)
        return file.getvalue()

    def _photo(self, jpeg: bytes) -> int:
        """Filled with the photo where little of it is lost so, with its head; else all of it. How wide it is."""
        room = (PHOTO, HIGH - BAND)
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as photo:
            if LEAST_FILLED <= photo.width / photo.height <= MOST_FILLED:
                fitted = ImageOps.fit(photo, room, Image.Resampling.LANCZOS, centering=(0.5, 0.1))
            else:
                fitted = ImageOps.pad(photo, room, Image.Resampling.LANCZOS, color=PALE)
        self._image.paste(fitted, (0, 0))
        return PHOTO

    def _words(self, left: int, width: int, scale: float, most: int) -> NoticeField | None:
        """The head on its colour, then the name, then what there is room for; the first for which there was none."""
        told, telling = self._notice.words, self._telling
        head = self._fitting(telling.head, width - 2 * 22, 64)
        box = (left - EDGE, 0, WIDE, 132)
        self._pen.rectangle(box, fill=self._colour)
        self._line(telling.head, left, 66 - head // 2, head, GROUND, bold=True)
        y = 132 + 26
        y = self._several(telling.title, left, y, width, round(34 * scale), 2, self._colour)
        name = telling.name(told)
        y = self._several(name, left, y + 6, width, round((68 if len(name) < 9 else 46) * scale), 3, INK, bold=True)
        y = self._several(telling.summary(told), left, y + 2, width, round(42 * scale), 2, INK)
        told_of = {line.field: line for line in telling.lines(told)}
        for line in (told_of[field] for field in SHOWN if field in told_of):
            size, label = round(32 * scale), round(24 * scale)
            lines = self._broken(line.text.replace("\n", " · "), width, size)
            fitting = (HIGH - BAND - 14 - y - label - 18) // round(size * 1.3)
            if fitting < 1:
                return line.field
            self._line(line.label, left, y + 12, label, SOFT)
            allowed = most if line.field in (NoticeField.MARKS, NoticeField.CLOTHING) else MOST_LINES
            y = self._lines(self._cut(lines, min(fitting, allowed)), left, y + 18 + label, size, INK)
        return None

    def _call(self) -> None:
        self._pen.rectangle((0, HIGH - BAND, WIDE, HIGH), fill=self._colour)
        station = drawable(self._notice.station) or self._telling.label("contact")
        room = WIDE - 2 * EDGE
        self._line(station, EDGE, HIGH - BAND + 18, self._fitting(station, room, 36), GROUND)
        contact = self._notice.contact
        size = self._fitting(contact, room, 58)
        if size < LEAST_NUMBER:
            self._several(contact, EDGE, HIGH - BAND + 64, room, LEAST_NUMBER, 2, GROUND, bold=True)
        else:
            self._line(contact, EDGE, HIGH - BAND + 66 + (58 - size) // 2, size, GROUND, bold=True)

    def _across(self, word: str) -> None:
        layer = Image.new("RGBA", (WIDE, HIGH), (0, 0, 0, 0))
        font = _font(280 if len(word) < 4 else 190)
        ImageDraw.Draw(layer).text((WIDE / 2, HIGH / 2), word, fill=(161, 42, 42, 120), font=font, anchor="mm")
        turned = layer.rotate(25, Image.Resampling.BICUBIC)
        self._image.paste(turned, mask=turned.getchannel("A"))

    def _several(
        self, text: str, left: int, top: int, width: int, size: int, most: int, ink: Colour, bold: bool = False
    ) -> int:
        """A text of at most so many lines, smaller where it has more; where it ends."""
        while len(lines := self._broken(text, width, size)) > most and size > 26:
            size -= 2
        return self._lines(self._cut(lines, most), left, top, size, ink, bold)

    def _lines(self, lines: Sequence[str], left: int, top: int, size: int, ink: Colour, bold: bool = False) -> int:
        for line in lines:
            self._line(line, left, top, size, ink, bold)
            top += round(size * 1.3)
        return top

    @staticmethod
    def _cut(lines: Sequence[str], most: int) -> list[str]:
        """What is left out is told to be left out."""
        kept = list(lines[:most])
        if len(lines) > most:
            kept[-1] = kept[-1].rstrip()[:-1] + "…"
        return kept

    def _broken(self, text: str, width: int, size: int) -> list[str]:
        return broken(drawable(text), width, _font(size).getlength)

    def _fitting(self, text: str, width: int, size: int) -> int:
        """The size, or as small as one line needs it."""
        long = _font(size).getlength(drawable(text))
        return size if long <= width else max(12, int(size * width / long))

    def _line(self, text: str, left: int, top: int, size: int, ink: Colour, bold: bool = False) -> None:
        """The font has no bold face: its outlines are drawn as well."""
        stroke = max(1, size // 34) if bold else 0
        where = (left, top - round(size * 0.18))
        self._pen.text(where, drawable(text), fill=ink, font=_font(size), stroke_width=stroke, stroke_fill=ink)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """``Unavailable`` where the font is missing, and says which package it is of."""
    return ImageFont.truetype(font_file(), size)
