"""`tracing bench notices`: whether published notices go within a minute of what ends them, where very many stand."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.bench.timing import timed
from scripts.opening import services, settings
from scripts.output import AsJson, note, print_json, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.domain import Case, CaseForm, CaseKind, CaseState, Description, LegalBasis, Notice, NoticeState, NoticeWords
from tracing.notices.taking_down import PAUSE

MINUTE: Final = 60.0
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of a look at notices that all stand, and of one that takes ``over`` of them down; of either, how much of the
    processor's time, which a busy machine does not change."""

    notices: int
    standing: float
    standing_processor: float
    over: int
    taking_down: float
    taking_down_processor: float

    @property
    def within_a_minute(self) -> bool:
        """Also of what ended just behind a look: the next one begins ``PAUSE`` after it."""
        return self.standing + PAUSE.total_seconds() + self.taking_down < MINUTE


def notices(
    number: Annotated[int, typer.Option("--notices", min=10, max=1_000_000, help="Published notices.")] = 10_000,
    over: Annotated[int, typer.Option(min=1, max=1_000_000, help="Of which so many end at one time.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """Publish very many, look at them as the worker does, close some cases, and look again; exit status 1 beyond a minute."""
    with tempfile.TemporaryDirectory() as folder:
        at = settings().model_copy(update={"data_dir": Path(folder), "database_url": ""})
        with services(at) as found:
            result = measure(found, number, min(over, number))
    if as_json:
        print_json(asdict(result) | {"within_a_minute": result.within_a_minute, "machine": asdict(this_machine())})
    else:
        say(
            f"{result.notices:,} published: a look at them takes {result.standing:.1f} s ({result.standing_processor:.1f} s of "
            f"the processor); one that takes {result.over:,} down {result.taking_down:.1f} s "
            f"({result.taking_down_processor:.1f} s)."
        )
    if not result.within_a_minute:
        raise typer.Exit(1)


def measure(found: Services, number: int, over: int) -> Measured:
    fill(found, number)
    standing = _look(found, 0)
    end(found, over)
    return Measured(number, *standing, over, *_look(found, over))


def _look(found: Services, expected: int) -> tuple[float, float]:
    """Seconds, and those of the processor."""
    before = time.process_time()
    seconds, gone = timed(found.taking_down.look)
    if gone != expected:
        raise RuntimeError(f"{gone} notices went instead of {expected}")
    return round(seconds, 2), round(time.process_time() - before, 2)


def fill(found: Services, number: int) -> None:
    """Grown people in care with a form, and a notice of each that stands for a month."""
    now = datetime.now(UTC)
    for start in range(0, number, AT_ONCE):
        with found.store.transaction() as records:
            for each in range(start, min(start + AT_ONCE, number)):
                case = _case(each, now)
                records.cases.add(case)
                records.forms.save(CaseForm(case.case_id, {"categories": ("lost",)}, saved_at=now, saved_by=SYSTEM.account_id))
                records.notices.add(_notice(each, case, now))
        note(f"{start + AT_ONCE:,} notices published")


def end(found: Services, over: int) -> None:
    """Their cases are suspended at one time, as when a station closes."""
    for start in range(0, over, AT_ONCE):
        with found.store.transaction() as records:
            ids = [_case_id(each) for each in range(start, min(start + AT_ONCE, over))]
            for case in records.cases.by_ids(ids).values():
                records.cases.save(replace(case, state=CaseState.SUSPENDED))


def _case_id(number: int) -> str:
    return f"a{number:031x}"


def _case(number: int, now: datetime) -> Case:
    return Case(
        *(_case_id(number), f"S-{number}", CaseKind.SHELTERED, CaseState.OPEN, "main", LegalBasis.STATUTORY_DUTY, now, "bench"),
        description=Description(names=(f"Person {number}",), age_min=50, age_max=60),
    )


def _notice(number: int, case: Case, now: datetime) -> Notice:
    return Notice(
        *(f"b{number:031x}", case.case_id, case.kind, f"token-{number:08}", "Station", "0551-62998000", ("bench",), now),
        words=NoticeWords(name=f"Person {number}"),
        state=NoticeState.PUBLISHED,
        published_at=now,
        expires_at=now + timedelta(days=30),
    )
