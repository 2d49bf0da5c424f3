"""Whoever changes the language in the middle of a form goes on where they were: nothing that was typed is lost, or sent."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Final

import pytest
from starlette.testclient import TestClient

from api.public import templating
from api.public.app import create_app
from tests.api.public.conftest import HERE
from tests.api.public.families import SEEN, WHO, YOU, answer_to, begin, challenge_of, reported, send, the_report, write
from tests.house import House
from tests.noticing import a_notice, told_of
from tracing.bootstrap import public_of

CHINESE: Final = '<html lang="zh-CN">'
STORY: Final = {"said": "在火车站看见他，<b>很像</b>", "place": "合肥站", "seen_on": "昨天", "contact": "13800001111"}


def switch(reader: TestClient, page: str, **typed: str) -> str:
    """What a browser does at the other language: it sends the form that the button is of, without the photo itself."""
    (button,) = re.findall(r'<button type="submit" form="typed" name="go" value="(\w+)" formaction="([^"]+)" formenctype', page)
    form = page.split('id="typed"')[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    said = {name: html.unescape(value) for name, value in hidden} | typed | {"go": button[0]}
    answer = reader.post(html.unescape(button[1]), data=said)
    assert answer.status_code in (200, 422, 429), answer.text
    return answer.text


def values_of(page: str) -> dict[str, str]:
    """What stands in the fields of a page."""
    lines = re.findall(r'<input id="(\w+)" name="\w+" type="\w+" value="([^"]*)"', page)
    areas = re.findall(r'<textarea id="(\w+)"[^>]*>\n([^<]*)</textarea>', page)
    chosen = re.findall(r'<input type="radio" name="(\w+)" value="(\w+)" checked>', page)
    return {name: html.unescape(value) for name, value in (*lines, *areas, *chosen)}


@pytest.mark.parametrize(("step", "typed"), [("who", WHO), ("seen", SEEN), ("you", YOU)])
def test_a_page_of_a_report_comes_back_with_what_was_typed(reader: TestClient, step: str, typed: dict[str, str]) -> None:
    draft = begin(reader)
    page = switch(reader, reader.get(f"{draft}/{step}").text, **typed)
    assert CHINESE in page
    assert values_of(page).items() >= typed.items()
    page = switch(reader, page, **typed | {"place": "合肥市"} if step == "you" else typed)
    assert '<html lang="en">' in page
    assert values_of(page).items() >= typed.items() - ({("place", YOU["place"])} if step == "you" else set())


def test_what_is_wrong_comes_back_too_and_is_said_when_it_is_sent(reader: TestClient) -> None:
    draft = begin(reader)
    page = switch(reader, reader.get(f"{draft}/who").text, names="", birth_date="gestern", age="一百")
    assert values_of(page)["birth_date"] == "gestern"
    assert 'role="alert"' not in page
    assert reader.post(f"{draft}/who?language=en", data=values_of(page)).status_code == 422


def test_a_draft_is_finished_in_the_other_language_and_told_once(house: House, reader: TestClient) -> None:
    draft = begin(reader)
    switch(reader, reader.get(f"{draft}/who").text, **WHO)
    write(reader, draft)
    reference, secret = send(reader, draft)
    assert the_report(house, reference).typed["names"] == WHO["names"]
    page = switch(reader, reader.get("/follow").text, reference=reference, secret=secret)
    assert values_of(page) == {"reference": reference, "secret": secret}


def test_the_beginning_keeps_what_was_ticked_and_begins_nothing(house: House, reader: TestClient) -> None:
    first = reader.get("/report").text
    page = switch(reader, first, agree="1")
    assert CHINESE in page
    assert 'name="agree" value="1" checked' in page
    assert 'name="face" value="1" checked' not in page
    assert challenge_of(page) == challenge_of(first), "nobody waits anew"
    challenge = challenge_of(page)
    begun = reader.post("/report?language=zh_CN", data={"agree": "1", "challenge": challenge, "answer": answer_to(challenge)})
    assert begun.url.path.endswith("/who")


def test_a_photo_is_not_sent_for_it_and_has_to_be_chosen_once_more(reader: TestClient) -> None:
    draft = begin(reader)
    page = switch(reader, reader.get(f"{draft}/photos").text, photo="IMG_1.jpg", taken_on="2019")
    assert values_of(page)["taken_on"] == "2019"
    assert 'id="photo-wrong"' in page
    assert 'id="photo-wrong"' not in switch(reader, reader.get(f"{draft}/photos").text, photo="", taken_on="2019")


def test_a_sighting_comes_back_and_nobody_is_told_it_yet(house: House, reader: TestClient) -> None:
    notice = a_notice(house, told_of(house))
    page = switch(reader, reader.get(f"/n/{notice.token}/seen").text, **STORY)
    assert CHINESE in page
    assert values_of(page).items() >= STORY.items()
    with house.services.store.reading() as records:
        assert records.sightings.of_case(notice.case_id) == []


def test_number_and_secret_are_not_lost_where_they_are_shown_once(reader: TestClient) -> None:
    draft = begin(reader)
    write(reader, draft)
    sent = reader.post(f"{draft}/send").text
    shown = re.findall(r"<dd><bdi>([0-9A-Z-]+)</bdi></dd>", sent)
    assert list(values_of(switch(reader, sent)).values()) == shown


def test_who_follows_a_report_reads_it_in_the_other_language(reader: TestClient) -> None:
    reference, secret = reported(reader)
    page = reader.post("/follow", data={"reference": reference, "secret": secret}).text
    page = switch(reader, page, taken_on="2019")
    assert CHINESE in page
    assert reference in page
    assert "<h1>" in page.split(reference, 1)[1], "the report itself, and not the question for its number"
    assert values_of(page)["taken_on"] == "2019"


def test_what_an_address_that_asks_too_often_sent_comes_back_in_the_other_language(house: House, reader: TestClient) -> None:
    services = public_of(house.services.settings.model_copy(update={"public_requests_per_minute": 2}), house.clock)
    hurried = TestClient(create_app(services), base_url=HERE, headers={"Accept-Language": "en"}, client=("203.0.113.9", 1))
    token = a_notice(house, told_of(house)).token
    form = hurried.get(f"/n/{token}/seen").text
    for _ in range(2):
        page = switch(hurried, form, **STORY)
    assert "您填写的内容还在。" in page
    assert values_of(switch(reader, page)).items() >= STORY.items()
    services.close()


def test_no_page_with_a_form_to_type_into_leaves_it_by_a_link() -> None:
    """A page that is written later has to say what its other language keeps."""
    for template in sorted(Path(templating.__file__).with_name("templates").glob("*.html")):
        said = template.read_text("utf-8")
        if re.search(r"fields\.(line|area|photo)\(|name=\"agree\"", said) and template.name != "fields.html":
            assert "set keeps" in said, template.name
            assert 'id="typed"' in said, template.name
