"""With number and secret: how far a report has come, in coarse words; one more photo; and the way out."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from api.public import words
from api.public.templating import page
from api.public.visit import PublicDep, PublicVisit, VisitDep
from api.public.writing import NONE, Sent, SentDep, Trouble, count, moved, unsent
from api.security import address_of
from tracing.bootstrap import PublicServices
from tracing.errors import NotFound, TracingError

router = APIRouter(include_in_schema=False)

HERE: Final = "/follow"


@router.get("/follow")
def ask(visit: VisitDep) -> Response:
    return page(visit, "follow.html", trouble=NONE, reference="", secret="")


@router.post("/follow")
def follow(request: Request, visit: VisitDep, services: PublicDep, form: SentDep) -> Response:
    if form.stays:
        return page(visit, "follow.html", trouble=NONE, reference=form.text("reference"), secret=form.text("secret"))
    return _shown(request, moved(visit, HERE), services, form, unsent(form))


@router.post("/follow/photo")
def add_photo(request: Request, visit: VisitDep, services: PublicDep, form: SentDep) -> Response:
    count(request)
    visit, photo = moved(visit, HERE), form.photo()
    if not photo:
        return _shown(request, visit, services, form, Trouble({"photo": words.CHOOSE_PHOTO}))
    address = address_of(request)
    try:
        services.following.add_photo(form.text("reference"), form.text("secret"), address, photo, form.text("taken_on"))
    except NotFound as error:
        return _refused(visit, form, str(error))
    except TracingError as error:
        return _shown(request, visit, services, form, Trouble.of(error).with_photo(form))
    return _shown(request, visit, services, form, added=True)


@router.post("/follow/withdraw")
def withdraw(request: Request, visit: VisitDep, services: PublicDep, form: SentDep) -> Response:
    visit = moved(visit, HERE)
    if not form.text("sure"):
        return _shown(request, visit, services, form, Trouble({"sure": words.SURE}))
    try:
        erased = services.following.withdraw(form.text("reference"), form.text("secret"), address_of(request))
    except NotFound:  # a second tap on a slow line comes here
        return _refused(visit, form, words.WITHDRAWN_TWICE)
    return page(visit, "withdrawn.html", erased=erased)


def _shown(
    request: Request,
    visit: PublicVisit,
    services: PublicServices,
    form: Sent,
    trouble: Trouble = NONE,
    added: bool = False,
) -> Response:
    reference, secret = form.text("reference"), form.text("secret")
    try:
        found = services.following.follow(reference, secret, address_of(request))
    except NotFound as error:
        return _refused(visit, form, str(error))
    return page(
        visit,
        "followed.html",
        422 if trouble is not NONE else 200,
        found=found,
        sent_on=found.sent_at.astimezone(services.settings.zone).date(),
        secret=secret,
        stage=words.STAGES[found.stage],
        following=words.NEXT[found.stage],
        declined=words.DECLINED[found.declined] if found.declined is not None else "",
        added=added,
        taken_on="" if added else form.text("taken_on"),
        trouble=trouble,
    )


def _refused(visit: PublicVisit, form: Sent, sentence: str) -> Response:
    """The same words whichever of the two was wrong."""
    return page(visit, "follow.html", 422, trouble=Trouble({}, sentence), reference=form.text("reference"), secret="")
