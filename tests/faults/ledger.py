"""What a house has acknowledged, and whether it is there: held against tables and disk, not against the house's word."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, create_engine, func, select

from tracing.domain import Analysis, CaseState, GenerationState
from tracing.store.tables import accounts, case_sources, cases, decisions, events, generations, pairs, photos, search_runs


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo that was answered with 201 or 202."""

    case_id: str
    sha256: str


@dataclass
class Ledger:
    """Written by the clients, each line after its answer. ``doubtful`` is what was cut off: done or not, but not half done."""

    cases: set[str] = field(default_factory=set)
    photos: dict[str, Sent] = field(default_factory=dict)
    judgements: dict[tuple[str, str], str] = field(default_factory=dict)
    """(pair, name of the reviewer) -> judgement."""
    erased: dict[str, set[str]] = field(default_factory=dict)
    """case -> keys of its photo files."""
    doubtful: dict[str, set[str]] = field(default_factory=dict)
    active: str = ""
    """The generation whose activation was acknowledged last."""
    answers: Counter[str] = field(default_factory=Counter)
    cut_off: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """What the house must not answer."""
    turn: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self) -> int:
        return len(self.cases) + len(self.photos) + len(self.judgements) + len(self.erased)


class Evidence:
    """The tables and the folder of photos, read by hand."""

    def __init__(self, url: str, photo_dir: Path) -> None:
        self._engine: Engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        self._photo_dir = photo_dir

    def close(self) -> None:
        self._engine.dispose()

    def keys_of(self, case_id: str) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.execute(select(photos.c.photo_key).where(photos.c.case_id == case_id)).scalars())

    def photos_of(self, case_id: str) -> list[tuple[str, str]]:
        """(photo, digest), the oldest first."""
        query = select(photos.c.photo_id, photos.c.sha256).where(photos.c.case_id == case_id).order_by(photos.c.received_at)
        with self._engine.connect() as connection:
            return [(photo_id, sha256) for photo_id, sha256 in connection.execute(query)]

    def sent_by(self, source: str) -> dict[str, str]:
        """The sender's name of each record -> its case."""
        query = select(case_sources.c.source_id, case_sources.c.case_id).where(case_sources.c.source == source)
        with self._engine.connect() as connection:
            return {row.source_id: row.case_id for row in connection.execute(query)}

    def loose(self, case_ids: Iterable[str]) -> list[str]:
        """Those of these cases that are open."""
        query = select(cases.c.case_id).where(cases.c.state == CaseState.OPEN, cases.c.case_id.in_(list(case_ids)))
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def make_older(self, case_ids: Iterable[str], by: timedelta) -> None:
        """As if they had come into their state so much earlier."""
        since = datetime.now(UTC) - by
        with self._engine.begin() as connection:
            same = cases.c.case_id.in_(list(case_ids))
            connection.execute(cases.update().where(same).values(state_since=since, expires_at=since))

    def analysis(self, photo_id: str) -> str:
        return str(self._photo(photo_id).analysis)

    def attempts(self, photo_id: str) -> int:
        return int(self._photo(photo_id).attempts)

    def waiting(self) -> int:
        """How many photos wait for their analysis."""
        return self._count(photos.c.analysis == Analysis.PENDING)

    def claims(self) -> int:
        """How many photos somebody is looking at, or was when he died."""
        return self._count(photos.c.analysis == Analysis.PENDING, photos.c.claimed_until > datetime.now(UTC))

    def _photo(self, photo_id: str) -> Row[Any]:
        with self._engine.connect() as connection:
            return connection.execute(select(photos).where(photos.c.photo_id == photo_id)).one()

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        with self._engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(photos).where(*conditions)).scalar_one()

    def losses(self, ledger: Ledger) -> list[str]:
        """What contradicts the ledger. Whatever was doubtful is settled by what is there, and is not doubtful any more."""
        with self._engine.connect() as connection:
            there = set(connection.execute(select(cases.c.case_id)).scalars())
            kept = {row.photo_id: Sent(row.case_id, row.sha256) for row in connection.execute(select(photos))}
            judged = connection.execute(
                select(decisions.c.pair_id, accounts.c.name, decisions.c.judgement, decisions.c.superseded_at)
                .join(accounts, accounts.c.account_id == decisions.c.reviewer)
                .where(decisions.c.judgement.is_not(None))
            ).all()
            told = connection.execute(select(events.c.action, events.c.detail)).all()
            paired = set(connection.execute(select(pairs.c.pair_id)).scalars())
            in_use = select(generations.c.generation_id).where(generations.c.state == GenerationState.ACTIVE)
            active = list(connection.execute(in_use).scalars())
            named = self._named(connection)
        for case_id in list(ledger.doubtful):
            keys = ledger.doubtful.pop(case_id)
            if case_id not in there:
                ledger.erased[case_id] = keys
        gone = ledger.erased.keys()
        found = [*ledger.wrong]
        found += [f"the case {each} was acknowledged and is lost" for each in sorted(ledger.cases - there - gone)]
        found += [
            f"the photo {photo_id} was acknowledged and is lost, or another one: {kept.get(photo_id)}"
            for photo_id, sent in ledger.photos.items()
            if sent.case_id not in gone and kept.get(photo_id) != sent
        ]
        found += [f"the case {each} was erased and is there" for each in sorted(gone & (there | named))]
        current = Counter((pair, name) for pair, name, _, superseded in judged if superseded is None)
        found += [
            f"the judgement of {who[1]} on {who[0]} counts {number} times" for who, number in current.items() if number > 1
        ]
        said = {(pair, name): str(judgement) for pair, name, judgement, superseded in judged if superseded is None}
        found += [
            f"the judgement of {name} on {pair} was acknowledged and is lost: {said.get((pair, name))}, not {judgement}"
            for (pair, name), judgement in ledger.judgements.items()
            if said.get((pair, name)) != judgement and pair in paired  # a pair goes with one of its cases alone
        ]
        if len(active) != 1 or (ledger.active and active != [ledger.active]):
            found.append(f"the generation in use is {active}, and {ledger.active} was acknowledged")
        lines = sum(action == "judge_pair" for action, _ in told)
        if lines < len(judged):
            found.append(f"{len(judged)} judgements and only {lines} lines in the audit")
        analysed = Counter(str(detail["photo_id"]) for action, detail in told if action == "analyse_photo")
        found += [f"the photo {photo_id} was analysed {number} times" for photo_id, number in analysed.items() if number > 1]
        return found

    def unrecorded(self, ledger: Ledger) -> list[str]:
        """What was acknowledged without a row of the audit. To be asked once nothing waits for the audit."""
        with self._engine.connect() as connection:
            told = connection.execute(select(events.c.action, events.c.actor, events.c.subject, events.c.detail)).all()
            names = {row.account_id: row.name for row in connection.execute(select(accounts))}
        done = {(action, subject) for action, _, subject, _ in told}
        added = {detail["photo_id"] for action, _, _, detail in told if action == "add_photo"}
        judged = {(subject, names.get(actor)) for action, actor, subject, _ in told if action == "judge_pair"}
        missing = [f"no row of the audit opens the case {each}" for each in ledger.cases if ("open_case", each) not in done]
        missing += [f"no row of the audit adds the photo {each}" for each in ledger.photos.keys() - added]
        missing += [f"no row of the audit erases the case {each}" for each in ledger.erased if ("erase_case", each) not in done]
        missing += [f"no row of the audit judges {pair}, as {name} did" for pair, name in ledger.judgements.keys() - judged]
        return missing

    @staticmethod
    def _named(connection: Connection) -> set[str]:
        """Every case that a photo, a pair or a search names."""
        named = set(connection.execute(select(photos.c.case_id)).scalars())
        for column in (pairs.c.low_case_id, pairs.c.high_case_id, search_runs.c.case_id):
            named |= set(connection.execute(select(column)).scalars())
        return named

    def stray_files(self, ledger: Ledger) -> list[str]:
        """Files without a photo, also half ones; those of erased people by name. To be asked once the house is at rest."""
        with self._engine.connect() as connection:
            rows = set(connection.execute(select(photos.c.photo_key)).scalars())
        files = {path.name for path in self._files()}
        erased = {key for keys in ledger.erased.values() for key in keys}
        return [
            f"the file {each} has no photo{', and is of somebody erased' * (each in erased)}" for each in sorted(files - rows)
        ]

    def _files(self) -> Iterator[Path]:
        return (path for path in self._photo_dir.glob("??/??/*") if path.is_file())
