"""One person's data can be exported (DOMAIN.md, L15): all of it, readable, and nothing of anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from tests.erasures.person import MARKS, make_person
from tests.house import House
from tracing.domain import Role
from tracing.dossiers import SECTIONS
from tracing.errors import NotAllowed, NotFound

OF_OTHERS = ("safeguard", "contact", "phone", "proof", "draft", "judgement", "known", "approval")


def opened(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(files.pop("person.json")), files


def test_the_document_holds_what_was_kept_of_the_person_and_nothing_of_others(house: House) -> None:
    person = make_person(house)
    house.services.safeguarding.clear(house.hire("yue", Role.MANAGER), person.case.case_id, MARKS["safeguard"])
    document, files = opened(house.services.dossiers.export(house.manager, person.case.case_id))
    text = json.dumps(document, ensure_ascii=False)
    for name in ("name", "mark", "clothing", "circumstances", "form", "said", "action", "request", "source", "notice"):
        assert MARKS[name] in text, name
    for name in OF_OTHERS:
        assert MARKS[name] not in text, name
    for other in (person.other.reference, person.other.case_id, "老李", house.reviewer.account_id, house.manager.account_id):
        assert other not in text, other
    with house.services.store.reading() as records:
        photos = records.photos.of_case(person.case.case_id)
    assert [files[f"photos/{number:02d}"] for number in range(1, len(photos) + 1)] == [
        house.services.photos.get(photo.photo_key) for photo in photos
    ]
    assert len(files) == len(photos)


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
