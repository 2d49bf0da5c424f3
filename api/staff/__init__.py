"""Pages for staff: server-rendered, in Chinese and English, whole without JavaScript."""

from fastapi import APIRouter, FastAPI

from api import assets, language
from api.staff import (
    account,
    acting,
    amending,
    approvals,
    casefile,
    cases,
    dashboard,
    enquiries,
    family_reports,
    figures,
    filling,
    handovers,
    helping,
    interview,
    leads,
    list_hits,
    lists,
    mishaps,
    newcase,
    notice_forms,
    notices,
    pairs,
    photos,
    queue,
    reports,
    results,
    rights,
    safeguards,
    sightings,
    signin,
    signon,
    signon_links,
    stations,
    tasks,
    timelines,
)
from api.staff.templating import environment

router = APIRouter(include_in_schema=False)
_PARTS = (
    signin,
    signon,
    signon_links,
    account,
    dashboard,
    newcase,
    cases,
    amending,
    filling,
    photos,
    approvals,
    acting,
    interview,
    enquiries,
    helping,
    stations,
    timelines,
    rights,
    notice_forms,
    notices,
    family_reports,
    sightings,
    safeguards,
    casefile,
    tasks,
    queue,
    leads,
    list_hits,
    lists,
    handovers,
    pairs,
    results,
    figures,
    reports,
)
for _part in _PARTS:
    router.include_router(_part.router)


def install(app: FastAPI) -> None:
    """Mount the assets, answer the errors of pages with pages, and read every catalogue now rather than at night."""
    app.mount(assets.PATH, assets.Assets(), name="static")
    mishaps.install(app)
    for locale in language.LANGUAGES:
        environment(locale, app.state.services.settings.zone)


__all__ = ["install", "router"]
