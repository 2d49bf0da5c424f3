"""What partners send: once each, the newer one counts, what has expired there dies here, and one bad record costs no other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tests.exchange.test_pfif import FULL, a_file, a_note, a_person, a_record
from tests.fakes import painted_photo
from tests.house import House
from tests.partners.stories import repository, verified
from tests.stories import killed_after
from tracing.access import SYSTEM
from tracing.domain import Actor, Case, CaseKind, CaseState, Clone, LegalBasis, PartialDate, Sex, Source
from tracing.errors import Invalid, NotAllowed, WrongState
from tracing.exchange.pfif.writing import write
from tracing.facts import LONGEST_TEXT
from tracing.partners.taking import Sender, Taken
from tracing.partners.who import FUTURE
from tracing.records import CaseFilter

POLICE: Final = Sender("police.example.cn", LegalBasis.STATUTORY_DUTY)
LATER: Final = {"source_date": "2026-03-02T08:30:00Z"}
EARLIER: Final = {"source_date": "2026-02-01T08:30:00Z"}


def desk(house: House, station_id: str = "main") -> Actor:
    return replace(SYSTEM, station_id=station_id)


def take(house: House, *records: str, sender: Sender = POLICE, actor: Actor | None = None, **more: Any) -> Taken:
    version = more.pop("version", "1.4")
    return house.services.taking.take(actor or desk(house), a_file(*records, version=version), sender, "pfif.xml", **more)


def cases(house: House) -> list[Case]:
    return list(house.services.casework.find(house.intake, CaseFilter(), 1000).cases)


def errors(taken: Taken) -> dict[str, str]:
    return {each.record_id: each.error for each in taken.skipped}


def counts(taken: Taken) -> tuple[int, int, int, int]:
    """Written, left, erased, skipped; together they are all that was parsed."""
    found = taken.written, taken.left, taken.erased, len(taken.skipped)
    assert sum(found) == taken.parsed
    return found


def test_a_full_record_becomes_a_case_and_nothing_of_it_is_lost(house: House) -> None:
    sender = replace(POLICE, domain="shelter.other.org")
    record = replace(FULL, person_record_id="shelter.other.org/person.1", expiry_date=datetime(2027, 3, 1, tzinfo=UTC))
    own = {"note_record_id": "shelter.other.org/note.1", "person_record_id": record.person_record_id}
    note = replace(record.notes[0], linked_person_record_id="", **own)
    taken = house.services.taking.take(desk(house), write([replace(record, notes=(note,))]), sender, "x.xml")
    assert counts(taken) == (2, 0, 0, 0)
    (case,) = cases(house)
    said = case.description
    assert (case.kind, case.legal_basis, case.station_id) == (CaseKind.SHELTERED, LegalBasis.STATUTORY_DUTY, "main")
    assert said.names == ("王建国", "王建军", "小国", "Wang Jianguo")
    assert (said.sex, said.birth_date, said.age_min, said.age_max) == (Sex.MALE, PartialDate(1966, 2), 58, 62)
    assert said.seen_place == "安徽省阜阳市"
    for text in (
        record.description,
        record.home_street,
        record.home_city,
        record.photo_url,
        record.source_url,
        "example.org/b",
    ):
        assert text in said.circumstances
    told = [(each.role, each.name, each.phone) for each in house.services.casework.contacts(house.manager, case.case_id)]
    assert sorted(told) == [
        ("custodian", "救助站", "+86 10 5550 0100; desk@shelter.example.org"),
        ("custodian", "林", "+86 10 5550 0102; lin@shelter.example.org"),
        ("found_person", "", "+86 10 5550 0101; found@example.org"),
    ]
    (clue,) = house.services.interviews.of_case(house.intake, case.case_id)
    assert clue.clue.said.startswith("He says that he comes from <Fuyang> & misses his mother.\n")
    for text in ("status: believed_alive", "author_made_contact: true", "photo_url: https://shelter.example.org/photos/2"):
        assert text in clue.clue.said
    with house.services.store.reading() as records:
        assert records.rights.source(case.case_id) == Source("shelter.other.org", "shelter.other.org/person.1")
        (clone,) = records.partners.clones([case.case_id]).values()
    assert (clone.source_date, clone.expiry_date) == (FULL.source_date, datetime(2027, 3, 1, tzinfo=UTC))
    house.services.worker.work_off()
    assert house.faults() == []


def test_sent_again_it_changes_nothing_and_what_is_newer_counts(house: House) -> None:
    first = take(house, a_person(1, inner=a_note(1)), a_person(2))
    assert counts(first) == (3, 0, 0, 0)
    before = cases(house)
    house.clock.advance(hours=1)
    assert counts(take(house, a_person(2), a_person(1, inner=a_note(1)))) == (0, 3, 0, 0)
    assert cases(house) == before
    assert counts(take(house, a_person(1, full_name="王建军", **LATER))) == (1, 0, 0, 0)
    old = take(house, a_person(1, full_name="somebody", **EARLIER))
    assert (counts(old), "written later" in errors(old)["police.example.cn/1"]) == ((0, 0, 0, 1), True)
    assert sorted(case.title for case in cases(house)) == ["王建军", "王建国"]
    same = take(house, a_person(1, full_name="王小军", **LATER))
    assert counts(same) == (1, 0, 0, 0), "of the same moment the one that comes later counts"


def test_what_people_here_wrote_stays(house: House) -> None:
    take(house, a_person(1))
    (case,) = cases(house)
    house.services.casework.amend(house.intake, case.case_id, replace(case.description, accent="阜阳话", names=("王建业",)))
    take(house, a_person(1, full_name="王建军", sex="male", **LATER))
    said = house.case(case).description
    assert (said.names, said.sex, said.accent) == (("王建业",), Sex.MALE, "阜阳话")


def test_an_older_record_that_came_after_all_does_not_make_the_newer_one_older(house: House) -> None:
    take(house, a_person(1, full_name="new", **LATER))
    take(house, a_person(1, full_name="old"))
    assert counts(take(house, a_person(1, full_name="between", source_date="2026-03-01T20:00:00Z")))[3] == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("information_sought", CaseKind.MISSING),
        ("believed_missing", CaseKind.MISSING),
        ("believed_alive", CaseKind.SHELTERED),
        ("is_note_author", CaseKind.SHELTERED),
    ],
)
def test_the_latest_status_says_what_a_new_record_is_and_a_case_stays_what_it_is(
    house: House, status: str, kind: CaseKind
) -> None:
    earlier = a_note(1, status="believed_alive" if kind is CaseKind.MISSING else "information_sought")
    take(house, a_person(1, inner=earlier + a_note(2, status=status, source_date="2026-03-02T09:00:00Z")))
    (case,) = cases(house)
    assert case.kind is kind
    other = "believed_alive" if kind is CaseKind.MISSING else "information_sought"
    again = a_person(1, full_name="王建军", inner=a_note(3, status=other, source_date="2026-03-02T10:00:00Z"), **LATER)
    assert counts(take(house, again)) == (2, 0, 0, 0)
    assert (house.case(case).kind, house.case(case).title) == (kind, "王建军")


def test_without_a_status_they_are_what_the_sender_says(house: House) -> None:
    take(house, a_person(1), sender=replace(POLICE, kind=CaseKind.SHELTERED))
    assert cases(house)[0].kind is CaseKind.SHELTERED


def expired(number: int = 1, **said: str) -> str:
    """A placeholder."""
    given = {"person_record_id": f"police.example.cn/{number}", "source_date": "2026-03-02T08:30:00Z"}
    return a_record("person", **given | {"expiry_date": "2026-03-01T09:00:00Z"} | said)


def with_photo(house: House, number: int = 1) -> Case:
    """A clone with a face in the galleries, and a clue."""
    take(house, a_person(number, inner=a_note(number)))
    (case,) = cases(house)
    house.photograph(case, 1)
    return case


def test_a_placeholder_erases_the_clone_its_photo_and_its_templates(house: House) -> None:
    case = with_photo(house)
    found = house.services.galleries.of("dlib-resnet-v1")
    with house.services.store.reading() as records:
        (template,) = records.faces.templates(case.case_id, records.generations.live_encoders()[0])
        (photo,) = records.photos.of_case(case.case_id)
        found.refresh(records)
    assert template.template_id in found.snapshot()
    house.clock.advance(days=1)
    assert counts(take(house, expired())) == (0, 0, 1, 0)
    assert cases(house) == []
    assert photo.photo_key not in set(house.services.photos.keys())
    with house.services.store.reading() as records:
        found.refresh(records)
        assert records.partners.received("police.example.cn/note.1") is None
    assert template.template_id not in found.snapshot()
    assert house.faults() == []
    assert counts(take(house, expired())) == (0, 1, 0, 0), "twice is no error"


def test_a_record_that_has_expired_is_taken_for_its_placeholder(house: House) -> None:
    with_photo(house)
    house.clock.advance(days=1)
    assert counts(take(house, a_person(1, expiry_date="2026-03-02T00:00:00Z", **LATER))) == (0, 0, 1, 0)
    assert counts(take(house, a_person(9, expiry_date="2026-03-02T00:00:00Z"))) == (0, 1, 0, 0), "nor does it come in"
    assert cases(house) == []


def test_a_placeholder_that_is_older_than_what_is_here_erases_nothing(house: House) -> None:
    with_photo(house)
    assert counts(take(house, expired(**EARLIER)))[3] == 1
    assert len(cases(house)) == 1


def test_what_is_written_in_the_future_is_skipped_for_nothing_could_end_it(house: House) -> None:
    ahead = {"source_date": "2099-01-01T00:00:00Z"}
    taken = take(house, a_person(1, **ahead), a_person(2), a_note(2, person_record_id="police.example.cn/2", **ahead))
    assert errors(taken) == {"police.example.cn/1": FUTURE, "police.example.cn/note.2": FUTURE}
    (case,) = cases(house)
    with house.services.store.transaction() as records:  # as it was taken in before
        records.partners.put_clones([Clone(case.case_id, datetime(2099, 1, 1, tzinfo=UTC), None)])
    house.clock.advance(days=3)
    at = f"{house.clock():%Y-%m-%dT%H:%M:%SZ}"
    placeholder = {"expiry_date": at, "source_date": at}
    assert counts(take(house, a_record("person", person_record_id="police.example.cn/2", **placeholder))) == (0, 0, 1, 0)


def test_a_placeholder_releases_whoever_was_matched_with_the_clone(house: House) -> None:
    theirs, ours = with_photo(house), house.sheltered(1, age_min=60)
    verified(house, theirs, ours)
    assert house.case(ours).state is CaseState.MATCHED
    take(house, expired())
    assert house.case(ours).state is CaseState.OPEN
    assert house.faults() == []


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.SUSPENDED, CaseState.MATCHED])
def test_l7_from_the_day_of_its_expiry_on_a_clone_is_read_by_nobody_though_no_placeholder_came(
    house: House, state: CaseState
) -> None:
    end = house.clock.now + timedelta(days=3)
    take(house, a_person(1, expiry_date=f"{end:%Y-%m-%dT%H:%M:%SZ}"))
    (case,) = cases(house)
    if state is CaseState.SUSPENDED:
        house.services.casework.suspend(house.manager, case.case_id, "a dispute")
    if state is CaseState.MATCHED:
        house.photograph(case, 1, shot=7)
        house.confirm(house.pair(case, house.sheltered(1, age_min=60)))
    house.services.purging.purge(house.manager)
    house.clock.now = end - timedelta(seconds=1)
    assert house.case(case).state is state
    house.clock.now = end
    assert case.case_id not in {each.case_id for each in cases(house)}
    house.services.purging.tend()
    with house.services.store.reading() as records:
        assert records.integrity.missing("cases", [case.case_id]) == {case.case_id}
    assert house.faults() == []


def test_l8_who_asked_not_to_be_kept_stays_away_and_is_told_to_the_sender(house: House) -> None:
    take(house, a_person(1))
    (case,) = cases(house)
    house.services.retention.erase_case(SYSTEM, case.case_id, suppress=True)
    taken = take(house, a_person(1, inner=a_note(1), **LATER), a_person(2))
    assert counts(taken) == (1, 0, 0, 2)
    assert "asked not to be kept" in errors(taken)["police.example.cn/1"]
    assert "Nobody here" in errors(taken)["police.example.cn/note.1"]


def test_l8_the_face_of_who_asked_not_to_be_kept_is_held_under_another_id(house: House) -> None:
    gone = house.missing(1)
    house.services.retention.erase_case(SYSTEM, gone.case_id, suppress=True)
    take(house, a_person(5), photos=Sent({"police.example.cn/5": painted_photo(1, shot=9)}))
    (case,) = cases(house)
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        (photo,) = records.photos.of_case(case.case_id)
        assert records.faces.templates(case.case_id, records.generations.live_encoders()[0]) == []
    assert photo.analysis == "held"


class Sent:
    """Photos that came along, by the ids of their records."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def named(self, name: str, source_id: str) -> str | None:
        return name if name in self.files else None

    def by_number(self, source_ids: Collection[str]) -> tuple[dict[str, list[str]], set[str]]:
        return {each: [each] for each in source_ids if each in self.files}, set()

    def read(self, path: str) -> bytes:
        return self.files[path]


