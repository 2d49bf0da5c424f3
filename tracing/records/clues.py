"""Clues, the keys by which cases find each other through them, and what a search by clues found, in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracing.domain import CaseKind, ClueHit, ClueVersion, Sex


@dataclass(frozen=True, slots=True)
class Sought:
    """Searchable cases of one kind; with a ``sex`` those of this one and those of whom none is known."""

    kind: CaseKind
    sex: Sex | None = None


class ClueRecords(Protocol):
    def add(self, version: ClueVersion) -> None:
        """Keep a clue, or a later version of one, which supersedes the one before; the case is due for a search by clues.

        ``Stale`` where somebody else has revised it since.
        """
        ...

    def get(self, clue_id: str) -> ClueVersion:
        """As it stands now, withdrawn or not."""
        ...

    def history(self, clue_id: str) -> list[ClueVersion]:
        """Every version, the first one first."""
        ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[ClueVersion]]:
        """What counts of each case, in the order in which it was said; nothing that was withdrawn."""
        ...

    def put_keys(self, case_id: str, keys: Some[str]) -> None:
        """These and no others are the keys of the case from now on; one that is not searchable has none."""
        ...

    def keys(self, case_id: str) -> set[str]: ...

    def frequencies(self, keys: Some[str]) -> dict[str, int]:
        """How many cases have each of these keys; those that nobody has are left out."""
        ...

    def nearest(self, worth: Mapping[str, float], but: str, limit: int) -> dict[str, float]:
        """case_id -> the sum of ``worth`` over those of its keys, for so many cases for which it is highest.

        All of them are searchable; the case ``but`` is not among them.
        """
        ...

    def draw(self, sought: Sought, start: str, limit: int, key: str = "") -> list[str]:
        """Ids of at most so many cases, those that follow ``start`` in the order of the ids, and from the first one on again.

        Ids are random, so that this draws cases at random, and the same ones again from the same ``start``. With a ``key`` only
        cases that have it.
        """
        ...

    def count(self, sought: Sought, key: str = "") -> int:
        """Among how many cases ``draw`` chooses."""
        ...

    def held(self, case_ids: Some[str]) -> dict[str, set[str]]:
        """Every key of each case; those without any are left out."""
        ...

    def want_everywhere(self) -> int:
        """Mark every searchable case as due for a search by clues; how many there are."""
        ...

    def wanted(self, case_ids: Some[str]) -> dict[str, int]:
        """How often each was marked, of the searchable ones among these."""
        ...

    def searched(self, wanted: Mapping[str, int], at: datetime) -> None:
        """For each case a search that started when it was marked so often has ended; a later mark stays due."""
        ...

    def due(self, limit: int) -> list[str]:
        """Ids of searchable cases whose search by clues is due, longest open first."""
        ...

    def coverage(self, station_id: str | None = None) -> tuple[int, int]:
        """How many searchable cases were searched by clues as they are now, and how many there are."""
        ...

    def put_hits(self, hits: Sequence[ClueHit]) -> set[str]:
        """Keep what a search found for pairs that nobody has judged, in place of what stood there; for which it was kept."""
        ...

    def drop_hits(self, pair_ids: Some[str]) -> None:
        """Of pairs that nobody has judged: clues do not speak for them any more."""
        ...

    def unsupported(self, now: datetime, limit: int, case_id: str = "") -> list[str]:
        """Ids of pairs that wait with neither score nor hit, that nobody has judged or holds now, and whose two cases are
        searched by clues as they are; of one case or of all, in the order of the cases.
        """
        ...

    def drop_leftovers(self) -> None:
        """Keys of cases that are not searchable, and hits that only waited for a judgement and have such a case."""
        ...

    def settled(self, after: str, limit: int) -> list[str]:
        """Ids of searchable cases that are searched by clues as they are, ascending, from the one behind ``after`` on."""
        ...

    def hits(self, pair_ids: Some[str]) -> dict[str, ClueHit]:
        """By pair; those without a hit are left out."""
        ...
