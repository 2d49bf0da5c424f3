"""Who may do what, spelled out: a new role or permission needs a line here."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories import an_actor
from tests.house import House
from tests.partners.stories import repository
from tracing.access import EVERYBODY, SYSTEM, Permission, allows, blind_state, judges_blind, require, sees_scores
from tracing.domain import Actor, CaseKind, Description, Judgement, LegalBasis, Outcome, PairState, RequestKind, Role, Wanted
from tracing.errors import NotAllowed, NotFound
from tracing.records import CaseFilter
from tracing.verdict import Proof, Verdict

ROLES = ("intake", "reviewer", "manager", "auditor", "service", "partner")
TABLE = {
    #                     intake reviewer manager auditor service partner
    "open_cases":        ("yes", "no", "yes", "no", "yes", "no"),
    "read_cases":        ("yes", "yes", "yes", "yes", "yes", "no"),
    "edit_cases":        ("yes", "no", "yes", "no", "yes", "no"),
    "close_cases":       ("yes", "no", "yes", "no", "no", "no"),
    "read_contacts":     ("yes", "no", "yes", "no", "no", "no"),
    "read_candidates":   ("yes", "yes", "yes", "yes", "yes", "no"),
    "enquire":           ("yes", "no", "no", "no", "no", "no"),
    "see_scores":        ("no", "no", "no", "yes", "yes", "no"),
    "review":            ("no", "yes", "yes", "no", "no", "no"),
    "review_as_senior":  ("no", "no", "yes", "no", "no", "no"),
    "verify":            ("no", "no", "yes", "no", "no", "no"),
    "erase":             ("no", "no", "yes", "no", "no", "no"),
    "read_statistics":   ("yes", "yes", "yes", "yes", "yes", "no"),
    "read_recognition":  ("no", "no", "yes", "yes", "no", "no"),
    "read_audit":        ("no", "no", "yes", "yes", "no", "no"),
    "ask_stations":      ("yes", "no", "yes", "no", "no", "no"),
    "answer_stations":   ("no", "no", "yes", "no", "no", "no"),
    "break_glass":       ("yes", "no", "yes", "no", "no", "no"),
    "see_emergencies":   ("no", "no", "yes", "no", "no", "no"),
    "share_cases":       ("no", "no", "yes", "no", "no", "no"),
    "read_pfif":         ("no", "no", "yes", "no", "no", "yes"),
    "read_notices":      ("yes", "no", "yes", "yes", "no", "no"),
    "draft_notices":     ("yes", "no", "yes", "no", "no", "no"),
    "publish_notices":   ("no", "no", "yes", "no", "no", "no"),
    "write_pfif":        ("no", "no", "no", "no", "no", "yes"),
    "read_reports":      ("yes", "no", "yes", "no", "no", "no"),
    "check_safety":      ("no", "no", "yes", "no", "no", "no"),
    "link_sign_ons":     ("no", "no", "yes", "no", "no", "no"),
    "follow_lists":      ("yes", "yes", "yes", "no", "no", "no"),
    "operate":           ("no", "no", "no", "no", "no", "no"),
}  # fmt: skip
CELLS = [(role, permission, cells[place]) for permission, cells in TABLE.items() for place, role in enumerate(ROLES)]


@pytest.mark.parametrize(("role", "permission", "may"), CELLS, ids=lambda value: str(value))
def test_the_table_of_roles_and_permissions(role: str, permission: str, may: str) -> None:
    actor = an_actor(role=Role(role))
    if may == "yes":
        require(actor, Permission(permission))
    else:
        with pytest.raises(NotAllowed, match=role):
            require(actor, Permission(permission))


def test_the_table_leaves_nothing_out() -> None:
    assert set(TABLE) == {str(each) for each in Permission}
    assert set(ROLES) == {str(each) for each in Role}


def test_whoever_writes_by_the_pages_for_everybody_may_do_nothing() -> None:
    assert not any(allows(EVERYBODY, permission) for permission in Permission)


def test_the_service_itself_may_do_everything_and_nobody_can_dress_up_as_it() -> None:
    assert all(allows(SYSTEM, permission) for permission in Permission)
    for disguised in (
        an_actor(account_id="system", name="system", role=Role.INTAKE, station_id=""),
        an_actor(account_id="system", role=Role.SERVICE),
        an_actor(name="system", role=Role.SERVICE, station_id=""),
    ):
        assert not allows(disguised, Permission.OPERATE)


@pytest.mark.parametrize(
    ("role", "judged", "sees", "blind"),
    [
        ("intake", False, False, False),
        ("reviewer", False, False, True),
        ("reviewer", True, True, False),
        ("manager", False, False, True),
        ("manager", True, True, False),
        ("auditor", False, True, False),
        ("service", False, True, False),
        ("partner", False, False, False),
    ],
)
def test_whoever_may_still_judge_is_blind_until_then(role: str, judged: bool, sees: bool, blind: bool) -> None:
    actor = an_actor(role=Role(role))
    assert (sees_scores(actor, judged), judges_blind(actor, judged)) == (sees, blind)


@pytest.mark.parametrize("state", list(PairState))
def test_a_blind_person_cannot_tell_a_judged_pair_from_a_fresh_one(state: PairState) -> None:
    waiting = {PairState.UNDER_REVIEW, PairState.FIRST_POSITIVE, PairState.DISPUTED}
    assert blind_state(state) is (PairState.UNDER_REVIEW if state in waiting else state)


NOBODY = "f" * 32
PFIF = b'<pfif xmlns="http://zesty.ca/pfif/1.4"/>'
VERDICT = Verdict(Judgement.SAME_LIKELY, "the same scar")
DOORS: dict[str, tuple[str, Callable[[House, Actor], object]]] = {
    "open a case": (
        "open_cases",
        lambda house, actor: house.services.intake.open_case(actor, CaseKind.MISSING, Description(), LegalBasis.STATUTORY_DUTY),
    ),
    "add a photo": ("edit_cases", lambda house, actor: house.services.intake.add_photo(actor, NOBODY, b"")),
    "choose a face": ("edit_cases", lambda house, actor: house.services.intake.choose_face(actor, NOBODY)),
    "get a case": ("read_cases", lambda house, actor: house.services.casework.get(actor, NOBODY)),
    "read a case": ("read_cases", lambda house, actor: house.services.casework.read(actor, NOBODY)),
    "find cases": ("read_cases", lambda house, actor: house.services.casework.find(actor, CaseFilter(), 1)),
    "read a timeline": ("read_cases", lambda house, actor: house.services.timeline.of_case(actor, NOBODY)),
    "read what is to be done": ("read_cases", lambda house, actor: house.services.agenda.of_case(actor, NOBODY)),
    "read what was passed on": ("read_cases", lambda house, actor: house.services.escalations.waiting(actor)),
    "read contacts": ("read_cases", lambda house, actor: house.services.casework.contacts(actor, NOBODY)),
    "amend a case": ("edit_cases", lambda house, actor: house.services.casework.amend(actor, NOBODY)),
    "close a case": (
        "close_cases",
        lambda house, actor: house.services.casework.close(actor, NOBODY, Outcome.DECEASED, "why"),
    ),
    "reopen a case": ("close_cases", lambda house, actor: house.services.casework.reopen(actor, NOBODY, "why")),
    "suspend a case": ("close_cases", lambda house, actor: house.services.casework.suspend(actor, NOBODY, "why")),
    "list candidates": ("read_candidates", lambda house, actor: house.services.candidates.of_case(actor, NOBODY)),
    "line up a photo": ("see_scores", lambda house, actor: house.services.matching.line_up(actor, NOBODY, [])),
    "see the queue": ("review", lambda house, actor: house.services.review.queue(actor)),
    "view a pair": ("read_candidates", lambda house, actor: house.services.review.view(actor, NOBODY)),
    "claim a pair": ("review", lambda house, actor: house.services.review.claim(actor, NOBODY)),
    "judge a pair": ("review", lambda house, actor: house.services.review.decide(actor, NOBODY, VERDICT)),
    "change one's mind": ("review", lambda house, actor: house.services.review.reconsider(actor, NOBODY, VERDICT)),
    "verify a pair": ("verify", lambda house, actor: house.services.review.verify(actor, NOBODY, Proof.DNA, "why")),
    "record a reunion": ("verify", lambda house, actor: house.services.review.reunite(actor, NOBODY, "why")),
    "revoke a match": ("verify", lambda house, actor: house.services.review.revoke(actor, NOBODY, "why")),
    "see the leads": ("read_candidates", lambda house, actor: house.services.leads.open_ones(actor)),
    "close a lead": ("close_cases", lambda house, actor: house.services.leads.close(actor, NOBODY, "why")),
    "verify the audit": ("read_audit", lambda house, actor: house.services.auditing.verify(actor)),
    "replay a decision": ("read_audit", lambda house, actor: house.services.auditing.replay(actor, NOBODY)),
    "erase a case": ("erase", lambda house, actor: house.services.retention.erase_case(actor, NOBODY)),
    "list the stations": ("read_cases", lambda house, actor: house.services.stations.all(actor)),
    "ask a station": (
        "ask_stations",
        lambda house, actor: house.services.assistance.ask(actor, NOBODY, RequestKind.TRANSFER, "why", "north"),
    ),
    "see what is asked": ("ask_stations", lambda house, actor: house.services.assistance.box(actor)),
    "read a request": ("ask_stations", lambda house, actor: house.services.assistance.read(actor, NOBODY)),
    "answer a request": ("ask_stations", lambda house, actor: house.services.assistance.accept(actor, NOBODY, "why")),
    "break the glass": ("break_glass", lambda house, actor: house.services.emergencies.open(actor, NOBODY, "why")),
    "see the alerts": ("see_emergencies", lambda house, actor: house.services.emergencies.alerts(actor)),
    "look at an emergency": ("see_emergencies", lambda house, actor: house.services.emergencies.see(actor, NOBODY, "why")),
    "share a case": ("share_cases", lambda house, actor: house.services.case_sharing.share(actor, NOBODY, "why")),
    "end a share": ("share_cases", lambda house, actor: house.services.case_sharing.unshare(actor, NOBODY, "why")),
    "read what partners are told": ("read_pfif", lambda house, actor: house.services.telling.persons(actor, Wanted())),
    "write records": ("write_pfif", lambda house, actor: house.services.taking.by_key(actor, PFIF)),
    "list the partners": ("operate", lambda house, actor: house.services.partner_register.all(actor)),
    "add a station": ("operate", lambda house, actor: house.services.stations.add(actor, "north")),
    "close a station": ("operate", lambda house, actor: house.services.stations.close(actor, "north")),
    "move an account": ("operate", lambda house, actor: house.services.accounts.move(actor, "lin", "north")),
    "start a generation": ("operate", lambda house, actor: house.services.reindex.start(actor, "nothing")),
    "fill a generation": ("operate", lambda house, actor: house.services.reindex.backfill(actor, NOBODY)),
    "activate a generation": ("operate", lambda house, actor: house.services.reindex.activate(actor, NOBODY)),
    "retire a generation": ("operate", lambda house, actor: house.services.reindex.retire(actor, NOBODY)),
    "add an account": ("operate", lambda house, actor: house.services.accounts.add(actor, "x", Role.MANAGER)),
    "set a password": ("operate", lambda house, actor: house.services.accounts.set_password(actor, "lin", "x" * 20)),
    "disable an account": ("operate", lambda house, actor: house.services.accounts.disable(actor, "lin")),
    "enable an account": ("operate", lambda house, actor: house.services.accounts.enable(actor, "lin")),
    "make an API key": ("operate", lambda house, actor: house.services.accounts.new_api_key(actor, "lin")),
}


def let_in(house: House, actor: Actor, knock: Callable[[House, Actor], object]) -> bool:
    try:
        knock(house, actor)
    except NotFound:
        return True
    except NotAllowed:
        return False
    return True


def test_every_door_is_shut_for_those_who_have_no_key_before_they_learn_anything(house: House) -> None:
    """What does not exist is only missed by those who may ask for it: the permission is asked for first."""
    actors = (house.intake, house.reviewer, house.manager, house.auditor, house.partner, repository(house))
    house.services.partner_register.tie(SYSTEM, "repository", "police.example.cn", LegalBasis.STATUTORY_DUTY)
    found = {door: tuple(let_in(house, actor, knock) for actor in actors) for door, (_, knock) in DOORS.items()}
    assert found == {door: tuple(may == "yes" for may in TABLE[permission]) for door, (permission, _) in DOORS.items()}
    assert tuple(str(actor.role) for actor in actors) == ROLES
