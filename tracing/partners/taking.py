"""Take in what a partner sends: people become cases, notes become clues, and what has expired there is erased here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, CaseKind, Clone, ImportRun, LegalBasis, Role
from tracing.errors import Invalid, NotFound, Refused, WrongState
from tracing.exchange.pfif.reading import Reading, Skipped
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.importing.columns import Column
from tracing.importing.importing import OTHERS, Importing
from tracing.importing.plans import Photos, Plan
from tracing.partners.people import PersonDrafts
from tracing.partners.who import FUTURE, MOST_AHEAD, Who
from tracing.ports import Clock, RecordStore

NEWER: Final = "What is here was written later; an older version changes nothing."
TAKEN: Final = "take_from_partner"
"""The audit's name for it."""


@dataclass(frozen=True, slots=True)
class Sender:
    """``kind``: what their people are where no note gives a status. ``deaths``: see ``Partner``."""

    domain: str
    legal_basis: LegalBasis
    kind: CaseKind = CaseKind.MISSING
    deaths: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the records of a file: ``parsed`` is the sum of the others, people and notes alike.

    ``written`` are new or changed, ``left`` change nothing, of ``erased`` people the record has expired.
    """

    run: ImportRun
    parsed: int
    written: int
    left: int
    erased: int
    skipped: tuple[Skipped, ...]


class _Batch:
    """What became of the records so far."""

    def __init__(self, skipped: Sequence[Skipped]) -> None:
        self.skipped = list(skipped)
        self.written = 0
        self.left = 0
        self.erased = 0

    def skip(self, record_id: str, error: str) -> None:
        self.skipped.append(Skipped(record_id, error))


class Taking:
    """``read`` reads a file; ``erase`` erases a case as the service itself. ``domain`` is ours."""

    def __init__(
        self,
        store: RecordStore,
        importing: Importing,
        who: Who,
        read: Callable[[bytes, str], Reading],
        erase: Callable[[str], object],
        domain: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._importing = importing
        self._who = who
        self._read = read
        self._erase = erase
        self._domain = domain
        self._clock = clock

    def by_key(self, actor: Actor, data: bytes) -> Taken:
        """From a partner's program: records of the domain that its account is tied to, for the station it is of."""
        require(actor, Permission.WRITE_PFIF)
        with self._store.reading() as records:
            partner = records.partners.partner(actor.account_id)
        if partner is None:
            raise WrongState("This key is tied to no domain: the operator does that with `tracing pfif tie`.")
        sender = Sender(partner.domain, partner.legal_basis, deaths=partner.deaths)
        return self.take(replace(actor, role=Role.SERVICE), data, sender, "pfif")

    def take(
        self,
        actor: Actor,
        data: bytes,
        sender: Sender,
        file_name: str,
        photos: Photos | None = None,
        report: Callable[[int, int], object] = lambda *_: None,
    ) -> Taken:
        """Bring in what can be, and say of each record that cannot why; none costs another. Sent again it changes nothing.

        A record replaces what is here of it unless that was written later, but for what people here have written themselves.
        A placeholder, or a record that has expired, erases the case with its photos and everything made of them.

        Raises ``Invalid``, and changes nothing, where the file is no PFIF, or our own.
        """
        require(actor, Permission.OPEN_CASES)
        require(actor, Permission.EDIT_CASES)
        if sender.domain == self._domain:
            raise Invalid("These would be records of our own domain: they are told by us, and not to us.", "source")
        reading = self._read(data, sender.domain)
        batch = _Batch(reading.skipped)
        persons = self._current(actor, sender, reading.persons, batch)
        run = self._bring(actor, sender, persons, file_name, hashlib.sha256(data).digest(), batch, photos, report)
        self._take_notes(actor, sender, [*(note for person in reading.persons for note in person.notes), *reading.notes], batch)
        told = {"erased": batch.erased, "skipped": len(batch.skipped), "written": batch.written}
        with self._store.transaction() as records:
            records.audit.append(actor, TAKEN, run.run_id, told)
        return Taken(run, reading.parsed, batch.written, batch.left, batch.erased, tuple(batch.skipped))

    def _current(self, actor: Actor, sender: Sender, persons: Sequence[PersonRecord], batch: _Batch) -> list[PersonRecord]:
        """Those that may change what is here; of those that have expired the cases are erased."""
        with self._store.reading() as records:
            known = records.imports.known(sender.domain, [person.person_record_id for person in persons])
            ids = {each.case_id for each in known.values()}
            clones, cases = records.partners.clones(ids), records.cases.by_ids(ids)
        current, now = [], self._clock()
        for person in persons:
            case = cases.get(known[person.person_record_id].case_id) if person.person_record_id in known else None
            ours = clones.get(case.case_id) if case is not None else None
            if person.source_date > now + MOST_AHEAD:
                batch.skip(person.person_record_id, FUTURE)
            elif ours is not None and person.source_date < ours.source_date <= now + MOST_AHEAD:
                batch.skip(person.person_record_id, NEWER)
            elif not person.placeholder and not person.expired(now):
                current.append(person)
            elif case is None:
                batch.left += 1
            elif case.station_id != actor.station_id:
                batch.skip(person.person_record_id, OTHERS)
            else:
                self._let_go(case.case_id, batch)
        return current

    def _let_go(self, case_id: str, batch: _Batch) -> None:
        try:
            self._erase(case_id)
        except NotFound:  # its time is over here as well, and the worker is about to erase it
            batch.left += 1
        else:
            batch.erased += 1

    def _bring(
        self,
        actor: Actor,
        sender: Sender,
        persons: Sequence[PersonRecord],
        file_name: str,
        digest: bytes,
        batch: _Batch,
        photos: Photos | None,
        report: Callable[[int, int], object],
    ) -> ImportRun:
        ids = [person.person_record_id for person in persons]
        with self._store.reading() as records:
            known = records.imports.known(sender.domain, ids)
            cases = records.cases.by_ids({each.case_id for each in known.values()})
        here = {
            record_id: (cases[each.case_id].kind, cases[each.case_id].opened_at.date())
            for record_id, each in known.items()
            if each.case_id in cases
        }
        drafts = PersonDrafts(persons, here, sender.kind, self._clock().date())
        plan = Plan(sender.domain, sender.kind, sender.legal_basis)
        run = self._importing.bring(actor, plan, drafts, file_name, digest, photos, report)
        with self._store.transaction() as records:
            known = records.imports.known(sender.domain, ids)
            dated = [
                Clone(known[person.person_record_id].case_id, person.source_date, person.expiry_date)
                for person in persons
                if person.person_record_id in known
            ]
            records.partners.put_clones(dated)
            refused = [row for row in records.imports.refused(run.run_id, len(ids) + 1) if row.column != Column.PHOTOS]
        for row in refused:
            batch.skip(drafts.id_of(row.row), row.mistake)
        batch.written += run.new + run.changed
        batch.left += run.unchanged
        return run

    def _take_notes(self, actor: Actor, sender: Sender, notes: Sequence[NoteRecord], batch: _Batch) -> None:
        """Of two that answer each other the first one is not answered yet: what links is tried once more at the end."""
        links = (note.linked_person_record_id for note in notes)
        again = [
            note for note, link in zip(notes, links, strict=True) if self._take_note(actor, sender, note, batch, last=not link)
        ]
        for note in again:
            self._take_note(actor, sender, note, batch, last=True)

    def _take_note(self, actor: Actor, sender: Sender, note: NoteRecord, batch: _Batch, last: bool) -> bool:
        """Whether it is to be tried again."""
        try:
            changed = self._who.take(actor, note, sender.deaths)
        except Refused as error:
            if last:
                batch.skip(note.note_record_id, str(error))
            return not last
        batch.written += changed
        batch.left += not changed
        return False
