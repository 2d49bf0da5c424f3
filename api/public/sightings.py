"""Under a published notice: what somebody has seen, for the station alone."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from api.notices.telling import Telling
from api.public.templating import page, working_page
from api.public.visit import PublicDep, PublicVisit, VisitDep
from api.public.writing import NONE, SentDep, Trouble, challenge_again, moved, pass_in, unsent
from tracing.errors import TracingError
from tracing.families.challenges import Challenge
from tracing.families.sighting import FIELDS
from tracing.notices.published import PublicNotice

router = APIRouter(include_in_schema=False)

SIGHTING: Final = "sighting"


@router.get("/n/{token}/seen")
def ask(visit: VisitDep, services: PublicDep, token: str) -> Response:
    return _form(visit, services.published.one(token), services.challenges.new(SIGHTING), NONE, dict.fromkeys(FIELDS, ""))


@router.post("/n/{token}/seen")
def send(request: Request, visit: VisitDep, services: PublicDep, form: SentDep, token: str) -> Response:
    """Nothing is answered but that it came. What was typed comes back where it was not taken, but for the photo."""
    notice = services.published.one(token)
    typed = {name: form.text(name) for name in FIELDS}
    if form.stays:
        return _form(visit, notice, challenge_again(request, form, SIGHTING), unsent(form), typed)
    try:
        if (trouble := pass_in(request, form, SIGHTING)) is None:
            services.sightings.send(token, visit.language, typed, form.text("challenge"), form.photo())
            return _sent(visit, notice)
    except TracingError as error:
        trouble = Trouble.of(error)
    challenge = services.challenges.new(SIGHTING) if trouble.sentence else challenge_again(request, form, SIGHTING)
    return _form(visit, notice, challenge, trouble.with_photo(form), typed)


def _sent(visit: PublicVisit, notice: PublicNotice) -> Response:
    return page(moved(visit, f"/n/{notice.token}"), "sighting_sent.html", notice=notice)


def _form(visit: PublicVisit, notice: PublicNotice, challenge: Challenge, trouble: Trouble, typed: dict[str, str]) -> Response:
    return working_page(
        visit,
        "sighting.html",
        200 if trouble is NONE else 422,
        notice=notice,
        telling=Telling(visit.language, notice.kind),
        challenge=challenge,
        trouble=trouble,
        typed=typed,
    )
