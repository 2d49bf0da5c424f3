"""What each way of looking leaves in the audit: a line for every route that is read, and the middleware that writes it.

An answer that showed somebody is held back until its row is written. A list is one row, with the ids that stand in it.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.domain import Actor
from tracing.looks import Look, Looks


@dataclass(frozen=True, slots=True)
class Records:
    """``action`` is the row's; ``subject`` the name in the path whose value is looked at, empty for a list."""

    action: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class BySteps:
    """The use case writes the row itself, with what it reads."""

    action: str


@dataclass(frozen=True, slots=True)
class Nothing:
    because: str


NUMBERS: Final = Nothing("Numbers alone: nobody in particular is shown.")
EMPTY_FORM: Final = Nothing("A form that is not filled in yet.")
OPEN: Final = Nothing("For everybody; nobody is shown.")

READ: Final[Mapping[str, Records | BySteps | Nothing]] = {
    # People
    "/api/v1/cases": Records("read_cases"),
    "/api/v1/cases/{case_id}": BySteps("read_case"),
    "/api/v1/cases/{case_id}/timeline": BySteps("read_case"),
    "/api/v1/cases/{case_id}/form": BySteps("read_form"),
    "/api/v1/cases/{case_id}/photos": Records("read_photos", "case_id"),
    "/api/v1/cases/{case_id}/candidates": Records("read_candidates", "case_id"),
    "/api/v1/cases/{case_id}/clues": BySteps("read_case"),
    "/api/v1/cases/{case_id}/interview-help": BySteps("read_case"),
    "/api/v1/cases/{case_id}/clocks": Records("read_clocks", "case_id"),
    "/api/v1/cases/{case_id}/actions": Records("read_actions", "case_id"),
    "/api/v1/clues/{clue_id}/history": BySteps("read_case"),
    "/api/v1/photos/{photo_id}": Records("read_photo", "photo_id"),
    "/api/v1/photos/{photo_id}/image": Records("read_photo", "photo_id"),
    "/api/v1/pairs/{pair_id}": Records("read_pair", "pair_id"),
    "/api/v1/review/queue": Records("read_queue"),
    "/api/v1/leads": Records("read_leads"),
    "/api/v1/lists/{list_id}": Records("read_list", "list_id"),
    "/api/v1/list-hits": Records("read_list_hits"),
    "/api/v1/list-hits/{hit_id}": Records("read_list_hit", "hit_id"),
    "/api/v1/list-hits/{hit_id}/image": Records("read_list_hit", "hit_id"),
    "/api/v1/approvals": Records("read_approvals"),
    "/api/v1/safeguards": Records("read_safeguards"),
    "/api/v1/cases/{case_id}/safeguard": Records("read_safeguard", "case_id"),
    "/api/v1/cases/{case_id}/face": Records("read_case", "case_id"),
    "/api/v1/erasures": Records("read_retention"),
    "/api/v1/held-photos": Records("read_retention"),
    "/api/v1/keepouts": Nothing("Who asked not to be kept: no name, no case and no photo."),
    "/api/v1/tasks": Records("read_tasks"),
    "/api/v1/escalations": Records("read_escalations"),
    "/api/v1/requests": Records("read_requests"),
    "/api/v1/requests/{request_id}": Records("read_request", "request_id"),
    "/api/v1/break-glass": Records("read_emergencies"),
    "/api/v1/notices": Records("read_notices"),
    "/api/v1/cases/{case_id}/notices": Records("read_notices", "case_id"),
    "/api/v1/cases/{case_id}/notices/proposal": Records("read_case", "case_id"),
    "/api/v1/notices/{notice_id}": Records("read_notice", "notice_id"),
    "/api/v1/notices/{notice_id}/image": Records("read_notice", "notice_id"),
    "/api/v1/notices/{notice_id}/poster": BySteps("print_notice"),
    "/api/v1/notices/{notice_id}/share": BySteps("print_notice"),
    "/api/v1/reports": Records("read_reports"),
    "/api/v1/reports/{report_id}": Records("read_report", "report_id"),
    "/api/v1/sightings": Records("read_sightings"),
    "/api/v1/calendar/{token}": Nothing("References and days of whoever has the address; no word about a person."),
    "/api/v1/cases/{case_id}/share": Records("read_share", "case_id"),
    "/api/v1/pfif/persons": BySteps("tell_partners"),
    "/api/v1/pfif/persons.atom": BySteps("tell_partners"),
    "/api/v1/pfif/notes": BySteps("tell_partners"),
    "/api/v1/pfif/notes.atom": BySteps("tell_partners"),
    "/": Records("read_dashboard"),
    "/cases": Records("read_cases"),
    "/cases/{case_id}": BySteps("read_case"),
    "/cases/{case_id}/edit": Records("read_case", "case_id"),
    "/cases/{case_id}/timeline": BySteps("read_case"),
    "/cases/{case_id}/form": BySteps("read_form"),
    "/cases/{case_id}/form/{part}": BySteps("read_form"),
    "/cases/{case_id}/form.pdf": BySteps("print_form"),
    "/cases/{case_id}/clues/{clue_id}": BySteps("read_case"),
    "/cases/{case_id}/interview-help": BySteps("read_case"),
    "/cases/{case_id}/request": Records("read_case", "case_id"),
    "/cases/{case_id}/rights": Records("read_case", "case_id"),
    "/retention": Records("read_retention"),
    "/cases/{case_id}/notices": Records("read_notices", "case_id"),
    "/cases/{case_id}/notices/new": Records("read_case", "case_id"),
    "/cases/{case_id}/notices/image/{photo_id}": Records("read_photo", "photo_id"),
    "/notices": Records("read_notices"),
    "/notices/{notice_id}": Records("read_notice", "notice_id"),
    "/notices/{notice_id}/edit": Records("read_notice", "notice_id"),
    "/notices/{notice_id}/image": Records("read_notice", "notice_id"),
    "/notices/{notice_id}/poster.pdf": BySteps("print_notice"),
    "/notices/{notice_id}/share.png": BySteps("print_notice"),
    "/reports": Records("read_reports"),
    "/reports/{report_id}": Records("read_report", "report_id"),
    "/reports/{report_id}/photos/{handed_id}": Records("read_report", "report_id"),
    "/sightings": Records("read_sightings"),
    "/sightings/{sighting_id}/photos/{picture_id}": Records("read_sighting", "sighting_id"),
    "/photos/{photo_id}/image": Records("read_photo", "photo_id"),
    "/pairs/{pair_id}": Records("read_pair", "pair_id"),
    "/pairs/{pair_id}/reunite": Records("read_pair", "pair_id"),
    "/pairs/{pair_id}/hand-over": BySteps("read_hand_over"),
    "/pairs/{pair_id}/hand-over.pdf": BySteps("read_hand_over"),
    "/review": Records("read_queue"),
    "/leads": Records("read_leads"),
    "/lists/{list_id}": Records("read_list", "list_id"),
    "/lists/runs/{run_id}": Records("read_list_run", "run_id"),
    "/lists/runs/{run_id}/refused.csv": Records("export_refused_rows", "run_id"),
    "/lists/hits": Records("read_list_hits"),
    "/lists/hits/{hit_id}": Records("read_list_hit", "hit_id"),
    "/lists/hits/{hit_id}/image": Records("read_list_hit", "hit_id"),
    "/approvals": Records("read_approvals"),
    "/tasks": Records("read_tasks"),
    "/coverage": Records("read_coverage"),
    "/stations": Records("read_requests"),
    # Nobody
    "/cases/{case_id}/break-glass": Nothing("Asks for a reason, and shows nothing of the case before."),
    "/cases/new": EMPTY_FORM,
    "/enquiry": EMPTY_FORM,
    "/api/v1/lists": Nothing("Who sent lists, and counts: nobody on them is shown."),
    "/api/v1/lists/{list_id}/refused": Nothing("Numbers of rows, and what is wrong with them; no word of theirs."),
    "/api/v1/list-runs": Nothing("Who sent lists, and counts: nobody on them is shown."),
    "/api/v1/list-runs/{run_id}": Nothing("Who sent a list, and counts: nobody on it is shown."),
    "/api/v1/list-runs/{run_id}/refused": Nothing("Numbers of rows, and what is wrong with them; no word of theirs."),
    "/lists": Nothing("Who sent lists, and counts: nobody on them is shown."),
    "/lists/new": EMPTY_FORM,
    "/account": Nothing("The own sessions."),
    "/figures": NUMBERS,
    "/figures/report": NUMBERS,
    "/figures/report.csv": NUMBERS,
    "/figures/report.pdf": NUMBERS,
    "/api/v1/statistics/report": NUMBERS,
    "/results": NUMBERS,
    "/api/v1/statistics": NUMBERS,
    "/api/v1/statistics/figures": NUMBERS,
    "/api/v1/statistics/recognition": NUMBERS,
    "/api/v1/statistics/reviewers": NUMBERS,
    "/metrics": NUMBERS,
    "/api/v1/stations": Nothing("Names of stations."),
    "/api/v1/openapi.json": OPEN,
    "/health/live": OPEN,
    "/health/ready": OPEN,
    "/login": OPEN,
    "/sign-on": OPEN,
    "/sign-on/back": OPEN,
    "/signed-out": OPEN,
    "/sign-on/links": Nothing("Accounts of colleagues, and the names that a provider gives them."),
    "/language/{locale}": OPEN,
}
"""Each route that is read; one that is missing here is recorded under its own path."""

