"""One request to a page: who is there, which language they read, and the form they sent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.deps import FormTokensDep, ServicesDep
from api.forms import Fields, parsed
from api.language import chosen
from api.security import FORM_FIELD, LOGIN_COOKIE, SESSION_COOKIE
from tracing.access import Permission, allows
from tracing.domain import Actor
from tracing.errors import NotSignedIn

MOST_PHOTOS: Final = 8
MOST_FIELDS: Final = 120
BY_ITSELF: Final = "X-By-Itself"
"""In the requests of a page that looks by itself how far something is."""
_OWN_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Visit:
    """``cookie`` ties this browser's forms to it: the session's, or before sign-in the login page's own."""

    request: Request
    language: str
    cookie: str
    signed_in: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Who is signed in; ``NotSignedIn`` where nobody is."""
        if self.signed_in is None:
            raise NotSignedIn("You are not signed in, or your session has ended. Please sign in.")
        return self.signed_in

    def may(self, permission: str) -> bool:
        """Whether pages show this person what the permission allows; the use cases ask again."""
        return self.signed_in is not None and allows(self.signed_in, Permission(permission))

    @property
    def has_neighbours(self) -> bool:
        """Whether stations are set up, so that there is somebody to ask."""
        return self.may(Permission.ASK_STATIONS) and bool(self.request.app.state.services.stations.all(self.actor))

    @property
    def escalated(self) -> int:
        """How many clocks were passed on to this person and wait for them to take note."""
        return int(self.request.app.state.services.escalations.count(self.actor))

    @property
    def path(self) -> str:
        """Path and query of this page, for a link that leads back to it; a form's page where this is a form's answer."""
        url = self.request.url
        return own_path(f"{url.path}?{url.query}" if url.query else url.path) if self.request.method == "GET" else "/"


def own_path(path: str) -> str:
    """The path if it leads to a page of this site, else the dashboard: a link must not send people elsewhere."""
    return path if _OWN_PATH.fullmatch(path) else "/"


def visitor(request: Request, services: ServicesDep) -> Visit:
    """Somebody who need not be signed in."""
    language = chosen(request, services.settings.locale)
    token = request.cookies.get(SESSION_COOKIE, "")
    try:
        actor = services.accounts.by_session(token, used=BY_ITSELF not in request.headers)
        request.state.actor = actor  # for the row of the audit that tells who looked
        return Visit(request, language, token, actor)
    except NotSignedIn:
        return Visit(request, language, request.cookies.get(LOGIN_COOKIE, ""))


def staff(found: Annotated[Visit, Depends(visitor)]) -> Visit:
    """Somebody who is signed in; ``NotSignedIn`` otherwise, which the pages answer with the login."""
    _ = found.actor
    return found


class Posted(Fields):
    """The fields of a form that was shown by this site to this browser."""

    def pairs(self) -> list[tuple[str, str]]:
        """Every text field, in order."""
        return [(name, value) for name, value in self._form.multi_items() if isinstance(value, str)]

    def several(self, name: str) -> list[str]:
        """Every text of a field that may come several times, such as boxes to tick."""
        return [value.strip() for value in self._form.getlist(name) if isinstance(value, str)]

    def files(self, name: str) -> list[UploadFile]:
        """The files that were chosen; browsers send one empty file where there is none."""
        found = [value for value in self._form.getlist(name) if isinstance(value, UploadFile)]
        return [file for file in found if file.filename or file.size]


async def _posted(visit: Visit, tokens: FormTokensDep) -> AsyncIterator[Posted]:
    form = await parsed(visit.request, max_files=2 * MOST_PHOTOS, max_fields=MOST_FIELDS)
    try:
        posted = Posted(form)
        tokens.check(visit.request, visit.cookie, posted.text(FORM_FIELD))
        yield posted
    finally:
        await form.close()


async def visitor_posted(visit: Annotated[Visit, Depends(visitor)], tokens: FormTokensDep) -> AsyncIterator[Posted]:
    async for posted in _posted(visit, tokens):
        yield posted


async def staff_posted(visit: Annotated[Visit, Depends(staff)], tokens: FormTokensDep) -> AsyncIterator[Posted]:
    async for posted in _posted(visit, tokens):
        yield posted


Visitor = Annotated[Visit, Depends(visitor)]
Staff = Annotated[Visit, Depends(staff)]
VisitorForm = Annotated[Posted, Depends(visitor_posted)]
StaffForm = Annotated[Posted, Depends(staff_posted)]
