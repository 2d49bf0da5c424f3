"""The ports for galleries that are kept on disk between two lives of a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Shelved:
    """What was kept of a gallery or an index: plain facts, as JSON has them, and arrays in portions, in their order."""

    facts: Mapping[str, Any]
    arrays: Mapping[str, Sequence[NDArray[Any]]]


@runtime_checkable
class Shelvable(Protocol):
    """A ``VectorIndex`` that learns, in the background, and can be kept on disk and taken back with what it has learnt."""

    def tidy(self) -> bool:
        """Let nothing be left of removed templates; False where that is not possible now, for something runs beside it."""
        ...

    def shelved(self) -> tuple[dict[str, Any], dict[str, Iterable[NDArray[Any]]]]:
        """Its facts and arrays. Later changes are let in between two portions: those templates may be changed or wiped.

        ``Unavailable``, from the portions too, where it cannot be kept just now.
        """
        ...

    def finish(self) -> None:
        """Wait until nothing is done in the background any more."""
        ...

    def take_back(self, shelved: Shelved) -> None:
        """Become what was kept; only on an empty index. ``Damaged`` where it was another kind of index."""
        ...


class GalleryShelf(Protocol):
    """Where galleries are kept between two lives of a process. Losing one costs time, never a template."""

    def save(self, name: str, facts: Mapping[str, Any], arrays: Mapping[str, Iterable[NDArray[Any]]]) -> None:
        """Whole or not at all, sealed; the earlier one of this name is replaced."""
        ...

    def load(self, name: str) -> Shelved | None:
        """None where there is none; one that does not verify is thrown away."""
        ...

    def holds(self, name: str) -> bool: ...

    def discard(self, name: str) -> None: ...

    def discard_all(self) -> None: ...