def test_one_bad_record_costs_no_other(house: House) -> None:
    long_id = "police.example.cn/" + "x" * 300
    taken = take(
        house,
        a_person(1),
        a_person(2, source_date="yesterday"),
        a_person(3, person_record_id="elsewhere.example/3"),
        a_person(4, person_record_id=long_id),
        a_person(5, inner=a_note(5, person_record_id="police.example.cn/1")),
        a_person(6, inner="<pfif:sex>male</pfif:sex><pfif:sex>female</pfif:sex>"),
        a_person(7),
    )
    assert counts(taken) == (3, 0, 0, 5)
    assert {record_id: why[:30] for record_id, why in errors(taken).items()} == {
        "police.example.cn/2": "source_date is missing, or no time"[:30],
        "elsewhere.example/3": "person_record_id is of elsewhere"[:30],
        long_id: "The id of the record is longer"[:30],
        "police.example.cn/note.5": "the note is about police.example.cn/1"[:30],
        "police.example.cn/6": "sex stands there twice",
    }
    assert len(cases(house)) == 3


def test_older_versions_are_taken_by_todays_names(house: House) -> None:
    given = {"person_record_id": "police.example.cn/1", "source_date": "2010-01-01T00:00:00Z"}
    old = a_record("person", first_name="建国", last_name="王", other="description: tall", home_zip="236000", **given)
    for version in ("1.1", "1.2", "1.3"):
        taken = take(house, old, version=version)
        assert counts(taken)[3] == 0
    (case,) = cases(house)
    assert case.description.names == ("王建国",)
    assert "home_postal_code: 236000" in case.description.circumstances
    assert case.description.circumstances.startswith("tall")


