"""What names are found by: keys beside the cases, made by a function that the store is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from tracing.folding import name_key
from tracing.store.rows import portions, upsert
from tracing.store.tables import cases, counters, name_keys

KeysOf = Callable[[Iterable[str]], Some[str]]
VERSION: Final = 4
"""To be raised with every change of what the keys are: those of all cases are then made anew."""
COUNTER: Final = "name_keys"
AT_ONCE: Final = 1000
LEAST: Final = 2
"""Letters that are looked for; one alone would find half of all people."""
LAST: Final = "\U0010ffff"


def no_keys(_names: Iterable[str]) -> Some[str]:
    """Names are found as they are written alone."""
    return ()


def put_name_keys(connection: Connection, keys_of: KeysOf, named: Sequence[tuple[str, Sequence[str]]], anew: bool) -> None:
    """``named``: case_id and names. ``anew``: the cases may have keys of before."""
    if anew:
        for portion in portions({case_id for case_id, _ in named}):
            connection.execute(name_keys.delete().where(name_keys.c.case_id.in_(portion)))
    rows = [{"key": key, "case_id": case_id} for case_id, names in named for key in sorted(keys_of(names))]
    if rows:
        connection.execute(upsert(connection, name_keys).on_conflict_do_nothing(), rows)


NO_TONE: Final = re.compile(r"[06-9]|(?<![^\W\d_])\d")
"""A digit that marks no tone of the syllable before it, as in wang2: the text is a number, or a reference, and no name."""


def typed(text: str) -> ColumnElement[bool] | None:
    """Cases with a name that begins so, in Latin letters or in characters; None where the text is none of that."""
    key = name_key(text)
    if len(key) < LEAST or NO_TONE.search(text):
        return None
    # Passports write lü and nü as LYU and NYU; Lyudmila is typed so as well.
    keys = {key, key.replace("lyu", "lv").replace("nyu", "nv")}
    begins = or_(*(and_(name_keys.c.key >= each, name_keys.c.key < each + LAST) for each in sorted(keys)))
    return cases.c.case_id.in_(select(name_keys.c.case_id).where(begins))


def fill_name_keys(connection: Connection, keys_of: KeysOf, after: str) -> str | None:
    """The keys of the next cases after this one; the last of them, or None where there is none any more, and it is noted."""
    query = select(cases.c.case_id, cases.c.names).where(cases.c.case_id > after).order_by(cases.c.case_id).limit(AT_ONCE)
    rows = connection.execute(query).all()
    if rows:
        put_name_keys(connection, keys_of, [(row.case_id, row.names) for row in rows], anew=True)
        return str(rows[-1].case_id)
    connection.execute(counters.update().where(counters.c.name == COUNTER).values(value=VERSION))
    return None


def are_filled(connection: Connection) -> bool:
    value = connection.execute(select(counters.c.value).where(counters.c.name == COUNTER)).scalar_one_or_none()
    return value is None or value >= VERSION
