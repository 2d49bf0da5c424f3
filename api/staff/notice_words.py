"""The words of the pages about notices: what became of them, and what is chosen in their form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.notices.words import LABELS


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "NoticeState": {
        "draft": _("Draft"),
        "approved": _("Approved"),
        "published": _("Published"),
        "withdrawn": _("Taken down"),
        "expired": _("Run out"),
    },
    "NoticeEnd": {
        "by_hand": _("Somebody took it down."),
        "expired": _("Its last day is over."),
        "replaced": _("Another notice of the same case was published."),
        "reunited": _("The person is back with their family."),
        "case_closed": _("The case is closed."),
        "case_suspended": _("The case is suspended."),
        "no_basis": _("The case has no legal basis any more."),
        "no_consent": _("The family does not agree to it."),
        "minor": _("The person may be under 14, and no guardian has agreed."),
        "face_withdrawn": _("The face is withdrawn, or the photo is held back."),
    },
    "PhotoCut": {"face": _("Head and shoulders"), "whole": _("The whole photo")},
    "NoticeField": {**LABELS, "seen_at": _("Day"), "seen_place": _("Where")},
    "notice_step": {
        "approved": _("Approve"),
        "draft": _("Take the approval back"),
        "published": _("Publish"),
        "withdrawn": _("Take down"),
    },
}
FIELDS: Final[Mapping[str, str]] = {
    "station": LABELS["station"],
    "contact": LABELS["contact"],
    "photo": LABELS["photo"],
    "name": LABELS["name"],
    "health": LABELS["health"],
    "intellect": LABELS["intellect"],
    "mind": LABELS["mind"],
    "hair": LABELS["build"],
    "health_reason": _("Why the health is told"),
    "intellect_reason": _("Why the intellect is told"),
    "mind_reason": _("Why the state of mind is told"),
    "until": _("Last day"),
}
"""Of the form of a notice, as a mistake names them."""