def test_what_cannot_be_true_is_kept_as_text(house: House) -> None:
    take(house, a_person(1, date_of_birth="2031-01", age="140", sex="unknown"))
    said = cases(house)[0].description
    assert (said.birth_date, said.age_min, said.sex) == (None, None, None)
    for text in ("date_of_birth: 2031-01", "age: 140", "sex makes no sense: unknown"):
        assert text in said.circumstances


def test_ages_are_those_of_the_day_on_which_the_case_is_opened(house: House) -> None:
    record = a_person(1, age="60-65", source_date="2020-03-01T08:30:00Z")
    take(house, record)
    (case,) = cases(house)
    assert (case.description.age_min, case.description.age_max) == (66, 71)
    house.clock.advance(days=800)
    assert counts(take(house, record)) == (0, 1, 0, 0), "nor does it change with the years"
    later = a_person(1, age="68-73", source_date="2028-04-01T08:30:00Z")
    assert counts(take(house, later)) == (0, 1, 0, 0), "nor where the partner says how old the person is by then"
    (case,) = cases(house)
    assert (case.description.age_min, case.description.age_max) == (66, 71)


def test_very_long_texts_are_cut_and_say_so(house: House) -> None:
    take(house, a_person(1, description="x" * 15_000, inner=a_note(1, text="y" * 15_000)))
    (case,) = cases(house)
    (clue,) = house.services.interviews.of_case(house.intake, case.case_id)
    for text in (case.description.circumstances, clue.clue.said):
        assert len(text) == LONGEST_TEXT
        assert text.endswith("…")


