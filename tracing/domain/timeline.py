"""The timeline of a case: everything that happened to it, and what is ahead, as dated entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tracing.domain.cases import Case
from tracing.domain.clocks import ClockRule


class EntryKind(StrEnum):
    """What an entry is about; a timeline can be asked for one of them alone."""

    CASE = "case"
    PHOTO = "photo"
    CLUE = "clue"
    ACTION = "action"
    CLOCK = "clock"
    PAIR = "pair"
    """Pairs and what became of them, up to the reunion."""
    STATION = "station"
    """What stations asked of each other, where the case went, and emergencies."""
    SEARCH = "search"


class What(StrEnum):
    """What happened, or will."""

    OPENED = "opened"
    AMENDED = "amended"
    FORM_WRITTEN = "form_written"
    STATE_CHANGED = "state_changed"
    CLOSING_NOTED = "closing_noted"
    DEATH_SAID = "death_said"
    DEATH_TAKEN_BACK = "death_taken_back"
    OTHER = "other"
    """A step that has no word of its own yet; ``about`` holds the audit's."""
    EXPIRES = "expires"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_TAKEN_BACK = "erasure_taken_back"
    DATA_EXPORTED = "data_exported"
    SAFEGUARD_SET = "safeguard_set"
    SAFEGUARD_CLEARED = "safeguard_cleared"
    REPORT_ACCEPTED = "report_accepted"
    REPORT_PHOTO_ADDED = "report_photo_added"
    REPORT_WITHDRAWN = "report_withdrawn"
    WITHDRAWAL_HEEDED = "withdrawal_heeded"

    PHOTO_ADDED = "photo_added"
    PHOTO_ANALYSED = "photo_analysed"
    FACE_CHOSEN = "face_chosen"
    FACE_WITHDRAWN = "face_withdrawn"
    FACE_GIVEN_BACK = "face_given_back"
    PHOTO_HELD = "photo_held"
    PHOTO_LET_IN = "photo_let_in"

    CLUE_RECORDED = "clue_recorded"
    CLUE_REVISED = "clue_revised"
    CLUE_MARKED = "clue_marked"
    CLUE_WITHDRAWN = "clue_withdrawn"
    SIGHTING_CAME = "sighting_came"
    SIGHTING_READ = "sighting_read"
    SIGHTING_NOTED = "sighting_noted"

    ACTION_RECORDED = "action_recorded"
    NOTICE_DRAFTED = "notice_drafted"
    NOTICE_AMENDED = "notice_amended"
    NOTICE_APPROVED = "notice_approved"
    NOTICE_TAKEN_BACK = "notice_taken_back"
    NOTICE_PUBLISHED = "notice_published"
    NOTICE_WITHDRAWN = "notice_withdrawn"
    NOTICE_EXPIRED = "notice_expired"

    CLOCK_STARTED = "clock_started"
    CLOCK_PAUSED = "clock_paused"
    CLOCK_RESUMED = "clock_resumed"
    CLOCK_MET = "clock_met"
    CLOCK_ENDED = "clock_ended"
    CLOCK_OVERDUE = "clock_overdue"
    CLOCK_REACHED = "clock_reached"
    CLOCK_ESCALATED = "clock_escalated"
    ESCALATION_SEEN = "escalation_seen"
    CLOCK_MOVED = "clock_moved"
    CLOCK_DUE = "clock_due"
    THRESHOLD_AHEAD = "threshold_ahead"

    PAIR_PROPOSED = "pair_proposed"
    CLUE_HIT = "clue_hit"
    PAIR_JUDGED = "pair_judged"
    PAIR_VERIFIED = "pair_verified"
    PAIR_REUNITED = "pair_reunited"
    PAIR_REVOKED = "pair_revoked"
    PAIR_SET_ASIDE = "pair_set_aside"
    PAIR_BACK = "pair_back"
    LEAD_OPENED = "lead_opened"
    LEAD_CLOSED = "lead_closed"

    STATION_ASKED = "station_asked"
    STATION_ANSWERED = "station_answered"
    CASE_MOVED = "case_moved"
    EMERGENCY_OPENED = "emergency_opened"
    EMERGENCY_SEEN = "emergency_seen"
    ANSWER_DUE = "answer_due"
    GRANT_ENDS = "grant_ends"

    FACES_SEARCHED = "faces_searched"
    CLUES_SEARCHED = "clues_searched"
    LINED_UP = "lined_up"
    LIST_HIT = "list_hit"
    LIST_HIT_DECIDED = "list_hit_decided"


_BY_KIND: Mapping[EntryKind, str] = {
    EntryKind.PHOTO: "photo_added photo_analysed face_chosen face_withdrawn face_given_back photo_held photo_let_in",
    EntryKind.CLUE: "clue_recorded clue_revised clue_marked clue_withdrawn sighting_came sighting_read sighting_noted",
    EntryKind.ACTION: "action_recorded notice_drafted notice_amended notice_approved notice_taken_back notice_published "
    "notice_withdrawn notice_expired",
    EntryKind.CLOCK: "clock_started clock_paused clock_resumed clock_met clock_ended clock_overdue clock_reached "
    "clock_escalated escalation_seen clock_moved clock_due threshold_ahead",
    EntryKind.PAIR: "pair_proposed clue_hit pair_judged pair_verified pair_reunited pair_revoked pair_set_aside pair_back "
    "lead_opened lead_closed",
    EntryKind.STATION: "station_asked station_answered case_moved emergency_opened emergency_seen answer_due grant_ends",
    EntryKind.SEARCH: "faces_searched clues_searched lined_up list_hit list_hit_decided",
}
KIND_OF: Mapping[What, EntryKind] = {What(name): kind for kind, names in _BY_KIND.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Entry:
    """``by`` is an account, empty where nobody in particular did it; ``subject`` the photo, clue, clock, pair or request.

    ``words`` are a person's own: what was said, a reason, a note. ``about`` holds plain values that go with ``what``.
    ``other`` is the other case of a pair.
    """

    entry_id: str
    at: datetime
    what: What
    by: str = ""
    subject: str = ""
    words: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)
    rule: ClockRule | None = None
    other: Case | None = None

    @property
    def kind(self) -> EntryKind:
        return KIND_OF.get(self.what, EntryKind.CASE)

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands among others: of two of the same moment the one with the smaller id came first."""
        return self.at, self.entry_id
