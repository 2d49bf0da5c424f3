"""Things that are there for made-up requests, fresh for each operation and at the step at which it can be carried out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from tests.api.test_routes import ACCOUNTS, TABLE, Row, a_draft, a_keepout, filled
from tests.factories import a_hit, a_request, an_emergency, an_id
from tests.families.sent import a_report, a_sighting
from tests.house import House
from tests.importing.handed import brought, checked, hand_in, put
from tests.neighbours import NORTH, Neighbours
from tracing.access import SYSTEM
from tracing.domain import (
    Case,
    CaseClock,
    CaseKind,
    Channel,
    EscalatedClock,
    Judgement,
    LegalBasis,
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
        house.services.partner_register.tie(SYSTEM, ACCOUNTS[Role.PARTNER], "police.example.cn", LegalBasis.STATUTORY_DUTY)
        self._shared = self._made("")
        self._shared["run_id"] = brought(house, hand_in(house, "编号,姓名\n,王建国\n")).run_id
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
            if "version" in things and "version" in request["json"]:
                request["json"]["version"] = int(things["version"])
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
        told, seen = a_report(house, station_id="main"), a_sighting(house, one)
        names = {
            "report_id": told.report_id,
            "sighting_id": seen.sighting_id,
            "notice_id": a_draft(house, one, report.photo.photo_id).notice_id,
            "hit_id": put(house, a_hit(one), portrait=b"jpeg").hit_id,
            "keepout_id": a_keepout(house).keepout_id,
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
        if not label or "{list_id}" in label:  # few of them may wait
            names |= self._list(label)
        names |= self._of_rights(label, one) | self._of_notices(label, names)
        return names | self._at_its_step(label, other, pair, clock)

    def _list(self, label: str) -> dict[str, str]:
        handed = hand_in(self._house)
        if label.endswith("/start"):
            handed = checked(self._house, handed)
        return {"list_id": handed.list_id, "version": str(handed.version)}

    def _of_rights(self, label: str, case: Case) -> dict[str, str]:
        """What has been done to the case of ``case_id`` before, or to its photo."""
        house, services = self._house, self._house.services
        match label.removeprefix("POST /api/v1/"):
            case "cases/{case_id}/safeguard/clear":
                services.safeguarding.mark(house.intake, case.case_id, "the father beat her")
            case "cases/{case_id}/unshare":
                services.case_sharing.share(house.manager, case.case_id, "the daughter signed for it")
            case "cases/{case_id}/face/give-back":
                services.withdrawing.withdraw(house.intake, case.case_id, "she asked us to")
            case "cases/{case_id}/erase/take-back":
                services.retention.say_erase(house.manager, case.case_id, "she asked us to", suppress=False)
            case "photos/{photo_id}/let-in":
                gone = next(self._numbers)
                services.retention.erase_case(house.manager, house.missing(gone).case_id, suppress=True)
                return {"photo_id": house.photograph(house.open(CaseKind.SHELTERED), gone).photo.photo_id}
        return {}

    def _of_notices(self, label: str, names: dict[str, str]) -> dict[str, str]:
        """The notice at the step that the operation needs, by its version."""
        notices, manager, notice_id = self._house.services.notices, self._house.manager, names["notice_id"]
        steps = ("take-back", "publish", "withdraw")
        if not label.startswith("POST /api/v1/notices/") or not label.endswith(steps):
            return {}
        notice = notices.approve(manager, notice_id, 1, "compared")
        if label.endswith("withdraw"):
            notice = notices.publish(manager, notice_id, notice.version)
        return {"version": str(notice.version)}

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
