"""A family reports somebody from a phone, page by page, and loses nothing of what it typed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.public.families import (
    PRIVATE,
    SEEN,
    WHO,
    YOU,
    add_photo,
    answer_to,
    begin,
    challenge_of,
    follow,
    reported,
    send,
    the_report,
    write,
)
from tests.api.staff.conftest import text_of
from tests.fakes import painted_photo
from tests.house import House
from tests.stories import rows_naming
from tracing.domain import ReportState
from tracing.families.consenting import consent_text
from tracing.families.reporting import MOST_PHOTOS
from tracing.families.tending import DRAFT_LASTS


def drafts(house: House) -> int:
    with house.services.store.reading() as records:
        return records.reports.count(ReportState.DRAFT)


def files_after_chores(house: House) -> list[str]:
    """What was given up is erased by the worker."""
    for chore in house.services.worker._chores:
        chore()
    return list(house.services.photos.keys())


def test_a_report_is_written_in_a_few_pages_and_sent_with_a_number_and_a_secret(house: House, reader: TestClient) -> None:
    draft = begin(reader)
    write(reader, draft, photos=2)
    review = text_of(reader.get(f"{draft}/review").text)
    for said in (*WHO.values(), *SEEN.values(), *YOU.values()):
        assert said.splitlines()[0] in review or said == "male"
    reference, secret = send(reader, draft)
    report = the_report(house, reference)
    assert (report.state, report.typed["names"], report.typed["phone"]) == (ReportState.SENT, WHO["names"], YOU["phone"])
    text = consent_text("en")
    assert (report.consent.version, report.consent.language, report.consent.digest) == (text.version, "en", text.digest)
    assert report.consent.face
    with house.services.store.reading() as records:
        photos = records.handed.of_reports([report.report_id])
    assert [str(photo.taken_on) for photo in photos] == ["2019", "2019"]
    assert house.faults() == []
    assert re.fullmatch(r"FR-[0-9A-Z]{8}", reference)
    assert re.fullmatch(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", secret)


def test_nothing_that_was_typed_is_lost_by_a_mistake_on_the_page(reader: TestClient) -> None:
    draft = begin(reader)
    answer = reader.post(f"{draft}/who", data=WHO | {"age": "很老", "birth_date": "yesterday", "height": "tall"})
    assert answer.status_code == 422
    for said in ("很老", "yesterday", "tall", "王建国", "左眉有一道疤"):
        assert said in answer.text
    assert text_of(answer.text).count("Write a") == 3
    assert "yesterday" in reader.get(f"{draft}/who").text, "also later, on another visit"
    answer = reader.post(f"{draft}/you", data={"name": "李秀英", "phone": "call me"})
    assert answer.status_code == 422
    assert "call me" in answer.text
    back = reader.post(f"{draft}/you", data={"name": "李秀", "phone": "x", "go": "back"}, follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, f"{draft}/photos")
    assert "李秀" in reader.get(f"{draft}/you").text
    answer = reader.post(f"{draft}/send")
    assert answer.status_code == 422, "nothing is sent that has a mistake on it"
    assert "很老" in answer.text


def test_without_consent_nothing_is_kept(house: House, reader: TestClient) -> None:
    challenge = challenge_of(reader.get("/report").text)
    answer = reader.post("/report", data={"face": "1", "challenge": challenge, "answer": answer_to(challenge)})
    assert answer.status_code == 422
    assert "Without your agreement" in answer.text
    assert drafts(house) == 0
    assert 'name="face" value="1" checked' in answer.text


def test_the_words_somebody_has_agreed_to_are_never_changed() -> None:
    """A new text is a new version: mend this digest only together with a new number."""
    digests = {
        (version, language): consent_text(language, version).digest[:16] for version in "12" for language in ("zh_CN", "en")
    }
    assert digests == {
        ("1", "zh_CN"): "9374f86eb05d670a",
        ("1", "en"): "921ccaa4bd55c5f0",
        ("2", "zh_CN"): "26ba7dc32f1dc552",
        ("2", "en"): "2d51f5267e105a77",
    }


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%PDF-1.4", b"<script>alert(1)</script>", painted_photo(1)[:200], b"\xff" * 9000]
)
def test_what_is_no_photo_is_told_and_nothing_of_it_stays(house: House, reader: TestClient, data: bytes) -> None:
    draft = begin(reader)
    answer = add_photo(reader, draft, data, "2018", status=422)
    assert 'value="2018"' in answer.text
    assert list(house.services.photos.keys()) == []
    assert house.faults() == []


def test_a_photo_has_a_day_that_makes_sense_is_kept_once_and_can_be_taken_out(house: House, reader: TestClient) -> None:
    draft = begin(reader)
    for typed in ("2099", "soon", "1700"):
        assert typed in add_photo(reader, draft, painted_photo(1), typed, status=422).text
    for _ in range(2):
        add_photo(reader, draft, painted_photo(1), "2018-05")
    page = reader.get(f"{draft}/photos").text
    handed = re.findall(r'name="handed" value="(\w+)"', page)
    assert len(handed) == 1
    assert "May 2018" in page
    reader.post(f"{draft}/photos/remove", data={"handed": handed[0]})
    assert 'name="handed"' not in reader.get(f"{draft}/photos").text
    assert files_after_chores(house) == []


def test_a_report_has_so_many_photos_and_no_more(reader: TestClient) -> None:
    draft = begin(reader)
    for number in range(MOST_PHOTOS):
        add_photo(reader, draft, painted_photo(1, shot=number))
    assert 'type="file"' not in reader.get(f"{draft}/photos").text
    assert "as many photos" in add_photo(reader, draft, painted_photo(1, shot=99), status=422).text


def test_a_photo_of_one_report_is_not_taken_out_of_another(house: House, reader: TestClient) -> None:
    one, other = begin(reader), begin(reader)
    add_photo(reader, one, painted_photo(1))
    (handed,) = re.findall(r'name="handed" value="(\w+)"', reader.get(f"{one}/photos").text)
    reader.post(f"{other}/photos/remove", data={"handed": handed})
    assert handed in reader.get(f"{one}/photos").text


def test_what_a_family_writes_lies_sealed(house: House, reader: TestClient) -> None:
    draft = begin(reader)
    write(reader, draft)
    for secret in ("王建国", "李秀英", "13800138000", "合肥站北广场", draft.rsplit("/", 1)[1]):
        assert rows_naming(house, secret) == {}, secret
    _, secret = send(reader, draft)
    assert rows_naming(house, secret) == rows_naming(house, secret.replace("-", "")) == {}
    folder = house.services.settings.data_dir
    raw = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for private in (*PRIVATE, secret.replace("-", "")):
        assert private.encode() not in raw
    assert painted_photo(1, shot=0)[:4000] not in raw


def test_a_draft_that_nobody_sends_is_gone_after_a_day_and_one_that_is_used_stays(house: House, reader: TestClient) -> None:
    left, kept = begin(reader), begin(reader)
    write(reader, left)
    house.clock.advance(seconds=(DRAFT_LASTS - timedelta(hours=1)).total_seconds())
    reader.post(f"{kept}/who", data=WHO)
    house.clock.advance(hours=2)
    house.services.families.tend()
    assert reader.get(f"{left}/who").status_code == 404
    assert reader.get(f"{kept}/who").status_code == 200
    assert files_after_chores(house) == []
    assert house.faults() == []


def test_who_loses_the_answer_is_told_both_again_for_a_quarter_of_an_hour(house: House, reader: TestClient) -> None:
    draft = begin(reader)
    write(reader, draft)
    told = send(reader, draft)
    assert send(reader, draft) == told
    assert reader.get(f"{draft}/who").status_code == 404, "what was typed is shown to nobody any more"
    house.clock.advance(minutes=16)
    answer = reader.post(f"{draft}/send")
    assert answer.status_code == 404
    assert told[1] not in answer.text
    assert "follow it" in answer.text


def test_what_was_sent_by_a_clock_that_was_ahead_is_not_told_until_it_is_that_late(house: House, reader: TestClient) -> None:
    house.clock.advance(days=365)
    draft = begin(reader)
    write(reader, draft)
    send(reader, draft)
    house.clock.advance(days=-364)
    assert reader.post(f"{draft}/send").status_code == 404


def test_a_report_without_consent_to_the_face_search_can_be_sent(house: House, reader: TestClient) -> None:
    reference, _ = reported(reader, face=False)
    assert the_report(house, reference).consent.face is False


def test_the_station_that_was_chosen_is_kept_and_one_that_is_none_is_refused(house: House, reader: TestClient) -> None:
    from tracing.access import SYSTEM

    house.services.stations.add(SYSTEM, "main", "合肥市救助管理站")
    house.services.stations.add(SYSTEM, "north", "城北站")
    house.services.stations.close(SYSTEM, "north")
    draft = begin(reader)
    page = reader.get(f"{draft}/seen").text
    assert "合肥市救助管理站" in page
    assert "城北站" not in page
    assert reader.post(f"{draft}/seen", data=SEEN | {"station": "north"}).status_code == 422
    write(reader, draft, seen={"station": "main"})
    reference, _ = send(reader, draft)
    assert the_report(house, reference).station_id == "main"


def test_hostile_words_are_shown_as_they_are_and_too_many_are_refused(reader: TestClient) -> None:
    draft = begin(reader)
    hostile = "<script>alert('x')</script>{{7*7}}\x00\x1b"
    reader.post(f"{draft}/who", data=WHO | {"names": hostile})
    page = reader.get(f"{draft}/who").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "\x00" not in page
    answer = reader.post(f"{draft}/who", data=WHO | {"looks": "长" * 2001})
    assert answer.status_code == 422
    assert "too long" in answer.text
    huge = reader.post(f"{draft}/who", data=WHO | {"looks": "x" * 70_000})
    assert huge.status_code == 413
    assert "<h1>" in huge.text, "a page, for people"
    assert reader.post(f"{draft}/who", data={f"f{number}": "" for number in range(60)}).status_code == 400
    assert "长长" in reader.get(f"{draft}/who").text


def test_a_photo_that_is_too_large_is_told_on_a_page(house: House, reader: TestClient, public_app: FastAPI) -> None:
    draft = begin(reader)
    most = house.services.settings.public_photo_mib << 20
    answer = reader.post(f"{draft}/photos", files={"photo": ("a.jpg", b"\xff\xd8" + bytes(most + (1 << 20)), "image/jpeg")})
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert reader.post(f"{draft}/seen", data=SEEN).status_code == 200


def test_every_page_is_whole_in_both_languages(readers: Callable[..., TestClient]) -> None:
    from tests.api.public.test_pages import HAN, LATIN

    english = {"names": "Tom", "sex": "male", "marks": "scar"}
    for language in ("en", "zh-CN"):
        reader = readers(language)
        draft = begin(reader)
        reader.post(f"{draft}/who", data=english)
        pages = [reader.get("/report"), reader.get("/follow"), reader.post("/follow", data={"reference": "x", "secret": "y"})]
        pages += [reader.get(f"{draft}/{step}") for step in ("who", "seen", "photos", "you", "review")]
        pages += [reader.post(f"{draft}/you", data={}), reader.get(f"{draft}/nothing")]
        write(
            reader,
            draft,
            photos=0,
            who=english,
            seen=dict.fromkeys(SEEN, ""),
            you={"relation": "son", "name": "Li", "place": ""},
        )
        pages.append(reader.post(f"{draft}/send"))
        for answer in pages:
            said = text_of(answer.text)
            if language == "en":
                assert not HAN.search(said.replace("中文", "")), answer.url
            else:
                said = re.sub(r"\bFR-[0-9A-Z]{8}\b|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){1,3}\b", "", said)
                for known in ("English", "FR", *english.values(), "Li", "son"):
                    said = said.replace(known, "")
                assert not LATIN.search(said), f"{answer.url}: {LATIN.findall(said)}"


def test_no_address_of_a_draft_no_number_and_no_word_of_it_stands_in_the_log(
    reader: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        draft = begin(reader)
        write(reader, draft)
        reference, secret = send(reader, draft)
        follow(reader, reference, secret)
        follow(reader, reference, "wrong", status=422)
    told = "\n".join(each.getMessage() for each in caplog.records if not each.name.startswith("httpx2"))
    assert "POST /report/{draft}/send 200" in told
    for private in (*PRIVATE, draft.rsplit("/", 1)[1], reference, secret, secret.replace("-", ""), "王建国", "203.0.113.9"):
        assert private not in told


def test_a_sent_report_is_followed_by_nobody_without_both(house: House, reader: TestClient) -> None:
    reference, secret = reported(reader)
    assert "received" in follow(reader, reference, secret)
