"""A backup that was made beside the running service comes back onto an empty machine, the same to the row."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.factories import a_session
from tests.house import House, a_house
from tests.partners.stories import shared
from tests.sealed import fill, opened
from tests.stories import a_neighbour
from tracing.bootstrap import DEFAULT_ENCODER, Services, build, restoring_of
from tracing.config import Settings
from tracing.domain import Wanted
from tracing.errors import Damaged, Misconfigured, NotFound, Unavailable
from tracing.records import CaseFilter
from tracing.store import holding
from tracing.store.backup import databases, ledger
from tracing.store.backup.counted import counted
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.ledger import FILE, ErasureLedger, steps_in
from tracing.store.backup.making import Backups
from tracing.store.engines import open_engine
from tracing.store.records.backups import SqlBackups
from tracing.store.rotation import HOLD
from tracing.store.tables import metadata

EACH = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])]


class Machines:
    """A service with a backup folder and a folder for keys, and empty machines to bring a backup back onto."""

    def __init__(self, house: House, tmp_path: Path, empty_database: Callable[[], str]) -> None:
        self.house = house
        self.disk = tmp_path / "disk"
        self.keys = tmp_path / "safe"
        self._tmp_path = tmp_path
        self._empty_database = empty_database

    def backup(self) -> Any:
        return self.house.services.backups.make(self.disk, self.keys)

    def empty(self, name: str = "new") -> Settings:
        return Settings(data_dir=self._tmp_path / name, database_url=self._empty_database(), known_answer_percent=0)

    @contextmanager
    def restored(self, settings: Settings, backup_id: str = "") -> Iterator[Services]:
        restoring = restoring_of(settings, self.house.clock)
        restoring.restore(self.disk, backup_id, self.keys)
        services = build(settings, clock=self.house.clock, examiner=self.house.examiner, after_restore=True)
        try:
            services.recovery.let_go_again(steps_in(self.disk / FILE))
            restoring.finish()
            yield services
        finally:
            services.close()


@pytest.fixture(params=EACH)
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machines]:
    cluster = request.getfixturevalue("postgres_cluster") if request.param == "postgres" else None
    own = {} if cluster is None else {"database_url": request.getfixturevalue("postgres_url")}
    made: list[str] = []

    def empty_database() -> str:
        if cluster is None:
            return ""
        made.append(cluster.fresh_database())
        return str(cluster.url(made[-1]))

    with a_house(tmp_path / "var", **own) as house:
        yield Machines(house, tmp_path, empty_database)
    for name in made:
        cluster.drop(name)


def rows(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = counted(connection)
    engine.dispose()
    return found


def test_a_restored_machine_is_the_same_to_the_row_and_every_photo_opens(machines: Machines) -> None:
    cases = fill(machines.house)
    before = opened(machines.house.services, cases)
    there = rows(machines.house.services.settings.store_url)
    backup = machines.backup()
    assert {name: each.rows for name, each in backup.tables.items()} == {name: each.rows for name, each in there.items()}
    assert backup.tables.keys() == metadata.tables.keys() | {"alembic_version"}
    settings = machines.empty()
    restoring_of(settings, machines.house.clock).restore(machines.disk, "", machines.keys)
    # The audit of the original has a row more: that the backup was made. So has the register.
    back = rows(settings.store_url)
    assert {name for name in back if back[name] != rows(machines.house.services.settings.store_url)[name]} == {
        "events",
        "audit_head",
        "backups",
    }
    assert back == backup.tables
    restoring_of(settings).finish()
    services = build(settings, clock=machines.house.clock, examiner=machines.house.examiner)
    assert opened(services, cases) == before
    assert services.consistency.check(read_photos=True) == []
    assert services.matching.search(cases[2].case_id) is not None
    services.close()


def test_a_backup_is_made_while_others_write_and_holds_one_moment(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is copied a case comes, and one is erased: the backup has neither or both halves of each."""
    cases = fill(machines.house)
    copy: Any = Backups._copy
    done: list[str] = []

    def meanwhile(backups: Backups, *arguments: Any) -> Any:
        if not done:
            done.append(machines.house.missing(9).case_id)
            machines.house.services.retention.erase_case(machines.house.manager, cases[3].case_id)
        return copy(backups, *arguments)

    monkeypatch.setattr(Backups, "_copy", meanwhile)
    backup = machines.backup()
    assert (backup.photos, backup.gone) == (3, 1)
    machines.house.services.ledger.follow()
    with machines.restored(machines.empty()) as services:
        assert services.consistency.check(read_photos=True) == []
        with services.store.reading() as records:
            with pytest.raises(NotFound):
                records.cases.get(done[0])
            with pytest.raises(NotFound):
                records.cases.get(cases[3].case_id)


