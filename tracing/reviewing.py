"""The review desk as people meet it: real pairs, and among them known-answer pairs that look alike until they are judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, require, shown_pair
from tracing.disguise import Disguise, as_new
from tracing.domain import Actor, AgeBand, Decision, KnownAnswer, Pair, Relation, Stage
from tracing.errors import NotAllowed
from tracing.facts import compare
from tracing.known_answers import KnownAnswers
from tracing.pairviews import PairView, QueuePage
from tracing.ports import Clock, RecordStore
from tracing.records import SHEET, QueueFilter, Records
from tracing.review import Review
from tracing.verdict import Verdict

OVER: Final = "This was a known-answer pair; what was said of it stays as it is."


class Reviewing:
    """``Review``, whose queue and pairs are real, and ``KnownAnswers`` in one. Where a pair is real, nothing is added to it."""

    def __init__(self, review: Review, known: KnownAnswers, store: RecordStore, clock: Clock, overdue_after: timedelta) -> None:
        self._review = review
        self._known = known
        self._store = store
        self._clock = clock
        self._overdue_after = overdue_after
        self.stations = review.stations
        self.verify = review.verify
        self.reunite = review.reunite
        self.revoke = review.revoke

    def queue(
        self,
        actor: Actor,
        limit: int = SHEET,
        offset: int = 0,
        relation: Relation | None = None,
        station_id: str = "",
        ages: AgeBand | None = None,
        overdue: bool = False,
    ) -> QueuePage:
        """As ``Review.queue``. Known-answer pairs lie on the first sheet, in whose order nothing says which they are."""
        require(actor, Permission.REVIEW)
        late = self._clock() - self._overdue_after
        wanted = QueueFilter(relation, station_id, ages, late if overdue else None)
        with self._store.reading() as records:
            given = self._known.waiting(records, actor, wanted)
            disguise = Disguise.of(records, actor)
            cases = records.cases.by_ids({case_id for pair in given for case_id in pair.case_ids})
        asked = (relation, station_id, ages, overdue, len(given))
        if offset >= SHEET:
            page = self._review.queue(actor, limit, offset - len(given), *asked)
            pairs = page.pairs
        else:
            page = self._review.queue(actor, max(offset + limit, SHEET), 0, *asked)
            real = SHEET - len(given)
            added = [shown_pair(actor, pair, judged=False) for pair in given]
            first = sorted([*page.pairs[:real], *added], key=lambda pair: pair.pair_id)
            pairs = (*first, *page.pairs[real:])[offset : offset + limit]
        return QueuePage(
            tuple(pairs),
            disguise.cases({**page.cases, **cases}),
            page.total + len(given),
            frozenset(pair.pair_id for pair in pairs if pair.suggested_at < late),
        )

    def waiting(self, actor: Actor) -> int:
        """As ``Review.waiting``, those with a known answer among them."""
        require(actor, Permission.REVIEW)
        with self._store.reading() as records:
            given = len(self._known.waiting(records, actor, QueueFilter()))
        return self._review.waiting(actor) + given

    def view(self, actor: Actor, pair_id: str) -> PairView:
        """As ``Review.view``; of a known-answer pair, after the judgement, what it was."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            found = self._known.find(records, actor, pair_id)
            disguise = Disguise.of(records, actor)
            if found is not None:
                return _view(records, actor, disguise, *found)
        view = self._review.view(actor, pair_id)
        return replace(view, low=disguise.case(view.low), high=disguise.case(view.high))

    def claim(self, actor: Actor, pair_id: str) -> Pair:
        """As ``Review.claim``."""
        require(actor, Permission.REVIEW)
        known = self._own(actor, pair_id)
        if known is None:
            return self._review.claim(actor, pair_id)
        return shown_pair(actor, self._known.claim(actor, known.known_id), judged=False)

    def decide(self, actor: Actor, pair_id: str, verdict: Verdict) -> Pair:
        """As ``Review.decide``; what is said of a known-answer pair has no effect but that its answer is told."""
        require(actor, Permission.REVIEW)
        known = self._own(actor, pair_id)
        if known is not None:
            self._known.judge(actor, known.known_id, verdict)
            return self.view(actor, known.known_id).pair
        pair = self._review.decide(actor, pair_id, verdict)
        self._known.after_a_judgement(actor)
        return pair

    def reconsider(self, actor: Actor, pair_id: str, verdict: Verdict) -> Pair:
        """As ``Review.reconsider``; a known-answer pair is over once it is judged."""
        require(actor, Permission.REVIEW)
        known = self._own(actor, pair_id)
        if known is not None and known.judged_at is not None:
            raise NotAllowed(OVER)
        return self._review.reconsider(actor, known.pair_id if known is not None else pair_id, verdict)

    def _own(self, actor: Actor, pair_id: str) -> KnownAnswer | None:
        with self._store.reading() as records:
            found = self._known.find(records, actor, pair_id)
        return found[0] if found is not None else None


def _view(records: Records, actor: Actor, disguise: Disguise, known: KnownAnswer, pair: Pair) -> PairView:
    """The truth, once the person has judged; before it what ``Review.view`` gives of a pair that nobody has judged."""
    low, high = (disguise.case(records.cases.get(case_id)) for case_id in pair.case_ids)
    judged = known.judged_at is not None
    shown = replace(pair, pair_id=known.known_id) if judged else as_new(known, pair)
    return PairView(
        pair=shown_pair(actor, shown, judged=False),
        low=low,
        high=high,
        comparison=tuple(compare(low, high)),
        decisions=(_as_decision(known),) if judged else (),
        judged=judged,
        may_judge=not judged,
        stage=None if judged else Stage.FIRST,
        known=known if judged else None,
    )


def _as_decision(known: KnownAnswer) -> Decision:
    return Decision(
        decision_id=known.known_id,
        pair_id=known.known_id,
        stage=Stage.FIRST,
        judgement=known.judgement,
        reviewer=known.reviewer,
        decided_at=known.judged_at or known.given_at,
        confidence=known.confidence,
        features=known.features,
        reason=known.reason,
    )
