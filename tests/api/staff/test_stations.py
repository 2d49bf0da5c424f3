"""The pages between stations: whom to ask for a case, forms that keep what was typed, answers and alerts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.staff.conftest import PASSWORD, Browser
from tests.fakes import painted_photo
from tests.house import House
from tests.neighbours import TO_COMPARE, Neighbours
from tracing.access import SYSTEM
from tracing.domain import CaseKind, Part, RequestState

Browsers = Callable[..., Browser]


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


@pytest.fixture
def guest(north: Neighbours, house: House, browsers: Browsers) -> Callable[[str], Browser]:
    """``guest("north lin")``: somebody of the second station, signed in."""

    def sign_in(name: str) -> Browser:
        house.services.accounts.set_password(SYSTEM, name, PASSWORD)
        return browsers(name, "en")

    return sign_in


def test_without_stations_nothing_about_them_is_shown(house: House, browsers: Browsers) -> None:
    case, lin = house.missing(1), browsers("lin", "en")
    for path in ("/", f"/cases/{case.case_id}"):
        assert "/stations" not in lin.see(path)
        assert "Other stations" not in lin.see(path)
    assert "No other station is set up" in lin.see(f"/cases/{case.case_id}/request")


def test_a_case_of_another_station_leads_to_the_form_and_tells_nothing(
    house: House, north: Neighbours, guest: Callable[[str], Browser]
) -> None:
    case = north.case()
    page = guest("north lin").client.get(f"/cases/{case.case_id}")
    assert page.status_code == 403
    assert "Main shelter" in page.text
    assert f"/cases/{case.case_id}/request" in page.text
    assert f"/cases/{case.case_id}/break-glass" in page.text
    assert "老王" not in page.text
    reviewer = guest("north chen").client.get(f"/cases/{case.case_id}").text
    assert "/request" not in reviewer
    assert "/break-glass" not in reviewer


def test_a_request_is_sent_and_a_refused_one_keeps_what_was_typed(
    house: House, north: Neighbours, guest: Callable[[str], Browser]
) -> None:
    case, lin = north.case(), guest("north lin")
    lin.see(f"/cases/{case.case_id}/request")
    refused = lin.send(f"/cases/{case.case_id}/request", 422, kind="assistance", days="14", reason="he knows my village")
    assert "he knows my village" in refused
    assert "Say what the other station needs to see." in refused
    lin.send(f"/cases/{case.case_id}/request", kind="assistance", part_photos="1", days="5", reason="he knows my village")
    (view,) = house.services.assistance.box(north.intake)
    assert (view.request.parts, view.request.reason) == ((Part.PHOTOS,), "he knows my village")


def test_the_manager_grants_a_part_and_only_that_is_shown(
    house: House, north: Neighbours, guest: Callable[[str], Browser], browsers: Browsers
) -> None:
    case = north.case()
    house.photograph(case, 1)
    request, sun = north.asked(case, *TO_COMPARE), browsers("sun", "en")
    assert '<span class="count">1</span>' in sun.see("/")
    assert "his village is here" in sun.see("/stations")
    at = f"/requests/{request.request_id}/accepted"
    assert "Grant at least one" in sun.send(at, 422, narrows="1", reason="yes", version="1")
    sun.send(at, narrows="1", part_description="1", reason="yes", version="1")
    with house.services.store.reading() as records:
        granted = records.stations.request(request.request_id)
    assert (granted.state, granted.parts) == (RequestState.ACCEPTED, (Part.DESCRIPTION,))
    for page in (sun.see(f"/cases/{case.case_id}"), guest("north lin").see(f"/cases/{case.case_id}")):
        assert f"/stations#request-{request.request_id}" in page
        assert "Ends by itself: " in page
    assert "老王" in page
    assert "The photos were not shared" in page
    assert "/edit" not in page
    assert "<img" not in page.split("<main")[1]
    assert "Somebody else has answered" in sun.send(f"/requests/{request.request_id}/revoked", 409, reason="no", version="1")


def test_both_stations_see_the_pair_and_neither_the_other_s_file(
    house: House, north: Neighbours, guest: Callable[[str], Browser]
) -> None:
    grown = {"age_min": 40, "age_max": 60}
    mine = house.open(CaseKind.MISSING, actor=north.intake, **grown)
    theirs = house.sheltered(1, **grown)
    photo = house.services.intake.add_photo(north.intake, mine.case_id, painted_photo(1, shot=3))
    house.services.intake.analyse(photo.photo_id)
    pair, chen = house.pair(mine, theirs), guest("north chen")
    assert pair.pair_id in chen.see("/review")
    page = chen.see(f"/pairs/{pair.pair_id}")
    assert theirs.reference in page
    assert page.count("/image?variant=face") >= 2
    assert chen.client.get(f"/cases/{theirs.case_id}").status_code == 403
    chen.send(f"/pairs/{pair.pair_id}/decisions", judgement="same_likely", reason="the same scar")
    assert "Score " in chen.see(f"/pairs/{pair.pair_id}")


def test_an_emergency_is_opened_with_a_reason_and_looked_at(
    house: House, north: Neighbours, guest: Callable[[str], Browser], browsers: Browsers
) -> None:
    case, lin, sun = north.case(), guest("north lin"), browsers("sun", "en")
    house.photograph(case, 1)
    assert "for 30 minutes" in lin.see(f"/cases/{case.case_id}/break-glass")
    assert "Say why" in lin.send(f"/cases/{case.case_id}/break-glass", 422, reason="")
    lin.send(f"/cases/{case.case_id}/break-glass", reason="he has collapsed")
    page = lin.see(f"/cases/{case.case_id}")
    assert "老王" in page
    assert "Nobody similar is waiting" not in page, "an emergency opens no pairs, so nothing is said of them"
    assert "he has collapsed" in sun.see("/stations")
    (alert,) = house.services.emergencies.alerts(house.manager)
    sun.send(f"/break-glass/{alert.emergency.emergency_id}/seen", reason="it was right")
    assert "it was right" in sun.see("/stations")
    assert "Opened in an emergency" in sun.see(f"/cases/{case.case_id}")
