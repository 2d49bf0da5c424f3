"""What partners are told: the fields, the notes, the dates and the order; and the placeholder that stays."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tests.house import House
from tests.partners.stories import AGREED, notes, persons, record_of, repository, shared, verified
from tests.stories import by_hand
from tests.test_audit_unavailable import BACK, GONE
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, Description, LegalBasis, PartialDate, Sex, Source, Wanted
from tracing.errors import AuditUnavailable, NotAllowed, TooMany
from tracing.exchange.pfif.reading import read
from tracing.exchange.pfif.records import UNKNOWN_NAME, PersonRecord
from tracing.exchange.pfif.writing import write, write_notes
from tracing.partners.outline import harmless
from tracing.partners.settling import FAREWELL
from tracing.verdict import Proof

MOMENT: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SAID: Final[dict[str, Any]] = {
    "names": ("王建国", "小国"),
    "sex": Sex.MALE,
    "birth_date": PartialDate(1966, 2, 3),
    "age_min": 59,
    "age_max": 61,
    "ethnic_group": "汉族",
    "languages": ("普通话",),
    "accent": "阜阳话",
    "height_cm": 170,
    "marks": ("a scar",),
    "clothing": "蓝色上衣",
    "seen_at": PartialDate(2026, 2, 1),
    "seen_place": "成都火车站",
    "circumstances": "left home after a quarrel",
}


def test_somebody_sought_is_a_person_with_a_note_that_information_is_sought(house: House) -> None:
    house.services.stations.add(SYSTEM, "main", "第一救助站")
    told = record_of(house, shared(house, **SAID))
    (note,) = told.notes
    assert told == PersonRecord(
        person_record_id=told.person_record_id,
        source_date=MOMENT,
        entry_date=MOMENT,
        expiry_date=MOMENT + timedelta(days=365),
        full_name="王建国",
        alternate_names="小国",
        author_name="第一救助站",
        source_name="第一救助站",
        sex="male",
        date_of_birth="1966",
        age="59-61",
        description="height: 170 cm\nclothing: 蓝色上衣\nlanguages: 普通话\naccent: 阜阳话",
        notes=(note,),
    )
    assert (note.status, told.status, note.last_known_location) == ("information_sought", "information_sought", "成都火车站")
    assert (note.person_record_id, note.author_name, note.source_date) == (told.person_record_id, "第一救助站", MOMENT)
    assert note.author_made_contact is None


def test_somebody_in_care_is_a_person_believed_alive_and_where_they_were_found_is_not_told(house: House) -> None:
    told = record_of(house, shared(house, CaseKind.SHELTERED, **SAID | {"names": ()}))
    assert (told.full_name, told.status) == (UNKNOWN_NAME, "believed_alive")
    assert "成都" not in repr(told)


def test_ages_are_those_of_the_day_of_the_record(house: House) -> None:
    case = house.open(CaseKind.MISSING, age_min=60, age_max=60)
    house.clock.advance(days=731)
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    assert record_of(house, case).age == "62"
    assert record_of(house, shared(house, age_min=60, age_max=None)).age == "60-125"


def test_what_goes_out_comes_in_the_same_at_any_pfif_reader(house: House) -> None:
    shared(house, **SAID)
    shared(house, CaseKind.SHELTERED, names=("李梅",))
    told = persons(house)
    back = read(write(told), "shelter.example.org")
    assert back.persons == tuple(told)
    assert back.skipped == ()
    loose = read(write_notes(notes(house)), "shelter.example.org")
    assert sorted(loose.notes, key=repr) == sorted((note for each in told for note in each.notes), key=repr)


def two(house: House) -> tuple[Case, Case]:
    """Two cases of one person, both shared, verified to be the same."""
    one, other = house.missing(1, names=("王建国",), age_min=60), house.sheltered(1, age_min=60)
    for case in (one, other):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    return one, other


def links(told: PersonRecord) -> list[str]:
    return [note.linked_person_record_id for note in told.notes if note.linked_person_record_id]


def test_a_verified_match_is_two_notes_that_answer_each_other(house: House) -> None:
    one, other = two(house)
    pair = house.confirm(house.pair(one, other))
    assert links(record_of(house, one)) == [], "two people who find faces alike are not enough"
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "number 7")
    house.services.telling.follow()
    first, second = record_of(house, one), record_of(house, other)
    assert (links(first), links(second)) == ([second.person_record_id], [first.person_record_id])
    assert {note.status for each in (first, second) for note in each.notes if note.linked_person_record_id} == {""}
    assert len([note for note in notes(house) if note.linked_person_record_id]) == 2


def test_a_revoked_match_is_told_as_such_by_the_same_notes(house: House) -> None:
    one, other = two(house)
    pair = verified(house, one, other)
    before = {note.note_record_id for note in notes(house) if note.linked_person_record_id}
    house.clock.advance(hours=1)
    house.services.review.revoke(house.manager, pair.pair_id, "the laboratory was wrong")
    house.services.telling.follow()
    after = {note.note_record_id: note for note in notes(house)}
    assert [each for each in after.values() if each.linked_person_record_id] == []
    assert all(after[note_id].source_date == house.clock.now for note_id in before)
    assert all("withdrawn" in after[note_id].text for note_id in before)


def test_a_match_that_was_revoked_before_anybody_was_told_is_never_told(house: House) -> None:
    one, other = house.missing(1, age_min=60), house.sheltered(1, age_min=60)
    house.services.review.revoke(house.manager, verified(house, one, other).pair_id, "the laboratory was wrong")
    for case in (one, other):
        house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    assert len(notes(house)) == 2


def test_nobody_is_linked_with_somebody_whom_partners_are_not_told_of(house: House) -> None:
    one, other = house.missing(1, age_min=60), house.sheltered(1, age_min=60)
    house.services.case_sharing.share(house.manager, one.case_id, AGREED)
    verified(house, one, other)
    house.services.telling.follow()
    assert links(record_of(house, one)) == []
    house.services.case_sharing.share(house.manager, other.case_id, AGREED)
    house.services.telling.follow()
    assert len(links(record_of(house, one))) == 1
    house.services.case_sharing.unshare(house.manager, other.case_id, "asked for")
    assert links(record_of(house, one)) == []


def test_a_match_with_a_partners_record_is_written_to_both(house: House) -> None:
    one = house.sheltered(1, age_min=60)
    source = Source("police.example.cn", "police.example.cn/7")
    theirs = house.services.intake.open_case(
        house.intake, CaseKind.MISSING, Description(age_min=60), LegalBasis.STATUTORY_DUTY, source=source
    )
    house.photograph(theirs, 1, shot=7)
    house.services.case_sharing.share(house.manager, one.case_id, AGREED)
    pair = verified(house, one, theirs)
    house.services.telling.follow()
    ours = record_of(house, one)
    assert links(ours) == ["police.example.cn/7"]
    (back,) = notes(house, Wanted(10, record_id="police.example.cn/7"))
    assert (back.person_record_id, back.linked_person_record_id) == ("police.example.cn/7", ours.person_record_id)
    assert back.note_record_id.startswith("shelter.example.org/")
    assert "police.example.cn/7" not in [each.person_record_id for each in persons(house)]
    house.services.review.revoke(house.manager, pair.pair_id, "a mistake")
    house.services.telling.follow()
    (gone,) = notes(house, Wanted(10, record_id="police.example.cn/7"))
    assert (gone.note_record_id, gone.linked_person_record_id) == (back.note_record_id, "")
    house.services.retention.erase_case(SYSTEM, theirs.case_id)
    assert notes(house, Wanted(10, record_id="police.example.cn/7")) == []


def test_l10_of_somebody_who_is_reunited_it_is_told_that_they_are_and_within_a_day_nothing(house: House) -> None:
    one, other = two(house)
    house.services.review.reunite(house.manager, verified(house, one, other).pair_id, "to his daughter")
    at = house.clock.now
    house.services.telling.follow()
    for case in (one, other):
        told = record_of(house, case)
        (note,) = told.notes
        assert (note.status, note.author_made_contact, told.status) == ("believed_alive", True, "believed_alive")
        assert (told.full_name, told.description, told.age) == (UNKNOWN_NAME, "", ""), "found = out (L10)"
        assert told.expiry_date == at + FAREWELL
    house.clock.advance(hours=6)
    house.services.telling.follow()
    assert {each.expiry_date for each in persons(house)} == {at + FAREWELL}
    house.clock.now = at + timedelta(days=1)
    assert all(each.placeholder for each in persons(house))
    assert notes(house) == []


def test_a_placeholder_holds_four_fields_and_stays_for_ever(house: House) -> None:
    case = shared(house, **SAID)
    record_id = record_of(house, case).person_record_id
    house.clock.advance(hours=1)
    house.services.retention.erase_case(SYSTEM, case.case_id)
    (left,) = persons(house)
    held = {each.name for each in fields(left) if getattr(left, each.name)}
    assert held == {"person_record_id", "source_date", "entry_date", "expiry_date"}
    house.clock.advance(days=3650)
    house.services.worker.work_off()
    assert [each.person_record_id for each in persons(house)] == [record_id]
    assert persons(house) == [left]
    with house.services.store.reading() as records:
        assert records.partners.told([record_id])[record_id].digest == ""


def test_the_entry_date_never_goes_back_and_what_has_changed_comes_last(house: House) -> None:
    first, second, third = (shared(house, names=(name,)) for name in ("one", "two", "three"))
    assert {each.entry_date for each in persons(house)} == {MOMENT}
    house.clock.advance(minutes=5)
    house.services.casework.amend(house.intake, first.case_id, replace(first.description, accent="阜阳话"))
    house.services.telling.follow()
    house.clock.advance(minutes=-30)  # the machine's clock is set back
    house.services.casework.amend(house.intake, second.case_id, replace(second.description, accent="阜阳话"))
    house.services.telling.follow()
    told = persons(house)
    assert [each.entry_date for each in told] == [MOMENT, *[MOMENT + timedelta(minutes=5)] * 2]
    assert told[0].full_name == "three"
    assert record_of(house, third).entry_date == MOMENT
    house.clock.advance(hours=2)
    house.services.casework.amend(house.intake, third.case_id, replace(third.description, accent="阜阳话"))
    fresh = persons(house, Wanted(200, min_entry_date=house.clock.now))
    assert fresh == [], "what nobody has looked at yet is not new"
    house.services.telling.follow()
    (fresh_one,) = persons(house, Wanted(200, min_entry_date=house.clock.now))
    assert (fresh_one.full_name, fresh_one.source_date) == ("three", house.clock.now)


def test_the_worker_tells_what_was_touched_within_a_minute_and_looks_at_everything_now_and_then(house: House) -> None:
    one, other = two(house)
    quiet = shared(house, names=("quiet",))
    house.services.telling.tend()
    with house.services.store.reading() as records:
        began, _ = records.audit.head()
    pair = verified(house, one, other)
    house.services.casework.amend(house.intake, quiet.case_id, replace(quiet.description, accent="阜阳话"))
    house.services.telling.tend()
    with house.services.store.reading() as records:
        assert len(records.partners.note_page(Wanted(200))) == 3, "not yet"
    house.clock.advance(minutes=1)
    house.services.telling.tend()
    with house.services.store.reading() as records:
        told = records.partners.note_page(Wanted(200))
        assert records.partners.page(Wanted(200, min_entry_date=house.clock.now))[0].record_id.startswith("shelter")
        assert records.audit.head()[0] > began
    assert sum(note.pair_id == pair.pair_id for note in told) == 2
    house.services.retention.erase_case(SYSTEM, quiet.case_id)
    house.clock.advance(minutes=1)
    house.services.telling.tend()
    with house.services.store.reading() as records:
        assert records.partners.orphans() == []
    assert house.services.telling.catch_up() == 0
    house.clock.now += timedelta(days=365)
    house.services.telling.tend()
    with house.services.store.reading() as records:
        assert all(each.ended for each in records.partners.page(Wanted(200))), "time passes by itself"


def test_nothing_changes_while_nothing_has_changed(house: House) -> None:
    shared(house, **SAID)
    before = persons(house)
    house.clock.advance(days=30)
    assert house.services.telling.follow() == 0
    assert persons(house) == before


def test_whoever_goes_on_after_the_last_entry_date_misses_nobody(house: House) -> None:
    """Also where a record of the page changes at the very moment at which it is read."""
    cases = []
    for number in range(7):
        cases.append(shared(house, names=(f"person {number}",)))
        house.clock.advance(minutes=1)
    seen: dict[str, str] = {}
    since, turn = None, 0
    while True:
        if turn < 3:
            changed = cases[turn * 2]
            said = replace(house.case(changed).description, names=(f"renamed {turn}",))
            house.services.casework.amend(house.intake, changed.case_id, said)
            house.clock.advance(minutes=1)
        page = persons(house, Wanted(2, min_entry_date=since))
        if page and page[-1].entry_date == since and turn > 20:
            break
        seen |= {each.person_record_id: each.full_name for each in page}
        since = page[-1].entry_date if page else since
        turn += 1
        if turn > 30:
            break
    assert sorted(seen.values()) == sorted(
        ["person 1", "person 3", "person 5", "person 6", "renamed 0", "renamed 1", "renamed 2"]
    )


def test_pages_are_bounded_and_can_be_skipped(house: House) -> None:
    for number in range(5):
        shared(house, names=(f"person {number}",))
    everybody = persons(house)
    assert persons(house, Wanted(2)) == everybody[:2]
    assert persons(house, Wanted(2, skip=4)) == everybody[4:]
    assert persons(house, Wanted(2, skip=9)) == []
    assert len(persons(house, Wanted())) == 5
    assert all(each.notes == () for each in persons(house, with_notes=False))
    assert persons(house, Wanted(2, record_id="elsewhere.example/1")) == []


def test_who_was_told_of_whom_is_in_the_audit_and_without_it_nothing_leaves(house: House) -> None:
    case = shared(house)
    persons(house)
    notes(house)
    with house.services.store.reading() as records:
        rows = [each for each in records.audit.events(0, 1000) if each.action == "tell_partners"]
    assert [(each.actor, each.detail["what"], each.detail["cases"]) for each in rows] == [
        (repository(house).account_id, "persons", [case.case_id]),
        (repository(house).account_id, "notes", [case.case_id]),
    ]
    assert "王建国" not in str(rows)
    by_hand(house, GONE)
    for what in (persons, notes):
        with pytest.raises(AuditUnavailable):
            what(house)
    by_hand(house, BACK)


def test_it_is_for_partners_and_managers_and_so_often_a_day(house: House) -> None:
    house.services.telling.persons(house.manager, Wanted())
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.telling.persons(actor, Wanted())
        with pytest.raises(NotAllowed):
            house.services.telling.notes(actor, Wanted())
    object.__setattr__(house.services.quotas, "_searches", 2)
    persons(house)
    notes(house)
    with pytest.raises(TooMany):
        persons(house)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话13800000000", "电话…"),
        ("电话 138 0000 0000 找他", "电话 …找他"),
        ("一三八〇〇〇〇〇〇〇〇", "…"),
        ("id 11010119660203123X!", "id …!"),
        ("１３８００００００００", "…"),
        ("write to lin@shelter.example.org now", "write to … now"),
        ("see https://example.org/a?b=c", "see …"),
        ("www.example.org", "…"),
        ("born 1966-02-03", "born …"),
        ("1966-02", "1966-02"),
        ("170 cm", "170 cm"),
        ("王二小", "王二小"),
    ],
)
def test_numbers_and_addresses_that_somebody_typed_are_left_out(text: str, left: str) -> None:
    assert harmless(text) == left