def test_who_was_erased_after_the_backup_does_not_come_back_with_it(machines: Machines) -> None:
    cases = fill(machines.house)
    machines.house.services.ledger.follow()
    machines.backup()
    machines.house.services.retention.erase_case(machines.house.manager, cases[2].case_id)
    assert machines.house.services.ledger.follow() == 1
    assert [step.case_id for step in steps_in(machines.disk / FILE)] == [cases[2].case_id], (
        "the disk of the backups knows at once"
    )
    with machines.restored(machines.empty()) as services:
        with services.store.reading() as records:
            for case in cases[:2]:
                assert records.cases.get(case.case_id)
            with pytest.raises(NotFound):
                records.cases.get(cases[2].case_id)
        assert services.consistency.check(read_photos=True) == []


def test_whose_face_was_withdrawn_after_the_backup_does_not_come_back_searchable(machines: Machines) -> None:
    cases = fill(machines.house)
    machines.backup()
    withdrawing = machines.house.services.withdrawing
    for case in cases[2:]:
        withdrawing.withdraw(machines.house.manager, case.case_id, "the daughter asked for it")
        machines.house.clock.advance(seconds=1)
    withdrawing.give_back(machines.house.manager, cases[3].case_id, "she has changed her mind")
    machines.house.services.ledger.follow()
    with machines.restored(machines.empty()) as services, services.store.reading() as records:
        assert records.rights.withdrawal(cases[2].case_id) is not None
        assert records.faces.templates(cases[2].case_id, DEFAULT_ENCODER) == []
        assert len(records.faces.templates(cases[3].case_id, DEFAULT_ENCODER)) == 1


def test_who_was_kept_out_after_the_backup_is_kept_out_again(machines: Machines) -> None:
    cases = fill(machines.house)
    machines.backup()
    machines.house.services.retention.erase_case(machines.house.manager, cases[2].case_id, suppress=True)
    machines.house.services.ledger.follow()
    with machines.restored(machines.empty()) as services:
        assert len(services.suppressing.all(machines.house.manager)) == 2
        services.rotation.rotate()
        assert services.consistency.check(read_photos=True) == []


def test_a_photo_is_copied_once_and_again_only_when_it_is_sealed_anew(machines: Machines) -> None:
    cases = fill(machines.house)
    before = opened(machines.house.services, cases)
    first = machines.backup()
    files = {path.name: path.stat().st_mtime_ns for path in machines.disk.glob("photos/*/*/*")}
    assert len(files) == first.photos == 4
    machines.house.missing(9)
    machines.backup()
    again = {path.name: path.stat().st_mtime_ns for path in machines.disk.glob("photos/*/*/*")}
    assert len(again) == 5
    assert again.items() >= files.items()
    machines.house.services.rotation.rotate()
    machines.backup()
    assert len(list(machines.disk.glob("photos/*/*/*"))) == 10
    machines.house.clock.advance(minutes=61)
    machines.house.services.rotation.destroy()
    with machines.restored(machines.empty(), first.backup_id) as services:
        assert opened(services, cases) == before, "an old backup carries the keys of its time"


