"""The pages about notices: chosen and looked at before it is kept, told beside what is kept back, step by step."""

from __future__ import annotations

import re
from collections.abc import Callable

import pypdfium2
import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tests.noticing import CONTACT, STATION, a_draft, a_notice, now, told_of, without_basis
from tracing.domain import Case, LegalBasis, NoticeState

TICKED = re.compile(r'<input type="checkbox" name="(\w+)" value="([^"]+)" checked>')


@pytest.fixture
def case(house: House) -> Case:
    return told_of(house)


def filled_in(page: str) -> dict[str, object]:
    """What the form would send as it stands."""
    sent: dict[str, object] = {"station": STATION, "contact": CONTACT}
    for name, value in TICKED.findall(page):
        sent[name] = [*sent.get(name, []), value]  # type: ignore[misc]
    sent["shown"] = [*sent["shown"], "marks"]  # type: ignore[misc]
    for name in ("clothing", "seen_place"):
        sent[name] = re.findall(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)[0]
    photo = re.search(r'name="photo" value="(\w+)" checked', page)
    return sent | ({"photo": photo[1]} if photo else {})


def kept(house: House, case: Case):  # type: ignore[no-untyped-def]
    with house.services.store.reading() as records:
        return records.notices.of_case(case.case_id)


def test_a_notice_goes_from_the_case_s_page_to_everybody(house: House, lin: Browser, sun: Browser, case: Case) -> None:
    assert f"/cases/{case.case_id}/notices" in lin.see(f"/cases/{case.case_id}")
    assert "/notices/new" in lin.see(f"/cases/{case.case_id}/notices")
    form = filled_in(lin.see(f"/cases/{case.case_id}/notices/new"))
    page = lin.send(f"/cases/{case.case_id}/notices/new", step="save", **form)
    (draft,) = kept(house, case)
    assert lin.url == f"/notices/{draft.notice_id}"
    assert "王建国" in page
    assert "Approve" not in text_of(page), "not by whoever wrote it"
    assert f"/notices/{draft.notice_id}" in sun.see("/notices")
    page = sun.see(f"/notices/{draft.notice_id}")
    assert "Approve" in text_of(page)
    sun.send(f"/notices/{draft.notice_id}/approve", version="1", reason="compared word by word")
    page = sun.send(f"/notices/{draft.notice_id}/publish", version="2", until="2026-03-20")
    assert "Published" in text_of(page)
    assert "compared word by word" in page
    assert [each.words.name for each in house.services.published.page(9).notices] == ["王建国"]
    lin.see(f"/notices/{draft.notice_id}")
    assert "Taken down" in text_of(lin.send(f"/notices/{draft.notice_id}/withdraw", version="3", reason="he is home"))
    assert house.services.published.page(9).notices == ()


def test_the_preview_shows_what_is_told_and_what_is_kept_back_and_keeps_nothing(house: House, lin: Browser, case: Case) -> None:
    form = filled_in(lin.see(f"/cases/{case.case_id}/notices/new"))
    shown = [each for each in form["shown"] if each not in ("name", "photo")]  # type: ignore[attr-defined]
    page = lin.send(f"/cases/{case.case_id}/notices/new", step="preview", **form | {"shown": shown, "clothing": "灰色外套"})
    told, back = page.split('class="kept"')
    seen = told.split('class="told"')[1]
    assert "Name not known" in text_of(seen)
    assert "灰色外套" in seen
    assert "左眉有一道疤" in seen
    assert "右手缺小指" not in seen
    assert "notices/image" not in seen
    assert "王建国" in back
    assert "右手缺小指" in back
    assert kept(house, case) == []
    fragment = lin.send(f"/cases/{case.case_id}/notices/new", step="preview", by_itself="yes", **form)
    assert "<html" not in fragment, "a script puts it into the page"
    assert "notices/image" in fragment
    assert kept(house, case) == []


def test_what_no_notice_tells_is_sent_back_with_everything_that_was_typed(lin: Browser, house: House, case: Case) -> None:
    form = filled_in(lin.see(f"/cases/{case.case_id}/notices/new"))
    page = lin.send(
        f"/cases/{case.case_id}/notices/new",
        422,
        step="save",
        **form | {"contact": "", "shown": [*form["shown"], "mind"], "mind": "健忘"},  # type: ignore[misc]
    )
    text = text_of(page)
    assert "Say why this is told" in text
    assert "This is needed." in text
    assert 'value="健忘"' in page
    assert STATION in page
    assert kept(house, case) == []


