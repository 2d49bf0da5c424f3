"""What every record store promises, on SQLite and on PostgreSQL alike: transactions, cases, photos, faces, accounts, audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    ENCODER,
    NOON,
    a_candidate,
    a_case,
    a_contact,
    a_face,
    a_generation,
    a_photo,
    a_quality,
    a_run,
    a_session,
    a_sheltered_case,
    a_suggestion,
    a_vector,
    an_account,
    an_actor,
    an_id,
)
from tracing.domain import (
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Channel,
    Closing,
    Collection,
    Description,
    Face,
    GenerationState,
    Keepout,
    KeepoutPurpose,
    LegalBasis,
    NoFaceReason,
    Outcome,
    PartialDate,
    Photo,
    PhotoProblem,
    Role,
    Sex,
    Source,
)
from tracing.errors import Conflict, Invalid, NotFound, NotWritable, Stale
from tracing.ports import RecordStore
from tracing.records import CaseFilter, Records
from tracing.store.database import SqlRecordStore
from tracing.store.engines import READING, WRITING, reading_options

STORABLE_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
each_example_on_its_own_case = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def enrolled(records: Records, case: Case, seed: int = 0, encoder_id: str = ENCODER) -> tuple[Photo, Face]:
    """A case that is there, with one photo whose face is encoded."""
    photo = a_photo(case.case_id)
    face = a_face(photo.photo_id)
    records.photos.add(photo)
    records.faces.add([face])
    records.faces.add_templates([(face.face_id, encoder_id, a_vector(seed))])
    return photo, face


# Transactions


def test_a_transaction_that_raises_leaves_nothing_behind(store: RecordStore) -> None:
    case = a_case()

    def broken() -> None:
        with store.transaction() as records:
            records.cases.add(case)
            records.audit.append(an_actor(), "open_case", case.case_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    with store.reading() as records:
        assert records.cases.by_ids([case.case_id]) == {}
        assert records.audit.events(0, 10) == []
        assert records.audit.head()[0] == 0


def test_a_refused_row_leaves_the_rest_of_the_transaction_usable(store: RecordStore) -> None:
    taken, other = an_account(name="li"), an_account(name="wang")
    with store.transaction() as records:
        records.accounts.add(taken)
        with pytest.raises(Conflict):
            records.accounts.add(an_account(name="li"))
        records.accounts.add(other)
    with store.reading() as records:
        assert records.accounts.all() == [taken, other]


def test_a_reading_sees_one_moment_although_others_write(store: RecordStore) -> None:
    before, after = a_case(), a_case()
    with store.transaction() as records:
        records.cases.add(before)
    with store.reading() as moment:
        assert moment.cases.count(CaseFilter()) == 1
        with store.transaction() as records:
            records.cases.add(after)
        assert moment.cases.count(CaseFilter()) == 1
        assert moment.cases.by_ids([before.case_id, after.case_id]).keys() == {before.case_id}
    with store.reading() as later:
        assert later.cases.count(CaseFilter()) == 2


def test_a_reading_cannot_write(store: RecordStore) -> None:
    case = a_case()
    with pytest.raises(Exception, match=r"."), store.reading() as records:
        records.cases.add(case)
    with pytest.raises(RuntimeError, match="would be lost"), store.reading() as records:
        records.audit.append(an_actor(), "view_case", case.case_id)
    with store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        assert records.cases.get(case.case_id) == case


# Cases


def test_a_case_comes_back_as_it_was_saved(store: RecordStore) -> None:
    case = a_case(
        description=Description(
            names=("王小明", "Xiaoming"),
            sex=Sex.MALE,
            birth_date=PartialDate(1988, 5),
            age_min=35,
            age_max=40,
            ethnic_group="汉族",
            languages=("zh", "晋语"),
            accent="山西",
            height_cm=171,
            marks=("左眉有疤 \N{FACE WITH TEARS OF JOY}",),
            clothing="blue coat",
            seen_at=PartialDate(2025),
            seen_place="太原",
            circumstances='He said: "I\'ll be back" \\ 100 %_',
        ),
        expires_at=NOON + timedelta(days=365),
        outcome=Outcome.WITHDRAWN,
        state=CaseState.CLOSED,
        state_reason="found by his brother",
        search_wanted=2,
        search_done=1,
    )
    with store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        assert records.cases.get(case.case_id) == case
        assert records.cases.by_ids([case.case_id, an_id()]) == {case.case_id: case}
        assert records.cases.facts([case.case_id, an_id()]) == {case.case_id: case.facts}


@each_example_on_its_own_case
@given(
    texts=st.lists(STORABLE_TEXT, max_size=4),
    place=STORABLE_TEXT,
    year=st.integers(1, 9999),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 28),
)
def test_any_text_and_any_partial_date_come_back_unchanged(
    store: RecordStore, texts: list[str], place: str, year: int, month: int | None, day: int | None
) -> None:
    born = PartialDate(year, month, day if month else None)
    case = a_case(names=tuple(texts), marks=tuple(reversed(texts)), seen_place=place, birth_date=born)
    with store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        assert records.cases.get(case.case_id).description == case.description


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "half \udfff"])
@pytest.mark.parametrize("field", ["names", "clothing"])
def test_text_that_not_every_database_can_keep_is_refused(store: RecordStore, text: str, field: str) -> None:
    case = a_case(**{field: (text,) if field == "names" else text})
    with pytest.raises(Invalid, match="type it again"), store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        with pytest.raises(Invalid):
            records.cases.get(text)
        assert records.cases.count(CaseFilter()) == 0


def test_a_number_that_is_too_large_is_refused(store: RecordStore) -> None:
    with pytest.raises(Invalid), store.transaction() as records:
        records.cases.add(a_case(height_cm=2**40))


def test_times_come_back_aware_and_in_utc(store: RecordStore) -> None:
    beijing = timezone(timedelta(hours=8))
    case = a_case(opened_at=NOON.astimezone(beijing) + timedelta(microseconds=7))
    with store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        opened_at = records.cases.get(case.case_id).opened_at
    assert opened_at == NOON + timedelta(microseconds=7)
    assert opened_at.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_a_mistake_of_the_program(store: RecordStore) -> None:
    with pytest.raises(Exception, match="without a zone"), store.transaction() as records:
        records.cases.add(a_case(opened_at=NOON.replace(tzinfo=None)))


def test_references_count_up_by_kind_and_year(store: RecordStore) -> None:
    with store.transaction() as records:
        drawn = [
            records.cases.next_references(kind, year, 1)[0]
            for kind, year in [
                (CaseKind.MISSING, 2026),
                (CaseKind.MISSING, 2026),
                (CaseKind.SHELTERED, 2026),
                (CaseKind.MISSING, 2027),
            ]
        ]
    with store.transaction() as records:
        drawn += records.cases.next_references(CaseKind.MISSING, 2026, 1)
    assert drawn == ["M-2026-00001", "M-2026-00002", "S-2026-00001", "M-2027-00001", "M-2026-00003"]


def test_many_references_are_drawn_at_once(store: RecordStore) -> None:
    with store.transaction() as records:
        assert records.cases.next_references(CaseKind.MISSING, 2026, 3) == ["M-2026-00001", "M-2026-00002", "M-2026-00003"]
        assert records.cases.next_references(CaseKind.MISSING, 2026, 1) == ["M-2026-00004"]


def test_many_cases_are_added_all_or_none_and_each_is_due_for_a_search_by_clues(store: RecordStore) -> None:
    first, second, third = a_case(), a_case(), a_case()
    with store.transaction() as records:
        records.cases.add_all([])
        records.cases.add_all([second, first])
        with pytest.raises(Conflict):
            records.cases.add_all([third, replace(first, reference="M-2026-99999")])
        records.rights.add_sources({first.case_id: Source("a", "1"), second.case_id: Source("a", "2")})
        with pytest.raises(Conflict, match="already"):
            records.rights.add_sources({first.case_id: Source("a", "2")})
    with store.reading() as records:
        assert records.cases.by_ids([first.case_id, second.case_id, third.case_id]) == {
            each.case_id: each for each in (first, second)
        }
        assert records.clues.wanted([first.case_id, second.case_id]) == {first.case_id: 1, second.case_id: 1}
        assert records.rights.source(second.case_id) == Source("a", "2")


def test_of_many_records_those_are_told_whose_people_are_kept_out(store: RecordStore) -> None:
    here, there, over = Source("a", "1"), Source("b", "1"), Source("a", "3")
    with store.transaction() as records:
        assert records.keepouts.kept_out([here], NOON) == set()
        for source, until in ((here, NOON + timedelta(days=1)), (over, NOON)):
            keepout = Keepout(an_id(), KeepoutPurpose.OBJECTION, NOON, until, by_source=True)
            records.keepouts.add(keepout, {}, source)
    with store.reading() as records:
        assert records.keepouts.kept_out([here, there, over], NOON) == {here}


def test_two_cases_cannot_have_the_same_reference(store: RecordStore) -> None:
    with store.transaction() as records:
        records.cases.add(a_case(reference="M-2026-00001"))
        with pytest.raises(Conflict):
            records.cases.add(a_case(reference="M-2026-00001"))


def test_saving_a_case_needs_the_version_that_was_read(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        saved = records.cases.save(replace(case, station_id="station-2"))
        assert saved == replace(case, station_id="station-2", version=2)
    with pytest.raises(Stale), store.transaction() as records:
        records.cases.save(replace(case, station_id="station-3"))
    with store.reading() as records:
        assert records.cases.get(case.case_id) == saved


def test_a_case_that_is_not_there_is_not_found(store: RecordStore) -> None:
    with store.transaction() as records:
        for lost in (records.cases.get, records.cases.want_search, records.cases.erase):
            with pytest.raises(NotFound):
                lost(an_id())
        with pytest.raises(NotFound):
            records.cases.save(a_case())


def test_saving_a_case_does_not_touch_its_search_counters(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.want_search(case.case_id)
        saved = records.cases.save(replace(case, station_id="station-2"))
    assert (saved.search_wanted, saved.search_done) == (1, 0)


def test_cases_are_found_newest_first_and_by_kind_state_and_text(store: RecordStore) -> None:
    old = a_case(names=("Émile Zola",), seen_place="Lyon", reference="M-2026-00017")
    new = a_sheltered_case(names=("无名氏", "ZHANG_wei"), seen_place="100% sure", opened_at=NOON + timedelta(hours=1))
    closed = a_case(state=CaseState.CLOSED, opened_at=NOON - timedelta(hours=1))
    with store.transaction() as records:
        for case in (old, new, closed):
            records.cases.add(case)
    with store.reading() as records:

        def found(limit: int = 10, offset: int = 0, **wanted: object) -> list[Case]:
            filtered = CaseFilter(**wanted)  # type: ignore[arg-type] -- the tests below spell the fields
            cases = records.cases.find(filtered, limit, offset)
            assert limit < 10 or offset or records.cases.count(filtered) == len(cases)
            return cases

        assert found() == [new, old, closed]
        assert found(limit=1, offset=1) == [old]
        assert found(kind=CaseKind.MISSING) == [old, closed]
        assert found(kind=CaseKind.MISSING, state=CaseState.OPEN) == [old]
        assert found(text="éMILE") == [old]
        assert found(text="lyon") == [old]
        assert found(text=" m-2026-00017 ") == [old]
        assert found(text="无名") == [new]
        assert found(text="\uff3a\uff28\uff21\uff2e\uff27") == [new], "full-width letters"
        assert found(text="0%") == [new]
        assert found(text="g_w") == [new]
        assert found(text="gXw") == []
        assert found(text="%") == [new]


def test_text_is_looked_for_in_what_a_case_says_now(store: RecordStore) -> None:
    case = a_case(names=("before",))
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.save(replace(case, description=Description(names=("after",))))
        assert records.cases.count(CaseFilter(text="before")) == 0
        assert records.cases.count(CaseFilter(text="after")) == 1


def test_contacts_come_back_as_they_were_saved(store: RecordStore) -> None:
    case = a_case()
    contacts = [a_contact(case.case_id, role="custodian"), a_contact(case.case_id, safe_to_contact=False, place="太原")]
    with store.transaction() as records:
        records.cases.add(case)
        for contact in contacts:
            records.cases.add_contact(contact)
    with store.reading() as records:
        assert records.cases.contacts(case.case_id) == contacts
        assert records.cases.contacts(an_id()) == []


# Searches that are due


def test_a_case_is_found_by_its_whole_reference_only(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
    with store.reading() as records:
        assert records.cases.by_reference(case.reference) == case
        for other in ("", case.reference[:-1], case.reference.lower(), case.case_id):
            assert records.cases.by_reference(other) is None


def test_the_closing_that_stands_is_the_last_one_of_a_case_that_is_closed_as_it_says(store: RecordStore) -> None:
    police, reopened, reunited, twice = cases = [a_case(state=CaseState.OPEN) for _ in range(4)]
    other = a_sheltered_case()
    with store.transaction() as records:
        for case in (*cases, other):
            records.cases.add(case)

    def close(case: Case, channel: Channel | None, state: CaseState = CaseState.CLOSED, **changes: object) -> Closing:
        values = {"outcome": Outcome.FOUND_ELSEWHERE, "other_case_id": other.case_id, "in_galleries": True, "list_id": an_id()}
        closing = Closing(an_id(), case.case_id, NOON, channel=channel, **values | changes)  # type: ignore[arg-type]
        with store.transaction() as records:
            records.cases.save(replace(records.cases.get(case.case_id), state=state, outcome=closing.outcome))
            records.cases.add_closing(closing)
        return closing

    stands = close(police, Channel.POLICE)
    close(reopened, Channel.DNA, CaseState.OPEN)
    close(reunited, Channel.NOTICE)
    with store.transaction() as records:
        records.cases.save(replace(records.cases.get(reunited.case_id), outcome=Outcome.REUNITED))
    close(twice, Channel.INTERVIEW)
    last = close(twice, None, other_case_id=None, in_galleries=False, list_id="")
    with store.reading() as records:
        assert records.cases.closings() == [stands, last]
        assert records.cases.count_closings() == {(Channel.POLICE, True): 1, (None, False): 1}
    with store.transaction() as records:
        records.cases.erase(other.case_id)
        assert records.cases.closings() == [replace(stands, other_case_id=None, list_id=""), last]
        records.cases.erase(police.case_id)
        assert records.cases.closings() == [last]


def test_a_wish_that_came_during_a_search_stays_due(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        assert records.cases.due(10) == []
        records.cases.want_search(case.case_id)
    with store.transaction() as records:
        wanted = records.cases.get(case.case_id).search_wanted
        records.cases.want_search(case.case_id)
        records.cases.searches_done({case.case_id: wanted})
        assert records.cases.due(10) == [case.case_id]
        records.cases.searches_done({case.case_id: wanted + 1})
        assert records.cases.due(10) == []
        records.cases.searches_done({case.case_id: wanted})
        assert records.cases.get(case.case_id).search_done == wanted + 1, "an older search that ends later takes nothing back"


def test_only_searchable_cases_are_due_and_the_longest_open_comes_first(store: RecordStore) -> None:
    newer, older = a_case(opened_at=NOON + timedelta(hours=1)), a_sheltered_case()
    others = [a_case(state=CaseState.SUSPENDED), a_case(legal_basis=LegalBasis.NONE), a_sheltered_case(state=CaseState.CLOSED)]
    with store.transaction() as records:
        for case in (newer, older, *others):
            records.cases.add(case)
            records.cases.want_search(case.case_id)
        assert records.cases.due(10) == [older.case_id, newer.case_id]
        assert records.cases.due(1) == [older.case_id]
        assert records.cases.count_due() == 2


def test_every_searchable_case_with_a_template_can_be_made_due_at_once(store: RecordStore) -> None:
    enrolled_case, faceless, suspended = a_case(), a_case(), a_case(state=CaseState.SUSPENDED)
    with store.transaction() as records:
        for case in (enrolled_case, faceless, suspended):
            records.cases.add(case)
        enrolled(records, enrolled_case)
        enrolled(records, suspended)
        assert records.cases.want_search_everywhere() == 1
        assert records.cases.due(10) == [enrolled_case.case_id]


# Photos


def test_photos_come_back_in_the_order_they_were_received(store: RecordStore) -> None:
    case, other = a_case(), a_case()
    second = a_photo(case.case_id, received_at=NOON + timedelta(minutes=1))
    first = a_photo(case.case_id, taken_on=PartialDate(1999, 12), age_in_photo=7)
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.add(other)
        records.photos.add(second)
        records.photos.add(first)
    with store.reading() as records:
        assert records.photos.get(first.photo_id) == first
        assert records.photos.of_case(case.case_id) == [first, second]
        assert records.photos.of_cases([case.case_id, other.case_id]) == {case.case_id: [first, second], other.case_id: []}
        assert records.photos.keys() == {first.photo_key: first.photo_id, second.photo_key: second.photo_id}
        with pytest.raises(NotFound):
            records.photos.get(an_id())


def test_the_same_bytes_are_one_photo_of_a_case(store: RecordStore) -> None:
    case, other = a_case(), a_case()
    photo = a_photo(case.case_id)
    with store.transaction() as records:
        records.cases.add(case)
        records.cases.add(other)
        records.photos.add(photo)
        with pytest.raises(Conflict):
            records.photos.add(a_photo(case.case_id, sha256=photo.sha256))
        records.photos.add(a_photo(other.case_id, sha256=photo.sha256))


def test_a_photo_needs_its_case(store: RecordStore) -> None:
    with pytest.raises(Conflict), store.transaction() as records:
        records.photos.add(a_photo(an_id()))


def test_a_claimed_photo_is_nobody_elses_until_the_claim_runs_out(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    later = NOON + timedelta(minutes=1)
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        assert records.photos.pending(NOON, 10, 3) == [photo.photo_id]
        assert records.photos.claim(photo.photo_id, NOON, later)
        assert not records.photos.claim(photo.photo_id, NOON, later)
        assert records.photos.pending(NOON, 10, 3) == []
        assert records.photos.pending(later, 10, 3) == [photo.photo_id]
        assert records.photos.claim(photo.photo_id, later, later + timedelta(minutes=1))
        assert records.photos.get(photo.photo_id).attempts == 2
        assert not records.photos.claim(an_id(), NOON, later)


def test_a_released_claim_does_not_count_as_an_attempt(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        records.photos.claim(photo.photo_id, NOON, NOON + timedelta(minutes=1))
        records.photos.release(photo.photo_id)
        records.photos.release(photo.photo_id)
        assert records.photos.get(photo.photo_id) == photo
        assert records.photos.pending(NOON, 10, 3) == [photo.photo_id]


def test_a_photo_knows_how_many_that_came_earlier_still_wait(store: RecordStore) -> None:
    case = a_case()
    ids = sorted(an_id() for _ in range(4))
    with store.transaction() as records:
        records.cases.add(case)
        photos = [a_photo(case.case_id, photo_id=each, sha256=each, photo_key=each) for each in ids]
        earlier = replace(photos[3], received_at=NOON - timedelta(minutes=1))
        for photo in (*photos[:3], earlier):
            records.photos.add(photo)
        ahead = records.photos.ahead_of
        assert [ahead(photo, 3) for photo in (earlier, *photos[:3])] == [0, 1, 2, 3]
        records.photos.claim(ids[0], NOON, NOON + timedelta(minutes=1))
        assert ahead(photos[2], 3) == 3, "one that is being looked at is not done yet"
        assert ahead(photos[2], 1) == 2, "one that is given up is not waited for"
        records.photos.finish(replace(photos[1], analysis=Analysis.NO_FACE), was=Analysis.PENDING)
        assert ahead(photos[2], 3) == 2


def test_a_photo_that_failed_too_often_is_stuck_and_no_longer_pending(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id, attempts=3)
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        assert records.photos.pending(NOON, 10, 3) == []
        assert records.photos.pending(NOON, 10, 4) == [photo.photo_id]
        assert (records.photos.stuck(3), records.photos.stuck(4)) == (1, 0)
        assert (records.photos.retry_stuck(4), records.photos.retry_stuck(3), records.photos.retry_stuck(3)) == (0, 1, 0)
        assert records.photos.pending(NOON, 10, 3) == [photo.photo_id]
        assert records.photos.count(Analysis.PENDING) == 1


def test_an_analysis_is_stored_once_and_only_over_what_it_started_from(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    seen = replace(
        photo,
        analysis=Analysis.NO_FACE,
        problem=PhotoProblem.NO_FACE,
        no_face=NoFaceReason.BLURRED,
        width=640,
        height=480,
    )
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        records.photos.claim(photo.photo_id, NOON, NOON + timedelta(minutes=1))
        assert records.photos.finish(seen, was=Analysis.PENDING)
        assert not records.photos.finish(replace(photo, analysis=Analysis.ENROLLED), was=Analysis.PENDING)
        assert not records.photos.finish(a_photo(case.case_id), was=Analysis.PENDING)
        assert records.photos.get(photo.photo_id) == replace(seen, attempts=1)
        assert not records.photos.claim(photo.photo_id, NOON, NOON + timedelta(minutes=1))
        assert (records.photos.count(Analysis.PENDING), records.photos.count(Analysis.NO_FACE)) == (0, 1)


# Faces and templates


def test_faces_come_back_from_left_to_right(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    right, left = a_face(photo.photo_id, of_interest=False), a_face(photo.photo_id)
    left = replace(left, box=replace(left.box, left=1), quality=a_quality(0.25, hints=("turn to the light",)))
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        records.faces.add([right, left])
        records.faces.add([])
    with store.reading() as records:
        assert records.faces.get(left.face_id) == left
        assert records.faces.of_photo(photo.photo_id) == [left, right]
        assert records.faces.of_case(case.case_id) == [left, right]
        assert records.faces.of_cases([case.case_id, "none"]) == {case.case_id: [left], "none": []}
        assert records.faces.count_of_interest() == 1
        with pytest.raises(NotFound):
            records.faces.get(an_id())


def test_the_best_face_of_a_case_comes_first(store: RecordStore) -> None:
    case = a_case()
    blurred, sharp = a_photo(case.case_id), a_photo(case.case_id)
    with store.transaction() as records:
        records.cases.add(case)
        for photo, score in ((blurred, 0.2), (sharp, 0.9)):
            records.photos.add(photo)
            records.faces.add([a_face(photo.photo_id, quality=a_quality(score))])
        assert [face.quality.score for face in records.faces.of_cases([case.case_id])[case.case_id]] == [0.9, 0.2]


def test_a_template_comes_back_bit_by_bit(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        _, face = enrolled(records, case, seed=7)
    with store.reading() as records:
        (template,) = records.faces.templates(case.case_id, ENCODER)
        assert (template.face_id, template.encoder_id) == (face.face_id, ENCODER)
        assert template.vector.dtype == np.float32
        assert np.array_equal(template.vector, a_vector(7))
        assert records.faces.templates(case.case_id, "another/encoder") == []


def test_a_template_that_is_there_is_kept(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        _, face = enrolled(records, case, seed=1)
    with store.transaction() as records:
        again = [(face.face_id, "other/encoder", a_vector(3)), (face.face_id, ENCODER, a_vector(2))]
        new, kept = records.faces.add_templates(again)
        assert np.array_equal(kept.vector, a_vector(1))
        assert np.array_equal(new.vector, a_vector(3))
        assert (records.faces.count_templates(ENCODER), records.faces.count_templates("other/encoder")) == (1, 1)


@pytest.mark.parametrize("vector", [np.array([np.nan, 1.0]), np.array([np.inf, 1.0]), np.ones((2, 2)), np.ones(0), np.zeros(2)])
def test_a_vector_that_would_spoil_a_search_is_refused(store: RecordStore, vector: np.ndarray) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        _, face = enrolled(records, case)
    with pytest.raises(Invalid), store.transaction() as records:
        records.faces.add_templates([(face.face_id, "other/encoder", vector.astype(np.float32))])


def test_faces_that_are_gone_or_not_the_person_get_no_template(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    bystander = a_face(photo.photo_id, of_interest=False)
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        records.faces.add([bystander])
        vectors = [(bystander.face_id, ENCODER, a_vector()), (an_id(), ENCODER, a_vector())]
        assert records.faces.add_templates(vectors) == []
        assert records.faces.count_templates(ENCODER) == 0


def test_faces_without_a_template_are_listed_page_by_page(store: RecordStore) -> None:
    case = a_case()
    faces = []
    with store.transaction() as records:
        records.cases.add(case)
        for _ in range(3):
            photo = a_photo(case.case_id)
            faces.append(a_face(photo.photo_id))
            records.photos.add(photo)
            records.faces.add([faces[-1], a_face(photo.photo_id, of_interest=False)])
        first, second, third = sorted(face.face_id for face in faces)
        assert records.faces.without_template(ENCODER, 2) == [first, second]
        assert records.faces.without_template(ENCODER, 2, after=second) == [third]
        records.faces.add_templates([(second, ENCODER, a_vector())])
        assert records.faces.without_template(ENCODER, 5) == [first, third]
        assert records.faces.without_template("other/encoder", 5) == [first, second, third]


def test_choosing_a_face_removes_the_templates_of_the_others(store: RecordStore) -> None:
    case = a_case()
    photo, elsewhere = a_photo(case.case_id), a_photo(case.case_id)
    wrong, right, kept = a_face(photo.photo_id), a_face(photo.photo_id, of_interest=False), a_face(elsewhere.photo_id)
    with store.transaction() as records:
        records.cases.add(case)
        for one in (photo, elsewhere):
            records.photos.add(one)
        records.faces.add([wrong, right, kept])
        records.faces.add_templates([(wrong.face_id, ENCODER, a_vector(1)), (kept.face_id, ENCODER, a_vector(2))])
    with store.transaction() as records:
        records.faces.choose(right.face_id)
        records.faces.add_templates([(right.face_id, ENCODER, a_vector(3))])
    with store.reading() as records:
        assert {face.face_id for face in records.faces.of_case(case.case_id) if face.of_interest} == {
            right.face_id,
            kept.face_id,
        }
        assert {template.face_id for template in records.faces.templates(case.case_id, ENCODER)} == {
            right.face_id,
            kept.face_id,
        }
        with pytest.raises(NotFound):
            records.faces.choose(an_id())


# Galleries


def places(records: Records, encoder_id: str = ENCODER, after: int = 0) -> dict[int, Collection | None]:
    return {change.template_id: change.collection for change in records.gallery.changes(encoder_id, after, 1000)}


def test_a_new_template_is_announced_with_its_case_and_vector(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        enrolled(records, case, seed=5)
    with store.reading() as records:
        (change,) = records.gallery.changes(ENCODER, 0, 10)
        assert (change.collection, change.case_id, change.seq) == (Collection.MISSING, case.case_id, 1)
        assert change.vector is not None
        assert np.array_equal(change.vector, a_vector(5))
        (bare,) = records.gallery.changes(ENCODER, 0, 10, vectors=False)
        assert (bare, bare.vector) == (change, None)
        assert records.gallery.head() == 1
        assert records.gallery.expected(ENCODER) == {change.template_id: "missing"}
        assert records.gallery.changes("other/encoder", 0, 10) == []


@pytest.mark.parametrize(
    ("case", "changes", "collection"),
    [
        (a_sheltered_case(), {"state": CaseState.CLOSED, "outcome": Outcome.SELF_LEFT}, Collection.PAST),
        (a_sheltered_case(), {"state": CaseState.CLOSED, "outcome": Outcome.REUNITED}, None),
        (a_case(), {"state": CaseState.SUSPENDED}, None),
        (a_case(), {"legal_basis": LegalBasis.NONE}, None),
        (a_case(), {"state": CaseState.MATCHED}, None),
    ],
)
def test_templates_move_with_their_case(
    store: RecordStore, case: Case, changes: dict[str, object], collection: Collection | None
) -> None:
    with store.transaction() as records:
        records.cases.add(case)
        enrolled(records, case)
        enrolled(records, case)
    with store.transaction() as records:
        before = records.gallery.head()
        saved = records.cases.save(replace(case, **changes))  # type: ignore[arg-type] -- the parameters above are fields
    with store.reading() as records:
        assert set(places(records, after=before).values()) == {collection}
        assert len(places(records, after=before)) == 2
        assert len(places(records)) == 2, "one row per template, however often it moves"
        expected = records.gallery.expected(ENCODER)
        assert expected == ({} if collection is None else dict.fromkeys(places(records), collection))
    with store.transaction() as records:
        back = records.cases.save(replace(saved, state=case.state, outcome=None, legal_basis=case.legal_basis))
    with store.reading() as records:
        assert set(places(records).values()) == {back.collection}
        assert records.gallery.expected(ENCODER) == places(records)


def test_a_change_that_moves_no_face_announces_nothing(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        enrolled(records, case)
    with store.transaction() as records:
        records.cases.save(replace(case, station_id="elsewhere"))
    with store.reading() as records:
        assert records.gallery.head() == 1


def test_the_templates_of_a_station_are_those_of_its_findable_cases(store: RecordStore) -> None:
    here, gone = a_case(station_id="north"), a_case(station_id="north", legal_basis=LegalBasis.NONE)
    past = a_case(kind=CaseKind.SHELTERED, station_id="north", state=CaseState.CLOSED, outcome=Outcome.WITHDRAWN)
    elsewhere = a_case(station_id="south")
    with store.transaction() as records:
        for number, case in enumerate((here, gone, past, elsewhere)):
            records.cases.add(case)
            enrolled(records, case, seed=number)
    with store.reading() as records:
        found = records.gallery.of_station(ENCODER, "north")
        assert set(found.values()) == {(here.case_id, Collection.MISSING), (past.case_id, Collection.PAST)}
        assert found.keys() < records.gallery.expected(ENCODER).keys()
        assert records.gallery.of_station(ENCODER, "nowhere") == records.gallery.of_station("other", "north") == {}


def test_templates_of_a_case_that_nobody_may_find_are_not_announced(store: RecordStore) -> None:
    case = a_case(legal_basis=LegalBasis.NONE)
    with store.transaction() as records:
        records.cases.add(case)
        enrolled(records, case)
    with store.reading() as records:
        assert (records.gallery.head(), records.gallery.changes(ENCODER, 0, 10)) == (0, [])
        assert records.gallery.expected(ENCODER) == {}


def test_removed_templates_are_announced_as_nowhere_and_never_come_back(store: RecordStore) -> None:
    case = a_case()
    photo = a_photo(case.case_id)
    wrong, right = a_face(photo.photo_id), a_face(photo.photo_id, of_interest=False)
    with store.transaction() as records:
        records.cases.add(case)
        records.photos.add(photo)
        records.faces.add([wrong, right])
        (removed,) = records.faces.add_templates([(wrong.face_id, ENCODER, a_vector(1))])
    with store.transaction() as records:
        records.faces.choose(right.face_id)
        (added,) = records.faces.add_templates([(right.face_id, ENCODER, a_vector(3))])
        assert added.template_id > removed.template_id, "a template's number is never used twice"
    with store.reading() as records:
        assert places(records) == {removed.template_id: None, added.template_id: Collection.MISSING}


def test_changes_come_in_portions_that_add_up_to_the_whole_gallery(store: RecordStore) -> None:
    case = a_case()
    with store.transaction() as records:
        records.cases.add(case)
        for seed in range(5):
            enrolled(records, case, seed)
    with store.reading() as records:
        seen, after = [], 0
        while portion := records.gallery.changes(ENCODER, after, 2):
            assert len(portion) <= 2
            seen += portion
            after = portion[-1].seq
        assert [change.seq for change in seen] == [1, 2, 3, 4, 5]
        assert after == records.gallery.head()
        assert {change.template_id for change in seen} == set(records.gallery.expected(ENCODER))


# Erasure


def test_after_erasure_no_row_names_the_case(store: RecordStore) -> None:
    case, other, third = a_case(), a_sheltered_case(), a_sheltered_case()
    generation = a_generation()
    with store.transaction() as records:
        records.generations.add(generation)
        for one in (case, other, third):
            records.cases.add(one)
        photo, face = enrolled(records, case, seed=1)
        enrolled(records, other, seed=2)
        records.cases.add_contact(a_contact(case.case_id))
        records.pairs.suggest([a_suggestion(case, other, generation.generation_id)], NOON)
        records.pairs.suggest([a_suggestion(other, third, generation.generation_id)], NOON)
        own_run = a_run(case.case_id, generation.generation_id, [a_candidate(other.case_id)])
        lines = [a_candidate(case.case_id), a_candidate(third.case_id, rank=2)]
        other_run = a_run(other.case_id, generation.generation_id, lines)
        records.pairs.add_runs([own_run])
        records.pairs.add_runs([other_run])
    with store.transaction() as records:
        head = records.gallery.head()
        assert records.cases.erase(case.case_id) == [photo.photo_key]
    with store.reading() as records:
        assert records.integrity.missing("cases", [case.case_id, other.case_id]) == {case.case_id}
        assert records.integrity.missing("photos", [photo.photo_id]) == {photo.photo_id}
        assert records.cases.contacts(case.case_id) == []
        assert records.pairs.of_case(case.case_id) == []
        assert len(records.pairs.of_case(other.case_id)) == 1
        assert list(places(records, after=head).values()) == [None]
        assert len(records.gallery.expected(ENCODER)) == 1
        assert records.pairs.run(other_run.run_id).list == (lines[1],)
        for lost in (lambda: records.pairs.run(own_run.run_id), lambda: records.faces.get(face.face_id)):
            with pytest.raises(NotFound):
                lost()


def test_a_search_that_ends_after_an_erasure_does_not_name_the_case(store: RecordStore) -> None:
    case, generation, gone = a_case(), a_generation(), an_id()
    run = a_run(case.case_id, generation.generation_id, [a_candidate(gone, veto="age"), a_candidate(case.case_id)])
    with store.transaction() as records:
        records.generations.add(generation)
        records.cases.add(case)
        records.pairs.add_runs([run])
        assert records.pairs.run(run.run_id).list == run.list[1:]


# Generations


def test_exactly_one_generation_is_active(store: RecordStore) -> None:
    first = a_generation()
    second = a_generation(
        encoder_id="other/encoder", state=GenerationState.BUILDING, created_at=NOON + timedelta(1), report={"fnir": 0.25}
    )
    with store.transaction() as records:
        with pytest.raises(NotFound):
            records.generations.active()
        records.generations.add(first)
        records.generations.add(second)
        with pytest.raises(Conflict):
            records.generations.add(a_generation(encoder_id="third/encoder"))
        with pytest.raises(Conflict):
            records.generations.save(replace(second, state=GenerationState.ACTIVE))
        assert records.generations.active() == first
        assert records.generations.live() == records.generations.all() == [first, second]
        assert records.generations.live_encoders() == [first.encoder_id, "other/encoder"]
        records.generations.save(replace(first, state=GenerationState.RETIRED))
        records.generations.save(replace(second, state=GenerationState.ACTIVE, activated_at=NOON + timedelta(2)))
        assert records.generations.active().generation_id == second.generation_id
        assert [generation.generation_id for generation in records.generations.live()] == [second.generation_id]
        assert records.generations.live_encoders() == ["other/encoder"]
        assert records.generations.get(second.generation_id).report == {"fnir": 0.25}
        with pytest.raises(NotFound):
            records.generations.get(an_id())
        with pytest.raises(NotFound):
            records.generations.save(a_generation(state=GenerationState.RETIRED))


# Accounts


def test_accounts_are_found_by_name_and_by_key_but_never_by_an_empty_key(store: RecordStore) -> None:
    person, program = an_account(password_hash="p"), an_account(role=Role.SERVICE, api_key_hash="k" * 64)
    other = an_account()
    with store.transaction() as records:
        for account in (person, program, other):
            records.accounts.add(account)
        with pytest.raises(Conflict, match=person.name):
            records.accounts.add(an_account(name=person.name))
        with pytest.raises(Conflict):
            records.accounts.add(an_account(api_key_hash="k" * 64))
        assert records.accounts.get(person.account_id) == person
        assert records.accounts.by_name(person.name) == person
        assert records.accounts.by_name("nobody") is None
        assert records.accounts.by_api_key("k" * 64) == program
        assert records.accounts.by_api_key("") is None
        disabled = replace(person, disabled_at=NOON)
        records.accounts.save(disabled)
        assert records.accounts.by_name(person.name) == disabled
        with pytest.raises(Conflict):
            records.accounts.save(replace(person, name=program.name))
        with pytest.raises(NotFound):
            records.accounts.save(an_account())
        with pytest.raises(NotFound):
            records.accounts.get(an_id())


def test_sessions_end_by_hand_by_account_and_by_time(store: RecordStore) -> None:
    account, other = an_account(), an_account()
    mine = [a_session(account.account_id, expires_at=NOON + timedelta(hours=hours)) for hours in (1, 2, 3)]
    theirs = a_session(other.account_id)
    with store.transaction() as records:
        for one in (account, other):
            records.accounts.add(one)
        for session in (*mine, theirs):
            records.accounts.add_session(session)
        assert records.accounts.session(mine[0].token_hash) == mine[0]
        assert records.accounts.session("unknown") is None
        records.accounts.end_session(mine[1].token_hash)
        assert records.accounts.session(mine[1].token_hash) is None
        assert records.accounts.end_expired_sessions(NOON + timedelta(hours=1)) == 1
        assert records.accounts.session(mine[0].token_hash) is None
        records.accounts.end_sessions_of(account.account_id)
        assert records.accounts.session(mine[2].token_hash) is None
        assert records.accounts.session(theirs.token_hash) == theirs


def test_trying_to_write_leaves_nothing_and_says_when_nothing_can_be_written(
    store: SqlRecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.reading() as records:
        before = records.audit.head()
    store.try_writing()
    with store.reading() as records:
        assert records.audit.head() == before
    for name, reading in (reading_options(store._engine) | READING).items():
        monkeypatch.setitem(WRITING, name, reading)
    with pytest.raises(NotWritable, match="may only be read"):
        store.try_writing()
