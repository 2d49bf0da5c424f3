"""Open cases in a transaction of the caller's: one, or those of many records at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tracing.access import Permission, require
from tracing.domain import Actor, Case, CaseKind, CaseState, Contact, Description, LegalBasis, Source
from tracing.facts import check_description
from tracing.ports import NewId
from tracing.records import Records

KEPT_OUT: Final = (
    "The person of this record has asked not to be kept here again, so nothing was saved. "
    "If it is somebody else, open a case for them by hand, without this number."
)


@dataclass(frozen=True, slots=True)
class ContactDraft:
    role: str
    name: str
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that is to be opened; a record of another system has its ``source``. An empty ``case_id`` is drawn."""

    kind: CaseKind
    description: Description = field(default_factory=Description)
    contact: ContactDraft | None = None
    source: Source | None = None
    case_id: str = ""


def open_cases(
    records: Records, actor: Actor, basis: LegalBasis, wanted: Sequence[NewCase], now: datetime, new_id: NewId
) -> list[Case | None]:
    """Save them as open cases, each in its place; None where the record's person has asked not to be kept here again.

    Whatever is refused is refused before anything is written, but for ``Conflict``, where a source's record has a case already.
    """
    require(actor, Permission.OPEN_CASES)
    for each in wanted:
        check_description(each.description, now.date())
    kept_out = records.keepouts.kept_out([each.source for each in wanted if each.source is not None], now)
    taken = [each for each in wanted if each.source not in kept_out]
    references = {
        kind: iter(records.cases.next_references(kind, now.year, number))
        for kind in CaseKind
        if (number := sum(each.kind is kind for each in taken))
    }
    opened = [
        Case(
            case_id=each.case_id or new_id(),
            reference=next(references[each.kind]),
            kind=each.kind,
            state=CaseState.OPEN,
            station_id=actor.station_id,
            legal_basis=basis,
            opened_at=now,
            opened_by=actor.account_id,
            description=each.description,
        )
        for each in taken
    ]
    _save(records, list(zip(opened, taken, strict=True)), new_id)
    for case in opened:
        records.audit.append(actor, "open_case", case.case_id, {"kind": case.kind, "legal_basis": basis})
    in_order = iter(opened)
    return [None if each.source in kept_out else next(in_order) for each in wanted]


def _save(records: Records, opened: Sequence[tuple[Case, NewCase]], new_id: NewId) -> None:
    records.cases.add_all([case for case, _ in opened])
    records.rights.add_sources({case.case_id: told.source for case, told in opened if told.source is not None})
    records.cases.add_contacts(
        [
            Contact(new_id(), case.case_id, told.contact.role, told.contact.name, told.contact.phone, told.contact.place)
            for case, told in opened
            if told.contact is not None
        ]
    )
