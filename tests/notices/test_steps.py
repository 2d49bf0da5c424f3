"""Every step that a notice may take, and every one that it may not, by whoever tries (DOMAIN.md section 7, L17)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.house import House
from tests.noticing import a_draft, a_notice, now, told_of
from tracing.domain import Actor, CaseKind, Notice, NoticeEnd, NoticeState, Role
from tracing.errors import Invalid, NotAllowed, Refused, Stale, WrongState
from tracing.lifecycle import NOTICE_STEPS, step_notice
from tracing.notices.notices import THEIRS_BY_NOW

EDGES = {
    ("draft", "approved"),
    ("draft", "withdrawn"),
    ("approved", "draft"),  # the approval is taken back
    ("approved", "published"),
    ("approved", "withdrawn"),
    ("published", "withdrawn"),
    ("published", "expired"),
}


@pytest.mark.parametrize(("then", "after"), sorted(product(NoticeState, NoticeState)))
def test_l17_a_notice_takes_the_steps_of_the_table_and_no_other(then: NoticeState, after: NoticeState) -> None:
    if (then, after) in EDGES:
        step_notice(then, after)
    else:
        with pytest.raises(WrongState, match=f"{then} cannot become {after}"):
            step_notice(then, after)


def test_l17_every_state_has_its_row_and_the_last_ones_have_no_way_on() -> None:
    assert set(NOTICE_STEPS) == set(NoticeState)
    assert {state for state, steps in NOTICE_STEPS.items() if not steps} == {NoticeState.WITHDRAWN, NoticeState.EXPIRED}


def taken(house: House, notice: Notice, then: NoticeState, actor: Actor) -> Notice:
    """The one way by which somebody takes a notice there."""
    notices, known = house.services.notices, (notice.notice_id, notice.version)
    steps: dict[NoticeState, Callable[[], Notice]] = {
        NoticeState.DRAFT: lambda: notices.take_back(actor, *known, "another photo"),
        NoticeState.APPROVED: lambda: notices.approve(actor, *known, "as agreed"),
        NoticeState.PUBLISHED: lambda: notices.publish(actor, *known),
        NoticeState.WITHDRAWN: lambda: notices.withdraw(actor, *known, "he is home"),
    }
    return steps[then]()


@pytest.mark.parametrize("state", list(NoticeState))
def test_l17_whatever_anybody_does_a_notice_goes_along_the_edges_and_what_is_refused_changes_nothing(
    house: House, state: NoticeState
) -> None:
    case = told_of(house)
    walked = set()
    for then in (NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.PUBLISHED, NoticeState.WITHDRAWN):
        notice = a_notice(house, case, state)
        before = len(house.done(case))
        if (state, then) in EDGES:
            after = taken(house, notice, then, house.manager)
            assert (after.state, after.version) == (then, notice.version + 1)
            assert now(house, notice) == after
            assert len(house.done(case)) > before
            walked.add((state, then))
        else:
            with pytest.raises(Refused):
                taken(house, notice, then, house.manager)
            assert now(house, notice) == notice
            assert len(house.done(case)) == before
    assert walked == {edge for edge in EDGES if edge[0] == state and edge[1] != "expired"}


@pytest.mark.parametrize("then", [NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.PUBLISHED, NoticeState.WITHDRAWN])
def test_l17_of_two_who_read_the_same_version_the_second_one_is_told(house: House, then: NoticeState) -> None:
    state = NoticeState.DRAFT if then is NoticeState.APPROVED else NoticeState.APPROVED
    notice = a_notice(house, told_of(house), state)
    taken(house, notice, then, house.manager)
    with pytest.raises(Stale):
        taken(house, notice, then, house.manager)


@pytest.mark.parametrize("then", [NoticeState.DRAFT, NoticeState.APPROVED, NoticeState.WITHDRAWN])
def test_l17_where_a_person_decides_there_is_a_reason(house: House, then: NoticeState) -> None:
    notice = a_notice(house, told_of(house), NoticeState.DRAFT if then is NoticeState.APPROVED else NoticeState.APPROVED)
    notices = house.services.notices
    step = {"draft": notices.take_back, "approved": notices.approve, "withdrawn": notices.withdraw}[then]
    with pytest.raises(Invalid) as refused:
        step(house.manager, notice.notice_id, notice.version, "  ")
    assert refused.value.field == "reason"
    assert now(house, notice) == notice


def test_l17_nobody_approves_what_they_have_had_a_hand_in(house: House) -> None:
    case, second = told_of(house), house.hire("zhou", Role.MANAGER)
    notices = house.services.notices
    made = notices.draft(house.manager, case.case_id, a_draft(house, case))
    with pytest.raises(NotAllowed, match="yourself"):
        notices.approve(house.manager, made.notice_id, made.version, "mine")
    amended = notices.amend(second, made.notice_id, a_draft(house, case, contact="0551-1111 2222"), made.version)
    for author in (house.manager, second):
        with pytest.raises(NotAllowed, match="yourself"):
            notices.approve(author, made.notice_id, amended.version, "ours")
    third = house.hire("wu", Role.MANAGER)
    assert notices.approve(third, made.notice_id, amended.version, "theirs").approved_by == third.account_id


def test_l17_what_was_approved_is_not_written_anew_until_the_approval_is_taken_back(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case, NoticeState.APPROVED)
    notices = house.services.notices
    with pytest.raises(Invalid, match="take the approval back"):
        notices.amend(house.intake, notice.notice_id, a_draft(house, case), notice.version)
    back = notices.take_back(house.intake, notice.notice_id, notice.version, "another photo")
    assert (back.approved_by, back.approved_at, back.approval_reason) == ("", None, "another photo")
    assert notices.amend(house.intake, notice.notice_id, a_draft(house, case), back.version).state is NoticeState.DRAFT


@pytest.mark.parametrize("state", [NoticeState.PUBLISHED, NoticeState.WITHDRAWN, NoticeState.EXPIRED])
def test_l17_what_was_public_is_never_written_anew(house: House, state: NoticeState) -> None:
    case = told_of(house)
    notice = a_notice(house, case, state)
    with pytest.raises(WrongState):
        house.services.notices.amend(house.intake, notice.notice_id, a_draft(house, case), notice.version)


def test_l17_the_audit_tells_each_step_by_its_person_and_names_nobody(house: House) -> None:
    case = told_of(house)
    notice = a_notice(house, case)
    taken(house, notice, NoticeState.WITHDRAWN, house.intake)
    told = [each for each in house.done(case) if "notice" in each.action]
    assert [(each.action, each.actor) for each in told] == [
        ("draft_notice", house.intake.account_id),
        ("approve_notice", house.manager.account_id),
        ("publish_notice", house.manager.account_id),
        ("withdraw_notice", house.intake.account_id),
    ]
    assert {each.detail["notice_id"] for each in told} == {notice.notice_id}
    assert told[-1].detail["end"] == NoticeEnd.BY_HAND
    assert "王建国" not in str(told)


def test_only_those_whose_work_it_is_write_approve_and_read_notices(house: House) -> None:
    case = told_of(house)
    draft, notices = a_draft(house, case), house.services.notices
    for actor in (house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            notices.draft(actor, case.case_id, draft)
    made = notices.draft(house.intake, case.case_id, draft)
    for actor in (house.intake, house.reviewer, house.auditor, house.partner):
        with pytest.raises(NotAllowed):
            notices.approve(actor, made.notice_id, made.version, "fine")
    for actor in (house.reviewer, house.partner):
        for read in (lambda a=actor: notices.get(a, made.notice_id), lambda a=actor: notices.find(a, None, 9)):
            with pytest.raises(NotAllowed):
                read()
    assert notices.get(house.auditor, made.notice_id).notice == made


@pytest.mark.parametrize("state", [NoticeState.DRAFT, NoticeState.APPROVED])
def test_a_number_that_became_known_since_as_a_familys_own_is_not_published(house: House, state: NoticeState) -> None:
    case, notices = told_of(house, kind=CaseKind.MISSING), house.services.notices
    made = a_notice(house, case, state, contact="李女士 139 0013 9000")
    house.services.filing.write(house.intake, case.case_id, {"relatives": [{"name": "李秀英", "contact": "13900139000"}]})
    assert [str(each) for each in notices.get(house.manager, made.notice_id).obstacles] == [THEIRS_BY_NOW]
    step = NoticeState.APPROVED if state is NoticeState.DRAFT else NoticeState.PUBLISHED
    with pytest.raises(WrongState, match="by now that of somebody"):
        taken(house, made, step, house.manager)
    assert now(house, made).state is state
    if state is NoticeState.APPROVED:
        made = taken(house, made, NoticeState.DRAFT, house.intake)
    amended = notices.amend(house.intake, made.notice_id, a_draft(house, case), made.version)
    assert taken(house, amended, NoticeState.APPROVED, house.manager).state is NoticeState.APPROVED
