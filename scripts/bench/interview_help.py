"""`tracing bench interview-help`: after how many boards the right case is found, chosen by the service and at random."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.invented.accounts import Teller
from scripts.invented.people import Person, World
from scripts.invented.pointing import Pointing
from scripts.language import word
from scripts.opening import services, settings
from scripts.output import AsJson, print_json, print_table, progress_bar, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.clues.boards import CHOICES, Board, BoardKind, Choice
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.lexicon.showing import showing
from tracing.clues.profile import profile
from tracing.clues.weighing import keys
from tracing.domain import Actor, Case, Reply, Role
from tracing.domain.regions import ancestry
from tracing.ranking import LISTED

AT_ONCE: Final = 1000
TEN: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One person, asked board after board: the rank of the true case before the first one and after each; None: not listed."""

    ranks: tuple[int | None, ...]

    def boards_until_found(self) -> int | None:
        return next((number for number, rank in enumerate(self.ranks) if rank is not None and rank <= TEN), None)


@dataclass(frozen=True, slots=True)
class Result:
    """``chosen``: boards that the service chose; ``at_random``: as many that nobody chose. Milliseconds to choose one."""

    missing: int
    people: int
    chosen: tuple[Asked, ...]
    at_random: tuple[Asked, ...]
    median: float
    p95: float

    def found(self, asked: Sequence[Asked], boards: int) -> int:
        """How many had the true case within the first ten after so many boards."""
        return sum((rank := each.ranks[boards]) is not None and rank <= TEN for each in asked)


def interview_help(
    missing: Annotated[int, typer.Option(min=10, max=1_000_000, help="Open missing cases to invent.")] = 5000,
    people: Annotated[int, typer.Option(min=1, max=10_000, help="People in care, each of one of these cases.")] = 40,
    boards: Annotated[int, typer.Option(min=1, max=40, help="Boards that are shown to each.")] = 12,
    database: Annotated[str, typer.Option(help="Address of an empty database; left out: SQLite in a folder of its own.")] = "",
    seed: Annotated[int, typer.Option(help="Another number invents other people.")] = 20261126,
    as_json: AsJson = False,
) -> None:
    """Ask invented people who say nothing and point, and print after how many boards the true case is among the first ten."""
    with tempfile.TemporaryDirectory() as folder:
        apart = settings().model_copy(update={"data_dir": Path(folder), "database_url": database})
        with services(apart) as found:
            result = measure(found, missing, people, boards, seed)
    if as_json:
        print_json(asdict(result) | {"machine": asdict(this_machine())})
        return
    steps = [step for step in (0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 30, 40) if step <= boards]
    rows = [(name, *(result.found(asked, step) for step in steps)) for name, asked in _arms(result)]
    print_table(["the true case within the first ten, after boards", *map(str, steps)], rows)
    for name, asked in _arms(result):
        reached = [number for each in asked if (number := each.boards_until_found()) is not None]
        middle = statistics.median(reached) if reached else None
        after = word("no board" if middle is None else f"{middle:.0f} boards at the median")
        say(f"{name}: {len(reached)} of {len(asked)} found, after {after}")
    say(
        f"{result.people} people among {result.missing:,} missing cases; choosing a board took {result.median:.0f} ms at the "
        f"median and {result.p95:.0f} ms at 95 %"
    )


def _arms(result: Result) -> tuple[tuple[str, tuple[Asked, ...]], ...]:
    return (word("chosen by the service"), result.chosen), (word("drawn at random"), result.at_random)


