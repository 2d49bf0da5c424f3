"""Where relatives may be the danger (DOMAIN.md, L21) nobody tells them where the person is, by any door, before a second
person has recorded a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.neighbours import NORTH, Neighbours
from tests.noticing import a_draft, a_notice
from tests.stories import at_once, by_hand, pairs_of, rows_naming
from tests.test_audit_unavailable import BACK, GONE
from tests.test_reunions import WHOLE, whole
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Actor,
    Case,
    CaseKind,
    CaseState,
    Description,
    LegalBasis,
    NoticeEnd,
    NoticeState,
    Outcome,
    Pair,
    PairState,
    Part,
    RequestKind,
    Role,
)
from tracing.errors import (
    AuditUnavailable,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    OtherStation,
    Safeguarded,
    TracingError,
    WrongState,
)
from tracing.intake import ContactDraft
from tracing.safeguarding import NOT_MARKED, OF_THE_FAMILY, OWN_MARK
from tracing.safety import ANOTHER_PERSON
from tracing.verdict import Proof

WHY, FOUND = "旧伤很多，听到父亲的名字就发抖", "与警方核实，父亲无嫌疑"
GROWN = {"age_min": 40, "age_max": 60}


@dataclass
class Match:
    """Two managers: sun deals with the family, and yue looks into it."""

    house: House
    missing: Case
    sheltered: Case
    pair: Pair
    second: Actor

    def mark(self, case: Case | None = None) -> None:
        self.house.services.safeguarding.mark(self.house.intake, (case or self.sheltered).case_id, WHY)

    def clear(self, case: Case | None = None) -> None:
        self.house.services.safeguarding.clear(self.second, (case or self.sheltered).case_id, FOUND)

    def verify(self, proof: Proof = Proof.DNA) -> None:
        self.house.services.review.verify(self.house.manager, self.pair.pair_id, proof, "file 7")


@pytest.fixture
def match(house: House) -> Match:
    """A confirmed match; a relative's and the ward's number are known, and the form names the relatives."""
    report = house.services.intake.open_case(
        house.intake,
        CaseKind.MISSING,
        Description(names=("王小英",), **GROWN),
        LegalBasis.STATUTORY_DUTY,
        ContactDraft("father", "王建国", "+86 138 0000 0000"),
    )
    house.photograph(report, 1, shot=7)
    rows = [{"name": "王建国", "relation": "father", "contact": "138 0000 0000"}]
    house.services.filing.write(house.intake, report.case_id, {"relatives": rows})
    sheltered = house.services.intake.open_case(
        house.intake,
        CaseKind.SHELTERED,
        Description(seen_place="合肥火车站", **GROWN),
        LegalBasis.STATUTORY_DUTY,
        ContactDraft("custodian", "病房三", "0551 123456"),
    )
    house.photograph(sheltered, 1, shot=8)
    pair = house.confirm(house.pair(report, sheltered))
    return Match(house, report, sheltered, pair, house.hire("yue", Role.MANAGER))


# The mark


def test_l21_a_mark_says_by_whom_when_and_why_sealed_and_in_the_audit_without_the_reason(match: Match) -> None:
    match.mark()
    house = match.house
    view = house.services.safeguarding.of_case(house.manager, match.sheltered.case_id)
    (mark,) = view.marks
    assert (mark.set_by, mark.set_at, mark.reason, mark.stands) == (house.intake.account_id, house.clock.now, WHY, True)
    assert house.case(match.sheltered).guarded_since == house.clock.now
    assert rows_naming(house, WHY) == {}
    match.clear()
    (mark,) = house.services.safeguarding.of_case(house.manager, match.sheltered.case_id).marks
    assert (mark.cleared_by, mark.finding, mark.stands) == (match.second.account_id, FOUND, False)
    assert not house.case(match.sheltered).guarded
    steps = [(each.action, each.actor) for each in house.done(match.sheltered) if "safeguard" in each.action]
    assert steps == [("set_safeguard", house.intake.account_id), ("clear_safeguard", match.second.account_id)]
    assert house.faults() == []


def test_l21_what_is_said_of_relatives_is_for_those_who_may_read_contacts(match: Match) -> None:
    match.mark()
    services, house = match.house.services, match.house
    for actor in (house.reviewer, house.auditor, house.partner):
        view = services.safeguarding.of_case(actor, match.sheltered.case_id)
        assert (view.case.guarded, [each.reason for each in view.marks]) == (True, [""]), (
            "that it stands, everybody has to know"
        )
        entries = services.timeline.of_case(actor, match.sheltered.case_id).entries
        assert WHY not in str(entries)
    entries = services.timeline.of_case(house.intake, match.sheltered.case_id).entries
    assert WHY in next(each.words for each in entries if each.what == "safeguard_set")


def test_l21_whoever_may_change_a_case_marks_it_once_with_a_reason_whatever_its_state(match: Match) -> None:
    services, house = match.house.services, match.house
    for actor in (house.reviewer, house.auditor):
        with pytest.raises(NotAllowed):
            services.safeguarding.mark(actor, match.sheltered.case_id, WHY)
    with pytest.raises(Invalid):
        services.safeguarding.mark(house.intake, match.sheltered.case_id, " ")
    assert house.case(match.sheltered).state is CaseState.MATCHED
    match.mark()
    with pytest.raises(Conflict):
        services.safeguarding.mark(house.manager, match.sheltered.case_id, "I think so too")
    past = house.sheltered(5)
    services.casework.close(house.intake, past.case_id, Outcome.SETTLED, "settled")
    assert services.safeguarding.mark(house.partner, past.case_id, "a neighbour called").stands


def test_l21_without_its_row_in_the_audit_there_is_neither_mark_nor_check(match: Match) -> None:
    by_hand(match.house, GONE)
    with pytest.raises(AuditUnavailable):
        match.mark()
    by_hand(match.house, BACK)
    assert not match.house.case(match.sheltered).guarded
    match.mark()
    by_hand(match.house, GONE)
    with pytest.raises(AuditUnavailable):
        match.clear()
    by_hand(match.house, BACK)
    assert match.house.case(match.sheltered).guarded
    assert [each.stands for each in match.house.services.safeguarding.of_case(match.second, match.sheltered.case_id).marks] == [
        True
    ]


# The check: four eyes


@pytest.mark.parametrize("who", ["intake", "reviewer", "auditor", "partner"])
def test_l21_a_check_needs_its_own_permission(match: Match, who: str) -> None:
    match.mark()
    with pytest.raises(NotAllowed):
        match.house.services.safeguarding.clear(getattr(match.house, who), match.sheltered.case_id, FOUND)


def test_l21_nobody_clears_the_own_mark(match: Match) -> None:
    services = match.house.services
    services.safeguarding.mark(match.second, match.sheltered.case_id, WHY)
    with pytest.raises(NotAllowed, match=OWN_MARK):
        match.clear()
    with pytest.raises(Invalid):
        services.safeguarding.clear(match.house.manager, match.sheltered.case_id, " ")
    services.safeguarding.clear(match.house.manager, match.sheltered.case_id, FOUND)
    with pytest.raises(WrongState, match=NOT_MARKED):
        match.clear()


def took_the_report(match: Match) -> None:
    case = match.house.open(CaseKind.MISSING, match.second, **GROWN)
    match.house.photograph(case, 30)
    match.sheltered = match.house.sheltered(30)
    match.house.confirm(match.house.pair(case, match.sheltered))


def called_them(match: Match) -> None:
    match.house.services.actions.record(
        match.second, match.missing.case_id, ActionKind.INTERVIEW, ActionOutcome.DONE, None, "called the father"
    )


def proved_the_match(match: Match) -> None:
    match.house.services.review.verify(match.second, match.pair.pair_id, Proof.CONTROL_QUESTION, "they knew the scar")


def wrote_the_record(match: Match) -> None:
    match.verify()
    match.house.services.hand_over_drafts.write(match.second, match.pair.pair_id, {"receiver": "王建国"})


@pytest.mark.parametrize("how", [took_the_report, called_them, proved_the_match, wrote_the_record])
def test_l21_who_deals_with_the_family_does_not_record_the_check(match: Match, how: Callable[[Match], None]) -> None:
    how(match)
    match.mark()
    with pytest.raises(NotAllowed, match=OF_THE_FAMILY):
        match.clear()
    somebody_else = match.house.hire("he", Role.MANAGER)
    match.house.services.safeguarding.clear(somebody_else, match.sheltered.case_id, FOUND)


def test_l21_who_has_recorded_the_check_does_not_deal_with_the_family_afterwards(match: Match) -> None:
    match.mark()
    match.clear()
    review, drafts = match.house.services.review, match.house.services.hand_over_drafts
    with pytest.raises(NotAllowed, match=ANOTHER_PERSON):
        review.verify(match.second, match.pair.pair_id, Proof.CONTROL_QUESTION, "they knew the scar")
    match.verify(Proof.CONTROL_QUESTION)
    for step in (
        lambda: drafts.read(match.second, match.pair.pair_id),
        lambda: drafts.write(match.second, match.pair.pair_id, {"receiver": "王建国"}),
        lambda: review.reunite(match.second, match.pair.pair_id, "to the father", WHOLE),
    ):
        with pytest.raises(NotAllowed, match=ANOTHER_PERSON):
            step()
    assert review.reunite(match.house.manager, match.pair.pair_id, "to the father").state is PairState.REUNITED


def test_l21_of_two_who_mark_or_clear_at_the_same_moment_one_does(any_house: House) -> None:
    case = any_house.sheltered(1)
    people = [any_house.hire(f"manager {number}", Role.MANAGER) for number in range(4)]
    marked = at_once(
        *(lambda who=who: any_house.services.safeguarding.mark(who, case.case_id, WHY) for who in people[:2])  # type: ignore[misc]
    )
    assert sum(isinstance(each, Conflict) for each in marked) == 1
    cleared = at_once(
        *(lambda who=who: any_house.services.safeguarding.clear(who, case.case_id, FOUND) for who in people[2:])  # type: ignore[misc]
    )
    assert sum(isinstance(each, Conflict) for each in cleared) == 1
    assert not any_house.case(case).guarded
    assert any_house.faults() == []


def test_l21_a_mark_and_a_reunion_at_the_same_moment_are_never_both_new(any_house: House) -> None:
    """Either somebody is handed over before the mark, or not at all."""
    house = any_house
    pair = house.confirm(house.pair(house.missing(1), sheltered := house.sheltered(1)))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "file 7")
    marked, reunited = at_once(
        lambda: house.services.safeguarding.mark(house.intake, sheltered.case_id, WHY),
        lambda: house.services.review.reunite(house.manager, pair.pair_id, "to the father"),
    )
    assert isinstance(marked, TracingError) or isinstance(reunited, TracingError) or _before(house, sheltered)


def _before(house: House, case: Case) -> bool:
    """Whether the reunion stands before the mark in the audit."""
    steps = [each.action for each in house.done(case)]
    return steps.index("change_case", steps.index("change_case") + 1) < steps.index("set_safeguard")


# Every door


SIDES = pytest.mark.parametrize("side", ["sheltered", "missing"])
"""Whoever of the two is marked: the person in care, or the report of relatives whom nobody trusts."""


@SIDES
def test_l21_a_reunion_is_not_recorded_and_goes_on_after_the_check(match: Match, side: str) -> None:
    match.verify()
    match.mark(case := getattr(match, side))
    review = match.house.services.review
    for record in (None, WHOLE):
        with pytest.raises(Safeguarded, match="a manager who does not deal with the family"):
            review.reunite(match.house.manager, match.pair.pair_id, "to the father", record)
    with match.house.services.store.reading() as records:
        assert records.pairs.get(match.pair.pair_id).state is PairState.VERIFIED
        assert records.reunions.hand_over(match.pair.pair_id) is None
    match.clear(case)
    assert review.reunite(match.house.manager, match.pair.pair_id, "to the brother", WHOLE).state is PairState.REUNITED


@SIDES
@pytest.mark.parametrize("proof", [Proof.CONTROL_QUESTION, Proof.DOCUMENT])
@pytest.mark.parametrize("with_details", [True, False])
def test_l21_no_evidence_is_asked_of_relatives(match: Match, side: str, proof: Proof, with_details: bool) -> None:
    match.mark(getattr(match, side))
    details = whole(proof) if with_details else None
    with pytest.raises(Safeguarded):
        match.house.services.review.verify(match.house.manager, match.pair.pair_id, proof, "asked", details)
    with match.house.services.store.reading() as records:
        assert records.pairs.get(match.pair.pair_id).state is PairState.CONFIRMED


@pytest.mark.parametrize("proof", [Proof.DNA, Proof.POLICE_REPLY])
def test_l21_what_the_laboratory_and_the_police_say_is_still_written_down_and_a_match_revoked(
    match: Match, proof: Proof
) -> None:
    match.mark()
    match.verify(proof)
    assert match.house.services.review.revoke(match.house.manager, match.pair.pair_id, "a mistake").state is PairState.REVOKED


@SIDES
def test_l21_the_record_of_the_hand_over_is_neither_begun_nor_read(match: Match, side: str) -> None:
    match.verify()
    drafts = match.house.services.hand_over_drafts
    drafts.write(match.house.manager, match.pair.pair_id, {"receiver": "王建国", "place": "救助站"})
    match.mark(case := getattr(match, side))
    for step in (
        lambda: drafts.read(match.house.manager, match.pair.pair_id),
        lambda: drafts.write(match.house.manager, match.pair.pair_id, {"place": "救助站二楼"}),
    ):
        with pytest.raises(Safeguarded):
            step()
    match.clear(case)
    match.house.services.review.reunite(match.house.manager, match.pair.pair_id, "to the father", WHOLE)
    match.mark(case)
    for actor in (match.house.intake, match.house.manager):
        with pytest.raises(Safeguarded):
            match.house.services.hand_overs.read(actor, match.pair.pair_id)


@SIDES
def test_l21_whoever_seeks_the_person_is_called_by_nobody_but_the_ward_is(match: Match, side: str) -> None:
    services, house = match.house.services, match.house

    def known(actor: Actor) -> dict[str, list[str]]:
        cases = {"missing": match.missing, "sheltered": match.sheltered}
        return {name: [each.role for each in services.casework.contacts(actor, case.case_id)] for name, case in cases.items()}

    everybody = {"missing": ["father"], "sheltered": ["custodian"]}
    assert known(house.intake) == everybody
    match.mark(case := getattr(match, side))
    assert known(house.intake) == {"missing": [], "sheltered": ["custodian"]}
    assert known(house.manager) == everybody, "who looks into it asks the police about them"
    assert services.safeguarding.of_case(house.intake, match.missing.case_id).relatives_closed
    match.clear(case)
    assert known(house.intake) == everybody


@SIDES
def test_l21_the_form_names_no_relatives_and_loses_none(match: Match, side: str) -> None:
    services, house = match.house.services, match.house

    def named(actor: Actor) -> bool:
        view = services.filing.view(actor, match.missing.case_id)
        asked = {question.name for part in view.parts for question in part.questions}
        assert ("relatives" in asked) == ("relatives" in view.form.answers)
        return "138 0000 0000" in str(view.form.answers)

    match.mark(case := getattr(match, side))
    assert (named(house.intake), named(house.manager)) == (False, True)
    services.filing.write(house.intake, match.missing.case_id, {"build": "thin"})
    match.clear(case)
    assert named(house.intake)


def test_l21_other_people_s_families_are_called_as_ever(match: Match) -> None:
    """A mark closes nobody whom a search alone has put beside the person."""
    house = match.house
    alike = house.services.intake.open_case(
        house.intake, CaseKind.MISSING, Description(), LegalBasis.STATUTORY_DUTY, ContactDraft("mother", "李梅", "139")
    )
    house.photograph(alike, 1, shot=90)
    other = house.sheltered(1)
    house.services.safeguarding.mark(house.intake, other.case_id, WHY)
    assert pairs_of(house, alike)
    assert [each.role for each in house.services.casework.contacts(house.intake, alike.case_id)] == ["mother"]


def test_l21_nobody_is_sent_back_to_where_they_came_from(house: House) -> None:
    case = house.sheltered(3)
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    close = house.services.casework.close
    with pytest.raises(Safeguarded):
        close(house.intake, case.case_id, Outcome.RETURNED_TO_ORIGIN, "sent home")
    assert close(house.intake, case.case_id, Outcome.SETTLED, "stays with us").state is CaseState.CLOSED
    assert house.services.safeguarding.waiting(house.manager)[0].case.guarded, "and the mark stands"


@SIDES
def test_l21_their_data_are_not_handed_out_to_whoever_speaks_for_them(match: Match, side: str) -> None:
    match.mark(case := getattr(match, side))
    with pytest.raises(Safeguarded):
        match.house.services.dossiers.export(match.house.manager, case.case_id)
    match.clear(case)
    document = match.house.services.dossiers.export(match.house.manager, case.case_id)
    assert WHY.encode() not in document


def test_l21_nothing_is_published_and_what_was_is_taken_down_at_once(house: House) -> None:
    case = house.sheltered(4, names=("老王",), **GROWN)
    notice = a_notice(house, case)
    token = notice.token
    assert house.services.published.one(token)
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    with pytest.raises(NotFound):
        house.services.published.one(token)
    assert house.services.published.page(50).notices == ()
    house.services.taking_down.look()
    with house.services.store.reading() as records:
        gone = records.notices.get(notice.notice_id)
    assert (gone.state, gone.end) == (NoticeState.WITHDRAWN, NoticeEnd.SAFEGUARDED)
    with pytest.raises(Safeguarded):
        house.services.notices.draft(house.intake, case.case_id, a_draft(house, case))


@pytest.fixture
def north(house: House) -> Neighbours:
    return Neighbours(house)


def test_l21_no_other_station_sees_anything_of_it_whatever_was_granted_or_opened(house: House, north: Neighbours) -> None:
    case, report = house.sheltered(1, seen_place="合肥火车站", **GROWN), house.open(CaseKind.MISSING, north.intake, **GROWN)
    photo = house.services.intake.add_photo(north.intake, report.case_id, painted_photo(1, shot=9))
    house.services.intake.analyse(photo.photo_id)
    pair = house.pair(report, case)
    north.granted(case)
    house.services.emergencies.open(north.manager, case.case_id, "somebody is in danger")
    casework, review = house.services.casework, house.services.review
    assert casework.get(north.manager, case.case_id).description.seen_place
    assert review.view(north.reviewer, pair.pair_id)
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    for read in (
        lambda: casework.get(north.intake, case.case_id),
        lambda: casework.read(north.manager, case.case_id),
        lambda: review.view(north.reviewer, pair.pair_id),
        lambda: house.services.desk.photos(north.manager, case.case_id),
        lambda: house.services.safeguarding.of_case(north.manager, case.case_id),
    ):
        with pytest.raises(OtherStation):
            read()
    assert [view.case.case_id for view in house.services.candidates.of_case(north.intake, report.case_id).candidates] == []
    assert house.services.review.queue(north.reviewer).pairs == ()
    place = house.services.stations.place(north.intake, case.case_id)
    assert (place.station_id, place.name) == ("", "")
    with pytest.raises(Safeguarded, match="call the police"):
        house.services.emergencies.open(north.manager, case.case_id, "let me see it")
    assert review.view(north.central, pair.pair_id).low, "who works for all stations goes on"


def test_l21_an_enquiry_does_not_tell_at_which_station_somebody_is(house: House, north: Neighbours) -> None:
    case = house.sheltered(2, names=("欧阳小英",), seen_place="阜阳", **GROWN)
    house.services.worker.work_off()
    ask = house.services.enquiries.ask
    assert ask(north.intake, "欧阳小英 阜阳").elsewhere == {"main": 1}
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    answers = ask(north.intake, "欧阳小英 阜阳")
    assert (answers.found, answers.elsewhere) == ((), {})


def test_l21_only_the_own_station_may_hand_the_whole_case_over_to_a_safer_place(house: House, north: Neighbours) -> None:
    case = house.sheltered(2, **GROWN)
    asked_before = north.asked(case, Part.DESCRIPTION)
    wanted_before = north.asked(case, kind=RequestKind.TRANSFER)
    house.services.safeguarding.mark(house.intake, case.case_id, WHY)
    assistance = house.services.assistance
    for step in (
        lambda: north.asked(case, Part.PHOTOS),
        lambda: assistance.accept(house.manager, asked_before.request_id, "yes"),
        lambda: assistance.accept(house.manager, wanted_before.request_id, "yes"),
        lambda: assistance.ask(house.intake, case.case_id, RequestKind.ASSISTANCE, "help", NORTH, [Part.PHOTOS]),
    ):
        with pytest.raises(Safeguarded):
            step()
    offer = assistance.ask(house.intake, case.case_id, RequestKind.TRANSFER, "a safer house", NORTH)
    assistance.accept(north.manager, offer.request_id, "there is a bed")
    moved = house.services.casework.get(north.manager, case.case_id)
    assert (moved.station_id, moved.guarded) == (NORTH, True)
    assert [each.case.case_id for each in house.services.safeguarding.waiting(north.manager)] == [case.case_id]
    assert house.services.safeguarding.waiting(house.manager) == []
    house.services.safeguarding.clear(north.manager, case.case_id, FOUND)


def test_l21_a_mark_is_erased_with_the_case_and_the_search_goes_on_beside_it(match: Match) -> None:
    match.mark()
    house = match.house
    house.services.review.revoke(house.manager, match.pair.pair_id, "not sure any more")
    assert house.paired(match.missing, match.sheltered)
    assert house.case(match.sheltered).collection is not None
    house.services.retention.erase_case(house.manager, match.sheltered.case_id)
    assert rows_naming(house, match.sheltered.case_id).keys() == {"events"}
