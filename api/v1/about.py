"""The service about itself: its statistics and its own description."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.v1.answers import StatisticsAnswer
from api.v1.figure_answers import FiguresAnswer, RecognitionAnswer
from api.v1.monthly_answers import MonthlyReportAnswer
from api.v1.openapi import described
from api.v1.problems import problems
from api.v1.result_answers import ReviewersAnswer
from tracing.coverage import SearchedBy
from tracing.reporting.monthly import AGES
from tracing.reporting.months import Month

router = APIRouter(route_class=KeyFirst, tags=["service"])


@router.get("/api/v1/statistics")
def read_statistics(services: ServicesDep, actor: ApiActor) -> StatisticsAnswer:
    """How many cases, photos and pairs of the own station there are in each state, and what waits; of all stations for people
    of a central one, and as long as none is set up. Exact, so not for publication."""
    services.clockwork.follow()
    return StatisticsAnswer.of(
        services.statistics.counts(actor),
        services.coverage.report(actor),
        services.coverage.report(actor, by=SearchedBy.CLUES),
        services.compliance.by_station(actor),
        services.compliance.reunions(actor),
    )


@router.get("/api/v1/statistics/report", responses=problems(404))
def read_monthly_report(
    services: ServicesDep,
    actor: ApiActor,
    month: Annotated[
        str, Query(pattern=r"^(\d{4}-\d{2})?$", examples=["2026-10"], description="The last whole one if empty.")
    ] = "",
    station: Annotated[str, Query(max_length=64, description="All stations together if empty, or the own one.")] = "",
) -> MonthlyReportAnswer:
    """The monthly report of the own station, or of one or all for people of a central one. Small numbers are suppressed."""
    services.clockwork.follow()
    return MonthlyReportAnswer.of(services.report.of(actor, Month.parse(month) if month else None, station), AGES)


@router.get("/api/v1/statistics/figures")
def read_figures(services: ServicesDep, actor: ApiActor) -> FiguresAnswer:
    """Whom the encoder in use misses, by age, years between the photos, sex, quality and set of photos: its model card."""
    return FiguresAnswer.of(services.fairness.active(actor))


@router.get("/api/v1/statistics/recognition")
def read_recognition(services: ServicesDep, actor: ApiActor) -> RecognitionAnswer:
    """How the recognition does in daily work: people's decisions, drift against the calibration, and known misses.

    Of all stations together: the galleries are one, and so is the encoder.
    """
    return RecognitionAnswer.of(services.recognition.report(actor))


@router.get("/api/v1/statistics/reviewers")
def read_reviewers(services: ServicesDep, actor: ApiActor) -> ReviewersAnswer:
    """The own results as a reviewer, those of the own station for a senior one: real pairs of 90 days, known ones of a year."""
    return ReviewersAnswer.of(services.results.of(actor))


@router.get("/api/v1/openapi.json", response_class=JSONResponse, responses={200: {"model": dict[str, Any]}})
def read_openapi(request: Request, _: ApiActor) -> JSONResponse:
    """This description."""
    return JSONResponse(described(request.app))
