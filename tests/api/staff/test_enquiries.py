"""Asking by words on a page: what was understood, whom it fits, and that the words stand in no address."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tests.neighbours import Neighbours
from tracing.domain import CaseKind


def test_somebody_calls_and_the_case_is_found(lin: Browser, house: House) -> None:
    case = house.open(CaseKind.MISSING, names=("刘国强",), seen_place="安徽省阜阳市", circumstances="背着帆布包")
    house.services.worker.work_off()
    assert 'href="/enquiry"' in lin.see("/cases")
    assert "fits" not in text_of(lin.see("/enquiry"))
    page = lin.send("/enquiry", words="富阳 牛国强 帆布包", kind="missing")
    text = text_of(page)
    assert "安徽省阜阳市" in text, "what the word was taken for"
    assert "1 case fits" in text
    assert f'href="/cases/{case.case_id}"' in page
    for reason in ("The same name, as a dialect says it", "The words stand there", "sounds alike"):
        assert reason in text
    assert 'value="富阳 牛国强 帆布包"' in page
    assert "No open case fits." in text_of(lin.send("/enquiry", words="不认识的词"))


def test_words_that_say_nothing_come_back_with_what_to_do(lin: Browser) -> None:
    page = lin.send("/enquiry", 422, words="王")
    assert "Type at least two characters" in text_of(page)
    assert 'aria-invalid="true"' in page
    assert 'value="王"' in page
    lin.send("/enquiry", 422, words="王小明", kind="lost")


def test_a_case_of_another_station_is_counted_with_its_station(lin: Browser, house: House) -> None:
    north = Neighbours(house)
    house.open(CaseKind.MISSING, north.intake, names=("刘国强",), seen_place="安徽省阜阳市", age_min=40, age_max=50)
    house.services.worker.work_off()
    page = lin.send("/enquiry", words="刘国强 阜阳")
    assert "North shelter : 1 case fits" in text_of(page)
    assert "刘国强" not in text_of(page).split("At other stations")[1]


def test_who_judges_is_offered_no_such_page(browsers: Callable[[str, str], Browser]) -> None:
    for name in ("chen", "sun"):
        reader = browsers(name, "en")
        assert 'href="/enquiry"' not in reader.see("/cases")
        assert reader.client.get("/enquiry").status_code == 403
