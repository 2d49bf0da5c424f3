"""A notice in one language: its title, its lines, and the name or that nobody knows one."""

from __future__ import annotations

from dataclasses import dataclass

from api.dates import partial_date
from api.fonts import lacking
from api.language import translations
from api.notices import words
from tracing.domain import CaseKind, Notice, NoticeField, NoticeMark, NoticeWords
from tracing.notices.published import PublicNotice


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is told. ``text`` holds line breaks where several things are told of one field."""

    field: NoticeField
    label: str
    text: str


class Telling:
    """Everything that a notice of one kind says, in one language."""

    def __init__(self, locale: str, kind: CaseKind) -> None:
        self._locale = locale
        self._kind = kind
        self._say = translations(locale).gettext

    @property
    def title(self) -> str:
        """The question that the reader is asked."""
        return self._say(words.TITLES[self._kind])

    @property
    def head(self) -> str:
        return self._say(words.HEADS[self._kind])

    @property
    def about(self) -> str:
        return self._say(words.ABOUT[self._kind])

    def say(self, text: str) -> str:
        """One of the texts of ``words``."""
        return self._say(text)

    def name(self, told: NoticeWords) -> str:
        return told.name or self._say(words.NAMELESS)

    def label(self, name: str) -> str:
        """What stands before a field, the station or the contact."""
        return self._say(words.LABELS_OF_KIND[self._kind].get(name) or words.LABELS[name])

    def lines(self, told: NoticeWords) -> list[Line]:
        """In the order of the fields; the name and the photo have places of their own."""
        texts = {
            NoticeField.SEX: self._word("sex", told.sex or ""),
            NoticeField.AGE: self.age(told),
            NoticeField.HEIGHT: "" if told.height_cm is None else self._say(words.HEIGHT) % {"height": told.height_cm},
            NoticeField.BUILD: self._joined(self._word("build", told.build), told.hair),
            NoticeField.MARKS: "\n".join(self.mark(each) for each in told.marks),
            NoticeField.CLOTHING: told.clothing,
            NoticeField.SEEN_AT: partial_date(self._locale, told.seen_at),
            NoticeField.SEEN_PLACE: told.seen_place,
            NoticeField.HEALTH: told.health,
            NoticeField.INTELLECT: told.intellect,
            NoticeField.MIND: told.mind,
        }
        return [Line(field, self.label(field), text) for field, text in texts.items() if text]

    def summary(self, told: NoticeWords) -> str:
        """Sex and age in one line, as far as they are told."""
        return self._joined(self._word("sex", told.sex or ""), self.age(told))

    def not_printed(self, notice: Notice | PublicNotice) -> list[str]:
        """The characters of its words, each once, in whose place a geta mark stands on posters and pictures."""
        said = (notice.words.name, *(line.text for line in self.lines(notice.words)), notice.station, notice.contact)
        return lacking("".join(said))

    def age(self, told: NoticeWords) -> str:
        least, most = told.age_min, told.age_max
        if most is None:
            return "" if least is None else self._years("at_least", least)
        if least is None:
            return self._years("at_most", most)
        if least == most:
            return self._years("one" if told.age_known else "about", least)
        between = words.BETWEEN_YEARS if told.age_known else words.ABOUT_BETWEEN_YEARS
        return self._say(between) % {"least": least, "most": most}

    def mark(self, mark: NoticeMark) -> str:
        if mark.text:
            return mark.text
        side = self._word("side", mark.side)
        told = side and side.casefold() in mark.body_part.casefold()
        where = mark.body_part if told else self._beside(side, mark.body_part)
        kind = self._word("mark", mark.mark)
        found = self._say(words.WHERE_MARK) % {"where": where, "mark": kind} if where and kind else where or kind
        return self._say(words.NOTED) % {"mark": found, "note": mark.note} if found and mark.note else found or mark.note

    def _years(self, which: str, years: int) -> str:
        return translations(self._locale).ngettext(*words.YEARS[which], years) % {"num": years}

    def _word(self, table: str, value: str) -> str:
        """What has no word is said as it is."""
        known = words.VALUES[table].get(value)
        return self._say(known) if known is not None else value

    def _joined(self, *texts: str) -> str:
        """Several things in a row, with the comma of the language."""
        return ("，" if self._locale.startswith("zh") else ", ").join(each for each in texts if each)

    def _beside(self, *texts: str) -> str:
        """Words beside each other; Chinese has no blank between them."""
        return ("" if self._locale.startswith("zh") else " ").join(each for each in texts if each)
