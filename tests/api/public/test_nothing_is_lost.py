"""A form that cannot be taken, through no fault of whoever has sent it: what was typed comes back with the answer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.public.app import create_app
from tests.api.public.conftest import HERE
from tests.api.public.families import YOU, answer_to, begin, challenge_of, reported, saw, send, write
from tests.fakes import painted_photo
from tests.house import House, a_house
from tests.noticing import a_notice, told_of
from tracing.bootstrap import public_of
from tracing.domain import Notice
from tracing.errors import Busy, DiskFull

STORY = {"said": "在火车站看见他，<b>很像</b>", "place": "合肥站", "seen_on": "昨天", "contact": "13800001111"}
PHOTO = {"photo": ("p.png", painted_photo(4), "image/png")}
ADDRESS = ("203.0.113.9", 1)


@pytest.fixture
def notice(house: House) -> Notice:
    return a_notice(house, told_of(house))


def again(page: str) -> tuple[str, dict[str, str]]:
    """Where the form on a page about a mishap leads, and what it holds."""
    form = re.search(r'<form method="post" action="([^"]+)".*?</form>', page, re.DOTALL)
    assert form, "nothing is given back"
    held = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0])
    return form[1].partition("?")[0], {name: html.unescape(value) for name, value in held}


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Callable[..., tuple[House, TestClient]]]:
    """A house whose pages for everybody are asked as often as these settings let an address."""
    with a_house(tmp_path / "var", public_proof_bits=1, public_slow_writes_per_hour=1) as house:

        def open_to(**settings: Any) -> tuple[House, TestClient]:
            services = public_of(house.services.settings.model_copy(update=settings), house.clock)
            client = TestClient(create_app(services), base_url=HERE, headers={"Accept-Language": "en"}, client=ADDRESS)
            return house, client

        yield open_to


def test_a_sighting_of_an_address_that_asks_too_often_comes_back_and_is_taken_later(
    hurried: Callable[..., tuple[House, TestClient]],
) -> None:
    house, reader = hurried(public_requests_per_minute=2)
    notice = a_notice(house, told_of(house))
    reader.get("/")
    refused = saw(reader, notice.token, **STORY, files=PHOTO)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "Wait about" in refused.text
    path, held = again(refused.text)
    assert path == f"/n/{notice.token}/seen"
    assert held.items() >= STORY.items()
    assert 'type="file"' in refused.text, "sent without it nobody would notice that the photo is gone"
    _, later = hurried()
    assert "Thank you" in later.post(path, data=held, files=PHOTO).text


def test_a_form_beyond_those_of_an_hour_comes_back_and_says_how_long(
    hurried: Callable[..., tuple[House, TestClient]],
) -> None:
    _, reader = hurried(public_writes_per_hour=1)
    begin(reader)
    challenge = challenge_of(reader.get("/report").text)
    typed = {"agree": "1", "face": "1", "challenge": challenge, "answer": answer_to(challenge)}
    refused = reader.post("/report", data=typed)
    assert refused.status_code == 429
    assert "Wait about 60 minutes" in refused.text
    assert again(refused.text) == ("/report", typed)
    assert 'type="file"' not in refused.text


def test_too_many_wrong_secrets_lose_neither_number_nor_secret(reader: TestClient) -> None:
    typed = {"reference": "FR-ABCD2345", "secret": "abcd-efgh-jkmn-pqrs"}
    refused = next(answer for _ in range(20) if (answer := reader.post("/follow", data=typed)).status_code == 429)
    assert again(refused.text) == ("/follow", typed)


@pytest.mark.parametrize(("error", "status"), [(Busy("x"), 503), (DiskFull("x"), 507), (KeyError("x"), 500)])
def test_what_fails_on_our_side_loses_nothing_that_was_typed(
    error: Exception, status: int, reader: TestClient, public_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = begin(reader)

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(type(public_app.state.public.reporting), "write", fail)
        refused = TestClient(public_app, base_url=HERE, raise_server_exceptions=False).post(f"{draft}/you", data=YOU)
    assert refused.status_code == status
    path, held = again(refused.text)
    assert (path, held) == (f"{draft}/you", YOU)
    assert reader.post(path, data=held, follow_redirects=False).status_code == 303


def test_a_house_that_is_full_says_whom_to_call(reader: TestClient, notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracing.families.sighting.MOST_NEW_OF_CASE", 0)
    full = saw(reader, notice.token, **STORY)
    assert full.status_code == 503
    assert "Please call the station." in full.text
    assert "our side" not in full.text
    assert again(full.text)[1].items() >= STORY.items()


def test_what_somebody_asks_for_and_what_another_site_sends_is_given_back_to_nobody(reader: TestClient, notice: Notice) -> None:
    assert "<form" not in reader.get("/n/nothing").text
    forged = reader.post(f"/n/{notice.token}/seen", data=STORY, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    assert "<form" not in forged.text
    assert "合肥站" not in forged.text


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_what_somebody_has_seen_is_theirs_to_copy_where_the_notice_went_while_they_wrote(
    house: House, readers: Callable[..., TestClient], notice: Notice, language: str
) -> None:
    reader = readers(language)
    challenge = challenge_of(reader.get(f"/n/{notice.token}/seen").text)
    house.services.casework.suspend(house.intake, notice.case_id, "a dispute")
    typed = STORY | {"challenge": challenge, "answer": answer_to(challenge)}
    gone = reader.post(f"/n/{notice.token}/seen", data=typed)
    assert gone.status_code == 404
    (words,) = re.findall(r"<textarea[^>]* readonly>(.*?)</textarea>", gone.text, re.DOTALL)
    assert html.unescape(words).split("\n") == list(STORY.values())
    assert 'type="submit">' not in gone.text, "there is nowhere to send it"
    (other,) = {"en", "zh_CN"} - {language}
    again_in_the_other = reader.post(f"/n/{notice.token}/seen?language={other}", data=typed | {"go": "stay"})
    assert STORY["place"] in again_in_the_other.text


def test_a_page_of_a_report_that_was_sent_meanwhile_gives_back_what_was_typed(reader: TestClient) -> None:
    draft = begin(reader)
    write(reader, draft)
    send(reader, draft)
    gone = reader.post(f"{draft}/seen", data={"seen_place": "合肥站北广场", "station": "main"})
    assert gone.status_code == 404
    (words,) = re.findall(r"<textarea[^>]* readonly>(.*?)</textarea>", gone.text, re.DOTALL)
    assert words == "合肥站北广场"
    assert "<textarea" not in reader.post(f"{draft}/photos/remove", data={"handed": "x"}).text


def test_every_form_of_an_address_that_asks_too_often_is_refused(hurried: Callable[..., tuple[House, TestClient]]) -> None:
    _, reader = hurried(public_requests_per_minute=1)
    reader.get("/")
    for path in (
        *("/report", "/report/x/who", "/report/x/photos", "/report/x/photos/remove", "/report/x/send"),
        *("/follow", "/follow/photo", "/follow/withdraw", "/n/x/seen"),
    ):
        assert reader.post(path, data={"names": "Tom"}).status_code == 429, path


def test_no_form_leads_to_the_address_of_its_own_page(reader: TestClient, notice: Notice) -> None:
    """A browser that cannot reach us puts its own page in the place of one at the same address: back led past all of it."""
    draft = begin(reader)
    for path in ("/report", "/follow", f"/n/{notice.token}/seen", *(f"{draft}/{step}" for step in ("who", "seen", "you"))):
        answer = reader.get(path)
        seen = [str(answer.url)]
        for _ in range(3):
            action = re.search(r'<form method="post" action="([^"]+)"', answer.text)
            assert action is not None
            answer = reader.post(html.unescape(action[1]), data={"names": "", "age": "old", "seen_at": "old"})
            assert answer.status_code == 422, path
            assert str(answer.url) != seen[-1], path
            seen.append(str(answer.url))


AGAIN = "Choose your photo once more"


def test_a_photo_that_came_with_a_mistake_is_asked_for_again(reader: TestClient, notice: Notice) -> None:
    draft = begin(reader)
    for path in (f"/n/{notice.token}/seen", f"{draft}/photos"):
        challenge = challenge_of(reader.get(f"/n/{notice.token}/seen").text)
        typed = {"said": "", "taken_on": "old", "challenge": challenge, "answer": answer_to(challenge)}
        told = reader.post(path, data=typed, files=PHOTO)
        assert told.status_code == 422
        assert AGAIN in told.text, path
        assert AGAIN not in reader.post(path, data=typed).text, "there was none"
    early = reader.post(f"/n/{notice.token}/seen", data={"said": "x", "challenge": challenge, "answer": ""}, files=PHOTO)
    assert "One moment." in early.text
    assert AGAIN in early.text


def test_a_photo_that_is_none_is_told_so_and_not_asked_for_again(reader: TestClient) -> None:
    told = reader.post(f"{begin(reader)}/photos", files={"photo": ("p.png", b"none", "image/png")})
    assert "This file is no photo" in told.text
    assert AGAIN not in told.text


def test_a_photo_added_to_a_report_with_a_wrong_day_is_asked_for_again(reader: TestClient) -> None:
    reference, secret = reported(reader)
    typed = {"reference": reference, "secret": secret, "taken_on": "old"}
    assert AGAIN in reader.post("/follow/photo", data=typed, files=PHOTO).text