def test_a_record_of_another_stations_case_is_refused(house: House) -> None:
    take(house, a_person(1))
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    north = desk(house, "north")
    for record in (a_person(1, full_name="x", **LATER), expired()):
        taken = take(house, record, actor=north)
        assert "another station" in errors(taken)["police.example.cn/1"]
    assert [case.title for case in cases(house)] == ["王建国"]


def test_a_file_that_is_none_or_our_own_changes_nothing(house: House) -> None:
    for data, sender in (
        (b"<html/>", POLICE),
        (a_file(a_person()), replace(POLICE, domain="shelter.example.org")),
        (a_file(a_person(), before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), POLICE),
    ):
        with pytest.raises(Invalid):
            house.services.taking.take(desk(house), data, sender, "x.xml")
    assert cases(house) == []
    assert house.services.list_runs.all(house.intake)[1] == 0


def test_who_may_not_open_cases_takes_nothing_in(house: House) -> None:
    for actor in (house.reviewer, house.auditor, repository(house)):
        with pytest.raises(NotAllowed):
            take(house, a_person(), actor=actor)


def test_a_key_writes_for_the_domain_and_the_station_it_is_tied_to(house: House) -> None:
    theirs = repository(house)
    data = a_file(a_person(1), a_person(2, person_record_id="elsewhere.example/2"))
    with pytest.raises(WrongState, match="tied to no domain"):
        house.services.taking.by_key(theirs, data)
    house.services.partner_register.tie(SYSTEM, "repository", "Police.example.cn", LegalBasis.VITAL_INTEREST)
    taken = house.services.taking.by_key(theirs, data)
    assert counts(taken) == (1, 0, 0, 1)
    (case,) = cases(house)
    assert (case.legal_basis, case.opened_by, case.station_id) == (LegalBasis.VITAL_INTEREST, theirs.account_id, "main")
    with house.services.store.reading() as records:
        rows = {each.action: each for each in records.audit.events(0, 1000) if each.actor == theirs.account_id}
    assert rows["take_from_partner"].detail == {"erased": 0, "skipped": 1, "written": 1}
    assert rows["import_list"].subject == taken.run.run_id
    for actor in (house.manager, house.intake, house.partner):
        with pytest.raises(NotAllowed):
            house.services.taking.by_key(actor, data)


