"""A list that comes by the page is taken in sealed, checked before anything is done, brought in behind one's back, and gone."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import LIST, brought, checked, hand_in, two_stations
from tests.stories import a_neighbour
from tracing.access import SYSTEM
from tracing.domain import CaseKind, Change, HandedList, LegalBasis, ListPurpose, ListStage, Role
from tracing.errors import Busy, Invalid, NotAllowed, NotFound, Stale, TooMany, WrongState
from tracing.importing import handing_in, importing, working
from tracing.importing.sealed_lists import MENDED_WITHIN
from tracing.importing.working import DISABLED, UNFORESEEN
from tracing.opening import KEPT_OUT
from tracing.records import CaseFilter


def lying(house: House) -> list[Path]:
    folder = house.services.settings.list_dir
    return sorted(folder.iterdir()) if folder.exists() else []


def names(house: House) -> set[str]:
    return {case.title for case in house.services.casework.find(house.intake, CaseFilter(), 99).cases}


def stage(house: House, handed: HandedList) -> ListStage:
    return house.services.handed_lists.look(house.intake, handed.list_id).handed.stage


def test_a_list_waits_sealed_and_its_columns_are_recognised_with_samples(house: House) -> None:
    handed = hand_in(house, photos={"1.png": painted_photo(1)})
    assert (handed.stage, handed.station_id, handed.handed_by) == (ListStage.COLUMNS, "main", house.intake.account_id)
    assert [path.suffix for path in lying(house)] == [".photos", ".table"]
    assert all("王建国".encode() not in path.read_bytes() for path in lying(house))
    view = house.services.handed_lists.look(house.intake, handed.list_id)
    assert [(each.text, each.column) for each in view.layout.headings] == [
        ("编号", "source_id"),
        ("姓名", "names"),
        ("性别", "sex"),
        ("备注", "circumstances"),
    ]
    assert view.samples == (("1", "2"), ("王建国", "李梅"), ("男", "女"), ())
    assert (view.missing, view.checked, [draft.row for draft in view.drafts]) == ("", None, [2, 3])
    assert names(house) == set()


def test_the_next_list_of_a_sender_is_read_as_somebody_said_of_the_last(house: House) -> None:
    odd = "Nr,称谓,备注\n1,王建国,x\n"
    first = hand_in(house, odd)
    assert house.services.handed_lists.look(house.intake, first.list_id).missing
    brought(house, first, Nr="source_id", 称谓="names", 备注="")
    later = house.services.handed_lists.look(house.intake, hand_in(house, "称谓,Nr,年龄\n李梅,2,40\n").list_id)
    assert later.handed.said == {"Nr": "source_id", "称谓": "names"}
    assert [each.column for each in later.layout.headings] == ["names", "source_id", "age"]
    assert later.missing == ""
    assert hand_in(house, odd, source="Hospital").said == {}
    assert hand_in(house, odd, actor=two_stations(house)).said == {}


def test_a_list_of_which_nothing_is_said_keeps_what_was_said(house: House) -> None:
    brought(house, hand_in(house, "Nr,称谓\n1,王建国\n"), Nr="source_id", 称谓="names")
    house.clock.advance(minutes=1)
    brought(house, hand_in(house))
    house.clock.advance(minutes=1)
    brought(house, hand_in(house, "Nr,年龄\n2,40\n"))
    later = hand_in(house, "Nr,称谓\n3,李梅\n")
    assert later.said == {"Nr": "source_id", "称谓": "names"}
    house.clock.advance(minutes=1)
    brought(house, later, Nr="source_id", 称谓="")  # said anew, that counts
    house.clock.advance(minutes=1)
    assert hand_in(house, "Nr,称谓\n3,李梅\n").said == {"Nr": "source_id", "称谓": ""}


def test_what_is_said_of_another_heading_leaves_out_where_it_stood_before(house: House) -> None:
    brought(house, hand_in(house, "Nr,姓名\n1,王建国\n"), Nr="source_id")
    ready = checked(house, hand_in(house, "Nr,Zahl,姓名\n9,2,李梅\n"), Zahl="source_id")
    assert (ready.stage, ready.said) == (ListStage.CHECKED, {"Nr": "", "Zahl": "source_id"})


def test_it_is_read_to_its_end_before_anything_is_done(house: House) -> None:
    brought(house, hand_in(house))
    changed = "编号,姓名,性别,备注\n1,王建国,女,\n2,李梅,女,\n3,张三,?,\n,无号,,\n3,again,,\n"
    handed = checked(house, hand_in(house, changed, photos={"3.png": painted_photo(1)}))
    assert (handed.stage, handed.rows_there, handed.rows_read) == (ListStage.CHECKED, 5, 5)
    view = house.services.handed_lists.look(house.intake, handed.list_id)
    assert [each.row for each in view.drafts] == [2, 3, 4], "what is refused is not among the records"
    seen = view.checked
    assert seen is not None
    assert seen.counts == {Change.NEW: 1, Change.CHANGED: 1, Change.UNCHANGED: 1, Change.REFUSED: 2}
    assert [(each.row, each.column) for each in seen.refused] == [(5, "编号"), (6, "编号")]
    assert [(each.heading, each.count, each.rows) for each in seen.unread] == [("性别", 1, (4,))]
    assert (seen.here, seen.with_photos, seen.photos_missing) == (2, 1, 0)
    assert names(house) == {"王建国", "李梅"}


def test_a_worker_brings_it_in_and_nothing_of_it_stays(house: House) -> None:
    handed = hand_in(house, photos={"1.png": painted_photo(1), "2-1.png": painted_photo(2)})
    run = brought(house, handed)
    assert (run.new, run.photos, run.rows, run.rows_there) == (2, 2, 2, 2)
    assert run.finished_at is not None
    assert (run.started_by, run.station_id, run.file_name) == (house.intake.account_id, "main", "list.csv")
    assert names(house) == {"王建国", "李梅"}
    assert lying(house) == []
    with pytest.raises(NotFound):
        house.services.handed_lists.look(house.intake, handed.list_id)
    assert house.services.handed_lists.waiting(house.intake) == []
    assert brought(house, hand_in(house)).unchanged == 2
    assert house.faults() == []


def test_a_comparison_from_the_page_keeps_its_hits_alone(house: House) -> None:
    house.sheltered(1)
    handed = hand_in(house, LIST + ",bad,,\n", {"1.png": painted_photo(1, shot=5)}, ListPurpose.COMPARE)
    run = brought(house, handed)
    assert (run.purpose, run.compared, run.without_face, run.refused, run.found) == (ListPurpose.COMPARE, 1, 1, 1, 1)
    assert lying(house) == []  # no refused rows either
    assert not house.services.handed_lists.can_be_mended(run.run_id)
    assert len(names(house)) == 1


def test_columns_are_said_by_a_person_where_nobody_knows_them(house: House) -> None:
    handed = hand_in(house, "Nr,姓名,Weiteres\n7,王,x\n")
    lists = house.services.handed_lists
    assert "sender's own number" in lists.look(house.intake, handed.list_id).missing
    with pytest.raises(Invalid, match="sender's own number"):
        lists.say_columns(house.intake, handed.list_id, {}, handed.version)
    for said in ({"Nr": "number"}, {"No": "source_id"}, {"Nr": "source_id", "姓名": "source_id"}):
        with pytest.raises(Invalid):
            lists.say_columns(house.intake, handed.list_id, said, handed.version)
    ready = checked(house, handed, Nr="source_id", Weiteres="circumstances", 姓名="")
    assert ready.stage is ListStage.CHECKED
    view = lists.look(house.intake, handed.list_id)
    assert [each.column for each in view.layout.headings] == ["source_id", None, "circumstances"]
    run = lists.start(house.intake, handed.list_id, ready.version)
    house.services.worker.work_off()
    assert house.services.list_runs.look(house.intake, run.run_id).run.new == 1
    assert names(house) == {""}


def test_whoever_is_slower_is_told(house: House) -> None:
    handed = hand_in(house)
    lists = house.services.handed_lists
    lists.say_columns(house.intake, handed.list_id, {}, handed.version)
    with pytest.raises(Stale):
        lists.say_columns(house.intake, handed.list_id, {"姓名": ""}, handed.version)
    with pytest.raises(WrongState, match="not read to its end"):
        lists.start(house.intake, handed.list_id, handed.version + 1)
    house.services.worker.work_off()
    ready = lists.look(house.intake, handed.list_id).handed
    lists.start(house.intake, handed.list_id, ready.version)
    with pytest.raises(WrongState):
        lists.start(house.intake, handed.list_id, ready.version + 1)
    with pytest.raises(WrongState, match="brought in already"):
        lists.say_columns(house.intake, handed.list_id, {}, ready.version + 1)


@pytest.mark.parametrize(
    ("table", "more", "why"),
    [
        (b"\x89PNG no list \x00", {}, "neither text"),
        ("one\ntwo\n", {}, "two cells"),
        (LIST, {"photos": b"no archive"}, "no zip archive"),
        (LIST, {"source": " "}, "who sent"),
        (LIST, {"source": "x" * 201}, "who sent"),
        (LIST, {"legal_basis": LegalBasis.NONE, "purpose": ListPurpose.COMPARE}, "legal basis"),
    ],
)
def test_what_is_no_list_is_refused_and_thrown_away(
    house: House, table: Any, more: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(photos := more.pop("photos", None), bytes):
        monkeypatch.setattr("tests.importing.handed.zipped", lambda _: photos)
        more["photos"] = {}
    with pytest.raises(Invalid, match=why):
        hand_in(house, table, **more)
    assert lying(house) == []
    assert house.services.handed_lists.waiting(house.intake) == []


def test_a_file_name_is_only_a_name(house: House) -> None:
    assert hand_in(house, file_name="C:\\Users\\wang\\名单.xlsx").file_name == "名单.xlsx"
    assert hand_in(house, file_name="../../etc/passwd").file_name == "passwd"
    assert len(hand_in(house, file_name="x" * 999).file_name) == 200


def test_a_list_is_its_stations_and_theirs_who_may_bring_lists_in(house: House) -> None:
    handed = hand_in(house)
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    account, _ = house.services.accounts.add(SYSTEM, "ning", Role.INTAKE, station_id="north")
    north = replace(house.intake, account_id=account.account_id, station_id="north")
    lists = house.services.handed_lists
    for actor, refused in ((north, NotFound), (house.reviewer, NotAllowed), (house.auditor, NotAllowed)):
        for step in (
            lambda actor=actor: lists.look(actor, handed.list_id),
            lambda actor=actor: lists.drop(actor, handed.list_id),
            lambda actor=actor: lists.say_columns(actor, handed.list_id, {}, 1),
            lambda actor=actor: lists.start(actor, handed.list_id, 1),
        ):
            with pytest.raises(refused):
                step()
    assert lists.waiting(north) == []
    assert [each.list_id for each in lists.waiting(house.manager)] == [handed.list_id]
    run = brought(house, handed)
    with pytest.raises(NotFound):
        house.services.list_runs.look(north, run.run_id)
    assert house.services.list_runs.all(north) == ([], 0)
    with pytest.raises(NotAllowed):
        lists.expect(house.reviewer)


def test_only_so_many_lists_of_one_person_wait(house: House) -> None:
    for _ in range(handing_in.MOST_WAITING):
        hand_in(house)
    with pytest.raises(TooMany, match="throw one away"):
        hand_in(house)
    hand_in(house, actor=house.manager)


def test_a_list_can_be_thrown_away_at_any_time_and_handed_in_again_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing.Importing, "together", 1)
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    handed = checked(house, hand_in(house))
    lists, work = house.services.handed_lists, house.services.worker.round
    run = lists.start(house.intake, handed.list_id, handed.version)
    assert work().lists == 1
    lists.drop(house.intake, handed.list_id)
    assert lying(house) == []
    house.services.worker.work_off()
    assert house.services.list_runs.look(house.intake, run.run_id).run.finished_at is None
    assert len(names(house)) < 3
    again = brought(house, hand_in(house))
    assert (again.run_id, again.new) == (run.run_id, 2)
    assert names(house) == {"王建国", "李梅"}


def test_a_list_that_nobody_touches_for_a_day_is_thrown_away_and_one_that_runs_is_not(house: House) -> None:
    idle, running = hand_in(house), checked(house, hand_in(house))
    house.services.handed_lists.start(house.intake, running.list_id, running.version)
    house.clock.advance(hours=23, minutes=59)
    house.services.handed_lists.tend()
    assert stage(house, idle) is ListStage.COLUMNS
    house.clock.advance(minutes=10)
    house.services.handed_lists.tend()
    assert [each.list_id for each in house.services.handed_lists.waiting(house.intake)] == [running.list_id]
    assert {path.stem for path in lying(house)} == {running.list_id}


def test_what_a_crash_has_left_is_cleared_away(house: House) -> None:
    hand_in(house)
    handed = hand_in(house)
    with house.services.store.transaction() as records:
        records.lists.drop(handed.list_id)
    old = (house.clock() - timedelta(days=2)).timestamp()
    for path in lying(house):
        os.utime(path, (old, old))
    house.services.handed_lists.tend()
    assert handed.list_id not in {path.stem for path in lying(house)}
    assert len(lying(house)) == 1


# Refused rows


def test_refused_rows_can_be_taken_away_mended_and_handed_in_again_for_a_while(house: House) -> None:
    run = brought(house, hand_in(house, LIST + ",无号,男,\n1,王建军,男,\n"))
    lists = house.services.handed_lists
    assert lists.can_be_mended(run.run_id)
    assert all("无号".encode() not in path.read_bytes() for path in lying(house))
    headings, first, second = lists.refused(house.intake, run.run_id)
    assert headings == (("编号", "姓名", "性别", "备注"), ())
    assert (first[0], [(each.row, each.column) for each in first[1]]) == (("", "无号", "男", ""), [(4, "编号")])
    assert second[0] == ("1", "王建军", "男", "")
    with pytest.raises(NotAllowed):
        lists.refused(house.auditor, run.run_id)
    late = (house.clock() - MENDED_WITHIN - timedelta(hours=1)).timestamp()
    for path in lying(house):
        os.utime(path, (late, late))
    lists.tend()
    assert not lists.can_be_mended(run.run_id)
    with pytest.raises(NotFound):
        list(lists.refused(house.intake, run.run_id))


def test_of_somebody_who_asked_not_to_be_kept_no_row_stays(house: House) -> None:
    brought(house, hand_in(house))
    (wang,) = house.services.casework.find(house.intake, CaseFilter(text="王建国"), 9).cases
    house.services.retention.erase_case(SYSTEM, wang.case_id, suppress=True)
    run = brought(house, hand_in(house, LIST + "1,王建国,男,twice\n,无号,,\n"))
    assert run.refused == 3
    told = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert KEPT_OUT in {each.mistake for each in told}
    kept = list(house.services.handed_lists.refused(house.intake, run.run_id))
    assert "王建国" not in str(kept)
    assert "无号" in str(kept)


@pytest.mark.parametrize("suppress", [False, True])
@pytest.mark.parametrize("number", ["1", "110101199003074514"], ids=["a number", "an identity number"])
def test_l8_of_somebody_who_is_erased_later_no_row_is_handed_out(house: House, suppress: bool, number: str) -> None:
    table = LIST.replace("\n1,", f"\n{number},") + f"{number},王建国,男,twice\n,无号,,\n"
    run = brought(house, hand_in(house, table))
    (wang,) = house.services.casework.find(house.intake, CaseFilter(text="王建国"), 9).cases
    assert "王建国" in str(list(house.services.handed_lists.refused(house.intake, run.run_id)))
    house.services.retention.erase_case(SYSTEM, wang.case_id, suppress=suppress)
    headings, *kept = house.services.handed_lists.refused(house.intake, run.run_id)
    assert "编号" in headings[0]
    assert "王建国" not in str(kept)
    assert "无号" in str(kept)


def test_where_nothing_is_to_be_mended_nothing_lies_there(house: House) -> None:
    assert not house.services.handed_lists.can_be_mended(brought(house, hand_in(house)).run_id)


# The worker


def test_a_list_is_done_a_slice_at_a_time_so_that_photos_and_searches_have_their_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing.Importing, "together", 1)
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    handed = checked(house, hand_in(house))
    house.services.handed_lists.start(house.intake, handed.list_id, handed.version)
    case = house.open(CaseKind.MISSING)
    house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    first = house.services.worker.round()
    assert (first.photos, first.lists) == (1, 1)
    stop = threading.Event()
    stop.set()
    assert house.services.worker.round(stop).lists == 0


def test_one_process_alone_is_at_it_and_another_goes_on_when_it_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing.Importing, "together", 1)
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    handed = checked(house, hand_in(house))
    run = house.services.handed_lists.start(house.intake, handed.list_id, handed.version)
    with a_neighbour(house) as other:
        assert other.worker.round().lists == 1
        assert house.services.worker.round().lists == 0
    house.services.worker.work_off()
    ended = house.services.list_runs.look(house.intake, run.run_id).run
    assert (ended.new, ended.finished_at is not None) == (2, True)
    assert lying(house) == []


def test_a_run_that_ended_before_its_list_was_put_away_ends_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = checked(house, hand_in(house))
    run = house.services.handed_lists.start(house.intake, handed.list_id, handed.version)
    with monkeypatch.context() as killed:
        killed.setattr(house.services.handed_lists, "put_away", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            house.services.worker.work_off()
    with a_neighbour(house) as other:
        # The one that was killed holds nothing any more.
        house.services.worker._go_on_with_lists.__self__.close()
        other.worker.work_off()
    assert lying(house) == []
    with house.services.store.reading() as records:
        assert [each.action for each in records.audit.of_subject(run.run_id)] == ["start_list", "import_list"]


def test_what_is_not_now_comes_again_and_is_not_counted_as_a_try(house: House) -> None:
    house.sheltered(1)
    handed = checked(house, hand_in(house, photos={"1.png": painted_photo(1, shot=5)}, purpose=ListPurpose.COMPARE))
    house.services.handed_lists.start(house.intake, handed.list_id, handed.version)

    class Gone(Busy):
        pass

    house.services.comparing._pause = lambda _: (_ for _ in ()).throw(Gone("later"))
    house.examiner.failure = Busy("full")
    for _ in range(working.MOST_TRIES + 2):
        assert house.services.worker.round().lists == 0
    waiting = house.services.handed_lists.look(house.intake, handed.list_id).handed
    assert (waiting.stage, waiting.attempts) == (ListStage.RUNNING, 0)
    house.examiner.failure = None
    house.services.worker.work_off()
    assert house.services.handed_lists.waiting(house.intake) == []


def test_what_fails_again_and_again_is_given_up_and_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    handed = checked(house, hand_in(house))
    house.services.handed_lists.start(house.intake, handed.list_id, handed.version)

    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(importing.Importing, "_portion", broken)
    for _ in range(working.MOST_TRIES):
        assert house.services.worker.round().lists == 0
    given_up = house.services.handed_lists.look(house.intake, handed.list_id).handed
    assert (given_up.stage, given_up.problem) == (ListStage.FAILED, UNFORESEEN)
    monkeypatch.undo()
    house.services.worker.work_off()
    assert stage(house, given_up) is ListStage.FAILED
    assert brought(house, given_up).new == 2  # its columns said once more, and started


def test_who_has_left_brings_nothing_in(house: House) -> None:
    handed = checked(house, hand_in(house))
    house.services.handed_lists.start(house.intake, handed.list_id, handed.version)
    house.services.accounts.disable(SYSTEM, "lin")
    house.services.worker.work_off()
    given_up = house.services.handed_lists.look(house.manager, handed.list_id).handed
    assert (given_up.stage, given_up.problem) == (ListStage.FAILED, DISABLED)
    assert names(house) == set()


def test_columns_said_anew_while_it_is_read_count(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    handed = hand_in(house)
    lists = house.services.handed_lists
    lists.say_columns(house.intake, handed.list_id, {}, 1)
    house.services.worker.round()
    lists.say_columns(house.intake, handed.list_id, {"性别": ""}, 2)
    house.services.worker.work_off()
    view = lists.look(house.intake, handed.list_id)
    assert view.handed.stage is ListStage.CHECKED
    assert view.handed.said == {"性别": ""}


def test_how_fast_it_goes_is_told_while_it_goes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing.Importing, "together", 1)
    monkeypatch.setattr(working, "SLICE_S", 0.0)
    handed = checked(house, hand_in(house))
    run = house.services.handed_lists.start(house.intake, handed.list_id, handed.version)
    assert house.services.list_runs.look(house.intake, run.run_id).run.per_second == 0
    counted = importing.Importing._count

    def slowly(*args: Any, **more: Any) -> Any:
        house.clock.advance(seconds=2)
        return counted(*args, **more)

    monkeypatch.setattr(importing.Importing, "_count", slowly)
    house.services.worker.round()
    now = house.services.list_runs.look(house.intake, run.run_id)
    assert (now.run.rows, now.run.rows_there, now.run.per_second) == (1, 2, 0.5)
    assert now.handed is not None
