"""Asking by words: somebody calls, and is told whether a case fits."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import status_of
from api.staff.reading import choice
from api.staff.templating import page
from api.staff.visit import Staff, StaffForm, Visit
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.clues.enquiries import LONGEST, Answers
from tracing.domain import CaseKind
from tracing.errors import TracingError

router = APIRouter()

SHOWN: Final = 10
"""Longer lists make people see likeness where there is none (DOMAIN.md section 3)."""


@router.get("/enquiry")
def form(visit: Staff, services: ServicesDep) -> Response:
    require(visit.actor, Permission.ENQUIRE)
    return _page(visit, services)


@router.post("/enquiry")
def ask(visit: Staff, form: StaffForm, services: ServicesDep) -> Response:
    """Not in the address: it is kept in the history of browsers and in logs."""
    words, kind = form.text("words"), choice(CaseKind, form, "kind")
    try:
        return _page(visit, services, words, kind, services.enquiries.ask(visit.actor, words, kind, SHOWN))
    except TracingError as error:
        if status_of(error) != 422:
            raise
        return _page(visit, services, words, kind, error=error)


def _page(
    visit: Visit,
    services: Services,
    words: str = "",
    kind: CaseKind | None = None,
    answers: Answers | None = None,
    error: TracingError | None = None,
) -> Response:
    found = answers.found if answers is not None else ()
    return page(
        visit,
        "enquiry.html",
        status_of(error) if error is not None else 200,
        words=words,
        kind=kind,
        kinds=list(CaseKind),
        longest=LONGEST,
        answers=answers,
        understood=_understood(services, answers) if answers is not None else [],
        portraits=services.desk.portraits(visit.actor, [each.case.case_id for each in found]),
        stations={each.station_id: each.name for each in services.stations.all(visit.actor)},
        error=error,
    )


def _understood(services: Services, answers: Answers) -> list[tuple[str, str, str]]:
    """What each word was taken for: the word, the kind, and for a place the full names of what it may be."""
    taken = []
    for term in answers.understood.places:
        places = (services.interviews.place(guess.code) for guess in term.guesses[:2])
        taken.append((term.text, "place", " / ".join(place.full_name for place in places if place is not None)))
    taken += [(name.name.written, "person", "") for name in answers.understood.names]
    taken += [(word.text, word.key.partition(".")[0], "") for word in answers.understood.words]
    return taken
