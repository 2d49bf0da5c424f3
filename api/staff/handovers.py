"""The record of a hand-over: the form that a reunion needs, and the page that is kept and printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.language import translations
from api.staff.reading import number, whole_day
from api.staff.sentences import sentence
from api.staff.templating import page, printed, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import BegunHandOver, PairState
from tracing.errors import Safeguarded, Stale, TracingError
from tracing.handover_drafts import FIELDS
from tracing.lifecycle import step_pair
from tracing.reunions import DATES, OPTIONAL, HandOverDraft

router = APIRouter()

FOLLOW_UP = timedelta(days=30)
"""Proposed in the form; the station says when it really is."""


@router.get("/pairs/{pair_id}/reunite")
def form_of_a_hand_over(visit: Staff, services: ServicesDep, pair_id: str) -> Response:
    """Only where the pair is verified."""
    require(visit.actor, Permission.VERIFY)
    step_pair(services.review.view(visit.actor, pair_id).pair.state, PairState.REUNITED)
    begun = services.hand_over_drafts.read(visit.actor, pair_id)
    today = services.clock().astimezone(services.settings.zone).date()
    proposed = {"handed_over_on": str(today), "follow_up_on": str(today + FOLLOW_UP)}
    return _form(visit, services, pair_id, proposed | dict(begun.typed), begun.version, begun=begun)


@router.post("/pairs/{pair_id}/reunite")
def reunite(visit: Staff, form: StaffForm, services: ServicesDep, pair_id: str) -> Response:
    try:
        version = number(form, "version")
        services.review.reunite(visit.actor, pair_id, form.text("reason"), _draft(form), version)
    except TracingError as error:
        if not is_mendable(error) or isinstance(error, Safeguarded):
            raise
        return _form(visit, services, pair_id, form.texts(), _version(visit, services, pair_id, error, form), error)
    return see(f"/pairs/{pair_id}?decided=1")


@router.post("/pairs/{pair_id}/reunite/draft")
def keep_draft(visit: Staff, form: StaffForm, services: ServicesDep, pair_id: str) -> Response:
    """What has been typed so far: by itself from time to time, or by the button of somebody who goes on later."""
    by_itself = bool(form.text("by_itself"))
    typed = {name: form.text(name) for name in form.texts() if name in FIELDS}
    try:
        saved = services.hand_over_drafts.write(visit.actor, pair_id, typed, number(form, "version"))
    except TracingError as error:
        if not is_mendable(error) or (isinstance(error, Safeguarded) and not by_itself):
            raise
        if by_itself:
            said = sentence(translations(visit.language).gettext, error)
            return JSONResponse({"mistake": said, "field": getattr(error, "field", "")}, status_of(error))
        return _form(visit, services, pair_id, form.texts(), _version(visit, services, pair_id, error, form), error)
    return JSONResponse({"version": saved.version}) if by_itself else see(f"/pairs/{pair_id}")


def _version(visit: Visit, services: Services, pair_id: str, error: TracingError, form: Posted) -> str | int:
    """The one to go on from: who has been told that somebody else wrote may write over it, having looked."""
    return services.hand_over_drafts.read(visit.actor, pair_id).version if isinstance(error, Stale) else form.text("version")


@router.get("/pairs/{pair_id}/hand-over")
def hand_over(visit: Staff, services: ServicesDep, pair_id: str) -> Response:
    """The record as it is kept; its PDF is what is printed."""
    view = services.hand_overs.read(visit.actor, pair_id)
    cases = (view.low, view.high)
    return page(visit, "hand_over.html", view=view, cases=cases, names=services.accounts.names())


@router.get("/pairs/{pair_id}/hand-over.pdf")
def on_paper(visit: Staff, services: ServicesDep, pair_id: str) -> Response:
    """To print and to sign."""
    from api.staff.handover_paper import hand_over_paper  # nobody waits for the library of paper who prints nothing

    view = services.hand_overs.read(visit.actor, pair_id)
    paper = hand_over_paper(visit.language, view, printed(visit))
    named = {"Content-Disposition": f'inline; filename="{view.low.reference}-{view.high.reference}.pdf"'}
    return Response(paper, media_type="application/pdf", headers=named)


def _draft(form: Posted) -> HandOverDraft:
    """Dates as people write them: 2024/3/5 and 2024年3月5日 too."""
    names = [each.name for each in fields(HandOverDraft)]
    return HandOverDraft(**{name: whole_day(form.text(name)) if name in DATES else form.text(name) for name in names})


def _form(
    visit: Visit,
    services: Services,
    pair_id: str,
    typed: Mapping[str, str],
    version: str | int,
    error: TracingError | None = None,
    begun: BegunHandOver | None = None,
) -> Response:
    view = services.review.view(visit.actor, pair_id)
    return page(
        visit,
        "reunite.html",
        status_of(error) if error is not None else 200,
        pair=view.pair,
        cases=(view.low, view.high),
        portraits=services.desk.portraits(visit.actor, view.pair.case_ids),
        optional=OPTIONAL,
        typed=typed,
        version=version,
        begun=begun,
        names=services.accounts.names(),
        error=error,
    )
