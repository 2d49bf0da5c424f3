"""Who may do what: one table from role to permission, asked by every use case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from math import nan
from typing import Final

from tracing.domain import Actor, Pair, PairState, Role
from tracing.errors import NotAllowed


class Permission(StrEnum):
    OPEN_CASES = "open_cases"
    READ_CASES = "read_cases"
    EDIT_CASES = "edit_cases"
    CLOSE_CASES = "close_cases"
    READ_CONTACTS = "read_contacts"
    READ_CANDIDATES = "read_candidates"
    ENQUIRE = "enquire"
    """Search all open cases by words. Not for those who judge: the words of a pair would tell them what speaks for it."""
    SEE_SCORES = "see_scores"
    """Before an own judgement; a reviewer sees a pair's score after it."""
    REVIEW = "review"
    REVIEW_AS_SENIOR = "review_as_senior"
    VERIFY = "verify"
    ERASE = "erase"
    READ_STATISTICS = "read_statistics"
    READ_RECOGNITION = "read_recognition"
    """What people decided about the machine's pairs, as distributions, and whom it missed."""
    READ_AUDIT = "read_audit"
    ASK_STATIONS = "ask_stations"
    """Ask another station about a case, and see what is asked of the own one."""
    ANSWER_STATIONS = "answer_stations"
    BREAK_GLASS = "break_glass"
    """Open another station's case in an emergency."""
    SEE_EMERGENCIES = "see_emergencies"
    """Look at what was opened in an emergency, afterwards."""
    SHARE_CASES = "share_cases"
    """Say that partners may be told of a case, and end it."""
    READ_PFIF = "read_pfif"
    """Read what partners are told, as they read it."""
    WRITE_PFIF = "write_pfif"
    """Write records of the own domain, for programs of partners alone."""
    READ_NOTICES = "read_notices"
    """Look at notices that are written, with what they keep back. Not for those who judge: a notice tells how a case ended."""
    DRAFT_NOTICES = "draft_notices"
    """Write a notice, and take one down."""
    PUBLISH_NOTICES = "publish_notices"
    """Approve what somebody else wrote, and publish it."""
    READ_REPORTS = "read_reports"
    """Read what families report and informants have seen, with whom to call, and answer it."""
    CHECK_SAFETY = "check_safety"
    """Record what a safeguarding check has found; four eyes, and never who deals with the family (``Safeguarding``)."""
    LINK_SIGN_ONS = "link_sign_ons"
    """Say whose account somebody has whom the provider of sign-ins knows."""
    FOLLOW_LISTS = "follow_lists"
    """Say what a hit of a comparison with another department's list is."""
    OPERATE = "operate"
    """Accounts, generations, background work."""


_P = Permission

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.INTAKE: frozenset(
        {
            _P.OPEN_CASES,
            _P.READ_CASES,
            _P.EDIT_CASES,
            _P.CLOSE_CASES,
            _P.READ_CONTACTS,
            _P.READ_CANDIDATES,
            _P.ENQUIRE,
            _P.READ_STATISTICS,
            _P.ASK_STATIONS,
            _P.BREAK_GLASS,
            _P.FOLLOW_LISTS,
            _P.READ_NOTICES,
            _P.DRAFT_NOTICES,
            _P.READ_REPORTS,
        }
    ),
    Role.REVIEWER: frozenset({_P.READ_CASES, _P.READ_CANDIDATES, _P.REVIEW, _P.READ_STATISTICS, _P.FOLLOW_LISTS}),
    # Managers judge as seniors, so they are as blind as every reviewer until they have judged.
    Role.MANAGER: frozenset(set(_P) - {_P.OPERATE, _P.SEE_SCORES, _P.ENQUIRE, _P.WRITE_PFIF}),
    Role.AUDITOR: frozenset(
        {
            _P.READ_CASES,
            _P.READ_CANDIDATES,
            _P.SEE_SCORES,
            _P.READ_STATISTICS,
            _P.READ_RECOGNITION,
            _P.READ_AUDIT,
            _P.READ_NOTICES,
        }
    ),
    # A program that hands in cases for a partner; it decides nothing.
    Role.SERVICE: frozenset(
        {_P.OPEN_CASES, _P.READ_CASES, _P.EDIT_CASES, _P.READ_CANDIDATES, _P.SEE_SCORES, _P.READ_STATISTICS}
    ),
    # A program of another organisation, which is told of the cases that are shared with partners, and sees nothing else.
    Role.PARTNER: frozenset({_P.READ_PFIF, _P.WRITE_PFIF}),
}

SYSTEM: Final = Actor(account_id="system", name="system", role=Role.SERVICE, station_id="")
"""The service acting by itself: the worker, the command line."""
EVERYBODY: Final = Actor(account_id="everybody", name="everybody", role=Role.PARTNER, station_id="")
"""Whoever writes by the pages for everybody, as the audit calls them; it may do nothing."""


def allows(actor: Actor, permission: Permission) -> bool:
    return actor == SYSTEM or (actor != EVERYBODY and permission in ROLE_PERMISSIONS[actor.role])


def require(actor: Actor, permission: Permission) -> None:
    """Raise ``NotAllowed`` unless the actor's role has the permission."""
    if not allows(actor, permission):
        raise NotAllowed(f"The role {actor.role} may not do this ({permission.replace('_', ' ')}).")


def sees_scores(actor: Actor, judged: bool) -> bool:
    """Scores are for roles that do not judge first, and for a reviewer after the own judgement of the pair."""
    return allows(actor, Permission.SEE_SCORES) or (judged and allows(actor, Permission.REVIEW))


def judges_blind(actor: Actor, judged: bool) -> bool:
    """Whether this person may still have to judge the pair and must not learn what machine or colleagues think of it."""
    return allows(actor, Permission.REVIEW) and not sees_scores(actor, judged)


def blind_state(state: PairState) -> PairState:
    """The state as shown to somebody who judges blind: an earlier reviewer's verdict does not show through."""
    return PairState.UNDER_REVIEW if state in (PairState.FIRST_POSITIVE, PairState.DISPUTED) else state


def shown_pair(actor: Actor, pair: Pair, judged: bool) -> Pair:
    """The pair as this person may see it: without scores its ``score`` is NaN, which no answer can carry by mistake.

    Somebody who judges blind learns neither its rank nor how far its review has come.
    """
    if sees_scores(actor, judged):
        return pair
    if judges_blind(actor, judged):
        return replace(pair, score=nan, rank=0, state=blind_state(pair.state), state_before=None)
    return replace(pair, score=nan)