def test_a_forgotten_backup_goes_with_the_photos_that_only_it_needs(machines: Machines) -> None:
    cases = fill(machines.house)
    first = machines.backup()
    machines.house.clock.advance(seconds=1)
    machines.house.services.retention.erase_case(machines.house.manager, cases[3].case_id)
    second = machines.backup()
    with machines.house.services.store.reading() as records:
        assert [each.backup_id for each in records.backups.since()] == [first.backup_id, second.backup_id]
    assert machines.house.services.backups.forget(machines.disk, first.backup_id) == 1
    assert [each.backup_id for each in BackupFolder(machines.disk).all()] == [second.backup_id]
    assert len(list(machines.disk.glob("photos/*/*/*"))) == 3
    with machines.house.services.store.reading() as records:
        assert [each.backup_id for each in records.backups.since()] == [second.backup_id]
    with machines.restored(machines.empty()) as services:
        assert services.consistency.check(read_photos=True) == []


def test_what_partners_are_no_longer_told_of_stays_so(machines: Machines) -> None:
    house = machines.house
    case, other = shared(house), shared(house, names=("李梅",))
    machines.backup()
    house.clock.advance(hours=1)
    house.services.case_sharing.unshare(house.manager, case.case_id, "the family does not want it any more")
    house.services.ledger.follow()
    with machines.restored(machines.empty()) as services, services.store.reading() as records:
        assert [each.case_id for each in records.partners.shares("", 9)] == [other.case_id]
        told = records.partners.page(Wanted())
        assert sorted(each.ended for each in told) == [False, True]


def test_everybody_signs_in_anew_after_a_restore(machines: Machines) -> None:
    actor = machines.house.intake
    with machines.house.services.store.transaction() as records:
        records.accounts.add_session(a_session(actor.account_id))
    machines.backup()
    with machines.restored(machines.empty()) as services, services.store.reading() as records:
        assert records.accounts.sessions_of(actor.account_id) == []


@pytest.fixture
def made(tmp_path: Path, house: House) -> Machines:
    """One backup on SQLite."""
    fill(house)
    house.services.ledger.follow()
    found = Machines(house, tmp_path, str)
    found.backup()
    return found


