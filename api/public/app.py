"""The application for everybody, over what is published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api import connections
from api.assets import PATH, Assets
from api.errors import LastResort
from api.hosts import OwnHost
from api.limits import BodyLimit
from api.notices.pictures import NoticePictures
from api.public import mishaps, pages
from api.public.limits import PublicRates
from api.rates import Rates
from api.requests import Requests
from api.security import HEADERS, SecurityHeaders
from tracing.bootstrap import PublicServices, public_of
from tracing.config import Settings

STATIC: Final = Path(__file__).resolve().parent / "static"
MOST_BODY: Final = 64 << 10
"""Nothing is sent here; whoever tries is not listened to for long."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
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
    app.state.public = services
    app.state.notice_pictures = NoticePictures(services.store, services.photos, services.reader)
    app.include_router(pages.router)
    app.mount(PATH, Assets(STATIC), name="static")
    mishaps.install(app)
    app.add_middleware(BodyLimit, most=MOST_BODY, words=MOST_BODY)
    app.add_middleware(PublicRates, rates=Rates(settings.public_requests_per_minute, sentence=TOO_OFTEN))
    app.add_middleware(LastResort)
    app.add_middleware(OwnHost, public_url=settings.families_url)
    app.add_middleware(SecurityHeaders, headers=PUBLIC_HEADERS)
    app.add_middleware(Requests, answered=lambda *_: None)
    # The outermost: who is asking, and how, is what a proxy says whom the operator has named.
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxies)
    return app
