"""The timeline of a case: a page of it by kind, and its newest entries for the page of the case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from api.deps import ServicesDep
from api.staff.sheets import Sheet
from api.staff.templating import page
from api.staff.visit import Staff, Visit
from tracing.bootstrap import Services
from tracing.domain import Entry, EntryKind, What

router = APIRouter()

PER_SHEET: Final = 25
NEWEST: Final = 8
"""On the page of the case."""


@router.get("/cases/{case_id}/timeline")
def timeline(visit: Staff, services: ServicesDep, case_id: str, kind: str = "", sheet: int = 1) -> Response:
    """``sheet`` counts from 1; a kind that there is not is no filter."""
    wanted = EntryKind(kind) if kind in set(EntryKind) else None
    at = Sheet.asked(sheet, PER_SHEET)
    services.clockwork.follow()
    found = services.timeline.read(visit.actor, case_id, wanted, at.size, offset=at.skipped)
    return page(
        visit,
        "timeline.html",
        case=services.casework.get(visit.actor, case_id),
        found=found,
        wanted=wanted,
        names=services.accounts.names(),
        days=by_day(found.entries, services.settings.zone),
        entry_kinds=list(EntryKind),
        place=services.stations.place(visit.actor, case_id),
        clock_zone=services.clockwork.jurisdiction.zone,
        now=services.clock(),
        **at.of(found.total),
        query=urlencode({"kind": wanted.value} if wanted is not None else {}),
    )


def newest(visit: Visit, services: Services, case_id: str) -> dict[str, Any]:
    """What the page of the case shows of it."""
    found = services.timeline.of_case(visit.actor, case_id, limit=NEWEST)
    return {"timeline": found, "days": by_day(found.entries, services.settings.zone), "entry_kinds": list(EntryKind)}


def by_day(entries: Iterable[Entry], zone: tzinfo | None) -> list[tuple[date, list[list[Entry]]]]:
    """The entries under the days they belong to, in the order they come in; pairs that came together in one bundle."""
    days = groupby(entries, lambda entry: entry.at.astimezone(zone).date())
    return [(day, [list(those) for _, those in groupby(of_day, _bundle)]) for day, of_day in days]


def _bundle(entry: Entry) -> str:
    return entry.what if entry.what in (What.PAIR_PROPOSED, What.CLUE_HIT) else entry.entry_id
