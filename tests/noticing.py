"""Steps with notices that several stories share: somebody in care who is told of, and a notice in each state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.house import House
from tracing.domain import Actor, Case, CaseKind, LegalBasis, Notice, NoticeState, PartialDate, Sex
from tracing.notices.drafting import NoticeDraft

STATION = "合肥市救助管理站"
CONTACT = "0551-6299 8000"
SAID: dict[str, Any] = {
    "names": ("王建国",),
    "sex": Sex.MALE,
    "age_min": 60,
    "age_max": 70,
    "height_cm": 168,
    "marks": ("左眉有一道疤", "右手缺小指"),
    "clothing": "蓝色棉外套、黑布鞋",
    "seen_at": PartialDate(2026, 2, 27),
    "seen_place": "合肥站北广场",
}


def told_of(house: House, person: int = 1, kind: CaseKind = CaseKind.SHELTERED, **said: Any) -> Case:
    """A grown person with a photo, of whom enough is known for a notice."""
    return (house.sheltered if kind is CaseKind.SHELTERED else house.missing)(person, **SAID | said)


def a_draft(house: House, case: Case, actor: Actor | None = None, **changes: Any) -> NoticeDraft:
    """What the form proposes, with the station's line."""
    proposed = house.services.notices.proposal(actor or house.intake, case.case_id).draft
    return replace(proposed, **{"station": STATION, "contact": CONTACT} | changes)


def a_notice(house: House, case: Case, state: NoticeState = NoticeState.PUBLISHED, **changes: Any) -> Notice:
    """Of this case, taken by people to this state."""
    notices = house.services.notices
    made = notices.draft(house.intake, case.case_id, a_draft(house, case, **changes))
    if state is not NoticeState.DRAFT and state is not NoticeState.WITHDRAWN:
        made = notices.approve(house.manager, made.notice_id, made.version, "as agreed")
    if state in (NoticeState.PUBLISHED, NoticeState.EXPIRED):
        made = notices.publish(house.manager, made.notice_id, made.version)
    if state is NoticeState.WITHDRAWN:
        made = notices.withdraw(house.intake, made.notice_id, made.version, "not needed")
    if state is NoticeState.EXPIRED:
        at, house.clock.now = house.clock.now, made.expires_at or house.clock.now
        house.services.taking_down.look()
        house.clock.now = at
    return now(house, made)


def now(house: House, notice: Notice) -> Notice:
    """As it is kept."""
    with house.services.store.reading() as records:
        return records.notices.get(notice.notice_id)


def without_basis(house: House, case: Case) -> None:
    house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.NONE)
