"""What text can be kept, the same for every database, and JSON in one spelling."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tracing.errors import Invalid

# PostgreSQL holds neither NUL nor half of a surrogate pair; SQLite would, and a later move would fail on it.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
NUL_IN_JSON = "\\u0000"


def storable(text: str) -> str:
    """The text itself. ``Invalid`` where it holds a character that not every database can keep."""
    if UNSTORABLE.search(text):
        raise Invalid("A text contains a character that cannot be stored: delete it and type it again.")
    return text


def canonical_json(value: Any) -> str:
    """JSON in exactly one spelling: keys sorted, no spaces, no escapes for letters. ``Invalid`` for NaN and unstorable text."""
    try:
        written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise Invalid("A value is not a number that can be stored.") from error
    # Halves of surrogate pairs stand in it as they are, a NUL as an escape; only what looks like one is gone through.
    storable(written)
    if NUL_IN_JSON in written:
        _check(value)
    return written


def _check(value: Any) -> None:
    """NUL would survive inside JSON as an escape; it is refused there all the same, so that there is one rule."""
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            _check(name)
            _check(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _check(part)
