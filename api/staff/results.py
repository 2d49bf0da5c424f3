"""How reviewers fare: the own results, or everybody's for a senior reviewer."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.agreement import LEAST, share
from tracing.known_results import FEWEST

router = APIRouter()


@router.get("/results")
def results(visit: Staff, services: ServicesDep) -> Response:
    return page(
        visit,
        "results.html",
        found=services.results.of(visit.actor),
        names=services.accounts.names(),
        share=share,
        least=LEAST,
        fewest=FEWEST,
    )
