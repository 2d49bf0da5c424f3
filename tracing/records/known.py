"""Known-answer pairs in the record store: beside the pairs, and never among them."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracing.domain import KnownAnswer, Pair
from tracing.records.pairs import QueueFilter


@dataclass(frozen=True, slots=True)
class Material:
    """A pair whose answer is known."""

    pair_id: str
    mated: bool


class KnownRecords(Protocol):
    """A pair is *material* while it is verified (mated), or excluded in the words of two people at least (not mated), both its
    cases are ``comparable`` and have a face, nobody follows it up as a likeness, and where it is excluded neither of the two is
    matched with somebody else.
    """

    def material(self, reviewer: str, again_after: datetime) -> list[Material]:
        """What this person may be given: has not opened, read or changed either case, has not judged or claimed the pair, and
        was not given it since ``again_after``. By pair id.
        """
        ...

    def add(self, known: KnownAnswer) -> None: ...

    def waiting(self, reviewer: str) -> list[tuple[KnownAnswer, Pair]]:
        """What the person has still to judge, with the pair it was made of; only what is material to this hour."""
        ...

    def get(self, reviewer: str, known_id: str) -> tuple[KnownAnswer, Pair] | None:
        """The person's own, judged or not; None where there is none of this id, or it waits and is no material any more."""
        ...

    def fitting(self, pair_ids: Some[str], wanted: QueueFilter, now: datetime) -> set[str]:
        """Which of these pairs the filter's facts of the cases fit."""
        ...

    def claim(self, known_id: str, until: datetime) -> None: ...

    def judge(self, judged: KnownAnswer) -> bool:
        """Store the judgement, once; whether it was the first."""
        ...

    def let_go(self, judged_before: datetime) -> int:
        """Delete what nobody will ever be shown or told of again: what waits and is no material any more, and what was judged
        before that moment. Of the rest, where one of the two faces may not be compared any more (no legal basis, or no face),
        only who judged what and when stays: what was said of the faces goes. The number of rows that were deleted or emptied.
        """
        ...

    def judged(self, since: datetime) -> list[KnownAnswer]:
        """All judgements from then on whose answer still holds, in order; the pair may have been reunited since."""
        ...
