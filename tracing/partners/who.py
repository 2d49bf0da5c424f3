"""Notes that partners send: what they say of a person is a clue, and that two records are one person is for people to judge."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Final

from tracing.clues.interviews import Interviews
from tracing.clues.support import bring_back
from tracing.domain import Actor, Case, Contact, PairState, ReceivedNote, Relation, Told
from tracing.errors import Conflict, NotAllowed, NotFound
from tracing.exchange.pfif.layout import RECORD_ID
from tracing.exchange.pfif.records import NoteRecord
from tracing.importing.drafts import ROLES
from tracing.partners.people import contact, words_of
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Opening, Records

NOBODY: Final = "Nobody here has the record that this note is about."
OLDER: Final = "What is here of this note was written later; an older version changes nothing."
MOVED: Final = "This note was about somebody else before."
DEATHS: Final = "That somebody is believed dead is not taken from this sender; the operator may allow it."
ONE_SIDED: Final = (
    "No note about the record that this one links to links back: that two records are one person is taken once both say so. "
    "Send this note again then."
)
FUTURE: Final = "Its source_date lies in the future: nothing that is written later could replace it, or end it."
MOST_AHEAD: Final = timedelta(days=1)
"""As far as clocks and time zones are wrong."""
REVISED: Final = "The partner has written the note anew."
LINKED: Final = "link_cases"
"""The audit's name for what partners say of two cases."""


class Who:
    """``interviews`` keeps what was said; whoever calls this may change cases."""

    def __init__(self, store: RecordStore, interviews: Interviews, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._interviews = interviews
        self._clock = clock
        self._new_id = new_id

    def take(self, actor: Actor, note: NoteRecord, deaths: bool) -> bool:
        """Keep what the note says; whether anything is new. What cannot be taken raises, with the reason for the sender.

        With a link it is taken once a note about the other record links back: then the two wait for reviewers as a pair like
        any other, and no step further.
        """
        digest = hashlib.sha256(json.dumps(asdict(replace(note, entry_date=None)), default=str).encode()).hexdigest()
        with self._store.transaction() as records:
            case = self._case_of(records, note.person_record_id)
            if case is None:
                raise NotFound(NOBODY)
            if note.status == "believed_dead" and not deaths:
                raise NotAllowed(DEATHS)
            if note.source_date > self._clock() + MOST_AHEAD:
                raise Conflict(FUTURE)
            before = records.partners.received(note.note_record_id)
            self._check(before, case, note)
            if before is not None and before.taken and before.digest == digest:
                return False
            other = self._case_of(records, note.linked_person_record_id)
            answered = self._answered(records, case, other, note)
            if before is not None and before.linked_id not in ("", note.linked_person_record_id):
                self._unlink(records, case, before.linked_id)
            clue_id = before.clue_id if before is not None and before.clue_id else self._new_id()
            kept = ReceivedNote(
                note_id=note.note_record_id,
                case_id=case.case_id,
                clue_id=clue_id if answered else "",
                digest="",
                source_date=note.source_date,
                linked_id=note.linked_person_record_id,
                status=note.status,
                taken=before is not None and before.taken and answered,
            )
            records.partners.put_received(kept)
            if answered and other is not None:
                self._lead(records, actor, case, other)
        if not answered:
            raise Conflict(ONE_SIDED)
        self._write_down(replace(actor, station_id=case.station_id), case, note, kept)
        with self._store.transaction() as records:
            self._add_contacts(records, case, note)
            records.partners.put_received(replace(kept, digest=digest, taken=True))
        return True

    @staticmethod
    def _check(before: ReceivedNote | None, case: Case, note: NoteRecord) -> None:
        if before is None:
            return
        if before.case_id != case.case_id:
            raise Conflict(MOVED)
        if before.source_date > note.source_date:
            raise Conflict(OLDER)

    @staticmethod
    def _case_of(records: Records, record_id: str) -> Case | None:
        """The case that partners know by this id: one that we share, or one that came from them."""
        found = RECORD_ID.fullmatch(record_id)
        if found is None:
            return None
        share = records.partners.shares_of([record_id]).get(record_id)
        clone = records.imports.known(found[1].lower(), [record_id]).get(record_id) if share is None else None
        case_id = share.case_id if share is not None else clone.case_id if clone is not None else ""
        return records.cases.by_ids([case_id]).get(case_id)

    @staticmethod
    def _answered(records: Records, case: Case, other: Case | None, note: NoteRecord) -> bool:
        """Whether the note links to nothing, or the other side says the same: by a note, or by people here who verified it."""
        if not note.linked_person_record_id:
            return True
        if other is None:
            return False
        pair = records.pairs.between(case.case_id, other.case_id)
        verified = pair is not None and pair.state in (PairState.VERIFIED, PairState.REUNITED)
        return verified or records.partners.says_same(other.case_id, note.person_record_id)

    def _lead(self, records: Records, actor: Actor, case: Case, other: Case) -> None:
        """Let the two wait for review, where they may be compared. What people have judged stays as it is."""
        if case.case_id == other.case_id or not (case.comparable and other.comparable):
            return
        low, high = sorted((case, other), key=lambda each: each.case_id)
        both, now = (low.case_id, high.case_id), self._clock()
        generation = records.generations.active()
        opening = Opening(*both, Relation.between(low.kind, high.kind), generation.generation_id)
        records.pairs.open([opening], now)
        bring_back(records, {both}, now)
        pair = records.pairs.between(*both)
        if pair is not None and records.partners.link(pair.pair_id, now):
            records.audit.append(actor, LINKED, pair.pair_id, {"cases": list(both)})

    def _unlink(self, records: Records, case: Case, linked_id: str) -> None:
        other = self._case_of(records, linked_id)
        pair = records.pairs.between(case.case_id, other.case_id) if other is not None else None
        if pair is not None:
            records.partners.unlink(pair.pair_id)

    def _write_down(self, actor: Actor, case: Case, note: NoteRecord, kept: ReceivedNote) -> None:
        """As a clue of the case, by the partner's account; written anew where the note was."""
        told = Told(words_of(note), note.source_date)
        if not kept.taken:
            self._interviews.record(actor, case.case_id, told, kept.clue_id)
            return
        with self._store.reading() as records:
            current = records.clues.get(kept.clue_id)
        if current.clue.said != told.said:
            self._interviews.revise(actor, kept.clue_id, told, REVISED, current.version)

    def _add_contacts(self, records: Records, case: Case, note: NoteRecord) -> None:
        author = contact(ROLES[case.kind], note.author_name, note.author_phone, note.author_email)
        found = contact("found_person", "", note.phone_of_found_person, note.email_of_found_person)
        there = {(each.name, each.phone) for each in records.cases.contacts(case.case_id)}
        for each in (author, found):
            if each is not None and (each.name, each.phone) not in there:
                records.cases.add_contact(Contact(self._new_id(), case.case_id, each.role, each.name, each.phone))
