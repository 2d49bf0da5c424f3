"""The templates for everybody: small pages that need no script, whole on a phone with a slow line."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from api import assets
from api.dates import span
from api.language import translations
from api.public import words
from api.public.visit import PublicVisit
from api.rendering import templates

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
STATIC: Final = Path(__file__).resolve().parent / "static"


@cache
def environment(locale: str) -> Environment:
    made = templates("api.public", locale)
    catalogue = translations(locale).gettext
    made.globals["asset"] = lambda name: assets.address(name, STATIC)
    made.globals["label"] = lambda name: catalogue(words.LABELS[name])
    made.filters |= {"said": catalogue, "span": partial(span, locale)}
    return made


def page(visit: PublicVisit, template: str, status: int = 200, **what: Any) -> Response:
    return HTMLResponse(environment(visit.language).get_template(template).render(visit=visit, **what), status)


def working_page(visit: PublicVisit, template: str, status: int = 200, **what: Any) -> Response:
    """A page whose form asks work of the browser: the one script there is may run on it, and on no other."""
    response = page(visit, template, status, **what)
    response.headers["Content-Security-Policy"] = f"{POLICY}; script-src 'self'"
    return response


def see(path: str) -> Response:
    """After a form: go and look at this page, so that loading it again sends nothing twice."""
    return RedirectResponse(path, 303)
