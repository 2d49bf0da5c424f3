"""The rows of a list, some at a time: those that can be cases, and those that cannot, with why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, Protocol

from tracing.domain import CaseKind, RefusedRow
from tracing.domain.id_numbers import of_id_number
from tracing.errors import Incomplete, Invalid
from tracing.folding import spelled_alike
from tracing.importing.columns import FIRST_ROWS, Column, recognised
from tracing.importing.drafts import Draft, drafted
from tracing.importing.values import plain

TOGETHER: Final = 100
MOST_ROWS: Final = 1_000_000


class TableRow(Protocol):
    """One row of a table: its number, from 1, its cells, and which days bare numbers are where a column holds dates."""

    @property
    def number(self) -> int: ...

    @property
    def cells(self) -> tuple[str, ...]: ...

    @property
    def days(self) -> Mapping[int, date]: ...


Table = Callable[[], Iterable[TableRow]]
"""Reads the rows from the top, each time it is called."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows up to ``last``, the number of the last one. ``refused`` have no run yet; a row may stand there several times."""

    last: int
    drafts: tuple[Draft, ...]
    refused: tuple[RefusedRow, ...]


class DraftReader(Protocol):
    """Records of a sender, numbered from 1 in their order."""

    @property
    def count(self) -> int: ...

    @property
    def first_rows(self) -> Mapping[str, int]:
        """The sender's own number of each -> ours."""
        ...

    def portions(self, after: int = 0, together: int = TOGETHER) -> Iterator[Portion]:
        """Those after the record of this number, so many at a time."""
        ...


class ListReader:
    """The records of a list. It is read to its end before anything is made of it: half a list is worse than none.

    Raises ``Invalid`` where it has no headings, none for the sender's numbers, or cannot be read to its end.
    """

    def __init__(self, table: Table, columns: Mapping[str, Column | None], kind: CaseKind, today: date) -> None:
        self._table = table
        self._kind = kind
        self._today = today
        self.layout = recognised((row.number, row.cells) for row in islice(table(), FIRST_ROWS)).with_columns(columns).checked()
        self.first_rows: dict[str, int] = {}
        """The sender's number -> the row where it stands first."""
        self._spelled: dict[str, int] = {}
        """The same for identity numbers, however they are written."""
        self.count = 0
        for row in self._rows(after=0):
            self.count += 1
            for number in self.layout.cells(row.cells).get(Column.SOURCE_ID, ()):
                first = self._first(plain(number), row.number)
                self.first_rows.setdefault(plain(number), first)
        if self.count > MOST_ROWS:
            raise Invalid(f"The list has more than {MOST_ROWS:,} rows. Send it in parts.", "file")

    def portions(self, after: int = 0, together: int = TOGETHER) -> Iterator[Portion]:
        """The rows below the headings and after the row of this number, so many at a time."""
        rest = self._rows(after)
        while rows := list(islice(rest, together)):
            drafts: list[Draft] = []
            refused: list[RefusedRow] = []
            for row in rows:
                found = self._draft(row)
                if isinstance(found, Draft):
                    drafts.append(found)
                else:
                    refused += found
            yield Portion(rows[-1].number, tuple(drafts), tuple(refused))

    def refused(self) -> Iterator[tuple[TableRow, Sequence[RefusedRow]]]:
        """Every row that can be no case as it stands, with what is wrong with it: somebody can mend that."""
        for row in self._rows(after=0):
            found = self._draft(row)
            if not isinstance(found, Draft):
                yield row, found

    def _rows(self, after: int) -> Iterator[TableRow]:
        return (row for row in self._table() if row.number > max(after, self.layout.row))

    def _draft(self, row: TableRow) -> Draft | Sequence[RefusedRow]:
        try:
            draft = drafted(self.layout, row.number, row.cells, self._kind, self._today, row.days)
        except Incomplete as error:
            return [RefusedRow("", row.number, self._told(column), mistake) for column, mistake in error.mistakes.items()]
        earlier = self.first_rows.get(draft.source_id, row.number)
        if earlier != row.number:
            return [RefusedRow("", row.number, self._told(Column.SOURCE_ID), f"The same number stands in row {earlier}.")]
        return draft

    def _first(self, number: str, row: int) -> int:
        if number in self.first_rows or not (self.layout.named_by_identity or of_id_number(number)):
            return row
        return self._spelled.setdefault(spelled_alike(number), row)

    def _told(self, column: str) -> str:
        return self.layout.heading_of(Column(column)) or column
