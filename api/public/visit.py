"""One look at a page for everybody: the language, and links that keep it. Nothing is remembered of who looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Request

from api.language import LANGUAGES, wished_by
from api.notices.papers import NoticePapers
from api.notices.pictures import NoticePictures
from tracing.bootstrap import PublicServices

_OWN_PATH: Final = re.compile(r"/(?![/\\])[\w./-]*", re.ASCII)
FIRST: Final = "1"
SECOND: Final = "2"


@dataclass(frozen=True, slots=True)
class PublicVisit:
    """``chosen``: the language was chosen on a page, and links lead on in it."""

    language: str
    chosen: bool
    here: str
    """The path of this page."""
    base: str
    """The address of the whole, as the operator set it or else as it was asked for."""
    turn: str = FIRST

    def link(self, path: str, **query: object) -> str:
        """The address of a page of ours, in the language of this one."""
        wanted = {name: value for name, value in query.items() if value}
        if self.chosen:
            wanted.setdefault("language", self.language)
        return f"{path}?{urlencode(wanted)}" if wanted else path

    def form(self, path: str, language: str = "") -> str:
        """Where a form of this page leads, in another language where one is named: never to the address of the page itself.
        Where we cannot be reached a browser puts its own page in the place of one at the same address, and going back would
        lead past what was typed."""
        return self.link(path, turn=SECOND if self.turn == FIRST else FIRST, language=language)


def public(request: Request) -> PublicServices:
    found: PublicServices = request.app.state.public
    return found


def pictures(request: Request) -> NoticePictures:
    found: NoticePictures = request.app.state.notice_pictures
    return found


def papers(request: Request) -> NoticePapers:
    found: NoticePapers = request.app.state.notice_papers
    return found


def visit(request: Request) -> PublicVisit:
    settings = public(request).settings
    asked = request.query_params.get("language", "")
    language = asked if asked in LANGUAGES else wished_by(request, settings.locale)
    base = settings.families_url or f"{request.url.scheme}://{request.url.netloc}"
    turn = SECOND if request.query_params.get("turn") == SECOND else FIRST
    path = request.url.path
    here = path if _OWN_PATH.fullmatch(path) else "/"
    return PublicVisit(language, asked in LANGUAGES, here, base, turn)


PublicDep = Annotated[PublicServices, Depends(public)]
PapersDep = Annotated[NoticePapers, Depends(papers)]
PicturesDep = Annotated[NoticePictures, Depends(pictures)]
VisitDep = Annotated[PublicVisit, Depends(visit)]