def test_a_mark_that_the_case_lost_meanwhile_is_not_told(lin: Browser, house: House, case: Case) -> None:
    form = filled_in(lin.see(f"/cases/{case.case_id}/notices/new"))
    from dataclasses import replace

    house.services.casework.amend(house.intake, case.case_id, replace(case.description, marks=("右手缺小指",)))
    lin.send(f"/cases/{case.case_id}/notices/new", step="save", **form)
    assert kept(house, case)[0].words.marks == ()


def test_who_changes_a_draft_that_somebody_else_has_changed_is_told_and_loses_nothing(
    house: House, lin: Browser, case: Case
) -> None:
    draft = a_notice(house, case, NoticeState.DRAFT)
    form = filled_in(lin.see(f"/notices/{draft.notice_id}/edit"))
    house.services.notices.amend(house.manager, draft.notice_id, a_draft(house, case, contact="0551-1"), 1)
    typed = form | {"contact": "0551-7777 7777"}
    page = lin.send(f"/notices/{draft.notice_id}/edit", 409, step="save", version="1", **typed)
    assert "0551-7777 7777" in page
    assert 'name="version" value="2"' in page
    assert now(house, draft).contact == "0551-1"
    lin.send(f"/notices/{draft.notice_id}/edit", step="save", version="2", **typed)
    assert now(house, draft).contact == "0551-7777 7777"
    page = lin.see(f"/notices/{draft.notice_id}/edit")
    assert lin.send(f"/notices/{draft.notice_id}/edit", 409, step="save", version="x", **typed)


def test_what_stands_against_a_notice_is_said_and_no_button_leads_on(house: House, sun: Browser, case: Case) -> None:
    draft = a_notice(house, case, NoticeState.DRAFT)
    without_basis(house, case)
    text = text_of(sun.see(f"/notices/{draft.notice_id}"))
    assert "It cannot be published: This case has no legal basis" in text
    assert "Approve only what" not in text
    refused = sun.send(f"/notices/{draft.notice_id}/approve", 409, version="1", reason="all the same")
    assert "has no legal basis" in text_of(refused)


