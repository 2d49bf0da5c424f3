"""The states of cases, pairs and notices as data: which step leads from where to where (DOMAIN.md sections 4 and 7, L17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.domain import CaseKind, CaseState, HitState, NoticeState, Outcome, PairState
from tracing.errors import WrongState

CASE_STEPS: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CaseState.DRAFT: frozenset({CaseState.OPEN}),
    CaseState.OPEN: frozenset({CaseState.SUSPENDED, CaseState.MATCHED, CaseState.CLOSED}),
    CaseState.SUSPENDED: frozenset({CaseState.OPEN}),
    # Back to open is the revocation of the match: the face returns to the gallery.
    CaseState.MATCHED: frozenset({CaseState.CLOSED, CaseState.OPEN}),
    CaseState.CLOSED: frozenset({CaseState.OPEN}),
}

OUTCOMES: Final[Mapping[CaseKind, frozenset[Outcome]]] = {
    CaseKind.SHELTERED: frozenset(
        {
            Outcome.REUNITED,
            Outcome.RETURNED_TO_ORIGIN,
            Outcome.SETTLED,
            Outcome.TRANSFERRED,
            Outcome.SELF_LEFT,
            Outcome.DECEASED,
        }
    ),
    CaseKind.MISSING: frozenset(
        {
            Outcome.REUNITED,
            Outcome.FOUND_ELSEWHERE,
            Outcome.DECEASED,
            Outcome.WITHDRAWN,
            Outcome.FALSE_REPORT,
            Outcome.DUPLICATE,
            Outcome.EXPIRED,
        }
    ),
}

_JUDGED = frozenset(
    {
        PairState.EXCLUDED,
        PairState.INCONCLUSIVE,
        PairState.LOOKS_LIKE_RELATIVE,
        PairState.FIRST_POSITIVE,
    }
)

PAIR_STEPS: Final[Mapping[PairState, frozenset[PairState]]] = {
    PairState.PROPOSED: frozenset({PairState.UNDER_REVIEW, PairState.SUPERSEDED}),
    PairState.UNDER_REVIEW: _JUDGED | {PairState.SUPERSEDED},
    PairState.FIRST_POSITIVE: frozenset({PairState.CONFIRMED, PairState.DISPUTED, PairState.SUPERSEDED}),
    # Back to first positive where the senior reviewer is the only one who still finds the pair positive.
    PairState.DISPUTED: frozenset({PairState.CONFIRMED, PairState.EXCLUDED, PairState.FIRST_POSITIVE, PairState.SUPERSEDED}),
    PairState.CONFIRMED: frozenset({PairState.VERIFIED, PairState.REVOKED}),
    PairState.VERIFIED: frozenset({PairState.REUNITED, PairState.REVOKED}),
    # A superseded pair goes back to where it was when the match that superseded it is revoked.
    PairState.SUPERSEDED: frozenset({PairState.PROPOSED, PairState.UNDER_REVIEW, PairState.FIRST_POSITIVE, PairState.DISPUTED}),
    # Back to the queue on a new photo, and to a senior reviewer where the one who rejected the pair has second thoughts.
    PairState.EXCLUDED: frozenset({PairState.PROPOSED, PairState.DISPUTED}),
    PairState.INCONCLUSIVE: frozenset({PairState.PROPOSED, PairState.DISPUTED}),
    PairState.LOOKS_LIKE_RELATIVE: frozenset({PairState.PROPOSED, PairState.DISPUTED}),
    PairState.REUNITED: frozenset(),
    PairState.REVOKED: frozenset(),
}

WAITING_FOR_REVIEW: Final = frozenset(
    {PairState.PROPOSED, PairState.UNDER_REVIEW, PairState.FIRST_POSITIVE, PairState.DISPUTED}
)
"""Pairs that still need a judgement: the review queue."""

REJECTED: Final = frozenset({PairState.EXCLUDED, PairState.INCONCLUSIVE, PairState.LOOKS_LIKE_RELATIVE})
"""Pairs that people have ended without a match. No score brings them back, only a new photo of one of the two."""

HOLDING: Final = frozenset({PairState.CONFIRMED, PairState.VERIFIED})
"""A ``trace`` pair in one of these holds both its cases: no other pair can be confirmed for either. A reunion lets go of
them, for they are closed; somebody who gets lost again may be found again."""


HIT_STEPS: Final[Mapping[HitState, frozenset[HitState]]] = {
    HitState.OPEN: frozenset({HitState.LOOKED_AT, HitState.FOLLOWED_UP, HitState.NO_MATCH}),
    # Once more where there is something new to say of it.
    HitState.LOOKED_AT: frozenset({HitState.LOOKED_AT, HitState.FOLLOWED_UP, HitState.NO_MATCH}),
    HitState.FOLLOWED_UP: frozenset({HitState.NO_MATCH}),
    HitState.NO_MATCH: frozenset({HitState.LOOKED_AT}),
}
"""What people make of a hit of a comparison. None of it makes a match: that is for pairs of cases."""
UNDECIDED: Final = frozenset({HitState.OPEN, HitState.LOOKED_AT})

NOTICE_STEPS: Final[Mapping[NoticeState, frozenset[NoticeState]]] = {
    NoticeState.DRAFT: frozenset({NoticeState.APPROVED, NoticeState.WITHDRAWN}),
    # Back to a draft is the approval taken back, before anybody outside has read it.
    NoticeState.APPROVED: frozenset({NoticeState.DRAFT, NoticeState.PUBLISHED, NoticeState.WITHDRAWN}),
    NoticeState.PUBLISHED: frozenset({NoticeState.WITHDRAWN, NoticeState.EXPIRED}),
    # What was published is never published again as it was: it is drafted and approved anew.
    NoticeState.WITHDRAWN: frozenset(),
    NoticeState.EXPIRED: frozenset(),
}


def step_case(now: CaseState, then: CaseState) -> None:
    """Refuse a step that the table does not have with ``WrongState``."""
    if then not in CASE_STEPS[now]:
        raise WrongState(f"A case that is {now} cannot become {then}.")


def step_pair(now: PairState, then: PairState) -> None:
    """Refuse a step that the table does not have with ``WrongState``."""
    if then not in PAIR_STEPS[now]:
        raise WrongState(f"A pair that is {now.replace('_', ' ')} cannot become {then.replace('_', ' ')}.")


def step_hit(now: HitState, then: HitState) -> None:
    """Refuse a step that the table does not have with ``WrongState``."""
    if then not in HIT_STEPS[now]:
        raise WrongState(f"A hit that is {now.replace('_', ' ')} cannot become {then.replace('_', ' ')}.")


def step_notice(now: NoticeState, then: NoticeState) -> None:
    """Refuse a step that the table does not have with ``WrongState``."""
    if then not in NOTICE_STEPS[now]:
        raise WrongState(f"A notice that is {now} cannot become {then}.")
