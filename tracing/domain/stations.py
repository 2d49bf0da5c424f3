"""Stations, what they ask of each other about a case, and access in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Station:
    """A shelter or an authority. People of a ``central`` one work for all stations: the pool of reviewers, the supervision."""

    station_id: str
    name: str
    opened_at: datetime
    central: bool = False
    closed_at: datetime | None = None


class Part(StrEnum):
    """What of a case another station can be shown, each by itself."""

    DESCRIPTION = "description"
    PHOTOS = "photos"
    CLUES = "clues"
    CONTACTS = "contacts"
    """Never unless it was asked for by name, and granted."""


class RequestKind(StrEnum):
    TRANSFER = "transfer"
    """The case, and with it the care for the person, goes over to the other station."""
    ASSISTANCE = "assistance"
    """The other station may read named parts of the case, until a day."""


class RequestState(StrEnum):
    IN_PROGRESS = "in_progress"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REVOKED = "revoked"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StationRequest:
    """One station asks another about a case that one of the two has.

    ``guest`` is the one that has it not: it gets the case by a transfer, and the ``parts`` by assistance. After ``deadline``
    nobody can accept it any more, and what assistance had granted has ended, whatever ``state`` says.
    """

    request_id: str
    case_id: str
    kind: RequestKind
    asking: str
    asked: str
    guest: str
    parts: tuple[Part, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    deadline: datetime
    state: RequestState = RequestState.IN_PROGRESS
    answer: str = ""
    """Why the last step was taken, in that person's words."""
    answered_by: str = ""
    answered_at: datetime | None = None
    version: int = 1

    @property
    def host(self) -> str:
        """The station that had the case when it was asked."""
        return self.asking if self.guest == self.asked else self.asked

    def expired(self, now: datetime) -> bool:
        """Whether its time ran out before anybody ended it; a case that has gone over stays where it is."""
        waiting = self.state is RequestState.IN_PROGRESS
        granting = self.state is RequestState.ACCEPTED and self.kind is RequestKind.ASSISTANCE
        return (waiting or granting) and self.deadline <= now


@dataclass(frozen=True, slots=True)
class Emergency:
    """Somebody broke the glass: opened another station's case without asking, for a short time and for a reason.

    It stays an alert until a manager, who is somebody else, has looked at it and written down what they found.
    """

    emergency_id: str
    case_id: str
    account_id: str
    station_id: str
    opened_at: datetime
    ends_at: datetime
    reason: str
    seen_by: str = ""
    seen_at: datetime | None = None
    finding: str = ""
