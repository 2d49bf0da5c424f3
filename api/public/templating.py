"""The templates for everybody: small pages without scripts, whole on a phone with a slow line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from api import assets
from api.public.visit import PublicVisit
from api.rendering import templates

STATIC: Final = Path(__file__).resolve().parent / "static"


@cache
def environment(locale: str) -> Environment:
    made = templates("api.public", locale)
    made.globals["asset"] = lambda name: assets.address(name, STATIC)
    return made


def page(visit: PublicVisit, template: str, status: int = 200, **what: Any) -> Response:
    return HTMLResponse(environment(visit.language).get_template(template).render(visit=visit, **what), status)
