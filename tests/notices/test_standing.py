"""What may be published at all, and what takes a notice down: at once for whoever reads, within a minute in the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOON, a_case
from tests.house import House
from tests.noticing import a_draft, a_notice, now, told_of, without_basis
from tracing.domain import (
    Case,
    CaseForm,
    CaseKind,
    CaseState,
    Channel,
    ClockEnd,
    LegalBasis,
    Notice,
    NoticeEnd,
    NoticeField,
    NoticeState,
    Outcome,
    PartialDate,
)
from tracing.errors import Invalid, NotFound, WrongState
from tracing.notices.standing import Situation, about_case, why_gone
from tracing.notices.taking_down import PAUSE
from tracing.notices.wording import SENSITIVE
from tracing.stations.reach import says_child

MINUTE = timedelta(minutes=1)
ages = st.none() | st.integers(0, 125)
forms = st.fixed_dictionaries(
    {},
    optional={
        "age_claimed": st.integers(0, 99).map(str),
        "categories": st.sets(st.sampled_from(["lost", "child"])).map(tuple),
    },
)


def published(house: House) -> set[str]:
    """The addresses that everybody finds."""
    page = house.services.published.page(50)
    for each in page.notices:
        assert house.services.published.one(each.token) == each
    return {each.token for each in page.notices}


def suspend(house: House, case: Case) -> None:
    house.services.casework.suspend(house.intake, case.case_id, "a dispute")


def close(house: House, case: Case) -> None:
    house.services.casework.close(house.intake, case.case_id, Outcome.SETTLED, "it is over", Channel.OTHER)


def reunite(house: House, case: Case) -> None:
    """By the way that leads there: a match of two reviewers, its verification, the hand-over."""
    from tests.test_reunions import WHOLE, whole
    from tracing.verdict import Proof

    pair = house.confirm(house.pair(house.missing(1), case))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7", whole(Proof.DNA))
    house.services.review.reunite(house.manager, pair.pair_id, "to the brother", WHOLE)
    assert house.case(case).outcome is Outcome.REUNITED


def younger(house: House, case: Case) -> None:
    said = replace(house.case(case).description, age_min=10, age_max=15)
    house.services.casework.amend(house.intake, case.case_id, said)


def withdraw_face(house: House, case: Case) -> None:
    house.services.withdrawing.withdraw(house.intake, case.case_id, "he wants no search")


ENDS: dict[NoticeEnd, Callable[[House, Case], None]] = {
    NoticeEnd.CASE_SUSPENDED: suspend,
    NoticeEnd.CASE_CLOSED: close,
    NoticeEnd.REUNITED: reunite,
    NoticeEnd.NO_BASIS: without_basis,
    NoticeEnd.MINOR: younger,
    NoticeEnd.FACE_WITHDRAWN: withdraw_face,
}


@pytest.mark.parametrize("end", list(ENDS))
def test_l17_l10_what_ends_a_case_takes_its_notice_from_everybody_at_once_and_within_a_minute_in_the_records(
    house: House, end: NoticeEnd
) -> None:
    case, other = told_of(house), told_of(house, 7)
    with house.services.store.reading() as records:
        (photo,) = records.photos.of_case(case.case_id)
    notice, stays = a_notice(house, case, photo_id=photo.photo_id), a_notice(house, other)
    house.services.worker.work_off()
    assert published(house) == {notice.token, stays.token}
    ENDS[end](house, case)
    assert published(house) == {stays.token}, "whatever the worker does"
    assert now(house, notice).state is NoticeState.PUBLISHED, "it has not come by yet"
    with pytest.raises(NotFound):
        house.services.published.one(notice.token)
    assert PAUSE < MINUTE
    house.clock.advance(seconds=PAUSE.total_seconds())
    house.services.worker.round()
    ended = now(house, notice)
    assert (ended.state, ended.end, ended.ended_at) == (NoticeState.WITHDRAWN, end, house.clock())
    assert now(house, stays).state is NoticeState.PUBLISHED
    assert house.services.worker.work_off().failed == 0


def test_l17_a_notice_is_withdrawn_while_the_worker_is_busy_with_more_than_a_minute_of_work(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case)
    house.services.worker.round()
    for shot in range(4):
        house.services.intake.add_photo(house.intake, case.case_id, _photo(shot))
    analyse = house.services.worker._analyse
    seen: list[NoticeState] = []

    def slow(photo_id: str) -> bool:
        seen.append(now(house, notice).state)
        house.clock.advance(seconds=20)
        if len(seen) == 1:
            close(house, case)
        return analyse(photo_id)

    house.services.worker._analyse = slow
    house.services.worker.round()
    assert seen == [NoticeState.PUBLISHED, NoticeState.WITHDRAWN, NoticeState.WITHDRAWN, NoticeState.WITHDRAWN]


def _photo(shot: int) -> bytes:
    from tests.fakes import painted_photo

    return painted_photo(1, shot=900 + shot)


def test_a_notice_that_cannot_be_taken_down_does_not_stop_the_worker(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no")

    case = told_of(house)
    photo = house.services.intake.add_photo(house.intake, case.case_id, _photo(1))
    monkeypatch.setattr(house.services.worker, "_meanwhile", (broken,))
    assert house.services.worker.work_off().photos == 1
    assert house.services.intake.report(photo.photo_id).photo.analysis == "enrolled"


def test_l17_a_notice_runs_out_at_the_end_of_its_last_day(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case)
    assert notice.expires_at is not None
    assert timedelta(days=30) <= notice.expires_at - house.clock() <= timedelta(days=31)
    house.clock.now = notice.expires_at - timedelta(seconds=1)
    assert published(house) == {notice.token}
    house.clock.advance(seconds=1)
    assert published(house) == set()
    house.services.worker.round()
    assert (now(house, notice).state, now(house, notice).end) == (NoticeState.EXPIRED, NoticeEnd.EXPIRED)
    assert "expire_notice" in [each.action for each in house.done(case)]


@pytest.mark.parametrize("days", [-1, 367])
def test_a_notice_stands_for_a_year_at_most(house: House, days: int) -> None:
    notice = a_notice(house, told_of(house), NoticeState.APPROVED)
    day = house.clock().date() + timedelta(days=days)
    with pytest.raises(Invalid) as refused:
        house.services.notices.publish(house.manager, notice.notice_id, notice.version, day)
    assert refused.value.field == "until"


def test_the_day_that_was_chosen_is_the_last_one_on_which_it_stands(house: House) -> None:
    notice = a_notice(house, told_of(house), NoticeState.APPROVED)
    chosen = house.services.notices.publish(house.manager, notice.notice_id, notice.version, date(2026, 3, 5))
    assert chosen.expires_at == NOON.replace(day=6, hour=0)


def test_a_matched_case_keeps_its_notice_until_the_reunion_and_gets_no_new_one(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case)
    house.confirm(house.pair(house.missing(1), case))
    assert house.case(case).state is CaseState.MATCHED
    house.services.taking_down.look()
    assert published(house) == {notice.token}
    assert house.services.notices.proposal(house.intake, case.case_id).refused


def test_l8_an_erased_case_takes_its_notices_with_it(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case)
    house.services.retention.erase_case(house.manager, case.case_id)
    assert published(house) == set()
    with pytest.raises(NotFound):
        now(house, notice)
    house.services.taking_down.look()
    assert house.faults() == []


def test_a_draft_of_a_closed_case_comes_to_nothing_and_that_of_a_suspended_one_waits(house: House) -> None:
    one, other = told_of(house), told_of(house, 7)
    waiting, approved = a_notice(house, one, NoticeState.DRAFT), a_notice(house, other, NoticeState.APPROVED)
    suspend(house, one)
    close(house, other)
    house.services.taking_down.look()
    assert now(house, waiting).state is NoticeState.DRAFT
    assert (now(house, approved).state, now(house, approved).end) == (NoticeState.WITHDRAWN, NoticeEnd.CASE_CLOSED)


def test_another_notice_of_the_same_case_replaces_the_one_that_stands(house: House) -> None:
    case = told_of(house)
    first, second = a_notice(house, case), a_notice(house, case)
    assert published(house) == {second.token}
    assert (now(house, first).state, now(house, first).end) == (NoticeState.WITHDRAWN, NoticeEnd.REPLACED)


# Who may be published at all


@given(ages, ages, st.sampled_from(LegalBasis), forms)
def test_l3_whoever_is_or_may_be_under_14_is_published_with_a_guardian_s_consent_alone(
    youngest: int | None, oldest: int | None, basis: LegalBasis, form: dict[str, Any]
) -> None:
    """By what the case says, and by what stands in its form: where they contradict each other the youngest counts."""
    called = says_child(form, NOON.date())
    case = a_case(kind=CaseKind.SHELTERED, age_min=youngest, age_max=oldest, legal_basis=basis, child_said=called)
    found = Situation(case, CaseForm(case.case_id, form), False, None, False)
    said = [age for age in (youngest, oldest) if age is not None] + [int(form.get("age_claimed", 99))]
    surely_older = youngest is not None and min(said) >= 14 and "child" not in form.get("categories", ())
    allowed = basis is not LegalBasis.NONE and (surely_older or basis is LegalBasis.GUARDIAN_CONSENT)
    assert (not list(about_case(found, NOON.date()))) == allowed
    notice = Notice("n", case.case_id, case.kind, "t" * 22, "s", "c", ("a",), NOON, NoticeState.PUBLISHED)
    assert (why_gone(notice, found, NOON) is None) == allowed


@given(st.dates(date(1905, 1, 1), NOON.date()), st.sampled_from([4, 7, 10]), st.sampled_from(LegalBasis))
def test_l3_a_birth_date_counts_as_late_as_it_can_have_been(born: date, known: int, basis: LegalBasis) -> None:
    said = PartialDate.parse(born.isoformat()[:known])
    case = a_case(birth_date=said, legal_basis=basis)
    age = NOON.year - said.latest.year - ((NOON.month, NOON.day) < (said.latest.month, said.latest.day))
    refused = [str(each) for each in about_case(Situation(case, CaseForm(case.case_id), False, None, False), NOON.date())]
    assert any("under 14" in each for each in refused) == (age < 14 and basis is not LegalBasis.GUARDIAN_CONSENT)


@pytest.mark.parametrize("said", [{"age_min": 13}, {"age_min": None, "age_max": None}, {"age_min": 5, "age_max": 90}])
def test_l3_a_child_is_refused_with_a_sentence_at_each_step(house: House, said: dict[str, int]) -> None:
    case = told_of(house, **said)
    draft = a_draft(house, case)
    with pytest.raises(WrongState, match="may be under 14"):
        house.services.notices.draft(house.intake, case.case_id, draft)
    house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.GUARDIAN_CONSENT)
    made = a_notice(house, case, NoticeState.APPROVED)
    house.services.casework.amend(house.intake, case.case_id, legal_basis=LegalBasis.STATUTORY_DUTY)
    with pytest.raises(WrongState, match="may be under 14"):
        house.services.notices.publish(house.manager, made.notice_id, made.version)
    assert published(house) == set()


@pytest.mark.parametrize("written", [{"age_claimed": "12"}, {"categories": ["child"]}])
def test_l3_what_is_written_in_the_form_takes_the_notice_of_a_child_from_everybody_at_once(
    house: House, written: dict[str, Any]
) -> None:
    case = told_of(house, age_min=15, age_max=18)
    notice = a_notice(house, case)
    assert published(house) == {notice.token}
    house.services.filing.write(house.intake, case.case_id, written)
    assert published(house) == set()
    with pytest.raises(WrongState, match="may be under 14"):
        house.services.notices.draft(house.intake, case.case_id, a_draft(house, case))
    house.services.taking_down.look()
    assert now(house, notice).end is NoticeEnd.MINOR


def test_a_mark_that_the_form_reserves_since_keeps_the_notice_that_tells_it_from_being_published(house: House) -> None:
    scar = {"mark": "scar", "body_part": "chin", "note": "下巴有疤"}
    case = told_of(house)
    house.services.filing.write(house.intake, case.case_id, {"body_marks": [scar]})
    marks = house.services.notices.proposal(house.intake, case.case_id).source.marks
    told = next(mark for mark in marks if mark.note)
    made = a_notice(house, case, NoticeState.APPROVED, marks=(told,))
    house.services.filing.write(house.intake, case.case_id, {"body_marks": [{**scar, "keep_back": "yes"}]})
    with pytest.raises(WrongState, match="never told"):
        house.services.notices.publish(house.manager, made.notice_id, made.version)


@pytest.mark.parametrize(
    ("before", "sentence"),
    [(suspend, "open case"), (close, "open case"), (without_basis, "legal basis"), (withdraw_face, "face")],
)
def test_what_is_true_of_the_case_by_now_keeps_an_approved_notice_from_being_published(
    house: House, before: Callable[[House, Case], None], sentence: str
) -> None:
    case = told_of(house)
    made = a_notice(house, case, NoticeState.APPROVED)
    before(house, case)
    with pytest.raises(WrongState, match=sentence):
        house.services.notices.publish(house.manager, made.notice_id, made.version)
    view = house.services.notices.get(house.manager, made.notice_id)
    assert any(sentence in str(each) for each in view.obstacles)


def test_one_mark_is_kept_back_of_those_that_are_true_today(house: House) -> None:
    """The one that was kept back turned out not to be true, and was taken out of the case."""
    case = told_of(house)
    made = a_notice(house, case, NoticeState.APPROVED)
    house.services.casework.amend(house.intake, case.case_id, replace(case.description, marks=("左眉有一道疤",)))
    with pytest.raises(WrongState, match="at least one back"):
        house.services.notices.publish(house.manager, made.notice_id, made.version)


def test_where_nobody_knows_a_mark_the_notice_is_published_and_it_is_said(house: House) -> None:
    case = told_of(house, marks=())
    made = a_notice(house, case)
    view = house.services.notices.get(house.manager, made.notice_id)
    assert view.without_marks
    assert published(house) == {made.token}


def test_a_family_that_did_not_agree_has_no_notice_and_it_is_said_where_nobody_asked(house: House) -> None:
    case = told_of(house, kind=CaseKind.MISSING)
    notices = house.services.notices
    made = a_notice(house, case)
    assert notices.get(house.manager, made.notice_id).consent is None
    house.services.filing.write(house.intake, case.case_id, {"consent_scope": ["compare"]})
    assert published(house) == set()
    with pytest.raises(WrongState, match="has not agreed"):
        notices.draft(house.intake, case.case_id, a_draft(house, case))
    house.services.taking_down.look()
    assert now(house, made).end is NoticeEnd.NO_CONSENT
    house.services.filing.write(house.intake, case.case_id, {"consent_scope": ["compare", "publish_notice"]})
    assert notices.get(house.manager, a_notice(house, case).notice_id).consent is True


def test_l21_where_somebody_may_come_for_the_person_the_place_is_left_out_also_of_what_stands(house: House) -> None:
    case = told_of(house)
    made = a_notice(house, case)
    assert NoticeField.SEEN_PLACE in house.services.published.one(made.token).shown
    house.services.filing.write(house.intake, case.case_id, {"categories": ["trafficking_suspected"]})
    told = house.services.published.one(made.token)
    assert NoticeField.SEEN_PLACE not in told.shown
    assert (told.words.seen_place, told.station, told.contact) == ("", "", made.contact)
    assert "合肥" not in str(told)
    assert house.services.notices.get(house.manager, made.notice_id).place_hidden


# What was approved


def test_a_later_change_of_the_case_changes_nothing_of_what_was_approved_and_it_is_said(house: House) -> None:
    case = told_of(house)
    made = a_notice(house, case)
    before = house.services.published.one(made.token)
    said = replace(case.description, names=("王建业",), clothing="灰色外套", accent="Wu")
    house.services.casework.amend(house.intake, case.case_id, said)
    assert house.services.published.one(made.token) == before
    view = house.services.notices.get(house.intake, made.notice_id)
    assert view.outdated == {NoticeField.NAME, NoticeField.CLOTHING}
    again = a_notice(house, case)
    assert house.services.notices.get(house.intake, again.notice_id).outdated == frozenset()
    assert house.services.published.one(again.token).words.name == "王建业"


def test_publication_meets_the_clock_that_asks_for_a_notice_and_starts_the_next_one(house: House) -> None:
    case = told_of(house, names=())
    house.services.clockwork.follow()
    clock = next(each for each in _clocks(house, case) if each.rule.rule_id == "notice")
    assert clock.running
    house.clock.advance(hours=3)
    made = a_notice(house, case)
    house.services.clockwork.follow()
    met, again = (
        next(each for each in _clocks(house, case) if each.rule.rule_id == name) for name in ("notice", "notice_again")
    )
    assert (met.end, met.ended_at) == (ClockEnd.MET, made.published_at)
    assert again.running
    (action,) = house.services.actions.of_case(house.intake, case.case_id)
    assert (action.kind, action.outcome, action.recorded_by) == ("notice", "done", house.manager.account_id)


def _clocks(house: House, case: Case):  # type: ignore[no-untyped-def]
    with house.services.store.reading() as records:
        return records.clocks.of_case(case.case_id)


def test_nobody_but_the_case_s_own_station_sees_or_changes_its_notices(house: House) -> None:
    from tracing.access import SYSTEM
    from tracing.domain import Role
    from tracing.errors import OtherStation

    case = told_of(house)
    made = a_notice(house, case, NoticeState.DRAFT)
    for station in ("main", "north"):
        house.services.stations.add(SYSTEM, station)
    account, _ = house.services.accounts.add(SYSTEM, "guo", Role.MANAGER, station_id="north")
    guo = replace(house.manager, account_id=account.account_id, station_id="north")
    notices = house.services.notices
    for asked in (
        lambda: notices.get(guo, made.notice_id),
        lambda: notices.of_case(guo, case.case_id),
        lambda: notices.proposal(guo, case.case_id),
        lambda: notices.approve(guo, made.notice_id, made.version, "fine"),
        lambda: notices.withdraw(guo, made.notice_id, made.version, "no"),
    ):
        with pytest.raises(OtherStation):
            asked()
    assert notices.find(guo, None, 9).views == ()
    assert not any(notices.find(guo, None, 9).counts.values())
    assert [each.notice for each in notices.find(house.manager, None, 9).views] == [made]


def test_the_station_and_its_line_are_proposed_as_they_were_last_approved(house: House) -> None:
    case, other = told_of(house), told_of(house, 7)
    assert house.services.notices.proposal(house.intake, case.case_id).draft.contact == ""
    a_notice(house, case, NoticeState.APPROVED, contact="0551-1234 5678")
    proposed = house.services.notices.proposal(house.intake, other.case_id).draft
    assert (proposed.station, proposed.contact) == ("合肥市救助管理站", "0551-1234 5678")


def test_a_new_notice_can_be_begun_as_an_earlier_one_of_the_case_was_written(house: House) -> None:
    case, other = told_of(house), told_of(house, 7)
    field = NoticeField.MIND
    earlier = a_notice(
        house, case, NoticeState.WITHDRAWN, shown=frozenset({NoticeField.NAME, field}), mind="健忘", reasons={field: "why"}
    )
    notices = house.services.notices
    like = notices.proposal(house.intake, case.case_id, earlier.notice_id).draft
    assert (like.shown, like.mind, like.reasons) == ({NoticeField.NAME, field}, "健忘", {field: "why"})
    assert notices.draft(house.intake, case.case_id, like).words == earlier.words
    with pytest.raises(NotFound):
        notices.proposal(house.intake, other.case_id, earlier.notice_id)


def test_a_preview_keeps_nothing_and_says_what_is_wrong(house: House) -> None:
    case = told_of(house)
    before = len(house.done(case))
    good = house.services.notices.preview(house.intake, case.case_id, a_draft(house, case))
    assert good.mistakes is None
    assert NoticeField.NAME in good.shown.shown
    bad = house.services.notices.preview(house.intake, case.case_id, a_draft(house, case, contact=""))
    assert bad.mistakes is not None
    assert bad.mistakes.mistakes.keys() == {"contact"}
    assert house.services.notices.of_case(house.intake, case.case_id) == []
    assert len(house.done(case)) == before


def test_what_is_kept_back_is_shown_beside_what_is_told(house: House) -> None:
    case = told_of(house)
    shown = frozenset({NoticeField.NAME, NoticeField.MARKS})
    view = house.services.notices.get(house.manager, a_notice(house, case, NoticeState.DRAFT, shown=shown).notice_id)
    assert view.hidden_fields >= {NoticeField.SEX, NoticeField.AGE, NoticeField.CLOTHING, NoticeField.SEEN_PLACE}
    assert not view.hidden_fields & (shown | SENSITIVE)
    assert [mark.text for mark in view.back] == ["右手缺小指"]


def test_what_everybody_reads_leads_to_no_case(house: House) -> None:
    """Neither ids nor reference, nor who wrote it: enumerating and guessing lead nowhere (L18)."""
    case = told_of(house)
    made = a_notice(house, case)
    text = str(house.services.published.one(made.token))
    for secret in (
        case.case_id,
        case.reference,
        made.notice_id,
        house.intake.account_id,
        house.manager.account_id,
        "右手缺小指",
    ):
        assert secret not in text
    assert len(made.token) >= 20
    for guess in ("", "x", made.notice_id, case.case_id, made.token[:-1], made.token.swapcase(), "%", made.token + "\x00"):
        with pytest.raises(NotFound):
            house.services.published.one(guess)


def test_a_draft_and_an_approved_notice_are_nobody_s_to_read_who_has_their_address(house: House) -> None:
    for state in (NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.WITHDRAWN, NoticeState.EXPIRED):
        made = a_notice(house, told_of(house, 3), state)
        with pytest.raises(NotFound):
            house.services.published.one(made.token)
    assert published(house) == set()


def test_the_list_is_of_the_last_published_first_in_pages_and_by_kind(house: House) -> None:
    made = []
    for person in range(1, 4):
        house.clock.advance(minutes=1)
        kind = CaseKind.MISSING if person == 2 else CaseKind.SHELTERED
        made.append(a_notice(house, told_of(house, person * 5, kind=kind)).token)
    newest = list(reversed(made))
    page = house.services.published.page(2)
    assert ([each.token for each in page.notices], page.following) == (newest[:2], True)
    page = house.services.published.page(2, 2)
    assert ([each.token for each in page.notices], page.following) == (newest[2:], False)
    assert [each.token for each in house.services.published.page(9, kind=CaseKind.MISSING).notices] == [made[1]]
