"""Known-answer pairs: what one reviewer was given to judge although the answer was known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracing.domain.pairs import Judgement


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A pair of the past, given to one person under an id of its own. It is no pair of the records and touches none.

    ``pair_id`` is the pair whose answer is known, ``mated`` that answer: the same person, or two different ones.
    ``waiting_since`` is what the queue says of it. Until ``judged_at`` the reviewer is not told what it is.
    """

    known_id: str
    reviewer: str
    pair_id: str
    mated: bool
    given_at: datetime
    waiting_since: datetime
    claimed_until: datetime | None = None
    judgement: Judgement | None = None
    confidence: int | None = None
    features: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    judged_at: datetime | None = None

    @property
    def right(self) -> bool:
        """Whether what was said is the answer; who cannot tell has not given it."""
        if self.judgement is None:
            return False
        return self.judgement.positive if self.mated else self.judgement in (Judgement.UNLIKELY, Judgement.EXCLUDED)
