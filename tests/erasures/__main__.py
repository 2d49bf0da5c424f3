"""`python -m tests.erasures`: on SQLite, and on PostgreSQL where its programs are; exit status 1 where anything is left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.erasures.run import Figures, erase_and_look
from tests.house import a_house
from tests.postgres import PrivateCluster, server_programs


def main() -> int:
    failed = False
    for name, figures in _each():
        rows, left = sum(figures.rows.values()), sum(map(len, figures.left.values()))
        tables = sum(1 for count in figures.rows.values() if count)
        print(f"{name}: {rows} rows in {tables} tables, {figures.templates} templates, {figures.files} photo files")  # noqa: T201
        print(f"  {figures.answers_before} of {figures.answers} answers told of the person before")  # noqa: T201
        print(f"  left after the erasure: {left}")  # noqa: T201
        wrong = figures.left | {f"not filled: {each}": [] for each in figures.unfilled + figures.unmarked}
        for where, what in wrong.items():
            print(f"    {where}: {'; '.join(what[:5])}")  # noqa: T201
        failed |= bool(wrong)
    return int(failed)


def _each() -> Iterator[tuple[str, Figures]]:
    with TemporaryDirectory() as folder, a_house(Path(folder) / "var") as house:
        yield "SQLite", erase_and_look(house)
    if (programs := server_programs()) is None:
        return
    cluster = PrivateCluster(programs)
    try:
        cluster.start()
        url = cluster.url(cluster.fresh_database())
        with TemporaryDirectory() as folder, a_house(Path(folder) / "var", database_url=url) as house:
            yield "PostgreSQL", erase_and_look(house)
    finally:
        cluster.stop()


sys.exit(main())
