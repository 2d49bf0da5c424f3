"""The page of figures: how good the recognition is, as it was measured and as it does in daily work."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.charts import TALL, Bars, bars_of, columns_of, highest_share
from api.staff.templating import page
from api.staff.visit import Staff
from tracing.access import Permission
from tracing.domain import CaseKind, CaseState, PairState
from tracing.drift import QUANTILES
from tracing.evaluation.card import By, Card
from tracing.fairness import weak_groups
from tracing.known_results import FEWEST
from tracing.recognition import Report

router = APIRouter()

OF_CASES: Final = (CaseState.OPEN, CaseState.MATCHED, CaseState.SUSPENDED, CaseState.CLOSED)
OF_PAIRS: Final = (
    PairState.PROPOSED,
    PairState.UNDER_REVIEW,
    PairState.FIRST_POSITIVE,
    PairState.DISPUTED,
    PairState.CONFIRMED,
    PairState.VERIFIED,
    PairState.REUNITED,
)


@router.get("/figures")
def figures(visit: Staff, services: ServicesDep) -> Response:
    found = services.fairness.active(visit.actor)
    report = services.recognition.report(visit.actor) if visit.may(Permission.READ_RECOGNITION) else None
    return page(
        visit,
        "figures.html",
        found=found,
        card=found.card,
        weak=weak_groups(found.card) if found.card is not None else (),
        pictures=_pictures(found.card) if found.card is not None else {},
        report=report,
        histogram=_histogram(report) if report is not None and report.edges else None,
        quantiles=QUANTILES,
        fewest=FEWEST,
        counts=services.statistics.counts(visit.actor),
        compliance=[line for line in services.compliance.by_station(visit.actor) if not line.rule_id],
        reunions=services.compliance.reunions(visit.actor),
        kinds=list(CaseKind),
        of_cases=OF_CASES,
        of_pairs=OF_PAIRS,
    )


def _pictures(card: Card) -> dict[By, Bars]:
    """One for each kind of group that there is, in the order of the list."""
    groups = {by: [group for group in card.groups if group.by is by] for by in By}
    return {by: bars_of(card, each) for by, each in groups.items() if each}


def _histogram(report: Report) -> dict[str, Any]:
    spreads = {"confirmed": report.confirmed, "excluded": report.excluded}
    highest = highest_share(*((each.cells, each.pairs) for each in spreads.values()))
    return {
        "columns": {
            name: columns_of(each.cells, each.pairs, place, highest) for place, (name, each) in enumerate(spreads.items())
        },
        "rows": list(
            zip(
                report.edges,
                report.edges[1:],
                *(each.cells or (0,) * (len(report.edges) - 1) for each in spreads.values()),
                strict=False,
            )
        ),
        "height": TALL,
    }
