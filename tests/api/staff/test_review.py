"""Two reviewers judge a pair on its page, each blind to the other, and a manager takes it on from there."""

from __future__ import annotations

import re

import pytest

from tests.api.staff.conftest import Browser, text_of
from tests.api.staff.test_reunions import HANDED_OVER, QUESTION
from tests.house import House
from tracing.domain import CaseKind, CaseState, Judgement, PairState

JUDGED = {"judgement": "same_likely", "confidence": "4", "reason": "the same scar above the left eye"}


@pytest.fixture
def pair_id(house: House) -> str:
    """A missing person and an intake of the same one."""
    missing = house.missing(7, names=("Zhang Wei",), sex="male", age_min=40, age_max=42)
    sheltered = house.sheltered(7, sex="female", age_min=38, age_max=45, marks=("scar",))
    return house.pair(missing, sheltered).pair_id


def state_of(house: House, pair_id: str) -> PairState:
    with house.services.store.reading() as records:
        return records.pairs.get(pair_id).state


def test_the_queue_leads_to_the_pair_which_is_held_then(chen: Browser, zhao: Browser, house: House, pair_id: str) -> None:
    queue = chen.see("/review")
    assert f'action="/pairs/{pair_id}/claim"' in queue
    page = text_of(chen.send(f"/pairs/{pair_id}/claim"))
    assert "Held for you until" in page
    assert "Another reviewer is looking at this pair now." in zhao.send(f"/pairs/{pair_id}/claim", 409)
    assert f"/pairs/{pair_id}/claim" not in zhao.see("/review")


def test_two_reviewers_confirm_and_the_cases_are_matched(
    chen: Browser, zhao: Browser, lin: Browser, house: House, pair_id: str
) -> None:
    chen.see(f"/pairs/{pair_id}")
    said = text_of(chen.send(f"/pairs/{pair_id}/decisions", **JUDGED, feature_nose="similar", feature_ears="not_visible"))
    assert "Another person now looks at the pair without knowing yours." in said
    assert "Nose: Similar · Ears: Not visible" in said
    zhao.see(f"/pairs/{pair_id}")
    said = text_of(zhao.send(f"/pairs/{pair_id}/decisions", **JUDGED | {"judgement": "same_very_likely"}))
    assert "Confirmed by two people: the two cases are matched." in said
    assert state_of(house, pair_id) is PairState.CONFIRMED
    case_id = re.findall(r'href="/cases/(\w{32})"', zhao.see(f"/pairs/{pair_id}"))[0]
    assert house.services.casework.get(house.intake, case_id).state is CaseState.MATCHED
    assert "Matched" in text_of(lin.see(f"/cases/{case_id}"))


def test_nobody_who_has_still_to_judge_learns_what_machine_or_colleagues_think(
    chen: Browser, zhao: Browser, sun: Browser, house: House, pair_id: str
) -> None:
    untouched = {browser: judging_part(browser.see(f"/pairs/{pair_id}")) for browser in (zhao, sun)}
    chen.see(f"/pairs/{pair_id}")
    after = chen.send(f"/pairs/{pair_id}/decisions", **JUDGED)
    assert "What the machine says" in after
    with house.services.store.reading() as records:
        pair = records.pairs.get(pair_id)
    assert f"{pair.score:.3f}" in after
    for browser, before in untouched.items():
        page = browser.see(f"/pairs/{pair_id}")
        assert judging_part(page) == before, "the page does not tell that somebody has judged"
        for word in ("What the machine says", "What people said", "scar above", f"{pair.score:.3f}", "chen", "first_positive"):
            assert word not in page, word
        for case_id in pair.case_ids:
            case = browser.see(f"/cases/{case_id}")
            assert "Under review" in case
            assert "One reviewer says yes" not in case
            assert 'class="rank"' not in case


def judging_part(page: str) -> str:
    """What a reviewer reads, without the tokens of forms, which differ each time."""
    return re.sub(r'value="[^"]*"', "", page)


def test_a_judgement_without_a_reason_keeps_what_was_chosen(chen: Browser, house: House, pair_id: str) -> None:
    chen.see(f"/pairs/{pair_id}")
    fields = JUDGED | {"reason": "  ", "feature_nose": "different"}
    page = chen.send(f"/pairs/{pair_id}/decisions", 422, **fields)
    assert "Say why: the reason is kept with the decision." in page
    for kept in ('value="same_likely" required checked', 'name="confidence" value="4" checked', 'value="different" checked'):
        assert kept in page
    assert "Choose one of the answers offered." in chen.send(f"/pairs/{pair_id}/decisions", 422, reason="because")
    assert state_of(house, pair_id) is PairState.PROPOSED


def test_l13_nobody_judges_twice_or_their_own_case(chen: Browser, sun: Browser, house: House, pair_id: str) -> None:
    chen.see(f"/pairs/{pair_id}")
    chen.send(f"/pairs/{pair_id}/decisions", **JUDGED)
    assert "/decisions" not in chen.see(f"/pairs/{pair_id}")
    assert "You have judged this pair already" in chen.send(
        f"/pairs/{pair_id}/decisions", 403, **JUDGED | {"reason": "another one"}
    )
    own = house.open(CaseKind.SHELTERED, actor=house.manager)
    house.photograph(own, 7, shot=99)
    with house.services.store.reading() as records:
        pairs = records.pairs.of_case(own.case_id)
    for pair in pairs:
        assert f'action="/pairs/{pair.pair_id}/decisions"' not in sun.see(f"/pairs/{pair.pair_id}")
        assert "You opened one of these cases yourself" in sun.send(f"/pairs/{pair.pair_id}/decisions", 403, **JUDGED)
    assert pairs


