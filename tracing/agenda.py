"""What is to be done next for a case, and by when: from clocks, requests, photos, the interview, the form, and its pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tracing.access import Permission, allows, require
from tracing.disguise import Disguise, may_be_given
from tracing.domain import (
    Actor,
    Analysis,
    Case,
    CaseState,
    ClockRule,
    LegalBasis,
    Pair,
    PairState,
    Photo,
    RequestState,
    Standing,
)
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.pairviews import to_be_shown
from tracing.ports import Clock, RecordStore
from tracing.questions import FORMS
from tracing.records import Records
from tracing.stations.reach import Reach
from tracing.stations.scope import reach_of

SOON: Final = timedelta(hours=48)
"""What is due within this time comes before what has no time."""


class Errand(StrEnum):
    """In the order in which errands without a time stand."""

    SAFETY_CHECK = "safety_check"
    SECOND_WORD = "second_word"
    ANSWER_REQUEST = "answer_request"
    MEET_CLOCK = "meet_clock"
    CHOOSE_FACE = "choose_face"
    FIRST_PHOTO = "first_photo"
    ANOTHER_PHOTO = "another_photo"
    TELL_OPERATOR = "tell_operator"
    LEGAL_BASIS = "legal_basis"
    VERIFY = "verify"
    HAND_OVER = "hand_over"
    INTERVIEW = "interview"
    JUDGE = "judge"
    FILL_IN = "fill_in"


_ORDER: Final = {errand: place for place, errand in enumerate(Errand)}


@dataclass(frozen=True, slots=True)
class Todo:
    """``subject`` is the clock, request, photo or pair; ``number`` how many there are where that matters.

    ``own``: this person may do it; others are told what the case waits for.
    """

    errand: Errand
    due_at: datetime | None = None
    overdue: bool = False
    subject: str = ""
    number: int = 0
    rule: ClockRule | None = None
    own: bool = True

    def urgency(self, now: datetime) -> tuple[int, datetime, int]:
        """What is overdue comes first, then what is due soon, then what has no time, then the rest."""
        if self.due_at is None:
            return 2, now, _ORDER[self.errand]
        tier = 0 if self.overdue else 1 if self.due_at - now <= SOON else 3
        return tier, self.due_at, _ORDER[self.errand]


class Agenda:
    """Reads only, for a page whose reading the audit knows. ``max_attempts``: so many failed analyses leave a photo stuck."""

    def __init__(self, store: RecordStore, clock: Clock, max_attempts: int) -> None:
        self._store = store
        self._clock = clock
        self._max_attempts = max_attempts

    def of_case(self, actor: Actor, case_id: str) -> list[Todo]:
        """The most urgent first. Whoever judges and does nothing else is told of judging alone."""
        require(actor, Permission.READ_CASES)
        now = self._clock()
        with self._store.reading() as records:
            reach, disguise = reach_of(records, actor), Disguise.of(records, actor)
            case = disguise.case(records.cases.get(case_id))
            todos = list(_requests(records, actor, case, now))
            todos += _pairs(records, actor, case, reach, disguise)
            if reach.owns(case) and not may_be_given(actor):
                todos += self._own(records, actor, case, now)
        return sorted(todos, key=lambda todo: todo.urgency(now))

    def _own(self, records: Records, actor: Actor, case: Case, now: datetime) -> Iterator[Todo]:
        if case.guarded and allows(actor, Permission.CHECK_SAFETY):
            yield Todo(Errand.SAFETY_CHECK)
        if allows(actor, Permission.CLOSE_CASES):
            words = records.cases.approvals(case.case_id)
            if words and actor.account_id not in {each.approver for each in words}:
                yield Todo(Errand.SECOND_WORD)
        if not allows(actor, Permission.EDIT_CASES):
            return
        for clock in records.clocks.of_case(case.case_id):
            if clock.running and not clock.paused and not clock.rule.threshold:
                overdue = clock.standing(now) is Standing.OVERDUE
                yield Todo(Errand.MEET_CLOCK, clock.due_at, overdue, clock.clock_id, rule=clock.rule)
        if case.state is not CaseState.OPEN:
            return
        if case.legal_basis is LegalBasis.NONE:
            yield Todo(Errand.LEGAL_BASIS)
        yield from self._photos(records.photos.of_case(case.case_id))
        if not records.clues.of_cases([case.case_id]):
            yield Todo(Errand.INTERVIEW)
        if (empty := _empty_parts(records, actor, case)) > 0:
            yield Todo(Errand.FILL_IN, number=empty)

    def _photos(self, photos: Sequence[Photo]) -> Iterator[Todo]:
        """What keeps the face from being searched. One photo that shows it is enough."""
        undecided = [photo for photo in photos if photo.analysis is Analysis.CHOOSE_FACE]
        if undecided:
            yield Todo(Errand.CHOOSE_FACE, subject=undecided[0].photo_id, number=len(undecided))
        pending = [photo for photo in photos if photo.analysis is Analysis.PENDING]
        stuck = [photo for photo in pending if photo.attempts >= self._max_attempts]
        if stuck:
            yield Todo(Errand.TELL_OPERATOR, subject=stuck[0].photo_id, number=len(stuck))
        if not photos:
            yield Todo(Errand.FIRST_PHOTO)
        elif all(photo.analysis in (Analysis.NO_FACE, Analysis.UNREADABLE) for photo in photos):
            yield Todo(Errand.ANOTHER_PHOTO, subject=photos[-1].photo_id, number=len(photos))


def _requests(records: Records, actor: Actor, case: Case, now: datetime) -> Iterator[Todo]:
    """Those that wait for the answer of this manager's station."""
    if not allows(actor, Permission.ANSWER_STATIONS):
        return
    for each in records.stations.requests_of(case.case_id):
        waits = each.state is RequestState.IN_PROGRESS and not each.expired(now)
        if waits and each.asked == actor.station_id:
            yield Todo(Errand.ANSWER_REQUEST, each.deadline, subject=each.request_id)


