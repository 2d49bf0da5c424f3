"""What a database says about its disk and its state, in the words of the service."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
from sqlalchemy import exc

from tracing.errors import AuditUnavailable, DiskFull, Misconfigured, NotWritable, TracingError, Unavailable
from tracing.store.failures import disk_trouble, translation


@pytest.mark.parametrize(
    ("said", "wrapped", "meant"),
    [
        (sqlite3.OperationalError("database or disk is full"), exc.OperationalError, DiskFull),
        (sqlite3.OperationalError("attempt to write a readonly database"), exc.OperationalError, NotWritable),
        (sqlite3.OperationalError("unable to open database file"), exc.OperationalError, NotWritable),
        (sqlite3.OperationalError("database is locked"), exc.OperationalError, Unavailable),
        (psycopg.errors.DiskFull("could not extend file"), exc.OperationalError, DiskFull),
        (
            psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"),
            exc.InternalError,
            NotWritable,
        ),
        (
            psycopg.errors.FeatureNotSupported("cannot set transaction read-write mode during recovery"),
            exc.NotSupportedError,
            NotWritable,
        ),
        (sqlite3.OperationalError("no such table: events"), exc.OperationalError, AuditUnavailable),
        (sqlite3.OperationalError("no such table: cases"), exc.OperationalError, Misconfigured),
        (psycopg.errors.UndefinedTable('relation "audit_head" does not exist'), exc.ProgrammingError, AuditUnavailable),
        (psycopg.errors.InsufficientPrivilege("permission denied for table events"), exc.ProgrammingError, AuditUnavailable),
        (psycopg.errors.InsufficientPrivilege("permission denied for table cases"), exc.ProgrammingError, NotWritable),
        (psycopg.errors.AdminShutdown("terminating connection"), exc.OperationalError, Unavailable),
    ],
)
def test_trouble_is_told_by_what_helps_against_it(
    said: Exception, wrapped: type[exc.DBAPIError], meant: type[TracingError]
) -> None:
    assert type(translation(said, wrapped("INSERT", {}, said))) is meant


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, NotWritable),
        (errno.EACCES, NotWritable),
        (errno.EIO, Unavailable),
    ],
)
def test_so_is_that_of_the_disk_beside_the_database(number: int, meant: type[TracingError]) -> None:
    assert type(disk_trouble(OSError(number, "it said so"))) is meant
