"""`python -m tests.restoring`: backs a service up while people work in it, brings it back onto an empty machine, and counts."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.house import a_house
from tests.sealed import fill
from tracing.bootstrap import build, restoring_of
from tracing.config import Settings
from tracing.store.backup.folder import BackupFolder
from tracing.store.backup.ledger import FILE, steps_in


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
        restoring.restore(folder / "disk", "", folder / "safe")
        services = build(settings, clock=house.clock, examiner=house.examiner, after_restore=True)
        recovered = services.recovery.let_go_again(steps_in(folder / "disk" / FILE))
        restoring.finish()
        back = time.perf_counter() - began
        findings = services.consistency.check(read_photos=True)
        services.close()
    return {
        "tables": len(made.tables),
        "rows_restored_to_the_row": sum(each.rows for each in made.tables.values()),
        "photos_restored": made.photos,
        "cases_opened_meanwhile": meanwhile,
        "files_that_do_not_verify": len(faults),
        "erased_again": recovered.erased,
        "findings_of_the_check": len(findings),
        "seconds_to_back_up": round(saved, 2),
        "seconds_to_restore": round(back, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="pairs of cases, each with a photo")
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), people)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    sys.exit(bool(figures["findings_of_the_check"] or figures["files_that_do_not_verify"] or figures["erased_again"] != 1))


if __name__ == "__main__":
    main()
