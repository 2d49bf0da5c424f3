"""Keys are changed while the service runs: everything opens before, meanwhile and after, and no key is kept for nothing."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary

from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.house import House, a_house, keyring_of
from tests.sealed import PLAIN_BEGINNINGS, fill, opened
from tests.stories import a_neighbour, by_hand
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.errors import Misconfigured, Unavailable
from tracing.store import holding, resealing
from tracing.store.contexts import COLUMN, SEALED
from tracing.store.photos import FilePhotoStore
from tracing.store.records.sealed import SqlSealed
from tracing.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long])])
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    settings = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    with a_house(tmp_path / "var", **settings) as found:
        yield found


def used(services: Services) -> dict[str, tuple[int, int]]:
    """key id -> rows and photos that it seals, without the keys that seal nothing."""
    return {each.key_id: (each.rows, each.photos) for each in services.rotation.listed() if each.rows or each.photos}


def current(services: Services) -> str:
    (key,) = (each.key_id for each in services.rotation.listed() if each.current and not each.master)
    return key


def files(house: House) -> list[Path]:
    return [path for path in house.services.settings.data_dir.rglob("*") if path.is_file()]


def test_every_column_of_bytes_is_sealed_anew_by_a_rotation() -> None:
    """One that is missing in ``SEALED`` would keep its old key for ever, or lose it."""
    bytes_kept = {
        column for table in metadata.sorted_tables for column in table.columns if isinstance(column.type, LargeBinary)
    }
    assert bytes_kept == {table.c[COLUMN] for table in SEALED}


def test_l6_raw_files_hold_no_photo_and_no_template(house: House) -> None:
    cases = fill(house)
    house.services.shelving.shelve()
    plain = [vector for vector in opened(house.services, cases) if isinstance(vector, bytes)]
    assert len(plain) == 8
    for path in files(house):
        content = path.read_bytes()
        assert [each for each in PLAIN_BEGINNINGS if each in content] == [], path
        assert [each for each in plain if each[:64] in content] == [], path


def test_l6_after_a_rotation_everything_opens_and_nothing_is_sealed_with_the_old_key(any_house: House) -> None:
    services, cases = any_house.services, fill(any_house)
    before, old = opened(services, cases), current(services)
    assert set(used(services)) == {old}
    done = services.rotation.rotate()
    new = current(services)
    assert new != old
    assert used(services) == {new: (done.rows, done.photos)}
    assert done.photos == 4
    assert done.damaged == ()
    assert opened(services, cases) == before
    assert any_house.faults() == []


def test_a_rotation_reaches_every_sealed_table(any_house: House) -> None:
    fill(any_house)
    marks = {}
    with any_house.services.store.reading() as records:
        marks = {place: dict(records.sealed.by_key(place)) for place in records.sealed.places()}
    assert len(marks) == len(SEALED)
    assert all(sum(each.values()) for each in marks.values()), f"a table without a row proves nothing: {marks}"
    any_house.services.rotation.rotate()
    with any_house.services.store.reading() as records:
        after = {place: dict(records.sealed.by_key(place)) for place in records.sealed.places()}
    new = current(any_house.services)
    assert after == {place: {new: sum(each.values())} for place, each in marks.items()}


def test_other_processes_take_a_new_key_over_by_themselves(any_house: House) -> None:
    cases = fill(any_house)
    with a_neighbour(any_house) as neighbour:
        before = opened(neighbour, cases)
        any_house.services.rotation.rotate()
        assert opened(neighbour, cases) == before
        key = neighbour.photos.put(b"a photo that came after the rotation")
        assert any_house.services.photos.get(key) == b"a photo that came after the rotation"
        assert used(any_house.services).keys() == {current(any_house.services)}


@pytest.mark.long
def test_reads_and_writes_go_on_while_a_rotation_runs(any_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "BATCH", 1)
    cases = fill(any_house, people=3)
    with a_neighbour(any_house) as neighbour:
        before, read = opened(neighbour, cases), 0
        written: list[str] = []

        def meanwhile(what: str, done: int, total: int) -> None:
            nonlocal read
            assert opened(neighbour, cases) == before
            read += 1
            if what == "templates":
                any_house.beside(neighbour).missing(20 + len(written))
                written.append(neighbour.photos.put(what.encode()))

        any_house.services.rotation.rotate(meanwhile)
        assert read > 20
        assert len(written) > 2
        assert [neighbour.photos.get(key) for key in written] == [b"templates"] * len(written)
        assert used(any_house.services).keys() == {current(any_house.services)}
    for key in written:
        any_house.services.photos.erase(key)
    assert any_house.faults() == []


def test_an_interrupted_rotation_goes_on_with_the_same_key(any_house: House) -> None:
    services, cases = any_house.services, fill(any_house)
    before, old = opened(services, cases), current(services)

    def interrupt(what: str, done: int, total: int) -> None:
        if what == "templates":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.rotation.rotate(interrupt)
    begun = current(services)
    assert used(services).keys() == {old, begun}, "half of it is sealed with one, half with the other"
    assert opened(services, cases) == before
    with a_neighbour(any_house) as neighbour:
        neighbour.rotation.rotate()
        assert current(neighbour) == begun
        assert used(neighbour).keys() == {begun}
        assert opened(services, cases) == before


def test_two_rotations_do_not_run_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(house)
    monkeypatch.setattr(holding, "PATIENCE_S", 0.0)

    def beside(what: str, done: int, total: int) -> None:
        with a_neighbour(house) as neighbour, pytest.raises(Unavailable, match="Another process"):
            neighbour.rotation.rotate()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        house.services.rotation.rotate(beside)


def test_a_row_that_somebody_writes_at_the_same_moment_stays_as_they_wrote_it(any_house: House) -> None:
    """The rows are read, and before they are written another one is faster: on SQLite it waits, on PostgreSQL it wins."""
    (case, *_) = cases = fill(any_house)
    with any_house.services.store.reading() as records:
        form = records.forms.of_case(case.case_id)
    reseal: Any = SqlSealed._reseal
    others: list[threading.Thread] = []

    def amid(sealed: SqlSealed, table: Any, row: Any) -> int:
        if table.name == "case_forms" and not others:
            others.append(threading.Thread(target=write))
            others[0].start()
            others[0].join(1.0)
        return int(reseal(sealed, table, row))

    def write() -> None:
        with a_neighbour(any_house) as neighbour, neighbour.store.transaction() as records:
            records.forms.save(type(form)(form.case_id, {"wish": "not yet"}, form.version, form.saved_at, "lin"))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SqlSealed, "_reseal", amid)
        any_house.services.rotation.rotate()
        others[0].join(60)
    with any_house.services.store.reading() as records:
        assert records.forms.of_case(case.case_id).answers == {"wish": "not yet"}
    assert len(opened(any_house.services, cases)) > 8


def test_a_photo_that_is_erased_while_it_is_sealed_anew_stays_erased(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.missing(1)
    photos = house.services.photos
    assert isinstance(photos, FilePhotoStore)
    get = photos.get

    def erased_after(key: str) -> bytes:
        data = get(key)
        photos.erase(key)
        return data

    monkeypatch.setattr(photos, "get", erased_after)
    house.services.rotation.rotate()
    assert list(photos.keys()) == []
    left = [path for path in house.services.settings.photo_dir.glob("*/*/*") if path.is_file()]
    assert left == [], "not even a draft"


def test_a_draft_that_a_killed_rotation_left_goes_with_its_photo(house: House) -> None:
    case = house.missing(1)
    (path,) = (path for path in house.services.settings.photo_dir.glob("*/*/*"))
    path.with_name(f".{path.name}.draft").write_bytes(path.read_bytes())
    house.services.retention.erase_case(house.manager, case.case_id)
    assert list(house.services.settings.photo_dir.glob("*/*/.*")) == []


def test_a_damaged_row_is_named_and_the_rest_is_sealed_anew(house: House) -> None:
    cases = fill(house)
    (victim,) = (each.face_id for each in templates(house, cases[0].case_id))
    by_hand(house, "UPDATE templates SET sealed = substr(sealed, 1, 30) WHERE face_id = ?", values=[victim])
    done = house.services.rotation.rotate()
    (named,) = done.damaged
    assert named.startswith("templates ")
    house.clock.advance(minutes=61)
    gone, kept = house.services.rotation.destroy()
    assert gone == []
    assert "do not open" in next(iter(kept.values()))


def templates(house: House, case_id: str) -> list[Any]:
    with house.services.store.reading() as records:
        return list(records.faces.templates(case_id, DEFAULT_ENCODER))


def test_a_retired_key_is_destroyed_when_nothing_can_need_it_and_not_before(any_house: House) -> None:
    services, cases = any_house.services, fill(any_house)
    old = current(services)
    assert services.rotation.destroy() == ([], {})
    services.rotation.rotate()
    gone, kept = services.rotation.destroy()
    assert (gone, kept.keys()) == ([], {old})
    assert "may be destroyed from" in kept[old]
    any_house.clock.advance(minutes=61)
    before = opened(services, cases)
    assert services.rotation.destroy() == ([old], {})
    assert old not in {each.key_id for each in services.rotation.listed()}
    assert opened(services, cases) == before
    with a_neighbour(any_house) as neighbour:
        assert opened(neighbour, cases) == before


def test_what_was_committed_late_with_the_old_key_is_sealed_anew_before_that_is_destroyed(house: House) -> None:
    """A process that had sealed a photo right before the rotation, and writes it after."""
    late = keyring_of(house.services)
    sealed: list[tuple[str, bytes]] = []
    photos = FilePhotoStore(house.services.settings.photo_dir, late)
    key = photos.put(b"the photo of somebody")
    path = house.services.settings.photo_dir / key[:2] / key[2:4] / key
    sealed.append((key, path.read_bytes()))
    house.services.rotation.rotate()
    path.write_bytes(sealed[0][1])
    house.clock.advance(minutes=61)
    gone, kept = house.services.rotation.destroy()
    assert len(gone) == 1
    assert kept == {}
    assert house.services.photos.get(key) == b"the photo of somebody"


def test_rotations_stand_in_the_audit(house: House) -> None:
    house.services.rotation.rotate()
    house.services.rotation.rotate_master()
    house.clock.advance(minutes=61)
    house.services.rotation.destroy()
    with house.services.store.reading() as records:
        actions = [event.action for event in records.audit.events(0, 1000)]
    assert [each for each in actions if "key" in each] == ["rotate_keys", "rotate_master_key", "destroy_keys"]


def test_form_tokens_and_derived_secrets_outlive_every_rotation(house: House) -> None:
    before = house.services.secret
    house.services.rotation.rotate()
    house.services.rotation.rotate_master()
    with a_neighbour(house) as neighbour:
        assert neighbour.secret == before


def test_a_new_master_key_locks_the_data_keys_and_the_old_one_opens_nothing(any_house: House) -> None:
    services, cases = any_house.services, fill(any_house)
    key_file = services.settings.key_dir / "photo.key"
    before, old = opened(services, cases), key_file.read_bytes()
    services.rotation.rotate_master()
    assert old.strip() not in key_file.read_bytes()
    assert len(key_file.read_bytes().split()) == 1
    assert key_file.stat().st_mode & 0o777 == 0o600
    with a_neighbour(any_house) as neighbour:
        assert opened(neighbour, cases) == before
        neighbour.rotation.rotate()
    assert opened(services, cases) == before, "a process from before the change takes both over"
    key_file.write_bytes(old)
    with pytest.raises(Misconfigured, match="another master key"), a_neighbour(any_house):
        pass


def test_an_old_master_key_that_a_killed_rotation_left_beside_the_file_goes_with_the_next(house: House) -> None:
    key_file = house.services.settings.key_dir / "photo.key"
    left = key_file.with_name(".photo.key.0123456789abcdef")
    left.write_bytes(key_file.read_bytes())
    house.services.rotation.rotate_master()
    assert list(key_file.parent.iterdir()) == [key_file]


def test_where_the_key_file_is_a_link_no_old_key_stays_where_it_leads_to(house: House, tmp_path: Path) -> None:
    link, elsewhere = house.services.settings.key_dir / "photo.key", tmp_path / "photo.key"
    old = link.read_bytes()
    link.rename(elsewhere)
    link.symlink_to(elsewhere)
    house.services.rotation.rotate_master()
    assert link.is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert old.strip() not in elsewhere.read_bytes()
    with a_neighbour(house) as neighbour:
        assert neighbour.rotation.listed()


def test_a_master_key_of_the_environment_is_changed_there_first(tmp_path: Path) -> None:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    old, new = key(), key()
    with a_house(tmp_path / "var", photo_key=old) as house:
        cases = fill(house)
        before = opened(house.services, cases)
        with pytest.raises(Misconfigured, match="a space and the old key"):
            house.services.rotation.rotate_master()
    with a_house_again(tmp_path / "var", f"{new} {old}") as services:
        services.rotation.rotate_master()
    with a_house_again(tmp_path / "var", new) as services:
        assert opened(services, cases) == before
    with pytest.raises(Misconfigured, match="another master key"), a_house_again(tmp_path / "var", old):
        pass


def a_house_again(folder: Path, photo_key: str) -> closing[Services]:
    settings = Settings(data_dir=folder, photo_key=photo_key, known_answer_percent=0)  # type: ignore[arg-type]
    return closing(build(settings, clock=FixedClock(), examiner=FakeExaminer(DEFAULT_ENCODER)))
