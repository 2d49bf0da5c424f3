"""The forms of a verification and of a hand-over, and the paper that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pypdfium2
import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.house import House
from tests.stories import rows_naming
from tracing.domain import Pair, PairState, Role
from tracing.errors import Invalid, NotAllowed

QUESTION: Final = {
    "question": "What was the name of your dog?",
    "expected_answer": "Dahuang, a yellow one",
    "answer_given": "Da huang, he ran after carts",
}
HANDED_OVER: Final = {
    "receiver": "李芳",
    "relation": "daughter",
    "document_type": "identity card",
    "document_number": "510104198001011234",
    "relation_proof": "household register",
    "handed_over_by": "Zhang Min",
    "witness": "Wu Qiang",
    "handed_over_on": "2026/3/1",
    "handed_over_time": "14:30",
    "place": "Chengdu station",
    "belongings": "a coat and 40 yuan",
    "wish": "wants to go home with her",
    "follow_up_on": "2026年4月1日",
}


@pytest.fixture
def confirmed(house: House) -> Pair:
    return house.confirm(house.pair(house.missing(1), house.sheltered(1)))


@pytest.fixture
def verified(sun: Browser, confirmed: Pair) -> str:
    """The path of a pair that is verified by a control question."""
    path = f"/pairs/{confirmed.pair_id}"
    sun.see(path)
    sun.send(f"{path}/verify", proof="control_question", **QUESTION)
    return path


def state(house: House, pair: Pair) -> PairState:
    with house.services.store.reading() as records:
        return records.pairs.get(pair.pair_id).state


def test_a_verification_says_all_that_is_missing_at_once_and_forgets_nothing(
    sun: Browser, house: House, confirmed: Pair
) -> None:
    path = f"/pairs/{confirmed.pair_id}"
    sun.see(path)
    page = sun.send(f"{path}/verify", 422, proof="dna", laboratory="Sichuan laboratory", report_date="in March")
    read = text_of(page)
    assert "Number of the report : This is needed." in read
    assert "Date of the report : Write a whole date, such as 2024-03-15." in read
    assert 'value="Sichuan laboratory"' in page
    assert 'value="in March"' in page
    assert state(house, confirmed) is PairState.CONFIRMED
    page = sun.send(f"{path}/verify", proof="dna", laboratory="Sichuan laboratory", report_number="L-7", report_date="2026/3/1")
    assert "Verified." in text_of(page)
    assert "Date of the report 2026-03-01" in text_of(page)


def test_fields_of_another_kind_of_evidence_are_left_out(sun: Browser, house: House, confirmed: Pair) -> None:
    path = f"/pairs/{confirmed.pair_id}"
    sun.see(path)
    sun.send(f"{path}/verify", proof="control_question", laboratory="typed before", **QUESTION)
    with house.services.store.reading() as records:
        (proof,) = records.reunions.proofs(confirmed.pair_id)
    assert dict(proof.details) == QUESTION


def test_only_those_who_may_read_contacts_read_the_evidence(verified: str, browsers: Callable[..., Browser]) -> None:
    for name in ("sun", "lin"):
        assert QUESTION["answer_given"] in browsers(name).see(verified)
    for name in ("chen", "qian"):
        page = browsers(name).see(verified)
        assert QUESTION["answer_given"] not in page
        assert "Control question answered" in page


def test_a_hand_over_says_all_that_is_missing_at_once_and_forgets_nothing(sun: Browser, verified: str) -> None:
    page = sun.see(f"{verified}/reunite")
    assert 'name="handed_over_on" type="date" value="2026-03-01"' in page
    page = sun.send(f"{verified}/reunite", 422, receiver="李芳", handed_over_on="2026-03-01", follow_up_on="2026-02-01")
    read = text_of(page)
    assert read.count("This is needed.") == 2 * 8
    assert "The day of the follow-up comes after the hand-over." in read
    assert 'value="李芳"' in page
    assert page.count(" autofocus") == 1


def test_the_record_is_kept_sealed_shown_and_audited(sun: Browser, house: House, confirmed: Pair, verified: str) -> None:
    page = sun.send(f"{verified}/reunite", **HANDED_OVER)
    assert "Both cases are closed" in text_of(page)
    assert f"{verified}/hand-over" in page
    paper = text_of(sun.see(f"{verified}/hand-over"))
    for shown in ("李芳", "510104198001011234", "wants to go home with her", "March 1, 2026", "14:30", QUESTION["question"]):
        assert shown in paper, shown
    assert rows_naming(house, "510104198001011234") == rows_naming(house, "李芳") == {}
    with house.services.store.reading() as records:
        done = [(event.action, event.actor) for event in records.audit.of_subject(confirmed.pair_id)]
    assert done[-1] == ("read_hand_over", house.manager.account_id)


def test_a_paper_is_in_chinese_too(verified: str, sun: Browser, browsers: Callable[..., Browser]) -> None:
    sun.send(f"{verified}/reunite", **HANDED_OVER)
    paper = text_of(browsers("lin", "zh-CN").see(f"{verified}/hand-over"))
    assert paper.index("问的问题") < paper.index("家属的说法") < paper.index("本人的回答"), "as in the form"
    for shown in ("交接记录", "交接地点", "接领人姓名", "2026年3月1日", "本人的意愿", "见证人"):
        assert shown in paper, shown


def test_the_record_is_printed_as_a_pdf_to_be_signed(sun: Browser, verified: str, browsers: Callable[..., Browser]) -> None:
    sun.send(f"{verified}/reunite", **HANDED_OVER)
    for browser, shown in (
        (sun, ("Record of the hand-over", "李芳", "510104198001011234", "March 1, 2026", QUESTION["question"], "Witness")),
        (browsers("lin", "zh-CN"), ("交接记录", "李芳", "2026年3月1日", "见证人", "签字")),
    ):
        answer = browser.client.get(f"{verified}/hand-over.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        with pypdfium2.PdfDocument(answer.content) as paper:
            text = "\n".join(page.get_textpage().get_text_bounded() for page in paper)
        for each in shown:
            assert each in text, each
    browsers("chen").see(f"{verified}/hand-over.pdf", 403)


def test_others_neither_see_the_record_nor_a_link_to_it(sun: Browser, verified: str, browsers: Callable[..., Browser]) -> None:
    sun.send(f"{verified}/reunite", **HANDED_OVER)
    for name in ("chen", "qian"):
        browser = browsers(name)
        assert "/hand-over" not in browser.see(verified)
        browser.see(f"{verified}/hand-over", 403)


def test_a_form_that_comes_too_early_or_twice_is_refused(sun: Browser, house: House, confirmed: Pair) -> None:
    path = f"/pairs/{confirmed.pair_id}"
    sun.see(path)
    assert "A pair that is Confirmed cannot become Reunited." in sun.see(f"{path}/reunite", 409)
    sun.send(f"{path}/reunite", 409, **HANDED_OVER)
    sun.see(path)
    sun.send(f"{path}/verify", proof="control_question", **QUESTION)
    sun.send(f"{path}/reunite", **HANDED_OVER)
    page = sun.send(f"{path}/reunite", 409, **HANDED_OVER | {"receiver": "somebody else"})
    assert "somebody else" in page, "what was typed is not lost"
    with house.services.store.reading() as records:
        record = records.reunions.hand_over(confirmed.pair_id)
    assert record is not None
    assert record.receiver == "李芳"


# What is typed is kept


def version(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


def test_what_is_typed_is_kept_sealed_and_found_again_by_whoever_goes_on(
    house: House, sun: Browser, verified: str, browsers: Callable[..., Browser]
) -> None:
    page = sun.see(f"{verified}/reunite")
    kept = {"csrf": sun.token, "by_itself": "yes", "version": version(page), "receiver": "李芳 👵🏽", "wish": "ھەئە، بارىمەن"}
    answer = sun.client.post(f"{verified}/reunite/draft", data=kept)
    assert answer.json() == {"version": 1}
    assert rows_naming(house, "李芳") == {}
    house.hire("ma", Role.MANAGER)
    ma = browsers("ma")
    page = ma.see(f"{verified}/reunite")
    assert 'value="李芳 👵🏽"' in page
    assert "ھەئە، بارىمەن" in page
    assert "Kept as far as sun filled it in" in text_of(page)
    assert 'name="handed_over_on" type="date" value="2026-03-01"' in page, "what nobody has said is proposed as before"
    ma.send(f"{verified}/reunite/draft", version=version(page), receiver="李芳", wish="")
    assert ma.url == verified
    page = sun.see(f"{verified}/reunite")
    assert 'value="李芳"' in page
    assert "ھەئە" not in page


def test_of_two_who_type_at_once_the_second_is_told_and_loses_nothing(
    house: House, sun: Browser, confirmed: Pair, verified: str
) -> None:
    page = sun.see(f"{verified}/reunite")
    house.services.hand_over_drafts.write(house.manager, confirmed.pair_id, {"receiver": "Wang"})
    late = {"csrf": sun.token, "by_itself": "yes", "version": version(page), "receiver": "Li"}
    told = sun.client.post(f"{verified}/reunite/draft", data=late)
    assert (told.status_code, "Somebody else has changed this form" in told.json()["mistake"]) == (409, True)
    page = sun.send(f"{verified}/reunite", 409, **HANDED_OVER | {"version": version(page)})
    assert 'value="510104198001011234"' in page
    assert "Somebody else has changed this form" in page
    assert state(house, confirmed) is PairState.VERIFIED
    sun.send(f"{verified}/reunite", **HANDED_OVER | {"version": version(page)})
    assert state(house, confirmed) is PairState.REUNITED


@pytest.mark.parametrize("end", ["reunite", "revoke", "erase", "thirty days"])
def test_a_draft_goes_with_the_hand_over_with_the_match_with_the_case_or_unused(
    house: House, sun: Browser, confirmed: Pair, verified: str, end: str
) -> None:
    drafts = house.services.hand_over_drafts
    drafts.write(house.manager, confirmed.pair_id, {"receiver": "Wang"})
    drafts.tend()
    assert "hand_over_drafts" in rows_naming(house, confirmed.pair_id)
    sun.see(verified)
    if end == "reunite":
        sun.send(f"{verified}/reunite", **HANDED_OVER)
    elif end == "revoke":
        sun.send(f"{verified}/revoke", reason="a mistake")
    elif end == "erase":
        house.services.retention.erase_case(house.manager, confirmed.low_case_id)
    else:
        house.clock.advance(days=31)
        drafts.tend()
    assert "hand_over_drafts" not in rows_naming(house, confirmed.pair_id)
    assert house.faults() == []


def test_a_draft_is_for_those_who_may_record_a_reunion_and_fits_or_is_refused(
    house: House, sun: Browser, confirmed: Pair, verified: str
) -> None:
    drafts = house.services.hand_over_drafts
    for actor in (house.reviewer, house.intake, house.auditor, house.partner):
        for refused in (drafts.read, lambda who, pair_id: drafts.write(who, pair_id, {"receiver": "Wang"})):
            with pytest.raises(NotAllowed):
                refused(actor, confirmed.pair_id)
    page = sun.see(f"{verified}/reunite")
    long = {"csrf": sun.token, "by_itself": "yes", "version": version(page), "wish": "长" * 2001}
    told = sun.client.post(f"{verified}/reunite/draft", data=long)
    assert (told.status_code, told.json()["field"]) == (422, "wish")
    page = sun.send(f"{verified}/reunite/draft", 422, version=version(page), wish="长" * 2001)
    assert "长" * 2001 in page
    with pytest.raises(Invalid):
        drafts.write(house.manager, confirmed.pair_id, {"shoe_size": "41"})
    assert drafts.read(house.manager, confirmed.pair_id).version == 0
    sun.send(f"{verified}/revoke", reason="a mistake")
    sun.see(f"{verified}/reunite", 409)


def test_who_saw_or_changed_a_draft_stays_in_the_audit_without_what_it_says(
    house: House, confirmed: Pair, verified: str
) -> None:
    drafts = house.services.hand_over_drafts
    drafts.read(house.manager, confirmed.pair_id)
    drafts.write(house.manager, confirmed.pair_id, {"receiver": "Wang", "place": ""})
    drafts.write(house.manager, confirmed.pair_id, {"receiver": "Wang"})
    drafts.read(house.manager, confirmed.pair_id)
    with house.services.store.reading() as records:
        told = [(each.action, dict(each.detail)) for each in records.audit.of_subject(confirmed.pair_id)][-2:]
    assert told == [("write_hand_over_draft", {"fields": ["receiver"]}), ("read_hand_over_draft", {})]


def test_two_files_of_one_kind_are_offered_no_hand_over(sun: Browser, house: House) -> None:
    pair = house.confirm(house.pair(house.missing(3), house.missing(3)))
    path = f"/pairs/{pair.pair_id}"
    sun.see(path)
    page = sun.send(f"{path}/verify", proof="control_question", **QUESTION)
    assert "record the reunion here" not in page
    assert "/reunite" not in page
    assert "two files of one kind" in text_of(sun.see(f"{path}/reunite", 409))
