"""Things that are there for made-up requests, fresh for each operation and at the step at which it can be carried out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from tests.api.test_routes import ACCOUNTS, TABLE, Row, filled
from tests.factories import a_request, an_emergency, an_id
from tests.house import House
from tests.neighbours import NORTH, Neighbours
from tracing.domain import (
    Case,
    CaseClock,
    CaseKind,
    Channel,
    EscalatedClock,
    Judgement,
    Outcome,
    Pair,
    Part,
    RequestKind,
    Role,
    Told,
)
from tracing.verdict import Proof

PEOPLE: Final = 200
"""Their faces begin here."""
OTHER_BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST /api/v1/clues/{clue_id}/withdraw": {"version": 1, "reason": "because"},
    "POST /api/v1/pairs/{pair_id}/reconsider": {"judgement": "same_likely", "reason": "the same ears"},
}
"""Where the table of routes has one that comes after another request."""
ROWS: Final = {f"{row.method} {row.path}": row for row in TABLE if row.path.startswith("/api/v1/")}


class Things:
    """``of`` makes them; what only reads shares a set."""

    def __init__(self, house: House) -> None:
        house.clock.now = datetime.now(UTC).replace(microsecond=0)  # as the server has it that comes after
        self._house = house
        self._north = Neighbours(house)
        self._numbers = count(PEOPLE)
        house.hire(ACCOUNTS[Role.PARTNER], Role.PARTNER)
        self._shared = self._made("")
        self._sheltered = house.sheltered(next(self._numbers), age_min=40).case_id

    def of(self, label: str) -> dict[str, str]:
        """Of an operation as the document calls it: ``POST /api/v1/cases/{case_id}/close``."""
        if label == "GET /api/v1/cases/{case_id}/interview-help":
            return self._shared | {"case_id": self._sheltered}
        return self._made(label) if "{" in label and not label.startswith("GET") else self._shared

    def request(self, label: str, things: dict[str, str]) -> dict[str, Any]:
        """One that makes sense: ``json``, ``files`` or nothing, with these things in it."""
        row: Row | None = ROWS.get(label)
        request = dict((row.request if row is not None else None) or {})
        if label in OTHER_BODIES:
            request["json"] = OTHER_BODIES[label]
        if "json" in request:
            request["json"] = {
                name: filled(value, things) if isinstance(value, str) else value for name, value in request["json"].items()
            }
        return request

    def _made(self, label: str) -> dict[str, str]:
        house, person = self._house, next(self._numbers)
        one, other = house.missing(person, age_min=40), house.sheltered(person, age_min=40)
        pair = house.pair(one, other)
        clock = self._clock(other)
        report = house.photograph(one, person + 5_000, faces=2)
        now = house.clock()
        request = a_request(one, NORTH, asking=NORTH, asked="main", asked_at=now, deadline=now + timedelta(days=14))
        emergency = an_emergency(one, station_id=NORTH, opened_at=now, ends_at=now + timedelta(minutes=30))
        escalated = EscalatedClock(an_id(), clock.clock_id, other.case_id, Role.MANAGER, house.clock())
        with house.services.store.transaction() as records:
            records.escalations.add(escalated)
            records.stations.add_request(request)
            records.stations.add_emergency(emergency)
        names = {
            "case_id": one.case_id,
            "pair_id": pair.pair_id,
            "clock_id": clock.clock_id,
            "escalation_id": escalated.escalation_id,
            "request_id": request.request_id,
            "emergency_id": emergency.emergency_id,
            "photo_id": report.photo.photo_id,
            "face_id": report.faces[1].face_id,
            "clue_id": house.services.interviews.record(house.intake, one.case_id, Told("he said Fuyang")).clue.clue_id,
        }
        return names | self._at_its_step(label, other, pair, clock)

    def _clock(self, case: Case) -> CaseClock:
        """Of a duty that has begun a moment ago."""
        clockwork = self._house.services.clockwork
        (rule, *_) = clockwork.startable(case)
        clockwork.start(self._house.intake, case.case_id, rule.rule_id, "he was lost")
        return next(each.clock for each in clockwork.of_case(self._house.manager, case.case_id) if each.clock.rule == rule)

    def _at_its_step(self, label: str, case: Case, pair: Pair, clock: CaseClock) -> dict[str, str]:
        """What the operation needs before, done; and the ids that are other ones then."""
        house, services, north = self._house, self._house.services, self._north
        own, theirs = {"case_id": case.case_id}, lambda: self._theirs().case_id
        match label.removeprefix("POST /api/v1/"):
            case "leads/{lead_id}/close":
                house.judge(house.second, pair, Judgement.LOOKS_LIKE_RELATIVE)
                found = {each.lead.pair_id: each.lead.lead_id for each in services.leads.open_ones(house.auditor)}
                return {"lead_id": found[pair.pair_id]}
            case "pairs/{pair_id}/verify" | "pairs/{pair_id}/revoke":
                house.confirm(pair)
            case "pairs/{pair_id}/reunite":
                services.review.verify(house.manager, house.confirm(pair).pair_id, Proof.DNA, "L-7")
            case "pairs/{pair_id}/reconsider":
                house.judge(house.reviewer, pair, Judgement.EXCLUDED)
            case "cases/{case_id}/approval/withdraw":
                services.casework.close(house.intake, case.case_id, Outcome.DECEASED, "the hospital says so", Channel.OTHER)
                return own
            case "cases/{case_id}/reopen":
                services.casework.close(house.intake, case.case_id, Outcome.SELF_LEFT, "he left", Channel.OTHER)
                return own
            case "cases/{case_id}/clocks":
                return {"case_id": house.sheltered(next(self._numbers), age_min=40).case_id}
            case "cases/{case_id}/interview-help":
                return own
            case "clocks/{clock_id}/resume":
                services.clockwork.pause(house.manager, clock.clock_id, "the police asks for time")
            case "cases/{case_id}/break-glass":
                return {"case_id": theirs()}
            case "requests":
                return own
            case "requests/{request_id}/revoke" | "requests/{request_id}/done":
                request = services.assistance.ask(
                    house.intake, theirs(), RequestKind.ASSISTANCE, "his village", "", [Part.DESCRIPTION]
                )
                if label.endswith("done"):
                    services.assistance.accept(north.manager, request.request_id, "they know him")
                return {"request_id": request.request_id}
        return {}

    def _theirs(self) -> Case:
        """Of the other station."""
        return self._house.open(CaseKind.SHELTERED, self._north.intake, age_min=40, age_max=60)
