"""Every trace of a person in the records: found before the erasure by the links between tables, and looked for after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, create_engine, select

from tests.house import House, keyring_of
from tracing.domain import Vector
from tracing.errors import Damaged
from tracing.store.contexts import COLUMN, SEALED, context_of
from tracing.store.tables import metadata

NOT_OF_A_PERSON: Final = {
    "accounts": "who works here",
    "audit_head": "the last row of the audit",
    "backups": "which backups there are, so that whoever erases is told of them",
    "counters": "numbers",
    "ended_records": "of partners, by keyed digests; made by the erasure itself, or by a partner's word",
    "events": "the audit: random ids and no names; every row is chained to the next",
    "feeds": "calendars of those who work here",
    "gallery_changes": "the numbers of templates, so that every gallery learns that they are gone",
    "generations": "encoders",
    "handed_lists": "lists that wait at the page, by who sent them; what stands in them lies sealed beside the database",
    "import_runs": "lists that came, by who sent them",
    "keepout_salts": "a key",
    "keepout_templates": "of those who asked to be kept out; made by the erasure itself",
    "keepouts": "of those who asked to be kept out; made by the erasure itself",
    "partners": "whose program writes records of which domain",
    "noted_files": "files that are being written or given up; gone as soon as they are",
    "reference_counters": "numbers",
    "spent_proofs": "digests of challenges that strangers have answered, for half a day",
    "refused_rows": "numbers of rows, and what was wrong with them; no word of theirs",
    "search_counts": "how much those who work here have searched",
    "identities": "who of those who work here signs in by a provider",
    "sessions": "browsers of those who work here",
    "sign_in_failures": "digests of names that were typed at the door",
    "stations": "shelters",
    "told_records": "what partners were told: ids drawn by lot, and dates, so that copies elsewhere die",
}
"""Tables that hold nothing of the people whom cases are about, each with the reason."""
MAY_NAME: Final = {"events": "ids", "gallery_changes": "numbers"}
"""What an erasure leaves on purpose."""


@dataclass(slots=True)
class Traces:
    """``ids`` and ``words`` are looked for as text, ``vectors`` in whatever is sealed. ``rows``: how many are theirs."""

    ids: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    vectors: list[Vector] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    template_ids: set[int] = field(default_factory=set)


def connected(house: House) -> Connection:
    """Beside the service, as somebody who holds the database sees it."""
    url = house.services.settings.store_url.replace("postgresql:", "postgresql+psycopg:")
    return create_engine(url).connect()


def traces_of(house: House, case_ids: Iterable[str], words: Mapping[str, str]) -> Traces:
    """Follow every link from these cases, to the last row."""
    found = Traces(ids=set(case_ids), words=set(words.values()))
    with connected(house) as connection:
        theirs: dict[str, list[Any]] = {}
        before = -1
        while before != sum(map(len, theirs.values())):
            before = sum(map(len, theirs.values()))
            for table in metadata.sorted_tables:
                if table.name not in NOT_OF_A_PERSON:
                    theirs[table.name] = _linked(connection, table, found.ids)
                    found.ids |= {str(name) for row in theirs[table.name] for name in _names(table, row)}
        found.rows = {name: len(rows) for name, rows in theirs.items()}
        _more(connection, found, theirs)
    for generation in house.services.reindex.generations():
        with house.services.store.reading() as records:
            for case_id in case_ids:
                found.vectors += [each.vector for each in records.faces.templates(case_id, generation.encoder_id)]
    found.ids = {name for name in found.ids if len(name) >= 12}
    connection.engine.dispose()
    return found


def _linked(connection: Connection, table: Table, ids: set[str]) -> list[Any]:
    """Rows that are one of these, or belong to one of these by a foreign key."""
    links = {key.parent.name for key in table.foreign_keys if key.column.table.name not in NOT_OF_A_PERSON}
    links -= {"superseded_by", "other_case_id"}
    links |= {"case_id"} & {column.name for column in table.primary_key.columns}
    rows = connection.execute(select(table)).all()
    return [row for row in rows if any(row._mapping[name] in ids for name in links)]


def _names(table: Table, row: Any) -> list[Any]:
    keys = [column.name for column in table.primary_key.columns if isinstance(row._mapping[column.name], str)]
    unlinked = [name for name in keys if not table.c[name].foreign_keys and name != "key"]
    return [row._mapping[name] for name in unlinked] if table.name not in ("approvals", "matches") else []


def _more(connection: Connection, found: Traces, theirs: Mapping[str, list[Any]]) -> None:
    """Names of theirs that are no keys."""
    found.template_ids |= {row.template_id for row in theirs["templates"]}
    found.ids |= {row.photo_key for row in theirs["photos"]} | {row.sha256 for row in theirs["photos"]}
    found.ids |= {row.reference for row in theirs["cases"]} | {row.run_id for row in theirs["search_runs"]}
    found.ids |= {row.decision_id for row in theirs["decisions"]}


def left(house: House, traces: Traces) -> dict[str, list[str]]:
    """table -> what is left of the person in it, but for what stays on purpose."""
    found: dict[str, list[str]] = {}
    with connected(house) as connection:
        keyring = keyring_of(house.services)
        for table in metadata.sorted_tables:
            wanted = traces.words if table.name in MAY_NAME else traces.words | traces.ids
            for row in connection.execute(table.select().with_only_columns(*table.columns)).all():
                told = [f"{each}" for each in wanted if each in _text(row)]
                if COLUMN in row._mapping and table in SEALED:
                    told += _sealed(keyring, table, row, traces)
                if told:
                    found.setdefault(table.name, []).append(", ".join(sorted(told)))
    connection.engine.dispose()
    return found


def _text(row: Any) -> str:
    return "\n".join(str(value) for value in row._mapping.values() if not isinstance(value, bytes))


def _sealed(keyring: Any, table: Table, row: Any, traces: Traces) -> list[str]:
    try:
        plain = keyring.open(row.sealed, context_of(table, **row._mapping))
    except Damaged:
        return ["something that nobody can open"]
    told = [each for each in traces.words if each.encode() in plain]
    same = [each for each in traces.vectors if plain == np.asarray(each, "<f4").tobytes()]
    return told + (["a template"] if same else [])
