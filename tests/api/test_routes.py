"""Who may call which route: nothing answers a stranger but sign-in and health, and every role gets exactly its own routes.

Each row is asked by every role: as long as no station is set up, at the station of the cases, and at another one without
anything, with a grant, after the grant, and in an emergency. A route without a row fails the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import StrEnum
from itertools import product
from typing import Any, Final, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from tests.api.conftest import add_photo, open_case
from tests.api.staff.conftest import PASSWORD, Browser
from tests.factories import a_hit, a_request, an_emergency, an_id
from tests.fakes import painted_photo
from tests.families.sent import a_report, a_sighting, photo_of
from tests.house import House
from tests.importing.handed import LIST, brought, hand_in, put
from tracing.access import SYSTEM
from tracing.domain import (
    Case,
    EscalatedClock,
    Judgement,
    Keepout,
    KeepoutPurpose,
    LegalBasis,
    Notice,
    NoticeField,
    RequestState,
    Role,
    Told,
)
from tracing.notices.drafting import NoticeDraft

ACCOUNTS: Final = {
    Role.INTAKE: "lin",
    Role.REVIEWER: "chen",
    Role.MANAGER: "sun",
    Role.AUDITOR: "qian",
    Role.SERVICE: "partner",
    Role.PARTNER: "repository",
}
MAIN, NORTH = "main", "north"
FOR_STRANGERS: Final = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/login"),
    ("POST", "/login"),  # refuses without the form's token, which is not a matter of credentials
    ("GET", "/sign-on"),  # to the provider of sign-ins, and back
    ("GET", "/sign-on/back"),
    ("POST", "/sign-on/link"),  # both refuse without the login page's token, as the login does
    ("POST", "/sign-on/resume"),
    ("GET", "/signed-out"),
    ("GET", "/language/{locale}"),  # the login page in another language
}
FILES_FOR_STRANGERS: Final = "/static"  # style and pictures of the login page

_EVERYBODY: Final = frozenset(Role)
_ALL: Final = _EVERYBODY - {Role.PARTNER}
"""Whoever works here, or hands in cases. A partner's program has no password, so that no page is asked by it."""
_HANDS: Final = frozenset({Role.INTAKE, Role.MANAGER, Role.SERVICE})
_DESK: Final = frozenset({Role.INTAKE, Role.MANAGER})
_EYES: Final = frozenset({Role.REVIEWER, Role.MANAGER})
_WATCH: Final = frozenset({Role.MANAGER, Role.AUDITOR})
_NOTICES: Final = frozenset({Role.INTAKE, Role.MANAGER, Role.AUDITOR})
_FOLLOW: Final = frozenset({Role.INTAKE, Role.REVIEWER, Role.MANAGER})
_INTAKE: Final = frozenset({Role.INTAKE})
_LEAD: Final = frozenset({Role.MANAGER})
_TOLD: Final = frozenset({Role.MANAGER, Role.PARTNER})

Request = dict[str, Any]


class Where(StrEnum):
    """Where somebody stands towards the case that a route is about."""

    OWN = "own station"
    OTHER = "other station"
    GRANTED = "other station with a grant"
    EXPIRED = "other station after the grant"
    EMERGENCY = "other station in an emergency"


ANYWHERE: Final = frozenset(Where)
"""About no case in particular, or about what is asked between stations."""
OWNS: Final = frozenset({Where.OWN})
COMPARES: Final = OWNS | {Where.GRANTED}
READS: Final = COMPARES | {Where.EMERGENCY}
KNOWS: Final = OWNS | {Where.EMERGENCY}
"""Whom to call, and what was said word for word: neither is part of the grant of the tests."""
ASKED_BY: Final = ANYWHERE - OWNS
"""The request of the tests is the other station's."""


class Row(NamedTuple):
    """One route: who may call it from where, and a request that makes sense. Names in braces stand for what is there."""

    method: str
    path: str
    roles: frozenset[Role]
    request: Request | None = None
    where: frozenset[Where] = ANYWHERE


REASON: Final = {"json": {"reason": "because"}}
PHOTO: Final = ("photo.png", painted_photo(9), "image/png")
ASKING: Final = {"json": {"case_id": "{case_id}", "kind": "transfer", "station_id": "north", "reason": "because"}}
PFIF: Final[Request] = {
    "content": b'<pfif xmlns="http://zesty.ca/pfif/1.4"/>',
    "headers": {"Content-Type": "application/xml"},
}
NONE_OF_THESE: Final = {"kind": "place", "shown": ["place:340000", "place:410000"], "reply": "no"}
NOTICE: Final = {"station": "the station", "contact": "0551-6299 8000", "shown": ["age", "photo"], "photo_id": "{photo_id}"}
STEP: Final = {"json": {"version": 1, "reason": "because"}}
LIST_SENT: Final = {
    "data": {"purpose": "import", "source": "Police", "kind": "missing", "legal_basis": "statutory_duty"},
    "files": {"file": ("list.csv", LIST.encode(), "text/csv")},
}
LOOKED_AT: Final = {"state": "looked_at", "reason": "because", "version": 1}
VERDICT: Final = {"json": {"judgement": "unlikely", "reason": "another nose"}}