SHOWN: Final = {
    "cases": re.compile(rb'(?:/cases/|"case_id" ?: ?")([0-9a-f]{32})'),
    "pairs": re.compile(rb'(?:/pairs/|"pair_id" ?: ?")([0-9a-f]{32})'),
    "reports": re.compile(rb'(?:/reports/|"report_id" ?: ?")([0-9a-f]{32})'),
    "sightings": re.compile(rb'(?:/sightings/|"sighting_id" ?: ?")([0-9a-f]{32})'),
}
PHOTOS: Final = re.compile(rb'(?:/photos/|"photo_id" ?: ?")([0-9a-f]{32})')
MOST_IDS: Final = 200
IMAGE: Final = "/image"
REMEMBERED: Final = 50_000
MINUTES: Final = 15


class Recorded:
    """Writes the row of what was read. A picture of a photo that a page has just shown belongs to that page's row."""

    def __init__(self, app: ASGIApp, looks: Looks) -> None:
        self._app = app
        self._looks = looks
        self._just_shown = _JustShown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            """The row is about the whole answer, so that none of it is sent before."""
            starts = message["type"] == "http.response.start"
            if held or (starts and message["status"] < 300 and _shows_somebody(scope)):
                held.append(message)
            else:
                await send(message)

        await self._app(scope, receive, hold)
        if held:
            await run_in_threadpool(self._record, scope, b"".join(each.get("body", b"") for each in held))
        for each in held:
            await send(each)

    def _record(self, scope: Scope, body: bytes) -> None:
        actor: Actor | None = scope.get("state", {}).get("actor")
        if actor is None:
            return
        path = scope["route"].path
        found = READ.get(path, Records(f"read_{path.strip('/')}"))
        if isinstance(found, Records) and not self._is_of_a_page(scope, path, actor):
            subject = str(scope["path_params"].get(found.subject, ""))
            self._looks.record(Look(actor, found.action, subject, shown(body, subject)))
        self._just_shown.note(actor.account_id, {each.decode() for each in PHOTOS.findall(body)})

    def _is_of_a_page(self, scope: Scope, path: str, actor: Actor) -> bool:
        return path.endswith(IMAGE) and self._just_shown.has(actor.account_id, str(scope["path_params"].get("photo_id", "")))


