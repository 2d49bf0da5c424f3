"""A backup comes back onto an empty machine, the same to the row, and brings nobody back who was let go since."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.test_pfif import a_file, a_person
from tests.factories import a_session
from tests.partners.stories import shared
from tests.partners.test_taking import LATER, POLICE, expired, take
from tests.sealed import fill, opened
from tests.store.backup.machines import Machines, rows
from tracing.access import SYSTEM
from tracing.bootstrap import build, restoring_of
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Wanted
from tracing.errors import Damaged, Misconfigured, NotFound
from tracing.partners.ending import ENDED
from tracing.store.backup import databases
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.ledger import FILE, steps_in
from tracing.store.tables import metadata


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


def test_of_whom_nothing_came_back_to_be_known_by_the_restore_says_so(made: Machines) -> None:
    """Opened after the backup, erased, and to be kept out: the backup holds neither the case nor what kept them out."""
    made.house.clock.advance(hours=1)
    for person in (301, 302):
        case = made.house.missing(person)
        made.house.services.retention.erase_case(made.house.manager, case.case_id, suppress=person == 301)
    made.house.services.ledger.follow()
    with made.restored(made.empty()):
        assert made.recovered.unrecognised == 1


def test_a_face_that_was_withdrawn_given_back_and_withdrawn_again_stays_so_however_late_a_folder_was_told(
    made: Machines,
) -> None:
    house, file = made.house, made.disk / FILE
    case = house.missing(303)
    house.clock.advance(hours=1)
    made.backup()
    withdrawing, withdrawn = house.services.withdrawing, house.services.settings.ledger_file
    for step in (withdrawing.withdraw, withdrawing.give_back, withdrawing.withdraw):
        house.clock.advance(hours=1)
        step(house.manager, case.case_id, "as they wish")
    house.services.ledger.follow()
    *before, first, back, last = withdrawn.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join((*before, first, last, back)))
    with made.restored(made.empty()) as services, services.store.reading() as records:
        assert records.rights.withdrawal(case.case_id) is not None


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


def test_l8_whom_a_partner_ended_after_the_backup_no_older_file_brings_back(machines: Machines) -> None:
    house = machines.house
    take(house, a_person(1))
    machines.backup()
    house.clock.advance(days=2)
    take(house, a_person(1, full_name="between", **LATER))
    take(house, expired())
    house.services.ledger.follow()
    with machines.restored(machines.empty()) as services:
        for version in (a_person(1), a_person(1, **LATER)):
            taken = services.taking.take(SYSTEM, a_file(version), POLICE, "old.xml")
            assert [each.error for each in taken.skipped] == [ENDED]
        newer = a_file(a_person(1, source_date="2026-03-04T08:30:00Z"))
        assert services.taking.take(SYSTEM, newer, POLICE, "new.xml").written == 1


def test_everybody_signs_in_anew_after_a_restore(machines: Machines) -> None:
    actor = machines.house.intake
    with machines.house.services.store.transaction() as records:
        records.accounts.add_session(a_session(actor.account_id))
    machines.backup()
    with machines.restored(machines.empty()) as services, services.store.reading() as records:
        assert records.accounts.sessions_of(actor.account_id) == []


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
    with pytest.raises(Misconfigured, match=r"not empty: it holds tracing\.sqlite"):
        restoring_of(settings).restore(made.disk, "", made.keys)


@pytest.mark.parametrize("name", ["tracing.sqlite-wal", "notes.txt", "spool/a.events", "photos/data.keys"])
def test_what_is_left_of_another_life_of_the_folder_stops_a_restore(made: Machines, name: str) -> None:
    settings = made.empty()
    (settings.data_dir / name).parent.mkdir(parents=True)
    (settings.data_dir / name).write_bytes(b"left behind")
    with pytest.raises(Misconfigured, match=f"holds {name.partition('/')[0]}"):
        restoring_of(settings).restore(made.disk, "", made.keys)
    assert [path for path in settings.data_dir.rglob("*") if path.is_file()] == [settings.data_dir / name]


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_the_log_of_another_database_is_not_taken_for_that_of_the_one_that_comes_back(
    made: Machines, tmp_path: Path, ending: str
) -> None:
    """SQLite would show the rows of both."""
    (tmp_path / f"rows.sqlite{ending}").write_bytes(b"left behind")
    settings = made.empty().model_copy(update={"database_url": f"sqlite:///{tmp_path / 'rows.sqlite'}"})
    with pytest.raises(Misconfigured, match=f"There is a database at .*{ending} already"):
        restoring_of(settings).restore(made.disk, "", made.keys)


def test_keys_models_and_a_list_of_erased_cases_may_be_there_before_a_restore(made: Machines) -> None:
    settings = made.empty()
    for name in ("models/yunet.onnx", "lost+found/x", "erased.jsonl"):
        (settings.data_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / name).touch(mode=0o600)
    (settings.data_dir / "photos").mkdir(mode=0o700)
    (settings.data_dir / "keys").mkdir(mode=0o700)
    shutil.copy(made.keys / "photo.key", settings.data_dir / "keys")
    with made.restored(settings) as services:
        assert services.consistency.check(read_photos=True) == []


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
    with pytest.raises(Misconfigured, match="cannot be read: No such file"):
        restoring_of(made.empty("two")).restore(made.disk, "", tmp_path)
    with made.restored(made.empty("two")) as services:  # the wrong one is not in the way of the right one
        assert services.consistency.check() == []


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
