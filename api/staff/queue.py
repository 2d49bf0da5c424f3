"""The review queue: ten cards a page, one per pair."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.domain import Relation

router = APIRouter()

CARDS = 10
"""Long lists make reviewers miss more and accuse more (DOMAIN.md section 3)."""
LAST_SHEET = 1000


@router.get("/review")
def queue(visit: Staff, services: ServicesDep, relation: str = "", sheet: int = 1) -> Response:
    wanted = Relation(relation) if relation in set(Relation) else None
    sheet = min(max(1, sheet), LAST_SHEET)
    found = services.review.queue(visit.actor, CARDS, (sheet - 1) * CARDS, wanted)
    return page(
        visit,
        "queue.html",
        found=found,
        portraits=services.desk.portraits(visit.actor, found.cases.keys()),
        relation=wanted,
        relations=list(Relation),
        sheet=sheet,
        sheets=max(1, -(-found.total // CARDS)),
        query=f"relation={wanted}" if wanted else "",
    )
