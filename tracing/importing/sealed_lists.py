"""What lies sealed of a list that waits: the table, the photos, what the check found, and refused rows to be mended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO, Final

from tracing.domain import Change, HandedList, RefusedRow, Source
from tracing.errors import Refused
from tracing.importing.columns import FIRST_ROWS, Column, Layout, recognised
from tracing.importing.plans import Photos, Plan
from tracing.importing.portions import ListReader, Table, TableRow
from tracing.importing.surveys import Survey, Unread
from tracing.importing.values import plain
from tracing.ports import ListFiles, RecordStore
from tracing.records import Records

TABLE: Final = "table"
PHOTOS: Final = "photos"
CHECK: Final = "check"
REFUSED: Final = "refused"
MENDED_WITHIN: Final = timedelta(days=7)
"""So long the refused rows of a list lie there for somebody to mend them."""
MOST_TOLD: Final = 5000
"""Refused rows that a check names, and that can be taken away to be mended."""

ReadTable = Callable[[BinaryIO, str], Iterable[TableRow]]
ReadPhotos = Callable[[BinaryIO], Photos]
RefusedCells = tuple[tuple[str, ...], tuple[RefusedRow, ...]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a list found; see ``Survey``."""

    counts: Mapping[Change, int]
    refused: tuple[RefusedRow, ...]
    unread: tuple[Unread, ...]
    with_photos: int
    photos_missing: int

    @property
    def here(self) -> int:
        """Records that are cases here already."""
        return self.counts[Change.CHANGED] + self.counts[Change.UNCHANGED]


def plan_of(handed: HandedList) -> Plan:
    columns = tuple((heading, Column(column) if column else None) for heading, column in handed.said.items())
    return Plan(handed.source, handed.kind, handed.legal_basis, columns, handed.purpose)


