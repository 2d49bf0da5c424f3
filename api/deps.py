"""What routes ask for: the services, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.analysis import Analyses
from api.security import FormTokens
from tracing.bootstrap import Services
from tracing.domain import Actor
from tracing.errors import NotSignedIn

_bearer = HTTPBearer(auto_error=False, description="An API key, made by `tracing users add NAME --role ROLE --api-key`.")


def services(request: Request) -> Services:
    """The services of this process."""
    found: Services = request.app.state.services
    return found


def analyses(request: Request) -> Analyses:
    found: Analyses = request.app.state.analyses
    return found


def form_tokens(request: Request) -> FormTokens:
    found: FormTokens = request.app.state.form_tokens
    return found


ServicesDep = Annotated[Services, Depends(services)]
AnalysesDep = Annotated[Analyses, Depends(analyses)]
FormTokensDep = Annotated[FormTokens, Depends(form_tokens)]


def api_actor(found: ServicesDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
    """The program behind the API key; ``NotSignedIn`` without one."""
    if credentials is None:
        raise NotSignedIn("Send an API key: Authorization: Bearer <key>.")
    return found.accounts.by_api_key(credentials.credentials)


ApiActor = Annotated[Actor, Depends(api_actor)]
