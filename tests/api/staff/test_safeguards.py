"""The mark that relatives may be the danger (DOMAIN.md, L21), on the pages and on paper: what is closed, and what they say."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest

from tests.api.staff.conftest import PASSWORD, Browser, text_of
from tests.house import House
from tests.neighbours import Neighbours
from tracing.access import SYSTEM
from tracing.domain import Case, CaseKind, Description, LegalBasis, Pair, Role
from tracing.intake import ContactDraft
from tracing.verdict import Proof

WHY, FOUND = "old injuries, and he trembles", "the police have found nothing"
WHERE = "合肥火车站"
GROWN = {"age_min": 40, "age_max": 60}


@pytest.fixture
def match(house: House) -> tuple[Case, Case, Pair]:
    said, basis = Description(names=("王小英",), **GROWN), LegalBasis.STATUTORY_DUTY
    missing = house.services.intake.open_case(
        house.intake, CaseKind.MISSING, said, basis, ContactDraft("father", "王建国", "138")
    )
    house.photograph(missing, 1, shot=7)
    sheltered = house.sheltered(1, seen_place=WHERE, circumstances=f"在{WHERE}被发现", **GROWN)
    house.services.filing.write(house.intake, sheltered.case_id, {"brought_by": "三里庵派出所", "build": "thin"})
    pair = house.confirm(house.pair(missing, sheltered))
    house.hire("yue", Role.MANAGER)
    return missing, sheltered, pair


def test_l21_the_pages_say_what_is_closed_and_what_comes_next(
    house: House, lin: Browser, sun: Browser, chen: Browser, browsers: Callable[..., Browser], match: tuple[Case, Case, Pair]
) -> None:
    missing, sheltered, pair = match
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    case, report, desk = f"/cases/{sheltered.case_id}", f"/cases/{missing.case_id}", f"/pairs/{pair.pair_id}"
    assert "138" in text_of(lin.see(report))
    assert "/reunite" in sun.see(desk)

    lin.see(case)
    lin.send(f"{case}/safeguard", 422, reason=" ")
    page = text_of(lin.send(f"{case}/safeguard", reason=WHY))
    assert "Tell nobody outside where this person is" in page
    assert WHY in page
    assert "A manager records the check." in page
    page = text_of(lin.see(report))
    assert "王建国" not in page
    assert "Call nobody who seeks this person" in page
    assert "Whom to call is closed" in page

    for browser in (chen, sun):
        page = browser.see(desk)
        assert "nobody tells them where this person is" in text_of(page)
        assert f'href="/cases/{sheltered.case_id}#safeguard"' in page
        assert "/reunite" not in page
    page = text_of(chen.see(case))
    assert "Tell nobody outside" in page
    assert WHY not in page
    assert "Hand the person over" not in text_of(sun.see(case))

    for path in (f"{desk}/reunite", f"{desk}/hand-over", f"{desk}/hand-over.pdf"):
        assert sun.client.get(path).status_code in (404, 409)
    assert "records the check on the page of the case" in text_of(sun.see(f"{desk}/reunite", 409))
    sun.see(desk)
    sun.send(f"{desk}/reunite", 409, receiver="王建国")
    sun.send(f"{desk}/reunite/draft", 409, receiver="王建国")
    sun.see(f"{case}/rights")
    assert "Until a safeguarding check is cleared" in text_of(sun.send(f"{case}/rights/export", 409))

    assert "You deal with the family" in text_of(sun.see(case))
    yue = browsers("yue")
    assert "Waiting for a safeguarding check 1" in text_of(yue.see("/"))
    assert WHY in text_of(yue.see("/approvals"))
    yue.see(case)
    yue.send(f"{case}/safeguard/clear", 422, reason="")
    page = text_of(yue.send(f"{case}/safeguard/clear", reason=FOUND))
    assert f"that no danger was found. {FOUND}" in page
    assert "Tell nobody outside" not in page
    assert "138" in text_of(lin.see(report))
    assert "somebody else deals with the family" in text_of(yue.see(f"{desk}/reunite", 403))
    sun.see(f"{desk}/reunite")


def test_l21_only_evidence_that_asks_no_relative_is_offered(
    house: House, lin: Browser, sun: Browser, match: tuple[Case, Case, Pair]
) -> None:
    _, sheltered, pair = match
    desk = f"/pairs/{pair.pair_id}"
    assert 'value="control_question"' in sun.see(desk)
    lin.see(f"/cases/{sheltered.case_id}")
    lin.send(f"/cases/{sheltered.case_id}/safeguard", reason=WHY)
    page = sun.see(desk)
    offered = {proof for proof in Proof if f'value="{proof}"' in page}
    assert offered == {Proof.DNA, Proof.POLICE_REPLY}
    page = sun.send(f"{desk}/verify", 409, proof="document", document_type="a register", document_number="1", seen_by="sun")
    assert "Until a safeguarding check is cleared" in text_of(page)
    sun.send(f"{desk}/verify", proof="police_reply", police_station="三里庵", reply_number="7", reply_date="2026-02-28")


def printed(browser: Browser, case: Case) -> str:
    pdf = pypdfium2.PdfDocument(browser.client.get(f"/cases/{case.case_id}/form.pdf").content)
    return "".join(page.get_textpage().get_text_bounded() for page in pdf)


def test_l21_paper_does_not_say_where_the_person_is(house: House, lin: Browser, match: tuple[Case, Case, Pair]) -> None:
    _, sheltered, _ = match
    before = printed(lin, sheltered)
    assert all(each in before for each in (WHERE, "三里庵派出所", "· main"))
    lin.see(f"/cases/{sheltered.case_id}")
    lin.send(f"/cases/{sheltered.case_id}/safeguard", reason=WHY)
    paper = printed(lin, sheltered)
    assert not any(each in paper for each in (WHERE, "三里庵派出所", "main", WHY))
    assert "Show it to nobody of the family" in " ".join(paper.split())
    assert sheltered.reference in paper


def test_l21_a_form_that_suspects_trafficking_leads_to_the_mark(house: House, lin: Browser) -> None:
    case = house.sheltered(2)
    hint = "If somebody of the family may have to do with it, mark the case."
    assert hint not in text_of(lin.see(f"/cases/{case.case_id}"))
    house.services.filing.write(house.intake, case.case_id, {"categories": ["trafficking_suspected"]})
    assert hint in text_of(lin.see(f"/cases/{case.case_id}"))
    lin.send(f"/cases/{case.case_id}/safeguard", reason=WHY)
    assert hint not in text_of(lin.see(f"/cases/{case.case_id}"))


def test_l21_to_other_stations_not_even_the_station_is_told(house: House, browsers: Callable[..., Browser]) -> None:
    case = house.sheltered(2, **GROWN)
    Neighbours(house)
    for name in ("north lin", "north sun"):
        house.services.accounts.set_password(SYSTEM, name, PASSWORD)
    north = browsers("north lin")
    assert "Main shelter" in text_of(north.see(f"/cases/{case.case_id}", 403))
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    for path, status in ((f"/cases/{case.case_id}", 403), (f"/cases/{case.case_id}/request", 200)):
        page = north.see(path, status)
        assert "Main shelter" not in page
        assert "is not told" in text_of(page)
    assert "call the police" in text_of(north.see(f"/cases/{case.case_id}/break-glass"))
    north.see("/stations")
    refused = north.send(f"/cases/{case.case_id}/break-glass", 409, reason="let me see")
    assert "Main shelter" not in refused
    assert "Main shelter" not in north.send(
        f"/cases/{case.case_id}/request", 409, kind="assistance", part_photos="1", reason="x"
    )
