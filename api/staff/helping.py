"""Help with the interview: one board after the other for the person in front of the worker, each answer kept as a clue."""

from __future__ import annotations

import uuid
from typing import Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable, status_of
from api.language import translations
from api.staff.clue_pages import shown_view
from api.staff.reading import number
from api.staff.templating import page, see
from api.staff.visit import Posted, Staff, StaffForm, Visit
from tracing.bootstrap import Services
from tracing.clues.boards import BoardKind, Choice
from tracing.clues.interview_help import Pointed
from tracing.domain import Reply
from tracing.errors import Invalid, TracingError

router = APIRouter()


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


TAPPED_BY_MISTAKE: Final = _("Tapped by mistake.")


@router.get("/cases/{case_id}/interview-help")
def show(visit: Staff, services: ServicesDep, case_id: str, kind: str = "") -> Response:
    """The next board; of one kind, where somebody has chosen one."""
    return _board(visit, services, case_id, kind)


@router.post("/cases/{case_id}/interview-help")
def answer(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    kind = form.text("chosen")
    try:
        services.interview_help.answer(visit.actor, case_id, _pointed(form), form.text("form_id") or None)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _board(visit, services, case_id, kind, error)
    return see(_address(case_id, kind))


@router.post("/cases/{case_id}/interview-help/take-back")
def take_back(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    """Withdraw the last answer, which was tapped by mistake; the board can be shown again."""
    kind, clue_id = form.text("chosen"), form.text("clue_id")
    reason = translations(visit.language).gettext(TAPPED_BY_MISTAKE)
    try:
        services.interviews.current(visit.actor, case_id, clue_id)
        services.interviews.withdraw(visit.actor, clue_id, reason, number(form, "version") or 0)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return _board(visit, services, case_id, kind, error)
    return see(_address(case_id, kind))


def _board(visit: Visit, services: Services, case_id: str, kind: str, error: TracingError | None = None) -> Response:
    chosen = BoardKind(kind) if kind in set(BoardKind) else None
    found = services.interview_help.next(visit.actor, case_id, chosen)
    within = services.interviews.place(found.board.within) if found.board is not None and found.board.within else None
    return page(
        visit,
        "interview_help.html",
        status_of(error) if error is not None else 200,
        case=services.casework.get(visit.actor, case_id),
        help=found,
        chosen=chosen,
        within=within.full_name if within is not None else "",
        last=shown_view(services, found.shown[-1]) if found.shown else None,
        picture=picture,
        form_id=uuid.uuid4().hex,
        error=error,
    )


def picture(choice: Choice) -> str:
    """The file of a word that is drawn."""
    return f"pictures/{choice.key.removeprefix('word:')}.svg"


def _pointed(form: Posted) -> Pointed:
    """On a board of places or surnames a tap is the answer; on one of pictures, several are ticked and then sent."""
    try:
        kind = BoardKind(form.text("kind"))
        reply = Reply(form.text("reply") or Reply.YES)
    except ValueError as error:
        raise Invalid("Choose one of the answers offered.", "pointed_at") from error
    return Pointed(kind, tuple(form.several("shown")), reply, tuple(form.several("pointed_at")))


def _address(case_id: str, kind: str) -> str:
    return f"/cases/{case_id}/interview-help" + (f"?kind={kind}" if kind in set(BoardKind) else "")
