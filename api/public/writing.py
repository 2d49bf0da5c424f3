"""Forms that strangers send: read within limits, not from another site, and by one of two ways that cost something."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.forms import Fields, parsed
from api.public import words
from api.public.limits import too_often
from api.public.mishaps import hold
from api.public.visit import PublicVisit, public
from api.rates import Rates
from api.security import address_of, from_elsewhere
from tracing.errors import Conflict, Incomplete, Invalid, NotAllowed, PhotoTooLarge, TooMany, TracingError, UnreadablePhoto
from tracing.families.challenges import Challenge, Lane

STAY: Final = "stay"
MOST_FIELDS: Final = 40
MOST_FILES: Final = 2
_PHOTO_ERRORS: Final = (UnreadablePhoto,)


class Sent(Fields):
    """The fields of a form, and its photo where there is one."""

    def photo(self) -> bytes:
        """Empty where none was chosen."""
        value = self._form.get("photo")
        return value.file.read() if isinstance(value, UploadFile) else b""

    @property
    def stays(self) -> bool:
        """Whether it was sent for the sake of the other language alone: the same page comes back with what was typed."""
        return self.text("go") == STAY

    @property
    def has_photo(self) -> bool:
        value = self._form.get("photo")
        return isinstance(value, UploadFile) and bool(value.size)


async def sent(request: Request) -> AsyncIterator[Sent]:
    """There is no session to forge a form for; what another site makes browsers send is refused all the same.

    Whatever refuses the form later than here gives back what was typed (``mishaps``), also that its address asks too often.
    """
    if from_elsewhere(request):
        raise NotAllowed("This form was sent from another site.")
    form = await parsed(request, max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=64 << 10)
    try:
        found = Sent(form)
        hold(request, found.texts(), found.has_photo)
        if (error := too_often(request)) is not None:
            raise error
        yield found
    finally:
        await form.close()


SentDep = Annotated[Sent, Depends(sent)]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form was not taken: ``wrong`` by field, ``sentence`` about the whole, ``seconds`` that are still to wait."""

    wrong: Mapping[str, str]
    sentence: str = ""
    seconds: int = 0

    @classmethod
    def of(cls, error: TracingError) -> Trouble:
        """``error`` again where it is no trouble of whoever has sent the form."""
        if isinstance(error, Incomplete):
            return cls(error.mistakes)
        if isinstance(error, PhotoTooLarge):
            return cls({"photo": words.LARGE_PHOTO})
        if isinstance(error, _PHOTO_ERRORS):
            return cls({"photo": words.NO_PHOTO})
        if isinstance(error, Invalid) and error.field:
            return cls({error.field: str(error)})
        if isinstance(error, Conflict):
            return cls({}, str(error))
        raise error

    def with_photo(self, form: Sent) -> Trouble:
        """The same, and that a photo has to be chosen once more: none comes back with the page."""
        if not form.has_photo or self.sentence:
            return self
        return replace(self, wrong={"photo": words.PHOTO_AGAIN, **self.wrong})


NONE: Final = Trouble({})


def unsent(form: Sent) -> Trouble:
    """Of a photo that was chosen nothing but its name has come: it has to be chosen once more."""
    return Trouble({"photo": words.PHOTO_AGAIN}) if form.text("photo") else NONE


def pass_in(request: Request, form: Sent, purpose: str) -> Trouble | None:
    """Let the form in by the way it has earned, and count it for its address; what is to be said where it has to wait."""
    services = public(request)
    try:
        lane = services.challenges.lane(form.text("challenge"), form.text("answer"), purpose)
    except TooMany as early:
        return Trouble({}, seconds=early.seconds)
    except Invalid:
        return Trouble({}, seconds=services.settings.public_wait_seconds)
    count(request, lane)
    return None


def count(request: Request, lane: Lane = Lane.PROVEN) -> None:
    """``TooMany`` where this address has written as often as it may."""
    writes: Mapping[Lane, Rates] = request.app.state.writes
    writes[lane].take(address_of(request))


def challenge_again(request: Request, form: Sent, purpose: str) -> Challenge:
    return public(request).challenges.again(form.text("challenge"), purpose)


def moved(visit: PublicVisit, path: str) -> PublicVisit:
    """The visit, whose links to another language lead to this page: the answer to a form cannot be asked for again."""
    return replace(visit, here=path)
