"""The port for indexes that outlive the process and that many processes search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tracing.ports import VectorIndex


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index is written: the last change of the records in it, and the audit's last row at that time."""

    after: int
    audit_seq: int
    audit_hash: str


@runtime_checkable
class Shared(Protocol):
    """What a ``VectorIndex`` can do besides that outlives the process. Many may search it, one at a time may write it.

    All of them may raise ``Unavailable``.
    """

    def position(self) -> Position | None:
        """Where it was last said to stand; None where it is new, was emptied or was removed: then it is there, and empty."""
        ...

    def mark(self, position: Position) -> None:
        """Say how far it is written; to be called when everything up to there is in it."""
        ...

    def discard(self, ids: NDArray[np.int64]) -> None:
        """As ``remove``, without finding out how many were there."""
        ...

    def empty(self) -> None:
        """Nothing is in it afterwards, and it has no position. Searches that run meanwhile raise ``Unavailable``."""
        ...


class SharedIndex(VectorIndex, Shared, Protocol):
    """Both at once."""
