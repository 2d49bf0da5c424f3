"""Two stations beside each other and a central one, with people of every role at the second, for tests of what they share."""

from __future__ import annotations

from typing import Any

from tests.house import House
from tracing.access import SYSTEM
from tracing.domain import Actor, Case, CaseKind, Part, RequestKind, Role, StationRequest

HOME = "main"
NORTH = "north"
POOL = "pool"
TO_COMPARE = (Part.DESCRIPTION, Part.PHOTOS)


class Neighbours:
    """The people of a house work at ``main``; ``lin``, ``chen`` ... have colleagues of the same roles at ``north``."""

    def __init__(self, house: House) -> None:
        self.house = house
        stations = house.services.stations
        stations.add(SYSTEM, HOME, "Main shelter")
        stations.add(SYSTEM, NORTH, "North shelter")
        stations.add(SYSTEM, POOL, "Reviewers of the city", central=True)
        self.intake = self.hire("north lin", Role.INTAKE)
        self.reviewer = self.hire("north chen", Role.REVIEWER)
        self.manager = self.hire("north sun", Role.MANAGER)
        self.auditor = self.hire("north qian", Role.AUDITOR)
        self.partner = self.hire("north partner", Role.SERVICE)
        self.central = self.hire("pool wu", Role.REVIEWER, POOL)
        self.supervisor = self.hire("pool zhou", Role.MANAGER, POOL)

    @property
    def everybody(self) -> tuple[Actor, ...]:
        """Of the second station, one of each role."""
        return self.intake, self.reviewer, self.manager, self.auditor, self.partner

    def hire(self, name: str, role: Role, station: str = NORTH) -> Actor:
        account, _ = self.house.services.accounts.add(SYSTEM, name, role, station_id=station)
        return Actor(account.account_id, account.name, account.role, account.station_id)

    def case(self, **said: Any) -> Case:
        """A grown-up's case of the first station."""
        return self.house.open(CaseKind.SHELTERED, **{"names": ("老王",), "age_min": 40, "age_max": 60} | said)

    def asked(self, case: Case, *parts: Part, kind: RequestKind = RequestKind.ASSISTANCE, days: int = 14) -> StationRequest:
        """The second station asks for a case of the first one."""
        return self.house.services.assistance.ask(self.intake, case.case_id, kind, "his village is here", "", parts, days)

    def granted(self, case: Case, *parts: Part, days: int = 14) -> StationRequest:
        request = self.asked(case, *(parts or TO_COMPARE), days=days)
        return self.house.services.assistance.accept(self.house.manager, request.request_id, "they know the dialect")
