"""Whatever anybody does to a pair in any state: it takes every step of the table, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.house import House
from tests.test_lifecycle import PAIR_EDGES
from tracing.domain import Actor, CaseKind, Judgement, Pair, PairState, Role
from tracing.errors import Refused
from tracing.verdict import Proof, Verdict

J, P = Judgement, PairState


class Story:
    """A pair of two people whom nobody else resembles, and people who have not seen it before."""

    def __init__(self, house: House, person: int) -> None:
        self.house = house
        self.review = house.services.review
        self.person = person
        self.pair = house.pair(house.missing(person), house.sheltered(person))
        self.fresh = house.hire(f"senior {person}", Role.MANAGER)
        self.last = house.reviewer
        self.rival: Pair | None = None

    def now(self) -> Pair:
        with self.house.services.store.reading() as records:
            return records.pairs.get(self.pair.pair_id)

    def case_of(self, kind: CaseKind) -> str:
        with self.house.services.store.reading() as records:
            return next(each for each in self.pair.case_ids if records.cases.get(each).kind is kind)

    def judge(self, actor: Actor, judgement: Judgement) -> None:
        self.last = actor
        self.house.judge(actor, self.pair, judgement)

    def dispute(self) -> None:
        self.judge(self.house.reviewer, J.SAME_LIKELY)
        self.judge(self.house.second, J.EXCLUDED)

    def confirm(self) -> None:
        self.judge(self.house.reviewer, J.SAME_LIKELY)
        self.judge(self.house.second, J.SAME_LIKELY)

    def verify(self) -> None:
        self.confirm()
        self.review.verify(self.house.manager, self.pair.pair_id, Proof.DNA, "file 7")

    def reunite(self) -> None:
        self.verify()
        self.review.reunite(self.house.manager, self.pair.pair_id, "to the brother")

    def revoke(self) -> None:
        self.confirm()
        self.review.revoke(self.house.manager, self.pair.pair_id, "a mistake")

    def match_another(self) -> None:
        """The sheltered person of this pair is matched with another missing one who looks the same."""
        other = self.house.missing(self.person, names=("somebody alike",))
        with self.house.services.store.reading() as records:
            rival = records.pairs.between(other.case_id, self.case_of(CaseKind.SHELTERED))
        if rival is not None:
            self.rival = rival
            self.house.confirm(rival)

    def give_the_other_back(self) -> None:
        if self.rival is not None:
            self.review.revoke(self.house.manager, self.rival.pair_id, "a mistake")

    def new_photo(self) -> None:
        self.house.clock.advance(hours=1)
        with self.house.services.store.reading() as records:
            case = records.cases.get(self.pair.low_case_id)
        self.house.photograph(case, self.person, shot=900)


ARRIVALS: dict[str, tuple[PairState, Callable[[Story], None]]] = {
    "proposed": (P.PROPOSED, lambda _: None),
    "under review": (P.UNDER_REVIEW, lambda story: _claimed_long_ago(story)),
    "first positive": (P.FIRST_POSITIVE, lambda story: story.judge(story.house.reviewer, J.SAME_LIKELY)),
    "disputed": (P.DISPUTED, Story.dispute),
    "taken back": (P.DISPUTED, lambda story: _taken_back(story)),
    "excluded": (P.EXCLUDED, lambda story: story.judge(story.house.reviewer, J.EXCLUDED)),
    "inconclusive": (P.INCONCLUSIVE, lambda story: story.judge(story.house.reviewer, J.CANNOT_TELL)),
    "relative": (P.LOOKS_LIKE_RELATIVE, lambda story: story.judge(story.house.reviewer, J.LOOKS_LIKE_RELATIVE)),
    "confirmed": (P.CONFIRMED, Story.confirm),
    "verified": (P.VERIFIED, Story.verify),
    "reunited": (P.REUNITED, Story.reunite),
    "revoked": (P.REVOKED, Story.revoke),
    "superseded when proposed": (P.SUPERSEDED, lambda story: _aside(story)),
    "superseded under review": (P.SUPERSEDED, lambda story: (_claimed_long_ago(story), _aside(story))[0]),
    "superseded when first positive": (
        P.SUPERSEDED,
        lambda story: (story.judge(story.house.reviewer, J.SAME_LIKELY), _aside(story))[0],
    ),
    "superseded when disputed": (P.SUPERSEDED, lambda story: (story.dispute(), _aside(story))[0]),
}
"""How a pair comes to each state."""


def _claimed_long_ago(story: Story) -> None:
    story.review.claim(story.house.second, story.pair.pair_id)
    story.house.clock.advance(hours=1)


def _taken_back(story: Story) -> None:
    story.judge(story.house.reviewer, J.SAME_LIKELY)
    story.review.reconsider(story.house.reviewer, story.pair.pair_id, Verdict(J.EXCLUDED, "looked again"))


def _aside(story: Story) -> None:
    story.match_another()
    assert story.now().state is P.SUPERSEDED


def deeds() -> Iterator[tuple[str, Callable[[Story], object]]]:
    """Everything that can be done to a pair."""
    yield "claim", lambda story: story.review.claim(story.fresh, story.pair.pair_id)
    for each in Judgement:
        yield f"judge {each}", lambda story, each=each: story.house.judge(story.fresh, story.pair, each)
        yield (
            f"reconsider {each}",
            lambda story, each=each: story.review.reconsider(story.last, story.pair.pair_id, Verdict(each, "looked again")),
        )
    yield "verify", lambda story: story.review.verify(story.house.manager, story.pair.pair_id, Proof.DNA, "file 7")
    yield "reunite", lambda story: story.review.reunite(story.house.manager, story.pair.pair_id, "to the brother")
    yield "revoke", lambda story: story.review.revoke(story.house.manager, story.pair.pair_id, "a mistake")
    yield "match another", Story.match_another
    yield "give the other back", Story.give_the_other_back
    yield "new photo", Story.new_photo
    yield "search", lambda story: story.house.services.matching.search(story.pair.low_case_id)


def steps_from(house: House, arrive: Callable[[Story], None], persons: Iterator[int]) -> set[tuple[str, str]]:
    """(now, then) of every deed that moved the pair."""
    taken: set[tuple[str, str]] = set()
    for name, deed in deeds():
        story = Story(house, next(persons))
        arrive(story)
        before = story.now()
        try:
            deed(story)
        except Refused:
            assert story.now() == before, f"{name} was refused, and changed something"
        after = story.now()
        if after.state is not before.state:
            taken.add((before.state, after.state))
            assert after.version > before.version
    return taken


@pytest.mark.long
@pytest.mark.parametrize("state", sorted({state for state, _ in ARRIVALS.values()}))
def test_a_pair_takes_every_step_of_the_table_and_no_other(house: House, state: PairState) -> None:
    persons = count(10)
    taken: set[tuple[str, str]] = set()
    for arrived, arrive in ARRIVALS.values():
        if arrived is state:
            taken |= steps_from(house, arrive, persons)
    table = {(now, then) for now, then in PAIR_EDGES if now == state}
    if state is P.PROPOSED:  # a judgement claims the pair first: two steps at once
        table |= {(state, then) for now, then in PAIR_EDGES if now == P.UNDER_REVIEW}
    assert taken == table
    house.services.worker.work_off()
    assert house.faults() == []


def test_the_stories_come_to_every_state() -> None:
    assert {state for state, _ in ARRIVALS.values()} == set(PairState)
