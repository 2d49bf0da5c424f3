"""`tracing demo`: fills an empty service with drawn people, or with the photos of a folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scripts.demo.cast import DemoCase, DemoPhoto
from scripts.demo.casting import invent_cast
from scripts.demo.history import settle
from scripts.language import refused, word
from scripts.opening import services, settings
from scripts.output import AsJson, note, print_json, progress_bar, say
from scripts.photo_files import people_in, photo_bytes
from tracing.access import SYSTEM
from tracing.bootstrap import Services, utc_now
from tracing.domain import Actor, Case, CaseKind, CaseState, Description, LegalBasis, Outcome, PartialDate, Role
from tracing.embeddings.imaging import to_jpeg
from tracing.errors import Conflict, Invalid, UnreadablePhoto
from tracing.opening import ContactDraft
from tracing.records import CaseFilter

ACCOUNTS = {
    "lin.intake": Role.INTAKE,
    "chen.review": Role.REVIEWER,
    "zhao.review": Role.REVIEWER,
    "sun.manager": Role.MANAGER,
    "wu.audit": Role.AUDITOR,
}
ACCOUNTS_FILE = "demo-accounts.txt"
FEWEST = 60


@dataclass
class ShiftedClock:
    """The present, or so many days ago: demo cases are not all opened at one moment."""

    days_ago: int = 0

    def __call__(self) -> datetime:
        return utc_now() - timedelta(days=self.days_ago)


@dataclass(frozen=True)
class Shot:
    """A photo that is drawn or read when it is needed, with what is known of its date."""

    data: Callable[[], bytes]
    taken_on: PartialDate | None = None
    age_in_photo: int | None = None


@dataclass(frozen=True)
class Plan:
    """A case to be opened; with an outcome, to be closed at once."""

    kind: CaseKind
    description: Description
    legal_basis: LegalBasis
    shots: Sequence[Shot]
    days_ago: int = 0
    contact: ContactDraft | None = None
    outcome: Outcome | None = None
    person: str = ""
    """Whose case it is, where somebody knows for sure: the people are drawn."""


@dataclass
class Loaded:
    """What was done."""

    cases: int = 0
    photos: int = 0
    pairs_waiting: int = 0
    unreadable: list[str] = field(default_factory=list)
    accounts_file: Path | None = None


def demo(
    photos: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Load these instead: a folder per person.")
    ] = None,
    people: Annotated[int, typer.Option(min=FEWEST, max=1000, help="How many people to draw.")] = FEWEST,
    as_json: AsJson = False,
) -> None:
    """Fill an empty service with drawn people: missing and sheltered, with pairs to find and look-alikes to tell apart.

    With --photos, the first photo of each person is a missing report's and the second an intake's, and so on in turn. Safe to
    repeat: an interrupted demo goes on, a finished one adds nothing.
    """
    plans = _plans_of(photos) if photos else _plans_drawn(people)
    loaded = _load(plans)
    if as_json:
        print_json(loaded)
        return
    say(f"{loaded.cases} cases and {loaded.photos} photos were added; {loaded.pairs_waiting} pairs wait for review.")
    for name in loaded.unreadable:
        note(f"left out, not readable: {name}")
    _tell_accounts(loaded.accounts_file)


def fill_if_empty() -> None:
    """Before serving: load the drawn people into a new or interrupted demo, and leave a service of real cases alone."""
    with services() as found:
        cases = found.casework.find(SYSTEM, CaseFilter(), limit=1).total
        started = any(account.name in ACCOUNTS for account in found.accounts.all())
    finished = settings().data_dir / ACCOUNTS_FILE
    if finished.exists() or (cases and not started):
        _tell_accounts(finished if finished.exists() else None)
        return
    note("Filling the empty data folder with drawn people; this takes about a minute, once.")
    _tell_accounts(_load(_plans_drawn(FEWEST)).accounts_file)


def _tell_accounts(file: Path | None) -> None:
    if file is not None:
        note(f"\nSign in as one of these (kept in {file}):\n{file.read_text()}")


def _plans_drawn(people: int) -> list[Plan]:
    cast = invent_cast(today=utc_now().date(), people=people)
    return [_plan(case) for case in cast.cases]


def _plan(case: DemoCase) -> Plan:
    shots = [Shot(partial(_drawn, photo), photo.taken_on, photo.age_in_photo) for photo in case.photos]
    contact = ContactDraft(case.contact.role, case.contact.name, case.contact.phone, case.contact.place)
    return Plan(
        case.kind, case.description, case.legal_basis, shots, case.opened_days_ago, contact, case.outcome, case.person_key
    )


def _drawn(photo: DemoPhoto) -> bytes:
    return to_jpeg(photo.draw())


def _plans_of(folder: Path) -> list[Plan]:
    plans: list[Plan] = []
    for name, files in people_in(folder).items():
        for kind, own in ((CaseKind.MISSING, files[::2]), (CaseKind.SHELTERED, files[1::2])):
            if own:
                names = (name,) if kind is CaseKind.MISSING else ()
                shots = [Shot(partial(photo_bytes, each)) for each in own]
                plans.append(Plan(kind, Description(names=names), LegalBasis.STATUTORY_DUTY, shots))
    if not plans:
        raise Invalid(f"{folder} holds no folder with photos.", "photos")
    return plans


def _load(plans: Sequence[Plan]) -> Loaded:
    clock = ShiftedClock()
    accounts_file = settings().data_dir / ACCOUNTS_FILE
    if accounts_file.exists():
        return Loaded(accounts_file=accounts_file)
    all_cores = settings().model_copy(update={"encoder_processes": os.cpu_count() or 1, "waiting_photos": 1000})
    with services(all_cores, clock) as found, ThreadPoolExecutor(all_cores.encoder_processes) as analysing:
        actors, passwords = _hire(found)
        loader = _Loader(found, clock, actors, analysing)
        with progress_bar() as bar:
            for plan, case in bar.track(list(loader.cases(plans)), description=word("Cases")):
                loader.fill(plan, case)
        with progress_bar() as bar:
            for done in bar.track(loader.analyses, description=word("Faces")):
                done.result()
        clock.days_ago = 0
        found.worker.work_off()
        settle(found, loader.people, actors[Role.MANAGER])
        loader.loaded.pairs_waiting = found.review.queue(actors[Role.REVIEWER], limit=1).total
        loader.loaded.accounts_file = _write_accounts(accounts_file, passwords)
    return loader.loaded


class _Loader:
    """Opens the cases in their order while the encoder's processes look at the photos of those before."""

    def __init__(
        self, found: Services, clock: ShiftedClock, actors: Mapping[Role, Actor], analysing: ThreadPoolExecutor
    ) -> None:
        self._found = found
        self._clock = clock
        self._actors = actors
        self._analysing = analysing
        self.analyses: list[Future[bool]] = []
        self.loaded = Loaded()
        self.people: dict[str, str] = {}
        """case_id -> the drawn person."""

    def cases(self, plans: Sequence[Plan]) -> Iterator[tuple[Plan, Case | None]]:
        """What is still to be done: an interrupted run is taken up with its last case, whose photos may be missing."""
        there = list(reversed(self._found.casework.find(SYSTEM, CaseFilter(), limit=100_000).cases))
        if len(there) > len(plans) or any(case.opened_by != self._actors[Role.INTAKE].account_id for case in there):
            raise Conflict(
                "This service holds cases already. The demo needs an empty one: set TRACING_DATA_DIR to a new folder."
            )
        if there:
            yield plans[len(there) - 1], there[-1]
        yield from ((plan, None) for plan in plans[len(there) :])

    def fill(self, plan: Plan, case: Case | None) -> None:
        """Open the case unless it is there, add its photos, and close it where the plan has an outcome."""
        self._clock.days_ago = plan.days_ago
        actor = self._actors[Role.INTAKE]
        if case is None:
            case = self._found.intake.open_case(actor, plan.kind, plan.description, plan.legal_basis, plan.contact)
            self.loaded.cases += 1
        if plan.person:
            self.people[case.case_id] = plan.person
        if case.state is CaseState.CLOSED:
            return
        own = [self._analysing.submit(self._found.intake.analyse, photo_id) for photo_id in self._photos(actor, case, plan)]
        self.analyses += own
        if plan.outcome is not None:
            wait(own)  # a past intake is searched while it is a present one
            self._found.casework.close(self._actors[Role.MANAGER], case.case_id, plan.outcome, "demonstration")

    def _photos(self, actor: Actor, case: Case, plan: Plan) -> Iterator[str]:
        for shot in plan.shots:
            try:
                photo = self._found.intake.add_photo(actor, case.case_id, shot.data(), shot.taken_on, shot.age_in_photo)
            except UnreadablePhoto as error:
                self.loaded.unreadable.append(f"{plan.description.names}: {refused(error)}")
            else:
                self.loaded.photos += 1
                yield photo.photo_id


def _hire(found: Services) -> tuple[dict[Role, Actor], dict[str, str]]:
    """The demo's accounts with new passwords: they are written down only when everything is loaded."""
    there = {account.name: account for account in found.accounts.all()}
    passwords = {name: secrets.token_urlsafe(9) for name in ACCOUNTS}
    actors: dict[Role, Actor] = {}
    for name, role in ACCOUNTS.items():
        if name in there:
            found.accounts.set_password(SYSTEM, name, passwords[name])
            account = there[name]
        else:
            account, _ = found.accounts.add(SYSTEM, name, role, passwords[name])
        actors.setdefault(role, Actor(account.account_id, account.name, account.role, account.station_id))
    return actors, passwords


def _write_accounts(file: Path, passwords: Mapping[str, str]) -> Path:
    lines = [f"{name:<14} {passwords[name]:<14} {role}\n" for name, role in ACCOUNTS.items()]
    file.touch(mode=0o600)
    file.write_text("".join(lines))
    return file
