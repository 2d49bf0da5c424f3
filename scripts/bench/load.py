"""`tracing bench load`: a day's work of a whole house at once, against the real server on loopback, and whether it holds."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress

from scripts.bench.enrolment import Picture, enrol
from scripts.bench.machine import Machine, this_machine
from scripts.bench.memory_watch import MemoryWatch
from scripts.bench.phone_photos import Size, draw_people, mixed_folder, resized
from scripts.bench.templates import Crowd
from scripts.invented.accounts import Teller
from scripts.invented.people import World
from scripts.language import word
from scripts.opening import services, settings
from scripts.output import AsJson, note, notes, print_json, print_table, progress_bar, say
from scripts.trial import serving
from tracing.access import SYSTEM
from tracing.bootstrap import Services, new_id
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.profile import profile
from tracing.clues.weighing import keys
from tracing.clues.wording import wording
from tracing.consistency import Fault
from tracing.domain import Analysis, Candidate, CaseKind, CaseState, Purpose, Relation, Role, SearchRun
from tracing.errors import Misconfigured, TracingError
from tracing.ports import Examination
from tracing.records import CaseFilter, Suggestion

PHOTOS: Final = 40
FACES: Final = 8
"""Drawn people whose photos are sent; the photos come in the sizes of a folder of phones."""
SMALL: Final = Size("200 pixels", 1, longest=200)
"""Of the people who are in the galleries already: each has a photo of their own, and a hundred thousand must fit a disk."""
IN_CARE: Final = 50
PER_PERSON: Final = 40
"""Pairs that wait at the beginning, for each person in care."""
SCORE: Final = -0.4
"""Of each of them; what it is worth does not matter here."""
ACCOUNTS: Final = {Role.INTAKE: 6, Role.REVIEWER: 8, Role.MANAGER: 2, Role.SERVICE: 1, Role.AUDITOR: 1}
PERCENTILES: Final = (50, 95, 99)
START_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Route:
    """Milliseconds at 50, 95 and 99 %. ``answers`` with errors among them."""

    method: str
    route: str
    answers: int
    errors: int
    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """``memory`` is what server and encoder processes hold together, in MiB, each minute; ``growth`` the MiB an hour of the
    straight line through it. Both, and ``routes``, leave the minutes of ``warm_up`` out; ``errors`` counts them as well."""

    machine: Machine
    people: int
    staff: int
    warm_up: float
    minutes: float
    per_second: float
    answers: int
    errors: int
    routes: list[Route]
    memory: list[int]
    growth: float
    peak: int
    photos_pending: int
    searches_due: int
    faults: list[str]


def load(
    people: Annotated[int, typer.Option(min=100, help="Invented people in the galleries, half of them missing.")] = 100_000,
    staff: Annotated[int, typer.Option(min=1, max=1000, help="People and programs that work at once.")] = 30,
    minutes: Annotated[float, typer.Option(min=0.2, max=600, help="How long they work.")] = 10.0,
    warm_up: Annotated[
        float,
        typer.Option(min=0, max=600, help="Minutes before, while caches fill, of which only errors count."),
    ] = 10.0,
    as_json: AsJson = False,
) -> None:
    """Let intake, reviewers, managers and programs work at once, and print answers a second, percentiles by route and memory.

    The server, its encoders and worker are the real ones, over invented people in a folder of its own; those who call it are
    locust's. All of it shares this machine. Exit status 1 where an answer was an error, or `tracing check` finds a fault
    other than that nobody has searched the invented people.
    """
    if importlib.util.find_spec("locust") is None:
        raise Misconfigured("The load test needs locust: pip install 'family-tracing[load]'")
    with tempfile.TemporaryDirectory(prefix="tracing-load-") as room, progress_bar() as bar:
        report = measure(Path(room), people, staff, minutes, warm_up, bar)
    if as_json:
        print_json(report)
    else:
        print_report(report)
    if report.errors or report.faults:
        raise typer.Exit(1)


def measure(room: Path, people: int, staff: int, minutes: float, warm_up: float, bar: Progress) -> LoadReport:
    chosen = settings().model_copy(update={"data_dir": room / "data", "database_url": "", "server_works": True})
    who, photos = room / "who.json", room / "photos"
    photos.mkdir()
    drawn = draw_people(photos, range(FACES))
    mixed_folder(drawn, range(PHOTOS), photos)
    small = [resized(each.read_bytes(), SMALL) for each in drawn]
    task = bar.add_task(word("People"), total=people)
    with services(chosen) as found:
        filled = _fill(found, people, small, lambda number: bar.advance(task, number))
    who.write_text(json.dumps(filled), "utf-8")
    unbounded = {"TRACING_KEY_REQUESTS_PER_MINUTE": "0", "TRACING_SEARCHES_PER_DAY": "0"}
    environment = os.environ | {"TRACING_DATA_DIR": str(chosen.data_dir), "TRACING_DATABASE_URL": ""} | unbounded
    with serving(environment, START_SECONDS) as (url, server):
        given = {"TRACING_LOAD_PEOPLE": str(who), "TRACING_LOAD_PHOTOS": str(photos)}
        before = _locust(room, url, staff, warm_up, given) if warm_up else []
        watch = MemoryWatch(server.pid)
        told = _locust(room, url, staff, minutes, given)
        watch.stop()
    with services(chosen) as found:
        left = found.statistics.counts(SYSTEM)
        found_wrong = [each for each in found.consistency.check() if each.fault is not Fault.CASE_UNSEARCHED]
        faults = [f"{each.fault}: {each.subject}" for each in found_wrong]
    routes = sorted(map(_route, told), key=lambda each: (each.route, each.method))
    return LoadReport(
        machine=this_machine(),
        people=people,
        staff=staff,
        warm_up=warm_up,
        minutes=minutes,
        per_second=round(sum(route.answers for route in routes) / (60 * minutes), 1),
        answers=sum(route.answers for route in routes),
        errors=sum(route.errors for route in [*routes, *map(_route, before)]),
        routes=routes,
        memory=watch.by_minute(),
        growth=watch.growth(),
        peak=watch.peak(),
        photos_pending=left.photos[Analysis.PENDING],
        searches_due=left.searches_due,
        faults=faults,
    )


def _fill(found: Services, people: int, portraits: Sequence[bytes], report: Any) -> dict[str, Any]:
    """People with templates, half of them missing and described; and the accounts of those who work."""
    with found.store.reading() as records:
        encoder_id = records.generations.active().encoder_id
    pictures = [_picture(found.examiner.examine(each, [])) for each in portraits]
    world = World(Random(20261126))  # noqa: S311 - invented people
    teller = Teller(world)
    missing = enrol(
        found,
        encoder_id,
        Crowd(people, photos=1),
        people // 2,
        report,
        picture_of=lambda number: replace(
            pictures[number % len(pictures)], key=found.photos.put(portraits[number % len(portraits)])
        ),
        describe=lambda number: teller.missing(str(number), world.person()).case.description,
        in_care=IN_CARE,
    )
    _pairs(found, missing[: IN_CARE * PER_PERSON])
    for start in range(0, len(missing), 1000):
        with found.store.transaction() as records:
            some = records.cases.by_ids(missing[start : start + 1000])
            for case in some.values():
                records.clues.put_keys(case.case_id, keys(profile(case, (), lexicon())))
                records.texts.put(case.case_id, wording(case, ()))
            records.clues.searched(records.clues.wanted(list(some)), found.clock())
    password = secrets.token_urlsafe(12)
    names: dict[str, list[str]] = {}
    for role, number in ACCOUNTS.items():
        names[role] = [f"{role}{place}" for place in range(number)]
        for name in names[role]:
            found.accounts.add(SYSTEM, name, role)
            found.accounts.set_password(SYSTEM, name, password)
    programs = {role: found.accounts.new_api_key(SYSTEM, names[role][0]) for role in (Role.SERVICE, Role.AUDITOR)}
    return {"password": password, "names": names, "keys": programs, "missing": missing[:: max(1, len(missing) // 2000)]}


def _picture(seen: Examination) -> Picture:
    if seen.subject is None:
        raise TracingError("A drawn portrait has no face that is found.")
    face = seen.faces[seen.subject].detection
    return Picture("", face.box, face.landmarks, seen.width, seen.height)


def _pairs(found: Services, missing: Sequence[str]) -> None:
    """Work for the reviewers: people in care, each with missing people on a list as a search keeps it."""
    now = found.clock()
    with found.store.transaction() as records:
        generation_id = records.generations.active().generation_id
        in_care = records.cases.find(CaseFilter(CaseKind.SHELTERED, CaseState.OPEN), IN_CARE)
        for number, case in enumerate(in_care):
            listed = missing[number * PER_PERSON : (number + 1) * PER_PERSON]
            shown = tuple(Candidate(other, rank, SCORE, template_id=0) for rank, other in enumerate(listed, start=1))
            run = SearchRun(new_id(), case.case_id, Purpose.IDENTIFY_INTAKE, generation_id, len(missing), now, now, shown)
            records.pairs.add_runs([run])
            suggested = []
            for each in shown:
                low, high = sorted((case.case_id, each.case_id))
                suggested.append(Suggestion(low, high, Relation.TRACE, SCORE, each.rank, generation_id, run.run_id))
            records.pairs.suggest(suggested, now)


def _locust(room: Path, url: str, staff: int, minutes: float, more: Mapping[str, str]) -> list[dict[str, Any]]:
    """What locust counted, by method and route."""
    script = Path(__file__).with_name("load_people.py")
    command = [sys.executable, "-m", "locust", "--headless", "--only-summary", "--json", "--exit-code-on-error", "0"]
    shape = ["--users", str(staff), "--spawn-rate", str(max(1, staff / 20)), "--run-time", f"{round(60 * minutes)}s"]
    where = ["-f", str(script), "--host", url, "--csv", str(room / "load")]
    note(f"{staff} people work for {minutes:g} minutes.")
    done = subprocess.run(  # noqa: S603 - locust, with words of our own
        [*command, *shape, *where], env=os.environ | dict(more), capture_output=True, text=True, check=False
    )
    try:
        counted: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError as error:
        raise TracingError(f"locust ended with {done.returncode}: {done.stderr[-2000:]}") from error
    for line in (room / "load_failures.csv").read_text("utf-8").splitlines()[1:]:
        notes.print(line, highlight=False, markup=False)
    return counted


def _route(told: Mapping[str, Any]) -> Route:
    """Locust rounds milliseconds to two digits, and counts how often each came."""
    times = sorted((float(milliseconds), int(number)) for milliseconds, number in told["response_times"].items())
    at = [_percentile(times, percent) for percent in PERCENTILES]
    return Route(told["method"], told["name"], told["num_requests"], told["num_failures"], *at)


def _percentile(times: Sequence[tuple[float, int]], percent: int) -> int:
    """The smallest time within which so many of a hundred answers came."""
    wanted, seen = math.ceil(sum(number for _, number in times) * percent / 100), 0
    for milliseconds, number in times:
        seen += number
        if seen >= wanted:
            return round(milliseconds)
    return 0


def print_report(report: LoadReport) -> None:
    say(f"{report.machine.processor}, {report.machine.cores} cores, shared with those who call.")
    say(
        f"{report.staff} people and programs for {report.minutes:g} minutes, after {report.warm_up:g} while caches filled, "
        f"over {report.people:,} people in the galleries:"
    )
    say(f"{report.answers:,} answers, {report.per_second:g} a second, {report.errors} errors")
    rows = [[each.method, each.route, each.answers, each.errors, each.p50, each.p95, each.p99] for each in report.routes]
    print_table(["", "route", "answers", "errors", "p50 ms", "p95 ms", "p99 ms"], rows)
    memory = " ".join(map(str, report.memory))
    say(f"memory of server and encoders, MiB by the minute: {memory}")
    say(f"growth: {report.growth:g} MiB an hour; largest process {report.peak} MiB")
    say(f"left waiting at the end: {report.photos_pending} photos, {report.searches_due} searches")
    faults = "; ".join(report.faults[:10])
    say(f"tracing check: {faults}" if faults else "tracing check: clean")
