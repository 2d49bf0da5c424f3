"""Cases of which one person has said that somebody died: they wait for a second word, or for the first to be taken back."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from api.deps import ServicesDep
from api.staff.templating import page, see
from api.staff.visit import Staff, staff_posted

router = APIRouter()


@router.get("/approvals")
def approvals(visit: Staff, services: ServicesDep) -> Response:
    """The oldest first."""
    found = services.approvals.waiting(visit.actor)
    return page(
        visit,
        "approvals.html",
        words=found,
        portraits=services.desk.portraits(visit.actor, {word.case.case_id for word in found}),
        names=services.accounts.names(),
    )


@router.post("/cases/{case_id}/approval/withdraw", dependencies=[Depends(staff_posted)])
def withdraw(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    """Take the own first word back."""
    services.approvals.withdraw(visit.actor, case_id)
    return see(f"/cases/{case_id}")
