"""What the records know that a notice may tell, and which of a person's marks it keeps back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from tracing.domain import Answer, Case, CaseForm, Description, NoticeField, NoticeMark, NoticeWords, PartialDate, Sex
from tracing.folding import folded

SENSITIVE: Final = frozenset({NoticeField.HEALTH, NoticeField.INTELLECT, NoticeField.MIND})
"""Told only where somebody says why, each by itself (DOMAIN.md section 6); what the form holds of it is not copied."""
KEEP_BACK: Final = "keep_back"
LEAST_MARK: Final = 2
"""A mark of fewer characters stands in every other word by chance."""


@dataclass(frozen=True, slots=True)
class Source:
    """``words``: all that could be told; ``marks``: every mark. ``reserved`` are those that the form says are never told."""

    words: NoticeWords
    reserved: frozenset[NoticeMark]
    facts: Mapping[NoticeField, str]
    """Each field as plain text, to notice a later change. An age does not change by a birthday."""

    @property
    def marks(self) -> tuple[NoticeMark, ...]:
        return self.words.marks


def source_of(case: Case, form: CaseForm, today: date) -> Source:
    said, answers = case.description, form.answers
    youngest, oldest, is_known = _ages(said, today)
    words = NoticeWords(
        name=in_a_row(said.names[0]) if said.names else "",
        sex=said.sex,
        age_min=youngest,
        age_max=oldest,
        age_known=is_known,
        height_cm=said.height_cm,
        build=_text(answers.get("build")),
        hair=in_a_row(_text(answers.get("hair"))),
        marks=marks_of(case, answers),
        clothing=in_a_row(said.clothing),
        seen_at=said.seen_at,
        seen_place=in_a_row(said.seen_place),
    )
    return Source(words, frozenset(_row(row) for row in _rows(answers) if row.get(KEEP_BACK)), _facts(said, words))


def marks_of(case: Case, form: Mapping[str, Answer]) -> tuple[NoticeMark, ...]:
    """Every mark that is written down of the person, each once."""
    marks = (*(NoticeMark(text=in_a_row(text)) for text in case.description.marks), *map(_row, _rows(form)))
    return tuple(dict.fromkeys(mark for mark in marks if mark != NoticeMark()))


def mark_words(marks: Iterable[NoticeMark]) -> frozenset[str]:
    """By which a text tells of one of them."""
    return frozenset(_bare(each) for mark in marks for each in (mark.text, mark.note) if len(_bare(each)) >= LEAST_MARK)


def tells(text: str, marks: Iterable[str]) -> bool:
    """Whether it tells of one of these ``mark_words``."""
    here = _bare(text)
    return any(mark in here for mark in marks)


def values(words: NoticeWords) -> dict[NoticeField, object]:
    """What is told of each field; empty where nothing is. The photo stands elsewhere."""
    field = NoticeField
    return {
        field.NAME: words.name,
        field.SEX: words.sex,
        field.AGE: words.age_min if words.age_min is not None else words.age_max,
        field.HEIGHT: words.height_cm,
        field.BUILD: words.build or words.hair,
        field.MARKS: words.marks,
        field.CLOTHING: words.clothing,
        field.SEEN_AT: words.seen_at,
        field.SEEN_PLACE: words.seen_place,
        field.HEALTH: words.health,
        field.INTELLECT: words.intellect,
        field.MIND: words.mind,
    }


def told(words: NoticeWords) -> frozenset[NoticeField]:
    """The fields of which something is told."""
    return frozenset(name for name, value in values(words).items() if value is not None and value not in ("", ()))


def only(words: NoticeWords, shown: frozenset[NoticeField]) -> NoticeWords:
    """The words without what is not shown."""
    field, bare = NoticeField, NoticeWords()
    kept: NoticeWords = replace(
        words,
        name=words.name if field.NAME in shown else bare.name,
        sex=words.sex if field.SEX in shown else bare.sex,
        age_min=words.age_min if field.AGE in shown else bare.age_min,
        age_max=words.age_max if field.AGE in shown else bare.age_max,
        age_known=words.age_known and field.AGE in shown,
        height_cm=words.height_cm if field.HEIGHT in shown else bare.height_cm,
        build=words.build if field.BUILD in shown else bare.build,
        hair=words.hair if field.BUILD in shown else bare.hair,
        marks=words.marks if field.MARKS in shown else bare.marks,
        clothing=words.clothing if field.CLOTHING in shown else bare.clothing,
        seen_at=words.seen_at if field.SEEN_AT in shown else bare.seen_at,
        seen_place=words.seen_place if field.SEEN_PLACE in shown else bare.seen_place,
        health=words.health if field.HEALTH in shown else bare.health,
        intellect=words.intellect if field.INTELLECT in shown else bare.intellect,
        mind=words.mind if field.MIND in shown else bare.mind,
    )
    return kept


def kept_back(source: Source, shown: frozenset[NoticeField], words: NoticeWords) -> tuple[NoticeMark, ...]:
    """The true marks of the person that a notice with these words does not tell."""
    marks = words.marks if NoticeField.MARKS in shown else ()
    return tuple(mark for mark in source.marks if mark not in marks)


def in_a_row(text: str) -> str:
    """Without the line breaks that somebody typed, which would make a tower of a few words."""
    return " ".join(text.split())


def plain(mark: NoticeMark) -> str:
    """The words in it that somebody typed."""
    return mark.text or " ".join(part for part in (mark.body_part, mark.note) if part)


def _row(row: Mapping[str, str]) -> NoticeMark:
    return NoticeMark("", *(in_a_row(row.get(name, "")) for name in ("mark", "body_part", "side", "note")))


def _bare(text: str) -> str:
    """Without blanks, case and width of letters: ``右手 缺小指`` tells of the same as ``右手缺小指``."""
    return "".join(folded(text).split())


def _rows(form: Mapping[str, Answer]) -> list[Mapping[str, str]]:
    return [row for row in form.get("body_marks", ()) if isinstance(row, Mapping)]


def _text(answer: object) -> str:
    return answer if isinstance(answer, str) else ""


def _ages(said: Description, today: date) -> tuple[int | None, int | None, bool]:
    """Of a birth date the age today, as far as it is known; else as it was estimated."""
    if said.birth_date is None:
        return said.age_min, said.age_max, False
    return _years(said.birth_date.latest, today), _years(said.birth_date.earliest, today), True


def _years(born: date, today: date) -> int:
    return max(0, today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _facts(said: Description, words: NoticeWords) -> dict[NoticeField, str]:
    facts: dict[NoticeField, object] = values(words)
    facts[NoticeField.AGE] = said.birth_date or f"{said.age_min}-{said.age_max}"
    facts[NoticeField.BUILD] = f"{words.build}/{words.hair}"
    facts[NoticeField.MARKS] = " / ".join(f"{mark.mark} {mark.side} {plain(mark)}".strip() for mark in words.marks)
    return {name: _as_text(value) for name, value in facts.items() if name not in SENSITIVE}


def _as_text(value: object) -> str:
    return str(value) if isinstance(value, str | int | PartialDate | Sex) else ""
