"""Who looked at what: a row of the audit for each answer that showed somebody, written before the answer is sent."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tracing.domain import Actor
from tracing.errors import TracingError, Unavailable
from tracing.ports import RecordStore

log = logging.getLogger(__name__)

MOST_WAITING: Final = 1000
"""Looks that are remembered while the records cannot be written; beyond, nothing is shown any more."""
READS: Final = "read_"
"""How the actions begin that show somebody in the house; all others take something out of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """``subject`` is the one thing that was looked at, empty for a list; ``shown`` names what stood there, by ids."""

    actor: Actor
    action: str
    subject: str
    shown: Mapping[str, Any]


class Looks:
    """Reading goes on while the records cannot be written for a while: those looks are remembered, and come with the next.

    What leaves the house waits for nothing: without its row it does not go (DOMAIN.md, L12).
    """

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._waiting: deque[Look] = deque()
        self._turn = threading.Lock()

    def record(self, look: Look) -> None:
        """``Unavailable`` where too many wait already: then nobody is shown anything."""
        if not look.action.startswith(READS):
            with self._store.transaction() as records:
                records.audit.append(look.actor, look.action, look.subject, look.shown)
            return
        self._waiting.append(look)
        try:
            self.write()
        except TracingError as error:
            if len(self._waiting) > MOST_WAITING:
                raise Unavailable("Who looks at what cannot be written down, so nothing is shown. Try again later.") from error
            log.warning("%d looks wait to be written down: %s", len(self._waiting), error)

    def write(self) -> int:
        """Write what waits, in one transaction; how many."""
        with self._turn:
            found = list(self._waiting)
            if found:
                with self._store.transaction() as records:
                    for look in found:
                        records.audit.append(look.actor, look.action, look.subject, look.shown)
                for _ in found:
                    self._waiting.popleft()
        return len(found)

    @property
    def waiting(self) -> int:
        return len(self._waiting)
