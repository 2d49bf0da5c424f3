"""No answer tells another station of a child whom the form alone calls one, whatever it had been let see before (L3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.erasures.answers import told
from tests.erasures.person import FACE, MARKS
from tests.erasures.run import ids_of
from tests.erasures.traces import Traces
from tests.factories import a_hit
from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import put
from tests.neighbours import NORTH, Neighbours
from tests.stations.test_children import PLACE
from tracing.domain import Case, CaseKind, Told

SAID = "家在阜阳市颍上县,会补锅"


@pytest.mark.long
def test_l3_no_page_and_no_route_tells_of_whom_the_form_alone_calls_a_child(any_house: House) -> None:
    house, north = any_house, Neighbours(any_house)
    case, own = _alike(house, north)
    north.granted(case)
    ids = {each.reference: ids_of(house.services, each.case_id) for each in (case, own)}
    traces = _traces(house, case)
    people = [each.name for each in north.everybody]
    assert sum(map(bool, told(house.services, traces, ids, people[1:2])[1])) > 10, "what tells nothing before proves nothing"
    house.services.filing.write(house.intake, case.case_id, {"age_claimed": "12"})
    house.services.worker.work_off()
    asked, leaks = told(house.services, traces, ids, people)
    assert asked > 800
    assert [each for each in leaks if each] == []


def _alike(house: House, north: Neighbours) -> tuple[Case, Case]:
    """Somebody of this station, and whom the other one looks for: alike by face, words and lists."""
    services = house.services
    case = house.sheltered(FACE, names=(MARKS["name"],), age_min=40, marks=(MARKS["mark"],), clothing=MARKS["clothing"])
    described = replace(house.case(case).description, seen_place=PLACE, circumstances=MARKS["circumstances"])
    services.casework.amend(house.intake, case.case_id, described)
    own = house.open(CaseKind.MISSING, north.intake, names=("王小明",), seen_place=PLACE, age_min=40)
    photo = services.intake.add_photo(north.intake, own.case_id, painted_photo(FACE, shot=9))
    services.intake.analyse(photo.photo_id)
    services.interviews.record(house.intake, case.case_id, Told(f"{MARKS['said']},{SAID}"))
    services.interviews.record(north.intake, own.case_id, Told(SAID))
    services.filing.write(house.intake, case.case_id, {"companions": MARKS["form"]})
    services.worker.work_off()
    put(house, a_hit(case, station_id=NORTH))
    put(house, a_hit(own, station_id=NORTH, source_id="9", opened_case_id=case.case_id))
    return case, own


def _traces(house: House, case: Case) -> Traces:
    """Without the names of the case itself, by which another station may ask for it: they tell nothing."""
    with house.services.store.reading() as records:
        photos, faces = records.photos.of_case(case.case_id), records.faces.of_case(case.case_id)
        pairs = records.pairs.of_case(case.case_id)
    ids = {each.photo_id for each in photos} | {each.face_id for each in faces} | {each.pair_id for each in pairs}
    return Traces(ids=ids, words=set(MARKS.values()))
