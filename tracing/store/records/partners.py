"""Whose case is shared with partners, what they were told, and what came from them."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, case, exists, or_, select, union_all

from tracing.domain import Clone, Pair, PairState, Partner, ReceivedNote, Share, ToldNote, ToldRecord, Wanted
from tracing.errors import Conflict
from tracing.store.rows import add, built, columns_of, portions, upsert, values_of
from tracing.store.tables import (
    cases,
    clones,
    counters,
    pairs,
    partner_links,
    partners,
    received_notes,
    shares,
    told_notes,
    told_records,
)

COUNTER: Final = "entry_date"
"""The row of ``counters`` with the last entry date, in seconds."""
SHARE: Final = columns_of(shares, Share)
RECORD: Final = columns_of(told_records, ToldRecord)
NOTE: Final = columns_of(told_notes, ToldNote)
SPOKEN: Final = (PairState.VERIFIED, PairState.REVOKED)


class SqlPartners:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def share(self, share: Share) -> None:
        try:
            add(self._connection, shares, [values_of(share)])
        except Conflict as taken:
            raise Conflict("This case is shared with partners already.") from taken

    def share_of(self, case_id: str) -> Share | None:
        return self.shares_of_cases([case_id]).get(case_id)

    def shares(self, after: str, limit: int) -> list[Share]:
        query = select(*SHARE).where(shares.c.case_id > after).order_by(shares.c.case_id).limit(limit)
        return [built(Share, row) for row in self._connection.execute(query)]

    def shares_touched(self, subjects: Some[str]) -> list[Share]:
        found: dict[str, Share] = {}
        for portion in portions(set(subjects)):
            mine = pairs.c.pair_id.in_(portion)
            paired = union_all(select(pairs.c.low_case_id).where(mine), select(pairs.c.high_case_id).where(mine))
            touched = or_(shares.c.case_id.in_(portion), shares.c.case_id.in_(paired))
            found |= {row.case_id: built(Share, row) for row in self._connection.execute(select(*SHARE).where(touched))}
        return [found[case_id] for case_id in sorted(found)]

    def shares_of(self, record_ids: Some[str]) -> dict[str, Share]:
        return {share.record_id: share for share in self._shares(shares.c.record_id, record_ids)}

    def shares_of_cases(self, case_ids: Some[str]) -> dict[str, Share]:
        return {share.case_id: share for share in self._shares(shares.c.case_id, case_ids)}

    def _shares(self, column: Any, values: Some[str]) -> list[Share]:
        found: list[Share] = []
        for portion in portions(set(values)):
            found += [built(Share, row) for row in self._connection.execute(select(*SHARE).where(column.in_(portion)))]
        return found

    def shorten(self, case_id: str, ends_at: datetime) -> None:
        self._connection.execute(shares.update().where(shares.c.case_id == case_id).values(ends_at=ends_at))

    def end(self, record_ids: Some[str], at: datetime) -> None:
        over = {"digest": "", "source_date": at, "entry_date": at, "expiry_date": at}
        for portion in portions(sorted(record_ids)):
            self._connection.execute(shares.delete().where(shares.c.record_id.in_(portion)))
            self._connection.execute(told_notes.delete().where(told_notes.c.record_id.in_(portion)))
            self._connection.execute(told_records.update().where(told_records.c.record_id.in_(portion)).values(over))

    def orphans(self) -> list[str]:
        shared = select(shares.c.record_id).where(shares.c.record_id == told_records.c.record_id).exists()
        query = select(told_records.c.record_id).where(told_records.c.digest != "", ~shared)
        return list(self._connection.execute(query.order_by(told_records.c.record_id)).scalars())

    def told(self, record_ids: Some[str]) -> dict[str, ToldRecord]:
        found: dict[str, ToldRecord] = {}
        for portion in portions(set(record_ids)):
            rows = self._connection.execute(select(*RECORD).where(told_records.c.record_id.in_(portion)))
            found |= {row.record_id: built(ToldRecord, row) for row in rows}
        return found

    def put(self, told: Sequence[ToldRecord]) -> None:
        self._put(told_records, told, ("digest", "source_date", "entry_date", "expiry_date"))

    def notes_of(self, record_ids: Some[str]) -> dict[str, list[ToldNote]]:
        found: dict[str, list[ToldNote]] = {}
        for portion in portions(set(record_ids)):
            query = select(*NOTE).where(told_notes.c.record_id.in_(portion)).order_by(told_notes.c.note_id)
            for row in self._connection.execute(query):
                found.setdefault(row.record_id, []).append(built(ToldNote, row))
        return found

    def put_notes(self, told: Sequence[ToldNote]) -> None:
        self._put(told_notes, told, ("about", "digest", "source_date", "entry_date"))

    def _put(self, table: Any, told: Sequence[Any], renewed: tuple[str, ...]) -> None:
        if told:
            written = upsert(self._connection, table)
            values = {name: written.excluded[name] for name in renewed}
            (key,) = table.primary_key.columns
            statement = written.on_conflict_do_update(index_elements=[key], set_=values)
            self._connection.execute(statement, [values_of(each) for each in told])

    def drop_notes(self, note_ids: Some[str]) -> None:
        for portion in portions(sorted(note_ids)):
            self._connection.execute(told_notes.delete().where(told_notes.c.note_id.in_(portion)))

    def page(self, wanted: Wanted) -> list[ToldRecord]:
        rows = self._page(told_records, RECORD, told_records.c.record_id, told_records.c.record_id, wanted)
        return [built(ToldRecord, row) for row in rows]

    def note_page(self, wanted: Wanted) -> list[ToldNote]:
        rows = self._page(told_notes, NOTE, told_notes.c.about, told_notes.c.note_id, wanted)
        return [built(ToldNote, row) for row in rows]

    def _page(self, table: Any, columns: Any, about: Any, key: Any, wanted: Wanted) -> Any:
        query = select(*columns).order_by(table.c.entry_date, key).offset(wanted.skip).limit(wanted.max_results)
        if wanted.min_entry_date is not None:
            query = query.where(table.c.entry_date >= wanted.min_entry_date)
        if wanted.record_id:
            query = query.where(about == wanted.record_id)
        return self._connection.execute(query)

    def entry_date(self, now: datetime) -> datetime:
        taken = upsert(self._connection, counters).values(name=COUNTER, value=int(now.timestamp()))
        later = case((counters.c.value > taken.excluded.value, counters.c.value), else_=taken.excluded.value)
        statement = taken.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": later})
        return datetime.fromtimestamp(self._connection.execute(statement.returning(counters.c.value)).scalar_one(), UTC)

    def links(self, case_ids: Some[str]) -> list[Pair]:
        found: dict[str, Pair] = {}
        for portion in portions(set(case_ids)):
            own = or_(pairs.c.low_case_id.in_(portion), pairs.c.high_case_id.in_(portion))
            rows = self._connection.execute(select(*columns_of(pairs, Pair)).where(own, pairs.c.state.in_(SPOKEN)))
            found |= {row.pair_id: built(Pair, row) for row in rows}
        return [found[pair_id] for pair_id in sorted(found)]

    def tie(self, partner: Partner) -> None:
        self._put(partners, [partner], ("domain", "legal_basis", "deaths", "tied_at"))

    def partner(self, account_id: str) -> Partner | None:
        query = select(*columns_of(partners, Partner)).where(partners.c.account_id == account_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(Partner, row)

    def partners(self) -> list[Partner]:
        query = select(*columns_of(partners, Partner)).order_by(partners.c.domain, partners.c.account_id)
        return [built(Partner, row) for row in self._connection.execute(query)]

    def clones(self, case_ids: Some[str]) -> dict[str, Clone]:
        found: dict[str, Clone] = {}
        for portion in portions(set(case_ids)):
            rows = self._connection.execute(select(*columns_of(clones, Clone)).where(clones.c.case_id.in_(portion)))
            found |= {row.case_id: built(Clone, row) for row in rows}
        return found

    def put_clones(self, told: Sequence[Clone]) -> None:
        self._put(clones, told, ("source_date", "expiry_date"))
        for each in told:
            if each.expiry_date is not None:
                later = or_(cases.c.expires_at.is_(None), cases.c.expires_at > each.expiry_date)
                sooner = cases.update().where(cases.c.case_id == each.case_id, later).values(expires_at=each.expiry_date)
                self._connection.execute(sooner)

    def received(self, note_id: str) -> ReceivedNote | None:
        query = select(*columns_of(received_notes, ReceivedNote)).where(received_notes.c.note_id == note_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else built(ReceivedNote, row)

    def received_of(self, case_id: str) -> list[ReceivedNote]:
        query = select(*columns_of(received_notes, ReceivedNote)).where(received_notes.c.case_id == case_id)
        oldest_first = query.order_by(received_notes.c.source_date, received_notes.c.note_id)
        return [built(ReceivedNote, row) for row in self._connection.execute(oldest_first)]

    def put_received(self, note: ReceivedNote) -> None:
        self._put(received_notes, [note], ("case_id", "clue_id", "digest", "source_date", "linked_id", "status", "taken"))

    def says_same(self, case_id: str, record_id: str) -> bool:
        said = exists().where(received_notes.c.case_id == case_id, received_notes.c.linked_id == record_id)
        return bool(self._connection.execute(select(said)).scalar_one())

    def link(self, pair_id: str, at: datetime) -> bool:
        statement = upsert(self._connection, partner_links).values(pair_id=pair_id, found_at=at).on_conflict_do_nothing()
        return self._connection.execute(statement.returning(partner_links.c.pair_id)).one_or_none() is not None

    def unlink(self, pair_id: str) -> None:
        self._connection.execute(partner_links.delete().where(partner_links.c.pair_id == pair_id))
