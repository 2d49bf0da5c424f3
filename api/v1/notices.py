"""Tracing notices: drafted from a case, approved by another person, published, taken down."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from api.deps import ApiActor, KeyFirst, NoticePapersDep, NoticePicturesDep, ServicesDep
from api.notices.pictures import PRINT
from api.printing import not_published, printed_poster
from api.v1.answers import a_file
from api.v1.fields import Id, Limit, Offset
from api.v1.notice_answers import (
    CaseNoticesAnswer,
    NoticeAmended,
    NoticeAnswer,
    NoticeBody,
    NoticePublication,
    NoticesAnswer,
    NoticeStep,
    ProposalAnswer,
)
from api.v1.photos import JPEG
from api.v1.problems import problems
from tracing.bootstrap import Services
from tracing.domain import Actor, NoticeState
from tracing.errors import NotFound
from tracing.notices.published import public

CANNOT = problems(400, 404, 409, 413)
PDF: Final = a_file("application/pdf", "The poster.")
PNG: Final = a_file("image/png", "The picture.")
Language = Annotated[Literal["zh_CN", "en"], Query(description="Of the labels; the words are as they were approved.")]

router = APIRouter(route_class=KeyFirst, tags=["notices"])


def _as_it_is(services: Services, actor: Actor, notice_id: str) -> NoticeAnswer:
    return NoticeAnswer.of(services.notices.get(actor, notice_id))


@router.get("/api/v1/notices")
def read_notices(
    services: ServicesDep,
    actor: ApiActor,
    state: Annotated[NoticeState | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> NoticesAnswer:
    """Notices of the own station's cases."""
    return NoticesAnswer.of(services.notices.find(actor, state, limit, offset))


@router.get("/api/v1/cases/{case_id}/notices", responses=problems(404))
def read_case_notices(services: ServicesDep, actor: ApiActor, case_id: Id) -> CaseNoticesAnswer:
    """Every notice of a case, also those that are over."""
    return CaseNoticesAnswer(notices=[NoticeAnswer.of(view) for view in services.notices.of_case(actor, case_id)])


@router.get("/api/v1/cases/{case_id}/notices/proposal", responses=problems(404))
def propose_notice(services: ServicesDep, actor: ApiActor, case_id: Id) -> ProposalAnswer:
    """What a new notice of the case could tell, and the keys of its marks."""
    return ProposalAnswer.of(services.notices.proposal(actor, case_id))


@router.post("/api/v1/cases/{case_id}/notices", status_code=201, responses=CANNOT)
def draft_notice(services: ServicesDep, actor: ApiActor, case_id: Id, body: NoticeBody) -> NoticeAnswer:
    """Begin a notice. It is refused (409) for whoever is or may be under 14 without a guardian's consent."""
    source = services.notices.proposal(actor, case_id).source
    return _as_it_is(services, actor, services.notices.draft(actor, case_id, body.draft(source)).notice_id)


@router.get("/api/v1/notices/{notice_id}", responses=problems(404))
def read_notice(services: ServicesDep, actor: ApiActor, notice_id: Id) -> NoticeAnswer:
    """One notice, with what it keeps back."""
    return _as_it_is(services, actor, notice_id)


@router.put("/api/v1/notices/{notice_id}", responses=CANNOT)
def amend_notice(services: ServicesDep, actor: ApiActor, notice_id: Id, body: NoticeAmended) -> NoticeAnswer:
    """Write a draft anew, the whole of it."""
    case_id = services.notices.get(actor, notice_id).case.case_id
    source = services.notices.proposal(actor, case_id).source
    services.notices.amend(actor, notice_id, body.draft(source), body.version)
    return _as_it_is(services, actor, notice_id)


@router.post("/api/v1/notices/{notice_id}/approve", responses=CANNOT)
def approve_notice(services: ServicesDep, actor: ApiActor, notice_id: Id, body: NoticeStep) -> NoticeAnswer:
    """Say that it may be published as it reads. Nobody approves what they have had a hand in: 403."""
    services.notices.approve(actor, notice_id, body.version, body.reason)
    return _as_it_is(services, actor, notice_id)


@router.post("/api/v1/notices/{notice_id}/take-back", responses=CANNOT)
def take_notice_back(services: ServicesDep, actor: ApiActor, notice_id: Id, body: NoticeStep) -> NoticeAnswer:
    """Void the approval, so that it is a draft again."""
    services.notices.take_back(actor, notice_id, body.version, body.reason)
    return _as_it_is(services, actor, notice_id)


@router.post("/api/v1/notices/{notice_id}/publish", responses=CANNOT)
def publish_notice(services: ServicesDep, actor: ApiActor, notice_id: Id, body: NoticePublication) -> NoticeAnswer:
    """Show it to everybody. It meets the clocks that ask for a notice, and replaces an earlier one of the case."""
    services.notices.publish(actor, notice_id, body.version, body.until)
    services.clockwork.follow()
    return _as_it_is(services, actor, notice_id)


@router.post("/api/v1/notices/{notice_id}/withdraw", responses=CANNOT)
def withdraw_notice(services: ServicesDep, actor: ApiActor, notice_id: Id, body: NoticeStep) -> NoticeAnswer:
    """Take it down for good."""
    services.notices.withdraw(actor, notice_id, body.version, body.reason)
    return _as_it_is(services, actor, notice_id)


@router.get("/api/v1/notices/{notice_id}/image", responses=JPEG | problems(404), response_class=Response)
def read_notice_image(services: ServicesDep, pictures: NoticePicturesDep, actor: ApiActor, notice_id: Id) -> Response:
    """What the notice shows of the photo, as a JPEG without metadata."""
    photo = services.notices.get(actor, notice_id).notice.photo
    if photo is None:
        raise NotFound("There is no such photo.")
    return Response(pictures.jpeg(photo, PRINT), media_type="image/jpeg")


@router.get("/api/v1/notices/{notice_id}/poster", responses=PDF | problems(404), response_class=Response)
def read_notice_poster(
    services: ServicesDep, papers: NoticePapersDep, actor: ApiActor, notice_id: Id, language: Language = "zh_CN"
) -> Response:
    """The notice as a poster of A4. What is not published says so across the page."""
    view = services.notices.printed(actor, notice_id)
    return Response(printed_poster(services, papers, view, language), media_type="application/pdf")


@router.get("/api/v1/notices/{notice_id}/share", responses=PNG | problems(404), response_class=Response)
def read_notice_share(
    services: ServicesDep, papers: NoticePapersDep, actor: ApiActor, notice_id: Id, language: Language = "zh_CN"
) -> Response:
    """The notice as a picture of 1200 by 900 for news apps. What is not published says so across it."""
    view = services.notices.printed(actor, notice_id)
    return Response(papers.share(public(view.shown), language, not_published(view, language)), media_type="image/png")
