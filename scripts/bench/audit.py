"""`tracing bench audit`: how fast the chain of an audit is verified, and whether one changed byte is found, to the row."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.bench.machine import this_machine
from scripts.opening import services, settings
from scripts.output import AsJson, note, notes, print_json, say
from tracing.access import SYSTEM
from tracing.bootstrap import Services

AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """``first_bad`` is the row that was named after the row ``altered`` had one byte changed."""

    events: int
    seconds: float
    per_second: int
    altered: int
    first_bad: int | None


def audit(
    events: Annotated[int, typer.Option(min=10, max=100_000_000, help="Rows of the audit.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """Fill an audit in a folder of its own, verify it, change one byte and verify it again; exit status 1 if that is missed."""
    with tempfile.TemporaryDirectory() as folder:
        apart = settings().model_copy(update={"data_dir": Path(folder), "database_url": ""})
        with services(apart) as found:
            result = measure(found, events)
    if as_json:
        print_json(asdict(result) | {"machine": asdict(this_machine())})
    else:
        say(
            f"{result.events:,} rows verified in {result.seconds:.1f} s, {result.per_second:,} a second. One byte of row "
            f"{result.altered:,} was changed; the first bad row is {result.first_bad}."
        )
    if result.first_bad != result.altered:
        raise typer.Exit(1)


def measure(found: Services, events: int) -> Measured:
    """Needs services over SQLite with an audit of fewer rows than ``events``."""
    with found.store.reading() as records:
        there, _ = records.audit.head()
    for start in range(there, events, AT_ONCE):
        with found.store.transaction() as records:
            for number in range(start, min(start + AT_ONCE, events)):
                detail = {"decision_id": f"{number:032x}", "stage": "first", "judgement": "same_likely", "list_id": "0" * 32}
                records.audit.append(SYSTEM, "judge_pair", f"{number:032x}", detail)
        if notes.is_terminal:
            note(f"{start:,} rows written")
    started = time.perf_counter()
    whole = found.auditing.verify(SYSTEM)
    seconds = time.perf_counter() - started
    altered = whole.events * 2 // 3
    change_one_byte(found.settings.data_dir / "tracing.sqlite", altered)
    broken = found.auditing.verify(SYSTEM)
    if whole.first_bad is not None:
        raise RuntimeError("the audit as written does not verify")
    return Measured(whole.events, round(seconds, 2), round(whole.events / seconds), altered, broken.first_bad)


def change_one_byte(file: Path, seq: int) -> None:
    """What a hand in the database does: the last letter of a row's subject becomes another one."""
    with closing(sqlite3.connect(file)) as connection, connection:
        other = "substr(subject, 1, length(subject) - 1) || CASE substr(subject, -1) WHEN 'x' THEN 'y' ELSE 'x' END"
        connection.execute(f"UPDATE events SET subject = {other} WHERE seq = ?", (seq,))  # noqa: S608 - a constant
