"""One person's data can be exported (DOMAIN.md, L15): all of it, readable, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.erasures.person import MARKS, make_person
from tests.erasures.traces import NOT_OF_A_PERSON, traces_of
from tests.house import House
from tracing.domain import CaseState, Role
from tracing.dossiers import SECTIONS
from tracing.errors import NotAllowed, NotFound
from tracing.records import CaseFilter
from tracing.store.tables import metadata

TOLD = {
    "case": ("cases",),
    "source": ("case_sources",),
    "shared": ("shares",),
    "contacts": ("contacts",),
    "form": ("case_forms",),
    "clues": ("clues",),
    "photos": ("photos", "held_photos"),
    "faces": ("faces", "templates"),
    "face_withdrawn": ("face_withdrawals",),
    "pairs": ("pairs", "decisions", "matches"),
    "searches": ("search_runs",),
    "actions": ("tracing_actions",),
    "clocks": ("clocks", "pauses"),
    "stations": ("station_requests", "emergencies"),
    "notices": ("notices",),
    "report": ("family_reports",),
    "sightings": ("sightings", "handed_photos"),
    "safeguards": ("safeguards",),
    "hand_overs": ("hand_overs",),
    "approvals": ("approvals",),
    "closings": ("closings",),
    "erasure": ("erasure_requests",),
    "lists": ("list_hits",),
    "partners": ("clones", "received_notes"),
}
"""Section -> the tables that it tells of."""
NOT_TOLD = {
    "case_texts": "made of what stands in the case, to be found",
    "clue_hits": "what speaks for two people being one: the other's as well",
    "clue_keys": "made of the clues, to be found",
    "clue_searches": "whether a search is due",
    "escalations": "whom a time limit was passed on to",
    "hand_over_drafts": "who receives the person, half written",
    "imported_records": "digests, to see what a sender has changed",
    "known_answers": "how well a reviewer judges",
    "leads": "what somebody looks into about two people",
    "list_portraits": "the face of somebody else's record",
    "name_keys": "made of the names, to be found",
    "partner_links": "that a partner put two people together: told as a pair",
    "proofs": "papers of relatives, told as a judgement",
    "told_notes": "what partners are told of two people: told as a pair",
}
OF_OTHERS = (
    "safeguard",
    "contact",
    "phone",
    "proof",
    "draft",
    "judgement",
    "known",
    "approval",
    "hit",
    "portrait",
    "informant",
)


def opened(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("person.json")), files


def test_l15_the_document_holds_what_was_kept_of_the_person_and_nothing_of_others(house: House) -> None:
    person = make_person(house)
    house.services.safeguarding.clear(house.hire("yue", Role.MANAGER), person.case.case_id, MARKS["safeguard"])
    document, files = opened(house.services.dossiers.export(house.manager, person.case.case_id))
    text = json.dumps(document, ensure_ascii=False)
    for name in ("name", "mark", "clothing", "circumstances", "form", "said", "action", "request", "source", "notice"):
        assert MARKS[name] in text, name
    for name in ("emergency", "erasure", "pause", "share", "sighting"):
        assert MARKS[name] in text, name
    for name in OF_OTHERS:
        assert MARKS[name] not in text, name
    staff = [each.account_id for each in (house.intake, house.reviewer, house.second, house.manager)]
    for other in (person.other.reference, person.other.case_id, "老李", *staff):
        assert other not in text, other
    with house.services.store.reading() as records:
        photos = records.photos.of_case(person.case.case_id)
    assert [files[f"photos/{number:02d}"] for number in range(1, len(photos) + 1)] == [
        house.services.photos.get(photo.photo_key) for photo in photos
    ]
    assert len(files) == len(photos)


def test_l15_every_table_that_holds_something_of_a_person_is_told_or_left_out_for_a_reason(house: House) -> None:
    person = make_person(house)
    house.services.safeguarding.clear(house.hire("yue", Role.MANAGER), person.case.case_id, MARKS["safeguard"])
    assert {each for tables in TOLD.values() for each in tables} == set(metadata.tables) - NOT_OF_A_PERSON.keys() - set(
        NOT_TOLD
    )
    assert TOLD.keys() | {"audit"} == SECTIONS.keys()
    told = set()
    for case in (person.case, person.second):
        document, _ = opened(house.services.dossiers.export(house.manager, case.case_id))
        rows = traces_of(house, [case.case_id], MARKS).rows
        held = {section for section, tables in TOLD.items() if any(rows[each] for each in tables)}
        told |= {section for section in held if document["sections"][section]["data"]}
    assert told == TOLD.keys()


def test_how_a_case_ended_and_what_else_was_asked_is_told_without_whom_it_turned_out_to_be(house: House) -> None:
    person = make_person(house)
    reports = "".join(json.dumps(opened(house.services.dossiers.export(house.manager, each))[0]) for each in closed_ones(house))
    assert person.second.case_id not in reports
    assert '"outcome": "duplicate"' in reports
    second = opened(house.services.dossiers.export(house.manager, person.second.case_id))[0]["sections"]
    assert [each["outcome"] for each in second["closings"]["data"]] == ["withdrawn"], "although it was opened again"
    assert [each["outcome"] for each in second["approvals"]["data"]] == ["deceased"]
    assert [each["note_id"] for each in second["partners"]["data"]["notes"]] == [MARKS["note"]]


def closed_ones(house: House) -> list[str]:
    return [each.case_id for each in house.services.casework.find(house.manager, CaseFilter(state=CaseState.CLOSED), 9).cases]


def test_every_section_says_in_both_languages_what_it_is(house: House) -> None:
    document, _ = opened(house.services.dossiers.export(house.manager, make_person(house).second.case_id))
    assert document["sections"].keys() == SECTIONS.keys()
    for section in document["sections"].values():
        assert section["en"].isascii()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in section["zh"])


def test_l4_no_template_leaves_the_house(house: House) -> None:
    """DOMAIN.md, L4."""
    case = house.missing(1)
    with house.services.store.reading() as records:
        (template,) = records.faces.templates(case.case_id, "dlib-resnet-v1")
    data = house.services.dossiers.export(house.manager, case.case_id)
    document, _ = opened(data)
    assert document["sections"]["faces"]["data"]["templates"] == {"dlib-resnet-v1": 1}
    assert str(template.vector[0])[:6] not in json.dumps(document)


def test_who_exported_stands_in_the_audit_and_only_managers_can(house: House) -> None:
    case = house.missing(1)
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            house.services.dossiers.export(actor, case.case_id)
    house.services.dossiers.export(house.manager, case.case_id)
    last = house.done(case)[-1]
    assert (last.action, last.actor) == ("export_case", house.manager.account_id)
    house.services.retention.erase_case(house.manager, case.case_id)
    with pytest.raises(NotFound):
        house.services.dossiers.export(house.manager, case.case_id)
