"""Pages about reports of families and sightings: those that wait, one with its photos, and the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.families.sent import TYPED, a_report, a_sighting, now_of, photo_of
from tests.house import House
from tracing.domain import Analysis, Case, FamilyReport, ReportState, Sighting


@pytest.fixture
def report(house: House) -> FamilyReport:
    return a_report(house, photos=2)


@pytest.fixture
def case(house: House) -> Case:
    return house.missing(1, names=("王建国",))


@pytest.fixture
def seen(house: House, case: Case) -> Sighting:
    return a_sighting(house, case)


def test_a_report_waits_on_the_home_page_and_is_read_with_photos_and_whom_to_call(lin: Browser, report: FamilyReport) -> None:
    assert "Reports of families 1" in text_of(lin.see("/"))
    assert "王建国、国娃" in text_of(lin.see("/reports"))
    page = lin.see(f"/reports/{report.report_id}")
    told = text_of(page)
    for said in (
        "左眉有一道疤",
        "合肥站北广场",
        "李秀英 (女儿)",
        "13800138000",
        "taken 2019",
        "Also to the search of the face",
    ):
        assert said in told, said
    assert page.count("<img ") == 2
    assert report.secret_hash not in page


def test_a_photo_is_drawn_anew_for_those_who_may_see_it(
    lin: Browser, browsers: Callable[..., Browser], house: House, report: FamilyReport
) -> None:
    path = f"/reports/{report.report_id}/photos/{photo_of(house, report)}"
    answer = lin.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert answer.headers["cache-control"] == "no-store"
    assert lin.client.get(f"/reports/{report.report_id}/photos/{'0' * 32}").status_code == 404
    for name in ("chen", "qian"):
        assert browsers(name).client.get(path).status_code == 403


def test_accepting_opens_the_case_and_shows_it(lin: Browser, house: House, report: FamilyReport) -> None:
    lin.see(f"/reports/{report.report_id}")
    page = lin.send(f"/reports/{report.report_id}/accept", version=str(report.version))
    assert lin.url.startswith("/cases/")
    assert "13800138000" in page
    house.services.worker.work_off()
    with house.services.store.reading() as records:
        photos = records.photos.of_case(lin.url.removeprefix("/cases/"))
    assert [each.analysis for each in photos] == [Analysis.ENROLLED] * 2
    again = lin.send(f"/reports/{report.report_id}/accept", 409, version=str(report.version))
    assert "answered this report already" in text_of(again)
    page = text_of(lin.see(f"/reports/{report.report_id}"))
    assert "To the case" in page
    assert "李秀英" not in page, "the case has it"
    assert "Accepted, with a case" in text_of(lin.see("/reports?state=accepted"))


def test_declining_needs_one_of_the_reasons(lin: Browser, house: House, report: FamilyReport) -> None:
    lin.see(f"/reports/{report.report_id}")
    path = f"/reports/{report.report_id}/decline"
    for wrong in ("", "because", "duplicate"):
        assert "Choose one of the answers" in text_of(lin.send(path, 422, version=str(report.version), declined=wrong))
    lin.send(path, 409, version="7", declined="talk_first")
    lin.send(path, version=str(report.version), declined="talk_first")
    assert lin.url == "/reports"
    assert now_of(house, report).state is ReportState.DECLINED
    assert "We want to talk with the family first" in text_of(lin.see(f"/reports/{report.report_id}"))


def test_a_report_that_the_family_took_back_is_shown_to_whoever_has_to_close_the_case(
    lin: Browser, house: House, report: FamilyReport
) -> None:
    from dataclasses import replace

    case = house.services.family_reports.accept(house.intake, report.report_id, report.version)
    with house.services.store.transaction() as records:
        now = records.reports.get(report.report_id)
        records.reports.save(replace(now, state=ReportState.WITHDRAWN, withdrawn_at=house.clock()))
    assert report.reference in lin.see("/reports?state=withdrawn")
    page = text_of(lin.see(f"/reports/{report.report_id}"))
    assert "has withdrawn its consent" in page
    assert case.reference in page


def test_hostile_words_of_a_report_are_shown_as_they_are(lin: Browser, house: House, case: Case) -> None:
    hostile = "</dd><script>alert(1)</script>{{7*7}}"
    report = a_report(house, typed={**TYPED, "names": hostile, "circumstances": hostile, "name": hostile, "place": hostile})
    a_sighting(house, case, said=hostile, contact=hostile, place=hostile)
    for path in ("/reports", f"/reports/{report.report_id}", "/sightings"):
        page = lin.see(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_sightings_are_read_and_written_down_as_a_clue(lin: Browser, house: House, case: Case, seen: Sighting) -> None:
    assert "What informants have seen 1" in text_of(lin.see(f"/cases/{case.case_id}"))
    page = lin.see(f"/sightings?case={case.case_id}")
    for said in (seen.said, "阜阳站", "昨天下午", "13900139000"):
        assert said in page
    refused = lin.send(f"/sightings/{seen.sighting_id}/note", 422, version="1", said="")
    assert "13900139000" in refused
    lin.send(f"/sightings/{seen.sighting_id}/note", version="2", said="有人说在阜阳站见过他")
    assert lin.url.startswith(f"/cases/{case.case_id}")
    assert "有人说在阜阳站见过他" in lin.see(f"/cases/{case.case_id}")
    other = a_sighting(house, case)
    lin.see("/sightings")
    lin.send(f"/sightings/{other.sighting_id}/read", version="1")
    assert "None." in text_of(lin.see("/sightings"))
    assert other.said in lin.see("/sightings?state=read")
    assert seen.said in lin.see("/sightings?state=noted")


def test_the_picture_of_a_sighting_is_for_the_station(lin: Browser, chen: Browser, house: House, seen: Sighting) -> None:
    path = f"/sightings/{seen.sighting_id}/photos/{photo_of(house, seen)}"
    assert lin.client.get(path).headers["content-type"] == "image/jpeg"
    assert chen.client.get(path).status_code == 403


@pytest.mark.parametrize("query", ["?state=robot&sheet=-3", "?sheet=99999", "?state=draft"])
def test_what_is_no_list_is_the_usual_one(lin: Browser, report: FamilyReport, query: str) -> None:
    lin.see(f"/reports{query}")
    lin.see(f"/sightings{query}")


def test_pages_are_whole_in_chinese(
    browsers: Callable[..., Browser], house: House, report: FamilyReport, seen: Sighting
) -> None:
    from tests.api.staff.test_language import LATIN

    lin = browsers("lin", language="zh-CN")
    for path in ("/reports", f"/reports/{report.report_id}", "/sightings"):
        said = text_of(lin.see(path))
        for known in ("English", "lin", report.reference, "FR", seen.case_id, "M-2026-00001"):
            said = said.replace(known, "")
        assert not [word for word in LATIN.findall(said) if not word.isupper()], path
