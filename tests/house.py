"""A whole service over a temporary folder, with a clock that stands still and painted faces: for tests of the use cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.factories import CountingIds, FixedClock, a_card
from tests.fakes import FakeExaminer, painted_photo
from tracing.access import SYSTEM
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER
from tracing.config import Settings
from tracing.domain import Actor, Case, CaseKind, Description, Event, Judgement, LegalBasis, Pair, PairState, Role
from tracing.evaluation.card import Card, GroupFigures
from tracing.photo_reports import PhotoReport
from tracing.store.backup.ledger import steps_in
from tracing.store.data_keys import DataKeyFile
from tracing.store.database import SqlRecordStore
from tracing.store.key_files import MasterKey
from tracing.store.keys import Keyring
from tracing.verdict import Verdict


def keyring_of(services: Services) -> Keyring:
    """A second keyring over the keys of a service, as another process has it."""
    settings = services.settings
    master = MasterKey(settings.photo_key.get_secret_value(), settings.key_dir / "photo.key")
    return DataKeyFile(settings.photo_dir, master, services.clock).keyring()


class House:
    """The services, people of every role, and the steps that most stories begin with."""

    def __init__(self, services: Services, clock: FixedClock, examiner: FakeExaminer) -> None:
        self.services = services
        self.clock = clock
        self.examiner = examiner
        self.intake = self.hire("lin", Role.INTAKE)
        self.reviewer = self.hire("chen", Role.REVIEWER)
        self.second = self.hire("zhao", Role.REVIEWER)
        self.manager = self.hire("sun", Role.MANAGER)
        self.auditor = self.hire("qian", Role.AUDITOR)
        self.partner = self.hire("partner", Role.SERVICE)

    def hire(self, name: str, role: Role) -> Actor:
        account, _ = self.services.accounts.add(SYSTEM, name, role)
        return Actor(account.account_id, account.name, account.role, account.station_id)

    def beside(self, services: Services) -> House:
        """The same people before other services."""
        other = copy(self)
        other.services = services
        return other

    def open(
        self, kind: CaseKind, actor: Actor | None = None, basis: LegalBasis = LegalBasis.STATUTORY_DUTY, **said: Any
    ) -> Case:
        return self.services.intake.open_case(actor or self.intake, kind, Description(**said), basis)

    def photograph(self, case: Case, person: int, faces: int = 1, shot: int = 0) -> PhotoReport:
        """Add a painted photo and analyse it."""
        photo = self.services.intake.add_photo(self.intake, case.case_id, painted_photo(person, faces, shot))
        self.services.intake.analyse(photo.photo_id)
        return self.services.intake.report(photo.photo_id)

    def missing(self, person: int, **said: Any) -> Case:
        """An open missing case with one enrolled photo."""
        case = self.open(CaseKind.MISSING, **said)
        self.photograph(case, person, shot=person * 7)
        return case

    def sheltered(self, person: int, **said: Any) -> Case:
        """An open intake with one enrolled photo, another one than the missing report's."""
        case = self.open(CaseKind.SHELTERED, **said)
        self.photograph(case, person, shot=person * 7 + 1)
        return case

    def case(self, case: Case) -> Case:
        """As it is now."""
        return self.services.casework.get(self.intake, case.case_id)

    def done(self, case: Case) -> list[Event]:
        """What was done to the case, as the audit keeps it; without who only looked at it."""
        with self.services.store.reading() as records:
            events = records.audit.of_subject(case.case_id)
        return [event for event in events if not event.action.startswith(("read_", "print_"))]

    def pair(self, one: Case, other: Case) -> Pair:
        with self.services.store.reading() as records:
            pair = records.pairs.between(one.case_id, other.case_id)
        assert pair is not None, "no search has put these two together"
        return pair

    def paired(self, one: Case, other: Case) -> bool:
        with self.services.store.reading() as records:
            return records.pairs.between(one.case_id, other.case_id) is not None

    def judge(self, actor: Actor, pair: Pair, judgement: Judgement = Judgement.SAME_LIKELY) -> Pair:
        return self.services.review.decide(actor, pair.pair_id, Verdict(judgement, "the same scar above the left eye"))

    def confirm(self, pair: Pair) -> Pair:
        """Two reviewers find the pair positive."""
        self.judge(self.reviewer, pair)
        confirmed = self.judge(self.second, pair, Judgement.SAME_VERY_LIKELY)
        assert confirmed.state is PairState.CONFIRMED
        return confirmed

    def measured(self, *groups: GroupFigures) -> Card:
        """A model card of the encoder in use, where an operator would put their own."""
        card = a_card(DEFAULT_ENCODER, *groups)
        folder = self.services.settings.model_folders[-1] / "cards"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{DEFAULT_ENCODER}.json").write_text(json.dumps(card.to_dict()), "utf-8")
        return card

    def let_go(self) -> list[str]:
        """What a restore would do again, as it is known outside of the database."""
        return [step.action for step in steps_in(self.services.settings.ledger_file)]

    def faults(self) -> list[str]:
        """What `tracing check` finds."""
        return [f"{each.fault}: {each.subject}" for each in self.services.consistency.check(read_photos=True)]


@cache
def _migrated() -> bytes:
    """An SQLite file with all tables and nothing in them: made once, for making it takes longer than most tests."""
    with TemporaryDirectory() as folder:
        key = Keyring(bytes(32))
        store = SqlRecordStore(f"sqlite:///{folder}/tracing.sqlite", key, FixedClock(), CountingIds())
        store.migrate()
        store.close()
        return (Path(folder) / "tracing.sqlite").read_bytes()


def _empty_database(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "tracing.sqlite"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(_migrated())


@contextmanager
def a_house(folder: Path, **settings: Any) -> Iterator[House]:
    if "database_url" not in settings:
        _empty_database(folder)
    clock = FixedClock()
    examiner = FakeExaminer(DEFAULT_ENCODER)
    # A test decides itself what the worker does, and when; to look for better encoders reads hundreds of megabytes.
    settings = {
        "encoder": DEFAULT_ENCODER,
        "known_answer_percent": 0.0,
        "server_works": False,
        "answer_seconds": 60.0,  # an overloaded machine takes long to load what the first search needs
        "pfif_domain": "shelter.example.org",
        "public_proof_bits": 8,
    } | settings
    services = build(Settings(data_dir=folder, **settings), clock=clock, examiner=examiner)
    try:
        yield House(services, clock, examiner)
    finally:
        services.close()