class SealedLists:
    """``read_table`` and ``read_photos`` know the formats."""

    def __init__(self, store: RecordStore, files: ListFiles, read_table: ReadTable, read_photos: ReadPhotos) -> None:
        self._store = store
        self.files = files
        self._read_table = read_table
        self._read_photos = read_photos

    def table(self, handed: HandedList) -> Table:
        """Reads it from the top each time."""

        def rows() -> Iterator[TableRow]:
            with self.files.reading(handed.list_id, TABLE) as file:
                yield from self._read_table(file, handed.file_name)

        return rows

    def layout(self, handed: HandedList) -> Layout:
        """With what somebody has said of its columns. ``Invalid`` where it is no table."""
        first = [(row.number, row.cells) for row in islice(self.table(handed)(), FIRST_ROWS)]
        return recognised(first).with_columns(dict(plan_of(handed).columns))

    @contextmanager
    def photos(self, handed: HandedList) -> Iterator[Photos | None]:
        """None where none came along; ``Invalid`` where they are no archive."""
        if not handed.photo_bytes:
            yield None
            return
        with self.files.reading(handed.list_id, PHOTOS) as file:
            yield self._read_photos(file)

    def keep_check(self, list_id: str, survey: Survey) -> None:
        told = {
            "counts": survey.counts,
            "refused": [[each.row, each.column, each.mistake] for each in survey.refused],
            "unread": [[each.heading, each.count, each.rows] for each in survey.unread],
            "with_photos": survey.with_photos,
            "photos_missing": survey.photos_missing,
        }
        with self.files.writing(list_id, CHECK) as writer:
            writer.write(json.dumps(told, ensure_ascii=False).encode())

    def checked(self, list_id: str) -> Checked | None:
        """None before a worker has read the list to its end."""
        if not self.files.holds(list_id, CHECK):
            return None
        with self.files.reading(list_id, CHECK) as file:
            told: dict[str, Any] = json.loads(file.read())
        return Checked(
            counts={Change(name): count for name, count in told["counts"].items()},
            refused=tuple(RefusedRow("", *each) for each in told["refused"]),
            unread=tuple(Unread(heading, count, tuple(rows)) for heading, count, rows in told["unread"]),
            with_photos=told["with_photos"],
            photos_missing=told["photos_missing"],
        )

    def forget_check(self, list_id: str) -> None:
        self.files.erase(list_id, CHECK)

    def keep_refused(self, handed: HandedList, now: datetime) -> None:
        """Rows that cannot be cases as they stand, but for those whose people are kept out; the headings first."""
        plan = plan_of(handed)
        try:
            reader = ListReader(self.table(handed), dict(plan.columns), plan.kind, now.date())
        except Refused:  # it was gone already, before a kill
            return
        wrong = list(islice(reader.refused(), MOST_TOLD))
        names = {row.number: _source_of(plan, reader.layout, row) for row, _ in wrong}
        with self._store.reading() as records:
            kept_out = records.keepouts.kept_out(set(names.values()), now)
            cases = _cases_of(records, plan.source, set(names.values()))
        told = [(row.cells, why, names[row.number]) for row, why in wrong if names[row.number] not in kept_out]
        if not told:
            return
        headings = tuple(heading.text for heading in reader.layout.headings)
        with self.files.writing(handed.run_id, REFUSED) as writer:
            writer.write(json.dumps([headings, []], ensure_ascii=False).encode() + b"\n")
            for cells, why, source in told:
                whose = [source.source, source.source_id, source.identity, cases.get(source, "")]
                line = [cells, [[each.row, each.column, each.mistake] for each in why], *whose]
                writer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def refused(self, run_id: str, now: datetime) -> Iterator[RefusedCells]:
        """The headings, and the rows as they came, each with what is wrong; ``NotFound`` when they are gone.

        Without those of people who have been erased since, or are kept out by now.
        """
        gone = self._gone(run_id, now)
        for number, (cells, wrong, *_) in enumerate(self._lines(run_id)):
            if number not in gone:
                yield tuple(cells), tuple(RefusedRow(run_id, row, column, mistake) for row, column, mistake in wrong)

    def _gone(self, run_id: str, now: datetime) -> set[int]:
        whose = {number: (Source(*named), case_id) for number, (_, _, *named, case_id) in self._named(run_id)}
        with self._store.reading() as records:
            kept_out = records.keepouts.kept_out({source for source, _ in whose.values()}, now)
            there = records.cases.by_ids({case_id for _, case_id in whose.values() if case_id})
        return {
            number for number, (source, case_id) in whose.items() if source in kept_out or (case_id and case_id not in there)
        }

    def _named(self, run_id: str) -> Iterator[tuple[int, list[Any]]]:
        """Those of which it is said whose they are: not the headings, nor what an earlier version has kept."""
        return ((number, line) for number, line in enumerate(self._lines(run_id)) if len(line) > 2)

    def _lines(self, run_id: str) -> Iterator[list[Any]]:
        with self.files.reading(run_id, REFUSED) as file:
            for line in file:
                yield json.loads(line)

    def holds_refused(self, run_id: str) -> bool:
        return self.files.holds(run_id, REFUSED)

    def clear(self, known: set[str], now: datetime, unused_for: timedelta) -> None:
        """What a crash has left of lists that nobody knows, and refused rows that nobody has mended in time."""
        for list_id in self.files.left_since(now - unused_for) - known:
            self.files.erase(list_id, TABLE, PHOTOS, CHECK)
        for run_id in self.files.left_since(now - MENDED_WITHIN) - known:
            self.files.erase(run_id)


def _source_of(plan: Plan, layout: Layout, row: TableRow) -> Source:
    number = plain("; ".join(layout.cells(row.cells).get(Column.SOURCE_ID, ())))
    return Source(plan.source, number, layout.named_by_identity)


def _cases_of(records: Records, sender: str, sources: Set[Source]) -> dict[Source, str]:
    """The cases that these records are here already."""
    asked = list(sources)
    kept = [each.source_id for each in records.rights.named(asked)]
    known = records.imports.known(sender, kept)
    return {source: known[name].case_id for source, name in zip(asked, kept, strict=True) if name in known}
