"""A pair's page: both people side by side, the judgement, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.staff.clue_pages import clues_of
from api.staff.reading import demanded, number, whole_day
from api.staff.templating import page, see
from api.staff.unsent import Unsent, typed_in
from api.staff.visit import Posted, Staff, StaffForm, Visit, staff_posted
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.candidates import CandidateView
from tracing.domain import Analysis, Case, CaseKind, Judgement, Pair, PairState, Relation, Stage
from tracing.errors import Claimed, NotAllowed, NotFound, TracingError
from tracing.facts import HARD, Agreement, veto
from tracing.lifecycle import PAIR_STEPS
from tracing.pairviews import PairView
from tracing.photo_reports import PhotoReport
from tracing.reunions import DATES, PROOF_FIELDS
from tracing.safety import ASKED_OF_RELATIVES
from tracing.verdict import FEATURES, Look, Proof, Verdict

router = APIRouter()

ALL = 10_000
ENDED: Final = frozenset({PairState.REUNITED, PairState.REVOKED})
UNDECIDED: Final = frozenset({Judgement.CANNOT_TELL, Judgement.LOOKS_LIKE_RELATIVE})
"""A dispute does not end with these."""
STEPS: Final = {
    PairState.VERIFIED: "verify",
    PairState.REUNITED: "reunite",
    PairState.REVOKED: "revoke",
}


@router.get("/pairs/{pair_id}")
def pair(visit: Staff, services: ServicesDep, pair_id: str) -> Response:
    return _page(visit, services, pair_id)


@router.post("/pairs/{pair_id}/claim", dependencies=[Depends(staff_posted)])
def claim(visit: Staff, services: ServicesDep, pair_id: str) -> Response:
    """Hold the pair, so that nobody else does the same work meanwhile."""
    services.review.claim(visit.actor, pair_id)
    return see(f"/pairs/{pair_id}")


@router.post("/pairs/{pair_id}/decisions")
def decide(visit: Staff, form: StaffForm, services: ServicesDep, pair_id: str) -> Response:
    try:
        judged = services.review.decide(visit.actor, pair_id, _verdict(form))
    except TracingError as error:
        if isinstance(error, NotAllowed) and _has_said(visit, services, pair_id, _verdict(form)):
            return see(f"/pairs/{pair_id}?decided=1")
        return _refused(visit, services, pair_id, error, "decisions", form)
    return see(f"/pairs/{judged.pair_id}?decided=1")


@router.post("/pairs/{pair_id}/reconsider")
def reconsider(visit: Staff, form: StaffForm, services: ServicesDep, pair_id: str) -> Response:
    """A change of mind, after the own judgement."""
    try:
        services.review.reconsider(visit.actor, pair_id, _verdict(form))
    except TracingError as error:
        return _refused(visit, services, pair_id, error, "reconsider", form)
    return see(f"/pairs/{pair_id}?decided=1")


@router.post("/pairs/{pair_id}/{step}")
def take_step(visit: Staff, form: StaffForm, services: ServicesDep, pair_id: str, step: str) -> Response:
    """What a manager does with a confirmed pair."""
    reason = form.text("reason")
    try:
        if step == "verify":
            proof = demanded(Proof, form, "proof")
            services.review.verify(visit.actor, pair_id, proof, reason, _details(form, proof))
        elif step == "revoke":
            services.review.revoke(visit.actor, pair_id, reason)
        else:
            raise NotFound("There is no such page.")
    except TracingError as error:
        return _refused(visit, services, pair_id, error, step, form)
    return see(f"/pairs/{pair_id}?decided=1")


def _details(form: Posted, proof: Proof) -> dict[str, str]:
    """Of the kind that was chosen; what was typed for another kind before is left out."""
    names = PROOF_FIELDS[proof]
    return {name: whole_day(form.text(name)) if name in DATES else form.text(name) for name in names}


def _has_said(visit: Visit, services: Services, pair_id: str, verdict: Verdict) -> bool:
    """Whether this very judgement of the person stands: then the form came twice, by two taps on a slow line."""
    said = (each for each in services.review.view(visit.actor, pair_id).decisions if each.reviewer == visit.actor.account_id)
    same = (verdict.judgement, verdict.confidence, dict(verdict.features), verdict.reason.strip())
    return any((each.judgement, each.confidence, dict(each.features), each.reason) == same for each in said)


def _verdict(form: Posted) -> Verdict:
    features = {name: look for name in FEATURES if (look := form.text(f"feature_{name}"))}
    return Verdict(demanded(Judgement, form, "judgement"), form.text("reason"), number(form, "confidence"), features)


def _refused(visit: Visit, services: Services, pair_id: str, error: TracingError, at: str, form: Posted) -> Response:
    """A mistake or a conflict is shown where it happened, with everything that was typed; the rest has pages of its own."""
    if not is_mendable(error):
        raise error
    return _page(visit, services, pair_id, error, at, form.texts(), typed_in(visit.request, form))


def _page(
    visit: Visit,
    services: Services,
    pair_id: str,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
    unsent: Unsent | None = None,
) -> Response:
    view = services.review.view(visit.actor, pair_id)
    decided = visit.request.query_params.get("decided") == "1"
    return page(
        visit,
        "pair.html",
        status_of(error) if error is not None else 200,
        **_sides(visit, services, view),
        view=view,
        pair=view.pair,
        candidate=_candidate(visit, services, view),
        clues=clues_of(visit, services, [view.low, view.high]),
        finding=services.findings.of_pairs(visit.actor, [pair_id]).get(pair_id),
        warnings=services.fairness.of_pair(visit.actor, pair_id),
        names=services.accounts.names(),
        next_pair=_next(visit, services, pair_id),
        held=_held(visit, services, view),
        claimed=isinstance(error, Claimed),
        steps=_steps(visit, view),
        judgements=_judgements(visit, view),
        may_reconsider=view.judged and view.known is None and visit.may(Permission.REVIEW) and view.pair.state not in ENDED,
        features=FEATURES,
        looks=list(Look),
        proof_fields={
            each: names for each, names in PROOF_FIELDS.items() if not (_guarded(view) and each in ASKED_OF_RELATIVES)
        },
        dates=DATES,
        proofs=services.hand_overs.proofs(visit.actor, pair_id) if view.known is None else {},
        handed_over=view.known is None and not _guarded(view) and services.hand_overs.is_recorded(visit.actor, pair_id),
        decided=decided,
        at_it_for=services.results.at_it_for(visit.actor) if decided and visit.may(Permission.REVIEW) else None,
        error=error,
        at=at,
        typed=typed or {},
        unsent=unsent,
    )


def _guarded(view: PairView) -> bool:
    return view.low.guarded or view.high.guarded


def _steps(visit: Visit, view: PairView) -> list[str]:
    """What a manager can do with the pair now; neither two files of one kind nor who is kept from relatives are reunited."""
    if not visit.may(Permission.VERIFY):
        return []
    reunited = view.pair.relation is Relation.TRACE and not _guarded(view)
    possible = PAIR_STEPS[view.pair.state] - (set() if reunited else {PairState.REUNITED})
    return [name for state, name in STEPS.items() if state in possible]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two people as the page shows them: ``shown`` is the photo in the frame."""

    name: str
    case: Case
    sheets: Sequence[PhotoReport]
    shown: str | None

    @property
    def faces(self) -> list[str]:
        """The photos that can stand in the frame."""
        return [sheet.photo.photo_id for sheet in self.sheets if sheet.face is not None]


