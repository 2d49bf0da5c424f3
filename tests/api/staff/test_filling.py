"""The form of a case on its pages: part by part, by itself while somebody types, and on paper."""

from __future__ import annotations

import pypdfium2
import pytest

from tests.api.staff.conftest import Browser
from tests.house import House
from tracing.questions import FORMS


@pytest.fixture
def case_id(house: House) -> str:
    return house.case(house.sheltered(1, names=("王小明",))).case_id


def answers(house: House, case_id: str) -> dict[str, object]:
    return dict(house.services.filing.view(house.manager, case_id).form.answers)


def version(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


def test_a_worker_goes_through_the_parts_and_comes_back_to_the_case(house: House, lin: Browser, case_id: str) -> None:
    page = lin.see(f"/cases/{case_id}/form")
    assert lin.url == f"/cases/{case_id}/form/arrival"
    fields = {"entry_mode": "police", "entered_at": "2026-11-20T23:10", "categories": ["lost", "dementia"]}
    lin.send(f"/cases/{case_id}/form/arrival", version=version(page), go_on="yes", **fields)
    assert lin.url == f"/cases/{case_id}/form/identity"
    rows = {"body_marks.0.mark": "scar", "body_marks.0.body_part": "chin", "body_marks.7.note": "a new one"}
    lin.send(f"/cases/{case_id}/form/body", hair="grey", **rows)
    assert lin.url == f"/cases/{case_id}#form"
    assert answers(house, case_id) == {
        "entry_mode": "police",
        "entered_at": "2026-11-20T23:10",
        "categories": ("lost", "dementia"),
        "hair": "grey",
        "body_marks": ({"mark": "scar", "body_part": "chin"}, {"note": "a new one"}),
    }
    shown = lin.see(f"/cases/{case_id}")
    assert "Brought by the police" in shown
    assert "Scar · chin" in shown
    lin.see(f"/cases/{case_id}/form")
    assert lin.url == f"/cases/{case_id}/form/identity", "where nobody has written yet"


def test_dates_and_numbers_may_be_written_as_people_do(house: House, lin: Browser, case_id: str) -> None:
    lin.see(f"/cases/{case_id}/form/identity")
    lin.send(f"/cases/{case_id}/form/identity", age_claimed="４５")
    lin.send(f"/cases/{case_id}/form/identification", dna_on="2026年3月")
    assert answers(house, case_id) == {"age_claimed": "45", "dna_on": "2026-03"}


def test_a_mistake_is_named_and_what_was_typed_stays(house: House, lin: Browser, case_id: str) -> None:
    lin.see(f"/cases/{case_id}/form/identification")
    page = lin.send(f"/cases/{case_id}/form/identification", 422, dna_on="last spring", dna="asked", police_reply="none yet")
    assert 'value="last spring"' in page
    assert "none yet" in page
    assert "Write a date as 2024" in page
    assert answers(house, case_id) == {}


def test_of_two_who_write_at_once_the_second_keeps_the_text_and_is_told(house: House, lin: Browser, case_id: str) -> None:
    page = lin.see(f"/cases/{case_id}/form/body")
    house.services.filing.write(house.manager, case_id, {"hair": "white"})
    told = lin.send(f"/cases/{case_id}/form/body", 409, version=version(page), hair="grey")
    assert 'value="grey"' in told
    assert "Somebody else has changed this form" in told
    assert answers(house, case_id) == {"hair": "white"}
    lin.send(f"/cases/{case_id}/form/body", version=version(told), hair="grey")
    assert answers(house, case_id) == {"hair": "grey"}


def test_what_is_saved_by_itself_is_answered_for_the_program_that_sent_it(house: House, lin: Browser, case_id: str) -> None:
    lin.see(f"/cases/{case_id}/form/body")
    path = f"/cases/{case_id}/form/body"
    form = {"csrf": lin.token, "by_itself": "yes", "version": "0", "hair": "grey"}
    assert lin.client.post(path, data=form).json() == {"version": 1}
    late = lin.client.post(path, data=form | {"hair": "white"})
    assert (late.status_code, "Somebody else" in late.json()["mistake"]) == (409, True)
    wrong = lin.client.post(path, data=form | {"version": "1", "build": "huge"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "build")
    assert answers(house, case_id) == {"hair": "grey"}


def test_health_and_identity_are_not_on_the_pages_of_those_who_read_no_contacts(
    house: House, chen: Browser, case_id: str
) -> None:
    house.services.filing.write(house.intake, case_id, {"claimed_id": "110101199", "health_note": "diabetes", "hair": "grey"})
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/form/identity", f"/cases/{case_id}/form/body"):
        page = chen.see(path)
        assert "110101199" not in page
        assert "diabetes" not in page
    chen.see(f"/cases/{case_id}/form/health", 404)
    assert "110101199" not in printed(chen, case_id)
    assert 'type="submit" name="go_on"' not in chen.see(f"/cases/{case_id}/form/body"), "who may not write is shown no button"


def printed(browser: Browser, case_id: str, query: str = "") -> str:
    """The text of all pages of the paper."""
    answer = browser.client.get(f"/cases/{case_id}/form.pdf{query}")
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as paper:
        return "\n".join(page.get_textpage().get_text_bounded() for page in paper)


def test_the_paper_says_what_the_form_says_in_the_reader_s_language(house: House, lin: Browser, case_id: str) -> None:
    house.services.filing.write(house.intake, case_id, {"brought_by": "张警官", "belongings": [{"thing": "绿色双肩包"}]})
    paper = printed(lin, case_id)
    for text in (
        "Intake form",
        house.services.casework.get(house.manager, case_id).reference,
        "王小明",
        "张警官",
        "绿色双肩包",
        "Signatures",
    ):
        assert text in paper
    blank = printed(lin, case_id, "?blank=true")
    assert "张警官" not in blank
    assert "王小明" not in blank
    assert "Intake form" in blank
    with house.services.store.reading() as records:
        assert [event.action for event in records.audit.of_subject(case_id)][-2:] == ["print_form"] * 2


def test_every_part_of_both_forms_has_a_page(house: House, lin: Browser) -> None:
    for case in (house.case(house.missing(3)), house.case(house.sheltered(4))):
        for part in FORMS[case.kind]:
            lin.see(f"/cases/{case.case_id}/form/{part.name}")
        lin.see(f"/cases/{case.case_id}/form/nowhere", 404)
        assert printed(lin, case.case_id)