TABLE: Final = [
    Row("GET", "/metrics", _ALL),
    # Whoever acts for a person opens and changes their case; a program of a partner does not close it.
    Row("POST", "/api/v1/cases", _HANDS, {"json": {"kind": "missing"}}),
    Row("POST", "/api/v1/intakes", _HANDS, {"files": {"case": ("case.json", '{"kind": "missing"}')}}),
    Row("PATCH", "/api/v1/cases/{case_id}", _HANDS, {"json": {"accent": "Wu"}}, where=OWNS),
    Row("PATCH", "/api/v1/cases/{case_id}/form", _HANDS, {"json": {"answers": {"build": "thin"}}}, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/photos", _HANDS, {"files": {"photo": PHOTO}}, where=OWNS),
    Row("PATCH", "/api/v1/faces/{face_id}", _HANDS, {"json": {"of_interest": True}}, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/close", _DESK, {"json": {"reason": "because", "outcome": "withdrawn"}}, where=OWNS),
    Row("GET", "/api/v1/approvals", _DESK),
    Row("POST", "/api/v1/cases/{case_id}/approval/withdraw", _DESK, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/reopen", _DESK, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/suspend", _DESK, REASON, where=OWNS),
    # Everybody who works here reads; what they see of scores is another matter (test_pairs.py).
    Row("GET", "/api/v1/cases", _ALL),
    Row("GET", "/api/v1/cases/{case_id}", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/safeguard", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/face", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/timeline", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/form", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/photos", _ALL, where=READS),
    Row("GET", "/api/v1/cases/{case_id}/candidates", _ALL, where=COMPARES),
    Row("GET", "/api/v1/photos/{photo_id}", _ALL, where=READS),
    Row("GET", "/api/v1/photos/{photo_id}/image", _ALL, where=READS),
    Row("GET", "/api/v1/pairs/{pair_id}", _ALL, where=COMPARES),
    Row("GET", "/api/v1/cases/{case_id}/clues", _ALL, where=READS),
    Row("POST", "/api/v1/cases/{case_id}/clues", _HANDS, {"json": {"said": "he said Fuyang"}}, where=OWNS),
    Row("POST", "/api/v1/clues/suggestions", _ALL, {"json": {"said": "he said Fuyang"}}),
    # Who judges pairs does not ask by words: those of the one side would tell what speaks for the other.
    Row("POST", "/api/v1/clues/enquiries", _INTAKE, {"json": {"words": "Fuyang"}}),
    Row(
        "PUT",
        "/api/v1/clues/{clue_id}",
        _HANDS,
        {"json": {"said": "he said Fuyang", "version": 1, "reason": "because"}},
        where=OWNS,
    ),
    Row("POST", "/api/v1/clues/{clue_id}/withdraw", _HANDS, {"json": {"version": 2, "reason": "because"}}, where=OWNS),
    Row("GET", "/api/v1/clues/{clue_id}/history", _ALL, where=KNOWS),
    # Whoever may write down what a person says asks that person; nobody else, and no other station.
    Row("GET", "/api/v1/cases/{case_id}/interview-help", _HANDS, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/interview-help", _HANDS, {"json": NONE_OF_THESE}, where=OWNS),
    Row("GET", "/api/v1/leads", _ALL),
    Row("POST", "/api/v1/leads/{lead_id}/close", _DESK, REASON, where=OWNS),
    Row("GET", "/api/v1/statistics", _ALL),
    Row("GET", "/api/v1/statistics/figures", _ALL),
    Row("GET", "/api/v1/statistics/report", _ALL),
    Row("GET", "/api/v1/openapi.json", _EVERYBODY),
    # What partners are told, which a manager may see as they do.
    Row("GET", "/api/v1/cases/{case_id}/share", _LEAD, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/share", _LEAD, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/unshare", _LEAD, REASON, where=OWNS),
    Row("GET", "/api/v1/pfif/persons", _TOLD),
    Row("GET", "/api/v1/pfif/persons.atom", _TOLD),
    Row("GET", "/api/v1/pfif/notes", _TOLD),
    Row("GET", "/api/v1/pfif/notes.atom", _TOLD),
    Row("POST", "/api/v1/pfif/write", frozenset({Role.PARTNER}), PFIF),
    # What the rules demand: who acts for a person writes down what was done; only the desk stops a clock.
    Row("GET", "/api/v1/cases/{case_id}/clocks", _ALL, where=READS),
    Row(
        "POST",
        "/api/v1/cases/{case_id}/clocks",
        _HANDS,
        {"json": {"rule_id": "police_suspected", "reason": "because"}},
        where=OWNS,
    ),
    Row("POST", "/api/v1/clocks/{clock_id}/pause", _DESK, REASON, where=OWNS),
    Row("POST", "/api/v1/clocks/{clock_id}/resume", _DESK, where=OWNS),
    Row("GET", "/api/v1/cases/{case_id}/actions", _ALL, where=READS),
    Row("POST", "/api/v1/cases/{case_id}/actions", _HANDS, {"json": {"kind": "police", "outcome": "asked"}}, where=OWNS),
    Row("GET", "/api/v1/tasks", _ALL),
    # What was passed on is for whoever has the role that it was passed on to.
    Row("GET", "/api/v1/escalations", _ALL),
    Row("POST", "/api/v1/escalations/{escalation_id}/seen", _LEAD, where=OWNS),
    Row("GET", "/api/v1/calendar/{token}", _EVERYBODY),  # whoever has the address, which says whose it is
    # Scores of what people decided: for those who answer for the work, and not for those whose judgement they could lead.
    Row("GET", "/api/v1/statistics/recognition", _WATCH),
    Row("GET", "/api/v1/statistics/reviewers", _EYES),
    # Those who judge, and nobody who collects or audits.
    Row("GET", "/api/v1/review/queue", _EYES),
    Row("POST", "/api/v1/pairs/{pair_id}/claim", _EYES, where=COMPARES),
    Row("POST", "/api/v1/pairs/{pair_id}/decisions", _EYES, VERDICT, where=COMPARES),
    Row("POST", "/api/v1/pairs/{pair_id}/reconsider", _EYES, VERDICT, where=COMPARES),
    # Between stations those ask who have cases; the answer, and the look at an emergency, are a manager's.
    Row("GET", "/api/v1/stations", _ALL),
    Row("GET", "/api/v1/requests", _DESK),
    Row("POST", "/api/v1/requests", _DESK, ASKING),
    Row("GET", "/api/v1/requests/{request_id}", _DESK),
    Row("POST", "/api/v1/requests/{request_id}/revoke", _DESK, REASON, where=ASKED_BY),
    Row("POST", "/api/v1/requests/{request_id}/done", _DESK, REASON, where=ASKED_BY),
    Row("POST", "/api/v1/requests/{request_id}/accept", _LEAD, REASON, where=OWNS),
    Row("POST", "/api/v1/requests/{request_id}/reject", _LEAD, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/break-glass", _DESK, REASON),
    Row("GET", "/api/v1/break-glass", _LEAD),
    Row("POST", "/api/v1/break-glass/{emergency_id}/seen", _LEAD, REASON),
    # Whoever takes in writes a notice, another person who leads approves it; who judges, and programs, read none.
    Row("GET", "/api/v1/notices", _NOTICES),
    Row("GET", "/api/v1/cases/{case_id}/notices", _NOTICES, where=OWNS),
    Row("GET", "/api/v1/cases/{case_id}/notices/proposal", _DESK, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/notices", _DESK, {"json": NOTICE}, where=OWNS),
    Row("GET", "/api/v1/notices/{notice_id}", _NOTICES, where=OWNS),
    Row("GET", "/api/v1/notices/{notice_id}/image", _NOTICES, where=OWNS),
    Row("GET", "/api/v1/notices/{notice_id}/poster", _NOTICES, where=OWNS),
    Row("GET", "/api/v1/notices/{notice_id}/share", _NOTICES, where=OWNS),
    Row("PUT", "/api/v1/notices/{notice_id}", _DESK, {"json": NOTICE | {"version": 1}}, where=OWNS),
    Row("POST", "/api/v1/notices/{notice_id}/approve", _LEAD, STEP, where=OWNS),
    Row("POST", "/api/v1/notices/{notice_id}/take-back", _DESK, STEP, where=OWNS),
    Row("POST", "/api/v1/notices/{notice_id}/publish", _LEAD, {"json": {"version": 1}}, where=OWNS),
    Row("POST", "/api/v1/notices/{notice_id}/withdraw", _DESK, STEP, where=OWNS),
    # Lists of other departments: handed in and started by whoever opens cases, of their own station; their hits are read by
    # all who work here, and decided by those who look at people.
    Row("GET", "/api/v1/lists", _HANDS),
    Row("POST", "/api/v1/lists", _HANDS, LIST_SENT),
    Row("GET", "/api/v1/lists/{list_id}", _HANDS, where=OWNS),
    Row("PUT", "/api/v1/lists/{list_id}/columns", _HANDS, {"json": {"version": 1}}, where=OWNS),
    Row("GET", "/api/v1/lists/{list_id}/refused", _HANDS, where=OWNS),
    Row("POST", "/api/v1/lists/{list_id}/start", _HANDS, {"json": {"version": 1}}, where=OWNS),
    Row("DELETE", "/api/v1/lists/{list_id}", _HANDS, where=OWNS),
    Row("GET", "/api/v1/list-runs", _HANDS),
    Row("GET", "/api/v1/list-runs/{run_id}", _HANDS, where=OWNS),
    Row("GET", "/api/v1/list-runs/{run_id}/refused", _HANDS, where=OWNS),
    Row("GET", "/api/v1/list-hits", _ALL),
    Row("GET", "/api/v1/list-hits/{hit_id}", _ALL, where=COMPARES),
    Row("GET", "/api/v1/list-hits/{hit_id}/image", _ALL, where=COMPARES),
    Row("POST", "/api/v1/list-hits/{hit_id}/decision", _FOLLOW, {"json": LOOKED_AT}, where=COMPARES),
    # What families report and informants have seen, at the desk of the station that they chose or that has the case.
    Row("GET", "/api/v1/reports", _DESK),
    Row("GET", "/api/v1/reports/{report_id}", _DESK, where=OWNS),
    Row("POST", "/api/v1/reports/{report_id}/accept", _DESK, {"json": {"version": 1}}, where=OWNS),
    Row("POST", "/api/v1/reports/{report_id}/decline", _DESK, {"json": {"version": 1, "why": "talk_first"}}, where=OWNS),
    Row("GET", "/api/v1/sightings", _DESK),
    Row("POST", "/api/v1/sightings/{sighting_id}/read", _DESK, {"json": {"version": 1}}, where=OWNS),
    Row("POST", "/api/v1/sightings/{sighting_id}/note", _DESK, {"json": {"version": 1, "said": "seen"}}, where=OWNS),
    # What touches two families is the manager's.
    Row("POST", "/api/v1/pairs/{pair_id}/verify", _LEAD, {"json": {"proof": "dna", "reason": "because"}}, where=COMPARES),
    Row("POST", "/api/v1/pairs/{pair_id}/revoke", _LEAD, REASON, where=COMPARES),
    Row("POST", "/api/v1/pairs/{pair_id}/reunite", _LEAD, REASON, where=COMPARES),
    # What a person may ask for; withdrawing the face is for all who change cases, the rest for managers.
    Row("POST", "/api/v1/cases/{case_id}/face/withdraw", _HANDS, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/face/give-back", _HANDS, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/export", _LEAD, where=OWNS),
    Row("GET", "/api/v1/erasures", _LEAD),
    Row("POST", "/api/v1/cases/{case_id}/erase", _LEAD, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/erase/take-back", _LEAD, where=OWNS),
    Row("GET", "/api/v1/held-photos", _LEAD),
    Row("POST", "/api/v1/photos/{photo_id}/let-in", _LEAD, REASON, where=OWNS),
    Row("GET", "/api/v1/keepouts", _LEAD),
    Row("POST", "/api/v1/keepouts/{keepout_id}/lift", _LEAD, REASON),
    # Whoever acts for a person marks that relatives may be the danger; the check is a manager's. Last: it closes the others.
    Row("GET", "/api/v1/safeguards", _DESK),
    Row("POST", "/api/v1/cases/{case_id}/safeguard/clear", _LEAD, REASON, where=OWNS),
    Row("POST", "/api/v1/cases/{case_id}/safeguard", _HANDS, REASON, where=OWNS),
]

FORM: Final = {"data": {"kind": "missing", "legal_basis": "statutory_duty", "reason": "because", "judgement": "cannot_tell"}}
NOTICE_FORM: Final = {"station": "the station", "contact": "0551-6299 8000", "shown": "age", "version": "1"}
PROOF: Final = {"data": {"proof": "document", "reason": "because"}}
PAGES: Final = [
    Row("GET", "/", _ALL),
    # Everybody's own account, whatever the role.
    Row("GET", "/account", _ALL),
    Row("POST", "/account/password", _ALL, {"data": {}}),
    Row("POST", "/account/sessions/{session_id}/end", _ALL, {"data": {}}),
    Row("GET", "/cases", _ALL),
    Row("GET", "/cases/{case_id}", _ALL, where=READS),
    Row("GET", "/cases/{case_id}/timeline", _ALL, where=READS),
    Row("GET", "/photos/{photo_id}/image", _ALL, where=READS),
    Row("GET", "/pairs/{pair_id}", _ALL, where=COMPARES),
    Row("GET", "/cases/new", _HANDS),
    Row("POST", "/cases/new", _HANDS, FORM),
    Row("GET", "/cases/{case_id}/edit", _HANDS, where=OWNS),
    Row("POST", "/cases/{case_id}/edit", _HANDS, FORM, where=OWNS),
    Row("GET", "/cases/{case_id}/form", _ALL, where=READS),
    Row("GET", "/cases/{case_id}/form.pdf", _ALL, where=READS),
    Row("GET", "/cases/{case_id}/form/{part}", _ALL, where=READS),
    Row("POST", "/cases/{case_id}/form/{part}", _HANDS, {"data": {"build": "thin"}}, where=OWNS),
    Row("POST", "/cases/{case_id}/photos", _HANDS, {"files": {"photos": PHOTO}}, where=OWNS),
    Row("POST", "/faces", _HANDS, {"data": {"face": "face_id"}}, where=OWNS),
    Row("POST", "/cases/{case_id}/actions", _HANDS, {"data": {"action_kind": "police", "action_outcome": "asked"}}, where=OWNS),
    Row("POST", "/cases/{case_id}/clocks", _HANDS, {"data": {"rule_id": "police_suspected", "reason": "because"}}, where=OWNS),
    Row("POST", "/clocks/{clock_id}/{step}", _DESK, {"data": {"reason": "because"}}, where=OWNS),
    Row("GET", "/tasks", _ALL),
    Row("GET", "/enquiry", _INTAKE),
    Row("POST", "/enquiry", _INTAKE, {"data": {"words": "Fuyang"}}),
    Row("POST", "/escalations/{escalation_id}/seen", _LEAD, {"data": {}}, where=OWNS),
    Row("POST", "/tasks/feed", _ALL, {"data": {"step": "make"}}),
    Row("GET", "/coverage", _ALL),
    Row("POST", "/cases/{case_id}/{step}", _DESK, FORM, where=OWNS),
    Row("GET", "/stations", _DESK),
    Row("GET", "/cases/{case_id}/request", _DESK),
    Row("POST", "/cases/{case_id}/request", _DESK, FORM),
    Row("GET", "/cases/{case_id}/break-glass", _DESK),
    Row("POST", "/cases/{case_id}/break-glass", _DESK, FORM | {"data": {"reason": ""}}),
    Row("POST", "/requests/{request_id}/{step}", _LEAD, FORM, where=OWNS),
    Row("POST", "/break-glass/{emergency_id}/seen", _LEAD, FORM),
    Row("POST", "/cases/{case_id}/clues", _HANDS, {"data": {"said": "he said Fuyang"}}, where=OWNS),
    Row("GET", "/cases/{case_id}/clues/{clue_id}", _ALL, where=KNOWS),
    Row(
        "POST",
        "/cases/{case_id}/clues/{clue_id}/revise",
        _HANDS,
        {"data": {"version": "1", "said": "he said Fuyang", "reason": "because"}},
        where=OWNS,
    ),
    Row("GET", "/cases/{case_id}/interview-help", _HANDS, where=OWNS),
    Row("POST", "/cases/{case_id}/interview-help", _HANDS, {"data": NONE_OF_THESE}, where=OWNS),
    Row(
        "POST",
        "/cases/{case_id}/interview-help/take-back",
        _HANDS,
        {"data": {"clue_id": "clue_id", "version": "2"}},
        where=OWNS,
    ),
    Row("POST", "/cases/{case_id}/clues/{clue_id}/mentions", _HANDS, {"data": {"version": "1"}}, where=OWNS),
    Row(
        "POST", "/cases/{case_id}/clues/{clue_id}/withdraw", _HANDS, {"data": {"version": "2", "reason": "because"}}, where=OWNS
    ),
    Row("GET", "/review", _EYES),
    Row("GET", "/results", _EYES),
    Row("GET", "/leads", _ALL),
    Row("POST", "/leads/{lead_id}/close", _DESK, {"data": {"reason": "because"}}, where=OWNS),
    # Notices: written at the desk, approved by a manager who has written none of it.
    Row("GET", "/notices", _NOTICES),
    Row("GET", "/cases/{case_id}/notices", _NOTICES, where=OWNS),
    Row("GET", "/cases/{case_id}/notices/new", _DESK, where=OWNS),
    Row("POST", "/cases/{case_id}/notices/new", _DESK, {"data": NOTICE_FORM}, where=OWNS),
    Row("GET", "/cases/{case_id}/notices/image/{photo_id}", _DESK, where=OWNS),
    Row("GET", "/notices/{notice_id}", _NOTICES, where=OWNS),
    Row("GET", "/notices/{notice_id}/image", _NOTICES, where=OWNS),
    Row("GET", "/notices/{notice_id}/poster.pdf", _NOTICES, where=OWNS),
    Row("GET", "/notices/{notice_id}/share.png", _NOTICES, where=OWNS),
    Row("GET", "/notices/{notice_id}/edit", _DESK, where=OWNS),
    Row("POST", "/notices/{notice_id}/edit", _DESK, {"data": NOTICE_FORM}, where=OWNS),
    Row("POST", "/notices/{notice_id}/{step}", _LEAD, FORM, where=OWNS),
    Row("GET", "/reports", _DESK),
    Row("GET", "/reports/{report_id}", _DESK, where=OWNS),
    Row("GET", "/reports/{report_id}/photos/{handed_id}", _DESK, where=OWNS),
    Row("POST", "/reports/{report_id}/decline", _DESK, {"data": {"version": "0", "declined": "talk_first"}}, where=OWNS),
    Row("POST", "/reports/{report_id}/accept", _DESK, {"data": {"version": "0"}}, where=OWNS),
    Row("GET", "/sightings", _DESK),
    Row("GET", "/sightings/{sighting_id}/photos/{picture_id}", _DESK, where=OWNS),
    Row("POST", "/sightings/{sighting_id}/read", _DESK, {"data": {"version": "1"}}, where=OWNS),
    Row("POST", "/sightings/{sighting_id}/note", _DESK, {"data": {"version": "1", "said": "seen"}}, where=OWNS),
    # What a person may ask for; withdrawing the face is for all who change cases, the rest for managers.
    Row("GET", "/cases/{case_id}/rights", _HANDS, where=OWNS),
    Row("POST", "/cases/{case_id}/rights/export", _LEAD, {"data": {}}, where=OWNS),
    Row("POST", "/cases/{case_id}/rights/{step}", _LEAD, FORM, where=OWNS),
    Row("GET", "/retention", _LEAD),
    Row("POST", "/retention/{step}/{subject}", _LEAD, FORM),
    Row("GET", "/approvals", _DESK),
    Row("POST", "/cases/{case_id}/approval/withdraw", _DESK, {"data": {}}, where=OWNS),
    Row("GET", "/pairs/{pair_id}/reunite", _LEAD, where=COMPARES),
    Row("POST", "/pairs/{pair_id}/reunite", _LEAD, FORM, where=COMPARES),
    Row("POST", "/pairs/{pair_id}/reunite/draft", _LEAD, FORM, where=OWNS),
    # Who took somebody home: for those who may read contacts.
    Row("GET", "/pairs/{pair_id}/hand-over", _DESK, where=KNOWS),
    Row("GET", "/pairs/{pair_id}/hand-over.pdf", _DESK, where=KNOWS),
    Row("GET", "/sign-on/links", _LEAD),
    Row("POST", "/sign-on/links", _LEAD, {"data": {"name": "lin", "code": "AAAAA-AAAAA"}}),
    Row("GET", "/figures", _ALL),
    Row("GET", "/figures/report", _ALL),
    Row("GET", "/figures/report.csv", _ALL),
    Row("GET", "/figures/report.pdf", _ALL),
    Row("POST", "/pairs/{pair_id}/claim", _EYES, FORM, where=COMPARES),
    Row("POST", "/pairs/{pair_id}/decisions", _EYES, FORM, where=COMPARES),
    Row("POST", "/pairs/{pair_id}/reconsider", _EYES, FORM, where=COMPARES),
    Row("POST", "/pairs/{pair_id}/{step}", _LEAD, PROOF, where=COMPARES),
    Row("POST", "/cases/{case_id}/safeguard/clear", _LEAD, {"data": {"reason": "because"}}, where=OWNS),
    Row("POST", "/cases/{case_id}/safeguard", _HANDS, {"data": {"reason": ""}}, where=OWNS),
    Row("GET", "/lists", _HANDS),
    Row("GET", "/lists/new", _HANDS),
    Row("POST", "/lists/new", _HANDS, LIST_SENT),
    Row("GET", "/lists/{list_id}", _HANDS, where=OWNS),
    Row("POST", "/lists/{list_id}/columns", _HANDS, {"data": {"version": "1"}}, where=OWNS),
    Row("POST", "/lists/{list_id}/start", _HANDS, {"data": {"version": "1"}}, where=OWNS),
    Row("POST", "/lists/{list_id}/drop", _HANDS, {"data": {}}, where=OWNS),
    Row("GET", "/lists/runs/{run_id}", _HANDS, where=OWNS),
    Row("GET", "/lists/runs/{run_id}/refused.csv", _HANDS, where=OWNS),
    Row("GET", "/lists/hits", _ALL),
    Row("GET", "/lists/hits/{hit_id}", _ALL, where=COMPARES),
    Row("GET", "/lists/hits/{hit_id}/image", _ALL, where=COMPARES),
    Row("POST", "/lists/hits/{hit_id}/decide", _FOLLOW, {"data": LOOKED_AT}, where=COMPARES),
    Row("POST", "/logout", _ALL, {"data": {}}),  # the last one: it ends the session
]


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path) of every route; a mounted folder of files is a GET."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or {"GET"}):
            yield method, str(route.path)


def filled(path: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    return path


def step_of(path: str) -> str:
    steps = {"rights": "keep", "pairs": "revoke", "clocks": "pause", "requests": "rejected", "notices": "approve"}
    return next((step for part, step in steps.items() if f"/{part}/" in path), "suspend")


def a_draft(house: House, case: Case, photo_id: str) -> Notice:
    """Of a notice that shows this photo."""
    told = NoticeDraft("the station", "0551-6299 8000", frozenset({NoticeField.PHOTO}), photo_id=photo_id)
    return house.services.notices.draft(house.intake, case.case_id, told)


def a_keepout(house: House) -> Keepout:
    """Of somebody whom nothing identifies."""
    now = house.clock()
    keepout = Keepout(an_id(), KeepoutPurpose.OBJECTION, now, now + timedelta(days=1))
    with house.services.store.transaction() as records:
        records.keepouts.add(keepout, {}, None)
    return keepout


@pytest.fixture
def names(house: House) -> dict[str, str]:
    """Identifiers of things that are there: a pair, one of its cases, a photo and its face."""
    house.hire(ACCOUNTS[Role.PARTNER], Role.PARTNER)
    house.services.partner_register.tie(SYSTEM, ACCOUNTS[Role.PARTNER], "police.example.cn", LegalBasis.STATUTORY_DUTY)
    run = brought(house, hand_in(house, "编号,姓名\n,王建国\n"))
    one: Case = house.missing(1, age_min=40)
    other = house.sheltered(1, age_min=40)
    report = house.photograph(one, 5, faces=2)
    alike = house.pair(house.missing(40), house.sheltered(40))
    house.judge(house.hire("wu", Role.REVIEWER), alike, Judgement.LOOKS_LIKE_RELATIVE)
    (lead,) = house.services.leads.open_ones(house.auditor)
    request = a_request(one, NORTH, asking=NORTH, asked=MAIN)
    emergency = an_emergency(one, station_id=NORTH)
    clock = house.services.clockwork.of_case(house.auditor, other.case_id)[0].clock
    escalated = EscalatedClock(an_id(), clock.clock_id, other.case_id, Role.MANAGER, house.clock())
    with house.services.store.transaction() as records:
        records.escalations.add(escalated)
        records.stations.add_request(request)
        records.stations.add_emergency(emergency)
    clue = house.services.interviews.record(house.intake, one.case_id, Told("he said Fuyang")).clue
    hit = put(house, a_hit(one), portrait=b"jpeg")
    told_report, told_sighting = a_report(house, station_id=MAIN), a_sighting(house, one)
    return {
        "run_id": run.run_id,
        "hit_id": hit.hit_id,
        "report_id": told_report.report_id,
        "handed_id": photo_of(house, told_report),
        "sighting_id": told_sighting.sighting_id,
        "picture_id": photo_of(house, told_sighting),
        "list_id": hand_in(house, actor=house.manager).list_id,
        **{list_of(role): hand_in(house, actor=house.manager).list_id for role in sorted(_HANDS)},
        "clue_id": clue.clue_id,
        "request_id": request.request_id,
        "emergency_id": emergency.emergency_id,
        "escalation_id": escalated.escalation_id,
        "lead_id": lead.lead.lead_id,
        "clock_id": clock.clock_id,
        "token": house.services.feeds.make(house.auditor),
        "case_id": one.case_id,
        "pair_id": house.pair(one, other).pair_id,
        "photo_id": report.photo.photo_id,
        "notice_id": a_draft(house, one, report.photo.photo_id).notice_id,
        "keepout_id": a_keepout(house).keepout_id,
        "face_id": report.faces[1].face_id,
    }


def test_l13_every_route_has_its_row_and_every_row_its_route(app: FastAPI) -> None:
    ruled = {(row.method, row.path) for row in (*TABLE, *PAGES)}
    there = set(routes(app))
    assert there - ruled - FOR_STRANGERS == {("GET", FILES_FOR_STRANGERS)}, "a route without a rule"
    assert (ruled | FOR_STRANGERS) <= there, "a rule without a route"


def test_a_new_route_without_a_row_is_noticed(app: FastAPI) -> None:
    app.add_api_route("/api/v1/pairs/{pair_id}/opinions", lambda: [], methods=["GET"])
    with pytest.raises(AssertionError, match="a route without a rule"):
        test_l13_every_route_has_its_row_and_every_row_its_route(app)


def list_of(role: Role) -> str:
    """The name of a list that this role may throw away: the others have their own."""
    return f"list of {role}"


def path_of(row: Row, names: dict[str, str], role: Role) -> str:
    thrown_away = row.method == "DELETE" or row.path.endswith("/drop")
    own = {"list_id": names[list_of(role)]} if thrown_away and role in _HANDS else {}
    return filled(row.path, names | {"step": step_of(row.path), "part": "person"} | own)


def made(row: Row, names: dict[str, str]) -> Request:
    """The row's request, with ids for what stands in braces."""
    request = dict(row.request or {})
    if "json" in request:
        request["json"] = {
            field: filled(value, names) if isinstance(value, str) else value for field, value in request["json"].items()
        }
    return request


READING = [row for row in TABLE if row.method == "GET"]
WRITING = [pytest.param([row], id=f"{row.method} {row.path}") for row in TABLE if row.method != "GET"]


@pytest.mark.long  # each row that changes something has a house of its own
@pytest.mark.parametrize("rows", [pytest.param(READING, id="every GET"), *WRITING])
def test_l13_a_route_answers_its_roles_and_no_others(
    rows: list[Row], calls: Callable[[str], TestClient], names: dict[str, str]
) -> None:
    """As long as no station is set up, when there is nobody to ask either: 422."""
    for row, (role, account) in product(rows, ACCOUNTS.items()):
        status = calls(account).request(row.method, path_of(row, names, role), **made(row, names)).status_code
        asked = f"{row.method} {row.path}, {role}: {status}"
        if row.path.endswith("/reconsider"):
            assert status == 403, "nobody here has judged the pair"
        elif role in row.roles:
            # 409: the story is not at this step, or another role has just taken it.
            between_stations = row.path.startswith(("/api/v1/requests", "/api/v1/cases/{case_id}/break-glass"))
            assert status in (200, 201, 202, 204, 409, *([422] if between_stations else [])), asked
        else:
            assert status == 403, asked


@pytest.fixture(params=list(Where))
def where(request: pytest.FixtureRequest) -> Where:
    found: Where = request.param
    return found


@pytest.fixture
def people(house: House, names: dict[str, str], where: Where) -> dict[Role, str]:
    """An account of every role, that stands like this towards the case of the names."""
    for station in (MAIN, NORTH):
        house.services.stations.add(SYSTEM, station)
    if where is Where.OWN:
        return dict(ACCOUNTS)
    accounts = {role: f"{account} elsewhere" for role, account in ACCOUNTS.items()}
    made = [house.services.accounts.add(SYSTEM, name, role, station_id=NORTH)[0] for role, name in accounts.items()]
    with house.services.store.transaction() as records:
        case, now = records.cases.get(names["case_id"]), house.clock.now
        if where in (Where.GRANTED, Where.EXPIRED):
            ends = now + timedelta(minutes=1) if where is Where.GRANTED else now
            records.stations.add_request(a_request(case, NORTH, state=RequestState.ACCEPTED, deadline=ends))
        if where is Where.EMERGENCY:
            for account in made:
                records.stations.add_emergency(an_emergency(case, account_id=account.account_id, station_id=NORTH))
    return accounts


@pytest.mark.long
def test_l13_a_route_answers_those_whom_the_case_concerns_and_no_others(
    calls: Callable[[str], TestClient], names: dict[str, str], people: dict[Role, str], where: Where
) -> None:
    for row in TABLE:
        for role, account in people.items():
            status = calls(account).request(row.method, path_of(row, names, role), **made(row, names)).status_code
            hidden = row.path.endswith("/leads/{lead_id}/close") or row.path.startswith("/api/v1/list")
            shut = hidden and role in row.roles and where not in row.where
            asked = f"{row.method} {row.path}, {role}: {status}"
            if row.path.endswith("/reconsider") and status == 403:
                continue  # who has not judged the pair; those who have are let in where they could judge
            assert (status in (403, 404)) == (role not in row.roles or where not in row.where), asked
            assert status == 404 if shut else status in (200, 201, 202, 204, 403, 409, 422), asked


@pytest.mark.long
def test_a_page_answers_those_whom_the_case_concerns_and_no_others(
    app: FastAPI, house: House, names: dict[str, str], people: dict[Role, str], where: Where
) -> None:
    for role, account in people.items():
        if role is Role.PARTNER:
            continue
        house.services.accounts.set_password(SYSTEM, account, PASSWORD)
        browser = Browser(app).sign_in(account)
        for row in PAGES:
            status = visited(browser, row, names, role)
            if row.path.endswith("/reconsider") and status == 403:
                continue
            hidden = row.path.startswith(("/leads/", "/lists/"))  # what one may not know is not there
            shut = (403, 404) if hidden else (403,)
            assert (status in shut) == (role not in row.roles or where not in row.where), f"{row} {role}: {status}"
            assert status < 500, f"{row.method} {row.path}: {status}"
        browser.client.close()


@pytest.mark.long
@pytest.mark.parametrize("role", sorted(_ALL))
def test_a_page_answers_its_roles_and_no_others(role: Role, app: FastAPI, house: House, names: dict[str, str]) -> None:
    house.services.accounts.set_password(SYSTEM, ACCOUNTS[role], PASSWORD)
    browser = Browser(app).sign_in(ACCOUNTS[role])
    for row in PAGES:
        status = visited(browser, row, names, role)
        if row.path.endswith("/reconsider") and status == 403:
            continue  # who has not judged the pair, as after closing one of its cases
        assert (status == 403) == (role not in row.roles), f"{row.method} {row.path}: {status}"
        assert status < 500, f"{row.method} {row.path}: {status}"
    browser.client.close()


def visited(browser: Browser, row: Row, names: dict[str, str], role: Role) -> int:
    """The status of the row's page to this browser, with the ids of the names and the form's secret filled in."""
    request = dict(row.request or {})
    if row.method == "POST":
        said = {
            name: names.get(value, value) if isinstance(value, str) else value
            for name, value in request.get("data", {}).items()
        }
        request["data"] = {"csrf": browser.token} | said
    path = path_of(row, names, role)
    return browser.client.request(row.method, path, **request, follow_redirects=False).status_code


def test_no_route_but_sign_in_and_health_answers_a_stranger(app: FastAPI, stranger: TestClient, names: dict[str, str]) -> None:
    walked = 0
    for method, path in routes(app):
        if (method, path) in FOR_STRANGERS or path == FILES_FOR_STRANGERS:
            continue
        answer = stranger.request(method, filled(path, names | {"token": "guessed"}), follow_redirects=False)
        if path.startswith(("/api/", "/metrics")):
            assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        elif answer.status_code != 403:  # a form without its token
            assert answer.status_code == 303, f"{method} {path}: {answer.status_code}"
            assert answer.headers["location"].startswith("/login")
        walked += 1
    assert walked >= len(TABLE)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer wrong", "Basic bGluOmxpbg==", "Bearer trc_\u00e9", "bearer  ", "Bearer " + "x" * 5000]
)
def test_a_wrong_key_is_no_key(stranger: TestClient, header: str) -> None:
    answer = stranger.get("/api/v1/cases", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_the_cookie_of_a_browser_is_no_key(stranger: TestClient, house: House) -> None:
    house.services.accounts.set_password(SYSTEM, "lin", "a long password")
    signed_in = house.services.accounts.sign_in("lin", "a long password")
    stranger.cookies.set("tracing_session", signed_in.token)
    assert stranger.get("/api/v1/cases").status_code == 401


def test_a_disabled_account_has_no_key_any_more(intake: TestClient, house: House) -> None:
    assert intake.get("/api/v1/cases").status_code == 200
    house.services.accounts.disable(SYSTEM, "lin")
    assert intake.get("/api/v1/cases").status_code == 401


def test_a_stranger_is_refused_before_the_body_is_read(stranger: TestClient) -> None:
    """Else anybody could make the service take in hundreds of megabytes, or learn what its forms look like."""
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    assert stranger.post("/api/v1/intakes", content=b"nonsense", headers=form).status_code == 401
    assert stranger.post(f"/api/v1/cases/{'0' * 32}/photos", content=b"nonsense", headers=form).status_code == 401
    assert stranger.post("/api/v1/lists", content=b"nonsense", headers=form).status_code == 401
    answer = stranger.post("/lists/new", content=b"nonsense", headers=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")
    assert stranger.post("/api/v1/cases", content=b"{", headers={"Content-Type": "application/json"}).status_code == 401


def test_whatever_a_stranger_sends_is_refused_before_it_is_understood(app: FastAPI, stranger: TestClient) -> None:
    """What is wrong with a body would tell what a right one looks like, and each has to be read for it."""
    asked = [(method, path) for method, path in routes(app) if path.startswith("/api/") and method not in ("GET", "HEAD")]
    assert len(asked) > 60
    for method, path in asked:
        here = re.sub(r"{\w+}", "0" * 32, path)
        answer = stranger.request(method, here, content=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 401, f"{method} {path}"


def test_reading_leaves_no_name_in_the_log(intake: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        case_id = open_case(intake, names=["王建国"], circumstances="seen at the north station")["case_id"]
        add_photo(intake, case_id)
        intake.post("/api/v1/cases", json={"kind": "missing", "names": ["王建国"], "height_cm": 9999})
        intake.post("/api/v1/cases", json={"kind": "missing", "nmaes": ["王建国"]})
        intake.get(f"/api/v1/cases/{case_id}")
    assert "王建国" not in caplog.text
    assert "north station" not in caplog.text
