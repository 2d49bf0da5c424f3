"""The one place where a database's errors become those of the service."""

from __future__ import annotations

import errno
import re
from typing import Final

from sqlalchemy import Engine, event, exc
from sqlalchemy.engine import ExceptionContext

from tracing.errors import (
    AuditUnavailable,
    Conflict,
    Damaged,
    DiskFull,
    Invalid,
    Misconfigured,
    NotWritable,
    TracingError,
    Unavailable,
)

OF_THE_AUDIT: Final = re.compile(r'(no such table: |relation "|permission denied for table )(events|audit_head)\b')
"""Its tables are gone, or somebody took away the right to them; everything else may be as it should be."""
NOT_MIGRATED = ("no such table", "no such column", "undefinedtable", "undefinedcolumn")
DAMAGED = ("malformed", "not a database")
NOT_WRITABLE = (
    "readonly database",
    "permission denied",
    "unable to open database file",
    "read-only transaction",
    "during recovery",
)
FULL = ("disk is full", "diskfull", "no space left")
READ_ONLY = "The database may only be read just now, so nothing was saved. The operator has to look at its disk."
NO_AUDIT = "The audit can be neither read nor written just now, so nothing was changed. The operator has to look at it."
NO_ROOM = "The disk of the database is full, so nothing was saved. Make room, then try again."


def translate_errors(engine: Engine) -> None:
    """From now on every statement, commit and connection of the engine fails with an error of ``tracing.errors``.

    A mistake in our own SQL stays what it is.
    """

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            return  # the pool asks whether a connection is still alive, and replaces it where it is not
        translated = translation(context.original_exception, context.sqlalchemy_exception)
        if translated is not None:
            raise translated


def translation(original: BaseException, wrapped: exc.SQLAlchemyError | None) -> TracingError | None:
    """What a failure means for the service, or None where it is a mistake of the program."""
    if isinstance(original, TracingError):
        return original
    if isinstance(wrapped, exc.IntegrityError):
        return Conflict("Somebody else was faster, or this is there already.")
    if isinstance(wrapped, exc.DataError) or isinstance(original, OverflowError):
        return Invalid("A value is too large to be stored.")
    if isinstance(wrapped, exc.DatabaseError):
        said = f"{type(original).__name__}: {original}".lower()
        return _by_words(said, operational=isinstance(wrapped, exc.OperationalError))
    if isinstance(wrapped, exc.InterfaceError):
        return Unavailable("The connection to the database was lost. Try again.")
    return None


def disk_trouble(error: OSError) -> TracingError:
    """The same of the disk itself, where a file beside the database tells it first."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(NO_ROOM)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotWritable(READ_ONLY)
    return Unavailable(f"The disk of the database does not answer as it should: {error.strerror}.")


def _by_words(said: str, *, operational: bool) -> TracingError | None:
    """SQLite has one class for nearly everything, so the words decide."""
    if OF_THE_AUDIT.search(said):
        return AuditUnavailable(NO_AUDIT)
    if any(word in said for word in NOT_MIGRATED):
        return Misconfigured("The database has not been set up for this version of the program.")
    if any(word in said for word in DAMAGED):
        return Damaged("The database file is damaged. Restore it from a backup.")
    if any(word in said for word in NOT_WRITABLE):
        return NotWritable(READ_ONLY)
    if any(word in said for word in FULL):
        return DiskFull(NO_ROOM)
    if operational:
        return Unavailable("The database is busy or cannot be reached. Try again in a moment.")
    return None
