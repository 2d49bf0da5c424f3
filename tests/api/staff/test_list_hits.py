"""Hits of lists on the page: those that wait, the two side by side, what somebody says of one, a case opened for a record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.factories import a_hit
from tests.house import House
from tests.importing.handed import put
from tracing.domain import Case, HitState, ListHit
from tracing.records import CaseFilter

PORTRAIT = b"\xff\xd8\xff the face of the record"


@pytest.fixture
def case(house: House) -> Case:
    return house.sheltered(1, age_min=60, age_max=60, names=("王建国",))


@pytest.fixture
def hit(house: House, case: Case) -> ListHit:
    return put(house, a_hit(case, found_at=house.clock()), portrait=PORTRAIT)


def decided(browser: Browser, hit: ListHit, state: str, reason: str, status: int = 200, version: int = 1) -> str:
    browser.see(f"/lists/hits/{hit.hit_id}")
    return browser.send(f"/lists/hits/{hit.hit_id}/decide", status, state=state, reason=reason, version=str(version))


def test_the_two_stand_side_by_side_with_the_departments_number_and_without_its_words(lin: Browser, hit: ListHit) -> None:
    assert "may be record 7 of Police of Sichuan" in text_of(lin.see("/lists/hits"))
    page = lin.see(f"/lists/hits/{hit.hit_id}")
    text = text_of(page)
    for words in ("Record 7", "Police of Sichuan", "row 3 of the list", "王建国", "The same name"):
        assert words in text
    answer = lin.client.get(f"/lists/hits/{hit.hit_id}/image")
    assert (answer.content, answer.headers["content-type"]) == (PORTRAIT, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"


def test_where_relatives_may_be_the_danger_the_page_says_so_before_anybody_is_told(
    lin: Browser, hit: ListHit, case: Case, house: House
) -> None:
    assert "Relatives may be the danger" not in lin.see(f"/lists/hits/{hit.hit_id}")
    house.services.safeguarding.mark(house.intake, case.case_id, "his son beat him")
    assert "Nor do you tell whoever sent the list" in text_of(lin.see(f"/lists/hits/{hit.hit_id}"))


def test_before_they_have_said_what_they_see_nobody_who_judges_is_told_what_the_machine_thinks(
    chen: Browser, browsers: Callable[..., Browser], hit: ListHit
) -> None:
    page = text_of(chen.see(f"/lists/hits/{hit.hit_id}"))
    assert "The same name" not in page
    assert "evidence" not in page.lower()
    assert "The same name" in text_of(browsers("qian").see(f"/lists/hits/{hit.hit_id}"))
    after = text_of(decided(chen, hit, "no_match", "another ear"))
    assert "The same name" in after


def test_what_somebody_says_is_written_down_with_its_reason_and_the_photo_goes(chen: Browser, hit: ListHit) -> None:
    page = text_of(decided(chen, hit, "no_match", "another ear"))
    assert "Written down." in page
    assert "another ear" in page
    assert "The photo of the record is not kept any more." in page
    assert chen.client.get(f"/lists/hits/{hit.hit_id}/image").status_code == 404
    assert "None." in text_of(chen.see("/lists/hits"))
    assert "record 7" in text_of(chen.see("/lists/hits?state=no_match"))


def test_a_decision_without_a_reason_stands_at_its_field_with_what_was_typed(chen: Browser, hit: ListHit) -> None:
    page = decided(chen, hit, "followed_up", " ", 422)
    assert 'href="#reason"' in page
    assert re.search(r'value="followed_up"[^>]* checked', page)
    assert "Choose" in text_of(decided(chen, hit, "", "because", 422))


def test_two_who_decide_at_one_time_do_not_overwrite_each_other(chen: Browser, lin: Browser, hit: ListHit) -> None:
    decided(lin, hit, "looked_at", "asked by telephone")
    page = text_of(decided(chen, hit, "no_match", "another ear", 409))
    assert "Somebody else has decided about this meanwhile" in page
    assert "another ear" in page


def test_a_case_is_opened_for_the_record_once_and_bears_its_number(lin: Browser, hit: ListHit, house: House) -> None:
    page = lin.see(f"/lists/hits/{hit.hit_id}")
    (link,) = re.findall(r'href="(/cases/new\?[^"]+hit=[^"]+)"', page)
    form = lin.see(link.replace("&amp;", "&"))
    assert "For record 7 of Police of Sichuan" in text_of(form)
    assert re.search(r'name="kind"[^>]* value="missing"', form)
    form_id = re.search(r'name="form_id" value="([^"]+)"', form)
    assert form_id is not None
    said = {"form_id": form_id[1], "kind": "missing", "legal_basis": "statutory_duty", "names": "王建国", "hit": hit.hit_id}
    lin.send("/cases/new", **said)
    case_id = lin.url.split("/")[2].split("?")[0]
    after = text_of(lin.see(f"/lists/hits/{hit.hit_id}"))
    assert "A case was opened for the record:" in after
    assert "Open a case for the record" not in after
    with house.services.store.reading() as records:
        source = records.rights.source(case_id)
    assert source is not None
    assert (source.source, source.source_id) == (hit.source, hit.source_id)
    assert house.services.list_hits.view(house.intake, hit.hit_id).hit.state is HitState.FOLLOWED_UP
    found = house.services.casework.find(house.intake, CaseFilter(), 9).total
    lin.send("/cases/new", 409, **said | {"form_id": "another form"})
    assert house.services.casework.find(house.intake, CaseFilter(), 9).total == found


def test_who_only_watches_reads_and_decides_nothing(browsers: Callable[..., Browser], hit: ListHit) -> None:
    qian = browsers("qian")
    assert '<form class="stack" method="post" action="/lists/hits/' not in qian.see(f"/lists/hits/{hit.hit_id}")
    qian.send(f"/lists/hits/{hit.hit_id}/decide", 403, state="no_match", reason="because", version="1")


def test_those_of_one_department_or_one_list_are_shown_alone_sheet_by_sheet(chen: Browser, house: House, case: Case) -> None:
    hits = [a_hit(case, source_id=str(number), found_at=house.clock()) for number in range(1, 15)]
    put(house, *hits, replace(a_hit(case, source="Hospital", source_id="x", run_id="9" * 32), found_at=house.clock()))
    assert "record x of Hospital" in text_of(chen.see("/lists/hits?source=Hospital"))
    assert "record x of Hospital" in text_of(chen.see(f"/lists/hits?run={'9' * 32}"))
    assert "record 1 of" not in text_of(chen.see("/lists/hits?source=Hospital"))
    shown = set(re.findall(r"/lists/hits/([0-9a-f]{32})", chen.see("/lists/hits") + chen.see("/lists/hits?sheet=2")))
    assert len(shown) == 15


def test_the_front_page_says_that_hits_wait(chen: Browser, lin: Browser, hit: ListHit) -> None:
    assert 'href="/lists/hits"' in chen.see("/")
    assert "Somebody on a list may be a person of ours" in text_of(lin.see("/"))
    decided(chen, hit, "no_match", "another ear")
    assert 'href="/lists/hits"' not in chen.see("/")


def test_it_is_all_there_in_chinese(browsers: Callable[..., Browser], hit: ListHit) -> None:
    lin = browsers("lin", "zh-CN")
    for path in ("/lists/hits", f"/lists/hits/{hit.hit_id}"):
        english = set(re.findall(r"[A-Za-z]{3,}", text_of(lin.see(path)))) - {"Police", "Sichuan", "lin", "English"}
        assert not english, path
