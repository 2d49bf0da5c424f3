"""The interview on a case's page: write down what was said, accept what it names, correct or withdraw what was wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.errors import is_mendable
from api.staff.casefile import case_page
from api.staff.clue_pages import shown_view
from api.staff.reading import moment_in, number
from api.staff.templating import page, see
from api.staff.visit import Posted, Staff, StaffForm
from tracing.clues.interviews import kept_marks
from tracing.domain import Mention, MentionKind, Told
from tracing.errors import Invalid, NotFound, TracingError

router = APIRouter()

WHEN: Final = "Write when it was said as 2024-03-15 or 2024-03-15 14:30."


@router.post("/cases/{case_id}/clues")
def record(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str) -> Response:
    try:
        told = Told(form.text("said"), _when(form, services.settings.zone), form.text("language"), form.text("dialect"))
        version = services.interviews.record(visit.actor, case_id, told, form.text("form_id") or None)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, "clues", form.texts())
    return see(f"/cases/{case_id}?told=1#clue-{version.clue.clue_id}")


@router.post("/cases/{case_id}/clues/{clue_id}/mentions")
def mark(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, clue_id: str) -> Response:
    """Accept what was suggested, as far as it was tapped."""
    try:
        said = services.interviews.current(visit.actor, case_id, clue_id).clue.said
        chosen = [_mention(value, said) for name, value in form.texts().items() if name.startswith("mark-") and value]
        services.interviews.mark(visit.actor, clue_id, chosen, number(form, "version") or 0)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, clue_id, form.texts())
    return see(f"/cases/{case_id}#clue-{clue_id}")


@router.get("/cases/{case_id}/clues/{clue_id}")
def history(visit: Staff, services: ServicesDep, case_id: str, clue_id: str) -> Response:
    """Every version of what was written down."""
    versions = services.interviews.history(visit.actor, clue_id)
    if not versions or versions[0].clue.case_id != case_id:
        raise NotFound("There is no such clue.")
    return page(
        visit,
        "clue_history.html",
        case=services.casework.get(visit.actor, case_id),
        views=[shown_view(services, version) for version in reversed(versions)],
        names=services.accounts.names(),
    )


@router.post("/cases/{case_id}/clues/{clue_id}/revise")
def revise(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, clue_id: str) -> Response:
    """Correct what was written; what is marked stays marked as far as it is still in the words."""
    try:
        before = services.interviews.current(visit.actor, case_id, clue_id).clue
        said = form.text("said")
        told = Told(
            said,
            _when(form, services.settings.zone),
            form.text("language"),
            form.text("dialect"),
            kept_marks(before.mentions, said),
        )
        services.interviews.revise(visit.actor, clue_id, told, form.text("reason"), number(form, "version") or 0)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, clue_id, form.texts())
    return see(f"/cases/{case_id}#clue-{clue_id}")


@router.post("/cases/{case_id}/clues/{clue_id}/withdraw")
def withdraw(visit: Staff, form: StaffForm, services: ServicesDep, case_id: str, clue_id: str) -> Response:
    try:
        services.interviews.current(visit.actor, case_id, clue_id)
        services.interviews.withdraw(visit.actor, clue_id, form.text("reason"), number(form, "version") or 0)
    except TracingError as error:
        if not is_mendable(error):
            raise
        return case_page(visit, services, case_id, error, clue_id, form.texts())
    return see(f"/cases/{case_id}#interview")


def _when(form: Posted, zone: ZoneInfo | None) -> datetime | None:
    """In the time of the station; a day alone is its noon."""
    typed = form.text("said_at").replace("/", "-").replace("T", " ")
    if not typed:
        return None
    day_alone = len(typed) <= len("2024-03-15")
    try:
        return moment_in(f"{typed} 12:00" if day_alone else typed, zone)
    except ValueError as error:
        raise Invalid(WHEN, "said_at") from error


def _mention(value: str, said: str) -> Mention:
    """``kind:start:end:code`` as the page's buttons say it."""
    try:
        kind, start, end, code = value.split(":")
        return Mention(MentionKind(kind), int(start), int(end), said[int(start) : int(end)], code)
    except ValueError as error:
        raise Invalid("Choose one of the answers offered.", "mentions") from error
