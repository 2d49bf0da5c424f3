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


def recalled(store: RecordStore, actor: Actor, plan: Plan, table: Table) -> Plan:
    """The plan, with what was said at the station of the sender's last list and is not said anew."""
    with store.reading() as records:
        last = records.imports.last_said(plan.source, actor.station_id)
    if not last:
        return plan
    layout = recognised((row.number, row.cells) for row in islice(table(), FIRST_ROWS))
    columns = held(last, layout, {heading: column or "" for heading, column in plan.columns})
    return replace(plan, columns=tuple((text, Column(column) if column else None) for text, column in columns.items()))


def held(last: Mapping[str, str], layout: Layout, said: Mapping[str, str]) -> dict[str, str]:
    """What holds of the headings of a list, heading -> column, empty: left out. ``said``, and of the others what was said
    ``last``.

    What stands once and is said of another heading now is left out where it stood before.
    """
    others = {heading.text for heading in layout.headings} - said.keys()
    taken = SINGLE & set(said.values())
    before = {text: "" if column in taken else column for text, column in last.items() if text in others}
    return before | dict(said)
