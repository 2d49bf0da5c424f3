"""Every page and every route that is read, asked by people of another station about somebody who is kept from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.erasures.answers import told
from tests.erasures.run import ids_of
from tests.erasures.traces import Traces, traces_of
from tests.factories import a_hit
from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import put
from tests.neighbours import NORTH, Neighbours
from tracing.domain import Case, CaseKind, LegalBasis

pytestmark = pytest.mark.long

WORDS: Final = {"name": "痕迹小明qz", "mark": "痕迹左手六指qz"}
OWN_QUESTIONS: Final = {"/stations", "/api/v1/requests", "/api/v1/requests/{request_id}", "/api/v1/break-glass"}
"""What a station has asked and opened it goes on to see, with the case's id and nothing of the person."""
PLACE: Final = "安徽省阜阳市王家坳村"


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody at the first station, and the report of the second one that fits by face and by place."""

    house: House
    north: Neighbours
    case: Case
    report: Case

    def told(self, *names: str) -> list[str]:
        """The answers to these people in which something of the person stands."""
        people = {each.reference: ids_of(self.house.services, each.case_id) for each in (self.case, self.report)}
        looked_at, leaks = told(self.house.services, self._traces(), people, names)
        assert looked_at > 100 * len(names)
        return leaks

    def _traces(self) -> Traces:
        """Whoever has the address of the case is told by which name to ask for it."""
        found = traces_of(self.house, [self.case.case_id], WORDS)
        found.ids.discard(self.case.reference)
        return found


def beside(house: House, **said: Any) -> Beside:
    north = Neighbours(house)
    case = house.sheltered(1, names=(WORDS["name"],), marks=WORDS["mark"], seen_place=PLACE, **said)
    report = house.open(CaseKind.MISSING, north.intake, names=("小明",), seen_place=PLACE, **said)
    photo = house.services.intake.add_photo(north.intake, report.case_id, painted_photo(1, shot=9))
    house.services.intake.analyse(photo.photo_id)
    house.services.worker.work_off()
    put(house, a_hit(case, station_id=NORTH))
    return Beside(house, north, case, report)


def test_l3_no_answer_tells_of_a_child_until_a_guardian_agrees(house: House) -> None:
    of_child = beside(house, age_min=8, age_max=9)
    assert of_child.told(*(each.name for each in of_child.north.everybody)) == []
    assert len(of_child.told("chen")) > 5, "who works there is told of the child"
    house.services.casework.amend(house.intake, of_child.case.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    house.services.worker.work_off()
    assert len(of_child.told("north chen")) > 2, "what nobody could have been told says nothing"


def test_l21_no_answer_tells_of_somebody_whose_relatives_may_be_the_danger_whatever_was_granted(house: House) -> None:
    guarded = beside(house, age_min=40, age_max=50)
    guarded.north.granted(guarded.case)
    house.services.emergencies.open(guarded.north.manager, guarded.case.case_id, "somebody is in danger")
    assert len(guarded.told("north sun")) > 5, "what nobody could have been told says nothing"
    house.services.safeguarding.mark(house.intake, guarded.case.case_id, "her brother has beaten her")
    for leak in guarded.told(*(each.name for each in guarded.north.everybody)):
        assert leak.split(":")[0].split()[-1] in OWN_QUESTIONS, leak
        assert not any(word in leak for word in WORDS.values()), leak
    assert len(guarded.told("chen")) > 5
