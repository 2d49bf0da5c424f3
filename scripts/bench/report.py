"""`tracing bench report`: what the report of a month, and a name typed in pinyin, take among very many people."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.bench.timing import timed
from scripts.opening import services, settings
from scripts.output import AsJson, note, notes, print_json, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import (
    Analysis,
    Case,
    CaseKind,
    CaseState,
    Decision,
    Description,
    Judgement,
    LegalBasis,
    Photo,
    Purpose,
    Relation,
    SearchRun,
    Stage,
)
from tracing.records import CaseFilter, Suggestion
from tracing.reporting.months import Month

MONTHS: Final = 24
STATIONS: Final = 12
AT_ONCE: Final = 2000
PAIR_EACH: Final = 10
"""Of so many people one is judged with another."""
SURNAMES: Final = "王李张刘陈杨赵黄周吴单仇曾解欧"
GIVEN: Final = "建国秀英志强小红长发玉兰文军海燕"
TYPED: Final = ("wang jianguo", "wjg", "zeng", "xiuying", "zzzz")
END: Final = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, and milliseconds for a name."""

    people: int
    filling: float
    house: float
    station: float
    names: dict[str, float]


def report(
    people: Annotated[int, typer.Option(min=100, max=1_000_000, help="People whose cases were opened in 24 months.")] = 100_000,
    turns: Annotated[int, typer.Option(min=1, max=100, help="Reports and names of each sort.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Fill a folder of its own with invented people and make reports of its last month."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings().model_copy(update={"data_dir": Path(folder), "database_url": ""})
        with services(chosen, lambda: END + timedelta(days=1)) as found:
            took = measure(found, people, turns)
    if as_json:
        print_json({**asdict(took), "machine": asdict(this_machine())})
        return
    say(f"{took.people:,} people written in {took.filling:.0f} s")
    say(f"report of a month: whole house {took.house:.2f} s, one station {took.station:.2f} s")
    for typed, milliseconds in took.names.items():
        say(f"name typed as {typed!r}: {milliseconds:.1f} ms")


def measure(found: Services, people: int, turns: int) -> Took:
    filling, _ = timed(partial(fill, found, people))
    month = Month.of(END.date()).later(-1)
    looks: dict[str, Callable[[], object]] = {
        "": lambda: found.report.of(SYSTEM, month),
        "station": lambda: found.report.of(SYSTEM, month, "station 3"),
        **{name: partial(found.casework.find, SYSTEM, CaseFilter(text=name), 20) for name in TYPED},
    }
    taken = {name: median(timed(look)[0] for _ in range(turns)) for name, look in looks.items()}
    names = {name: round(1000 * taken[name], 1) for name in TYPED}
    return Took(people, round(filling, 1), round(taken[""], 3), round(taken["station"], 3), names)


def fill(found: Services, people: int) -> None:
    """A photo and a search of each, every tenth judged with the next one by two people."""
    drawn = random.Random(people)  # noqa: S311 -- figures for a bench, no secret
    cases = [_case(number, people, drawn) for number in range(people)]
    with found.store.reading() as records:
        generation = records.generations.active().generation_id
    for start in range(0, people, AT_ONCE):
        some = cases[start : start + AT_ONCE]
        with found.store.transaction() as records:
            records.cases.add_all(some)
            for case in some:
                records.photos.add(_photo(case, drawn))
            records.pairs.add_runs([_run(case, generation) for case in some])
        with found.store.transaction() as records:
            pairs = list(_both(some))
            at = some[-1].opened_at
            records.pairs.suggest([_suggestion(one, other, generation) for one, other in pairs], at)
            for one, other in pairs:
                pair = records.pairs.between(one.case_id, other.case_id)
                if pair is not None:
                    for decision in _decisions(pair.pair_id, at):
                        records.pairs.add_decision(decision)
        if notes.is_terminal:
            note(f"{start:,} people written")


def _case(number: int, people: int, drawn: random.Random) -> Case:
    opened = END - timedelta(days=30.4 * MONTHS) * (1 - number / people)
    kind = CaseKind.SHELTERED if number % 2 else CaseKind.MISSING
    name = drawn.choice(SURNAMES) + "".join(drawn.sample(GIVEN, 2))
    reference, station = f"{kind}-{number}", f"station {drawn.randrange(STATIONS)}"
    case = Case(
        f"{number:032x}", reference, kind, CaseState.OPEN, station, LegalBasis.STATUTORY_DUTY, opened, SYSTEM.account_id
    )
    return replace(case, description=Description(names=(name,)))


def _photo(case: Case, drawn: random.Random) -> Photo:
    analysis = Analysis.ENROLLED if drawn.random() < 0.97 else Analysis.NO_FACE
    return Photo(
        photo_id=case.case_id,
        case_id=case.case_id,
        photo_key=case.case_id,
        sha256=case.case_id,
        received_at=case.opened_at,
        analysis=analysis,
    )


def _run(case: Case, generation: str) -> SearchRun:
    at = case.opened_at + timedelta(minutes=2)
    return SearchRun(case.case_id, case.case_id, Purpose.IDENTIFY_INTAKE, generation, 1000, case.opened_at, at, ())


def _both(cases: Sequence[Case]) -> Iterator[tuple[Case, Case]]:
    for place in range(0, len(cases) - 1, PAIR_EACH):
        yield cases[place], cases[place + 1]


def _suggestion(one: Case, other: Case, generation: str) -> Suggestion:
    return Suggestion(one.case_id, other.case_id, Relation.TRACE, 0.7, 1, generation, "0" * 32)


def _decisions(pair_id: str, at: datetime) -> Iterator[Decision]:
    for stage, reviewer in ((Stage.FIRST, "one"), (Stage.SECOND, "two")):
        yield Decision(f"{stage}-{pair_id}", pair_id, stage, Judgement.UNLIKELY, reviewer, at)
