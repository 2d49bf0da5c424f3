"""What somebody is shown of a list that they have handed in, so that they can say which column is what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final

from tracing.domain import CaseKind, HandedList
from tracing.domain.id_numbers import of_id_number
from tracing.errors import Invalid
from tracing.importing.columns import Column, Heading, Layout, meaning
from tracing.importing.drafts import Draft, drafted
from tracing.importing.portions import TableRow
from tracing.importing.sealed_lists import Checked, SealedLists
from tracing.importing.values import plain

SAMPLED: Final = 20
SAMPLES: Final = 2


@dataclass(frozen=True, slots=True)
class ListView:
    """``samples``: what stands below each heading, in their order. ``missing`` says what the layout lacks, empty where nothing.

    ``drafts`` are the first records as they are understood.
    """

    handed: HandedList
    layout: Layout
    samples: tuple[tuple[str, ...], ...]
    missing: str
    drafts: tuple[Draft, ...]
    checked: Checked | None


def list_view(sealed: SealedLists, handed: HandedList, today: date) -> ListView:
    """By its first rows; ``Invalid`` where it is no table."""
    layout = sealed.layout(handed)
    rows = list(islice((row for row in sealed.table(handed)() if row.number > layout.row), SAMPLED))
    missing = _missing(layout)
    return ListView(
        handed=handed,
        layout=layout,
        samples=tuple(_samples(each, rows) for each in layout.headings),
        missing=missing,
        drafts=() if missing else tuple(_understood(layout, rows, handed.kind, today)),
        checked=sealed.checked(handed.list_id),
    )


def _understood(layout: Layout, rows: Sequence[TableRow], kind: CaseKind, today: date) -> Iterator[Draft]:
    """What the check refuses is left out: it tells why."""
    numbers: set[str] = set()
    for row in rows:
        with suppress(Invalid):
            draft = drafted(layout, row.number, row.cells, kind, today, row.days)
            if draft.source_id not in numbers:
                numbers.add(draft.source_id)
                yield draft


def _samples(heading: Heading, rows: Sequence[TableRow]) -> tuple[str, ...]:
    """The first different cells below it; of an identity number so much that one sees that it is one."""
    cells = (row.cells[heading.place] for row in rows if heading.place < len(row.cells) and row.cells[heading.place])
    numbers = meaning(heading.text) is Column.ID_NUMBER
    return tuple(
        _covered(each) if numbers or of_id_number(plain(each)) else each for each in islice(dict.fromkeys(cells), SAMPLES)
    )


def _covered(number: str) -> str:
    return number[:2] + "*" * len(number[2:])


def _missing(layout: Layout) -> str:
    try:
        layout.checked()
    except Invalid as error:
        return str(error)
    return ""
