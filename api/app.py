"""The web application: JSON for programs, pages for staff, health for machines, over the services of one process."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.formparsers import MultiPartParser
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import api.errors
import api.health
import api.staff
import api.v1
from api import connections
from api.analysis import Analyses
from api.errors import LastResort
from api.hosts import OwnHost
from api.limits import BodyLimit
from api.memory import give_back_at_once
from api.metrics import Metrics
from api.notices.papers import NoticePapers
from api.notices.pictures import NoticePictures
from api.pictures import Pictures
from api.rates import Rates
from api.recorded import Recorded
from api.requests import Requests
from api.security import FormTokens, SecurityHeaders
from api.v1.sentences import told
from tracing.bootstrap import Services, build
from tracing.config import Settings

PHOTOS_PER_REQUEST = 2
"""Of the largest photos; eight of a phone's usual ones are less."""
FINISH_SECONDS = 5.0
"""For the analyses under way when the server is stopped, and again for giving back those that take longer. All of it together,
and what ``tracing serve`` gives to requests, stays below the ``TimeoutStopSec`` of deploy/systemd."""


def create() -> FastAPI:
    """The application over the settings of the environment, as `tracing serve` and every other ASGI server calls it."""
    settings = Settings()
    connections.believe(settings.proxies)
    return create_app(build(settings))


def create_app(services: Services) -> FastAPI:
    """The application over these services, which are closed with it."""
    settings = services.settings
    analyses = Analyses(
        services.intake.analyse,
        services.intake.report,
        at_once=settings.encoder_processes + settings.waiting_photos,
        patience=settings.answer_seconds,
    )

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[dict[str, Callable[[], None]]]:
        stop = threading.Event()
        worker = threading.Thread(target=services.worker.run, args=(stop,), name="worker", daemon=True)
        give_back_at_once()
        services.warm()
        if settings.server_works:
            worker.start()
        yield {"halt": services.halt}  # for a server that is in haste to stop
        # What is under way is finished, or given back: nobody waits for the lease of a process that is gone.
        stop.set()
        analyses.close()
        analyses.join(FINISH_SECONDS)
        services.halt()
        analyses.join(FINISH_SECONDS)
        if settings.server_works:
            worker.join(FINISH_SECONDS)
        services.close()

    # The pages FastAPI offers for its documentation load scripts from elsewhere; ours is served as JSON, to those signed in.
    # A part of a form that is larger than this is written to a temporary file: photos must not touch the disk unencrypted.
    MultiPartParser.spool_max_size = settings.max_photo_mib << 20
    app = FastAPI(title="Family tracing", version="1", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False  # it leads to whatever host a request names
    app.state.services = services
    app.state.analyses = analyses
    app.state.pictures = Pictures(services)
    app.state.notice_pictures = NoticePictures(services.store, services.photos, services.reader)
    app.state.notice_papers = NoticePapers(app.state.notice_pictures)
    app.state.metrics = Metrics(services)
    app.state.rates = Rates(settings.key_requests_per_minute)
    app.state.form_tokens = FormTokens(services.secret)
    app.state.told = told
    api.errors.install(app)
    app.include_router(api.health.router)
    app.include_router(api.v1.router)
    app.include_router(api.staff.router)
    api.staff.install(app)
    app.add_middleware(Recorded, looks=services.looks)
    app.add_middleware(
        BodyLimit,
        most=(settings.max_photo_mib * PHOTOS_PER_REQUEST + 1) << 20,
        most_of_lists=(settings.max_list_mib + settings.max_list_photos_mib + 1) << 20,
    )
    app.add_middleware(LastResort)
    app.add_middleware(OwnHost, public_url=settings.public_url)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Requests, answered=app.state.metrics.answered)
    # The outermost: who is asking, and how, is what a proxy says whom the operator has named.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)
    return app
