"""The words of the pages about reports of families and sightings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.public.words import DECLINED, LABELS


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "ReportState": {
        "sent": _("Waiting for an answer"),
        "accepted": _("Accepted, with a case"),
        "declined": _("Not accepted"),
        "withdrawn": _("Withdrawn by the family"),
    },
    "Declined": {
        "too_little": _("Not enough to begin with"),
        "not_for_us": _("Another authority has to act"),
        "talk_first": _("We want to talk with the family first"),
    },
    "declined_told": DECLINED,
    "SightingState": {"new": _("New"), "read": _("Read"), "noted": _("Written down as a clue")},
    "reported": {
        **LABELS,
        "names": _("Names"),
        "age": _("Age"),
        "birth_date": _("Date of birth"),
        "height": _("Height in cm"),
        "looks": _("Appearance"),
        "marks": _("Special marks"),
        "languages": _("Languages"),
        "accent": _("Accent or dialect"),
        "seen_at": _("Last seen on"),
        "seen_place": _("Last seen at"),
        "circumstances": _("Circumstances"),
        "clothing": _("Clothing"),
        "earlier": _("An earlier number"),
        "relatives": _("Relatives"),
    },
}
SENTENCES: Final = (
    _("This report was sent to another station."),
    _("Somebody has answered this report already."),
    _("Somebody else has gone on with this report since you opened it; look at it again."),
    _("Somebody else has gone on with this sighting since you opened it; look at it again."),
    _("This was written down as a clue already."),
    _("The family has not agreed that the face is searched."),
    _("The family has withdrawn its consent."),
)
