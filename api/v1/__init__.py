"""Version 1 of the JSON API. Other programs rely on each path, field and status: extend it, do not break it."""

from __future__ import annotations

from fastapi import APIRouter

from api.v1 import (
    about,
    cases,
    clocks,
    clues,
    forms,
    intakes,
    lists,
    notices,
    pairs,
    pfif,
    photos,
    reports,
    rights,
    safeguards,
    stations,
    timelines,
)
from api.v1.problems import EVERYWHERE

router = APIRouter(responses=EVERYWHERE, generate_unique_id_function=lambda route: route.name)
PARTS = (
    cases,
    safeguards,
    timelines,
    forms,
    intakes,
    photos,
    clues,
    pairs,
    clocks,
    stations,
    notices,
    reports,
    lists,
    pfif,
    rights,
    about,
)
for part in PARTS:
    router.include_router(part.router)
router.include_router(clocks.feed)

__all__ = ["router"]
