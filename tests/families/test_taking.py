"""People of a station accept reports of families or decline them; nothing is searched before."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.factories import an_actor
from tests.fakes import painted_photo
from tests.families.sent import TYPED, a_report, a_sighting, hand_in, now_of, photo_of
from tests.house import House
from tests.stories import at_once, rows_naming
from tracing.access import SYSTEM
from tracing.domain import Analysis, Case, CaseKind, Declined, LegalBasis, ReportState, Role
from tracing.errors import NotAllowed, NotFound, OtherStation, Stale, TracingError, WrongState
from tracing.families.consenting import CURRENT
from tracing.families.told import Step, cleaned, mistakes
from tracing.questions import answer, asked
from tracing.records import CaseFilter

ALL = set(ReportState)


def cases(house: House) -> list[Case]:
    with house.services.store.reading() as records:
        return records.cases.find(CaseFilter(), 99)


def test_nothing_is_searched_before_somebody_accepts_it(house: House) -> None:
    shown = house.sheltered(5)
    report = a_report(house, person=5)
    house.services.worker.work_off()
    house.services.families.tend()
    assert [case.case_id for case in cases(house)] == [shown.case_id]
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    house.services.worker.work_off()
    assert house.paired(case, shown)


def test_an_accepted_report_becomes_a_case_that_holds_what_was_told(house: House) -> None:
    report = a_report(house, photos=2)
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    said = case.description
    assert said.names == ("王建国", "国娃")
    assert (said.age_min, said.age_max) == (62, 72)
    assert said.marks == ("左眉有一道疤", "右手缺小指")
    assert (str(said.seen_at), said.seen_place) == ("2026-03", "合肥站北广场")
    assert (case.kind, case.state, case.legal_basis, case.station_id) == (
        "missing",
        "open",
        LegalBasis.SEPARATE_CONSENT,
        "main",
    )
    with house.services.store.reading() as records:
        (contact,) = records.cases.contacts(case.case_id)
        source = records.rights.source(case.case_id)
        photos = records.photos.of_case(case.case_id)
        assert records.handed.of_reports([report.report_id]) == []
        assert records.forms.of_case(case.case_id).answers == {"consent_scope": ("compare",)}
    assert (contact.name, contact.phone, contact.place) == ("李秀英 (女儿)", "13800138000", "合肥市蜀山区")
    assert source is not None
    assert (source.source, source.source_id) == ("family report", report.reference)
    assert [str(photo.taken_on) for photo in photos] == ["2019", "2019"]
    kept = now_of(house, report)
    assert (kept.state, kept.case_id, kept.typed, kept.consent) == (ReportState.ACCEPTED, case.case_id, {}, report.consent)
    assert house.faults() == []


def test_without_consent_to_it_the_face_is_never_looked_at(house: House) -> None:
    house.sheltered(5)
    report = a_report(house, person=5, face=False)
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        assert [photo.analysis for photo in records.photos.of_case(case.case_id)] == [Analysis.WITHDRAWN]
        assert records.pairs.of_case(case.case_id) == []
        assert records.forms.of_case(case.case_id).answers == {}


def test_a_report_is_answered_once_whoever_comes(house: House) -> None:
    report = a_report(house)
    service = house.services.family_reports
    results = at_once(
        lambda: service.accept(house.intake, report.report_id, report.version),
        lambda: service.accept(house.manager, report.report_id, report.version),
        lambda: service.decline(house.manager, report.report_id, report.version, Declined.TOO_LITTLE),
    )
    assert sum(isinstance(each, TracingError) for each in results) == 2, results
    assert len(cases(house)) <= 1
    with pytest.raises(WrongState):
        service.accept(house.intake, report.report_id, now_of(house, report).version)


def test_a_version_that_is_not_the_one_that_was_read_is_refused(house: House) -> None:
    report = a_report(house)
    with pytest.raises(Stale):
        house.services.family_reports.accept(house.intake, report.report_id, report.version + 1)
    assert cases(house) == []


def test_photos_that_were_left_behind_by_a_kill_go_over_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    report = a_report(house, photos=3)
    service = house.services.family_reports
    monkeypatch.setattr(type(service), "move_photos", lambda _: 0)
    case = service.accept(house.intake, report.report_id, report.version)
    monkeypatch.undo()
    at_once(service.move_photos, service.move_photos, house.services.families.tend)
    service.move_photos()
    with house.services.store.reading() as records:
        assert len(records.photos.of_case(case.case_id)) == 3
    for chore in house.services.worker._chores:
        chore()
    assert len(list(house.services.photos.keys())) == 3
    assert house.faults() == []


def test_a_photo_whose_file_is_damaged_holds_up_neither_the_station_nor_any_other(house: House) -> None:
    damaged, whole = a_report(house), a_report(house, person=2)
    with house.services.store.reading() as records:
        broken = records.handed.get(photo_of(house, damaged))
    (file,) = house.services.settings.photo_dir.rglob(broken.photo_key)
    file.write_bytes(file.read_bytes()[:-1])
    service = house.services.family_reports
    for report in (damaged, whole):
        service.accept(house.intake, report.report_id, report.version)
    house.services.families.tend()
    with house.services.store.reading() as records:
        moved = records.photos.of_case(now_of(house, whole).case_id or "")
        assert len(moved) == 1
        assert records.handed.of_reports([damaged.report_id]) == [broken], "for an operator to look at"


def test_l9_a_withdrawal_is_carried_out_though_the_worker_never_rests(house: House) -> None:
    report = a_report(house)
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    with house.services.store.transaction() as records:
        now = records.reports.get(report.report_id)
        records.reports.save(replace(now, state=ReportState.WITHDRAWN, withdrawn_at=house.clock()))
    house.clock.advance(seconds=15)
    house.services.worker.round()
    assert house.services.withdrawing.of_case(house.intake, case.case_id) is not None


def test_who_reads_reports_and_who_does_not(house: House) -> None:
    report = a_report(house)
    service = house.services.family_reports
    for actor in (house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            service.find(actor, ALL, 9)
        with pytest.raises(NotAllowed):
            service.view(actor, report.report_id)
        with pytest.raises(NotAllowed):
            service.photo(actor, report.report_id, photo_of(house, report))
        with pytest.raises(NotAllowed):
            service.accept(actor, report.report_id, report.version)
    assert service.find(house.intake, ALL, 9)[1] == 1


def test_a_draft_is_there_for_nobody(house: House) -> None:
    draft = a_report(house, state=ReportState.DRAFT, sent_at=None)
    service = house.services.family_reports
    assert service.find(house.manager, ALL, 9) == ([], 0)
    with pytest.raises(NotFound):
        service.view(house.manager, draft.report_id)
    with pytest.raises(NotFound):
        service.accept(house.manager, draft.report_id, draft.version)


def test_a_station_reads_what_was_sent_to_it_or_to_none(house: House) -> None:
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    north = an_actor(account_id="n" * 32, role=Role.INTAKE, station_id="north")
    to_main, to_all = a_report(house, station_id="main"), a_report(house)
    service = house.services.family_reports
    assert {view.report.report_id for view in service.find(north, ALL, 9)[0]} == {to_all.report_id}
    with pytest.raises(OtherStation):
        service.view(north, to_main.report_id)
    with pytest.raises(OtherStation):
        service.accept(north, to_main.report_id, to_main.version)
    case = service.accept(north, to_all.report_id, to_all.version)
    assert case.station_id == "north"
    assert service.find(house.intake, ALL, 9)[1] == 1, "it is the other station's from then on"


def test_only_the_exact_number_of_an_earlier_case_is_a_hint(house: House) -> None:
    mine = house.missing(1, names=("王建国",))
    service = house.services.family_reports
    for typed, found in ((mine.reference, mine.case_id), ("王建国", None), (mine.reference[:-1], None), ("", None)):
        report = a_report(house, photos=0, typed={**TYPED, "earlier": typed})
        earlier = service.view(house.intake, report.report_id).earlier
        assert (earlier and earlier.case_id) == found
    first = a_report(house, photos=0)
    case = service.accept(house.intake, first.report_id, first.version)
    widened = str.maketrans({each: chr(ord(each) + 0xFEE0) for each in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"})
    for typed in (first.reference.lower().replace("-", " "), first.reference.translate(widened), case.reference.lower()):
        report = a_report(house, photos=0, typed={**TYPED, "earlier": typed})
        earlier = service.view(house.intake, report.report_id).earlier
        assert earlier is not None, typed
        assert earlier.case_id == case.case_id


def test_a_number_typed_as_wide_as_chinese_characters_can_be_dialled(house: House) -> None:
    report = a_report(house, photos=0, typed={**TYPED, "phone": "１３８ ００１３ ８０００"})
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    with house.services.store.reading() as records:
        (contact,) = records.cases.contacts(case.case_id)
    assert contact.phone == "138 0013 8000"


def test_what_somebody_is_also_called_is_a_name_of_its_own(house: House) -> None:
    report = a_report(house, photos=0, typed={**TYPED, "names": "王建国（小名：国娃）、王建军"})
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    assert case.description.names == ("王建国", "国娃", "王建军")


def test_relatives_stand_in_the_form_of_the_case_a_line_each_and_their_numbers_apart(house: House) -> None:
    told = "哥哥 王建军，13900139000\n\n  妈妈\t刘桂香（0551）6299 8000 \n双胞胎弟弟（138 0013 8001）\n+86 139-0013-9001"
    report = a_report(house, photos=0, face=False, typed={**TYPED, "relatives": told})
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    with house.services.store.reading() as records:
        form = records.forms.of_case(case.case_id)
    assert form.answers == {
        "relatives": (
            {"name": "哥哥 王建军", "contact": "13900139000"},
            {"name": "妈妈 刘桂香", "contact": "(0551)6299 8000"},
            {"name": "双胞胎弟弟", "contact": "138 0013 8001"},
            {"contact": "+86 139-0013-9001"},
        )
    }
    assert answer(asked(CaseKind.MISSING)["relatives"], form.answers["relatives"]) == form.answers["relatives"]


@pytest.mark.parametrize(
    "phone",
    [
        *("(0551)62998000", "（0551）6299-8000", "+86 138 0013 8000", "１３８００１３８０００"),
        "＋８６　１３８－００１３－８０００",
        "\u202d138 0013 8000\u202c",  # as an address book of a phone puts it on the clipboard
    ],
)
def test_a_number_is_taken_as_people_write_it(phone: str) -> None:
    assert mistakes(Step.YOU, {"relation": "女儿", "name": "李秀英", "phone": phone}, date(2026, 3, 1)) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("昨天", "2026-03-01"),
        ("昨晚8点", "2026-03-01 晚8点"),
        ("今天早上", "2026-03-02 早上"),
        ("前天下午", "2026-02-28 下午"),
        ("Yesterday, at noon", "2026-03-01 at noon"),
        ("前年", "前年"),
        ("今年3月", "今年3月"),
        ("2026年3月", "2026年3月"),
    ],
)
def test_a_day_told_from_today_is_kept_as_the_day_that_it_is(typed: str, kept: str) -> None:
    assert cleaned(Step.SEEN, {"seen_at": typed}, date(2026, 3, 2))["seen_at"] == kept
    assert (mistakes(Step.SEEN, {"seen_at": kept}, date(2026, 3, 2)) == {}) == kept.startswith("2026")


def test_more_relatives_than_fit_are_told_on_the_page() -> None:
    many = "\n".join(f"亲戚{number}" for number in range(21))
    said = mistakes(
        Step.YOU, {"relation": "女儿", "name": "李秀英", "phone": "13800138000", "relatives": many}, date(2026, 3, 1)
    )
    assert set(said) == {"relatives"}


def test_whoever_accepts_a_report_judges_none_of_its_pairs(house: House) -> None:
    report = a_report(house, person=5)
    case = house.services.family_reports.accept(house.manager, report.report_id, report.version)
    other = house.sheltered(5)
    house.services.worker.work_off()
    with pytest.raises(NotAllowed):
        house.judge(house.manager, house.pair(case, other))


def test_l7_what_nobody_accepted_goes_when_its_time_is_over(house: House) -> None:
    sent = a_report(house)
    declined = a_report(house)
    house.services.family_reports.decline(house.intake, declined.report_id, declined.version, Declined.TALK_FIRST)
    accepted = a_report(house)
    case = house.services.family_reports.accept(house.intake, accepted.report_id, accepted.version)
    seen = a_sighting(house, case)
    house.clock.advance(days=91)
    holdings = {each.kind: each for each in house.services.purging.overview(house.manager)}
    assert (holdings["family_reports"].kept, holdings["family_reports"].over) == (2, 2)
    house.services.purging.purge(SYSTEM)
    for report in (sent, declined):
        with pytest.raises(NotFound):
            now_of(house, report)
    assert now_of(house, accepted).state is ReportState.ACCEPTED
    with house.services.store.reading() as records:
        assert records.sightings.get(seen.sighting_id) == seen
    house.clock.advance(days=366)
    house.services.purging.purge(SYSTEM)
    with house.services.store.reading() as records, pytest.raises(NotFound):
        records.sightings.get(seen.sighting_id)
    for chore in house.services.worker._chores:
        chore()
    assert len(list(house.services.photos.keys())) == 1, "the case's own"
    assert house.faults() == []


def test_l8_with_the_case_the_report_its_secret_and_the_sightings_go(house: House) -> None:
    report = a_report(house)
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    seen = a_sighting(house, case)
    hand_in(house, painted_photo(8, shot=77), report_id=report.report_id)
    house.services.retention.erase_case(house.manager, case.case_id)
    for secret in (report.report_id, report.reference, report.secret_hash, report.draft_hash, seen.sighting_id):
        assert rows_naming(house, secret).keys() <= {"events"}, secret
    assert list(house.services.photos.keys()) == []
    assert house.faults() == []


def test_l15_the_data_that_a_person_takes_with_them_list_both_and_name_no_informant(house: House) -> None:
    report = a_report(house)
    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    a_sighting(house, case)
    made = house.services.dossiers.export(house.manager, case.case_id)
    document = json.loads(zipfile.ZipFile(io.BytesIO(made)).read("person.json"))
    told = document["sections"]["report"]["data"]
    assert (told["reference"], told["consent"]["version"], told["consent"]["face"]) == (report.reference, CURRENT, True)
    (seen,) = document["sections"]["sightings"]["data"]
    assert seen["said"] == "在火车站看到一个很像的人"
    assert "13900139000" not in json.dumps(document, ensure_ascii=False)
    assert report.secret_hash not in json.dumps(document)


def test_check_finds_a_photo_of_a_report_that_is_gone_or_was_altered(house: House) -> None:
    lost, altered = a_report(house), a_report(house, person=2)
    with house.services.store.reading() as records:
        gone = records.handed.get(photo_of(house, lost))
        other = records.handed.get(photo_of(house, altered))
    house.services.photos.erase(gone.photo_key)
    house.services.photos.erase(other.photo_key)
    house.services.photos.put(b"another photo", other.photo_key)
    assert set(house.faults()) == {f"row_without_file: {gone.handed_id}", f"file_damaged: {other.handed_id}"}


def test_spent_proofs_outlive_every_challenge(house: House) -> None:
    with house.services.store.transaction() as records:
        records.handed.spend("a", house.clock() + timedelta(hours=12))
        assert records.handed.forget_spent(house.clock()) == 0
        assert records.handed.forget_spent(house.clock() + timedelta(hours=13)) == 1