def measure(found: Services, missing: int, people: int, boards: int, seed: int) -> Result:
    """Needs services over an empty database. The same people every time."""
    world = World(Random(seed))  # noqa: S311 - drawn again the same, on purpose
    teller = Teller(world)
    persons = [world.person() for _ in range(missing)]
    sought = [
        replace(teller.missing(_an_id(world.random), person).case, reference=f"M-{n}") for n, person in enumerate(persons)
    ]
    _write(found, sought)
    asker = Actor(found.accounts.add(SYSTEM, "asker", Role.INTAKE)[0].account_id, "asker", Role.INTAKE, "main")
    took: list[float] = []
    arms: dict[bool, list[Asked]] = {True: [], False: []}
    with progress_bar() as bar:
        for number in bar.track(range(min(people, missing)), description=word("People")):
            for choosing, asked in arms.items():
                told = teller.sheltered(_an_id(world.random), persons[number]).case
                case = replace(_silent(told), reference=f"S-{number}-{choosing}", station_id="main")
                _write(found, [case])
                ranks = _ask(found, asker, case, sought[number], persons[number], boards, took if choosing else None, number)
                asked.append(Asked(ranks))
    ordered = sorted(took)
    return Result(
        missing,
        len(arms[True]),
        tuple(arms[True]),
        tuple(arms[False]),
        round(statistics.median(took), 1),
        round(ordered[int(len(ordered) * 0.95)], 1),
    )


def _silent(case: Case) -> Case:
    """What can be seen of somebody who says nothing."""
    return replace(case, description=replace(case.description, names=(), accent="", marks=()))


def _an_id(random: Random) -> str:
    return f"{random.getrandbits(128):032x}"


def _write(found: Services, cases: Sequence[Case]) -> None:
    for start in range(0, len(cases), AT_ONCE):
        with found.store.transaction() as records:
            for case in cases[start : start + AT_ONCE]:
                records.cases.add(case)
                records.clues.put_keys(case.case_id, keys(profile(case, [], lexicon())))


def _ask(
    found: Services,
    asker: Actor,
    case: Case,
    sought: Case,
    person: Person,
    boards: int,
    took: list[float] | None,
    seed: int,
) -> tuple[int | None, ...]:
    """``took``: where to note the times of a service that chooses; None: boards at random."""
    random = Random(seed)  # noqa: S311
    mind, asked, within = Pointing(person, lexicon(), random), set[str](), ""
    ranks = [_rank(found, case, sought)]
    for _ in range(boards):
        started = time.perf_counter()
        board = _at_random(random, asked, within) if took is None else found.interview_help.next(asker, case.case_id).board
        if took is not None:
            took.append((time.perf_counter() - started) * 1000)
        if board is None:
            ranks.append(ranks[-1])
            continue
        pointed = mind.answer(board)
        asked |= set(pointed.shown)
        if pointed.reply is Reply.YES and pointed.kind is BoardKind.PLACE:
            within = max((within, pointed.pointed_at[0].removeprefix("place:")), key=lambda code: len(ancestry(code)))
        found.interview_help.answer(asker, case.case_id, pointed)
        ranks.append(_rank(found, case, sought))
    return tuple(ranks)


def _rank(found: Services, case: Case, sought: Case) -> int | None:
    with found.store.reading() as records:
        listed = found.clue_search.look(records, found.clue_search.profile(records, case.case_id), LISTED)
    missing = [each.case.case_id for each in listed if each.case.kind is sought.kind]
    return missing.index(sought.case_id) + 1 if sought.case_id in missing else None


def _at_random(random: Random, asked: set[str], within: str) -> Board | None:
    """Choices of a kind, places inside the one that was pointed at, as somebody would ask who does not look at the cases."""
    shelf = showing()
    choices: dict[BoardKind, Sequence[Choice]] = {
        BoardKind.PLACE: shelf.places(within),
        BoardKind.SURNAME: shelf.surnames(),
        BoardKind.PICTURE: shelf.pictures(),
    }
    left = {kind: [each for each in some if each.key not in asked] for kind, some in choices.items()}
    kinds = [kind for kind, some in left.items() if len(some) > 1]
    if not kinds:
        return None
    kind = random.choice(kinds)
    return Board(kind, tuple(random.sample(left[kind], min(CHOICES, len(left[kind])))))
