"""Kills at random moments: what was acknowledged is there afterwards, nothing is half there, and the house recovers."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from tests.faults.errands import RULES, Errands
from tests.faults.ledger import Evidence, Ledger
from tests.faults.lost import Lost
from tests.faults.nursery import LONGEST, Child, Nursery
from tests.faults.painted import InThisProcess
from tests.faults.shaken import Running, Shaken, eventually
from tests.faults.shelter import Shelter
from tests.stories import SECOND_ENCODER
from tracing.bootstrap import build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import Analysis

AT_REST_SECONDS: Final = 60.0
SERVER_SECONDS: Final = (0.05, 0.8)
"""How long people work before the server is killed."""


@dataclass
class Figures:
    """``recovered``: seconds until a killed server was ready again; ``at_rest``: until nothing was left to be done."""

    kills: Counter[str] = field(default_factory=Counter)
    too_late: Counter[str] = field(default_factory=Counter)
    cut_off: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    recovered: list[float] = field(default_factory=list)
    at_rest: list[float] = field(default_factory=list)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def add(self, ledger: Ledger) -> None:
        self.cut_off += ledger.cut_off
        self.answers += ledger.answers
        self.acknowledged += Counter(
            cases=len(ledger.cases), photos=len(ledger.photos), judgements=len(ledger.judgements), erasures=len(ledger.erased)
        )


class ShakenHouse:
    """One house, killed until it has had enough."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        database_url: str,
        seed: int,
        figures: Figures,
        fresh: Callable[[], str] = str,
        **settings: str,
    ) -> None:
        """``fresh`` gives the address of another, empty database; nothing where it is a file of the data folder."""
        rules = folder / "rules.toml"
        folder.mkdir(parents=True, exist_ok=True)
        rules.write_text(RULES, "utf-8")
        self.house = Shaken(nursery, folder, database_url, RETENTION_RULES=str(rules), **settings)
        self.ledger = Ledger()
        self.figures = figures
        self.dice = random.Random(seed)
        self.shelter = Shelter(self.house, self.ledger, seed)
        chosen = Settings(data_dir=self.house.data, database_url=database_url, encoder=DEFAULT_ENCODER, retention_rules=rules)
        self.services = build(chosen, examiner=InThisProcess())
        self.evidence = Evidence(chosen.store_url, chosen.photo_dir)
        self._server: Running | None = None
        self._building = ""
        self._usual: dict[str, float] = {}
        self.ways: dict[str, Callable[[], bool]] = {
            "uploads": lambda: self._kill_server(uploaders=3, reviewers=False),
            "judgements": lambda: self._kill_server(uploaders=1, reviewers=True),
            "worker": self._kill_worker,
            "erasure": self._kill_erasure,
            "reindex": self._kill_reindex,
            **Errands(self, fresh).ways,
        }

    def close(self) -> None:
        if self._server is not None:
            self._server.process.kill()
        self.evidence.close()
        self.services.close()
        self.figures.add(self.ledger)

    def shake(self, way: str) -> None:
        """Kill once in this way, and look at everything."""
        while not self.ways[way]():
            self.figures.too_late[way] += 1
            self.compare()
        self.figures.kills[way] += 1
        self.compare()
        self.house.check()  # the server may be down: what is left to be done is no contradiction
        self.up()
        self.figures.at_rest.append(eventually(self._at_rest, AT_REST_SECONDS, "nothing is left to be done"))
        self.compare()
        if found := [*self.evidence.stray_files(self.ledger), *self.evidence.unrecorded(self.ledger)]:
            raise Lost("\n".join(found[:20]))

    def up(self) -> Running:
        if self._server is None:
            self._server = self.house.start()
            self.figures.recovered.append(self._server.seconds)
        elif self._server.process.poll() is not None:
            raise Lost(f"the server has ended by itself:\n{self._server.process.said()[-3000:]}")
        return self._server

    def down(self) -> None:
        if self._server is not None:
            self._kill(self._server.process)
            self._server = None

    @staticmethod
    def _kill(process: Child) -> None:
        """What serves or works without an end is still there to be killed."""
        if not process.kill():
            raise Lost(f"ended by itself with {process.wait()}:\n{process.said()[-3000:]}")

    def _kill_server(self, uploaders: int, *, reviewers: bool) -> bool:
        server = self.up()
        with self.shelter.at_work(server, uploaders, reviewers):
            time.sleep(self.dice.uniform(*SERVER_SECONDS))
            self.down()
        return True

    def _kill_worker(self) -> bool:
        """The server saves and looks at nothing; of two workers one is killed, and the other one goes on."""
        self.down()
        server = self.house.start(TRACING_SERVER_WORKS="false", TRACING_ANSWER_SECONDS="0")
        workers = [self.house.command("worker") for _ in range(2)]
        with self.shelter.at_work(server, uploaders=2, reviewers=False):
            time.sleep(self.dice.uniform(0.2, 1.0))
            self._kill(workers[0])
        eventually(self._at_rest, AT_REST_SECONDS, "the other worker has done all that was left")
        self._kill(server.process)
        self._kill(workers[1])
        return True

    def _kill_erasure(self) -> bool:
        server = self.up()
        with self.shelter.at_work(server, uploaders=1, reviewers=True):
            eventually(lambda: bool(self.erasable()), why="a case was acknowledged that may be erased")
            case_id = self.dice.choice(self.erasable())
            keys = self.evidence.keys_of(case_id)
            done = self.killed("erasure", "cases", "erase", case_id, "--yes")
        (self.ledger.doubtful if done is None else self.ledger.erased)[case_id] = keys
        return done is None

    def erasable(self) -> list[str]:
        with self.ledger.turn:
            return sorted({sent.case_id for sent in self.ledger.photos.values()} - self.ledger.erased.keys())

    def _kill_reindex(self) -> bool:
        """One step further each time: start, backfill, activate; then to the other encoder, and back again."""
        server = self.up()
        with self.services.store.reading() as records:
            active = records.generations.active()
            building = [each for each in records.generations.live() if each.generation_id != active.generation_id]
        with self.shelter.at_work(server, uploaders=1, reviewers=False):
            if not building:
                other = SECOND_ENCODER if active.encoder_id == DEFAULT_ENCODER else DEFAULT_ENCODER
                return self.killed("reindex start", "reindex", "start", other, "--json") is None
            generation = building[0].generation_id
            if self.killed("reindex backfill", "reindex", "backfill", generation, "--json") is None:
                return True
        return self._activate(generation, active.generation_id)

    def _activate(self, generation: str, before: str) -> bool:
        self.house.done("reindex", "backfill", generation, "--json")
        self.ledger.active = ""  # one or the other, until somebody is told
        if self.killed("reindex activate", "reindex", "activate", generation) is None:
            with self.services.store.reading() as records:
                self.ledger.active = records.generations.active().generation_id
            if self.ledger.active not in (before, generation):
                raise Lost(f"neither {before} nor {generation} is in use")
            return True
        self.ledger.active = generation
        self.house.done("reindex", "retire", before)
        return False

    def killed(self, what: str, *words: str, **more: str) -> str | None:
        """Run a command and kill it at a random moment; None where it was killed, what it said where it was faster.

        The first one of its kind is not killed: it tells how long it takes.
        """
        begun = time.monotonic()
        child: Child = self.house.command(*words, **more)
        deadline = begun + self.dice.uniform(0.2, 1.05) * self._usual.get(what, LONGEST)
        while time.monotonic() < deadline and child.poll() is None:
            time.sleep(0.002)
        if child.kill():
            return None
        self._usual[what] = time.monotonic() - begun
        if child.wait() != 0:
            raise Lost(f"tracing {' '.join(words)}:\n{child.said()[-3000:]}")
        return child.said()

    def compare(self) -> None:
        if losses := self.evidence.losses(self.ledger):
            raise Lost("\n".join(losses[:20]))

    def _at_rest(self) -> bool:
        """No photo waits, no search is due, no file is left over, and no row waits for the audit."""
        with self.services.store.reading() as records:
            waiting = records.photos.count(Analysis.PENDING) or records.files.without_photo()
        return (
            not waiting
            and not self.services.store.spooled()
            and not self.services.matching.due(1)
            and not self.services.clue_search.due(1)
        )


def shake(house: ShakenHouse, kills: int, report: Callable[[str], None] = lambda _: None, ways: Sequence[str] = ()) -> None:
    """So many kills in this house, one way after the other, or of these ways alone; ``Lost`` at the first loss."""
    ways = ways or list(house.ways)
    for number in range(kills):
        way = ways[number % len(ways)]
        try:
            house.shake(way)
        except AssertionError as error:
            raise Lost(f"{way}, kill {number + 1} in {house.house.folder}:\n{error}") from error
        report(way)
