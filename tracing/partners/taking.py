"""Take in what a partner sends: people become cases, notes become clues, and what has expired there is erased here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import not_
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, CaseKind, Clone, ImportRun, LegalBasis, Role
from tracing.errors import Invalid, Refused, WrongState
from tracing.exchange.pfif.reading import Reading, Skipped
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.importing.columns import Column
from tracing.importing.importing import Importing
from tracing.importing.plans import Photos, Plan
from tracing.partners.ending import Ending
from tracing.partners.people import PersonDrafts
from tracing.partners.who import Who
from tracing.ports import Clock, RecordStore

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
    """``read`` reads a file; ``domain`` is ours."""

    def __init__(
        self,
        store: RecordStore,
        importing: Importing,
        who: Who,
        read: Callable[[bytes, str], Reading],
        ending: Ending,
        domain: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._importing = importing
        self._who = who
        self._read = read
        self._ending = ending
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
        A placeholder, or a record that has expired, erases the case with its photos and everything made of them, and no version
        of the record that was not written later than it brings the person back.

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
        """Those that may change what is here; of those that have ended the cases are erased."""
        now = self._clock()
        ends = [person.placeholder or person.expired(now) for person in persons]
        over = list(compress(persons, ends))
        erased, refused = self._ending.end(actor, sender.domain, over)
        current, outdated = self._ending.current(sender.domain, list(compress(persons, map(not_, ends))))
        batch.erased += erased
        batch.left += len(over) - len(refused) - erased
        batch.skipped += [*refused, *outdated]
        return current

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
            rows = [row for row in records.imports.refused(run.run_id, len(ids) + 1) if row.column != Column.PHOTOS]
            refused = {drafts.id_of(row.row): row.mistake for row in rows}
            known = records.imports.known(sender.domain, [name for name in ids if name not in refused])
            dated = [
                Clone(known[person.person_record_id].case_id, person.source_date, person.expiry_date)
                for person in persons
                if person.person_record_id in known
            ]
            records.partners.put_clones(dated)
            meanwhile = self._ending.ended_meanwhile(records, sender.domain, list(known))
        self._ending.erase(meanwhile)
        for name, mistake in refused.items():
            batch.skip(name, mistake)
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
