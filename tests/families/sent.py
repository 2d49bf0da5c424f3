"""Reports and sightings that were sent, without going through the pages."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from tests.factories import an_id
from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import Case, FamilyReport, HandedPhoto, PartialDate, ReportState, Sighting
from tracing.families.consenting import consent_text
from tracing.leftovers import Leftovers

TYPED = {
    "names": "王建国、国娃",
    "sex": "male",
    "age": "约67岁",
    "marks": "左眉有一道疤\n右手缺小指",
    "languages": "四川话",
    "seen_at": "2026年3月",
    "seen_place": "合肥站北广场",
    "circumstances": "去买菜以后没有回家",
    "relation": "女儿",
    "name": "李秀英",
    "phone": "13800138000",
    "place": "合肥市蜀山区",
}


def a_report(house: House, photos: int = 1, person: int = 1, face: bool = True, **more: Any) -> FamilyReport:
    """One that was sent, with photos of a painted person."""
    now = house.clock()
    values: dict[str, Any] = {
        "state": ReportState.SENT,
        "sent_at": now,
        "typed": dict(TYPED),
    }
    report = FamilyReport(
        an_id(),
        f"FR-{an_id()[-8:].upper()}",
        an_id() * 2,
        an_id() * 2,
        consent_text("zh_CN").given(face),
        now,
        now,
        **values | more,
    )
    with house.services.store.transaction() as records:
        records.reports.add(report)
    for shot in range(photos):
        hand_in(house, painted_photo(person, shot=900 + shot), report_id=report.report_id, taken_on=PartialDate(2019))
    return report


def withdrawn_by_the_family(house: House, case: Case) -> FamilyReport:
    """The report of which this is the case: withdrawn a moment ago, and no worker has come by."""
    return a_report(house, 0, state=ReportState.WITHDRAWN, withdrawn_at=house.clock(), case_id=case.case_id)


def a_sighting(house: House, case: Case, photo: bool = True, **more: Any) -> Sighting:
    values = {"said": "在火车站看到一个很像的人", "place": "阜阳站", "seen_on": "昨天下午", "contact": "13900139000"}
    sighting = Sighting(an_id(), case.case_id, an_id(), "zh_CN", house.clock(), **values | more)
    with house.services.store.transaction() as records:
        records.sightings.add(sighting)
    if photo:
        hand_in(house, painted_photo(3, shot=901), sighting_id=sighting.sighting_id)
    return sighting


def hand_in(house: House, data: bytes, **owner: Any) -> HandedPhoto:
    services = house.services
    leftovers = Leftovers(services.store, services.photos, house.clock, timedelta(minutes=30))
    key = leftovers.keep(data)
    photo = HandedPhoto(an_id(), key, hashlib.sha256(data).hexdigest(), len(data), 120, 80, house.clock(), **owner)
    with services.store.transaction() as records:
        leftovers.settle(records, key)
        records.handed.add(photo)
    return photo


def photo_of(house: House, sent: FamilyReport | Sighting) -> str:
    """The number of its first photo."""
    with house.services.store.reading() as records:
        if isinstance(sent, FamilyReport):
            return records.handed.of_reports([sent.report_id])[0].handed_id
        return records.handed.of_sightings([sent.sighting_id])[0].handed_id


def now_of(house: House, report: FamilyReport) -> FamilyReport:
    with house.services.store.reading() as records:
        return records.reports.get(report.report_id)
