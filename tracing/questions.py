"""The questions of the two forms as data, and whether an answer fits its question (DOMAIN.md section 6).

What is compared between people stands in the description, clues and contacts have places of their own; the form holds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from tracing.domain import Answer, CaseKind, PartialDate
from tracing.errors import Invalid

LONGEST_LINE: Final = 300
LONGEST_TEXT: Final = 4000
MOST_ENTRIES: Final = 30

_NOT_IN_LINE: Final = re.compile("[\\x00-\\x1f\\x7f-\\x9f]")
_NOT_IN_TEXT: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]")


class Ask(StrEnum):
    """How a question is answered."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    """As far as it is known: a year, a month, or a day."""
    MOMENT = "moment"
    """``YYYY-MM-DDTHH:MM`` by the clock on the station's wall."""
    ONE = "one"
    SEVERAL = "several"
    LINES = "lines"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Question:
    """``restricted``: shown to those who may read contacts. ``columns`` are the questions of one row."""

    name: str
    ask: Ask = Ask.LINE
    choices: tuple[str, ...] = ()
    columns: tuple[Question, ...] = ()
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class FormPart:
    """A page of the form, short enough for a phone."""

    name: str
    questions: tuple[Question, ...]


def _one(name: str, *choices: str) -> Question:
    return Question(name, Ask.ONE, choices)


def _several(name: str, *choices: str, restricted: bool = False) -> Question:
    return Question(name, Ask.SEVERAL, choices, restricted=restricted)


_BUILD: Final = _one("build", "thin", "average", "strong", "heavy")
_MARKS: Final = Question(
    "body_marks",
    Ask.ROWS,
    columns=(
        _one("mark", "scar", "mole", "birthmark", "tattoo", "missing_part", "other"),
        Question("body_part"),
        _one("side", "left", "right", "both", "middle"),
        Question("note"),
        # DOMAIN.md section 6: one true mark at least is never published, so that a caller can be asked for it.
        _one("keep_back", "yes"),
    ),
)

FORMS: Final[Mapping[CaseKind, tuple[FormPart, ...]]] = MappingProxyType(
    {
        CaseKind.SHELTERED: (
            FormPart(
                "arrival",
                (
                    Question("entered_at", Ask.MOMENT),
                    _one("entry_mode", "self", "police", "citizen", "hospital", "urban_management", "patrol", "other_station"),
                    Question("brought_by"),
                    Question("form_number"),
                    _several(
                        "categories",
                        "lost",
                        "dementia",
                        "mental_illness",
                        "child",
                        "homeless",
                        "trafficking_suspected",
                        "disability",
                    ),
                    Question("companions", Ask.TEXT),
                ),
            ),
            FormPart(
                "identity",
                (
                    Question("claimed_id", restricted=True),
                    Question("age_claimed", Ask.NUMBER),
                    _one("speech", "well", "some", "none", "not_tried"),
                    _one("writing", "well", "some", "none", "not_tried"),
                    _one("signing", "well", "some", "none", "not_tried"),
                ),
            ),
            FormPart("body", (_BUILD, Question("hair"), _MARKS)),
            FormPart(
                "belongings",
                (Question("belongings", Ask.ROWS, columns=(Question("thing"), Question("note"), Question("kept_where"))),),
            ),
            FormPart(
                "health",
                (
                    _several(
                        "health_flags",
                        "injury",
                        "chronic_illness",
                        "pregnancy",
                        "distress",
                        "confused",
                        "needs_medicine",
                        restricted=True,
                    ),
                    Question("health_note", Ask.TEXT, restricted=True),
                ),
            ),
            FormPart(
                "identification",
                (
                    _one("fingerprints", "taken", "refused", "not_taken"),
                    _one("dna", "not_asked", "asked", "collected", "no_hit", "hit", "refused"),
                    Question("dna_on", Ask.DAY),
                    Question("police_reply", Ask.TEXT),
                ),
            ),
        ),
        CaseKind.MISSING: (
            FormPart(
                "person",
                (
                    Question("nicknames", Ask.LINES),
                    Question("id_number", restricted=True),
                    _BUILD,
                    _MARKS,
                    _one("look_alike", "none", "twin", "sibling"),
                    Question("look_alike_note"),
                ),
            ),
            FormPart(
                "last_seen",
                (Question("last_companions"), Question("heading_for"), Question("residences", Ask.LINES)),
            ),
            FormPart(
                "relatives",
                (
                    Question(
                        "relatives",
                        Ask.ROWS,
                        columns=(Question("name"), Question("relation"), Question("contact")),
                        restricted=True,
                    ),
                    _one("dna_family", "given", "asked", "refused", "not_asked"),
                ),
            ),
            FormPart(
                "report",
                (
                    _one("source", "family", "police", "station", "website", "other"),
                    _one("requester_check", "id_seen", "known", "not_checked"),
                    _several("consent_scope", "compare", "share_stations", "publish_notice", "share_partners"),
                    Question("police_station"),
                    Question("police_case"),
                ),
            ),
        ),
    }
)


