"""A backup is made beside the running service, whole or not at all, and is let go with what only it needs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.metrics import Metrics
from tests.house import a_house
from tests.sealed import fill, opened
from tests.store.backup.machines import Machines, cut_off, files_no_longer_than, known, there
from tests.stories import a_neighbour
from tracing.access import SYSTEM
from tracing.bootstrap import restoring_of
from tracing.errors import Damaged, Misconfigured, NotFound, Unavailable
from tracing.store import holding
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.making import Backups
from tracing.store.records.backups import SqlBackups
from tracing.store.rotation import HOLD


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


def test_the_backup_lies_open_to_nobody_and_holds_no_master_key(made: Machines) -> None:
    key = made.house.services.settings.master_key_file.read_bytes().strip()
    for path in [made.disk, *made.disk.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
        assert not path.is_file() or key not in path.read_bytes()
    assert (made.keys / "photo.key").read_bytes().strip() == key
    assert (made.keys / "photo.key").stat().st_mode & 0o777 == 0o600


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


def test_the_data_folder_of_another_service_takes_no_backup_and_loses_no_photo(made: Machines, tmp_path: Path) -> None:
    """What no backup names would be cleared away: with the next backup that is interrupted, or the first that is forgotten."""
    with a_house(tmp_path / "other") as other:
        fill(other)
        var = other.services.settings.data_dir
        shutil.copytree(made.disk / "backups", var / "backups")
        with pytest.raises(Misconfigured, match=f"{var} is the data folder of a service"):
            made.house.services.backups.make(var)
        with pytest.raises(Misconfigured, match="data folder of a service"):
            made.house.services.backups.forget(var, there(made)[0])
        assert other.faults() == []


def test_a_folder_of_backups_that_others_can_read_is_refused(made: Machines) -> None:
    made.disk.chmod(0o755)
    with pytest.raises(Misconfigured, match=f"chmod 700 {made.disk}"):
        made.backup()


def test_no_key_is_changed_while_a_backup_is_made(made: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "PATIENCE_S", 0.0)
    with made.house.services.store.hold(HOLD), pytest.raises(Unavailable), a_neighbour(made.house) as neighbour:
        neighbour.backups.make(made.disk)


def test_a_backup_of_a_clock_that_was_ahead_does_not_silence_the_alert(made: Machines) -> None:
    right = made.house.clock().timestamp()
    made.house.clock.advance(days=365)
    made.backup()
    made.house.clock.advance(days=-364)
    told = Metrics(made.house.services).exposition(SYSTEM).decode().splitlines()
    assert [float(line.split()[1]) for line in told if line.startswith("tracing_backup_timestamp")] == [right]


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


def test_a_backup_for_which_the_disk_has_no_room_is_said_in_a_sentence_and_leaves_nothing(made: Machines) -> None:
    before = {path for path in made.disk.rglob("*") if path.is_file()}
    made.house.clock.advance(seconds=1)
    made.house.missing(9)
    with files_no_longer_than(200_000), pytest.raises(Unavailable, match="No backup was made"):
        made.backup()
    assert {path for path in made.disk.rglob("*") if path.is_file()} == before
    assert known(made) == there(made)


def spoil(file: Path) -> None:
    """One figure becomes another: it can be read as before."""
    text = file.read_text("utf-8")
    place = next(place for place in range(text.index('"rows"'), len(text)) if text[place].isdigit())
    file.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :], "utf-8")


@pytest.mark.parametrize("harm", [spoil, Path.unlink, lambda file: file.write_text("{")], ids=["altered", "lost", "cut off"])
def test_a_damaged_manifest_is_found_and_holds_up_no_other_backup(made: Machines, harm: Callable[[Path], object]) -> None:
    (first,) = there(made)
    photos = set(made.disk.glob("photos/*/*/*"))
    harm(made.disk / "backups" / first / "manifest.json")
    with pytest.raises((Damaged, NotFound), match=first):
        restoring_of(made.empty()).restore(made.disk, "", made.keys)
    assert not made.empty().data_dir.exists()
    made.house.clock.advance(seconds=1)
    second = made.backup().backup_id
    assert there(made) == [second]
    assert list(BackupFolder(made.disk).unreadable()) == [first]
    made.house.clock.advance(seconds=1)
    made.house.services.backups.forget(made.disk, made.backup().backup_id)
    assert photos <= set(made.disk.glob("photos/*/*/*")), "they may be its"
    with made.restored(made.empty()):
        pass
    made.house.services.backups.forget(made.disk, first)
    assert there(made) == known(made) == [second]


def test_a_backup_of_before_manifests_had_a_digest_of_their_own_comes_back(made: Machines) -> None:
    (file,) = made.disk.glob("backups/*/manifest.json")
    plain = json.loads(file.read_bytes())
    del plain["own_sha256"]
    file.write_text(json.dumps(plain), "utf-8")
    with made.restored(made.empty()) as services:
        assert services.consistency.check(read_photos=True) == []


def test_what_is_no_backup_beside_the_backups_holds_up_none(made: Machines) -> None:
    (made.disk / "backups" / "lost+found").mkdir()
    (made.disk / "backups" / "20260101-notes-of.txt").touch()
    assert len(there(made)) == 1
    with made.restored(made.empty()):
        pass


def test_a_photo_that_was_cut_off_in_the_backup_is_copied_again_by_the_next(made: Machines) -> None:
    photo = next(made.disk.glob("photos/*/*/*"))
    whole = photo.read_bytes()
    photo.write_bytes(whole[:-1])
    made.house.clock.advance(seconds=1)
    made.backup()
    assert photo.read_bytes() == whole


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
