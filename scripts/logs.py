"""The log: lines for people or JSON for machines, without a word of anybody's story in them.

Foreign errors are told by their classes and places alone (``errors.where``), and what foreign libraries say below a warning
is never written: a form parser, an image reader or a database driver would tell all it sees.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from pythonjsonlogger.json import JsonFormatter

from tracing.config import Settings
from tracing.errors import where
from tracing.tracked import request_id

OURS: Final = ("tracing", "api", "scripts")


def set_up(settings: Settings) -> None:
    """To the error stream, in place of what was set up here before; whoever has set up another log keeps it."""
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, Text | Lines)]:
        root.removeHandler(old)
    if root.handlers:
        return
    handler = Stream(sys.stderr)
    handler.setFormatter(Lines() if settings.log_format == "json" else Text())
    handler.addFilter(_with_request)
    root.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())


class Stream(logging.StreamHandler[TextIO]):
    """Where a line cannot be written, because a disk is full or the line makes no sense, it says so and not one word more.

    The library would print what was to be said, and the error that was being told, with its words.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name in logging
        with suppress(OSError, ValueError):
            sys.stderr.write(f"a line of {record.name} could not be written to the log: {type(sys.exc_info()[1]).__name__}\n")


class _PlacesAlone:
    """Tells an error by its classes and places, whatever its words are."""

    def formatException(self, info: Any) -> str:  # noqa: N802 - its name in logging
        return where(info[1])


class Text(_PlacesAlone, logging.Formatter):
    """One line, in the zone of the machine; the places of an error below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(for_request)s: %(message)s")


class Lines(_PlacesAlone, JsonFormatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, ``request_id`` and what the call adds."""

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "exc_info": "error"}
        super().__init__("%(levelname)s %(name)s %(message)s", rename_fields=names, json_ensure_ascii=False)

    def add_fields(self, log_data: dict[str, object], record: logging.LogRecord, message_dict: dict[str, object]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        super().add_fields(log_data, record, message_dict)
        log_data.pop("for_request", None)
        if not log_data.get("request_id"):
            log_data.pop("request_id", None)


def _with_request(record: logging.LogRecord) -> bool:
    number = request_id.get()
    record.__dict__ |= {"request_id": number, "for_request": f" [{number}]" if number else ""}
    return True
