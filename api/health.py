"""What machines ask: is the process up, can it work, and how much of everything is there."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.deps import ApiActor, KeyFirst, ServicesDep
from api.metrics import Metrics
from tracing.bootstrap import Services
from tracing.errors import Unavailable

log = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)
guarded = APIRouter(include_in_schema=False, route_class=KeyFirst)


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(services: ServicesDep) -> dict[str, str]:
    """The service can do its work now, and save it: 503 otherwise. Strangers may ask, so that the reason is in the log only."""
    try:
        _try_records(services)
        services.store.try_writing()
        services.photos.try_writing()
    except Exception as error:
        log.warning("not ready: %s", error)
        raise Unavailable("The service cannot work at the moment; the operator finds the reason in its log.") from error
    return {"status": "ok"}


def _try_records(services: Services) -> None:
    """The database answers, with the tables of this version of the program, an audit and a generation that can be searched."""
    if not services.store.is_current():
        raise Unavailable("The database was migrated to another version of the program, or lacks a table.")
    with services.store.reading() as records:
        records.generations.active()
        records.audit.events(records.audit.head()[0], 1)


def metrics(request: Request) -> Metrics:
    found: Metrics = request.app.state.metrics
    return found


@guarded.get("/metrics")
def read_metrics(found: Annotated[Metrics, Depends(metrics)], actor: ApiActor) -> Response:
    return Response(found.exposition(actor), media_type=CONTENT_TYPE_LATEST)


router.include_router(guarded)
