"""What the tests of partners begin with: a shared case, and what partners are told."""

from __future__ import annotations

from typing import Any, Final

from tests.house import House
from tracing.domain import Actor, Case, CaseKind, Pair, Role, Wanted
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.verdict import Proof

AGREED: Final = "the daughter signed for it on 1 March"
EVERYTHING: Final = Wanted(200)


def repository(house: House) -> Actor:
    """A program of a partner."""
    found = next((each for each in house.services.accounts.all() if each.name == "repository"), None)
    if found is None:
        return house.hire("repository", Role.PARTNER)
    return Actor(found.account_id, found.name, found.role, found.station_id)


def persons(house: House, wanted: Wanted = EVERYTHING, **how: Any) -> list[PersonRecord]:
    return list(house.services.telling.persons(repository(house), wanted, **how).persons)


def notes(house: House, wanted: Wanted = EVERYTHING) -> list[NoteRecord]:
    return list(house.services.telling.notes(repository(house), wanted).notes)


def shared(house: House, kind: CaseKind = CaseKind.MISSING, **said: Any) -> Case:
    """An open case of somebody of age that partners are told of."""
    case = house.open(kind, **{"names": ("王建国",), "age_min": 60, "age_max": 65} | said)
    house.services.case_sharing.share(house.manager, case.case_id, AGREED)
    return case


def record_of(house: House, case: Case) -> PersonRecord:
    """What partners are told of this case now."""
    share = house.services.case_sharing.of_case(house.manager, case.case_id)
    assert share is not None, "not shared"
    (found,) = persons(house, Wanted(200, record_id=share.record_id))
    return found


def verified(house: House, one: Case, other: Case) -> Pair:
    """Both have a face; two people and a proof say that they are one."""
    pair = house.confirm(house.pair(one, other))
    return house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "the laboratory's number 7")
