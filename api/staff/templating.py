"""Templates to pages: one environment per language, autoescaped, and a name that is not there is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta, get_timezone_name
from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.security import FORM_FIELD, FormTokens
from api.staff import assets, sentences, words
from api.staff.language import LANGUAGES, translations
from api.staff.printed import Printed
from api.staff.visit import Visit
from tracing.domain import PartialDate
from tracing.facts import age_then

CHOSEN: Final = {"judgement": "Judgement", "proof": "Proof", "outcome": "Outcome", "channel": "Channel"}
"""Fields whose value is one of our words."""


@cache
def environment(locale: str, zone: ZoneInfo | None) -> Environment:
    """The templates in one language, with times in one zone."""
    made = Environment(
        loader=PackageLoader("api.staff"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = translations(locale)
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # comes with the extension
    say = partial(words.say, catalogue.gettext)
    made.filters |= {
        "say": say,
        "day": partial(partial_date, locale),
        "moment": partial(moment, locale, zone),
        "moment_in": lambda at, other: moment(locale, other, at),
        "span": partial(span, locale),
        "hour": lambda at: f"{at.astimezone(zone):%H:%M}",
        "parsed_moment": datetime.fromisoformat,
        "zone_name": lambda other: get_timezone_name(other, locale=locale),
        "age_then": age_then,
        "said_in": lambda value, field: say(value, CHOSEN.get(field, "")),
        "reason_of": partial(words.reason_of, catalogue.gettext),
        "mistake": partial(sentences.mistake, catalogue.gettext),
        "mistaken": sentences.mistaken,
        "sentence": partial(sentences.sentence, catalogue.gettext),
    }
    made.globals |= {
        "asset": assets.address,
        "languages": LANGUAGES,
        "locale": locale,
        "html_language": locale.replace("_", "-"),
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


def moment(locale: str, zone: ZoneInfo | None, at: datetime) -> str:
    """A moment in the station's time zone."""
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm" if locale == "en" else "yyyy-MM-dd HH:mm", locale=locale)


def span(locale: str, length: timedelta) -> str:
    """About how long, in words."""
    return format_timedelta(length, threshold=1.5, locale=locale)


def partial_date(locale: str, when: PartialDate | date | None) -> str:
    """A date as far as it is known, in words."""
    if when is None:
        return ""
    if isinstance(when, date):
        return format_date(when, "long", locale=locale)
    if when.day is not None:
        return format_date(when.earliest, "long", locale=locale)
    return format_skeleton("yMMMM" if when.month is not None else "y", when.earliest, locale=locale)
