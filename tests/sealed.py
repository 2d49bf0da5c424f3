"""Something in every sealed table and in the photo folder, and a look at all of it opened: for tests of keys and backups."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.factories import NOON, a_contact, a_hit
from tests.house import House
from tests.test_reunions import WHOLE, whole
from tracing.bootstrap import Services
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import (
    BegunHandOver,
    Case,
    CaseForm,
    CaseKind,
    Consent,
    Description,
    FamilyReport,
    LegalBasis,
    Notice,
    ProofRecord,
    Safeguard,
    Sighting,
    Source,
)
from tracing.verdict import Proof

RECORD: Final = Source("Missing Persons of Sichuan", "SC-2025-00317")
PLAIN_BEGINNINGS: Final = (b"\xff\xd8\xff", b"JFIF", b"\x89PNG", b"ftypheic")
"""How a photo begins that lies open."""


def fill(house: House, people: int = 2) -> list[Case]:
    """People on both sides, a confirmed pair with its papers, contacts, forms, and somebody who is kept out; the cases."""
    keep_out_somebody(house)
    cases = [one for person in range(1, people + 1) for one in (house.missing(person), house.sheltered(person))]
    pair = house.confirm(house.pair(cases[0], cases[1]))
    with house.services.store.transaction() as records:
        decision = records.pairs.decisions(pair.pair_id)[-1]
        records.reunions.add_proof(ProofRecord(decision.decision_id, pair.pair_id, Proof.DNA, whole(Proof.DNA)))
        records.reunions.add_hand_over(WHOLE.record(pair.pair_id, "sun", NOON, NOON.date()))
        records.reunions.save_draft(BegunHandOver(pair.pair_id, {"receiver": "李芳"}, 0, NOON, "sun"))
        hit = a_hit(cases[0])
        records.hits.put([hit], {hit.hit_id: b"a portrait"})
        for number, case in enumerate(cases):
            records.cases.add_contact(a_contact(case.case_id, contact_id=f"contact-{number}", name=f"王{number}"))
            records.forms.save(CaseForm(case.case_id, {"wish": "home"}, 0, NOON, "lin"))
            told = Notice(
                f"notice-{number}", case.case_id, case.kind, f"token-{number}", "救助站", f"0551-{number}", ("lin",), NOON
            )
            records.notices.add(told)
            records.reports.add(a_family_report(f"{number:032}", case))
            records.sightings.add(Sighting(f"sighting-{number}", case.case_id, "n", "en", NOON, f"看到{number}"))
            mark = Safeguard(f"safeguard-{number}", case.case_id, "lin", NOON, f"怕父亲{number}")
            records.safeguards.add(mark)
            records.safeguards.clear(replace(mark, cleared_by="sun", cleared_at=NOON, finding=f"父亲{number}已去世"))
    return cases


def a_family_report(number: str, case: Case) -> FamilyReport:
    """Of this case, before its words went over."""
    consent = Consent("1", "en", "d" * 64, face=True)
    told = {"names": f"王{number}", "phone": "13800138000"}
    return FamilyReport(number, f"FR-{number}", number, number, consent, NOON, NOON, case_id=case.case_id, typed=told)


def keep_out_somebody(house: House) -> None:
    """Erased, and recognised by face and source from now on."""
    said, basis = Description(), LegalBasis.SEPARATE_CONSENT
    case = house.services.intake.open_case(house.partner, CaseKind.MISSING, said, basis, source=RECORD)
    house.photograph(case, 900)
    house.services.retention.erase_case(house.manager, case.case_id, suppress=True)


def opened(services: Services, cases: list[Case]) -> list[object]:
    """Everything that is sealed, as a reader of it sees it."""
    seen: list[object] = []
    with services.store.reading() as records:
        for case in cases:
            seen += [records.cases.contacts(case.case_id), records.forms.of_case(case.case_id)]
            seen += [(each, records.hits.portrait(each.hit_id)) for each in records.hits.of_case(case.case_id)]
            seen += records.notices.of_case(case.case_id)
            seen += [records.reports.of_case(case.case_id), *records.sightings.of_case(case.case_id)]
            seen += records.safeguards.of_cases([case.case_id])
            seen += [each.vector.tobytes() for each in records.faces.templates(case.case_id, DEFAULT_ENCODER)]
            seen += [services.photos.get(photo.photo_key) for photo in records.photos.of_case(case.case_id)]
        seen.append([(name, vector.tobytes()) for name, vector in records.keepouts.vectors(DEFAULT_ENCODER, NOON)])
        seen.append(records.keepouts.kept_out([RECORD], NOON))
        pair = records.pairs.between(cases[0].case_id, cases[1].case_id)
        assert pair is not None
        reunions = records.reunions
        seen += [reunions.proofs(pair.pair_id), reunions.hand_over(pair.pair_id), reunions.draft(pair.pair_id)]
    return seen