def test_the_backup_lies_open_to_nobody_and_holds_no_master_key(made: Machines) -> None:
    key = made.house.services.settings.master_key_file.read_bytes().strip()
    for path in [made.disk, *made.disk.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert not path.is_file() or key not in path.read_bytes()
    assert (made.keys / "photo.key").read_bytes().strip() == key
    assert (made.keys / "photo.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["backups/*/records.sqlite", "backups/*/photos.jsonl", "backups/*/data.keys", "photos/*/*/*"])
@pytest.mark.parametrize("harm", ["lost", "altered"])
def test_one_lost_or_altered_file_is_found_and_nothing_is_brought_back(made: Machines, name: str, harm: str) -> None:
    victim = sorted(made.disk.glob(name))[0]
    if harm == "lost":
        victim.unlink()
    else:
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
    folder = BackupFolder(made.disk)
    (fault,) = folder.verify(folder.find())
    assert (fault.what, Path(fault.file).name) == ({"lost": "missing"}.get(harm, harm), victim.name)
    settings = made.empty()
    with pytest.raises(Damaged, match="nothing was brought back"):
        restoring_of(settings).restore(made.disk, "", made.keys)
    assert not settings.data_dir.exists()


def test_a_backup_comes_back_onto_an_empty_machine_only(made: Machines) -> None:
    with pytest.raises(Misconfigured, match="not empty"):
        restoring_of(made.house.services.settings).restore(made.disk, "", made.keys)
    settings = made.empty()
    settings.data_dir.mkdir()
    shutil.copy(made.house.services.settings.data_dir / "tracing.sqlite", settings.data_dir)
    with pytest.raises(Misconfigured, match="There is a database"):
        restoring_of(settings).restore(made.disk, "", made.keys)


def test_a_restore_that_was_interrupted_lets_no_service_start(made: Machines) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    settings = made.empty()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(databases.SqliteDatabase, "restore", cut)
        with pytest.raises(KeyboardInterrupt):
            restoring_of(settings).restore(made.disk, "", made.keys)
    with pytest.raises(Misconfigured, match="was not finished"):
        build(settings, clock=made.house.clock, examiner=made.house.examiner)
    with pytest.raises(Misconfigured, match="may be deleted"):
        restoring_of(settings).restore(made.disk, "", made.keys)


def test_a_restore_asks_for_the_key_of_that_time(made: Machines, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="The master key is missing"):
        restoring_of(made.empty("one")).restore(made.disk)
    made.house.services.rotation.rotate_master()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(made.house.services.settings.master_key_file, other / "photo.key")
    with pytest.raises(Misconfigured, match="Put the key of that time back"):
        restoring_of(made.empty("two")).restore(made.disk, "", other)


def test_the_key_does_not_lie_beside_the_backup_unless_somebody_says_so(made: Machines) -> None:
    backups = made.house.services.backups
    for place in (made.disk, made.disk / "keys", made.disk.parent):
        with pytest.raises(Misconfigured, match="beside the backup"):
            backups.make(made.disk, place)
    backups.make(made.disk, made.disk / "keys", beside=True)
    assert (made.disk / "keys" / "photo.key").exists()


def test_a_backup_inside_the_data_folder_is_refused(made: Machines) -> None:
    with pytest.raises(Misconfigured, match="lost with it"):
        made.house.services.backups.make(made.house.services.settings.data_dir / "backups")


def test_a_folder_of_backups_that_others_can_read_is_refused(made: Machines) -> None:
    made.disk.chmod(0o755)
    with pytest.raises(Misconfigured, match=f"chmod 700 {made.disk}"):
        made.backup()


def test_no_key_is_changed_while_a_backup_is_made(made: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "PATIENCE_S", 0.0)
    with made.house.services.store.hold(HOLD), pytest.raises(Unavailable), a_neighbour(made.house) as neighbour:
        neighbour.backups.make(made.disk)


def test_what_an_interrupted_backup_left_is_no_backup_and_is_cleared_away(
    made: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Backups, "_copy", cut)
        with pytest.raises(KeyboardInterrupt):
            made.backup()
    assert len(BackupFolder(made.disk).all()) == 1
    made.house.clock.advance(seconds=1)
    made.backup()
    assert len(BackupFolder(made.disk).all()) == 2
    assert list((made.disk / "backups").glob(".*")) == []


def known(machines: Machines) -> list[str]:
    with machines.house.services.store.reading() as records:
        return [each.backup_id for each in records.backups.since()]


def there(machines: Machines) -> list[str]:
    return [each.backup_id for each in BackupFolder(machines.disk).all()]


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


MAKING = {"after its row": (BackupFolder, "finish"), "before its row": (Backups, "_note")}


@pytest.mark.parametrize("where", MAKING)
def test_no_backup_is_there_that_the_service_does_not_know(made: Machines, where: str) -> None:
    """An erasure names the backups that still hold the person: one that it does not know would be forgotten by everybody."""
    made.house.clock.advance(seconds=1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(*MAKING[where], cut_off)
        with pytest.raises(KeyboardInterrupt):
            made.backup()
    assert set(there(made)) <= set(known(made))
    made.house.clock.advance(seconds=1)
    made.backup()
    assert sorted(known(made)) == sorted(there(made))


FORGETTING = {
    "before the photos": (BackupFolder, "sweep"),
    "before the row": (SqlBackups, "forget"),
    "before the folder": (BackupFolder, "clear"),
}


@pytest.mark.parametrize("where", FORGETTING)
def test_a_backup_that_was_half_forgotten_is_none_and_is_forgotten_by_the_next_try(made: Machines, where: str) -> None:
    """Also where the process dies between the folder and the register, or between the folder and its photos."""
    (backup_id,) = there(made)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(*FORGETTING[where], cut_off)
        with pytest.raises(KeyboardInterrupt):
            made.house.services.backups.forget(made.disk, backup_id)
    assert there(made) == []
    made.house.services.backups.forget(made.disk, backup_id)
    assert (there(made), known(made), list(made.disk.glob("photos/*/*/*"))) == ([], [], [])
    assert list((made.disk / "backups").iterdir()) == []


def test_a_process_that_died_before_it_told_the_backups_of_an_erasure_is_made_up_for_by_the_next(made: Machines) -> None:
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "_add_if_there", cut_off)
        with pytest.raises(KeyboardInterrupt):
            made.house.services.ledger.follow()
    with a_neighbour(made.house) as neighbour:
        neighbour.ledger.follow()
    assert case.case_id in {step.case_id for step in steps_in(made.disk / FILE)}


def test_a_lost_row_is_noticed_when_the_database_comes_back(made: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore that drops one row of one table."""
    restore: Any = databases.SqliteDatabase.restore

    def a_row_less(database: Any, source: Path) -> Any:
        restore(database, source)
        with sqlite3.connect(database._path) as connection:
            connection.execute("DELETE FROM proofs")
        connection.close()
        return rows(f"sqlite:///{database._path}")

    monkeypatch.setattr(databases.SqliteDatabase, "restore", a_row_less)
    with pytest.raises(Damaged, match="in: proofs"):
        restoring_of(made.empty()).restore(made.disk, "", made.keys)


def test_the_ledger_names_nobody_and_is_written_once_by_many(made: Machines) -> None:
    cases = made.house.missing(7, names=["王建国"]), made.house.missing(8)
    for case in cases:
        made.house.services.retention.erase_case(made.house.manager, case.case_id)
    with a_neighbour(made.house) as neighbour:
        assert (neighbour.ledger.follow(), made.house.services.ledger.follow()) == (2, 2), "both see it"
        assert neighbour.ledger.follow() == 0
    file = made.house.services.settings.ledger_file
    assert [step.case_id for step in steps_in(file)][1:] == [case.case_id for case in cases]
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {tuple(sorted(line)) for line in lines} == {("action", "at", "case_id", "kept_out", "seq")}


def test_a_disk_that_could_not_be_reached_is_told_at_the_next_backup(made: Machines) -> None:
    made.disk.rename(made.disk.with_name("unplugged"))
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    assert made.house.services.ledger.follow() == 1
    assert not made.disk.exists()
    made.disk.with_name("unplugged").rename(made.disk)
    made.house.services.ledger.share(made.disk)
    assert case.case_id in {step.case_id for step in steps_in(made.disk / FILE)}


def test_a_torn_line_of_the_ledger_hides_no_other(made: Machines) -> None:
    file = made.house.services.settings.ledger_file
    file.write_text('{"seq": 3, "at": "2026-1')
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    assert [step.case_id for step in steps_in(file)] == [case.case_id]


def test_after_a_restore_the_ledger_counts_the_rows_of_the_audit_anew(made: Machines) -> None:
    """The audit is set back, so its numbers come again for other steps."""
    case = made.house.missing(7)
    made.house.services.retention.erase_case(made.house.manager, case.case_id)
    made.house.services.ledger.follow()
    settings = made.empty()
    with made.restored(settings) as services:
        ledger = ErasureLedger(made.disk / FILE, services.store)
        ledger.set_back(made.house.clock())
        with services.store.reading() as records:
            (victim, *_) = records.cases.find(CaseFilter(), 1)
        services.retention.erase_case(made.house.manager, victim.case_id)
        again = ErasureLedger(made.disk / FILE, services.store)
        assert again.follow() == 1
        assert [step.case_id for step in steps_in(made.disk / FILE)][-1] == victim.case_id
