"""A service with backups, and empty machines to bring them back onto."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.house import House
from tracing.bootstrap import Services, build, restoring_of
from tracing.config import Settings
from tracing.recovery import Recovered
from tracing.store.backup.counted import counted
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.ledger import FILE, steps_in
from tracing.store.engines import open_engine


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
        made = restoring.restore(self.disk, backup_id, self.keys)
        services = build(settings, clock=self.house.clock, examiner=self.house.examiner, after_restore=True)
        try:
            self.recovered: Recovered = services.recovery.let_go_again(steps_in(self.disk / FILE), made.point)
            restoring.finish()
            yield services
        finally:
            services.close()


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """What a full disk does: of what is longer, the beginning is taken without a word."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def rows(url: str) -> dict[str, Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = counted(connection)
    engine.dispose()
    return found


def known(machines: Machines) -> list[str]:
    with machines.house.services.store.reading() as records:
        return [each.backup_id for each in records.backups.since()]


def there(machines: Machines) -> list[str]:
    return [each.backup_id for each in BackupFolder(machines.disk).all()]


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt
