"""`tracing bench clue-search`: how long a search by clues takes among very many invented cases, on SQLite or PostgreSQL."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.invented.accounts import Account, Teller
from scripts.invented.people import Person, World
from scripts.opening import services, settings
from scripts.output import AsJson, note, notes, print_json, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.profile import profile
from tracing.clues.weighing import keys
from tracing.clues.wording import wording
from tracing.domain import ClueVersion

AT_ONCE: Final = 1000
REPORTED: Final = 0.5
"""Share of the sheltered people whom somebody has reported missing."""
WITHIN: Final = 10


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds. ``look`` only reads; ``search`` also keeps what was found, with pairs and audit; ``ask`` is an enquiry.

    ``mated`` of the searches have a true case on the other side, and ``found`` of these list it among the first ten.
    """

    database: str
    cases: int
    keys: int
    searches: int
    look_median: float
    look_p95: float
    search_median: float
    search_p95: float
    ask_median: float
    ask_p95: float
    mated: int
    found: int


def clue_search(
    cases: Annotated[int, typer.Option(min=10, max=10_000_000, help="Open cases, half of them missing.")] = 100_000,
    searches: Annotated[int, typer.Option(min=1, max=100_000, help="Searches that are timed.")] = 200,
    database: Annotated[str, typer.Option(help="Address of an empty database; left out: SQLite in a folder of its own.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fill a database with invented people, half of them missing and half sheltered, and time searches by clues for some."""
    with tempfile.TemporaryDirectory() as folder:
        apart = settings().model_copy(update={"data_dir": Path(folder), "database_url": database})
        with services(apart) as found:
            result = measure(found, cases, searches, database.partition(":")[0] or "sqlite")
    if as_json:
        print_json(asdict(result) | {"machine": asdict(this_machine())})
    else:
        say(
            f"{result.searches} searches by clues among {result.cases:,} open cases with {result.keys:,} keys on "
            f"{result.database}: {result.look_median:.0f} ms at the median and {result.look_p95:.0f} ms at 95 % to look, "
            f"{result.search_median:.0f} and {result.search_p95:.0f} ms with what is kept; to ask by words "
            f"{result.ask_median:.0f} and {result.ask_p95:.0f} ms. {result.mated} of those searched "
            f"for have a true case on the other side; {result.found} list it among the first {WITHIN}."
        )


def measure(found: Services, cases: int, searches: int, database: str) -> Timed:
    """Needs services over an empty database. The same cases every time."""
    random = Random(20261126)  # noqa: S311 - invented people
    ids, mates, words, written = _fill(found, random, cases)
    chosen = random.sample(ids, min(searches, cases))
    looks, whole, asked, listed = [], [], [], 0
    for case_id in chosen:
        started = time.perf_counter()
        with found.store.reading() as records:
            seen = found.clue_search.look(records, found.clue_search.profile(records, case_id), WITHIN)
        looks.append((time.perf_counter() - started) * 1000)
        listed += mates.get(case_id) in {each.case.case_id for each in seen}
    for case_id in chosen:
        started = time.perf_counter()
        found.clue_search.search(case_id)
        whole.append((time.perf_counter() - started) * 1000)
    for case_id in chosen:
        started = time.perf_counter()
        found.enquiries.ask(SYSTEM, words[case_id])
        asked.append((time.perf_counter() - started) * 1000)
    return Timed(
        database,
        cases,
        written,
        len(chosen),
        round(statistics.median(looks), 1),
        _p95(looks),
        round(statistics.median(whole), 1),
        _p95(whole),
        round(statistics.median(asked), 1),
        _p95(asked),
        sum(case_id in mates for case_id in chosen),
        listed,
    )


def _p95(values: list[float]) -> float:
    return round(sorted(values)[int(len(values) * 0.95)], 1)


def _fill(found: Services, random: Random, cases: int) -> tuple[list[str], dict[str, str], dict[str, str], int]:
    """The ids of all cases, the true case of those that have one, a few words of each, and how many keys there are."""
    world = World(random)
    missing = [world.person() for _ in range(cases - cases // 2)]
    reported = round(cases // 2 * REPORTED)
    sheltered = [*missing[:reported], *(world.person() for _ in range(cases // 2 - reported))]
    accounts = _accounts(Teller(world), missing, sheltered)
    words: dict[str, str] = {}
    written = 0
    while some := list(islice(accounts, AT_ONCE)):
        with found.store.transaction() as records:
            for each in some:
                own = keys(profile(each.case, each.clues, lexicon()))
                records.cases.add(each.case)
                for clue in each.clues:
                    records.clues.add(ClueVersion(clue, 1, "bench", each.case.opened_at))
                records.clues.put_keys(each.case.case_id, own)
                records.texts.put(each.case.case_id, wording(each.case, each.clues))
                words[each.case.case_id] = _words(each)
                written += len(own)
        if notes.is_terminal:
            note(f"{some[-1].case.case_id} of {cases:,} cases written")
    pairs = [(_missing_id(number), _sheltered_id(number)) for number in range(reported)]
    ids = [*map(_missing_id, range(len(missing))), *map(_sheltered_id, range(len(sheltered)))]
    return ids, dict(pairs) | {other: one for one, other in pairs}, words, written


def _words(account: Account) -> str:
    """What somebody would type: what was marked, or else name and place."""
    marked = [mention.text for clue in account.clues for mention in clue.mentions]
    said = account.case.description
    return " ".join((marked or [*said.names, said.seen_place])[:4])


def _accounts(teller: Teller, missing: Sequence[Person], sheltered: Sequence[Person]) -> Iterator[Account]:
    for number, person in enumerate(missing):
        yield teller.missing(_missing_id(number), person)
    for number, person in enumerate(sheltered):
        yield teller.sheltered(_sheltered_id(number), person)


def _missing_id(number: int) -> str:
    return f"missing-{number}"


def _sheltered_id(number: int) -> str:
    return f"sheltered-{number}"
