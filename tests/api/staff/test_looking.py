"""What queue and pair show beside the judgement: filters, photos, contradictions, and the lines through the eyes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from api.staff.templating import environment
from tests.api.staff.conftest import Browser, text_of
from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import CaseKind, Description, PartialDate
from tracing.embeddings.pictures import EYE_DISTANCE, EYE_HEIGHT


@pytest.fixture
def pair_id(house: House) -> str:
    """Of a boy of nine and somebody of eighteen to twenty."""
    missing = house.missing(7, names=("Zhang Wei",), birth_date=PartialDate(2017))
    return house.pair(missing, house.sheltered(7, age_min=18, age_max=20)).pair_id


def cards(page: str) -> list[str]:
    return re.findall(r'action="/pairs/(\w+)/claim"', page)


def test_a_card_says_how_many_photos_there_are_of_each(chen: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        pair = records.pairs.get(pair_id)
    house.services.intake.add_photo(house.intake, pair.low_case_id, painted_photo(7, shot=55))
    page = text_of(chen.see("/review"))
    assert "2 photos" in page
    assert "1 photo " in page


def test_the_queue_is_narrowed_by_age_station_and_waiting_time(chen: Browser, house: House, pair_id: str) -> None:
    other = house.pair(house.missing(8, age_min=70), house.sheltered(8)).pair_id
    assert set(cards(chen.see("/review?relation=trace"))) >= {pair_id, other}
    assert cards(chen.see("/review?ages=child&relation=trace")) == [pair_id]
    assert cards(chen.see("/review?ages=elder&relation=trace")) == [other]
    assert set(cards(chen.see("/review?ages=nonsense&station=&overdue=no&relation=trace"))) >= {pair_id, other}
    assert "No pair waits for you that fits the filters." in chen.see("/review?station=elsewhere")
    assert "No pair waits for you that fits the filters." in chen.see("/review?overdue=1")
    house.clock.advance(hours=25)
    page = chen.sign_in("chen").see("/review?overdue=1&relation=trace")
    assert set(cards(page)) >= {pair_id, other}
    assert text_of(page).count("Overdue") == len(cards(page))


def test_the_filters_stay_from_sheet_to_sheet_and_stations_are_offered_where_there_are_several(
    chen: Browser, house: House, pair_id: str
) -> None:
    page = chen.see("/review?ages=child&overdue=1")
    assert "/review?relation=trace&amp;ages=child&amp;overdue=1" in page
    assert 'id="station"' not in page
    with house.services.store.transaction() as records:
        case = records.cases.get(records.pairs.get(pair_id).low_case_id)
    away = replace(house.intake, station_id="north")
    house.services.intake.open_case(away, case.kind, Description(), case.legal_basis)
    assert '<option value="north">' in chen.see("/review")


def test_what_somebody_holds_says_until_when_and_waits_on_the_first_sheet(chen: Browser, pair_id: str) -> None:
    chen.see("/review")
    chen.send(f"/pairs/{pair_id}/claim")
    page = text_of(chen.see("/review"))
    assert "Held for you until 1 Mar 2026" in page
    assert "Go on" in page


def test_contradictions_in_what_hardly_changes_stand_on_top(chen: Browser, pair_id: str) -> None:
    page = text_of(chen.see(f"/pairs/{pair_id}"))
    top, table = page.index("These contradict each other"), page.index("Field Missing")
    assert top < page.index("Age:", top) < table


def test_two_that_do_not_contradict_each_other_have_no_such_notice(chen: Browser, house: House) -> None:
    pair = house.pair(house.missing(9, age_min=40, age_max=41), house.sheltered(9, age_min=38, age_max=45))
    assert "These contradict each other" not in chen.see(f"/pairs/{pair.pair_id}")


def test_a_fact_that_rules_the_pair_out_is_said(chen: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        cases = records.cases.by_ids(records.pairs.get(pair_id).case_ids).values()
    for case in cases:
        seen = PartialDate(2026, 2, 27) if case.kind is CaseKind.MISSING else PartialDate(2026, 2, 1)
        with house.services.store.transaction() as records:
            at = records.cases.get(case.case_id)
            records.cases.save(replace(at, opened_at=at.opened_at - timedelta(days=20), description=Description(seen_at=seen)))
    assert "seen at home after the other had come into care" in text_of(chen.see(f"/pairs/{pair_id}"))


def test_every_photo_has_its_date_and_the_age_in_it(chen: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        (missing,) = [
            case for case in records.cases.by_ids(records.pairs.get(pair_id).case_ids).values() if case.kind is CaseKind.MISSING
        ]
    add = house.services.intake.add_photo
    add(house.intake, missing.case_id, painted_photo(7, shot=1), PartialDate(2023, 5), None)
    add(house.intake, missing.case_id, painted_photo(7, shot=2), None, 8)
    page = text_of(chen.see(f"/pairs/{pair_id}"))
    assert "May 2023 · aged about 6" in page
    assert "aged 8" in page
    assert "received 1 Mar 2026" in page


def test_another_photo_stands_in_the_frame_without_javascript(chen: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        case_id = records.pairs.get(pair_id).low_case_id
    other = house.services.intake.add_photo(house.intake, case_id, painted_photo(7, shot=31))
    house.services.intake.analyse(other.photo_id)
    page = chen.see(f"/pairs/{pair_id}")
    links = re.findall(r'data-show="(\w+)"[^>]+ href="([^"#]+)#compare"([^>]*)>', page)
    assert len(links) == 2, "both photos of that person, and none where there is but one"
    (to_other,) = [href.replace("&amp;", "&") for _, href, current in links if not current]
    frame = r'<div class="frame"><img class="portrait" src="/photos/(\w+)/image'
    assert sorted(re.findall(frame, page)) != sorted(re.findall(frame, chen.see(to_other)))
    assert re.findall(frame, page) == re.findall(frame, chen.see(f"/pairs/{pair_id}?left=nonsense&right={'0' * 32}"))


def test_the_lines_go_through_the_eyes_of_every_portrait() -> None:
    grid = environment("en", None).get_template("parts.html").module.grid()  # type: ignore[attr-defined]  # a macro
    eyes = [(round(100 * (0.5 + side * EYE_DISTANCE / 2)), round(100 * EYE_HEIGHT)) for side in (-1, 1)]
    for x, y in eyes:
        assert f'<circle cx="{x}" cy="{y}"' in grid
        assert f'<path d="M{x} 0V100" class="grid-main"/>' in grid
        assert f'<path d="M0 {y}H100" class="grid-main"/>' in grid
