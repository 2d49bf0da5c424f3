"""Cases, whom to call about them, and whose search is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Some
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, and_, bindparam, case, func, or_, select, type_coerce

from tracing.domain import (
    Approval,
    Case,
    CaseFacts,
    CaseKind,
    CaseState,
    Channel,
    Closing,
    Collection,
    Contact,
    Description,
    LegalBasis,
    Source,
)
from tracing.errors import Stale
from tracing.folding import folded
from tracing.ports import Clock
from tracing.records import CaseFilter
from tracing.store.contexts import context_of
from tracing.store.keys import Keyring
from tracing.store.records.clues import forget_clue_search
from tracing.store.records.digests import SourceDigests
from tracing.store.records.duty import SEARCHABLE, searches, want_clue_search
from tracing.store.records.erasure import erase_case, erase_hits_of_records
from tracing.store.records.expiry import live, over, sooner
from tracing.store.records.gallery import SqlGallery, place, standing
from tracing.store.records.hits import USE
from tracing.store.records.names import KeysOf, no_keys, put_name_keys, typed
from tracing.store.records.stations import listed
from tracing.store.rows import add, built, columns_of, found, portions, upsert, values_of, word
from tracing.store.tables import (
    approvals,
    case_sources,
    cases,
    clones,
    closings,
    contacts,
    faces,
    photos,
    reference_counters,
    templates,
)

Until = Callable[[Case, datetime], datetime | None]
DESCRIBED: Final = [field.name for field in fields(Description)]
KEPT: Final = ("search_wanted", "search_done", "child_said")
"""What the store keeps by itself, whatever the case says that somebody has read before."""
COLUMNS: Final = columns_of(cases, Case, but=("description",)) + columns_of(cases, Description)
WORDS: Final = [type_coerce(column, Text()) for column in (cases.c.kind, cases.c.state, cases.c.legal_basis, cases.c.outcome)]
"""As the words that are stored: of millions of rows there are a few combinations, each looked at once by ``standing``."""
SAID: Final = (
    cases.c.opened_at,
    cases.c.birth_date,
    cases.c.age_min,
    cases.c.age_max,
    cases.c.seen_at,
    cases.c.sex,
    cases.c.height_cm,
)


def never(_case: Case, _since: datetime) -> None:
    """Nothing is over."""


LETTERS: Final = {CaseKind.MISSING: "M", CaseKind.SHELTERED: "S"}


class SqlCases:
    """A case whose time is over is read by nobody, whether it is erased yet or not. ``until`` tells when one that has come
    into its state at a moment is over."""

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        gallery: SqlGallery,
        clock: Clock,
        until: Until,
        keys_of: KeysOf = no_keys,
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._gallery = gallery
        self._clock = clock
        self._until = until
        self._keys_of = keys_of

    def next_references(self, kind: CaseKind, year: int, count: int) -> list[str]:
        counter = reference_counters.c
        statement = upsert(self._connection, reference_counters).values(kind=kind, year=year, value=count)
        statement = statement.on_conflict_do_update(
            index_elements=[counter.kind, counter.year], set_={"value": counter.value + count}
        )
        last = self._connection.execute(statement.returning(counter.value)).scalar_one()
        return [f"{LETTERS[kind]}-{year:04d}-{number:05d}" for number in range(last - count + 1, last + 1)]

    def add_all(self, new: Sequence[Case]) -> None:
        add(self._connection, cases, [_values(each) | self._begun(each) for each in new])
        put_name_keys(self._connection, self._keys_of, [(each.case_id, each.description.names) for each in new], anew=False)
        want_clue_search(self._connection, [each.case_id for each in new])

    def add(self, new: Case) -> None:
        self.add_all([new])

    def _begun(self, new: Case) -> dict[str, Any]:
        return {"state_since": new.opened_at, "expires_at": new.expires_at or self._until(new, new.opened_at)}

    def get(self, case_id: str) -> Case:
        row = self._connection.execute(select(*COLUMNS).where(cases.c.case_id == case_id, self._live())).one_or_none()
        return built_case(found(row, "case"))

    def by_ids(self, case_ids: Some[str]) -> dict[str, Case]:
        known: dict[str, Case] = {}
        for portion in portions(set(case_ids)):
            rows = self._connection.execute(select(*COLUMNS).where(cases.c.case_id.in_(portion)))
            known |= {row.case_id: self._as_it_may_be_read(built_case(row)) for row in rows}
        return known

    def by_reference(self, reference: str) -> Case | None:
        row = self._connection.execute(select(*COLUMNS).where(cases.c.reference == reference, self._live())).one_or_none()
        return None if row is None else built_case(row)

    def facts(self, case_ids: Some[str]) -> dict[str, CaseFacts]:
        known: dict[str, CaseFacts] = {}
        for portion in portions(set(case_ids)):
            query = select(cases.c.case_id, *WORDS, *SAID).where(cases.c.case_id.in_(portion), self._live())
            known |= {
                case_id: CaseFacts(case_id, *standing(kind, state, basis, outcome), *said)
                for case_id, kind, state, basis, outcome, *said in self._connection.execute(query)
            }
        return known

    def collections(self, case_ids: Some[str]) -> dict[str, Collection | None]:
        known: dict[str, Collection | None] = {}
        for portion in portions(set(case_ids)):
            query = select(cases.c.case_id, *WORDS).where(cases.c.case_id.in_(portion), self._live())
            known |= {case_id: place(*words) for case_id, *words in self._connection.execute(query)}
        return known

    def find(self, wanted: CaseFilter, limit: int, offset: int = 0) -> list[Case]:
        newest_first = (
            select(*COLUMNS)
            .where(*_conditions(wanted), self._live())
            .order_by(cases.c.opened_at.desc(), cases.c.case_id.desc())
        )
        return [built_case(row) for row in self._connection.execute(newest_first.limit(limit).offset(offset))]

    def count(self, wanted: CaseFilter) -> int:
        return self._connection.execute(
            select(func.count()).select_from(cases).where(*_conditions(wanted), self._live())
        ).scalar_one()

    def stations(self) -> list[str]:
        query = select(cases.c.station_id).where(self._live()).distinct().order_by(cases.c.station_id)
        return list(self._connection.execute(query).scalars())

    def save(self, changed: Case) -> Case:
        same = cases.c.case_id == changed.case_id
        row = self._connection.execute(select(*COLUMNS).where(same).with_for_update(key_share=True)).one_or_none()
        before = built_case(found(row, "case"))
        if before.version != changed.version:
            raise Stale("The case was changed by somebody else meanwhile. Read it again.")
        values = _values(changed, but=KEPT) | {"version": changed.version + 1} | self._dated(before, changed)
        saved = built_case(self._connection.execute(cases.update().where(same).values(values).returning(*COLUMNS)).one())
        if saved.description.names != before.description.names:
            named = [(saved.case_id, saved.description.names)]
            put_name_keys(self._connection, self._keys_of, named, anew=True)
        if (saved.description, saved.collection) != (before.description, before.collection):
            want_clue_search(self._connection, [saved.case_id])
        if searches(before) and not searches(saved):
            forget_clue_search(self._connection, saved.case_id)
        if saved.collection != before.collection:
            self._gallery.announce(self._templates_of(saved.case_id), saved.collection)
        return saved

    def _dated(self, before: Case, changed: Case) -> dict[str, Any]:
        """In another state the time for which it is kept begins anew."""
        standing = (before.kind, before.state, before.outcome)
        if (changed.kind, changed.state, changed.outcome) == standing:
            return {}
        now = self._clock()
        record = self._connection.execute(select(clones.c.expiry_date).where(clones.c.case_id == changed.case_id))
        return {"state_since": now, "expires_at": sooner(self._until(changed, now), record.scalar_one_or_none())}

    def _live(self) -> ColumnElement[bool]:
        return live(self._clock())

    def _as_it_may_be_read(self, case: Case) -> Case:
        """Of one whose time is over nothing but that it was there: for lists that name it until it is erased."""
        if case.expires_at is None or case.expires_at > self._clock():
            return case
        return replace(case, description=Description(), legal_basis=LegalBasis.NONE, state_reason="")

    def want_search(self, case_id: str) -> None:
        found(self._want([case_id]) or None, "case")

    def want_searches(self, case_ids: Some[str]) -> None:
        for portion in portions(sorted(case_ids)):
            in_order = select(cases.c.case_id).where(cases.c.case_id.in_(portion)).order_by(cases.c.case_id)
            self._want(list(self._connection.execute(in_order.with_for_update(key_share=True)).scalars()))

    def want_search_everywhere(self) -> int:
        encoded = (
            select(templates.c.template_id)
            .join(faces, templates.c.face_id == faces.c.face_id)
            .join(photos, faces.c.photo_id == photos.c.photo_id)
            .where(photos.c.case_id == cases.c.case_id, faces.c.of_interest)
        )
        # Locked in order, so that a reviewer who holds two cases and this do not wait for each other.
        all_of_them = select(cases.c.case_id).where(SEARCHABLE, self._live(), encoded.exists()).order_by(cases.c.case_id)
        return self._want(list(self._connection.execute(all_of_them.with_for_update(key_share=True)).scalars()))

    def searches_done(self, wanted: Mapping[str, int]) -> None:
        """Nothing happens where a case is gone, or where a later search has ended before. In the order of the cases."""
        if wanted:
            same = cases.c.case_id == bindparam("same"), cases.c.search_done < bindparam("reached")
            done = cases.update().where(*same).values(search_done=bindparam("reached"))
            self._connection.execute(done, [{"same": case_id, "reached": wanted[case_id]} for case_id in sorted(wanted)])

    def due(self, limit: int) -> list[str]:
        waiting = select(cases.c.case_id).where(SEARCHABLE, self._live(), cases.c.search_wanted > cases.c.search_done)
        return list(self._connection.execute(waiting.order_by(cases.c.opened_at, cases.c.case_id).limit(limit)).scalars())

    def count_due(self, station_id: str | None = None) -> int:
        due = select(func.count()).select_from(cases)
        due = due.where(SEARCHABLE, cases.c.search_wanted > cases.c.search_done, cases.c.case_id.not_in(over(self._clock())))
        due = due if station_id is None else due.where(cases.c.station_id == station_id)
        return self._connection.execute(due).scalar_one()

    def erase(self, case_id: str) -> list[str]:
        lock = select(cases.c.case_id).where(cases.c.case_id == case_id).with_for_update()
        found(self._connection.execute(lock).scalar_one_or_none(), "case")
        self._gallery.announce(self._templates_of(case_id), None)
        named = select(case_sources.c.source, case_sources.c.source_id).where(case_sources.c.case_id == case_id)
        sources = self._connection.execute(named)
        if its_records := [built(Source, row) for row in sources]:
            digests = SourceDigests(self._connection, self._keyring, USE)
            erase_hits_of_records(self._connection, digests.of(*its_records))
        return erase_case(self._connection, case_id)

    def add_contacts(self, new: Sequence[Contact]) -> None:
        add(self._connection, contacts, [self._sealed(each) for each in new])

    def add_contact(self, contact: Contact) -> None:
        self.add_contacts([contact])

    def _sealed(self, contact: Contact) -> dict[str, Any]:
        private = {"name": contact.name, "phone": contact.phone, "place": contact.place}
        sealed = self._keyring.seal_json(private, _context(contact.contact_id, contact.case_id))
        return values_of(contact, but=tuple(private)) | {"sealed": sealed}

    def add_approval(self, approval: Approval) -> None:
        add(self._connection, approvals, [values_of(approval)])

    def approvals(self, case_id: str) -> list[Approval]:
        query = select(*columns_of(approvals, Approval)).where(approvals.c.case_id == case_id)
        return [built(Approval, row) for row in self._connection.execute(query.order_by(approvals.c.given_at))]

    def all_approvals(self) -> list[Approval]:
        query = select(*columns_of(approvals, Approval)).join(cases, cases.c.case_id == approvals.c.case_id).where(self._live())
        query = query.order_by(approvals.c.given_at, approvals.c.case_id)
        return [built(Approval, row) for row in self._connection.execute(query)]

    def drop_approval(self, case_id: str, approver: str) -> bool:
        own = and_(approvals.c.case_id == case_id, approvals.c.approver == approver)
        return self._connection.execute(approvals.delete().where(own)).rowcount == 1

    def drop_approvals(self, case_id: str) -> None:
        self._connection.execute(approvals.delete().where(approvals.c.case_id == case_id))

    def contacts(self, case_id: str) -> list[Contact]:
        """By role and id."""
        query = (
            select(contacts).join(cases, cases.c.case_id == contacts.c.case_id).where(cases.c.case_id == case_id, self._live())
        )
        query = query.order_by(contacts.c.role, contacts.c.contact_id)
        return [self._contact(row) for row in self._connection.execute(query)]

    def add_closing(self, closing: Closing) -> None:
        add(self._connection, closings, [values_of(closing)])

    def closings(self) -> list[Closing]:
        """The other case is none any more once its time is over, as once it is erased."""
        gone = closings.c.other_case_id.in_(over(self._clock())).label("gone")
        query = _standing(select(*columns_of(closings, Closing), gone)).where(self._live()).order_by(closings.c.position)
        rows = [dict(row._mapping) for row in self._connection.execute(query)]
        return [Closing(**row | ({"other_case_id": None} if row.pop("gone") else {})) for row in rows]

    def closings_of(self, case_id: str) -> list[Closing]:
        query = select(*columns_of(closings, Closing)).where(closings.c.case_id == case_id).order_by(closings.c.position)
        return [Closing(**row._mapping) for row in self._connection.execute(query)]

    def count_closings(self) -> dict[tuple[Channel | None, bool], int]:
        by = (closings.c.channel, closings.c.in_galleries)
        rows = self._connection.execute(_standing(select(*by, func.count())).where(self._live()).group_by(*by))
        return {(channel, in_galleries): count for channel, in_galleries, count in rows}

    def _contact(self, row: Row[Any]) -> Contact:
        private = self._keyring.open_json(row.sealed, _context(row.contact_id, row.case_id))
        return Contact(
            contact_id=row.contact_id, case_id=row.case_id, role=row.role, safe_to_contact=row.safe_to_contact, **private
        )

    def _want(self, case_ids: Some[str]) -> int:
        """Count one more wish for each; how many there are."""
        one_more = cases.update().values(search_wanted=cases.c.search_wanted + 1)
        return sum(
            self._connection.execute(one_more.where(cases.c.case_id.in_(portion))).rowcount for portion in portions(case_ids)
        )

    def _templates_of(self, case_id: str) -> list[tuple[int, str]]:
        query = (
            select(templates.c.template_id, templates.c.encoder_id)
            .join(faces, templates.c.face_id == faces.c.face_id)
            .join(photos, faces.c.photo_id == photos.c.photo_id)
            .where(photos.c.case_id == case_id)
            .order_by(templates.c.template_id)
        )
        return [(template_id, encoder_id) for template_id, encoder_id in self._connection.execute(query)]


def _values(some: Case, but: Some[str] = ()) -> dict[str, Any]:
    described = values_of(some.description)
    sought = folded("\n".join([some.reference, *some.description.names, some.description.seen_place]))
    return values_of(some, but=("description", *but)) | described | {"sought_text": sought}


def built_case(row: Row[Any]) -> Case:
    values = dict(row._mapping)
    description = Description(**{name: values.pop(name) for name in DESCRIBED})
    return Case(description=description, **values)


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(cases.c.kind == wanted.kind)
    if wanted.state is not None:
        counted = case((cases.c.case_id.in_(wanted.as_open), word(CaseState.OPEN)), else_=cases.c.state)
        conditions.append((counted if wanted.as_open else cases.c.state) == wanted.state)
    if wanted.station_id is not None:
        conditions.append(cases.c.station_id == wanted.station_id)
    if wanted.text.strip():
        conditions.append(_said(wanted.text.strip()))
    if wanted.reach is not None and not wanted.reach.everything:
        conditions.append(listed(wanted.reach))
    return conditions


def _said(text: str) -> ColumnElement[bool]:
    """Stands in reference, names or places, or is how a name begins, however it is typed."""
    written = cases.c.sought_text.contains(folded(text), autoescape=True)
    by_sound = typed(text)
    return written if by_sound is None else or_(written, by_sound)


def _standing(query: Select[Any]) -> Select[Any]:
    """Only the last closing of each case that is closed now, and as that closing says."""
    last = select(func.max(closings.c.position)).group_by(closings.c.case_id)
    closed = query.join(cases, closings.c.case_id == cases.c.case_id).where(cases.c.state == CaseState.CLOSED)
    return closed.where(closings.c.position.in_(last), cases.c.outcome == closings.c.outcome)


def _context(contact_id: str, case_id: str) -> str:
    return context_of(contacts, contact_id=contact_id, case_id=case_id)
