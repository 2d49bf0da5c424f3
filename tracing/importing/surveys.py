"""What would become of a list, read to its end before anything is done with it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from tracing.domain import Actor, Change, ImportedRecord, RefusedRow
from tracing.importing.columns import Layout
from tracing.importing.drafts import Draft, fingerprints
from tracing.importing.plans import Photos, Plan, check
from tracing.importing.portions import ListReader, Table
from tracing.importing.recalling import recalled
from tracing.importing.whose_photos import WhosePhotos
from tracing.importing.withholding import known, withheld
from tracing.ports import Clock, RecordStore

MOST_SHOWN: Final = 20
ROWS_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Unread:
    """Cells below one heading that nobody could understand: how many, and the first rows."""

    heading: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """The layout, the first records as they were understood, the first rows that would be refused, and counts by what the run
    would make of them. ``rows`` of ``rows_there`` are read. ``with_photos`` records have one; of ``photos_missing`` records one
    did not come, or may be another's.
    """

    layout: Layout
    rows_there: int
    rows: int = 0
    drafts: tuple[Draft, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    counts: dict[Change, int] = field(default_factory=lambda: dict.fromkeys(Change, 0))
    unread: tuple[Unread, ...] = ()
    with_photos: int = 0
    photos_missing: int = 0


class Surveys:
    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def whole(self, actor: Actor, plan: Plan, table: Table, photos: Photos | None = None) -> Survey:
        """What a run would do with the list. Nothing is written."""
        plan = recalled(self._store, actor, plan, table)
        (last,) = deque(self.steps(actor, plan, table, photos), maxlen=1)
        return last

    def steps(
        self, actor: Actor, plan: Plan, table: Table, photos: Photos | None = None, most_refused: int = MOST_SHOWN
    ) -> Iterator[Survey]:
        """As ``whole``, portion by portion: each says what is known by then, and the last one all of it."""
        check(actor, plan)
        reader = ListReader(table, dict(plan.columns), plan.kind, self._clock().date())
        whose = WhosePhotos.among(photos, reader.first_rows)
        tally = _Tally()
        yield tally.survey(reader)
        for portion in reader.portions():
            with self._store.reading() as records:
                drafts = withheld(records, plan.source, portion.drafts)
                here = known(records, plan.source, drafts)
            for draft in drafts:
                tally.add(draft, here.get(draft.source_id), whose)
            tally.refuse(portion.refused, most_refused)
            yield tally.survey(reader)


class _Tally:
    def __init__(self) -> None:
        self._counts = dict.fromkeys(Change, 0)
        self._shown: list[Draft] = []
        self._refused: list[RefusedRow] = []
        self._unread: defaultdict[str, list[int]] = defaultdict(list)
        self._with_photos = 0
        self._missing = 0

    def add(self, draft: Draft, earlier: ImportedRecord | None, whose: WhosePhotos) -> None:
        self._counts[_expected(draft, earlier)] += 1
        if len(self._shown) < MOST_SHOWN:
            self._shown.append(replace(draft, number=""))
        for heading, _ in draft.unread:
            self._unread[heading].append(draft.row)
        paths, mistakes = whose.of(draft.own_number, draft.photos)
        self._with_photos += bool(paths)
        self._missing += bool(mistakes)

    def refuse(self, rows: tuple[RefusedRow, ...], most: int) -> None:
        self._refused += rows[: max(most - len(self._refused), 0)]
        self._counts[Change.REFUSED] += len({row.row for row in rows})

    def survey(self, reader: ListReader) -> Survey:
        unread = (Unread(heading, len(rows), tuple(rows[:ROWS_NAMED])) for heading, rows in self._unread.items())
        return Survey(
            layout=reader.layout,
            rows_there=reader.count,
            rows=sum(self._counts.values()),
            drafts=tuple(self._shown),
            refused=tuple(self._refused),
            counts=dict(self._counts),
            unread=tuple(sorted(unread, key=lambda each: -each.count)),
            with_photos=self._with_photos,
            photos_missing=self._missing,
        )


def _expected(draft: Draft, earlier: ImportedRecord | None) -> Change:
    if earlier is None:
        return Change.NEW
    same = earlier.digest == draft.digest if earlier.digest else earlier.told == fingerprints(draft.description)
    return Change.UNCHANGED if same else Change.CHANGED
