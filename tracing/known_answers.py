"""Known-answer pairs: drawn now and then among the pairs of a reviewer, claimed and judged like them, and told afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from tracing.disguise import as_new, may_be_given
from tracing.domain import Actor, KnownAnswer, Pair
from tracing.errors import Conflict, NotAllowed, NotFound, TracingError
from tracing.known_results import LOOKED_BACK
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Material, QueueFilter, Records
from tracing.seldom import Seldom
from tracing.stations.scope import check_pair, may_compare
from tracing.verdict import Verdict

AGAIN: Final = timedelta(days=365)
"""Nobody is given the same pair twice within this time."""

PAUSE: Final = timedelta(hours=1)

DRAWS: Final = 20
"""Most of a large installation's pairs may be of other stations."""

log = logging.getLogger(__name__)


class KnownAnswers:
    """``chance`` gives numbers from 0 to below 1; ``percent`` is the share of known-answer pairs among all that a
    person judges.

    Nothing here writes a pair, a case or a decision: what a reviewer says is kept with the known-answer pair alone.
    """

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        new_id: NewId,
        chance: Callable[[], float],
        percent: float,
        claim_for: timedelta,
        waits_for: timedelta,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._chance = chance
        self._rate = percent / 100
        self._claim_for = claim_for
        self._waits_for = waits_for
        self._tended = Seldom(PAUSE)

    def after_a_judgement(self, actor: Actor) -> None:
        """Perhaps give this person another one. What goes wrong here must not cost them the judgement that they just made."""
        if self._rate <= 0 or not may_be_given(actor) or self._chance() >= self._rate / (1 - self._rate):
            return
        try:
            self.give(actor)
        except TracingError as error:
            log.warning("no known-answer pair was given: %s", error)

    def give(self, actor: Actor) -> KnownAnswer | None:
        """Put one into this person's queue, mated or not by the toss of a coin; None where there is no material.

        One at a time: while one waits no other is given.
        """
        now = self._clock()
        with self._store.reading() as records:  # of a long history it takes a while, and nobody should wait for it
            if records.known.waiting(actor.account_id):
                return None
            material = records.known.material(actor.account_id, now - AGAIN)
            mated = self._chance() < 0.5
            drawn = [each for each in material if each.mated is mated] or material
            chosen = self._drawn(records, actor, drawn)
            if chosen is None:
                return None
            since = self._since(records, records.pairs.get(chosen.pair_id), now)
        known = KnownAnswer(self._new_id(), actor.account_id, chosen.pair_id, chosen.mated, now, since)
        with self._store.transaction() as records:
            records.known.add(known)
            if [each.known_id for each, _ in records.known.waiting(actor.account_id)] != [known.known_id]:
                raise Conflict("Another one was given meanwhile, or the pair is no material any more.")
            records.audit.append(actor, "give_known_answer", known.known_id, {"pair_id": known.pair_id, "mated": known.mated})
        return known

    def _drawn(self, records: Records, actor: Actor, material: Sequence[Material]) -> Material | None:
        """One by lot whose pair this person's station may look at; None where a few draws find none."""
        for _ in range(DRAWS if material else 0):
            drawn = material[int(self._chance() * len(material))]
            if may_compare(records, actor, records.pairs.get(drawn.pair_id)):
                return drawn
        return None

    def _since(self, records: Records, pair: Pair, now: datetime) -> datetime:
        """Some moment of the last day, as most pairs of a queue have it, and none before both cases were opened."""
        opened = max(case.opened_at for case in records.cases.by_ids(pair.case_ids).values())
        return max(min(opened, now), now - self._waits_for * self._chance())

    def tend(self) -> None:
        """Once an hour: let go of what has had its time, and of what was said of faces that were withdrawn."""
        now = self._clock()
        if not self._tended.due(now):
            return
        with self._store.transaction() as records:
            records.known.let_go(now - LOOKED_BACK)
        self._tended.done(now)

    def waiting(self, records: Records, actor: Actor, wanted: QueueFilter) -> list[Pair]:
        """Those of this person that fit the filter, as the queue shows them."""
        if not may_be_given(actor):
            return []
        found = records.known.waiting(actor.account_id)
        if not found:
            return []
        fit = records.known.fitting([pair.pair_id for _, pair in found], replace(wanted, suggested_before=None), self._clock())
        before = wanted.suggested_before
        return [
            as_new(known, pair)
            for known, pair in found
            if pair.pair_id in fit and (before is None or known.waiting_since < before) and may_compare(records, actor, pair)
        ]

    def find(self, records: Records, actor: Actor, some_id: str) -> tuple[KnownAnswer, Pair] | None:
        """The person's own known-answer pair of this id, or one that waits and was made of the pair of this id."""
        if not may_be_given(actor):
            return None
        found = records.known.get(actor.account_id, some_id)
        if found is None:
            found = next((each for each in records.known.waiting(actor.account_id) if each[1].pair_id == some_id), None)
        if found is not None:
            check_pair(records, actor, found[1])
        return found

    def claim(self, actor: Actor, known_id: str) -> Pair:
        """Hold it, as one holds a pair."""
        with self._store.transaction() as records:
            known, pair = _open(records, actor, known_id)
            until = self._clock() + self._claim_for
            records.known.claim(known_id, until)
            records.audit.append(actor, "claim_pair", known_id)
        return as_new(replace(known, claimed_until=until), pair)

    def judge(self, actor: Actor, known_id: str, verdict: Verdict) -> KnownAnswer:
        """Keep what the person says, once. From here on they are told what it was."""
        verdict.check()
        with self._store.transaction() as records:
            known, _ = _open(records, actor, known_id)
            judged = replace(
                known,
                judgement=verdict.judgement,
                confidence=verdict.confidence,
                features=dict(verdict.features),
                reason=verdict.reason.strip(),
                judged_at=self._clock(),
            )
            if not records.known.judge(judged):
                raise NotAllowed(JUDGED)
            detail = {"judgement": judged.judgement, "mated": judged.mated, "right": judged.right}
            records.audit.append(actor, "judge_known_answer", known_id, detail)
        return judged


JUDGED: Final = "You have judged this pair already; now another person looks at it."


def _open(records: Records, actor: Actor, known_id: str) -> tuple[KnownAnswer, Pair]:
    found = records.known.get(actor.account_id, known_id)
    if found is None:
        raise NotFound("There is no such pair.")
    if found[0].judged_at is not None:
        raise NotAllowed(JUDGED)
    return found