def shown(body: bytes, subject: str = "") -> dict[str, Any]:
    """The ids of cases and pairs that stand in an answer, without the one it is about; of very many the first ones."""
    told: dict[str, Any] = {}
    for name, pattern in SHOWN.items():
        ids = [each for each in dict.fromkeys(found.decode() for found in pattern.findall(body)) if each != subject]
        if ids:
            told[name] = ids[:MOST_IDS]
        if len(ids) > MOST_IDS:
            told[f"more_{name}"] = len(ids) - MOST_IDS
    return told


def _shows_somebody(scope: Scope) -> bool:
    path = getattr(scope.get("route"), "path", "")
    return bool(path) and not path.startswith("/static") and not isinstance(READ.get(path), Nothing)


class _JustShown:
    """Which photos stood in an answer to whom, for some minutes; forgotten ones only cost a row of their own."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()

    def note(self, account_id: str, photo_ids: set[str]) -> None:
        until = time.monotonic() + 60 * MINUTES
        with self._turn:
            for photo_id in photo_ids:
                self._until[account_id, photo_id] = until
                self._until.move_to_end((account_id, photo_id))
            while len(self._until) > REMEMBERED:
                self._until.popitem(last=False)

    def has(self, account_id: str, photo_id: str) -> bool:
        with self._turn:
            return self._until.get((account_id, photo_id), 0.0) > time.monotonic()
