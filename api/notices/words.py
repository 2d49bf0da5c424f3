"""The words that everybody reads in a notice, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.domain import CaseKind


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


def ngettext(one: str, many: str) -> tuple[str, str]:
    """Marks a text that is another one for one."""
    return one, many


TITLES: Final[Mapping[CaseKind, str]] = {
    CaseKind.SHELTERED: _("Who knows this person?"),
    CaseKind.MISSING: _("Who has seen this person?"),
}
HEADS: Final[Mapping[CaseKind, str]] = {
    CaseKind.SHELTERED: _("Person found"),
    CaseKind.MISSING: _("Person missing"),
}
ABOUT: Final[Mapping[CaseKind, str]] = {
    CaseKind.SHELTERED: _("This person is in care. Nobody knows yet where they belong."),
    CaseKind.MISSING: _("This person's family is looking for them."),
}
NAMELESS: Final = _("Name not known")
LABELS: Final[Mapping[str, str]] = {
    "photo": _("Photo"),
    "name": _("Name"),
    "sex": _("Sex"),
    "age": _("Age"),
    "height": _("Height"),
    "build": _("Build and hair"),
    "marks": _("Marks"),
    "clothing": _("Clothing"),
    "health": _("Health"),
    "intellect": _("Intellect"),
    "mind": _("State of mind"),
    "station": _("Station"),
    "contact": _("Please call"),
    "until": _("Stands until"),
}
LABELS_OF_KIND: Final[Mapping[CaseKind, Mapping[str, str]]] = {
    CaseKind.SHELTERED: {"seen_at": _("Found on"), "seen_place": _("Found at")},
    CaseKind.MISSING: {"seen_at": _("Last seen on"), "seen_place": _("Last seen at")},
}
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "sex": {"female": _("Female"), "male": _("Male"), "other": _("Other")},
    "build": {"thin": _("Thin"), "average": _("Average"), "strong": _("Strong"), "heavy": _("Heavy")},
    "mark": {
        "scar": _("Scar"),
        "mole": _("Mole"),
        "birthmark": _("Birthmark"),
        "tattoo": _("Tattoo"),
        "missing_part": _("Missing part"),
        "other": _("Other"),
    },
    "side": {"left": _("Left"), "right": _("Right"), "both": _("Both sides"), "middle": _("Middle")},
}
"""As the forms of the cases call them."""
YEARS: Final = {
    "one": ngettext("%(num)s year", "%(num)s years"),
    "about": ngettext("about %(num)s year", "about %(num)s years"),
    "at_least": ngettext("%(num)s year or older", "%(num)s years or older"),
    "at_most": ngettext("at most %(num)s year", "at most %(num)s years"),
}
BETWEEN_YEARS: Final = _("%(least)s to %(most)s years")
ABOUT_BETWEEN_YEARS: Final = _("about %(least)s to %(most)s years")
HEIGHT: Final = _("about %(height)s cm")
WHERE_MARK: Final = _("%(where)s: %(mark)s")
NOTED: Final = _("%(mark)s (%(note)s)")
COLON: Final = _(": ")
"""Between what something is and what it says."""
NO_ADDRESS: Final = _("No QR code: the address of the public pages is not set.")
SCAN: Final = _("Scan to see whether this notice still holds, and to pass it on.")
HELP: Final = _("Call the station even if you are not sure. Do not approach or follow anybody.")
TRUST: Final = _("The station never asks for money for news of somebody.")
ALL_NOTICES: Final = _("Tracing notices")
A_STATION: Final = _("A rescue station")
NOT_PUBLISHED: Final = _("Not published")
