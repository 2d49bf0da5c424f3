"""Every month a list of each department: when the next one is due, and the folder in which they are put."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from tests.factories import a_list_run
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.importing.handed import LIST, zipped
from tracing.domain import HitState, ImportRun, ListPurpose, ListStage
from tracing.errors import NotAllowed
from tracing.importing import watching

ARRIVED: Final = watching._arrived


def through(house: House, source: str, at: datetime | None = None, **more: Any) -> None:
    with house.services.store.transaction() as records:
        records.imports.begin(a_list_run(source=source, finished_at=at or house.clock(), **more))


def test_a_list_is_due_a_month_after_the_last_one_that_was_through(house: House) -> None:
    through(house, "Police", datetime(2026, 1, 31, 3, tzinfo=UTC))
    through(house, "Police", datetime(2025, 12, 1, tzinfo=UTC))
    through(house, "Hospital", datetime(2026, 2, 27, 17, tzinfo=UTC), purpose=ListPurpose.COMPARE)  # the 28th in China
    through(house, "Given up", datetime(2025, 2, 1, tzinfo=UTC))
    with house.services.store.transaction() as records:
        records.imports.begin(a_list_run(source="Never through"))
    standing = house.services.monthly.standing(house.intake)
    assert [(each.source, each.due, each.overdue) for each in standing] == [
        ("Police", date(2026, 2, 28), True),
        ("Hospital", date(2026, 3, 28), False),
    ]
    with pytest.raises(NotAllowed):
        house.services.monthly.standing(house.reviewer)


def test_a_comparison_meets_the_clock(house: House) -> None:
    through(house, "Police", house.clock() - timedelta(days=40))
    assert house.services.monthly.standing(house.intake)[0].overdue
    through(house, "Police", purpose=ListPurpose.COMPARE)
    assert not house.services.monthly.standing(house.intake)[0].overdue


# The folder


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # When a file was put there is a matter of the real clock, and nothing that a test can set.
    monkeypatch.setattr(watching, "_arrived", lambda path: path.stat().st_mtime)
    with a_house(tmp_path / "var", lists_folder=tmp_path / "lists") as found:
        yield found


def put(house: House, name: str, table: str = LIST, photos: dict[str, bytes] | None = None, said: str = "") -> Path:
    """As somebody does who got a list an hour ago."""
    folder = Path(str(house.services.settings.lists_folder)) / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"list-{len(list(folder.iterdir()))}.csv"
    path.write_text(table, "gb18030")
    if photos is not None:
        path.with_suffix(".zip").write_bytes(zipped(photos))
    if said:
        (folder / "list.toml").write_text(said, "utf-8")
    written = (house.clock() - timedelta(hours=1)).timestamp()
    for each in folder.glob(f"{path.stem}.*"):
        os.utime(each, (written, written))
    return path


def wait(house: House, **time: float) -> None:
    """The worker comes by now and then."""
    house.clock.advance(**time)
    for _ in range(3):
        house.services.worker.work_off()
        house.services.worker.rest()
        house.clock.advance(minutes=11)
    house.services.worker.work_off()


def runs(house: House) -> list[ImportRun]:
    return [run for run in house.services.list_runs.all(house.manager)[0] if run.finished_at is not None]


def test_a_new_list_in_the_folder_is_compared_by_itself(house: House) -> None:
    case = house.sheltered(1)
    path = put(house, "阜阳市公安局", photos={"1.png": painted_photo(1, shot=5)})
    wait(house)
    (run,) = runs(house)
    assert (run.source, run.purpose, run.station_id, run.started_by) == ("阜阳市公安局", ListPurpose.COMPARE, "main", "system")
    assert (run.compared, run.without_face, run.found) == (1, 1, 1)
    with house.services.store.reading() as records:
        assert [hit.case_id for hit in records.hits.find([HitState.OPEN])] == [case.case_id]
    assert path.exists()
    assert list(house.services.settings.list_dir.iterdir()) == []
    wait(house, days=3)
    assert len(runs(house)) == 1
    put(house, "阜阳市公安局", LIST + "3,张三,,\n")
    wait(house)
    assert [each.rows for each in runs(house)] == [3, 2]


def test_an_archive_is_known_by_capital_letters_too(house: House) -> None:
    house.sheltered(1)
    archive = put(house, "Police", photos={"1.png": painted_photo(1, shot=5)}).with_suffix(".zip")
    archive.rename(archive.with_suffix(".ZIP"))
    wait(house)
    assert [run.compared for run in runs(house)] == [1]


def test_a_list_is_compared_within_a_quarter_of_an_hour(house: House) -> None:
    house.services.worker.rest()
    path = put(house, "Police")
    arrived = house.clock() - timedelta(seconds=30)
    os.utime(path, (arrived.timestamp(), arrived.timestamp()))
    while not runs(house):
        house.clock.advance(seconds=20)
        house.services.worker.work_off()
        house.services.worker.rest()
        assert house.clock() - arrived < timedelta(minutes=15)


def test_a_list_that_is_older_than_the_last_run_is_new_where_it_was_put_there_since(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    before = path.stat().st_mtime
    os.utime(path, (before - 9_000_000, before - 9_000_000))
    assert ARRIVED(path) >= before
    assert path.stat().st_mtime < before


def test_a_list_that_its_sender_wrote_in_the_future_does_not_wait_for_it(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    now = path.stat().st_mtime
    os.utime(path, (now + 9_000_000, now + 9_000_000))
    assert ARRIVED(path) < now + 60


def test_photos_that_are_put_beside_a_list_later_make_it_new(house: House) -> None:
    house.sheltered(1)
    path = put(house, "Police")
    wait(house)
    wait(house, days=1)
    path.with_suffix(".zip").write_bytes(zipped({"1.png": painted_photo(1, shot=5)}))
    for minutes in (-1, -9):  # it is still arriving, then it is whole
        now = (house.clock() + timedelta(minutes=minutes)).timestamp()
        os.utime(path.with_suffix(".zip"), (now, now))
        house.services.worker.rest()
        house.clock.advance(minutes=11)
        expected = [] if minutes == -1 else [ListStage.CHECKING]
        assert [each.stage for each in house.services.handed_lists.waiting(house.manager)] == expected
    wait(house)
    assert [run.compared for run in runs(house)] == [1, 0]


def test_each_month_the_last_list_is_compared_again(house: House) -> None:
    put(house, "Police")
    wait(house)
    house.clock.now = datetime(2026, 3, 31, 15, tzinfo=UTC)  # still March in China
    wait(house)
    assert len(runs(house)) == 1
    house.clock.now = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # April there
    wait(house)
    assert len(runs(house)) == 2
    wait(house, days=10)
    assert len(runs(house)) == 2


def test_what_the_lists_of_a_folder_are_is_said_beside_them(house: House) -> None:
    said = ['source = "City hospital"', 'kind = "sheltered"', 'basis = "vital_interest"', 'station = "north"']
    put(house, "hospital", "Nr,姓名\n7,王\n", said="\n".join([*said, "[columns]", '"Nr" = "source_id"']))
    wait(house)
    (run,) = runs(house)
    assert (run.source, run.station_id, run.rows) == ("City hospital", "north", 1)


def test_what_is_said_beside_a_list_may_begin_with_a_mark(house: House) -> None:
    put(house, "hospital", said='\ufeffsource = "City hospital"')
    wait(house)
    assert [run.source for run in runs(house)] == ["City hospital"]


@pytest.mark.parametrize("beside", ["~$list-0.xlsx", "._list-0.csv"])
def test_what_a_program_puts_beside_a_table_is_none(house: House, beside: str) -> None:
    """It is the newer one while somebody reads the list."""
    (put(house, "Police").parent / beside).write_bytes(b"somebody")
    wait(house)
    assert [run.rows for run in runs(house)] == [2]


@pytest.mark.parametrize("said", ["source = ", 'kind = "dog"', "\udcff", 'columns = "Nr"'])
def test_a_folder_that_says_nonsense_does_not_stop_the_others(
    house: House, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    put(house, "A")
    (Path(str(house.services.settings.lists_folder)) / "A" / "list.toml").write_bytes(said.encode("utf-8", "surrogateescape"))
    put(house, "B")
    wait(house)
    assert [run.source for run in runs(house)] == ["B"]
    assert "list.toml cannot be understood" in caplog.text


def test_an_archive_that_the_disk_has_no_room_for_is_told_before_it_is_copied(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive = put(house, "Police", photos={"1.png": painted_photo(1, shot=5)}).with_suffix(".zip")
    copied: list[Path] = []
    copy = watching._copy
    monkeypatch.setattr(watching, "_copy", lambda path, writer: (copied.append(path), copy(path, writer)))
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2 * archive.stat().st_size - 2))
        wait(house)
    assert archive not in copied
    assert "the lists in Police: The list needs more than half of the room" in caplog.text
    wait(house)
    assert len(runs(house)) == 1


def test_a_list_that_is_none_is_told_and_tried_again_another_day(house: House, caplog: pytest.LogCaptureFixture) -> None:
    put(house, "Police", "no list\n")
    wait(house)
    assert runs(house) == []
    assert "two cells" in caplog.text
    put(house, "Police")
    wait(house)
    assert len(runs(house)) == 1


def test_a_list_whose_columns_nobody_knows_waits_for_somebody_to_say(house: House) -> None:
    put(house, "Police", "Nr,姓名\n7,王\n")
    wait(house)
    assert runs(house) == []
    (waiting,) = house.services.handed_lists.waiting(house.manager)
    assert waiting.stage is ListStage.COLUMNS
    house.services.handed_lists.say_columns(house.manager, waiting.list_id, {"Nr": "source_id"}, waiting.version)
    wait(house)
    assert [run.rows for run in runs(house)] == [1]


def test_what_was_said_of_a_list_at_the_page_holds_for_the_next_one_of_the_folder(house: House) -> None:
    put(house, "Police", "Nr,姓名\n7,王\n")
    wait(house)
    (waiting,) = house.services.handed_lists.waiting(house.manager)
    house.services.handed_lists.say_columns(house.manager, waiting.list_id, {"Nr": "source_id"}, waiting.version)
    wait(house)
    wait(house, days=3)
    put(house, "Police", "Nr,姓名\n7,王\n8,李\n")
    wait(house)
    assert [run.rows for run in runs(house)] == [2, 1]


def test_blanks_about_the_name_of_a_department_make_no_other_department(house: House) -> None:
    put(house, "hospital", said='source = " City hospital "')
    wait(house)
    wait(house)
    assert [run.source for run in runs(house)] == ["City hospital"]


def test_a_file_that_is_being_written_is_left(house: House) -> None:
    path = put(house, "Police")
    now = house.clock().timestamp()
    os.utime(path, (now, now))
    house.services.worker.rest()
    assert house.services.handed_lists.waiting(house.manager) == []
    wait(house, minutes=20)
    assert len(runs(house)) == 1


def test_while_a_list_of_a_department_waits_no_second_one_is_handed_in(house: House) -> None:
    put(house, "Police")
    house.services.worker.rest()
    house.clock.advance(minutes=11)
    house.services.worker.rest()
    (waiting,) = house.services.handed_lists.waiting(house.manager)
    assert waiting.stage is ListStage.CHECKING


def test_no_folder_is_watched_by_itself(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as found:
        assert found.services.settings.lists_folder is None
        found.services.worker.rest()
        assert found.services.handed_lists.waiting(replace(found.manager)) == []
