"""What was said of the columns of a sender's list holds for the next one, whichever door it comes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from tracing.domain import Actor
from tracing.importing.columns import FIRST_ROWS, SINGLE, Column, Layout, recognised
from tracing.importing.plans import Plan
from tracing.importing.portions import Table
from tracing.ports import RecordStore
from tracing.records import Records


def recalled(store: RecordStore, actor: Actor, plan: Plan, table: Table) -> Plan:
    """The plan, with what was said at the station of the sender's last list and is not said anew."""
    with store.reading() as records:
        if not records.imports.last_said(plan.source, actor.station_id):
            return plan
        layout = recognised((row.number, row.cells) for row in islice(table(), FIRST_ROWS))
        columns = held(records, plan.source, actor.station_id, layout, dict(plan.columns))
    return replace(plan, columns=tuple(columns.items()))


def held(
    records: Records, source: str, station_id: str, layout: Layout, said: Mapping[str, Column | None]
) -> dict[str, Column | None]:
    """What holds of the headings of a list: ``said``, and of the others what was said before.

    What stands once and is said of another heading now is left out where it stood before.
    """
    headings = {heading.text for heading in layout.headings}
    last = records.imports.last_said(source, station_id)
    before = {text: Column(column) if column else None for text, column in last.items() if text in headings - said.keys()}
    now = {column for column in said.values() if column is not None}
    return {text: None if column in now & SINGLE else column for text, column in before.items()} | dict(said)
