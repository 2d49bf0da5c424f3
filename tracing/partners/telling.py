"""What partners are told: pages of person records and of notes, in the order in which they came to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from tracing.access import Permission, require
from tracing.domain import Actor, ToldNote, ToldRecord, Wanted
from tracing.errors import WrongState
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.partners.outline import UNDATED
from tracing.partners.settling import Settled, Settling, placeholder
from tracing.partners.sharing import OFF
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.seldom import Seldom

AT_ONCE: Final = 200
MOST_RESULTS: Final = 200
EVERY: Final = timedelta(minutes=1)
ALL: Final = timedelta(minutes=30)
EVENTS: Final = 1000
TRIES: Final = 5
TOLD: Final = "tell_partners"
"""The audit's name for what leaves the house here: without the row nothing does."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """``updated``: the entry date of the last one, or of what was asked for."""

    persons: tuple[PersonRecord, ...]
    updated: datetime


@dataclass(frozen=True, slots=True)
class NotePage:
    notes: tuple[NoteRecord, ...]
    updated: datetime


class Telling:
    """``domain`` is ours; ``count`` counts a question, and refuses where there were too many."""

    def __init__(
        self, store: RecordStore, settling: Settling, domain: str, clock: Clock, count: Callable[[Actor], None]
    ) -> None:
        self._store = store
        self._settling = settling
        self._domain = domain
        self._clock = clock
        self._count = count
        self._tended = Seldom(EVERY)
        self._whole = Seldom(ALL)
        self._followed = 0

    def persons(self, actor: Actor, wanted: Wanted, with_notes: bool = True) -> PersonPage:
        """Records of people, and of those that have ended the placeholder. Who asked, and for whom, stays in the audit."""

        def told(records: Records) -> tuple[list[PersonRecord], Settled]:
            page, settled = self._stable(records, lambda: records.partners.page(wanted), lambda each: each.record_id)
            return [settled.persons.get(each.record_id) or placeholder(each) for each in page], settled

        found = self._told(actor, "persons", told)
        persons = found if with_notes else [_without_notes(each) for each in found]
        return PersonPage(tuple(persons), _updated(found, wanted))

    def notes(self, actor: Actor, wanted: Wanted) -> NotePage:
        """Notes about our records, and about partners' records that are the same person as one of ours."""

        def told(records: Records) -> tuple[list[NoteRecord], Settled]:
            page, settled = self._stable(records, lambda: records.partners.note_page(wanted), lambda each: each.note_id)
            return [settled.notes[each.note_id] for each in page if each.note_id in settled.notes], settled

        found = self._told(actor, "notes", told)
        return NotePage(tuple(found), _updated(found, wanted))

    def follow(self) -> int:
        """Bring everything that is told up to date; how many records and notes were told anew or ended."""
        if not self._domain:
            return 0
        with self._store.reading() as records:
            self._followed, _ = records.audit.head()
            idle = not records.partners.orphans() and not records.partners.shares("", 1)
        if idle:
            return 0
        with self._store.transaction() as records:
            changed = self._settling.end_orphans(records)
        after = ""
        while True:
            with self._store.transaction() as records:
                shares = records.partners.shares(after, AT_ONCE)
                changed += len(self._settling.settle(records, shares).changed)
            if len(shares) < AT_ONCE:
                return changed
            after = shares[-1].case_id

    def catch_up(self) -> int:
        """As ``follow``, of the cases to which something happened since, by the audit; cheap where there was little."""
        if not self._domain:
            return 0
        changed = 0
        while True:
            with self._store.reading() as records:
                events = records.audit.events(self._followed, EVENTS)
                touched = records.partners.shares_touched({event.subject for event in events})
                orphans = records.partners.orphans()
            for start in range(0, len(touched) or bool(orphans), AT_ONCE):
                with self._store.transaction() as records:
                    changed += self._settling.end_orphans(records)
                    ids = {share.record_id for share in touched[start : start + AT_ONCE]}
                    shares = list(records.partners.shares_of(ids).values())
                    changed += len(self._settling.settle(records, shares).changed)
            self._followed = events[-1].seq if events else self._followed
            if len(events) < EVENTS:
                return changed

    def tend(self) -> None:
        """What the worker does: every minute what was touched, and now and then everything, for time passes by itself."""
        now = self._clock()
        if self._whole.due(now):
            self.follow()
            self._whole.done(now)
            self._tended.done(now)
        elif self._tended.due(now):
            self.catch_up()
            self._tended.done(now)

    def _told(self, actor: Actor, what: str, told: Callable[[Records], tuple[list[Any], Settled]]) -> list[Any]:
        require(actor, Permission.READ_PFIF)
        if not self._domain:
            raise WrongState(OFF)
        self._count(actor)
        with self._store.transaction() as records:
            self._settling.end_orphans(records)
            found, settled = told(records)
            shares = records.partners.shares_of(settled.persons)
            shown = sorted(share.case_id for share in shares.values())
            records.audit.append(actor, TOLD, "", {"what": what, "records": len(found), "cases": shown})
        return found

    def _stable(self, records: Records, asked: Callable[[], list[Any]], key: Callable[[Any], str]) -> tuple[list[Any], Settled]:
        """A page of which nothing has changed since it was told. What has comes later in the order, where it is told anew:
        else whoever goes on after the last entry date of this page would miss what lies between.
        """
        for _ in range(TRIES):
            page: list[ToldRecord | ToldNote] = asked()
            shares = records.partners.shares_of({each.record_id for each in page})
            settled = self._settling.settle(records, list(shares.values()))
            if not settled.changed:
                break
        return [each for each in page if key(each) not in settled.changed], settled


def _without_notes(person: PersonRecord) -> PersonRecord:
    return replace(person, notes=())


def _updated(found: list[Any], wanted: Wanted) -> datetime:
    dates = [each.entry_date for each in found if each.entry_date is not None]
    return max(dates, default=wanted.min_entry_date or UNDATED)
