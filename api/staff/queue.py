"""The review queue: ten cards a page, one per pair."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.sheets import Sheet
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.domain import AgeBand, Relation
from tracing.records import SHEET

router = APIRouter()

LAST_SHEET: Final = 1000


@router.get("/review")
def queue(
    visit: Staff,
    services: ServicesDep,
    relation: str = "",
    station: str = "",
    ages: str = "",
    overdue: str = "",
    sheet: int = 1,
) -> Response:
    """A filter that does not exist is none; ``sheet`` counts from 1."""
    at = Sheet.asked(sheet, SHEET, LAST_SHEET)
    wanted: dict[str, Any] = {
        "relation": Relation(relation) if relation in set(Relation) else None,
        "station_id": station[:64],
        "ages": AgeBand(ages) if ages in set(AgeBand) else None,
        "overdue": overdue == "1",
    }
    found = services.review.queue(visit.actor, at.size, at.skipped, **wanted)
    asked = {"relation": wanted["relation"], "station": station[:64], "ages": wanted["ages"], "overdue": overdue == "1" and "1"}
    return page(
        visit,
        "queue.html",
        found=found,
        portraits=services.desk.portraits(visit.actor, found.cases.keys()),
        photo_counts=services.desk.photo_counts(visit.actor, found.cases.keys()),
        now=services.clock(),
        at_it_for=services.results.at_it_for(visit.actor),
        asked=asked,
        narrowed=any(value for name, value in asked.items() if name != "relation"),
        relations=list(Relation),
        bands=list(AgeBand),
        stations=services.review.stations(visit.actor),
        hours=services.settings.review_hours,
        **at.of(found.total),
        query=urlencode({name: value for name, value in asked.items() if value}),
        others=urlencode({name: value for name, value in asked.items() if value and name != "relation"}),
    )
