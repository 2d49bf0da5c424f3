"""Templates to pages: one environment per language, autoescaped, and a name that is not there is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from api import assets
from api.dates import last_day, moment, span
from api.language import translations
from api.rendering import templates
from api.security import FORM_FIELD, FormTokens
from api.staff import sentences, words
from api.staff.printed import Printed
from api.staff.visit import Visit
from api.writing import decimal, number, percent
from tracing.domain import id_numbers
from tracing.facts import age_then

CHOSEN: Final = {"judgement": "Judgement", "proof": "Proof", "outcome": "Outcome", "channel": "Channel"}
"""Fields whose value is one of our words."""


@cache
def environment(locale: str, zone: ZoneInfo | None) -> Environment:
    """The templates in one language, with times in one zone."""
    made = templates("api.staff", locale)
    catalogue = translations(locale)
    say = partial(words.say, catalogue.gettext)
    made.filters |= {
        "say": say,
        "moment": partial(moment, locale, zone),
        "moment_in": lambda at, other: moment(locale, other, at),
        "span": partial(span, locale),
        "number": partial(number, locale),
        "decimal": partial(decimal, locale),
        "percent": partial(percent, locale),
        "last_day": partial(last_day, locale, zone),
        "hour": lambda at: f"{at.astimezone(zone):%H:%M}",
        "parsed_moment": datetime.fromisoformat,
        "zone_name": lambda other: get_timezone_name(other, locale=locale),
        "age_then": age_then,
        "record": id_numbers.shown,
        "said_in": lambda value, field: say(value, CHOSEN.get(field, "")),
        "reason_of": partial(words.reason_of, catalogue.gettext),
        "mistake": partial(sentences.mistake, catalogue.gettext),
        "mistaken": sentences.mistaken,
        "told": partial(sentences.told, catalogue.gettext),
        "sentence": partial(sentences.sentence, catalogue.gettext),
    }
    made.globals |= {
        "asset": assets.address,
        "form_field": FORM_FIELD,
    }
    return made


def page(visit: Visit, template: str, status: int = 200, **what: Any) -> Response:
    """A page for this visitor."""
    return HTMLResponse(render(visit, template, **what), status)


def render(visit: Visit, template: str, **what: Any) -> str:
    tokens: FormTokens = visit.request.app.state.form_tokens
    token: Callable[[], str] = partial(tokens.issue, visit.cookie)
    zone = visit.request.app.state.services.settings.zone
    return environment(visit.language, zone).get_template(template).render(visit=visit, form_token=token, **what)


def printed(visit: Visit) -> Printed:
    """For a paper that this visitor prints now."""
    services = visit.request.app.state.services
    at = moment(visit.language, services.settings.zone, now := services.clock())
    foot = words.say(translations(visit.language).gettext, "foot", "paper")
    return Printed(now, foot % {"by": visit.actor.name, "at": at})


def see(path: str) -> Response:
    """After a form: go and look at this page, so that loading it again sends nothing twice."""
    return RedirectResponse(path, 303)