def test_the_descriptions_stand_field_by_field_and_a_mismatch_is_a_word(chen: Browser, pair_id: str) -> None:
    page = text_of(chen.see(f"/pairs/{pair_id}"))
    assert "Sex Male Female ≠ Mismatch" in page
    assert "Age 40-42 38-45 ✓ Match" in page
    assert "Names Zhang Wei – · Not known" in page


def test_after_a_judgement_the_next_pair_is_offered(chen: Browser, house: House, pair_id: str) -> None:
    other = house.pair(house.missing(8), house.sheltered(8))
    chen.see(f"/pairs/{pair_id}")
    page = chen.send(f"/pairs/{pair_id}/decisions", **JUDGED)
    assert "Next pair" in page
    assert re.search(r'action="/pairs/(\w+)/claim"><', page) or f'action="/pairs/{other.pair_id}/claim"' in page


def test_a_manager_verifies_and_records_the_reunion(sun: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        house.confirm(records.pairs.get(pair_id))
    page = sun.see(f"/pairs/{pair_id}")
    assert "/verify" in page
    assert "/reunite" not in page, "evidence beyond the face comes first"
    assert "Choose one of the answers" in sun.send(f"/pairs/{pair_id}/verify", 422, reason="he knew the dog's name")
    assert "Verified." in text_of(sun.send(f"/pairs/{pair_id}/verify", proof="control_question", **QUESTION))
    assert "Both cases are closed" in text_of(sun.send(f"/pairs/{pair_id}/reunite", **HANDED_OVER))
    assert state_of(house, pair_id) is PairState.REUNITED


def test_a_manager_revokes_a_confirmation_with_a_reason(sun: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        house.confirm(records.pairs.get(pair_id))
    sun.see(f"/pairs/{pair_id}")
    assert "Say why" in sun.send(f"/pairs/{pair_id}/revoke", 422, reason="")
    assert "Both cases are open again" in sun.send(f"/pairs/{pair_id}/revoke", reason="DNA says no")


def test_a_senior_ends_a_dispute_and_is_offered_only_an_end(sun: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        pair = records.pairs.get(pair_id)
    house.judge(house.reviewer, pair)
    house.judge(house.second, pair, Judgement.UNLIKELY)
    page = sun.see(f"/pairs/{pair_id}")
    assert 'value="cannot_tell"' not in page
    sun.send(f"/pairs/{pair_id}/decisions", **JUDGED)
    assert state_of(house, pair_id) is PairState.CONFIRMED


def test_the_queue_comes_in_pages_of_ten_and_by_relation(chen: Browser, house: House) -> None:
    for person in range(11):
        house.missing(person)
        house.sheltered(person)
    assert chen.see("/review").count("/claim") == 10
    chen.see("/review?sheet=2")
    traces = chen.see("/review?relation=trace")
    assert "Reported twice?</span>" not in traces
    assert traces.count("/claim") >= 1
    assert "No pair waits" in chen.see("/review?sheet=999&relation=trace")


def test_after_the_own_judgement_a_change_of_mind_is_a_second_one_marked_so(
    chen: Browser, zhao: Browser, house: House, pair_id: str
) -> None:
    before = chen.see(f"/pairs/{pair_id}")
    assert "/reconsider" not in before, "nobody changes a mind before having made it up"
    page = chen.send(f"/pairs/{pair_id}/decisions", **JUDGED)
    assert "What the machine says" in page
    form = page[page.index("/reconsider") :]
    assert 'value="same_likely"' not in form, "what was said already is no change"
    page = chen.send(f"/pairs/{pair_id}/reconsider", 422, judgement="unlikely", reason=" ")
    assert "Say why" in page
    assert 'value="unlikely" required checked' in page
    page = text_of(chen.send(f"/pairs/{pair_id}/reconsider", judgement="unlikely", reason="the ears, after all"))
    assert "Change of mind: Same person, unlikely" in page
    assert "First judgement: Same person, likely" in page
    assert page.count("stands no longer since") == 1
    assert state_of(house, pair_id) is PairState.DISPUTED
    assert "the ears, after all" not in zhao.see(f"/pairs/{pair_id}")


def test_a_mind_is_not_changed_when_all_is_over(chen: Browser, sun: Browser, house: House, pair_id: str) -> None:
    with house.services.store.reading() as records:
        house.confirm(records.pairs.get(pair_id))
    assert "/reconsider" in chen.see(f"/pairs/{pair_id}")
    house.services.review.revoke(house.manager, pair_id, "DNA says no")
    assert "/reconsider" not in chen.see(f"/pairs/{pair_id}")
    assert "/reconsider" not in sun.see(f"/pairs/{pair_id}"), "who has not judged"
