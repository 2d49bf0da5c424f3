"""Cases that wait for a second person: one has said that somebody died, or that relatives may be the danger."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from api.deps import ServicesDep
from api.staff.templating import page, see
from api.staff.visit import Staff, staff_posted

router = APIRouter()


@router.get("/approvals")
def approvals(visit: Staff, services: ServicesDep) -> Response:
    """The oldest first."""
    found, guarded = services.approvals.waiting(visit.actor), services.safeguarding.waiting(visit.actor)
    return page(
        visit,
        "approvals.html",
        words=found,
        guarded=guarded,
        portraits=services.desk.portraits(
            visit.actor, {*(each.case.case_id for each in found), *(each.case.case_id for each in guarded)}
        ),
        names=services.accounts.names(),
    )


@router.post("/cases/{case_id}/approval/withdraw", dependencies=[Depends(staff_posted)])
def withdraw(visit: Staff, services: ServicesDep, case_id: str) -> Response:
    """Take the own first word back."""
    services.approvals.withdraw(visit.actor, case_id)
    return see(f"/cases/{case_id}")