def asked(kind: CaseKind) -> dict[str, Question]:
    """Every question of this kind's form by name, in order."""
    return {question.name: question for part in FORMS[kind] for question in part.questions}


def names_relatives(question: Question) -> bool:
    """Whether its rows say whom to call."""
    return any(column.name == "contact" for column in question.columns)


def answer(question: Question, given: object) -> Answer:
    """What is kept of an answer; empty where there is none. ``Invalid`` with the question's name where it does not fit."""
    if question.ask is Ask.ROWS:
        return _rows(question, given)
    if question.ask in (Ask.SEVERAL, Ask.LINES):
        return _entries(question, given)
    if not isinstance(given, str):
        raise Invalid("This question is answered with a text.", question.name)
    return _text(question, given.replace("\r\n", "\n").strip())


def _text(question: Question, given: str) -> str:
    if not given:
        return ""
    if (_NOT_IN_TEXT if question.ask is Ask.TEXT else _NOT_IN_LINE).search(given):
        raise Invalid("A text holds no control characters.", question.name)
    longest = LONGEST_TEXT if question.ask is Ask.TEXT else LONGEST_LINE
    if len(given) > longest:
        raise Invalid(f"At most {longest} characters fit here.", question.name)
    if question.ask is Ask.ONE and given not in question.choices:
        raise Invalid("Choose one of the answers offered.", question.name)
    if question.ask is Ask.NUMBER and not (given.isascii() and given.isdigit() and len(given) <= 3):
        raise Invalid("Write a whole number, such as 45.", question.name)
    if question.ask is Ask.DAY:
        return _date(question, given)
    if question.ask is Ask.MOMENT:
        return _moment(question, given)
    return given


def _date(question: Question, given: str) -> str:
    try:
        return str(PartialDate.parse(given))
    except ValueError as error:
        raise Invalid("Write a date as 2024, 2024-03 or 2024-03-15.", question.name) from error


def _moment(question: Question, given: str) -> str:
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise Invalid("Write day and time as 2024-03-15T14:30.", question.name) from error
    if found.tzinfo is not None:
        raise Invalid("Write day and time as 2024-03-15T14:30.", question.name)
    return found.isoformat(timespec="minutes")


def _entries(question: Question, given: object) -> tuple[str, ...]:
    entry = replace(question, ask=Ask.ONE if question.choices else Ask.LINE)
    found = [_text(entry, item.strip()) for item in _texts(question, given)]
    return tuple(dict.fromkeys(item for item in found if item))


def _texts(question: Question, given: object) -> Sequence[str]:
    if not isinstance(given, list | tuple) or not all(isinstance(item, str) for item in given):
        raise Invalid("This question is answered with a list of texts.", question.name)
    return _not_too_many(question, list(given))


def _rows(question: Question, given: object) -> tuple[Mapping[str, str], ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(row, Mapping) for row in given):
        raise Invalid("This question is answered with a list of rows.", question.name)
    rows = [_row(question, row) for row in _not_too_many(question, list(given))]
    return tuple(row for row in rows if row)


def _row(question: Question, row: Mapping[str, object]) -> dict[str, str]:
    columns = {column.name: column for column in question.columns}
    if row.keys() - columns.keys() or not all(isinstance(value, str) for value in row.values()):
        raise Invalid("A row has texts in the columns of this question only.", question.name)
    named = {name: replace(column, name=question.name) for name, column in columns.items()}
    texts = {name: _text(column, str(row.get(name, "")).strip()) for name, column in named.items()}
    return {name: text for name, text in texts.items() if text}


def _not_too_many(question: Question, listed: list[Any]) -> list[Any]:
    if len(listed) > MOST_ENTRIES:
        raise Invalid(f"At most {MOST_ENTRIES} entries fit here.", question.name)
    return listed
