"""Keep what partners are told in step with the cases: told anew when it has changed, ended when it may not be told any more."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import UNSHARED, Actor, Case, Pair, Share, ToldNote, ToldRecord
from tracing.exchange.pfif.layout import RECORD_ID
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.partners.outline import Outline, digest_of, farewell, linked, outline_of, reunited
from tracing.partners.permitted import Permitted, permitted
from tracing.ports import Clock
from tracing.records import Records

FAREWELL: Final = timedelta(hours=23)
"""So long partners are told that somebody is reunited, before the record ends: less than a day, noticing it included."""


@dataclass(slots=True)
class Settled:
    """What partners may be told now, with its dates. ``changed``: ids of records and notes that were told anew or ended."""

    persons: dict[str, PersonRecord] = field(default_factory=dict)
    notes: dict[str, NoteRecord] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)


class Settling:
    """``address`` is that of the pages for everybody; empty where there are none."""

    def __init__(self, domain: str, address: str, clock: Clock) -> None:
        self._domain = domain
        self._address = address
        self._clock = clock

    def settle(self, records: Records, shares: Sequence[Share]) -> Settled:
        """Bring what is told of these cases up to date, and give it back as it may be told at this moment."""
        now, settled = self._clock(), Settled()
        cases = records.cases.by_ids({share.case_id for share in shares})
        allowed = permitted(records, cases, now)
        living = {
            case_id
            for case_id, case in cases.items()
            if (case_id in allowed or reunited(case)) and (case.expires_at is None or case.expires_at > now)
        }
        over = {share.case_id for share in shares if share.ends_at <= now or share.case_id not in living}
        self.end(records, [share for share in shares if share.case_id in over], settled)
        going_on = [self._shortened(records, share, cases[share.case_id], now) for share in shares if share.case_id not in over]
        said = records.partners.notes_of({share.record_id for share in going_on})
        outlines = self._outlines(records, going_on, cases, allowed, said)
        self._tell(records, going_on, outlines, said, settled)
        return settled

    def end(self, records: Records, shares: Sequence[Share], settled: Settled | None = None, actor: Actor = SYSTEM) -> None:
        """Partners are told no more of these than that the record has expired. It does not come back under this id."""
        if not shares:
            return
        ids = {share.record_id for share in shares}
        records.partners.end(ids, records.partners.entry_date(self._clock()))
        for share in shares:
            records.audit.append(actor, UNSHARED, share.case_id)
        if settled is not None:
            settled.changed |= ids

    def end_orphans(self, records: Records) -> int:
        """Those of erased cases; how many."""
        ids = records.partners.orphans()
        if ids:
            records.partners.end(ids, records.partners.entry_date(self._clock()))
        return len(ids)

    @staticmethod
    def _shortened(records: Records, share: Share, case: Case, now: datetime) -> Share:
        """It ends with the time of the case, and soon where the person is reunited with their family."""
        ends = [share.ends_at, *([case.expires_at] if case.expires_at is not None else [])]
        if reunited(case):
            ends.append(now.replace(microsecond=0) + FAREWELL)
        if min(ends) < share.ends_at:
            share = replace(share, ends_at=min(ends))
            records.partners.shorten(share.case_id, share.ends_at)
        return share

    def _outlines(
        self,
        records: Records,
        shares: Sequence[Share],
        cases: Mapping[str, Case],
        allowed: Mapping[str, Permitted],
        said: Mapping[str, Sequence[ToldNote]],
    ) -> dict[str, Outline]:
        now, stations = self._clock(), {each.station_id: each.name for each in records.stations.all()}
        pairs = records.partners.links({share.case_id for share in shares} & allowed.keys())
        called = self._called(records, {case_id for pair in pairs for case_id in pair.case_ids}, now)
        found = {}
        for share in shares:
            case = cases[share.case_id]
            told = allowed.get(share.case_id)
            if told is None:
                found[share.record_id] = farewell(share.record_id, self._domain)
                continue
            publisher = self._domain if told.place_hidden else stations.get(case.station_id, self._domain)
            outline = outline_of(case.kind, told, share.record_id, publisher, self._address, now)
            for pair in _of(pairs, case.case_id):
                other_id, theirs = called.get(pair.other(case.case_id), ("", False))
                if other_id:
                    outline = linked(outline, pair, other_id, theirs, said.get(share.record_id, ()))
            found[share.record_id] = outline
        return found

    @staticmethod
    def _called(records: Records, case_ids: Some[str], now: datetime) -> dict[str, tuple[str, bool]]:
        """case_id -> what partners call the person: our own record's id, or (True) a partner's that the case came from."""
        cases = records.cases.by_ids(case_ids)
        shares = records.partners.shares_of_cases(cases)
        allowed = permitted(records, {case_id: cases[case_id] for case_id in shares}, now)
        called: dict[str, tuple[str, bool]] = {}
        for case_id in cases:
            if case_id in shares:
                if shares[case_id].ends_at > now and case_id in allowed:
                    called[case_id] = (shares[case_id].record_id, False)
            elif (source := records.rights.source(case_id)) is not None and is_a_clone(source.source, source.source_id):
                called[case_id] = (source.source_id, True)
        return called

    def _tell(
        self,
        records: Records,
        shares: Sequence[Share],
        outlines: Mapping[str, Outline],
        said: Mapping[str, Sequence[ToldNote]],
        settled: Settled,
    ) -> None:
        before = records.partners.told({share.record_id for share in shares})
        entry = _Entry(records, self._clock())
        new_records, new_notes, gone = [], [], []
        for share in shares:
            outline, record_id = outlines[share.record_id], share.record_id
            told = before.get(record_id)
            digest = digest_of(outline.person, share.ends_at.isoformat())
            if told is None or told.digest != digest:
                told = ToldRecord(record_id, digest, entry.date, entry.date, share.ends_at)
                new_records.append(told)
            earlier = {note.note_id: note for note in said.get(record_id, ())}
            notes = {}
            for note in outline.notes:
                note_id, digest = note.note_record_id, digest_of(note)
                known = earlier.get(note_id)
                if known is None or known.digest != digest:
                    pair_id = outline.pairs.get(note_id)
                    about = note.person_record_id
                    known = ToldNote(note_id, record_id, about, pair_id, digest, entry.date, entry.date)
                    new_notes.append(known)
                notes[note_id] = replace(note, source_date=known.source_date, entry_date=known.entry_date)
            gone += [note_id for note_id in earlier if note_id not in notes]
            own = tuple(notes[note.note_record_id] for note in outline.person.notes)
            settled.notes |= notes
            settled.persons[record_id] = _dated(outline.person, told, own)
        records.partners.put(new_records)
        records.partners.put_notes(new_notes)
        records.partners.drop_notes(gone)
        settled.changed |= {each.record_id for each in new_records} | {each.note_id for each in new_notes} | set(gone)


class _Entry:
    """The entry date of what is told anew: taken once, and only where there is something."""

    def __init__(self, records: Records, now: datetime) -> None:
        self._records = records
        self._now = now
        self._taken: datetime | None = None

    @property
    def date(self) -> datetime:
        if self._taken is None:
            self._taken = self._records.partners.entry_date(self._now)
        return self._taken


def placeholder(told: ToldRecord) -> PersonRecord:
    """All that partners are told of a record that has ended."""
    return PersonRecord(told.record_id, told.source_date, entry_date=told.entry_date, expiry_date=told.expiry_date)


def is_a_clone(source: str, source_id: str) -> bool:
    """Whether a case came from a PFIF repository, where the record has this id."""
    found = RECORD_ID.fullmatch(source_id)
    return found is not None and found[1].lower() == source


def _dated(person: PersonRecord, told: ToldRecord, notes: tuple[NoteRecord, ...]) -> PersonRecord:
    return replace(person, source_date=told.source_date, entry_date=told.entry_date, expiry_date=told.expiry_date, notes=notes)


def _of(pairs: Iterable[Pair], case_id: str) -> list[Pair]:
    return [pair for pair in pairs if case_id in pair.case_ids]