def _pairs(records: Records, actor: Actor, case: Case, reach: Reach, disguise: Disguise) -> Iterator[Todo]:
    """How many wait for a judgement, and the match that waits for its next step."""
    if not allows(actor, Permission.READ_CANDIDATES) or not reach.near(case):
        return
    found = records.pairs.of_case(case.case_id)
    cases = disguise.cases(records.cases.by_ids({pair.other(case.case_id) for pair in found}))
    judged = records.pairs.judged_by(actor.account_id, [pair.pair_id for pair in found])
    waiting = 0
    for each in found:
        pair, other = disguise.pair(each), cases[each.other(case.case_id)]
        if not reach.compares(case, other):
            continue
        if pair.state in WAITING_FOR_REVIEW and to_be_shown(pair, case, other):
            opened = actor.account_id in (case.opened_by, other.opened_by)
            waiting += not allows(actor, Permission.REVIEW) or not (opened or each.pair_id in judged)
        elif not may_be_given(actor):
            yield from _next_of_a_match(actor, pair, case.guarded or other.guarded)
    if waiting:
        yield Todo(Errand.JUDGE, number=waiting, own=allows(actor, Permission.REVIEW))


def _next_of_a_match(actor: Actor, pair: Pair, guarded: bool) -> Iterator[Todo]:
    """Nobody is handed over while relatives may be the danger."""
    own = allows(actor, Permission.VERIFY)
    if pair.state is PairState.CONFIRMED:
        yield Todo(Errand.VERIFY, subject=pair.pair_id, own=own)
    elif pair.state is PairState.VERIFIED and not guarded:
        yield Todo(Errand.HAND_OVER, subject=pair.pair_id, own=own)


def _empty_parts(records: Records, actor: Actor, case: Case) -> int:
    """Of the form's parts that this person may read those without any answer."""
    answers = records.forms.of_case(case.case_id).answers
    everything = allows(actor, Permission.READ_CONTACTS)
    parts = [[each.name for each in part.questions if everything or not each.restricted] for part in FORMS[case.kind]]
    return sum(bool(names) and not any(name in answers for name in names) for names in parts)
