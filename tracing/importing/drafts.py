"""One row of a list as a case that could be opened: what was understood, and word for word what was not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeVar

from tracing.domain import CaseKind, Description, PartialDate, Source
from tracing.domain.id_numbers import of_id_number
from tracing.errors import Incomplete, Invalid
from tracing.facts import check_description
from tracing.importing import values
from tracing.importing.columns import Column, Layout
from tracing.opening import ContactDraft
from tracing.traditional import simplified

_Value = TypeVar("_Value")
LONGEST_ID: Final = 200
THERE_IS: Final = frozenset({"有", "有照片", "见附件", "附后", "yes", "y"})
"""What a column of photos says instead of a name: the photo is called after the sender's number."""
ROUNDED: Final = (
    "The spreadsheet has rounded the number, so that it may be somebody else's. Make its column text, and send it again."
)
FOOT: Final = "This is no record: it looks like a sum or a note below the table."
HEADINGS: Final = "This is no record: the headings stand here once more."
COUNTED: Final = "Nobody can tell which day this number means. Make its column one of dates in the spreadsheet, and send that."
_COUNTED: Final = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_MONTH: Final = re.compile(r"((?:19|20)\d\d)[1-9]", re.ASCII)
_ROUNDED: Final = re.compile(r"\d(?:\.\d+)?e\+\d+", re.IGNORECASE | re.ASCII)
_FOOT: Final = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|total|sum)(?:\s*[::]\s*\d*\s*[人名条例件个]?|\s*\d+\s*[人名条例件个])?"
    r"|(?:填表|填报|制表|审核|审批|负责|经办|备\s*注|说\s*明|注)[^::]{0,6}[::].*",
    re.IGNORECASE | re.DOTALL,
)
ROLES: Final = {CaseKind.MISSING: "reporter", CaseKind.SHELTERED: "custodian"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A case of a list. ``photos`` are names of files; ``unread`` are cells (heading, text) that nobody could understand.

    Nothing that was said is lost: what was not understood stands in the circumstances, under its heading. ``absent`` are fields
    of which the list has no column: it says nothing of them, which is not the same as that there is nothing.

    Where the sender names the record by an ``identity`` number it stands in ``source_id`` until ``withheld`` puts what is kept
    there; photos are called after ``number`` still.
    """

    row: int
    source_id: str
    kind: CaseKind
    description: Description
    contact: ContactDraft | None = None
    photos: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    absent: tuple[str, ...] = field(default=(), compare=False)
    identity: bool = False
    number: str = field(default="", compare=False, repr=False)

    @property
    def own_number(self) -> str:
        """As the sender writes it."""
        return self.number or self.source_id

    def source(self, sender: str) -> Source:
        return Source(sender, self.own_number, self.identity)

    @property
    def digest(self) -> str:
        """The same for the same record, wherever it stands in the list."""
        told = {
            "source_id": "" if self.identity else self.source_id,
            "kind": self.kind,
            "description": _fields(self.description),
            "contact": None if self.contact is None else _fields(self.contact),
            "photos": self.photos,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def drafted(
    layout: Layout,
    row: int,
    cells: tuple[str, ...],
    kind: CaseKind,
    today: date,
    days: Mapping[int, date] = MappingProxyType({}),
) -> Draft:
    """The case of a row; ``kind`` where the row does not say it. ``today`` is the date in UTC, ``days`` are those of the row.

    Raises ``Incomplete``, whose ``mistakes`` name the columns, where the row cannot be a case: without the sender's number, or
    with a text that no form should hold.
    """
    return _Row(layout, row, cells, days).draft(kind, today)


class _Row:
    def __init__(self, layout: Layout, row: int, cells: tuple[str, ...], days: Mapping[int, date]) -> None:
        self._layout = layout
        self._row = row
        said = layout.cells(cells)
        self._said = {column: texts for column, texts in said.items() if any(map(values.plain, texts))}
        self._days = {each.column: days[each.place] for each in layout.headings if each.place in days}
        self._unread: list[tuple[str, str]] = []

    def draft(self, kind: CaseKind, today: date) -> Draft:
        source_id = self._text(Column.SOURCE_ID)
        if not source_id or len(source_id) > LONGEST_ID:
            raise Incomplete({Column.SOURCE_ID: f"The sender's number is missing, or longer than {LONGEST_ID} characters."})
        if _ROUNDED.fullmatch(source_id):
            raise Incomplete({Column.SOURCE_ID: ROUNDED})
        if source_id == values.plain(self._layout.heading_of(Column.SOURCE_ID)):
            raise Incomplete({Column.SOURCE_ID: HEADINGS})
        if _FOOT.fullmatch(simplified(source_id)):
            raise Incomplete({Column.SOURCE_ID: FOOT})
        kind = self._read(Column.KIND, values.kind) or kind
        description = self._description(today)
        return Draft(
            row=self._row,
            source_id=source_id,
            kind=kind,
            description=description,
            contact=self._contact(kind),
            photos=tuple(name for name in values.files(self._said.get(Column.PHOTOS, [])) if name.casefold() not in THERE_IS),
            unread=tuple(self._unread),
            absent=self._absent(description),
            identity=self._layout.named_by_identity or of_id_number(source_id) is not None,
        )

    def _absent(self, description: Description) -> tuple[str, ...]:
        there = {heading.column for heading in self._layout.headings if heading.column is not None}
        silent = (names for columns, names in _FIELDS.items() if there.isdisjoint(columns))
        return tuple(name for names in silent for name in names if getattr(description, name) in (None, "", ()))

    def _description(self, today: date) -> Description:
        """Fields that cannot be true are left out one after the other; each is kept as text."""
        facts: dict[str, Any] = {
            "sex": self._read(Column.SEX, values.sex),
            "birth_date": self._day(Column.BIRTH_DATE, today),
            "height_cm": self._read(Column.HEIGHT, values.height),
            "seen_at": self._day(Column.SEEN_AT, today),
        }
        facts["age_min"], facts["age_max"] = self._read(Column.AGE, values.ages) or (None, None)
        known = of_id_number(self._text(Column.ID_NUMBER))
        if known is not None:
            facts["birth_date"], facts["sex"] = facts["birth_date"] or known[0], facts["sex"] or known[1]
        for name, columns in _CHECKED.items():
            try:
                check_description(Description(**{each: facts[each] for each in columns}), today)
            except Invalid:
                self._leave_out(name)
                facts |= dict.fromkeys(columns)
        texts: dict[str, Any] = {
            "names": self._names(),
            "languages": values.entries(self._said.get(Column.LANGUAGES, [])),
            "marks": values.entries(self._said.get(Column.MARKS, [])),
            "ethnic_group": self._text(Column.ETHNIC_GROUP),
            "accent": self._text(Column.ACCENT),
            "clothing": self._text(Column.CLOTHING),
            "seen_place": self._text(Column.SEEN_PLACE),
            "circumstances": self._circumstances(),
        }
        description = Description(**facts, **texts)
        try:
            check_description(description, today)
        except Invalid as error:  # texts beyond all limits
            raise Incomplete({error.field: str(error)}) from error
        return description

    def _names(self) -> tuple[str, ...]:
        """The one that a list parts in two first."""
        whole = values.full_name(self._text(Column.GIVEN_NAME), self._text(Column.FAMILY_NAME))
        return tuple(dict.fromkeys((*filter(None, [whole]), *values.names(self._said.get(Column.NAMES, [])))))

    def _day(self, column: Column, today: date) -> PartialDate | None:
        """Of a bare number the day that the spreadsheet counts. ``Incomplete`` where it may be a month too, or none counts."""
        text, day = self._text(column), self._days.get(column)
        month = _MONTH.fullmatch(text)
        if _COUNTED.fullmatch(text) and (day is None or (month is not None and int(month[1]) <= today.year)):
            raise Incomplete({column: COUNTED})
        if day is not None:
            return PartialDate(day.year, day.month, day.day)
        return self._read(column, lambda text: values.day(text, column))

    def _circumstances(self) -> str:
        left_out = (f"{heading}: {text}" for heading, text in self._unread)
        return "\n".join(filter(None, (self._text(Column.CIRCUMSTANCES), *left_out)))

    def _contact(self, kind: CaseKind) -> ContactDraft | None:
        name, phone, place = (self._text(each) for each in (Column.CONTACT_NAME, Column.CONTACT_PHONE, Column.CONTACT_PLACE))
        if not (name or phone):
            return None
        return ContactDraft(self._text(Column.CONTACT_ROLE) or ROLES[kind], name, phone, place)

    def _text(self, column: Column) -> str:
        return "; ".join(filter(None, map(values.plain, self._said.get(column, []))))

    def _read(self, column: Column, reader: Callable[[str], _Value]) -> _Value | None:
        text = self._text(column)
        if not text:
            return None
        try:
            return reader(text)
        except Invalid:
            self._leave_out(column)
            return None

    def _leave_out(self, column: Column) -> None:
        self._unread.append((self._layout.heading_of(column), self._text(column)))


_CHECKED: Final = {
    Column.BIRTH_DATE: ("birth_date",),
    Column.AGE: ("age_min", "age_max"),
    Column.HEIGHT: ("height_cm",),
    Column.SEEN_AT: ("seen_at",),
}

_FIELDS: Final[dict[tuple[Column, ...], tuple[str, ...]]] = {
    (Column.SEX, Column.ID_NUMBER): ("sex",),
    (Column.BIRTH_DATE, Column.ID_NUMBER): ("birth_date",),
    (Column.AGE,): ("age_min", "age_max"),
    (Column.NAMES, Column.GIVEN_NAME, Column.FAMILY_NAME): ("names",),
    **{
        (column,): (column.value,)
        for column in (
            *(Column.ETHNIC_GROUP, Column.LANGUAGES, Column.ACCENT, Column.HEIGHT, Column.MARKS),
            *(Column.CLOTHING, Column.SEEN_AT, Column.SEEN_PLACE, Column.CIRCUMSTANCES),
        )
    },
}
"""By which columns a list says anything of a field."""


def _fields(told: Description | ContactDraft) -> dict[str, Any]:
    """As ``asdict`` has them, in a fraction of its time: nothing is copied."""
    return {name: _plain(getattr(told, name)) for name in told.__slots__}


def _plain(value: Any) -> Any:
    return {"year": value.year, "month": value.month, "day": value.day} if isinstance(value, PartialDate) else value


def fingerprints(description: Description) -> dict[str, str]:
    """Field -> a digest of what it holds, empty where it holds nothing: enough to tell that it was changed."""
    return {name: _fingerprint(getattr(description, name)) for name in Description.__slots__}


def _fingerprint(value: object) -> str:
    if value in (None, "", ()):
        return ""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, default=str).encode()).hexdigest()[:32]
