"""The monthly report on paper: A4 as PDF, with the pictures of the page drawn from the same numbers."""

from __future__ import annotations

from typing import Final

from api.language import translations
from api.staff import words as staff_words
from api.staff.monthly.telling import Picture, Section, Told
from api.staff.paper import INK, LINE, MARGIN, PLAIN, SMALL_LINE, WIDTH, Paper
from api.staff.printed import Printed

BAR: Final = 3.4
BARS: Final = 92
"""Where bars begin at the latest, from the left margin; sooner beside short words."""
STEP: Final = 5.6
VALUES: Final = 24
"""Room for the number behind the longest bar."""
TEAL: Final = (15, 95, 91)
FAINT: Final = (228, 232, 229)


class ReportPaper(Paper):
    def picture(self, drawn: Picture) -> None:
        """A bar for each line, the number behind it; where it is not shown a hatched piece."""
        self._write(8.5, INK)
        begin = min(BARS, 3 + max(self.get_string_width(self.known(bar.label)) for bar in drawn.bars))
        longest = WIDTH - begin - VALUES
        for bar in drawn.bars:
            self._room(STEP)
            top = self.get_y()
            self._write(8.5, INK)
            self.set_xy(MARGIN, top)
            label = self._lines(bar.label, begin - 3)
            self.cell(begin - 3, STEP, label[0] if len(label) == 1 else f"{label[0]}…", align="R")
            left, wide = MARGIN + begin, longest * (bar.share or 0)
            self.set_fill_color(*FAINT)
            self.rect(left, top + 1, longest, BAR, style="F")
            if bar.share is None:
                self._hatched(left, top + 1, 9)
            elif wide:
                self.set_fill_color(*TEAL)
                self.rect(left, top + 1, wide, BAR, style="F")
            self.set_xy(left + longest + 2, top)
            self.cell(VALUES - 2, STEP, self.known(bar.value))
            self.set_xy(MARGIN, top + STEP)
        self.ln(1.5)

    def _hatched(self, left: float, top: float, wide: float) -> None:
        self.set_draw_color(*TEAL)
        self.rect(left, top, wide, BAR)
        with self.rect_clip(left, top, wide, BAR):
            for step in range(0, int(wide + BAR) + 1, 2):
                self.line(left + step - BAR, top + BAR, left + step, top)

    def note(self, text: str) -> None:
        self._room(LINE)
        self._write(8.5, 105)
        self._flow(WIDTH, text, SMALL_LINE)
        self.ln(1)

    def figures(self, section: Section, language: str) -> None:
        """The table: words at the left, numbers at the right."""
        columns = len(section.headings)
        self._room(3 * LINE)
        self._write(9, INK)
        self.set_draw_color(165)
        self.set_fill_color(255)
        first = max(1.0, 4.2 - 0.55 * columns)
        align = ("LEFT", *("RIGHT",) * (columns - 1))
        with self.table(
            width=WIDTH,
            line_height=LINE,
            col_widths=(first, *(1.0,) * (columns - 1)),
            text_align=align,
            padding=0.7,
            headings_style=PLAIN,
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for row in [section.headings, *([each.shown(language) for each in one] for one in section.rows)]:
                table.row([self.known(text) for text in row])
        self.ln(2)


def report_paper(told: Told, language: str, printed: Printed) -> bytes:
    """A PDF in this language."""
    say = translations(language).gettext
    with ReportPaper(told.title, told.place, language, printed) as paper:
        paper.note(told.place)
        paper.note(told.span)
        paper.note(told.legend)
        if told.nothing:
            paper.warning(told.nothing)
        for section in told.sections:
            drawn = STEP * len(section.picture.bars) if section.picture is not None else 0
            paper.heading(section.title, keep=(45 if section.rows else 20) + drawn)
            if section.note:
                paper.note(section.note)
            if section.picture is not None:
                paper.picture(section.picture)
            if section.rows:
                paper.figures(section, language)
            elif section.empty:
                paper.note(section.empty)
        return paper.finished(staff_words.say(say, "lacking", "paper"))
