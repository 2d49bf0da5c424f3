"""Everything the service may refuse, as one tree.

    TracingError
    +-- Refused                   the request cannot be carried out as it stands
    |   +-- NotFound              no such case, photo, pair ...
    |   +-- Invalid               a value makes no sense; ``field`` names it
    |   |   +-- Incomplete        several values are missing or wrong; ``mistakes`` names each
    |   +-- NotAllowed            this person may not do this
    |   |   +-- OtherStation      the case is another station's, which has not let this one see it
    |   +-- NotSignedIn           nobody is signed in, or with the wrong secret
    |   |   +-- SignOnFailed      the provider of sign-ins said no, or what it said does not hold
    |   +-- Conflict              somebody else was faster, or the state forbids it
    |   |   +-- WrongState        the state of the case or pair has no such step
    |   |   +-- Claimed           another reviewer is at work on the pair
    |   |   +-- Stale             the version that was read is no longer the current one
    |   |   +-- Safeguarded       relatives may be the danger, and no check has cleared it yet
    |   +-- Suppressed            the person asked not to be kept here again
    |   +-- UnreadablePhoto       not a photo that can be read; ``problem`` says why
    |       +-- PhotoTooLarge     more bytes or pixels than a phone makes
    +-- Unavailable               not now: the same request may succeed later
    |   +-- Busy                  more photos, or people at the door, are waiting than the machine can take
    |   +-- TooMany               so many requests, searches or wrong passwords that one has to wait; ``seconds`` says how long
    |   +-- AuditUnavailable      the audit can be neither read nor written, and this may not be done without it
    |   +-- EncoderUnavailable    the model cannot be loaded, or its process died
    |   +-- ProviderUnavailable   the provider of sign-ins does not answer
    |   +-- Stopping              the service is being stopped; another process, or the next start, goes on
    |   +-- DiskFull              there is no room left on the disk; nothing was saved
    |   +-- NotWritable           the disk, or the database, may only be read; nothing was saved
    +-- Misconfigured             the operator has to change a setting
    +-- Damaged                   stored bytes do not verify: wrong key, or altered

"No face found" is a result, not an error. Messages are written for the person who will read them.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Final

MOST_CAUSES: Final = 5


class TracingError(Exception):
    """The root of the tree; ``str()`` of it may be shown to a person."""


class Refused(TracingError):
    pass


class NotFound(Refused):
    """There is no such thing, or not for this person: the two are not told apart."""


class Invalid(Refused):
    """``field`` is the name of the value that has to be changed, empty where there is not one alone."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Incomplete(Invalid):
    """``mistakes``: field -> what is wrong with it, of all fields at once, so that a form is sent back one time only."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__("Something is missing or makes no sense yet; each field says what.", next(iter(mistakes), ""))
        self.mistakes = dict(mistakes)

    def __reduce__(self) -> tuple[type[Incomplete], tuple[dict[str, str]]]:
        return type(self), (self.mistakes,)


class NotAllowed(Refused):
    pass


class OtherStation(NotAllowed):
    pass


class NotSignedIn(Refused):
    pass


class SignOnFailed(NotSignedIn):
    pass


class Conflict(Refused):
    pass


class WrongState(Conflict):
    pass


class Claimed(Conflict):
    pass


class Stale(Conflict):
    pass


class Safeguarded(Conflict):
    pass


class Suppressed(Refused):
    pass


class UnreadablePhoto(Refused):
    """``problem`` is a stable word (``truncated``, ``not_an_image`` ...), the message says what to do."""

    def __init__(self, message: str, problem: str) -> None:
        super().__init__(message, problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.args[0])


class PhotoTooLarge(UnreadablePhoto):
    pass


class Unavailable(TracingError):
    pass


class Busy(Unavailable):
    pass


class TooMany(Unavailable):
    """``seconds`` until the same request may succeed."""

    def __init__(self, message: str, seconds: int = 60) -> None:
        super().__init__(message)
        self.seconds = seconds

    def __reduce__(self) -> tuple[type[TooMany], tuple[str, int]]:
        return type(self), (str(self), self.seconds)


class AuditUnavailable(Unavailable):
    pass


class EncoderUnavailable(Unavailable):
    pass


class ProviderUnavailable(Unavailable):
    pass


class Stopping(Unavailable):
    pass


class DiskFull(Unavailable):
    pass


class NotWritable(Unavailable):
    pass


class Misconfigured(TracingError):
    pass


class Damaged(TracingError):
    pass


def where(error: BaseException | None) -> str:
    """The classes and places of a foreign error and of those that led to it, without their words: these may hold a name."""
    told: list[str] = []
    while error is not None and len(told) < MOST_CAUSES:
        told.append(type(error).__name__ + "\n" + "".join(traceback.format_tb(error.__traceback__)))
        error = error.__cause__ or error.__context__
    return "caused by ".join(told)
