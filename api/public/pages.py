"""The list of what is published, each notice, its photo, and the feed. There is no search, by name or by face."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.dates import last_day
from api.notices import words
from api.notices.pictures import SCREEN, SMALL
from api.notices.telling import Telling
from api.public.calling import number_in
from api.public.feed import ATOM, feed
from api.public.templating import page
from api.public.visit import PapersDep, PicturesDep, PublicDep, VisitDep
from tracing.domain import CaseKind
from tracing.errors import NotFound, Unavailable
from tracing.notices.published import MOST

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 24
LAST_PAGE: Final = 500
Page = Annotated[str, Query(alias="page")]


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(services: PublicDep) -> dict[str, str]:
    """What is published can be read now: 503 otherwise."""
    if not services.store.is_current():
        raise Unavailable("The database was migrated to another version of the program.")
    services.published.page(1)
    return {"status": "ok"}


@router.get("/")
def notices(visit: VisitDep, services: PublicDep, kind: str = "", sheet: Page = "1") -> Response:
    """The last published first, of one kind or of both."""
    chosen = CaseKind(kind) if kind in set(CaseKind) else None
    number = min(max(1, int(sheet) if sheet.isascii() and sheet.isdigit() and len(sheet) < 6 else 1), LAST_PAGE)
    found = services.published.page(PER_PAGE, (number - 1) * PER_PAGE, chosen)
    return page(
        visit,
        "notices.html",
        found=found,
        tellings={each: Telling(visit.language, each) for each in CaseKind},
        kinds=list(CaseKind),
        chosen=chosen,
        sheet=number,
    )


@router.get("/n/{token}")
def notice(visit: VisitDep, services: PublicDep, token: str) -> Response:
    found = services.published.one(token)
    telling = Telling(visit.language, found.kind)
    return page(
        visit,
        "notice.html",
        notice=found,
        telling=telling,
        number=number_in(found.contact),
        until=last_day(visit.language, services.settings.zone, found.expires_at),
        words=words,
    )


@router.get("/n/{token}/photo.jpg")
def photo(services: PublicDep, pictures: PicturesDep, token: str, small: bool = False) -> Response:
    """What is shown of the photo, drawn anew."""
    shown = services.published.one(token).photo
    if shown is None:
        raise NotFound("There is no such photo.")
    return Response(pictures.jpeg(shown, SMALL if small else SCREEN), media_type="image/jpeg")


@router.get("/n/{token}/poster.pdf")
def poster(visit: VisitDep, services: PublicDep, papers: PapersDep, token: str) -> Response:
    """To print and to hang up: its code leads to the notice, where the address of these pages is set."""
    found = services.published.one(token)
    settings = services.settings
    address = f"{settings.families_url}/n/{found.token}" if settings.families_url else ""
    until = last_day(visit.language, settings.zone, found.expires_at)
    paper = papers.poster(found, visit.language, found.published_at, address, until)
    named = {"Content-Disposition": 'inline; filename="notice.pdf"'}
    return Response(paper, media_type="application/pdf", headers=named)


@router.get("/n/{token}/share.png")
def share(visit: VisitDep, services: PublicDep, papers: PapersDep, token: str) -> Response:
    """For news apps and messengers, which may show it on their own pages."""
    picture = papers.share(services.published.one(token), visit.language)
    return Response(picture, media_type="image/png", headers={"Cross-Origin-Resource-Policy": "cross-origin"})


@router.get("/feed.atom")
def atom(visit: VisitDep, services: PublicDep) -> Response:
    """The last published, for readers and news apps; what is gone is gone from it too."""
    found = services.published.page(MOST).notices
    return Response(feed(found, visit), media_type=ATOM)
