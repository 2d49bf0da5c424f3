"""Pages about tracing notices: those of a case, the queue of those who approve, one notice beside what it keeps back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.deps import NoticePapersDep, NoticePicturesDep, ServicesDep
from api.errors import is_mendable, status_of
from api.notices.pictures import PRINT, SCREEN, SMALL
from api.notices.telling import Telling
from api.printing import not_published, printed_poster
from api.staff.reading import whole_day
from api.staff.sheets import Sheet
from api.staff.templating import page, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.access import Permission
from tracing.bootstrap import Services
from tracing.domain import Notice, NoticeState
from tracing.errors import Invalid, NotFound, TracingError
from tracing.notices.published import public
from tracing.notices.views import NoticeView

router = APIRouter()

PER_SHEET: Final = 20
DAY: Final = "Write a whole date, such as 2024-03-15."
SIZES: Final = {"small": SMALL, "screen": SCREEN, "print": PRINT}


@router.get("/notices")
def queue(visit: Staff, services: ServicesDep, state: str = "draft", sheet: int = 1) -> Response:
    """Those that wait for approval first; ``state=all`` for every one."""
    chosen = NoticeState(state) if state in set(NoticeState) else None
    at = Sheet.asked(sheet, PER_SHEET)
    found = services.notices.find(visit.actor, chosen, at.size, at.skipped)
    total = sum(found.counts.values()) if chosen is None else found.counts[chosen]
    return page(
        visit,
        "notices.html",
        found=found,
        chosen=chosen,
        states=list(NoticeState),
        telling=lambda view: Telling(visit.language, view.case.kind),
        names=services.accounts.names(),
        **at.of(total),
    )


@router.get("/cases/{case_id}/notices")
def of_case(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    views = services.notices.of_case(visit.actor, case_id)
    case = services.casework.get(visit.actor, case_id)
    refused = services.notices.proposal(visit.actor, case_id).refused if visit.may(Permission.DRAFT_NOTICES) else ()
    return page(
        visit,
        "case_notices.html",
        case=case,
        views=views,
        refused=refused,
        telling=lambda view: Telling(visit.language, view.case.kind),
        names=services.accounts.names(),
    )


@router.get("/notices/{notice_id}")
def one(visit: Staff, services: ServicesDep, notice_id: str) -> Response:
    return _notice(visit, services, services.notices.get(visit.actor, notice_id))


@router.get("/notices/{notice_id}/image")
def picture(
    visit: Staff,
    services: ServicesDep,
    pictures: NoticePicturesDep,
    notice_id: str,
    size: Annotated[str, Query(pattern="small|screen|print")] = "screen",
) -> Response:
    """What the notice shows of the photo."""
    photo = services.notices.get(visit.actor, notice_id).notice.photo
    if photo is None:
        raise NotFound("There is no such photo.")
    return Response(pictures.jpeg(photo, SIZES[size]), media_type="image/jpeg")


@router.get("/notices/{notice_id}/poster.pdf")
def poster(visit: Staff, services: ServicesDep, papers: NoticePapersDep, notice_id: str) -> Response:
    """As everybody prints it; what is not published says so across the page."""
    view = services.notices.printed(visit.actor, notice_id)
    paper = printed_poster(services, papers, view, visit.language)
    named = {"Content-Disposition": f'inline; filename="{view.case.reference}-notice.pdf"'}
    return Response(paper, media_type="application/pdf", headers=named)


@router.get("/notices/{notice_id}/share.png")
def share(visit: Staff, services: ServicesDep, papers: NoticePapersDep, notice_id: str) -> Response:
    view = services.notices.printed(visit.actor, notice_id)
    return Response(
        papers.share(public(view.shown), visit.language, not_published(view, visit.language)), media_type="image/png"
    )


@router.post("/notices/{notice_id}/{step}")
def take_step(visit: Staff, form: StaffForm, services: ServicesDep, notice_id: str, step: str) -> Response:
    """Approve, take the approval back, publish or take down, on the version that was read."""
    taken = _steps(visit, form, services, notice_id).get(step)
    if taken is None:
        raise NotFound("There is no such page.")
    try:
        taken()
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _notice(visit, services, services.notices.get(visit.actor, notice_id), error, step, form.texts())
    services.clockwork.follow()
    return see(f"/notices/{notice_id}")


def _steps(visit: Visit, form: Posted, services: Services, notice_id: str) -> dict[str, Callable[[], Notice]]:
    notices, actor = services.notices, visit.actor
    reason, version = form.text("reason"), version_of(form)
    return {
        "approve": lambda: notices.approve(actor, notice_id, version, reason),
        "take-back": lambda: notices.take_back(actor, notice_id, version, reason),
        "publish": lambda: notices.publish(actor, notice_id, version, _day(form)),
        "withdraw": lambda: notices.withdraw(actor, notice_id, version, reason),
    }


def version_of(form: Posted) -> int:
    """What is no number is no version that anybody has read."""
    typed = form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def _day(form: Posted) -> date | None:
    typed = whole_day(form.text("until"))
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Invalid(DAY, "until") from error


def _notice(
    visit: Visit,
    services: Services,
    view: NoticeView,
    error: TracingError | None = None,
    at: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    settings = services.settings
    today = services.clock().astimezone(settings.zone).date()
    return page(
        visit,
        "notice.html",
        status_of(error) if error is not None else 200,
        view=view,
        telling=Telling(visit.language, view.case.kind),
        names=services.accounts.names(),
        until=today + timedelta(days=settings.notice_days),
        families_url=settings.families_url,
        error=error,
        at=at,
        typed=typed or {},
    )
