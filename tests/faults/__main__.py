"""`python -m tests.faults`: kills the real service again and again, and prints what it survived; ends at the first loss."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any

import typer

from scripts.output import console, notes, print_table
from tests.faults.kills import Figures, ShakenHouse, shake
from tests.faults.lost import Lost
from tests.faults.migrations import OldHouse
from tests.faults.nursery import Nursery
from tests.postgres import PrivateCluster, server_programs

HOUSE = 40
"""Kills in one house; then another, empty one, for a large house is slow to check."""


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"
    BOTH = "both"


def run(
    kills: Annotated[int, typer.Option(min=1)] = 200,
    seed: Annotated[int, typer.Option(help="The same one kills at the same moments, as far as the machine lets it.")] = 7,
    database: Database = Database.BOTH,
    at_once: Annotated[int, typer.Option(min=1, help="Houses that are shaken beside each other.")] = 2,
) -> None:
    """Kill servers, workers, erasures, reindexing and migrations at random moments, and look at everything after each."""
    begun = time.monotonic()
    shares = {Database.SQLITE: (kills, 0), Database.POSTGRES: (0, kills), Database.BOTH: (kills - kills // 4, kills // 4)}
    try:
        figures = kill_all(*shares[database], seed, at_once, notes.print if notes.is_terminal else lambda _: None)
    except Lost as lost:
        console.print(f"[bold red]Lost[/] with seed {seed}: {lost}", highlight=False)
        sys.exit(1)
    tell(figures, time.monotonic() - begun)


def kill_all(
    on_sqlite: int, on_postgresql: int, seed: int, at_once: int = 2, report: Callable[[str], None] = lambda _: None
) -> Figures:
    """So many kills on each database, a sixth of them of migrations; ``Lost`` at the first loss."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tracing-faults-")))
        nursery = stack.enter_context(Nursery())
        cluster = stack.enter_context(_cluster()) if on_postgresql else None
        seeds = count(seed * 1000)
        jobs: list[Callable[[], Figures]] = []
        for kills, server in ((on_sqlite, None), (on_postgresql, cluster)):
            migrations = kills // 6
            for start in range(0, kills - migrations, HOUSE):
                number = min(HOUSE, kills - migrations - start)
                jobs.append(partial(_house, nursery, folder, number, next(seeds), server, report))
            if migrations:
                jobs.append(partial(_migrations, nursery, folder, migrations, next(seeds), server, report))
        with ThreadPoolExecutor(at_once) as executor:
            started = [executor.submit(job) for job in jobs]
            try:
                return sum((each.result() for each in as_completed(started)), Figures())
            finally:
                executor.shutdown(cancel_futures=True)


@contextmanager
def _cluster() -> Iterator[PrivateCluster]:
    programs = server_programs()
    if programs is None:
        raise typer.BadParameter("the server programs of PostgreSQL (initdb, pg_ctl) are not installed")
    cluster = PrivateCluster(programs)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def _house(
    nursery: Nursery, folder: Path, kills: int, seed: int, cluster: PrivateCluster | None, report: Callable[[str], None]
) -> Figures:
    figures = Figures()
    url = cluster.url(cluster.fresh_database()) if cluster is not None else ""
    fresh = (lambda: cluster.url(cluster.fresh_database())) if cluster is not None else str
    house = ShakenHouse(nursery, folder / f"house-{seed}", url, seed, figures, fresh)
    try:
        shake(house, kills, report)
    finally:
        house.close()
    return figures


def _migrations(
    nursery: Nursery, folder: Path, kills: int, seed: int, cluster: PrivateCluster | None, report: Callable[[str], None]
) -> Figures:
    figures = Figures()
    OldHouse(nursery, folder / f"old-{seed}", seed, cluster).shake(kills, figures, report)
    return figures


def told(figures: Figures, seconds: float) -> dict[str, Any]:
    """The same as ``tell`` prints, in short."""
    return {
        "kills_survived": figures.kills.total(),
        "in_the_middle_of": dict(figures.kills),
        "acknowledged_and_there": dict(figures.acknowledged),
        "requests_cut_off": dict(figures.cut_off),
        "ready_again_after_at_most_s": round(max(figures.recovered, default=0.0), 1),
        "seconds": round(seconds),
    }


def tell(figures: Figures, seconds: float) -> None:
    ways = [(way, number, figures.too_late[way]) for way, number in figures.kills.items()]
    print_table(["killed in the middle of", "kills survived", "was faster"], ways)
    print_table(["acknowledged, and there afterwards", "number"], list(figures.acknowledged.items()))
    cut = ", ".join(f"{number} of {what}" for what, number in sorted(figures.cut_off.items()))
    codes = ", ".join(f"{status}: {number}" for status, number in sorted(figures.answers.items()))
    console.print(f"{figures.kills.total()} kills in {seconds:.0f} s, nothing lost, nothing half there", highlight=False)
    console.print(f"requests cut off: {cut or 'none'}; answers: {codes}", highlight=False)
    for what, times in (("ready again", figures.recovered), ("nothing left to do", figures.at_rest)):
        if len(times) > 1:
            worst = quantiles(times, n=20, method="inclusive")[-1]
            console.print(f"{what} after {median(times):.2f} s, 95 %: {worst:.2f} s, most: {max(times):.2f} s", highlight=False)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(run)
    app()