def test_whoever_may_be_a_child_has_no_form_to_save_and_the_page_says_why(house: House, lin: Browser) -> None:
    child = told_of(house, 5, age_min=None, age_max=None)
    assert "may be under 14" in text_of(lin.see(f"/cases/{child.case_id}/notices"))
    form = filled_in(lin.see(f"/cases/{child.case_id}/notices/new"))
    assert "may be under 14" in text_of(lin.send(f"/cases/{child.case_id}/notices/new", 409, step="save", **form))
    house.services.casework.amend(house.intake, child.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    lin.send(f"/cases/{child.case_id}/notices/new", step="save", **form)
    assert len(kept(house, child)) == 1


def test_the_page_tells_that_nobody_sees_a_notice_before_the_worker_has_come_by(house: House, lin: Browser, case: Case) -> None:
    notice = a_notice(house, case)
    house.services.casework.suspend(house.intake, case.case_id, "a dispute")
    text = text_of(lin.see(f"/notices/{notice.notice_id}"))
    assert "Nobody outside sees this notice any more. The case is suspended." in text
    house.services.taking_down.look()
    page = lin.see(f"/notices/{notice.notice_id}")
    assert "Nobody outside sees" not in text_of(page)
    assert "Taken down. The case is suspended." in text_of(page)
    assert f"/cases/{case.case_id}/notices/new?like={notice.notice_id}" in page


def test_the_approver_reads_the_reason_of_what_is_sensitive_and_that_it_is_out_of_date(
    house: House, sun: Browser, case: Case
) -> None:
    from dataclasses import replace

    from tracing.domain import NoticeField

    shown = frozenset({NoticeField.CLOTHING, NoticeField.MIND})
    draft = a_notice(
        house, case, NoticeState.DRAFT, shown=shown, mind="健忘", reasons={NoticeField.MIND: "his family knows him so"}
    )
    house.services.casework.amend(house.intake, case.case_id, replace(case.description, clothing="灰色外套"))
    text = text_of(sun.see(f"/notices/{draft.notice_id}"))
    assert "his family knows him so" in text
    assert "Out of date:" in text


def test_the_queue_is_by_state_in_sheets(house: House, sun: Browser) -> None:
    for person in range(3):
        a_notice(house, told_of(house, 3 * person + 1), NoticeState.DRAFT if person else NoticeState.APPROVED)
    assert sun.see("/notices").count('class="row-card"') == 2
    assert sun.see("/notices?state=approved").count('class="row-card"') == 1
    assert sun.see("/notices?state=all").count('class="row-card"') == 3
    assert sun.see("/notices?state=all&sheet=99").count('class="row-card"') == 0
    assert sun.see("/notices?state=nonsense").count('class="row-card"') == 3


def test_hostile_words_of_a_notice_are_shown_as_they_are(house: House, lin: Browser) -> None:
    hostile = "<script>alert('x')</script>{{7*7}}"
    case = told_of(house, 8, clothing=hostile, seen_place=hostile, names=(hostile,))
    made = a_notice(house, case, NoticeState.DRAFT, contact=hostile)
    for path in (f"/notices/{made.notice_id}", f"/notices/{made.notice_id}/edit", "/notices", f"/cases/{case.case_id}/notices"):
        page = lin.see(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "49" not in text_of(page).replace("6299", "").replace("2026", ""), path


def test_who_judges_pairs_reads_no_notice_and_is_offered_none(house: House, chen: Browser, case: Case) -> None:
    made = a_notice(house, case)
    assert "/notices" not in chen.see(f"/cases/{case.case_id}")
    for path in ("/notices", f"/notices/{made.notice_id}", f"/cases/{case.case_id}/notices"):
        chen.see(path, 403)


def test_an_auditor_reads_and_changes_nothing(browsers: Callable[..., Browser], house: House, case: Case) -> None:
    made = a_notice(house, case, NoticeState.DRAFT)
    qian = browsers("qian")
    page = qian.see(f"/notices/{made.notice_id}")
    assert "/edit" not in page
    assert "/withdraw" not in page
    qian.see(f"/notices/{made.notice_id}/edit", 403)
    assert "/notices/new" not in qian.see(f"/cases/{case.case_id}/notices")


def test_a_poster_says_what_is_not_published_and_the_audit_keeps_who_printed_it(house: House, lin: Browser, case: Case) -> None:
    draft = a_notice(house, case, NoticeState.DRAFT)
    told = {}
    for notice in (draft, a_notice(house, told_of(house, 6))):
        answer = lin.client.get(f"/notices/{notice.notice_id}/poster.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        with pypdfium2.PdfDocument(answer.content) as document:
            told[notice.state] = document[0].get_textpage().get_text_bounded()
        assert lin.client.get(f"/notices/{notice.notice_id}/share.png").headers["content-type"] == "image/png"
    assert "Not published" in told["draft"]
    assert "Not published" not in told["published"]
    with house.services.store.reading() as records:
        prints = [each for each in records.audit.of_subject(case.case_id) if each.action == "print_notice"]
    assert [(each.actor, each.detail["notice_id"]) for each in prints] == [(house.intake.account_id, draft.notice_id)] * 2


@pytest.mark.parametrize(
    ("name", "lacking"), [("买买提·艾力", ""), ("مۇھەممەت", "م ۇ ھ ە ت"), ("བསྟན་འཛིན", "བ ས ྟ ན ་ འ ཛ ི"), ("王𠮷", "𠮷")]
)
def test_letters_that_no_poster_shows_are_named_before_anybody_approves(
    house: House, lin: Browser, sun: Browser, name: str, lacking: str
) -> None:
    case = told_of(house, names=(name,))
    form = filled_in(lin.see(f"/cases/{case.case_id}/notices/new"))
    preview = lin.send(f"/cases/{case.case_id}/notices/new", step="preview", **form)
    notice = a_notice(house, case, NoticeState.DRAFT)
    for page in (preview, sun.see(f"/notices/{notice.notice_id}")):
        assert ("Posters and pictures lack letters of this notice" in page) is bool(lacking)
        assert f"<bdi>{lacking}</bdi>" in page or not lacking
