"""What every record store promises about tracing notices, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOON, a_case, a_photo, a_sheltered_case, an_id
from tracing.domain import (
    Case,
    CaseKind,
    Notice,
    NoticeEnd,
    NoticeField,
    NoticeMark,
    NoticePhoto,
    NoticeState,
    NoticeWords,
    PartialDate,
    PhotoCut,
    Sex,
)
from tracing.errors import Conflict, NotFound, Stale
from tracing.ports import RecordStore
from tracing.records import NoticeFilter
from tracing.vision import Box

S = NoticeState
WORDS = NoticeWords(
    name="王建国",
    sex=Sex.MALE,
    age_min=60,
    age_max=70,
    height_cm=168,
    build="thin",
    hair="花白",
    marks=(NoticeMark(text="左眉有疤"), NoticeMark("", "tattoo", "左臂", "left", "一条龙")),
    clothing="蓝外套",
    seen_at=PartialDate(2026, 2),
    seen_place="合肥",
    mind="健忘",
)


@pytest.fixture
def case(store: RecordStore) -> Case:
    made = a_sheltered_case()
    with store.transaction() as records:
        records.cases.add(made)
    return made


def a(case: Case, **changes: Any) -> Notice:
    values = (an_id(), case.case_id, case.kind, an_id(), "救助站", "0551-1", (an_id(1),), NOON)
    return replace(Notice(*values), **changes)


def stands(case: Case, minutes: int = 0, **changes: Any) -> Notice:
    dates = {"published_at": NOON + timedelta(minutes=minutes), "expires_at": NOON + timedelta(days=30)}
    return a(case, **{"state": S.PUBLISHED} | dates | changes)


def added(store: RecordStore, *notices: Notice) -> list[str]:
    with store.transaction() as records:
        for each in notices:
            records.notices.add(each)
    return [each.notice_id for each in notices]


def test_everything_of_a_notice_comes_back_as_it_was(store: RecordStore, case: Case) -> None:
    photo = a_photo(case.case_id)
    with store.transaction() as records:
        records.photos.add(photo)
    whole = a(
        case,
        state=S.WITHDRAWN,
        shown=frozenset({NoticeField.NAME, NoticeField.MIND, NoticeField.PHOTO}),
        words=WORDS,
        photo=NoticePhoto(photo.photo_id, PhotoCut.FACE, Box(1, 2, 30, 40), (Box(5, 6, 7, 8),)),
        taken={NoticeField.NAME: "王建国"},
        reasons={NoticeField.MIND: "his family will know"},
        approved_by=an_id(2),
        approved_at=NOON,
        approval_reason="as agreed",
        published_by=an_id(2),
        published_at=NOON,
        expires_at=NOON + timedelta(days=30),
        ended_by=an_id(3),
        ended_at=NOON + timedelta(days=1),
        end=NoticeEnd.BY_HAND,
        end_reason="he is home",
    )
    bare = a(case)
    added(store, whole, bare)
    with store.reading() as records:
        assert records.notices.get(whole.notice_id) == whole
        assert records.notices.get(bare.notice_id) == bare
        assert records.notices.by_token(whole.token) == whole
        assert records.notices.by_token("nobody's") is None
        with pytest.raises(NotFound):
            records.notices.get(an_id())


def test_an_earlier_version_is_not_written_over_a_later_one(store: RecordStore, case: Case) -> None:
    notice = a(case)
    added(store, notice)
    with store.transaction() as records:
        later = records.notices.save(replace(notice, words=WORDS))
    assert (later.version, later.words) == (2, WORDS)
    with store.transaction() as records, pytest.raises(Stale):
        records.notices.save(replace(notice, contact="0551-2"))
    with store.transaction() as records, pytest.raises(NotFound):
        records.notices.save(a(case))
    with store.reading() as records:
        assert records.notices.get(notice.notice_id) == later


def test_an_address_is_one_notice_s_alone_and_a_notice_is_of_a_case_that_is_there(store: RecordStore, case: Case) -> None:
    notice = a(case)
    added(store, notice)
    for impossible in (a(case, token=notice.token), a(a_case())):
        with pytest.raises(Conflict), store.transaction() as records:
            records.notices.add(impossible)


def test_lists_are_of_a_state_and_a_station_the_newest_first(store: RecordStore, case: Case) -> None:
    other = a_sheltered_case(station_id="north")
    with store.transaction() as records:
        records.cases.add(other)
    drafts = [a(case, drafted_at=NOON + timedelta(minutes=number)) for number in range(3)]
    added(store, *drafts, stands(case), a(other))
    newest = [each.notice_id for each in reversed(drafts)]
    with store.reading() as records:
        found = records.notices.find(NoticeFilter(S.DRAFT, case.station_id), 2)
        assert [each.notice_id for each in found] == newest[:2]
        assert [each.notice_id for each in records.notices.find(NoticeFilter(S.DRAFT, case.station_id), 9, 2)] == newest[2:]
        assert len(records.notices.find(NoticeFilter(), 9)) == 5
        assert records.notices.counts(case.station_id) == {S.DRAFT: 3, S.PUBLISHED: 1} | dict.fromkeys(
            (S.APPROVED, S.WITHDRAWN, S.EXPIRED), 0
        )
        assert records.notices.counts(None)[S.DRAFT] == 4
        assert {each.case_id for each in records.notices.of_case(other.case_id)} == {other.case_id}


def test_what_is_published_is_listed_until_it_is_over(store: RecordStore, case: Case) -> None:
    missing = a_case()
    with store.transaction() as records:
        records.cases.add(missing)
    first, second, third = stands(case, 1), stands(missing, 2), stands(case, 3, expires_at=NOON + timedelta(days=1))
    added(store, first, second, third, a(case), stands(case, 4, state=S.WITHDRAWN))
    with store.reading() as records:
        found = records.notices
        assert found.published(NOON, 9) == [third, second, first]
        assert found.published(NOON, 1, 1) == [second]
        assert found.published(NOON + timedelta(days=1), 9) == [second, first]
        assert found.published(NOON, 9, kind=CaseKind.MISSING) == [second]
        both = [case.case_id, missing.case_id]
        assert found.published_of(both, NOON) == {case.case_id: third, missing.case_id: second}
        assert found.published_of(both, NOON + timedelta(days=1)) == {case.case_id: first, missing.case_id: second}
        assert found.published_of([], NOON) == {}
        assert (found.count_published(NOON), found.count_published(NOON, CaseKind.SHELTERED)) == (3, 2)


def test_those_that_have_not_ended_come_in_the_order_of_their_ids(store: RecordStore, case: Case) -> None:
    living = added(store, *(a(case, state=state) for state in (S.DRAFT, S.APPROVED)), stands(case))
    added(store, *(a(case, state=state) for state in (S.WITHDRAWN, S.EXPIRED)))
    with store.reading() as records:
        assert [each.notice_id for each in records.notices.living("", 2)] == living[:2]
        assert [each.notice_id for each in records.notices.living(living[1], 2)] == living[2:]


def test_a_station_signs_as_it_did_last(store: RecordStore, case: Case) -> None:
    with store.reading() as records:
        assert records.notices.last_signature(case.station_id) is None
    added(
        store,
        a(case, contact="first", approved_at=NOON),
        a(case, contact="last", approved_at=NOON + timedelta(days=1)),
        a(case, contact="never approved", drafted_at=NOON + timedelta(days=2)),
    )
    with store.reading() as records:
        assert records.notices.last_signature(case.station_id) == ("救助站", "last")
        assert records.notices.last_signature("north") is None
