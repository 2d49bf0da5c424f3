"""A case's page: what to do next, photos, description, candidates, timeline, and what can be done with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.staff.clue_pages import clues_of
from api.staff.reading import choice, demanded
from api.staff.sending import REFUSED, refused_photos
from api.staff.templating import page, see
from api.staff.timelines import newest
from api.staff.visit import MOST_PHOTOS, Staff, StaffForm, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.candidates import CandidateList
from tracing.domain import ActionKind, ActionOutcome, CaseState, Channel, Outcome, PairState, Part
from tracing.errors import NotFound, OtherStation, TracingError
from tracing.fairness import Warned
from tracing.lifecycle import CASE_STEPS, OUTCOMES, WAITING_FOR_REVIEW

router = APIRouter()

BY_HAND: Final = {CaseState.CLOSED: "close", CaseState.SUSPENDED: "suspend", CaseState.OPEN: "reopen"}
"""Where a person takes a case from its page; a match comes from its pair."""
FIRST_CANDIDATES: Final = 6
"""Shown at once; longer lists make people accuse more (DOMAIN.md section 3)."""


@router.get("/cases/{case_id}")
def case(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    """The page; of a case of another station, whom to ask for it."""
    try:
        return case_page(visit, services, case_id)
    except OtherStation as error:
        place = services.stations.place(visit.actor, case_id)
        return page(visit, "elsewhere.html", status_of(error), case_id=case_id, place=place, error=error)


def case_page(
    visit: Visit,
    services: Services,
    case_id: str,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page; with an ``error`` of the form ``at`` the page, which keeps what was typed there."""
    asked = visit.request.query_params
    if error is None and asked.get("outcome") in set(Outcome):  # from the list of those who wait for a second word
        at, typed = "close", {"outcome": asked["outcome"]}
    return page(
        visit,
        "case.html",
        status_of(error) if error is not None else 200,
        **_file(visit, services, case_id),
        error=error,
        at=at,
        typed=typed or {},
        told=asked.get("told") == "1" and visit.request.method == "GET",
        form_id=uuid.uuid4().hex,
        sent=asked.get("sent", "")[:3] if visit.request.method == "GET" else "",
        refused=refused_photos(asked.getlist(REFUSED)),
        most_photos=MOST_PHOTOS,
    )


def _file(visit: Visit, services: Services, case_id: str) -> dict[str, Any]:
    found = services.casework.read(visit.actor, case_id)
    reach = services.stations.reach(visit.actor)
    owned, comparing = reach.owns(found), visit.may(Permission.READ_CANDIDATES) and reach.near(found)
    photos = services.desk.photos(visit.actor, case_id) if Part.PHOTOS in reach.parts(found) else []
    candidates = services.candidates.of_case(visit.actor, case_id) if comparing else None
    by_clues = services.findings.of_case(visit.actor, case_id, limit=FIRST_CANDIDATES) if candidates else []
    others = [view.case.case_id for view in candidates.candidates] if candidates else []
    steps = (
        CASE_STEPS[found.state] if owned and visit.may(Permission.CLOSE_CASES) and found.state is not CaseState.MATCHED else ()
    )
    return {
        "case": found,
        "owned": owned,
        "readable": reach.parts(found),
        "place": services.stations.place(visit.actor, case_id),
        "requests": services.assistance.of_case(visit.actor, case_id) if visit.has_neighbours else [],
        "in_emergency": not owned and case_id in reach.opened,
        "photos": photos,
        "portraits": services.desk.portraits(visit.actor, [case_id, *others, *(each.case.case_id for each in by_clues)]),
        "looking": [sheet for sheet in photos if sheet.ahead is not None],
        "candidates": candidates,
        "warnings": _warnings(candidates),
        "first_candidates": FIRST_CANDIDATES,
        "waiting_pairs": _waiting(candidates),
        "searching": found.search_wanted > found.search_done and found.collection is not None,
        "form": services.filing.view(visit.actor, case_id),
        "clues": clues_of(visit, services, [found])[case_id],
        "by_clues": by_clues,
        "contacts": services.casework.contacts(visit.actor, case_id),
        "first_word": services.approvals.of_case(visit.actor, case_id) if visit.may(Permission.CLOSE_CASES) else None,
        "safeguard": services.safeguarding.of_case(visit.actor, case_id),
        "names": services.accounts.names(),
        "tasks": services.clockwork.of_case(visit.actor, case_id),
        "actions": services.actions.of_case(visit.actor, case_id),
        "agenda": services.agenda.of_case(visit.actor, case_id),
        **newest(visit, services, case_id),
        "sightings": services.seen_sightings.of_case(visit.actor, case_id) if visit.may(Permission.READ_REPORTS) else 0,
        "startable": services.clockwork.startable(found),
        "action_kinds": list(ActionKind),
        "action_outcomes": list(ActionOutcome),
        "clock_zone": services.clockwork.jurisdiction.zone,
        "now": services.clock(),
        "steps": [step for state, step in BY_HAND.items() if state in steps],
        "channels": list(Channel),
        "outcomes": [outcome for outcome in Outcome if outcome in OUTCOMES[found.kind] and outcome is not Outcome.REUNITED],
    }


def _warnings(candidates: CandidateList | None) -> list[Warned]:
    """Each group once that this case, or one of its pairs, belongs to."""
    if candidates is None:
        return []
    said = [*candidates.warnings, *(warned for view in candidates.candidates for warned in view.warnings)]
    return list({(warned.group.by, warned.group.name): warned for warned in said}.values())


def _waiting(candidates: CandidateList | None) -> int:
    """Pairs of this case that people have still to judge."""
    states: frozenset[PairState] = WAITING_FOR_REVIEW
    return sum(view.pair.state in states for view in candidates.candidates) if candidates else 0


@router.post("/cases/{case_id}/{step}")
def take_step(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, step: str) -> Response:
    """Close with an outcome, suspend, or (re)open, each with a reason."""
    if step not in BY_HAND.values():
        raise NotFound("There is no such page.")
    reason = form.text("reason")
    try:
        if step == "close":
            outcome, channel = demanded(Outcome, form, "outcome"), choice(Channel, form, "channel")
            services.casework.close(visit.actor, case_id, outcome, reason, channel, form.text("other_case"))
        elif step == "suspend":
            services.casework.suspend(visit.actor, case_id, reason)
        else:
            services.casework.reopen(visit.actor, case_id, reason)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, step, form.texts())
    return see(f"/cases/{case_id}")
