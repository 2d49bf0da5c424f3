"""A comparison finds whom a list may be about, enrols nobody, and keeps nothing but its hits."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.fakes import faceless_photo, painted_photo
from tests.house import House
from tests.importing.test_importing import HEADINGS, Sent, a_table
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, killed_after, two_encoders
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import (
    Analysis,
    CaseKind,
    HitState,
    ImportRun,
    LegalBasis,
    ListHit,
    ListPurpose,
    Outcome,
    Purpose,
    Source,
)
from tracing.errors import Busy, Invalid, Misconfigured, NotAllowed
from tracing.importing import comparing
from tracing.importing.comparing import LIKE_KEPT_OUT, NO_FACE, UNMEASURED
from tracing.importing.plans import Plan
from tracing.importing.whose_photos import NOT_SENT
from tracing.opening import KEPT_OUT
from tracing.records import CaseFilter

__all__ = ["two_encoders"]

PLAN: Final = Plan("Police", CaseKind.MISSING, LegalBasis.STATUTORY_DUTY, purpose=ListPurpose.COMPARE)


def compare(
    house: House, *records: tuple[str, ...], photos: dict[str, bytes] | None = None, plan: Plan = PLAN, **more: Any
) -> ImportRun:
    table = a_table(*records, **more)
    digest = hashlib.sha256(repr(list(table())).encode()).digest()
    sent = Sent(photos) if photos is not None else None
    return house.services.comparing.run(house.intake, plan, table, "list.csv", digest, sent)


def hits(house: House) -> list[ListHit]:
    with house.services.store.reading() as records:
        return records.hits.find(list(HitState))


def rows(house: House) -> dict[str, int]:
    """How many there are in each table of the database."""
    with closing(sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608


KEPT: Final = {"import_runs", "refused_rows", "list_hits", "list_portraits", "events", "keepout_salts"}
"""The tables that a comparison may write into."""


def test_somebody_in_care_is_found_by_the_face_of_a_missing_one_and_nothing_else_is_kept(house: House) -> None:
    case, _ = house.sheltered(1), house.sheltered(2)
    before, files = rows(house), set(house.services.photos.keys())
    run = compare(house, ("7", "王建国"), ("8", "李梅"), photos={"7.png": painted_photo(1, shot=5), "8.png": painted_photo(9)})
    assert (run.compared, run.without_face, run.here, run.refused, run.photos) == (2, 0, 0, 0, 2)
    assert (run.found, run.again, run.rows) == (1, 0, 2)
    (hit,) = hits(house)
    assert (hit.case_id, hit.source, hit.source_id, hit.row, hit.kind) == (case.case_id, "Police", "7", 2, CaseKind.MISSING)
    assert (hit.run_id, hit.station_id, hit.state) == (run.run_id, "main", HitState.OPEN)
    assert hit.band == "moderate"  # nothing is known of the age: a child is possible
    assert {name for name, count in rows(house).items() if count != before[name]} <= KEPT
    assert set(house.services.photos.keys()) == files
    assert house.services.casework.find(house.intake, CaseFilter(), 9).total == 2
    assert house.faults() == []


@pytest.mark.parametrize(
    ("lost", "born", "band"), [("1998-05-01", "1960-01-01", "moderate"), ("2026-01-05", "1960-01-01", "strong")]
)
def test_a_face_that_was_lost_years_ago_says_no_more_than_moderate(house: House, lost: str, born: str, band: str) -> None:
    house.sheltered(1, age_min=30)
    headings = ("编号", "姓名", "出生日期", "失踪时间")
    run = compare(house, ("7", "王建国", born, lost), photos={"7.png": painted_photo(1, shot=8)}, headings=headings)
    assert (run.compared, run.refused) == (1, 0)
    (hit,) = hits(house)
    assert hit.band == band


def test_nothing_of_the_list_stands_anywhere_after_the_run(house: House) -> None:
    house.sheltered(1)
    compare(house, ("SC-0007", "王建国痕迹", "男", "60", "王秀英痕迹", "13800000000"), photos={"SC-0007.png": painted_photo(1)})
    with closing(sqlite3.connect(house.services.settings.data_dir / "tracing.sqlite")) as database:
        lying = "\n".join(database.iterdump())
    for word in ("痕迹", "13800000000", "SC-0007"):
        assert word not in lying
    assert not (house.services.settings.data_dir / "lists").exists()


@pytest.mark.usefixtures("two_encoders")
def test_an_encoder_that_comes_into_use_meanwhile_is_not_compared_with_the_templates_of_the_one_before(tmp_path: Path) -> None:
    with a_house_with_two_encoders(tmp_path / "var") as house:
        case = house.sheltered(1)
        started = house.services.reindex.start(SYSTEM, SECOND_ENCODER)
        house.services.reindex.backfill(SYSTEM, started.generation_id)

        class Slow(Sent):
            def read(self, path: str) -> bytes:
                house.services.reindex.activate(SYSTEM, started.generation_id)
                return super().read(path)

        sent = Slow({"7.png": painted_photo(1, shot=5)})
        run = house.services.comparing.run(house.intake, PLAN, a_table(("7", "王建国")), "list.csv", b"7", sent)
        assert [hit.case_id for hit in hits(house)] == [case.case_id]
        assert (run.compared, run.found, run.photos) == (1, 1, 1)


def test_past_intakes_are_compared_too_and_the_reunited_are_not(house: House) -> None:
    past, home = house.sheltered(1), house.sheltered(2)
    house.services.casework.close(house.manager, past.case_id, Outcome.SELF_LEFT, "he went", None)
    missing = house.missing(2)
    house.confirm(house.pair(home, missing))
    sent = {"1.png": painted_photo(1, shot=4), "2.png": painted_photo(2, shot=4)}
    compare(house, ("1", "a"), ("2", "b"), photos=sent)
    assert [hit.case_id for hit in hits(house)] == [past.case_id]


def test_the_search_has_a_purpose_and_its_run_and_each_hit_is_in_the_audit_of_its_case(house: House) -> None:
    case = house.sheltered(1)
    run = compare(house, ("7", "王建国"), photos={"7.png": painted_photo(1, shot=5)})
    with house.services.store.reading() as records:
        events = records.audit.of_subject(run.run_id)
        generation = records.generations.active().generation_id
    searched, ended = events
    assert (searched.action, searched.actor) == ("compare_rows", house.intake.account_id)
    assert searched.detail == {
        "run_id": run.run_id,
        "purpose": Purpose.COMPARE_LISTS,
        "generation_id": generation,
        "rows": 1,
        "gallery_size": 1,
    }
    assert (ended.action, ended.detail["found"], ended.detail["source"]) == ("compare_list", 1, "Police")
    told = house.done(case)[-1]
    assert (told.action, told.detail) == ("list_hit", {"run_id": run.run_id, "hit_id": hits(house)[0].hit_id})


def test_the_same_list_again_brings_no_second_hit_and_what_people_said_stays(house: House) -> None:
    house.sheltered(1)
    listed, photos = ("7", "王建国"), {"7.png": painted_photo(1, shot=5)}
    compare(house, listed, photos=photos)
    (hit,) = hits(house)
    decided = house.services.list_hits.decide(house.intake, hit.hit_id, HitState.NO_MATCH, "another nose", hit.version)
    house.clock.advance(days=30)
    again = compare(house, listed, photos=photos)
    assert (again.found, again.again) == (0, 1)
    assert again.run_id != hit.run_id
    assert hits(house) == [decided]


def test_who_came_here_since_is_found_in_the_next_list(house: House) -> None:
    listed, photos = ("7", "王建国"), {"7.png": painted_photo(1, shot=5)}
    assert compare(house, listed, photos=photos).found == 0
    house.sheltered(1)
    assert compare(house, listed, photos=photos).found == 1


def test_a_record_without_a_photo_is_compared_by_what_is_written(house: House) -> None:
    said = {"names": ("欧阳慕容",), "seen_place": "阜阳市颍上县", "marks": ("左手缺一指",)}
    case = house.open(CaseKind.SHELTERED, **said)
    for number in range(5):
        house.open(CaseKind.SHELTERED, names=(f"王{number}",))
    house.services.worker.work_off()
    headings = (*HEADINGS, "失踪地点", "特征")
    run = compare(house, ("7", "欧阳慕容", "", "", "", "", "", "颍上县", "左手缺一指"), ("8", "张三"), headings=headings)
    assert (run.compared, run.without_face, run.found) == (0, 2, 1)
    (hit,) = hits(house)
    assert (hit.case_id, hit.source_id, hit.band) == (case.case_id, "7", "")
    assert "name.written.strong" in hit.reasons
    assert any(each.startswith("place.county") for each in hit.reasons)
    assert "欧阳" not in str(hit.reasons)


def test_a_case_that_face_and_words_bring_is_one_hit(house: House) -> None:
    case = house.sheltered(1, names=("欧阳慕容",), seen_place="颍上县")
    house.services.worker.work_off()
    compare(house, ("7", "欧阳慕容"), photos={"7.png": painted_photo(1, shot=5)})
    (hit,) = hits(house)
    assert (hit.case_id, hit.band) == (case.case_id, "moderate")
    assert hit.reasons


def test_a_record_that_is_a_case_here_is_searched_as_such_and_not_again(house: House) -> None:
    house.sheltered(1)
    house.services.importing.run(house.intake, replace(PLAN, purpose=ListPurpose.IMPORT), a_table(("7", "王建国")), "l", b"1")
    run = compare(house, ("7", "王建国"), ("8", "李梅"), photos={"7.png": painted_photo(1, shot=5)})
    assert (run.here, run.without_face, run.compared, run.photos) == (1, 1, 0, 0)
    assert hits(house) == []


def test_photos_that_show_nobody_or_cannot_be_read_are_told_and_cost_nothing(house: House) -> None:
    house.sheltered(1)
    headings = (*HEADINGS, "照片")
    listed = [
        ("1", "a", "", "", "", "", "", "1.png"),
        ("2", "b", "", "", "", "", "", "2.png"),
        ("3", "c", "", "", "", "", "", "gone.png、3.png"),
        ("4", "d", "", "", "", "", "", ""),
    ]
    sent = {"1.png": faceless_photo(), "2.png": b"no photo", "3.png": painted_photo(1, shot=5)}
    run = compare(house, *listed, photos=sent, headings=headings)
    assert (run.compared, run.without_face, run.found, run.photos) == (1, 3, 1, 3)
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [(each.row, each.column) for each in told] == [(2, "photos"), (3, "photos"), (4, "photos")]
    assert (told[0].mistake, told[2].mistake) == (NO_FACE, NOT_SENT)


def test_rows_that_are_no_records_are_refused(house: House) -> None:
    run = compare(house, ("", "no number"), ("1", "a"), ("1", "again"))
    assert (run.refused, run.without_face) == (2, 1)


def test_l8_nobody_is_searched_for_who_asked_not_to_be_by_record_or_by_face(house: House) -> None:
    plan = replace(PLAN, purpose=ListPurpose.IMPORT)
    house.services.importing.run(house.intake, plan, a_table(("7", "王建国")), "l", b"1", Sent({"7.png": painted_photo(1)}))
    house.services.worker.work_off()
    (case,) = house.services.casework.find(house.intake, CaseFilter(), 9).cases
    house.services.retention.erase_case(SYSTEM, case.case_id, suppress=True)
    house.sheltered(1)
    before = house.examiner.examined
    sent = {"7.png": painted_photo(1, shot=5), "8.png": painted_photo(1, shot=6), "9.png": painted_photo(3)}
    run = compare(house, ("7", "王建国"), ("8", "same face"), ("9", "else"), photos=sent)
    assert (run.refused, run.compared, run.found) == (2, 1, 0)
    assert house.examiner.examined == before + 2
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert [each.mistake for each in told] == [KEPT_OUT, LIKE_KEPT_OUT]
    assert hits(house) == []


def test_a_portrait_is_kept_with_a_hit_until_somebody_has_decided_and_of_nobody_else(house: House) -> None:
    house.sheltered(1)
    compare(house, ("7", "a"), ("8", "b"), photos={"7.png": painted_photo(1, shot=5), "8.png": painted_photo(8)})
    (hit,) = hits(house)
    view = house.services.list_hits.view(house.intake, hit.hit_id)
    assert view.has_portrait
    assert house.services.list_hits.portrait(house.intake, hit.hit_id)[:2] == b"\xff\xd8"
    assert rows(house)["list_portraits"] == 1
    house.services.list_hits.decide(house.intake, hit.hit_id, HitState.FOLLOWED_UP, "the police come", hit.version)
    assert rows(house)["list_portraits"] == 0
    assert not house.services.list_hits.view(house.intake, hit.hit_id).has_portrait


def test_several_photos_of_a_record_are_one_search(house: House) -> None:
    case = house.sheltered(1)
    sent = {"7-1.png": painted_photo(9), "7-2.png": painted_photo(1, shot=5), "7-3.png": b"", "7-4.png": painted_photo(2)}
    run = compare(house, ("7", "a"), photos=sent)
    assert (run.compared, run.photos) == (1, comparing.MOST_PHOTOS)
    assert [hit.case_id for hit in hits(house)] == [case.case_id]


def test_a_list_comes_to_its_end_although_intakes_take_the_machine(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.sheltered(1)
    waited: list[float] = []

    def come_free(seconds: float) -> None:
        waited.append(seconds)
        house.examiner.failure = None

    monkeypatch.setattr(house.services.comparing, "_pause", come_free)
    house.examiner.failure = Busy("full")
    assert compare(house, ("7", "a"), photos={"7.png": painted_photo(1, shot=5)}).found == 1
    assert waited == [comparing.AGAIN_S]


@pytest.mark.parametrize("survived", range(1, 6))
def test_a_run_that_is_cut_off_goes_on_and_counts_everything_once(
    house: House, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    monkeypatch.setattr(comparing.Comparing, "together", 2)
    for person in range(1, 6):
        house.sheltered(person)
    listed = [(str(person), "x") for person in range(1, 6)]
    sent = {f"{person}.png": painted_photo(person, shot=50) for person in range(1, 6)}
    with killed_after(survived, house, monkeypatch):
        compare(house, *listed, photos=sent)
    run = compare(house, *listed, photos=sent)
    assert (run.compared, run.found, run.again, len(hits(house))) == (5, 5, 0, 5)
    assert len(house.services.list_runs.all(house.intake)[0]) == 1


def test_a_case_that_is_erased_while_a_portion_is_compared_is_no_hit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case, other = house.sheltered(1), house.sheltered(2)
    looked = comparing.Comparing._hits

    def then_erased(*args: Any) -> Any:
        found = looked(*args)
        house.services.retention.erase_case(SYSTEM, case.case_id)
        return found

    monkeypatch.setattr(comparing.Comparing, "_hits", then_erased)
    sent = {"1.png": painted_photo(1, shot=5), "2.png": painted_photo(2, shot=5)}
    run = compare(house, ("1", "a"), ("2", "b"), photos=sent)
    assert (run.compared, run.found) == (2, 1)
    assert [hit.case_id for hit in hits(house)] == [other.case_id]


def test_a_hit_goes_with_its_case_and_with_the_case_of_its_record(house: House) -> None:
    case, other = house.sheltered(1), house.sheltered(2)
    compare(house, ("1", "a"), ("2", "b"), photos={"1.png": painted_photo(1, shot=5), "2.png": painted_photo(2, shot=5)})
    house.services.retention.erase_case(SYSTEM, case.case_id)
    assert [hit.case_id for hit in hits(house)] == [other.case_id]
    record = house.services.intake.open_case(
        house.intake, CaseKind.MISSING, other.description, LegalBasis.STATUTORY_DUTY, source=Source("Police", "2")
    )
    house.services.retention.erase_case(SYSTEM, record.case_id)
    assert hits(house) == []
    assert rows(house)["list_portraits"] == 0


def test_with_a_face_that_is_withdrawn_goes_what_it_had_brought(house: House) -> None:
    case = house.sheltered(1)
    compare(house, ("1", "a"), photos={"1.png": painted_photo(1, shot=5)})
    house.services.withdrawing.withdraw(house.intake, case.case_id, "he asked for it")
    assert hits(house) == []


def test_of_a_crowd_of_strangers_hardly_anybody_is_a_hit(house: House) -> None:
    for person in range(30):
        house.sheltered(person)
    sent = {f"{number}.png": painted_photo(1000 + number) for number in range(60)}
    run = compare(house, *[(str(number), f"somebody {number}") for number in range(60)], photos=sent)
    assert run.compared == 60
    assert run.found <= 0.1 * 60 * 2


def test_without_a_measured_encoder_nothing_is_compared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.services.comparing, "_calibration_of", lambda _: None)
    with pytest.raises(Misconfigured, match=UNMEASURED[:20]):
        compare(house, ("1", "a"))


def test_l2_without_a_legal_basis_or_the_right_to_bring_lists_in_nothing_is_compared(house: House) -> None:
    with pytest.raises(Invalid, match="legal basis"):
        compare(house, ("1", "a"), plan=replace(PLAN, legal_basis=LegalBasis.NONE))
    for actor in (house.reviewer, house.auditor):
        with pytest.raises(NotAllowed):
            house.services.comparing.run(actor, PLAN, a_table(("1", "a")), "l", b"")


def test_a_photo_that_a_case_waits_for_is_looked_at_all_the_same(house: House) -> None:
    """A comparison leaves the queue of photos alone."""
    case = house.open(CaseKind.MISSING)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(3))
    compare(house, ("1", "a"), photos={"1.png": painted_photo(3, shot=5)})
    assert house.services.intake.report(photo.photo_id).photo.analysis is Analysis.PENDING
    with house.services.store.reading() as records:
        assert records.faces.templates(case.case_id, DEFAULT_ENCODER) == []


def test_the_plan_says_what_the_list_is_for_so_that_a_comparison_is_no_import(house: House) -> None:
    table = a_table(("1", "a"))
    compared = compare(house, ("1", "a"))
    brought = house.services.importing.run(house.intake, replace(PLAN, purpose=ListPurpose.IMPORT), table, "l", b"1")
    assert {compared.purpose, brought.purpose} == set(ListPurpose)
    assert compared.digest != brought.digest


def broken() -> Iterator[Any]:
    yield from a_table(("1", "a"))()
    raise Invalid("The file is no table from line 3 on.", "file")


def test_a_list_that_breaks_off_is_refused_as_a_whole(house: House) -> None:
    with pytest.raises(Invalid, match="line 3"):
        house.services.comparing.run(house.intake, PLAN, broken, "l", b"1")
    assert house.services.list_runs.all(house.intake) == ([], 0)
