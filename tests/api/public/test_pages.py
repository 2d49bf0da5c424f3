"""What everybody reads: published notices and nothing else, found by their list and their address alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import pypdfium2
import pytest
from defusedxml.ElementTree import fromstring
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from PIL import Image
from starlette.testclient import TestClient

from tests.api.public.conftest import HERE
from tests.api.staff.conftest import text_of
from tests.families.sent import withdrawn_by_the_family
from tests.house import House
from tests.noticing import CONTACT, SAID, STATION, a_notice, now, told_of
from tests.stories import by_hand
from tracing.domain import CaseKind, Channel, Description, LegalBasis, Notice, NoticeEnd, NoticeField, NoticeState, Outcome
from tracing.opening import ContactDraft

ATOM: Final = "{http://www.w3.org/2005/Atom}"
ROUTES: Final = {
    *("/", "/n/{token}", "/n/{token}/photo.jpg", "/n/{token}/poster.pdf", "/n/{token}/share.png", "/feed.atom"),
    *("/health/live", "/health/ready", "/static"),
    *("/report", "/report/{draft}/{step}", "/follow", "/n/{token}/seen"),
}
WRITTEN: Final = {
    *("/report", "/report/{draft}/{step}", "/report/{draft}/photos", "/report/{draft}/photos/remove", "/report/{draft}/send"),
    *("/follow", "/follow/photo", "/follow/withdraw", "/n/{token}/seen"),
}
"""Where strangers send something: each into a draft or a report that only they know, or to the station alone."""
"""Everything that a stranger can ask. A route that is missing here is one that nobody has looked at."""
PARTS: Final = ("", "/photo.jpg", "/poster.pdf", "/share.png")
"""What there is of one notice."""
HAN: Final = re.compile(r"[\u4e00-\u9fff]")
LATIN: Final = re.compile(r"[A-Za-z]{2,}")


@pytest.fixture
def notice(house: House) -> Notice:
    return a_notice(house, told_of(house), photo_id=photo_of(house))


def photo_of(house: House) -> str:
    """Of the case that was opened last."""
    with house.services.store.reading() as records:
        case = max(records.cases.find(_everybody(), 9), key=lambda case: case.reference)
        return records.photos.of_case(case.case_id)[0].photo_id


def _everybody():  # type: ignore[no-untyped-def]
    from tracing.records import CaseFilter

    return CaseFilter()


def addresses(notice: Notice) -> Iterator[str]:
    yield from ("/", "/feed.atom")
    yield from (f"/n/{notice.token}{part}" for part in PARTS)


def test_l18_every_route_for_everybody_is_one_that_was_looked_at(public_app: FastAPI) -> None:
    """The family's app has no route that returns another person's data, and none that searches."""
    there = {
        (method, str(route.path)) for route in iter_route_contexts(public_app.routes) for method in route.methods or {"GET"}
    }
    assert {path for method, path in there if method == "GET"} == ROUTES
    assert {path for method, path in there if method != "GET"} == WRITTEN
    assert {method for method, _ in there} == {"GET", "POST"}


def test_a_published_notice_is_in_the_list_the_feed_and_at_its_address(reader: TestClient, notice: Notice) -> None:
    page = reader.get("/")
    assert f'href="/n/{notice.token}"' in page.text
    assert "王建国" in page.text
    shown = text_of(reader.get(f"/n/{notice.token}").text)
    for told in (
        "王建国",
        "about 60 to 70 years",
        "about 168 cm",
        "左眉有一道疤",
        "蓝色棉外套",
        "合肥站北广场",
        STATION,
        CONTACT,
    ):
        assert told in shown, told
    assert "右手缺小指" not in shown, "kept back"
    assert f'href="tel:{re.sub("[ -]", "", CONTACT)}"' in reader.get(f"/n/{notice.token}").text
    assert notice.token in reader.get("/feed.atom").text


@pytest.mark.parametrize("state", sorted(set(NoticeState) - {NoticeState.PUBLISHED}))
def test_l17_what_is_not_published_is_nowhere(house: House, reader: TestClient, state: NoticeState) -> None:
    notice = a_notice(house, told_of(house), state)
    assert notice.token not in reader.get("/").text + reader.get("/feed.atom").text
    for part in PARTS:
        assert reader.get(f"/n/{notice.token}{part}").status_code == 404


def test_l10_with_the_case_the_notice_is_gone_from_every_page_at_once(house: House, reader: TestClient, notice: Notice) -> None:
    """Also a picture that was asked for a moment ago, and whatever the worker does."""
    assert all(reader.get(path).status_code == 200 for path in addresses(notice))
    house.services.casework.close(house.intake, notice.case_id, Outcome.SETTLED, "it is over", Channel.OTHER)
    for part in PARTS:
        assert reader.get(f"/n/{notice.token}{part}").status_code == 404
    for path in ("/", "/feed.atom"):
        assert notice.token not in reader.get(path).text
    assert "王建国" not in reader.get("/").text


def test_l7_with_the_time_of_its_case_the_notice_is_gone_from_every_page_at_once(
    house: House, reader: TestClient, notice: Notice
) -> None:
    """As L10: what was kept of pictures and posters in memory outlives nothing, and no worker has run."""
    assert all(reader.get(path).status_code == 200 for path in addresses(notice))
    by_hand(house, "UPDATE cases SET expires_at = opened_at WHERE case_id = ?", values=(notice.case_id,))
    assert all(reader.get(f"/n/{notice.token}{part}").status_code == 404 for part in PARTS)
    assert reader.post(f"/n/{notice.token}/seen", data={"said": "at the station"}).status_code == 404
    assert not any(each in reader.get(path).text for path in ("/", "/feed.atom") for each in (notice.token, "王建国"))


def test_l10_with_the_consent_of_the_family_the_notice_is_gone_from_every_page_at_once(
    house: House, reader: TestClient
) -> None:
    case = told_of(house, kind=CaseKind.MISSING)
    notice = a_notice(house, case)
    assert all(reader.get(path).status_code == 200 for path in addresses(notice) if "photo" not in path)
    withdrawn_by_the_family(house, case)
    assert all(reader.get(f"/n/{notice.token}{part}").status_code == 404 for part in PARTS)
    assert not any(each in reader.get(path).text for path in ("/", "/feed.atom") for each in (notice.token, "王建国"))
    house.services.worker.work_off()
    ended = now(house, notice)
    assert (ended.state, ended.end) == (NoticeState.WITHDRAWN, NoticeEnd.NO_CONSENT)


def test_an_erased_person_s_picture_is_given_to_nobody(house: House, reader: TestClient, notice: Notice) -> None:
    assert all(reader.get(f"/n/{notice.token}{part}").status_code == 200 for part in PARTS)
    house.services.retention.erase_case(house.manager, notice.case_id)
    assert all(reader.get(f"/n/{notice.token}{part}").status_code == 404 for part in PARTS)


def test_l18_a_guess_a_draft_and_what_is_over_are_answered_alike(house: House, reader: TestClient) -> None:
    draft, over = (
        a_notice(house, told_of(house, 3 * person + 1), state) for person, state in enumerate(("draft", "withdrawn"))
    )
    answers = {
        re.sub(r'href="[^"]*language=', "", reader.get(f"/n/{token}").text)
        for token in (draft.token, over.token, "A" * 22, "x", draft.notice_id, draft.case_id, "..%2f..", "%00")
    }
    assert len(answers) == 1


def test_l18_no_word_of_an_address_searches(reader: TestClient, notice: Notice) -> None:
    plain = reader.get("/").text
    for asked in ("q=王建国", "name=王建国", "text=王建国", "search=李", "token=x", "station=main", "sort=name"):
        assert reader.get(f"/?{asked}").text == plain
    assert reader.get("/?kind=missing").text != plain
    assert reader.get("/?kind=robot&page=-3").text == plain
    assert reader.get("/?page=99999999999").status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert reader.request(method, f"/n/{notice.token}").status_code == 405


def test_l18_no_answer_tells_whom_to_call_of_the_family_or_leads_to_the_case(house: House, reader: TestClient) -> None:
    """Informants never see contacts of relatives; ids and references of cases stay inside."""
    said, contact = Description(**SAID), ContactDraft("reporter", "李秀英", "13800138000", "合肥市蜀山区")
    case = house.services.intake.open_case(house.intake, CaseKind.MISSING, said, LegalBasis.SEPARATE_CONSENT, contact)
    house.photograph(case, 5)
    relatives = [{"name": "王小明", "relation": "son", "contact": "13900139000"}]
    house.services.filing.write(house.intake, case.case_id, {"relatives": relatives, "police_case": "A340100"})
    notice = a_notice(house, case, photo_id=photo_of(house))
    told = "".join(reader.get(path).text for path in addresses(notice))
    secrets = (
        "李秀英",
        "13800138000",
        "蜀山",
        "王小明",
        "13900139000",
        "A340100",
        case.case_id,
        case.reference,
        notice.notice_id,
    )
    for secret in (*secrets, house.intake.account_id, house.manager.account_id, "右手缺小指"):
        assert secret not in told, secret


def test_l21_where_the_place_is_hidden_no_page_tells_it(house: House, reader: TestClient, notice: Notice) -> None:
    house.services.filing.write(house.intake, notice.case_id, {"categories": ["trafficking_suspected"]})
    told = "".join(reader.get(path).text for path in ("/", "/feed.atom", f"/n/{notice.token}"))
    assert "王建国" in told
    assert "合肥" not in told


# The picture


def test_the_picture_is_a_part_of_the_photo_without_metadata(house: House, reader: TestClient, notice: Notice) -> None:
    with house.services.store.reading() as records:
        photo = records.photos.of_case(notice.case_id)[0]
    for size in ("", "?small=1"):
        answer = reader.get(f"/n/{notice.token}/photo.jpg{size}")
        assert answer.headers["content-type"] == "image/jpeg"
        picture = Image.open(io.BytesIO(answer.content))
        assert (picture.width < photo.width, picture.info.keys() & {"exif", "comment", "icc_profile"}) == (True, set())


def test_a_notice_without_a_photo_has_none(house: House, reader: TestClient) -> None:
    bare = a_notice(house, told_of(house), shown=frozenset({NoticeField.AGE}))
    assert reader.get(f"/n/{bare.token}/photo.jpg").status_code == 404
    assert "<img" not in reader.get(f"/n/{bare.token}").text.split("<main")[1]


def test_a_poster_and_a_picture_are_handed_out_as_what_they_are(reader: TestClient, notice: Notice) -> None:
    poster, share = (reader.get(f"/n/{notice.token}/{name}") for name in ("poster.pdf", "share.png"))
    assert (poster.headers["content-type"], poster.content[:5]) == ("application/pdf", b"%PDF-")
    assert (share.headers["content-type"], Image.open(io.BytesIO(share.content)).size) == ("image/png", (1200, 900))
    assert share.headers["cross-origin-resource-policy"] == "cross-origin", "news apps show it on their pages"
    assert poster.headers["cross-origin-resource-policy"] == "same-origin"
    with pypdfium2.PdfDocument(poster.content) as document:
        told = document[0].get_textpage().get_text_bounded()
    assert "No QR code" in told, "no address is set"
    assert "Not published" not in told


# The feed


def test_the_feed_is_what_readers_of_feeds_expect(reader: TestClient, notice: Notice) -> None:
    answer = reader.get("/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    root = fromstring(answer.text)
    assert root.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert root.findtext(f"{ATOM}{name}")
    (entry,) = root.findall(f"{ATOM}entry")
    links = {link.get("rel"): link.get("href") for link in entry.findall(f"{ATOM}link")}
    address = f"{HERE}/n/{notice.token}"
    assert (entry.findtext(f"{ATOM}id"), links["alternate"]) == (address, address)
    assert links["enclosure"] == f"{address}/share.png"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-01T12:00:00Z"
    assert CONTACT in str(entry.findtext(f"{ATOM}content"))
    chosen = fromstring(reader.get("/feed.atom?language=en").text)
    assert [link.get("href") for link in chosen.findall(f"{ATOM}link")] == [
        f"{HERE}/feed.atom?language=en",
        f"{HERE}/?language=en",
    ], "a reader asks again where the feed says that it is"
    assert chosen.findtext(f"{ATOM}entry/{ATOM}id") == address
    chinese = fromstring(reader.get("/feed.atom", headers={"accept-language": "zh-CN"}).text)
    assert f"：{CONTACT}" in str(chinese.findtext(f"{ATOM}entry/{ATOM}content"))


def test_words_that_are_code_elsewhere_are_words_here(house: House, reader: TestClient) -> None:
    hostile = "</content><script>alert('x')</script>&{{7*7}}"
    case = told_of(house, 9, clothing=hostile, names=(hostile,), seen_place=hostile)
    notice = a_notice(house, case, contact=hostile)
    for path in ("/", f"/n/{notice.token}"):
        page = reader.get(path).text
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "49" not in text_of(page).replace("6299", "")
    entry = fromstring(reader.get("/feed.atom").text).findall(f"{ATOM}entry")[0]
    assert hostile in str(entry.findtext(f"{ATOM}title"))


# Languages


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/%2f/evil.example"])
def test_no_path_makes_a_link_that_leads_elsewhere(reader: TestClient, path: str) -> None:
    page = reader.request("GET", HERE + path).text
    assert [each for each in re.findall(r'href="([^"]+)"', page) if not re.match(r"#|/(?![/\\])", each)] == []


def test_a_page_speaks_the_reader_s_language_and_links_keep_the_one_that_was_chosen(
    house: House, readers: Callable[..., TestClient]
) -> None:
    english = {"names": ("Tom",), "marks": ("scar", "mole"), "clothing": "blue coat", "seen_place": "the station"}
    notice = a_notice(house, told_of(house, 5, **english), station="The station", contact="0551-6299 8000")
    chinese, foreign = readers("zh-CN"), readers("en")
    for path in ("/", f"/n/{notice.token}", "/n/nothing"):
        page = foreign.get(path)
        assert '<html lang="en">' in page.text
        assert not HAN.search(text_of(page.text).replace("中文", "")), path
        page = chinese.get(path)
        assert '<html lang="zh-CN">' in page.text
        said = text_of(page.text)
        for known in ("English", "PDF", *english.values(), "Tom", "scar", "The station"):
            said = said.replace(known if isinstance(known, str) else known[0], "")
        assert not LATIN.search(said), f"{path}: {LATIN.findall(said)}"
    page = chinese.get("/?language=en").text
    assert '<html lang="en">' in page
    assert f'href="/n/{notice.token}?language=en"' in page
    assert 'href="/?language=en"' in chinese.get(f"/n/{notice.token}?language=en").text
    assert '<html lang="zh-CN">' in chinese.get("/?language=xx").text


def test_the_list_comes_in_pages(house: House, reader: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.public.pages.PER_PAGE", 2)
    for person in range(3):
        house.clock.advance(minutes=1)
        a_notice(house, told_of(house, 4 * person + 1))
    first, second = reader.get("/").text, reader.get("/?page=2").text
    assert (first.count('class="card '), second.count('class="card ')) == (2, 1)
    assert 'rel="next" href="/?page=2"' in first
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_the_day_that_is_named_is_the_last_one(house: House, reader: TestClient, notice: Notice) -> None:
    assert notice.expires_at is not None
    last = notice.expires_at - timedelta(seconds=1)
    assert f"Stands until: {last:%B} {last.day}, {last.year}" in text_of(reader.get(f"/n/{notice.token}").text)