def test_only_a_partners_account_is_tied_and_never_to_our_own_domain(house: House) -> None:
    repository(house)
    tie = house.services.partner_register.tie
    for name, domain in (
        ("lin", "a.example"),
        ("nobody", "a.example"),
        ("repository", "shelter.example.org"),
        ("repository", "a/b"),
        ("repository", ""),
    ):
        with pytest.raises(Invalid):
            tie(SYSTEM, name, domain, LegalBasis.STATUTORY_DUTY)
    with pytest.raises(NotAllowed):
        tie(house.manager, "repository", "a.example", LegalBasis.STATUTORY_DUTY)
    tie(SYSTEM, "repository", "a.example", LegalBasis.STATUTORY_DUTY)
    tie(SYSTEM, "repository", "b.example", LegalBasis.STATUTORY_DUTY, deaths=True)
    ((account, partner),) = house.services.partner_register.all(SYSTEM)
    assert (account.name, partner.domain, partner.deaths) == ("repository", "b.example", True)


@pytest.mark.parametrize("survived", range(1, 12, 2))
def test_a_write_that_is_cut_off_and_sent_again_is_there_once(
    house: House, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    records = [a_person(number, inner=a_note(number)) for number in range(1, 4)]
    with killed_after(survived, house, monkeypatch):
        take(house, *records)
    take(house, *records)
    assert counts(take(house, *records)) == (0, 6, 0, 0)
    assert len(cases(house)) == 3
    for case in cases(house):
        assert len(house.services.interviews.of_case(house.intake, case.case_id)) == 1
    assert house.faults() == []


def test_no_address_in_a_record_is_ever_fetched(house: House) -> None:
    """The network is denied to every test: what asked for one of these would fail. They are kept as text."""
    taken = take(
        house,
        a_person(1, photo_url="http://169.254.169.254/latest/meta-data", inner=a_note(1, photo_url="file:///etc/passwd")),
    )
    assert counts(taken) == (2, 0, 0, 0)
    house.services.worker.work_off()
    (case,) = cases(house)
    with house.services.store.reading() as records:
        assert records.photos.of_case(case.case_id) == []
    assert "photo_url: http://169.254.169.254" in case.description.circumstances


def test_the_rows_of_a_run_name_nobody(house: House) -> None:
    taken = take(house, a_person(1, person_record_id="police.example.cn/" + "王" * 200))
    (row,) = house.services.list_runs.look(house.intake, taken.run.run_id).wrong
    assert "王" not in repr(row)
