"""Which column of a table is what: by the headings that Chinese and English lists use, and by what a person says instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from tracing.errors import Invalid
from tracing.folding import folded, visible
from tracing.traditional import simplified

FIRST_ROWS: Final = 10
"""The headings stand among these; a title and a date often stand above them."""


class Column(StrEnum):
    """What a cell is about. Several columns may be about the same, but for those that are ``SINGLE``."""

    SOURCE_ID = "source_id"
    """The sender's own name for the record: without it nothing is told apart, and nothing imported."""
    KIND = "kind"
    NAMES = "names"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    """The two parts, where a list has a column for each."""
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    AGE = "age"
    ID_NUMBER = "id_number"
    """Never kept: it fills in a birth date and a sex where those are empty."""
    ETHNIC_GROUP = "ethnic_group"
    LANGUAGES = "languages"
    ACCENT = "accent"
    HEIGHT = "height_cm"
    MARKS = "marks"
    CLOTHING = "clothing"
    SEEN_AT = "seen_at"
    SEEN_PLACE = "seen_place"
    CIRCUMSTANCES = "circumstances"
    CONTACT_NAME = "contact_name"
    CONTACT_PHONE = "contact_phone"
    CONTACT_PLACE = "contact_place"
    CONTACT_ROLE = "contact_role"
    PHOTOS = "photos"
    """Names of files that come with the list."""


SINGLE: Final = frozenset(
    {
        *(Column.SOURCE_ID, Column.KIND, Column.SEX, Column.BIRTH_DATE, Column.AGE, Column.ID_NUMBER, Column.HEIGHT),
        *(Column.GIVEN_NAME, Column.FAMILY_NAME, Column.SEEN_AT, Column.CONTACT_NAME, Column.CONTACT_ROLE),
    }
)


def _headings() -> dict[str, Column]:
    """Heading -> column, of ``headings.tsv``."""
    lines = Path(__file__).with_name("headings.tsv").read_text("utf-8").splitlines()
    told = (line.split("\t") for line in lines if not line.startswith("#"))
    return {heading: Column(column) for column, headings in told for heading in headings.split()}


_KNOWN: Final = _headings()
_ASIDE: Final = re.compile(r"[(（【\[].*?[)）】\]]|[*＊:：#·.]")
"""What a heading adds for the one who fills in the table: ``出生日期（年月日）*``."""
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
_OTHER: Final = re.compile(r"[^\u3400-\u9fff]+")
_BARE: Final = frozenset({"", "no", "nr"})
"""What beside Chinese says nothing by itself: ``编号 / No.``."""
_NUMBER: Final = re.compile(r"\d+$", re.ASCII)
_OF_GROUP: Final = re.compile("(?:基本)?(?:情况|信息|资料)$")
"""``走失情况`` above ``时间``."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a table: where it stands, from 0, what is written above it, and what it is; None: left out."""

    place: int
    text: str
    column: Column | None


@dataclass(frozen=True, slots=True)
class Layout:
    """``row`` is the number of the row with the headings; the records stand below it."""

    row: int
    headings: tuple[Heading, ...]

    def with_columns(self, said: Mapping[str, Column | None]) -> Layout:
        """The same with what a person says of some headings. Raises ``Invalid`` where there is no such heading."""
        unknown = said.keys() - {heading.text for heading in self.headings}
        if unknown:
            raise Invalid(f"The table has no column {sorted(unknown)[0]!r}.", "columns")
        return Layout(
            self.row,
            tuple(Heading(each.place, each.text, said.get(each.text, each.column)) for each in self.headings),
        )

    def checked(self) -> Layout:
        """Itself, where it can be imported. Raises ``Invalid`` that says which column is missing, or stands there twice."""
        columns = [heading.column for heading in self.headings if heading.column is not None]
        if Column.SOURCE_ID not in columns:
            headings = ", ".join(heading.text for heading in self.headings if heading.text)
            raise Invalid(f"No column holds the sender's own number of each record. Say which one it is: {headings}", "columns")
        for column in SINGLE:
            if columns.count(column) > 1:
                twice = [heading.text for heading in self.headings if heading.column is column]
                raise Invalid(f"Two columns are the same: {', '.join(twice)}. Leave one out.", "columns")
        return self

    def cells(self, row: Sequence[str]) -> dict[Column, list[str]]:
        """What the row says of each column; columns without a word are left out."""
        said: dict[Column, list[str]] = {}
        for heading in self.headings:
            if heading.column is not None and heading.place < len(row) and row[heading.place]:
                said.setdefault(heading.column, []).append(row[heading.place])
        return said

    @property
    def named_by_identity(self) -> bool:
        """Whether the column of the sender's numbers is one of identity numbers, by its heading."""
        return meaning(self.heading_of(Column.SOURCE_ID)) is Column.ID_NUMBER

    def heading_of(self, column: Column) -> str:
        """What the table calls it; empty where it has no such column."""
        return next((heading.text for heading in self.headings if heading.column is column), "")


