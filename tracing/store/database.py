"""The record store over SQLite or PostgreSQL."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, exc

from tracing.errors import Conflict, Damaged, Unavailable, where
from tracing.ports import Clock, NewId
from tracing.records import Records
from tracing.store.engines import PATIENCE_S, WRITING, open_engine, reading_options, truncate_log
from tracing.store.holding import held
from tracing.store.keys import Keyring
from tracing.store.migrate import is_current, is_whole, migrate
from tracing.store.records import Transaction
from tracing.store.records.cases import Until, never
from tracing.store.records.forms import SqlForms
from tracing.store.records.names import KeysOf, are_filled, fill_name_keys, no_keys
from tracing.store.records.naming import SourceNames
from tracing.store.spool import AuditSpool
from tracing.store.strangers import table_with
from tracing.store.trying import try_writing

log = logging.getLogger(__name__)

BUSY = "The database is busy. Try again in a moment."


class SqlRecordStore:
    """``RecordStore`` for ``sqlite:///file`` and ``postgresql://...``; safe to share between threads.

    ``until`` tells when a case is over that has come into its state at a moment; ``keys_of`` what names are found by.

    A transaction inside a transaction is a mistake: on SQLite it waits for itself and ends as ``Unavailable``.
    """

    def __init__(
        self,
        url: str,
        keyring: Keyring,
        clock: Clock,
        new_id: NewId,
        until: Until = never,
        spool: AuditSpool | None = None,
        keys_of: KeysOf = no_keys,
    ) -> None:
        self._until = until
        self._keys_of = keys_of
        self._spool = spool
        self._engine = open_engine(url)
        self._keyring = keyring
        self._clock = clock
        self._new_id = new_id
        # SQLite lets waiting writers try again and again at random; threads of one process queue here instead.
        self._turn = threading.Lock() if self._engine.dialect.name == "sqlite" else None

    def transaction(self) -> AbstractContextManager[Records]:
        """Commits when the block ends, with gallery changes and audit rows written last; else nothing has happened."""
        return self._transaction()

    def reading(self) -> AbstractContextManager[Records]:
        """One consistent moment, from the first read on. Writing in it fails."""
        return self._reading()

    def hold(self, name: str, *, wait: bool = True) -> AbstractContextManager[Callable[[], None]]:
        """On PostgreSQL by an advisory lock, on SQLite by a locked file beside the database."""
        return held(self._engine, name, wait=wait)

    def spooled(self) -> int:
        """How many transactions wait for the audit to take their rows."""
        return len(self._spool.waiting()) if self._spool is not None else 0

    def bring_in(self) -> int:
        """Append the rows that were spooled, each file once, however often this is done; how many files.

        A file that does not open holds up nobody: it is set aside, and told by the log, ``spoiled`` and `tracing check`.
        """
        if self._spool is None:
            return 0
        brought = 0
        for spool_id in self._spool.waiting():
            with self.hold("spool"):
                brought += self._bring(self._spool, spool_id)
        return brought

    def spoiled(self, waiting: bool = False) -> list[str]:
        """The names of spooled transactions whose rows cannot be read any more: set aside and, if asked for, still waiting."""
        if self._spool is None:
            return []
        return self._spool.aside() + (self._spool.unreadable() if waiting else [])

    def _bring(self, spool: AuditSpool, spool_id: str) -> bool:
        try:
            events = spool.events(spool_id)
        except FileNotFoundError:
            return False  # another process was faster
        except Damaged as error:
            spool.set_aside(spool_id)
            log.error("rows of the audit are lost: spool/%s.damaged does not open: %s", spool_id, error)
            return False
        except OSError as error:  # it stays where it is: a disk may come back
            log.error("spool/%s.events cannot be read: %s", spool_id, where(error))
            return False
        with _own_turn(self._turn), _connected(self._engine, WRITING) as connection, connection.begin():
            records = self._writing(connection)
            for event in events:
                if not any(each.detail.get("spooled") == spool_id for each in records.audit.of_subject(event.subject)):
                    records.audit.bring(event)
            records.flush()
        spool.drop(spool_id)
        return True

    def migrate(self) -> None:
        """Bring the tables to this version of the program; quick where they are. Safe to call from processes side by side."""
        migrate(self._engine, self._keyring)

    def key_names(self) -> None:
        """Make the keys of names where a step of the tables, or another version of the program, left them to be made.

        Safe to call from processes side by side; quick where there is nothing to do.
        """
        with _connected(self._engine, reading_options(self._engine)) as connection, connection.begin():
            if are_filled(connection):
                return
        last: str | None = ""
        while last is not None:
            with _own_turn(self._turn), _connected(self._engine, WRITING) as connection, connection.begin():
                last = fill_name_keys(connection, self._keys_of, last)

    def read_forms(self) -> None:
        """Note whom a form calls a child, where a step of the tables left it to whoever can open forms.

        Safe to call from processes side by side; quick where there is nothing to do.
        """
        self._make_up(
            lambda connection: SqlForms(connection, self._keyring).are_read(),
            lambda connection: SqlForms(connection, self._keyring).read_unread(),
        )

    def withhold_numbers(self) -> None:
        """Keep digests alone of identity numbers by which records were named, where a version of before kept the numbers.

        Safe to call from processes side by side; quick where there is nothing to do.
        """
        self._make_up(
            lambda connection: SourceNames(connection, self._keyring).are_withheld(),
            lambda connection: SourceNames(connection, self._keyring).withhold_earlier(),
        )

    def _make_up(self, is_done: Callable[[Connection], bool], go_on: Callable[[Connection], bool]) -> None:
        """Some in each transaction until none is left; nobody waits to write where nothing is to be done."""
        with _connected(self._engine, reading_options(self._engine)) as connection, connection.begin():
            left = not is_done(connection)
        while left:
            with _own_turn(self._turn), _connected(self._engine, WRITING) as connection, connection.begin():
                left = go_on(connection)

    def try_writing(self) -> None:
        """On SQLite into the folder of the file as well: it notices a full disk no earlier than in the commit."""
        with _own_turn(self._turn):
            try_writing(self._engine)

    def table_with(self, spellings: Sequence[str], raw: Sequence[bytes]) -> str | None:
        """The table in which one of these secrets stands, among those where somebody might put one."""
        return table_with(self._engine, spellings, raw)

    def is_current(self) -> bool:
        """Whether the tables are those of this version of the program, all of them: another one may have migrated them away."""
        return is_current(self._engine) and is_whole(self._engine)

    def wipe(self) -> bool:
        """On SQLite freed pages are overwritten as rows are deleted, and the log of writes is brought in and cut off here.

        On PostgreSQL it is left to its own vacuum. False where somebody reads at this moment: the next time does it too.
        """
        return truncate_log(self._engine) if self._engine.dialect.name == "sqlite" else True

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with _own_turn(self._turn), _connected(self._engine, WRITING) as connection:
            records = self._writing(connection, self._spool)
            try:
                with connection.begin():
                    yield records
                    _refuse_half_done(connection)
                    records.flush()
            except BaseException:
                if self._spool is not None and records.audit.spooled:
                    self._spool.drop(records.audit.spooled)  # what it tells has not happened
                raise

    def _writing(self, connection: Connection, spool: AuditSpool | None = None) -> Transaction:
        known = (connection, self._keyring, self._clock, self._new_id)
        return Transaction(*known, spool, until=self._until, keys_of=self._keys_of, writable=True)

    @contextmanager
    def _reading(self) -> Iterator[Transaction]:
        with _connected(self._engine, reading_options(self._engine)) as connection, connection.begin() as moment:
            yield Transaction(connection, self._keyring, self._clock, self._new_id, until=self._until, writable=False)
            moment.rollback()


@contextmanager
def _own_turn(turn: threading.Lock | None) -> Iterator[None]:
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=PATIENCE_S):
        raise Unavailable(BUSY)
    try:
        yield
    finally:
        turn.release()


@contextmanager
def _connected(engine: Engine, options: dict[str, Any]) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except exc.TimeoutError as error:  # every connection of the pool is in use
        raise Unavailable(BUSY) from error
    with connection:
        yield connection.execution_options(**options)


def _refuse_half_done(connection: Connection) -> None:
    """PostgreSQL answers the commit of a failed transaction with a silent rollback: nobody may take that for success."""
    if connection.dialect.name != "postgresql":
        return
    from psycopg.pq import TransactionStatus

    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status == TransactionStatus.INERROR:
        raise Conflict("A step of the transaction failed, so nothing was saved.")
