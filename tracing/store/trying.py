"""Whether a database takes anything at the moment, tried without leaving anything behind."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, false

from tracing.store import folders
from tracing.store.engines import WRITING
from tracing.store.failures import disk_trouble
from tracing.store.tables import counters


def try_writing(engine: Engine) -> None:
    """Raises what a transaction would that writes now."""
    nothing = counters.update().where(false()).values(value=counters.c.value)  # refused where only reading is allowed
    with engine.connect().execution_options(**WRITING) as connection, connection.begin() as moment:
        connection.execute(nothing)
        moment.rollback()
    if engine.dialect.name == "sqlite":
        try:
            folders.try_writing(Path(str(engine.url.database)).parent)
        except OSError as error:
            raise disk_trouble(error) from error
