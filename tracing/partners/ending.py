"""Which records of a sender have ended: their cases go, and no older version of one brings anybody back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tracing.domain import Actor, Case, Clone, Source
from tracing.exchange.pfif.reading import Skipped
from tracing.exchange.pfif.records import PersonRecord
from tracing.importing.importing import OTHERS
from tracing.partners.who import FUTURE, MOST_AHEAD
from tracing.ports import Clock, RecordStore
from tracing.records import Records

NEWER: Final = "What is here was written later; an older version changes nothing."
ENDED: Final = "The sender has ended this record, and this version was not written later: what has ended does not come back."


@dataclass(frozen=True, slots=True)
class _Here:
    """What there is here of a record; ``ended``: the ``source_date`` that its sender has ended it with."""

    case: Case | None = None
    clone: Clone | None = None
    ended: datetime | None = None

    def outdates(self, source_date: datetime, now: datetime) -> bool:
        """Whether what is here was written later than that, and not in a future that nothing could replace."""
        return self.clone is not None and source_date < self.clone.source_date <= now + MOST_AHEAD

    def has_ended(self, source_date: datetime, now: datetime) -> bool:
        """Whether the record, as it was written then, has ended."""
        ends = (self.ended, self.clone.source_date if self.clone is not None and self.clone.expired(now) else None)
        return any(end is not None and source_date <= end for end in ends)

    def over(self, now: datetime) -> bool:
        """Whether its case is here, and the worker is about to erase it."""
        return self.case is not None and self.case.expires_at is not None and self.case.expires_at <= now


class Ending:
    """``erase`` erases a case whose time is over, and says whether it was. ``domain`` is always the sender's."""

    def __init__(self, store: RecordStore, erase: Callable[[str], bool], clock: Clock) -> None:
        self._store = store
        self._erase = erase
        self._clock = clock

    def end(self, actor: Actor, domain: str, persons: Sequence[PersonRecord]) -> tuple[int, list[Skipped]]:
        """Keep in mind that these have ended, each another one, and erase their cases: how many those were, and what may not
        end."""
        if not persons:
            return 0, []
        now = self._clock()
        with self._store.transaction() as records:
            here = _here(records, domain, persons)
            why_not = {person.person_record_id: self._may_not_end(actor, person, here, now) for person in persons}
            ended = {name: person.source_date for person in persons if not why_not[name := person.person_record_id]}
            records.ended.put({Source(domain, name): source_date for name, source_date in ended.items()}, now)
            self._date(records, domain, ended)
        with self._store.transaction() as records:  # whoever has opened one of them beside this could not know yet
            doomed = self._date(records, domain, ended)
        return self.erase(doomed), [Skipped(name, why) for name, why in why_not.items() if why]

    def current(self, domain: str, persons: Sequence[PersonRecord]) -> tuple[list[PersonRecord], list[Skipped]]:
        """Those that may change what is here, and those that may not."""
        with self._store.reading() as records:
            here = _here(records, domain, persons)
        current: list[PersonRecord] = []
        skipped: list[Skipped] = []
        now = self._clock()
        for person in persons:
            found = here[person.person_record_id]
            why = _outdated(person, found, now) or (ENDED if found.has_ended(person.source_date, now) else None)
            if why is not None:
                skipped.append(Skipped(person.person_record_id, why))
                continue
            if found.case is not None and found.over(now):
                self._erase(found.case.case_id)
            current.append(person)
        return current, skipped

    def ended_meanwhile(self, records: Records, domain: str, names: Sequence[str]) -> list[str]:
        """Cases of those that somebody else has ended while they were opened, over from now on."""
        return self._date(records, domain, _ended(records, domain, names))

    def erase(self, case_ids: Sequence[str]) -> int:
        return sum(self._erase(case_id) for case_id in case_ids)

    @staticmethod
    def _may_not_end(actor: Actor, person: PersonRecord, here: Mapping[str, _Here], now: datetime) -> str | None:
        found = here[person.person_record_id]
        of_others = found.case is not None and found.case.station_id != actor.station_id
        return _outdated(person, found, now) or (OTHERS if of_others else None)

    def _date(self, records: Records, domain: str, ended: Mapping[str, datetime]) -> list[str]:
        """Their cases, which are over from now on: a worker erases them where this is cut off."""
        now = self._clock()
        doomed = [
            Clone(found.case.case_id, ended[name], now)
            for name, found in _cases(records, domain, list(ended)).items()
            if found.case is not None and not found.outdates(ended[name], now)
        ]
        records.partners.put_clones(doomed)
        return [clone.case_id for clone in doomed]


def _outdated(person: PersonRecord, here: _Here, now: datetime) -> str | None:
    if person.source_date > now + MOST_AHEAD:
        return FUTURE
    return NEWER if here.outdates(person.source_date, now) else None


def _here(records: Records, domain: str, persons: Sequence[PersonRecord]) -> dict[str, _Here]:
    names = [person.person_record_id for person in persons]
    ended, here = _ended(records, domain, names), _cases(records, domain, names)
    return {name: replace(here.get(name, _Here()), ended=ended.get(name)) for name in names}


def _cases(records: Records, domain: str, names: Sequence[str]) -> dict[str, _Here]:
    known = {name: each.case_id for name, each in records.imports.known(domain, names).items()}
    cases, clones = records.cases.by_ids(known.values()), records.partners.clones(known.values())
    return {name: _Here(cases.get(case_id), clones.get(case_id)) for name, case_id in known.items()}


def _ended(records: Records, domain: str, names: Sequence[str]) -> dict[str, datetime]:
    found = records.ended.of([Source(domain, name) for name in names])
    return {source.source_id: source_date for source, source_date in found.items()}
