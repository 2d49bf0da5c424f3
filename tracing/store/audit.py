"""The chain of audit rows: how a row's hash is made, and how a broken chain is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any, Final

from tracing.domain import Event
from tracing.store.text import canonical_json

GENESIS: Final = "0" * 64
"""The hash before the first row."""


def sealed_event(event: Event) -> Event:
    """The event with the hash that its other fields imply."""
    return replace(event, hash=event_hash(event))


def event_hash(event: Event) -> str:
    """SHA-256 over the canonical JSON of all fields but the hash itself; the time in UTC with microseconds."""
    fields: Mapping[str, Any] = {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "detail": dict(event.detail),
        "previous_hash": event.previous_hash,
    }
    return hashlib.sha256(canonical_json(fields).encode()).hexdigest()


def verify_chain(events: Iterable[Event], head: tuple[int, str] | None = None) -> int | None:
    """The number of the first row that is altered, missing or out of place; None where the chain is whole.

    ``events`` are all rows, ascending from the first. Rows cut off at the end leave a chain that is whole: they are
    noticed where ``head`` is given, the number and hash of the last row as the chain's own record keeps them.
    """
    seq, previous = 0, GENESIS
    for event in events:
        seq += 1
        if event.seq != seq or event.previous_hash != previous or event.hash != event_hash(event):
            return seq
        previous = event.hash
    if head is None or head == (seq, previous):
        return None
    return seq + 1 if head[0] > seq else seq
