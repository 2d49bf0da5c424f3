"""The form of a case on paper, as it is filled in, or empty to be filled in by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from api.dates import partial_date
from api.language import translations
from api.staff import words
from api.staff.paper import Paper
from api.staff.printed import Printed
from tracing.domain import Answer, Description
from tracing.filing import FormView
from tracing.questions import Ask, Question

Say = Callable[..., str]

DESCRIBED: Final = (
    "names",
    "sex",
    "birth_date",
    "age",
    "height_cm",
    "ethnic_group",
    "accent",
    "languages",
    "seen_at",
    "seen_place",
    "clothing",
    "marks",
)

TELLS_WHERE: Final = frozenset({"seen_place", "circumstances", "brought_by", "police_reply"})
"""Left out of the paper of somebody whose relatives may be the danger: paper goes from hand to hand."""
SHORT: Final = (Ask.LINE, Ask.NUMBER, Ask.DAY, Ask.MOMENT)
"""Answers that fit into half a line; they stand two by two."""


def form_paper(language: str, view: FormView, portrait: bytes | None, printed: Printed, blank: bool) -> bytes:
    """A PDF in this language. ``blank`` leaves out everything that is known but the reference."""
    say: Say = partial(words.say, translations(language).gettext)
    case = view.case
    about = case.reference if case.guarded else f"{case.reference} · {case.station_id}"
    with Paper(say(case.kind, "form"), about, language, printed) as paper:
        if case.guarded:
            paper.warning(say("guarded", "paper"))
        _fill(paper, say, language, view, portrait, blank)
        return paper.finished(say("lacking", "paper"))


def _fill(paper: Paper, say: Say, language: str, view: FormView, portrait: bytes | None, blank: bool) -> None:
    case = view.case
    hidden = TELLS_WHERE if case.guarded else frozenset()
    known = {} if blank else _described(say, language, case.description)
    known = {name: value for name, value in known.items() if name not in hidden}
    described = [(say(name, "field"), known.get(name, "")) for name in DESCRIBED]
    if portrait is None or blank:
        paper.fields(described)
    else:
        top, width = paper.get_y(), paper.portrait(portrait)
        paper.fields(described, width)
        paper.below(top)
    paper.text(say("circumstances", "field"), known.get("circumstances", ""))
    for part in view.parts:
        paper.heading(say(part.name, "form_part"))
        short: list[tuple[str, str]] = []
        for question in part.questions:
            value = "" if blank or question.name in hidden else view.form.answers.get(question.name, "")
            if isinstance(value, str) and question.ask in SHORT:
                short.append((say(question.name, "question"), value.replace("T", " ") if question.ask is Ask.MOMENT else value))
            else:
                paper.fields(short)
                short = []
                _ask(paper, say, question, value)
        paper.fields(short)
    paper.heading(say("signatures", "paper"), keep=44)
    paper.signatures([say(name, "paper") for name in ("signed_by_staff", "signed_by_person", "signed_on")])


def _described(say: Say, language: str, said: Description) -> dict[str, str]:
    ages = [str(age) for age in (said.age_min, said.age_max) if age is not None]
    return {
        "names": "、".join(said.names),
        "sex": say(said.sex) if said.sex else "",
        "birth_date": partial_date(language, said.birth_date),
        "age": "–".join(dict.fromkeys(ages)),
        "height_cm": str(said.height_cm or ""),
        "ethnic_group": said.ethnic_group,
        "accent": said.accent,
        "languages": "、".join(said.languages),
        "seen_at": partial_date(language, said.seen_at),
        "seen_place": said.seen_place,
        "clothing": said.clothing,
        "marks": "\n".join(said.marks),
        "circumstances": said.circumstances,
    }


def _ask(paper: Paper, say: Say, question: Question, value: Answer) -> None:
    label, group = say(question.name, "question"), f"answer_{question.name}"
    if question.ask in (Ask.ONE, Ask.SEVERAL):
        chosen = (value,) if isinstance(value, str) else value
        paper.choices(label, [(say(each, group), each in chosen) for each in question.choices])
    elif question.ask is Ask.ROWS:
        titles = [say(column.name, "column") for column in question.columns]
        rows = [[_cell(say, column, row) for column in question.columns] for row in value if not isinstance(row, str)]
        paper.rows(label, titles, rows)
    else:
        paper.text(label, value if isinstance(value, str) else "\n".join(str(each) for each in value))


def _cell(say: Say, column: Question, row: object) -> str:
    given = row.get(column.name, "") if isinstance(row, dict) else ""
    return say(given, f"answer_{column.name}") if given and column.choices else str(given)
