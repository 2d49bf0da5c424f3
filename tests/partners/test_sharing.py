"""Whose case partners are told of: somebody said so, for a time, and nobody who may be a child, on hold or without a basis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import a_case
from tests.families.sent import withdrawn_by_the_family
from tests.house import House, a_house
from tests.noticing import a_notice, told_of
from tests.partners.stories import AGREED, notes, persons, record_of, shared, verified
from tracing.access import SYSTEM
from tracing.domain import (
    Case,
    CaseKind,
    CaseState,
    Description,
    LegalBasis,
    NoticeField,
    NoticeState,
    Outcome,
    PartialDate,
    Role,
    Source,
)
from tracing.errors import Conflict, Invalid, NotAllowed, OtherStation, Safeguarded, WrongState
from tracing.partners.permitted import may_be_told
from tracing.partners.sharing import LASTS
from tracing.stations.reach import may_be_a_child, says_child

TODAY: Final = date(2026, 3, 1)


def test_nobody_is_told_of_by_itself(house: House) -> None:
    house.missing(1, names=("王建国",), age_min=60)
    house.sheltered(2, names=("李梅",), age_min=60)
    house.services.telling.follow()
    assert persons(house) == []


def test_a_shared_case_is_told_of_for_a_year(house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("王建国",), age_min=60, age_max=65)
    share = house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    (told,) = persons(house)
    assert (told.person_record_id, told.full_name) == (share.record_id, "王建国")
    assert share.record_id.startswith("shelter.example.org/")
    assert case.case_id not in share.record_id
    assert house.services.case_sharing.of_case(house.manager, case.case_id) == share
    assert [each.case_id for each, _ in house.services.case_sharing.all(house.manager)] == [case.case_id]
    house.clock.now = share.ends_at - timedelta(seconds=1)
    assert not persons(house)[0].placeholder
    house.clock.now = share.ends_at
    assert persons(house)[0].placeholder
    assert share.ends_at - share.shared_at <= LASTS
    assert [each.action for each in house.done(case)] == ["open_case", "share_case", "unshare_case"]


def test_ending_it_leaves_a_placeholder_at_once(house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("王建国",), age_min=60)
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    house.clock.advance(hours=1)
    house.services.case_sharing.unshare(house.manager, case.case_id, "the family does not want it any more")
    (left,) = persons(house)
    assert left.placeholder
    assert (left.source_date, left.entry_date, left.expiry_date) == (house.clock.now,) * 3
    with pytest.raises(WrongState):
        house.services.case_sharing.unshare(house.manager, case.case_id, "twice")
    again = house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    assert again.record_id != left.person_record_id, "a record that has expired does not come back"


def changed(house: House, case: Case, **said: Any) -> None:
    description = replace(house.case(case).description, **said)
    house.services.casework.amend(house.intake, case.case_id, description)


REASONS: Final[dict[str, Callable[[House, Case], object]]] = {
    "guarded": lambda house, case: house.services.safeguarding.mark(house.intake, case.case_id, "he fears his father"),
    "on hold": lambda house, case: house.services.casework.suspend(house.manager, case.case_id, "a dispute"),
    "without a basis": lambda house, case: house.services.casework.amend(
        house.intake, case.case_id, legal_basis=LegalBasis.NONE
    ),
    "a child": lambda house, case: changed(house, case, age_min=13),
    "of unknown age": lambda house, case: changed(house, case, age_min=None, age_max=None),
    "born as a child": lambda house, case: changed(house, case, birth_date=PartialDate(2015)),
    "a child as they say": lambda house, case: house.services.filing.write(house.intake, case.case_id, {"age_claimed": "12"}),
    "a child by category": lambda house, case: house.services.filing.write(
        house.intake, case.case_id, {"categories": ("lost", "child")}
    ),
    "withdrawn by the family": withdrawn_by_the_family,
    "closed": lambda house, case: house.services.casework.close(house.manager, case.case_id, Outcome.SELF_LEFT, "gone"),
    "erased": lambda house, case: house.services.retention.erase_case(house.manager, case.case_id),
    "kept out": lambda house, case: house.services.retention.erase_case(house.manager, case.case_id, suppress=True),
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("followed", [False, True], ids=["asked at once", "asked after the worker came by"])
def test_whoever_may_not_be_told_of_any_more_is_out_at_once_and_for_good(house: House, reason: str, followed: bool) -> None:
    case = house.sheltered(1, names=("王建国",), age_min=60, seen_place="成都")
    record_id = house.services.case_sharing.share(house.manager, case.case_id, AGREED).record_id
    REASONS[reason](house, case)
    house.clock.advance(minutes=1)
    if followed:
        house.services.telling.follow()
    (left,) = persons(house)
    assert left.placeholder
    assert left.person_record_id == record_id
    if reason == "on hold":
        house.services.casework.reopen(house.manager, case.case_id, "settled")
        house.services.telling.follow()
        assert persons(house)[0].placeholder, "somebody has to say anew that partners may be told"


def test_two_people_have_to_say_that_somebody_died_and_partners_are_told_that_the_record_is_over(house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("王建国",), age_min=60)
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    for actor in (house.intake, house.manager):
        house.services.casework.close(actor, case.case_id, Outcome.DECEASED, "the police")
    assert persons(house)[0].placeholder


def test_a_withdrawn_face_takes_nothing_but_the_photo_and_there_is_none(house: House) -> None:
    case = house.missing(1, names=("王建国",), age_min=60)
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    before = record_of(house, case)
    assert before.photo_url == ""
    house.services.withdrawing.withdraw(house.intake, case.case_id, "asked for")
    assert record_of(house, case).photo_url == ""


@pytest.mark.parametrize(
    ("said", "basis", "why"),
    [
        ({"age_min": 13}, LegalBasis.GUARDIAN_CONSENT, "under 14"),
        ({}, LegalBasis.STATUTORY_DUTY, "under 14"),
        ({"age_min": 60}, LegalBasis.NONE, "no legal basis"),
    ],
)
def test_who_may_not_be_told_of_is_not_shared(house: House, said: dict[str, Any], basis: LegalBasis, why: str) -> None:
    case = house.open(CaseKind.MISSING, basis=basis, **said)
    with pytest.raises(WrongState, match=why):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    assert persons(house) == []


def test_a_case_that_is_not_open_is_not_shared(house: House) -> None:
    case = house.open(CaseKind.MISSING, age_min=60)
    house.services.casework.suspend(house.manager, case.case_id, "a dispute")
    with pytest.raises(WrongState, match="open case"):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)


def test_what_came_from_a_partner_is_not_told_in_our_name(house: House) -> None:
    said = Description(names=("王建国",), age_min=60)
    source = Source("police.example.cn", "police.example.cn/7")
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, said, LegalBasis.STATUTORY_DUTY, source=source)
    with pytest.raises(WrongState, match="came from a partner"):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)


def test_it_needs_a_manager_of_the_station_and_a_reason(house: House) -> None:
    case = house.open(CaseKind.MISSING, age_min=60)
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    account, _ = house.services.accounts.add(SYSTEM, "ning", Role.MANAGER, station_id="north")
    north = replace(house.manager, account_id=account.account_id, station_id="north")
    for actor, error in ((house.intake, NotAllowed), (house.partner, NotAllowed), (north, OtherStation)):
        for step in (house.services.case_sharing.share, house.services.case_sharing.unshare):
            with pytest.raises(error):
                step(actor, case.case_id, AGREED)
        with pytest.raises(error):
            house.services.case_sharing.of_case(actor, case.case_id)
    with pytest.raises(Invalid):
        house.services.case_sharing.share(house.manager, case.case_id, "  ")
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    with pytest.raises(Conflict):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    assert house.services.case_sharing.all(north) == []


def test_without_a_domain_it_is_off_and_says_so(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", pfif_domain="") as house:
        case = house.open(CaseKind.MISSING, age_min=60)
        assert not house.services.case_sharing.is_on
        with pytest.raises(WrongState, match="TRACING_PFIF_DOMAIN"):
            house.services.case_sharing.share(house.manager, case.case_id, AGREED)
        with pytest.raises(WrongState, match="TRACING_PFIF_DOMAIN"):
            persons(house)
        assert house.services.telling.follow() == 0


def test_a_mark_that_somebody_typed_among_the_clothes_is_told_nowhere(house: House) -> None:
    case = shared(
        house, marks=("左手六指",), clothing="蓝色外套，左手六指；脸上有疤", accent="皖北、左手六指", seen_place="阜阳"
    )
    house.services.filing.write(house.intake, case.case_id, {"body_marks": [{"mark": "scar", "note": "脸上有疤"}]})
    told = record_of(house, case)
    assert told.description == "clothing: 蓝色外套，…；…\naccent: 皖北、…"
    assert told.notes[0].last_known_location == "阜阳"


def test_l3_a_child_is_told_of_by_a_published_notice_as_far_as_it_tells_itself_and_no_longer(house: House) -> None:
    case = house.open(
        CaseKind.MISSING,
        basis=LegalBasis.GUARDIAN_CONSENT,
        names=("王小明", "明明"),
        age_min=8,
        age_max=8,
        birth_date=PartialDate(2018),
        height_cm=120,
        clothing="蓝色上衣",
        accent="阜阳话",
        seen_place="成都",
    )
    for state in (None, NoticeState.DRAFT, NoticeState.APPROVED):
        if state is not None:
            a_notice(house, case, state, shown=frozenset({NoticeField.NAME, NoticeField.AGE}))
        with pytest.raises(WrongState, match="published notice"):
            house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    notice = a_notice(house, case, shown=frozenset({NoticeField.NAME, NoticeField.AGE}))
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    (told,) = persons(house)
    assert (told.full_name, told.alternate_names, told.age) == ("王小明", "", "7-8")
    assert (told.date_of_birth, told.description, told.notes[0].last_known_location) == ("", "", "")
    house.services.notices.withdraw(house.intake, notice.notice_id, notice.version, "the family asked")
    (left,) = persons(house)
    assert left.placeholder


def test_the_photo_is_that_of_a_published_notice_or_none(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", families_url="https://find.example") as house:
        case = told_of(house)
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)
        assert (record_of(house, case).photo_url, record_of(house, case).source_url) == ("", "")
        notice = a_notice(house, case)
        house.services.telling.follow()
        page = f"https://find.example/n/{notice.token}"
        assert (record_of(house, case).photo_url, record_of(house, case).source_url) == (f"{page}/photo.jpg", page)
        house.services.withdrawing.withdraw(house.intake, case.case_id, "he wants no search")
        assert (record_of(house, case).photo_url, record_of(house, case).source_url) == ("", "")


def test_what_a_family_agreed_to_counts_where_it_was_written_down(house: House) -> None:
    case = shared(house)
    house.services.filing.write(house.intake, case.case_id, {"consent_scope": ("compare", "share_partners")})
    assert not persons(house)[0].placeholder
    house.services.filing.write(house.intake, case.case_id, {"consent_scope": ("compare", "publish_notice")})
    assert persons(house)[0].placeholder
    with pytest.raises(WrongState, match="has not agreed"):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)


def test_l21_of_whom_relatives_may_be_the_danger_nobody_is_told_and_nobody_is_linked_with_them(house: House) -> None:
    one, other = (make(1, age_min=40, age_max=60) for make in (house.missing, house.sheltered))
    pair = verified(house, one, other)
    house.services.case_sharing.share(house.manager, one.case_id, AGREED)
    house.services.safeguarding.mark(house.intake, other.case_id, "he fears his father")
    with pytest.raises(Safeguarded):
        house.services.case_sharing.share(house.manager, other.case_id, AGREED)
    assert [each.linked_person_record_id for each in notes(house)] == [""]
    assert pair.pair_id not in repr(persons(house))


def test_where_somebody_may_be_in_danger_neither_station_nor_place_is_told(house: House) -> None:
    house.services.stations.add(SYSTEM, "main", "第一救助站")
    case = shared(house, CaseKind.SHELTERED, seen_place="成都")
    assert "第一救助站" in repr(persons(house))
    house.services.filing.write(house.intake, case.case_id, {"categories": ("trafficking_suspected",)})
    told = repr(persons(house)) + repr(notes(house))
    assert "第一救助站" not in told
    assert "成都" not in told


ages = st.none() | st.integers(0, 125)
born = st.none() | st.builds(PartialDate, st.integers(1900, 2026)) | st.builds(PartialDate, st.integers(1900, 2026), st.just(6))


@given(
    age_min=ages,
    age_max=ages,
    birth_date=born,
    basis=st.sampled_from(LegalBasis),
    state=st.sampled_from(CaseState),
    kind=st.sampled_from(CaseKind),
    form=st.fixed_dictionaries(
        {},
        optional={
            "age_claimed": st.integers(0, 99).map(str),
            "categories": st.sets(st.sampled_from(["lost", "child"])).map(tuple),
        },
    ),
)
def test_l3_l2_nobody_who_may_be_under_14_without_a_basis_or_not_open_is_told_of(
    age_min: int | None,
    age_max: int | None,
    birth_date: PartialDate | None,
    basis: LegalBasis,
    state: CaseState,
    kind: CaseKind,
    form: dict[str, Any],
) -> None:
    case = a_case(kind=kind, state=state, legal_basis=basis, age_min=age_min, age_max=age_max, birth_date=birth_date)
    case = replace(case, child_said=says_child(form, TODAY))
    said = [age for age in (age_min, age_max) if age is not None] + [int(form.get("age_claimed", 99))]
    of_age = (
        "child" not in form.get("categories", ())
        and all(age >= 14 for age in said)
        and (birth_date.latest <= date(TODAY.year - 14, TODAY.month, TODAY.day) if birth_date else age_min is not None)
    )
    expected = of_age and basis is not LegalBasis.NONE and state in (CaseState.OPEN, CaseState.MATCHED)
    assert (may_be_told(case, form) and not may_be_a_child(case, TODAY)) == expected
