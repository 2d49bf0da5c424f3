"""What routes ask for: the services, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.analysis import Analyses
from api.notices.pictures import NoticePictures
from api.pictures import Pictures
from api.rates import Rates
from api.security import FormTokens
from tracing.bootstrap import Services
from tracing.domain import Actor
from tracing.errors import NotSignedIn

bearer = HTTPBearer(auto_error=False, description="An API key, made by `tracing users add NAME --role ROLE --api-key`.")


def services(request: Request) -> Services:
    """The services of this process."""
    found: Services = request.app.state.services
    return found


def analyses(request: Request) -> Analyses:
    found: Analyses = request.app.state.analyses
    return found


def pictures(request: Request) -> Pictures:
    found: Pictures = request.app.state.pictures
    return found


def notice_pictures(request: Request) -> NoticePictures:
    found: NoticePictures = request.app.state.notice_pictures
    return found


def form_tokens(request: Request) -> FormTokens:
    found: FormTokens = request.app.state.form_tokens
    return found


ServicesDep = Annotated[Services, Depends(services)]
AnalysesDep = Annotated[Analyses, Depends(analyses)]
PicturesDep = Annotated[Pictures, Depends(pictures)]
NoticePicturesDep = Annotated[NoticePictures, Depends(notice_pictures)]
FormTokensDep = Annotated[FormTokens, Depends(form_tokens)]


def api_actor(
    request: Request, found: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Actor:
    """The program behind the API key; ``NotSignedIn`` without one. A ``KeyFirst`` route has asked already."""
    known: Actor | None = getattr(request.state, "actor", None)
    return known if known is not None else actor_of(found, rates(request), credentials)


def rates(request: Request) -> Rates:
    found: Rates = request.app.state.rates
    return found


def actor_of(found: Services, rates: Rates, credentials: HTTPAuthorizationCredentials | None) -> Actor:
    if credentials is None:
        raise NotSignedIn("Send an API key: Authorization: Bearer <key>.")
    actor = found.accounts.by_api_key(credentials.credentials)
    rates.take(actor.account_id)
    return actor


ApiActor = Annotated[Actor, Depends(api_actor)]


class KeyFirst(APIRoute):
    """A route that asks for the key before it reads the body: a stranger cannot make us take in and parse photos."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def ask_first(request: Request) -> Response:
            credentials = await bearer(request)
            request.state.actor = await run_in_threadpool(actor_of, services(request), rates(request), credentials)
            return await handle(request)

        return ask_first
