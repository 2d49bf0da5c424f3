"""`python -m tests.restoring`: backs a service up while people work in it, brings it back onto an empty machine, and counts."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.house import a_house
from tests.sealed import fill
from tracing.bootstrap import build, restoring_of
from tracing.config import Settings
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.ledger import FILE, steps_in
from tracing.store.backup.manifest import Manifest


def run(folder: Path, people: int) -> dict[str, Any]:
    """Painted people on SQLite; somebody goes on opening cases while the backup is made, and one is erased after it."""
    with a_house(folder / "var") as house:
        cases = fill(house, people)
        house.services.ledger.follow()
        stop, meanwhile = threading.Event(), 0

        def work() -> None:
            nonlocal meanwhile
            while not stop.is_set():
                house.missing(500 + meanwhile)
                meanwhile += 1

        worker = threading.Thread(target=work)
        worker.start()
        began = time.perf_counter()
        made = house.services.backups.make(folder / "disk", folder / "safe")
        saved = time.perf_counter() - began
        stop.set()
        worker.join()
        house.services.retention.erase_case(house.manager, cases[-1].case_id)
        house.services.ledger.follow()
        faults = BackupFolder(folder / "disk").verify(made)
        settings = Settings(data_dir=folder / "new", known_answer_percent=0)
        restoring = restoring_of(settings, house.clock)
        began = time.perf_counter()
        point = restoring.restore(folder / "disk", "", folder / "safe").point
        differences = compared(BackupFolder(folder / "disk"), made, settings)
        services = build(settings, clock=house.clock, examiner=house.examiner, after_restore=True)
        recovered = services.recovery.let_go_again(steps_in(folder / "disk" / FILE), point)
        restoring.finish()
        back = time.perf_counter() - began
        findings = services.consistency.check(read_photos=True)
        services.close()
    return {
        "tables": len(made.tables),
        "rows_restored_to_the_row": sum(each.rows for each in made.tables.values()),
        "photos_restored": made.photos,
        "differences": differences,
        "cases_opened_meanwhile": meanwhile,
        "files_that_do_not_verify": len(faults),
        "erased_again": recovered.erased,
        "findings_of_the_check": len(findings),
        "seconds_to_back_up": round(saved, 2),
        "seconds_to_restore": round(back, 2),
    }


def compared(backups: BackupFolder, made: Manifest, settings: Settings) -> list[str]:
    """What of the backup is not on the machine, or is there and not in the backup: held against each other by hand."""
    one, other = (rows_in(path) for path in (backups.of(made) / made.database, settings.data_dir / "tracing.sqlite"))
    found = [f"{name}: {sum(((one[name] - other[name]) + (other[name] - one[name])).values())} rows" for name in one]
    wanted = {line.key: (backups.photos / line.file).read_bytes() for line in backups.lines(made)}
    there = {path.name: path.read_bytes() for path in settings.photo_dir.glob("??/??/*")}
    photos = [key for key in wanted.keys() | there.keys() if wanted.get(key) != there.get(key)]
    return [each for each in found if not each.endswith(": 0 rows")] + [f"photo {key}" for key in sorted(photos)]


def rows_in(path: Path) -> dict[str, Counter[Any]]:
    """Of each table of an SQLite file, as the file has them."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        shown = [name for name in tables if not name.startswith("case_grams")]  # an index of words, made anew
        return {name: Counter(connection.execute(f'SELECT * FROM "{name}"').fetchall()) for name in shown}  # noqa: S608


def wrong(figures: dict[str, Any]) -> list[str]:
    """What must not be so."""
    lost = ["findings_of_the_check", "files_that_do_not_verify", "differences"]
    made = ["tables", "rows_restored_to_the_row", "photos_restored", "cases_opened_meanwhile"]
    found = [f"{name}: {figures[name]}" for name in lost if figures[name]] + [
        f"no {name}" for name in made if not figures[name]
    ]
    return found + ([] if figures["erased_again"] == 1 else [f"erased again: {figures['erased_again']}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="pairs of cases, each with a photo")
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), people)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.exit("\n".join(wrong(figures)) or 0)


if __name__ == "__main__":
    main()