def meaning(heading: str) -> Column | None:
    """What a heading stands for, or None where nobody has met it; one in two languages has to say the same in both."""
    plain = _ASIDE.sub("", simplified(folded(visible(heading))))
    chinese, other = _OTHER.sub("", plain), _joined(_NUMBER.sub("", _CHINESE.sub(" ", plain)))
    said = _known(chinese)
    return _known(plain) or (said if other in _BARE or _known(other) is said else None)


def _known(plain: str) -> Column | None:
    return _KNOWN.get(_joined(plain)) or _KNOWN.get(_joined(plain).replace("_", ""))


def _joined(plain: str) -> str:
    return re.sub(r"[\s_/|-]+", "_", plain).strip("_")


def recognised(rows: Iterable[tuple[int, Sequence[str]]]) -> Layout:
    """The layout of a table by its first rows, each with its number: the row with the most headings that are known, or two rows
    below each other, of which the upper one names groups.

    The first row with two cells or more, where none is known. Raises ``Invalid`` for a table without such a row. Of two columns
    that both claim to be something that stands there once, the first is it; one with the same heading gets a number.
    """
    first = list(islice(rows, FIRST_ROWS))
    alone = [(number, cells) for number, cells in first if sum(map(bool, cells)) >= 2]
    if not alone:
        raise Invalid("The table has no row with two cells or more.", "file")
    pairs = [(groups, lower) for groups, lower in pairwise(first) if groups in alone and lower[0] == groups[0] + 1]
    grouped = [(number, _grouped(groups, cells)) for (_, groups), (number, cells) in pairs]
    number, cells = max((*alone, *grouped), key=lambda each: _known_of(each[1]))
    headings: list[Heading] = []
    taken: set[Column] = set()
    for place, text in enumerate(cells):
        column = meaning(text)
        if column in taken and column in SINGLE:
            column = None
        if column is not None:
            taken.add(column)
        headings.append(Heading(place, _once(text, headings), column))
    return Layout(number, tuple(headings))


def _known_of(cells: Sequence[str]) -> tuple[int, int]:
    """How many columns a row of headings is known to name, and how few of them twice."""
    known = [column for column in map(meaning, cells) if column is not None]
    return len(set(known)), -len(known)


def _grouped(groups: Sequence[str], below: Sequence[str]) -> list[str]:
    """What stands above each column, where ``联系人`` spans ``姓名`` and ``电话``; nothing where these are no such rows.

    Of two that are called alike the second is its group's alone: the name of a contact is nobody's who is missing.
    """
    width = max(len(groups), len(below))
    above, cells = ([*row, *[""] * (width - len(row))] for row in (groups, below))
    own = next((place for place, text in enumerate(above) if meaning(text) is Column.SOURCE_ID), None)
    if own is not None and cells[own]:  # a record
        return []
    found: list[str] = []
    group = ""
    for upper, text in zip(above, cells, strict=True):
        group = upper or group
        both = next((said for said in (f"{group} {text}", f"{_OF_GROUP.sub('', group)} {text}") if meaning(said)), "")
        again = text and any(each == text for each in cells[: len(found)])
        found.append(upper if not text else both or (f"{group} {text}" if again else text))
    return found


def _once(text: str, before: Sequence[Heading]) -> str:
    """``性别 (2)`` for the second ``性别``, so that something can be said of each."""
    same = {heading.text for heading in before}
    numbered = (f"{text} ({number})" for number in range(2, len(before) + 2))
    return text if not text or text not in same else next(each for each in numbered if each not in same)
