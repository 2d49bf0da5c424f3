"""The form of a notice: what is chosen, how it would read, and what it keeps back; a preview without keeping anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.deps import NoticePicturesDep, ServicesDep
from api.errors import is_mendable, status_of
from api.notices.pictures import SCREEN
from api.notices.telling import Telling
from api.staff.notices import version_of
from api.staff.reading import choice
from api.staff.templating import page, render, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.bootstrap import Services
from tracing.domain import NoticeField, PhotoCut
from tracing.errors import Stale, TracingError
from tracing.notices.drafting import NoticeDraft, mark_key
from tracing.notices.views import Proposal, draft_of
from tracing.notices.wording import SENSITIVE, Source

router = APIRouter()

ORDERED: Final = tuple(field for field in NoticeField if field not in SENSITIVE and field is not NoticeField.PHOTO)
"""The fields that are ticked one under the other; the photo and what is sensitive have places of their own."""
SAVE: Final = "save"


@dataclass(frozen=True, slots=True)
class Begun:
    """What the form is about. ``action`` is where it is sent to; ``version`` of a draft that is written anew."""

    proposal: Proposal
    action: str
    version: int = 0


@router.get("/cases/{case_id}/notices/new")
def new(visit: Staff, services: ServicesDep, case_id: str, like: str = "") -> Response:
    """Proposed from the case, or as an earlier notice of it was written."""
    proposal = services.notices.proposal(visit.actor, case_id, like[:64])
    return _form(visit, services, Begun(proposal, f"/cases/{case_id}/notices/new"), proposal.draft)


@router.post("/cases/{case_id}/notices/new")
def draft(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    """Kept as a draft with ``step=save``; only looked at otherwise, and by a script without the page around it."""
    proposal = services.notices.proposal(visit.actor, case_id)
    begun, chosen = Begun(proposal, f"/cases/{case_id}/notices/new"), _chosen(form, proposal.source)
    if form.text("step") != SAVE:
        return _seen(visit, services, begun, chosen, bool(form.text("by_itself")))
    try:
        made = services.notices.draft(visit.actor, case_id, chosen)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _form(visit, services, begun, chosen, error)
    return see(f"/notices/{made.notice_id}")


@router.get("/notices/{notice_id}/edit")
def edit(visit: Staff, services: ServicesDep, notice_id: str) -> Response:
    begun = _begun(visit, services, notice_id)
    return _form(visit, services, begun, draft_of(services.notices.get(visit.actor, notice_id).notice))


@router.post("/notices/{notice_id}/edit")
def amend(visit: Staff, form: StaffForm, services: ServicesDep, notice_id: str) -> Response:
    begun = _begun(visit, services, notice_id)
    chosen = _chosen(form, begun.proposal.source)
    read = replace(begun, version=version_of(form))
    if form.text("step") != SAVE:
        return _seen(visit, services, read, chosen, bool(form.text("by_itself")))
    try:
        services.notices.amend(visit.actor, notice_id, chosen, read.version)
    except TracingError as error:
        if not is_mendable(error):
            raise
        # Who has been told that somebody else wrote may write over it, having looked.
        return _form(visit, services, begun if isinstance(error, Stale) else read, chosen, error)
    return see(f"/notices/{notice_id}")


@router.get("/cases/{case_id}/notices/image/{photo_id}")
def picture(
    visit: Staff,
    services: ServicesDep,
    pictures: NoticePicturesDep,
    case_id: str,
    photo_id: str,
    cut: PhotoCut = PhotoCut.FACE,
    blur: bool = Query(True),
) -> Response:
    """As a notice would show this photo of the case."""
    shown = services.notices.cut(visit.actor, case_id, photo_id, cut, blur)
    return Response(pictures.jpeg(shown, SCREEN), media_type="image/jpeg")


def _begun(visit: Visit, services: Services, notice_id: str) -> Begun:
    notice = services.notices.get(visit.actor, notice_id).notice
    proposal = services.notices.proposal(visit.actor, notice.case_id)
    return Begun(proposal, f"/notices/{notice_id}/edit", notice.version)


def _chosen(form: Posted, source: Source) -> NoticeDraft:
    """What was ticked and typed. A mark that the case does not have any more is not told."""
    ticked = set(form.several("mark"))
    return NoticeDraft(
        station=form.text("station"),
        contact=form.text("contact"),
        shown=frozenset(NoticeField(each) for each in form.several("shown") if each in set(NoticeField)),
        marks=tuple(mark for mark in source.marks if mark_key(mark) in ticked),
        clothing=form.text("clothing"),
        seen_place=form.text("seen_place"),
        **{field.value: form.text(field) for field in SENSITIVE},
        reasons={field: form.text(f"{field}_reason") for field in SENSITIVE},
        photo_id=form.text("photo"),
        cut=choice(PhotoCut, form, "cut") or PhotoCut.FACE,
        blur=bool(form.text("blur")),
    )


def _seen(visit: Visit, services: Services, begun: Begun, chosen: NoticeDraft, by_itself: bool) -> Response:
    if by_itself:
        return HTMLResponse(render(visit, "notice_preview.html", **_preview(visit, services, begun, chosen)))
    return _form(visit, services, begun, chosen)


def _preview(visit: Visit, services: Services, begun: Begun, chosen: NoticeDraft) -> dict[str, Any]:
    case = begun.proposal.case
    view = services.notices.preview(visit.actor, case.case_id, chosen)
    query = f"cut={chosen.cut}&blur={'true' if chosen.blur else 'false'}"
    return {
        "view": view,
        "telling": Telling(visit.language, case.kind),
        "image": f"/cases/{case.case_id}/notices/image/{chosen.photo_id}?{query}" if view.notice.photo is not None else "",
    }


def _form(visit: Visit, services: Services, begun: Begun, chosen: NoticeDraft, error: TracingError | None = None) -> Response:
    source = begun.proposal.source
    return page(
        visit,
        "notice_form.html",
        status_of(error) if error is not None else 200,
        **_preview(visit, services, begun, chosen),
        begun=begun,
        case=begun.proposal.case,
        draft=chosen,
        source=source,
        keys={mark: mark_key(mark) for mark in source.marks},
        fields=ORDERED,
        sensitive=sorted(SENSITIVE, key=list(NoticeField).index),
        cuts=list(PhotoCut),
        error=error,
        stale=isinstance(error, Stale),
    )
