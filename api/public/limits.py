"""How often one address may ask: nobody copies all notices in a minute, or tries addresses one after the other."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.public.mishaps import mishap
from api.rates import Rates
from api.security import address_of
from tracing.errors import TooMany

FREE: Final = ("/static/", "/health/")
"""Files of the pages, and what machines ask."""


class PublicRates:
    """429 to an address that asks too often, before anything is looked up for it; to a form once it is read (``too_often``),
    or what was typed into it would be lost."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(FREE):
            request = Request(scope)
            try:
                self._rates.take(address_of(request))
            except TooMany as error:
                if request.method != "POST":
                    await mishap(request, error)(scope, receive, send)
                    return
                request.state.too_often = error
        await self._app(scope, receive, send)


def too_often(request: Request) -> TooMany | None:
    """What is to be answered to this form, where its address has asked too often."""
    found: TooMany | None = getattr(request.state, "too_often", None)
    return found
