"""Photos of a form on their way into a case: each kept by itself, so that a bad one does not cost the others."""

from __future__ import annotations

from urllib.parse import urlencode

from api.analysis import Analyses, Waiting
from api.staff.reading import number, partial
from api.staff.visit import MOST_PHOTOS, Posted
from tracing.bootstrap import Services
from tracing.domain import Actor
from tracing.errors import Invalid, UnreadablePhoto

REFUSED = "refused"
"""The parameter that tells the next page what became of photos which were not kept, such as ``2.truncated``."""


def keep_photos(actor: Actor, services: Services, analyses: Analyses, case_id: str, form: Posted) -> str:
    """Keep the photos of the form, look for faces while the sender waits, and say in a query string what was not kept."""
    waiting, files = Waiting(), form.files("photos")
    if not files:
        raise Invalid("Choose at least one photo.", "photos")
    if len(files) > MOST_PHOTOS:
        raise Invalid(f"At most {MOST_PHOTOS} photos fit here; add the others on the case's page.", "photos")
    taken_on, age = partial(form, "taken_on"), number(form, "age_in_photo")
    kept: list[str] = []
    refused: list[tuple[str, str]] = []
    for place, file in enumerate(files, start=1):
        try:
            kept.append(services.intake.add_photo(actor, case_id, file.file.read(), taken_on, age, waiting.to_verify).photo_id)
        except UnreadablePhoto as error:
            refused.append((REFUSED, f"{place}.{error.problem}"))
    analyses.reports(kept, waiting.seconds)
    return urlencode([("sent", str(len(kept))), *refused])


def refused_photos(values: list[str]) -> list[tuple[int, str]]:
    """(place in the form, problem) of each photo that was not kept; what is no such note is left out."""
    found = (value.partition(".") for value in values[: 2 * MOST_PHOTOS])
    return [(int(place), problem) for place, _, problem in found if place.isascii() and place.isdigit() and len(place) < 3]
