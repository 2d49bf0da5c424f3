"""`tracing bench clue-search`: how long a search by clues takes among very many invented cases, on SQLite or PostgreSQL."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.opening import services, settings
from scripts.output import AsJson, console, notes, print_json
from tracing.bootstrap import Services
from tracing.clues import keys, profile
from tracing.domain import Case, CaseKind, CaseState, Clue, ClueVersion, Description, LegalBasis, PartialDate, Sex
from tracing.domain.regions import Place, PlaceLevel
from tracing.lexicon.lexicon import lexicon

AT_ONCE: Final = 1000
SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪"
)
"""The sixty most frequent ones; the first is drawn sixty times as often as the last, much as in life."""
GIVEN: Final = (
    "伟芳秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂香国建华文玉红金春志海永德福贵生林庆荣凤云梅珍莲燕萍波辉斌鹏飞宇浩"
)
TRADES: Final = ("木匠", "瓦匠", "裁缝", "厨师", "司机", "矿工")


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds. ``look`` only reads; ``search`` also keeps what was found, with pairs and audit."""

    database: str
    cases: int
    keys: int
    searches: int
    look_median: float
    look_p95: float
    search_median: float
    search_p95: float
    found: float


def clue_search(
    cases: Annotated[int, typer.Option(min=10, max=10_000_000, help="Open cases, half of them missing.")] = 100_000,
    searches: Annotated[int, typer.Option(min=1, max=100_000, help="Searches that are timed.")] = 200,
    database: Annotated[str, typer.Option(help="Address of an empty database; left out: SQLite in a folder of its own.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fill a database with invented cases that have a clue each, and time searches by clues for some of them."""
    with tempfile.TemporaryDirectory() as folder:
        apart = settings().model_copy(update={"data_dir": Path(folder), "database_url": database})
        with services(apart) as found:
            result = measure(found, cases, searches, database.partition(":")[0] or "sqlite")
    if as_json:
        print_json(asdict(result) | {"machine": asdict(this_machine())})
    else:
        console.print(
            f"{result.searches} searches by clues among {result.cases:,} open cases with {result.keys:,} keys on "
            f"{result.database}: {result.look_median:.0f} ms at the median and {result.look_p95:.0f} ms at 95 % to look, "
            f"{result.search_median:.0f} and {result.search_p95:.0f} ms with what is kept; {result.found:.1f} found each.",
            highlight=False,
        )


def measure(found: Services, cases: int, searches: int, database: str) -> Timed:
    """Needs services over an empty database. The same cases every time."""
    ids, written = _fill(found, cases)
    chosen = random.Random(2).sample(ids, min(searches, cases))  # noqa: S311 - invented people
    looks, whole, listed = [], [], []
    for case_id in chosen:
        started = time.perf_counter()
        with found.store.reading() as records:
            listed.append(len(found.clue_search.look(records, found.clue_search.profile(records, case_id))))
        looks.append((time.perf_counter() - started) * 1000)
    for case_id in chosen:
        started = time.perf_counter()
        found.clue_search.search(case_id)
        whole.append((time.perf_counter() - started) * 1000)
    return Timed(
        database,
        cases,
        written,
        len(chosen),
        round(statistics.median(looks), 1),
        _p95(looks),
        round(statistics.median(whole), 1),
        _p95(whole),
        round(statistics.mean(listed), 2),
    )


def _p95(values: list[float]) -> float:
    return round(sorted(values)[int(len(values) * 0.95)], 1)


def _fill(found: Services, cases: int) -> tuple[list[str], int]:
    ids: list[str] = []
    written = 0
    invented = _invented(found)
    while len(ids) < cases:
        with found.store.transaction() as records:
            for _ in range(min(AT_ONCE, cases - len(ids))):
                case, clue = next(invented)
                records.cases.add(case)
                records.clues.add(ClueVersion(clue, 1, "bench", case.opened_at))
                own = keys(profile(case, [clue], lexicon()))
                records.clues.put_keys(case.case_id, own)
                ids.append(case.case_id)
                written += len(own)
        if notes.is_terminal:
            notes.print(f"{len(ids):,} cases written")
    return ids, written


def _invented(found: Services) -> Iterator[tuple[Case, Clue]]:
    drawn, now = random.Random(1), found.clock()  # noqa: S311 - invented people
    counties = [place for place in lexicon().gazetteer.places() if place.level is PlaceLevel.COUNTY]
    number = 0
    while True:
        number += 1
        kind = CaseKind.MISSING if number % 2 else CaseKind.SHELTERED
        home, found_at, name = drawn.choice(counties), drawn.choice(counties), _name(drawn)
        place = home if kind is CaseKind.MISSING else found_at
        description = Description(
            names=(name,) if kind is CaseKind.MISSING else (),
            sex=drawn.choice([Sex.FEMALE, Sex.MALE]),
            birth_date=PartialDate(drawn.randint(1930, 2015)),
            height_cm=drawn.randint(145, 185),
            seen_place=place.full_name,
        )
        case_id = f"{number:032x}"
        reference = f"{'M' if kind is CaseKind.MISSING else 'S'}-{number}"
        case = Case(
            case_id, reference, kind, CaseState.OPEN, "bench", LegalBasis.STATUTORY_DUTY, now, "bench", description=description
        )
        yield case, Clue(f"{number:032x}", case_id, _said(drawn, home, name), now, "bench")


def _name(drawn: random.Random) -> str:
    surname = drawn.choices(SURNAMES, [1 / (place + 1) for place in range(len(SURNAMES))])[0]
    return surname + "".join(drawn.choices(GIVEN, k=drawn.choice([1, 2, 2, 2])))


def _said(drawn: random.Random, home: Place, name: str) -> str:
    return f"我家在{home.name}，老爹叫{name[0]}{''.join(drawn.choices(GIVEN, k=2))}，做{drawn.choice(TRADES)}的，人家叫我{name}"
