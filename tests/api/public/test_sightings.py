"""Somebody who reads a notice writes what they have seen; the station alone reads it, and no answer tells anything."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.api.public.families import answer_to, challenge_of, saw
from tests.api.staff.conftest import text_of
from tests.fakes import painted_photo
from tests.house import House
from tests.noticing import CONTACT, SAID, a_notice, told_of
from tests.stories import rows_naming
from tracing.domain import CaseKind, Channel, Description, LegalBasis, Notice, Outcome, Sighting, SightingState
from tracing.opening import ContactDraft


@pytest.fixture
def notice(house: House) -> Notice:
    said, contact = Description(**SAID), ContactDraft("reporter", "李秀英", "13800138000", "合肥市蜀山区")
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, said, LegalBasis.SEPARATE_CONSENT, contact)
    house.photograph(case, 5)
    house.services.filing.write(house.intake, case.case_id, {"consent_scope": ["publish_notice"]})
    return a_notice(house, case)


def reference_of(house: House, notice: Notice) -> str:
    return house.services.casework.get(house.intake, notice.case_id).reference


def sightings(house: House) -> list[Sighting]:
    with house.services.store.reading() as records:
        return records.sightings.find(set(SightingState), None, 99)[0]


def test_a_sighting_waits_sealed_for_the_station_of_the_case(house: House, reader: TestClient, notice: Notice) -> None:
    assert f'href="/n/{notice.token}/seen"' in reader.get(f"/n/{notice.token}").text
    photo = {"photo": ("a.png", painted_photo(7), "image/png")}
    answer = saw(reader, notice.token, "在阜阳站看到他", place="阜阳站", seen_on="昨天", contact="13900139000", files=photo)
    assert answer.status_code == 200
    (seen,) = sightings(house)
    assert (seen.case_id, seen.said, seen.contact, seen.state) == (notice.case_id, "在阜阳站看到他", "13900139000", "new")
    assert rows_naming(house, "13900139000") == rows_naming(house, "在阜阳站看到他") == {}
    assert house.faults() == []


def test_l18_no_answer_to_an_informant_tells_of_the_family_or_of_the_case(
    house: House, reader: TestClient, notice: Notice
) -> None:
    pages = [reader.get(f"/n/{notice.token}/seen").text, saw(reader, notice.token).text, saw(reader, notice.token, "").text]
    for page in pages:
        for secret in ("李秀英", "13800138000", "蜀山区", notice.case_id, reference_of(house, notice)):
            assert secret not in page


def test_what_was_typed_comes_back_where_nothing_was_said(reader: TestClient, notice: Notice) -> None:
    answer = saw(reader, notice.token, "", place="阜阳站的北口", contact="x" * 300)
    assert answer.status_code == 422
    assert "阜阳站的北口" in answer.text
    assert "too long" in text_of(answer.text)


def test_a_broken_photo_loses_none_of_the_words(house: House, reader: TestClient, notice: Notice) -> None:
    answer = saw(reader, notice.token, "看到他了", files={"photo": ("a.png", b"\x89PNG nothing", "image/png")})
    assert answer.status_code == 422
    assert "看到他了" in answer.text
    assert sightings(house) == []
    challenge = challenge_of(answer.text)
    again = {"said": "看到他了", "challenge": challenge, "answer": answer_to(challenge)}
    assert reader.post(f"/n/{notice.token}/seen", data=again).status_code == 200
    assert len(sightings(house)) == 1


def test_under_a_notice_that_is_over_nothing_is_taken(house: House, reader: TestClient, notice: Notice) -> None:
    page = reader.get(f"/n/{notice.token}/seen").text
    house.services.casework.close(house.intake, notice.case_id, Outcome.FOUND_ELSEWHERE, "found", Channel.OTHER)
    challenge = challenge_of(page)
    said = {"said": "看到他了", "challenge": challenge, "answer": answer_to(challenge)}
    for token in (notice.token, "A" * 22):
        assert reader.post(f"/n/{token}/seen", data=said).status_code == 404
        assert reader.get(f"/n/{token}/seen").status_code == 404
    assert sightings(house) == []


def test_hostile_words_are_shown_as_they_are(reader: TestClient, notice: Notice) -> None:
    hostile = "</textarea><script>alert(1)</script>{{7*7}}"
    page = saw(reader, notice.token, "", place=hostile).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_form_is_whole_in_both_languages(readers: Callable[..., TestClient], house: House) -> None:
    from tests.api.public.test_pages import HAN, LATIN

    english = {"names": ("Tom",), "marks": ("scar", "mole"), "clothing": "blue coat", "seen_place": "the station"}
    notice = a_notice(house, told_of(house, 5, **english), station="The station", contact=CONTACT)
    for language in ("en", "zh-CN"):
        reader = readers(language)
        for page in (
            reader.get(f"/n/{notice.token}/seen").text,
            saw(reader, notice.token, "").text,
            saw(reader, notice.token).text,
        ):
            said = re.sub("English|Tom", "", text_of(page).replace("中文", "").replace("在火车站看到一个很像的人", ""))
            assert not (HAN if language == "en" else LATIN).search(said), said