def _sides(visit: Visit, services: Services, view: PairView) -> dict[str, Any]:
    """The missing person stands on the left; two of a kind stand in the order in which they came."""
    left, right = sorted((view.low, view.high), key=_place)
    portraits = services.desk.portraits(visit.actor, [left.case_id, right.case_id])
    rows = [
        (row.field, row.low, row.high, row.agreement) if left is view.low else (row.field, row.high, row.low, row.agreement)
        for row in view.comparison
    ]
    return {
        "left": left,
        "right": right,
        "sides": [
            _side(visit, services, name, case, portraits.get(case.case_id)) for name, case in (("left", left), ("right", right))
        ],
        "rows": rows,
        "contradictions": [row[:3] for row in rows if row[0] in HARD and row[3] is Agreement.MISMATCH],
        "veto": veto(left.facts, right.facts),
    }


def _side(visit: Visit, services: Services, name: str, case: Case, best: str | None) -> Side:
    """The best portrait stands in the frame, or the one that the address names."""
    sheets = [
        sheet for sheet in services.desk.photos(visit.actor, case.case_id) if sheet.photo.analysis is not Analysis.UNREADABLE
    ]
    asked = visit.request.query_params.get(name, "")
    side = Side(name, case, sheets, best)
    return replace(side, shown=asked) if asked in side.faces else side


def _place(case: Case) -> tuple[bool, datetime, str]:
    return case.kind is not CaseKind.MISSING, case.opened_at, case.case_id


def _candidate(visit: Visit, services: Services, view: PairView) -> CandidateView | None:
    """What the machine thinks of the pair, as far as this person may know."""
    shown, reach = view.pair, services.stations.reach(visit.actor)
    near = view.low if reach.near(view.low) else view.high
    found = services.candidates.of_case(visit.actor, near.case_id, shown.relation, ALL)
    return next((view for view in found.candidates if view.pair.pair_id == shown.pair_id), None)


def _judgements(visit: Visit, view: PairView) -> list[Judgement]:
    """What can be said now: a senior reviewer ends the dispute, and a change of mind is one."""
    own = {each.judgement for each in view.decisions if each.reviewer == visit.actor.account_id and not each.superseded_at}
    senior = view.stage is Stage.SENIOR and not view.judged
    return [each for each in Judgement if each not in own and not (senior and each in UNDECIDED)]


def _next(visit: Visit, services: Services, pair_id: str) -> Pair | None:
    """Another pair that waits for this person."""
    if not visit.may(Permission.REVIEW):
        return None
    return next((other for other in services.review.queue(visit.actor, 2).pairs if other.pair_id != pair_id), None)


def _held(visit: Visit, services: Services, view: PairView) -> str:
    """``mine`` or ``theirs`` while somebody holds the pair, else empty."""
    shown = view.pair
    if shown.claimed_by is None or shown.claimed_until is None or shown.claimed_until <= services.clock():
        return ""
    return "mine" if shown.claimed_by == visit.actor.account_id else "theirs"
