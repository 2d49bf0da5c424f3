"""The words of the forms for everybody, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


LABELS: Final[Mapping[str, str]] = {
    "names": _("What is the person called?"),
    "sex": _("Sex"),
    "age": _("How old is the person now?"),
    "birth_date": _("When was the person born?"),
    "height": _("How tall, in centimetres?"),
    "looks": _("What does the person look like?"),
    "marks": _("Marks by which you would know the person"),
    "languages": _("Languages and dialects"),
    "accent": _("Accent"),
    "seen_at": _("When was the person last seen?"),
    "seen_place": _("Where was that?"),
    "circumstances": _("What happened?"),
    "clothing": _("What did the person wear?"),
    "station": _("Which rescue station shall read this?"),
    "earlier": _("Did you get a number when you reported this before?"),
    "relation": _("What are you to the person?"),
    "name": _("Your name"),
    "phone": _("Your telephone number"),
    "place": _("Where do you live?"),
    "relatives": _("Who else belongs to the family?"),
    "said": _("What did you see?"),
    "seen_on": _("When was that?"),
    "contact": _("How can we reach you?"),
}
SENTENCES: Final = (
    _("This is needed."),
    _("Write a date as 2024, 2024-03 or 2024-03-15."),
    _("Write an age in years, such as 45."),
    _("Write a height in centimetres, such as 165."),
    _("Write a telephone number that we can call."),
    _("This is too long; write it shorter."),
    _("Choose one of the answers offered."),
    _("Without your agreement nothing can be kept."),
    _("That are as many photos as one report can have."),
    _("This number and this secret do not belong together."),
    _("This report is over; nothing can be added to it."),
    _("More was sent here than the station can take at the moment. Please call the station."),
    _("This form was sent already."),
)
"""What the use cases say to strangers."""
NO_PHOTO: Final = _("This file is no photo that can be read. Choose another one.")
LARGE_PHOTO: Final = _("This photo is too large. Choose a smaller one, or take a picture of it.")
CHOOSE_PHOTO: Final = _("Choose a photo first.")
PHOTO_AGAIN: Final = _("Choose your photo once more")
SURE: Final = _("Tick the box, so that nothing goes by mistake.")
WITHDRAWN_TWICE: Final = _(
    "This number and this secret do not belong together. If you have just withdrawn the report, it is erased."
)
"""Whatever was sent: of what is erased nobody knows any more that it was there."""
STEPS: Final[Mapping[str, str]] = {
    "who": _("Who is missing?"),
    "seen": _("When and where was the person last seen?"),
    "photos": _("Photos of the person"),
    "you": _("Who are you?"),
    "review": _("Is everything right?"),
}
STAGES: Final[Mapping[str, str]] = {
    "received": _("We have received your report. People of the station will read it."),
    "accepted": _("A station has accepted your report."),
    "searched": _("A station has accepted your report, and the person is being searched for."),
    "closed": _("The station has ended its work on your report."),
    "not_accepted": _("The station could not accept your report."),
    "withdrawn": _("You have withdrawn your report."),
}
NEXT: Final[Mapping[str, str]] = {
    "received": _("If it is urgent, call the police (110) now. If you remember something else, call the station."),
    "accepted": _("The station calls you when there is something to say or to ask. Keep your telephone switched on."),
    "searched": _("The station calls you when there is something to say or to ask. Keep your telephone switched on."),
    "closed": _("Call the station if you want to know more, or if something has changed."),
    "not_accepted": _("You can send a new report, or call the station."),
    "withdrawn": _(
        "The face is not searched any more, and the station closes the case. Call the station if this was a mistake."
    ),
}
DECLINED: Final[Mapping[str, str]] = {
    "too_little": _("There is not enough in it to begin a search. Please send a new one with more in it, or call the station."),
    "not_for_us": _("Another authority has to act here. Please go to the police (110) with it."),
    "talk_first": _("We would like to talk with you first. Please call the station."),
}
