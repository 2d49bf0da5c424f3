"""The application for everybody: what is published, and what families and informants send."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.formparsers import MultiPartParser
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import connections
from api.assets import PATH, Assets
from api.errors import LastResort
from api.hosts import OwnHost
from api.limits import BodyLimit
from api.notices.papers import NoticePapers
from api.notices.pictures import NoticePictures
from api.public import following, mishaps, pages, reporting, sightings
from api.public.heads import Heads
from api.public.limits import PublicRates
from api.public.templating import POLICY
from api.rates import Rates
from api.requests import Requests
from api.security import HEADERS, SecurityHeaders
from tracing.bootstrap import PublicServices, public_of
from tracing.config import Settings
from tracing.families.challenges import Lane

STATIC: Final = Path(__file__).resolve().parent / "static"
MOST_WORDS: Final = 64 << 10
"""Bytes of a form without a photo."""
PHOTOS_COME: Final = re.compile(r"/report/[\w-]+/photos|/follow/photo|/n/[\w-]+/seen")
TOGETHER: Final = 6
"""So many of the largest requests are taken in at one time, of one address half as many."""
WORDS_TOGETHER: Final = 16 << 20
"""Bytes of all forms without a photo that are taken in at one time."""
HOUR: Final = 3600.0
PUBLIC_HEADERS: Final = {
    **HEADERS,
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A copy at a search engine would outlive the notice, and would find people by their names.
    "X-Robots-Tag": "noindex, nofollow, noarchive, noimageindex",
}
TOO_OFTEN: Final = "Too many requests from your address. Wait a minute, then go on."


def create() -> FastAPI:
    """The application over the settings of the environment, as `tracing public` and every other ASGI server calls it."""
    settings = Settings()
    connections.believe(settings.proxies)
    return create_app(public_of(settings))


def create_app(services: PublicServices) -> FastAPI:
    """The application over these services, which are closed with it."""
    settings = services.settings

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        services.close()

    app = FastAPI(title="Tracing notices", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False  # as the one for staff
    app.state.public = services
    app.state.notice_pictures = NoticePictures(services.store, services.photos, services.reader)
    app.state.notice_papers = NoticePapers(app.state.notice_pictures)
    app.state.writes = {
        Lane.PROVEN: Rates(settings.public_writes_per_hour, sentence=TOO_OFTEN, seconds=HOUR),
        Lane.WAITED: Rates(settings.public_slow_writes_per_hour, sentence=TOO_OFTEN, seconds=HOUR),
    }
    # A part of a form that is larger than this is written to a temporary file: photos must not touch the disk unencrypted.
    most = (settings.public_photo_mib << 20) + MOST_WORDS
    MultiPartParser.spool_max_size = max(MultiPartParser.spool_max_size, most)
    for router in (pages.router, reporting.router, following.router, sightings.router):
        app.include_router(router)
    app.mount(PATH, Assets(STATIC), name="static")
    mishaps.install(app)
    app.add_middleware(Heads)
    app.add_middleware(
        BodyLimit,
        most=most,
        words=MOST_WORDS,
        together=TOGETHER * most,
        words_together=WORDS_TOGETHER,
        photos_come=PHOTOS_COME,
        refuse=mishaps.RefusedBody,
    )
    app.add_middleware(PublicRates, rates=Rates(settings.public_requests_per_minute, sentence=TOO_OFTEN))
    app.add_middleware(LastResort)
    app.add_middleware(OwnHost, public_url=settings.families_url)
    app.add_middleware(SecurityHeaders, headers=PUBLIC_HEADERS)
    app.add_middleware(Requests, answered=lambda *_: None)
    # The outermost: who is asking, and how, is what a proxy says whom the operator has named.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)
    return app
