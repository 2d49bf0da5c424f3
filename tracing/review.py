"""People judge pairs: queue, claim, decide, confirm by a second person, verify, revoke, reunite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from tracing.access import Permission, allows, judges_blind, require, shown_pair
from tracing.consequences import follow
from tracing.domain import (
    Actor,
    AgeBand,
    Case,
    Decision,
    Generation,
    Judgement,
    Lead,
    Pair,
    PairState,
    ProofRecord,
    Relation,
    Stage,
)
from tracing.errors import Claimed, Invalid, NotAllowed, WrongState
from tracing.evidence import Calibration
from tracing.facts import compare
from tracing.grounds import grounds_of
from tracing.lifecycle import REJECTED, WAITING_FOR_REVIEW, step_pair
from tracing.pairviews import PairView, QueuePage
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import SHEET, QueueFilter, Records
from tracing.reunions import HandOverDraft, check_reunion, check_version, checked_details
from tracing.safety import ASKED_OF_RELATIVES, check_relatives
from tracing.stations.scope import check_pair, reach_of
from tracing.verdict import STAGES, Proof, Verdict, checked_reason, state_after, state_after_change

_Keep = Callable[[Records, Decision], None]


class Review:
    """Every step is one transaction: the pair and its two cases are locked, and the audit event goes with it."""

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        new_id: NewId,
        reviewers_required: int = 2,
        claim_for: timedelta = timedelta(minutes=15),
        overdue_after: timedelta = timedelta(hours=24),
        calibration_of: Callable[[Generation], Calibration | None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._required = max(2, reviewers_required)
        self._claim_for = claim_for
        self._overdue_after = overdue_after
        self._calibration_of = calibration_of

    def queue(
        self,
        actor: Actor,
        limit: int = SHEET,
        offset: int = 0,
        relation: Relation | None = None,
        station_id: str = "",
        ages: AgeBand | None = None,
        overdue: bool = False,
        ahead: int = 0,
    ) -> QueuePage:
        """What this person may judge now; never a pair of a case that they opened themselves, nor one of other stations alone.

        In sheets of ten: the most alike and those that wait longest on the first one, in an order that says neither. Of the
        first sheet ``ahead`` places are left free.
        """
        require(actor, Permission.REVIEW)
        states, now = _judged_by(actor), self._clock()
        late = now - self._overdue_after
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            wanted = QueueFilter(relation, station_id, ages, late if overdue else None, reach)
            pairs = records.pairs.queue(actor.account_id, states, now, limit, offset, wanted, ahead)
            total = records.pairs.queue_size(actor.account_id, states, now, wanted)
            found = records.cases.by_ids({case_id for pair in pairs for case_id in pair.case_ids})
            cases = {case_id: reach.compared(case) for case_id, case in found.items()}
        overdue_ids = frozenset(pair.pair_id for pair in pairs if pair.suggested_at < late)
        return QueuePage(tuple(shown_pair(actor, pair, judged=False) for pair in pairs), cases, total, overdue_ids)

    def waiting(self, actor: Actor) -> int:
        """How many pairs this person may judge now."""
        require(actor, Permission.REVIEW)
        with self._store.reading() as records:
            wanted = QueueFilter(reach=reach_of(records, actor))
            return records.pairs.queue_size(actor.account_id, _judged_by(actor), self._clock(), wanted)

    def stations(self, actor: Actor) -> list[str]:
        """Stations whose pairs can be asked for."""
        require(actor, Permission.REVIEW)
        with self._store.reading() as records:
            return records.cases.stations()

    def view(self, actor: Actor, pair_id: str) -> PairView:
        """Both people side by side. Reading is no claim: nothing changes."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            pair = records.pairs.get(pair_id)
            reach = check_pair(records, actor, pair)
            cases = records.cases.by_ids(pair.case_ids)
            decisions = records.pairs.decisions(pair_id)
        low, high = (reach.compared(cases[case_id]) for case_id in pair.case_ids)
        own = tuple(each for each in decisions if each.reviewer == actor.account_id and each.superseded_at is None)
        judged = any(decision.judgement is not None for decision in own)
        blind, stage = judges_blind(actor, judged), STAGES.get(pair.state)
        refusal = self._refusal(actor, pair, low, high, judged)
        return PairView(
            pair=shown_pair(actor, pair, judged),
            low=low,
            high=high,
            comparison=tuple(compare(low, high)),
            decisions=own if blind else tuple(decisions),
            judged=judged,
            may_judge=refusal is None,
            stage=Stage.FIRST if blind and stage is Stage.SECOND else stage,
            refusal=refusal if stage is not None and not judged and allows(actor, Permission.REVIEW) else None,
        )

    def _refusal(self, actor: Actor, pair: Pair, low: Case, high: Case, judged: bool) -> NotAllowed | WrongState | None:
        """Why this person may not judge the pair now; None where they may."""
        if not allows(actor, Permission.REVIEW):
            return NotAllowed("Only reviewers judge pairs.")
        if judged:
            return NotAllowed("You have judged this pair already; now another person looks at it.")
        if actor.account_id in (low.opened_by, high.opened_by):
            return NotAllowed("You opened one of these cases yourself; another person has to judge the pair.")
        if pair.state not in STAGES:
            return WrongState("This pair is not waiting for a judgement any more.")
        if pair.state is PairState.DISPUTED and not allows(actor, Permission.REVIEW_AS_SENIOR):
            return NotAllowed("This pair does not wait for your judgement now.")
        if not (low.comparable and high.comparable):
            return WrongState("One of the two cases is closed, on hold, or may not be compared any more; nobody judges it now.")
        return None

    def claim(self, actor: Actor, pair_id: str) -> Pair:
        """Hold a pair for a quarter of an hour, so that two people do not do the same work; the own claim is prolonged."""
        require(actor, Permission.REVIEW)
        with self._store.transaction() as records:
            pair = self._claim(records, actor, pair_id)
            records.audit.append(actor, "claim_pair", pair_id)
        return shown_pair(actor, pair, judged=False)

    def _claim(self, records: Records, actor: Actor, pair_id: str) -> Pair:
        pair = records.pairs.lock(pair_id)
        check_pair(records, actor, pair)
        cases = records.cases.by_ids(pair.case_ids)
        judged = bool(records.pairs.judged_by(actor.account_id, [pair_id]))
        low, high = (cases[case_id] for case_id in pair.case_ids)
        if (refusal := self._refusal(actor, pair, low, high, judged)) is not None:
            raise refusal
        now = self._clock()
        if not records.pairs.claim(pair_id, actor.account_id, now, now + self._claim_for):
            raise Claimed("Another reviewer is looking at this pair now.")
        return records.pairs.get(pair_id)

    def decide(self, actor: Actor, pair_id: str, verdict: Verdict) -> Pair:
        """Store this person's judgement, with what it rested on, and let it take effect. Nobody judges a pair twice.

        The first positive one waits for other people; with as many as the policy asks for the pair is confirmed, which matches
        the two cases of a ``trace`` pair. A disagreement goes to a senior reviewer. A likeness of relatives becomes a lead.
        """
        require(actor, Permission.REVIEW)
        verdict.check()
        with self._store.transaction() as records:
            pair = self._claim(records, actor, pair_id)
            stage = STAGES[pair.state]
            then = state_after(stage, verdict.judgement, self._positives(records, pair_id), self._required)
            self._add_decision(records, actor, pair, stage, verdict.reason, verdict)
            return self._move(records, actor, pair, then)

    def reconsider(self, actor: Actor, pair_id: str, verdict: Verdict) -> Pair:
        """Store a change of mind, as a decision of its own beside the earlier one, which it supersedes.

        Whoever has judged the pair has seen score and colleagues since, so that it counts for less than the first, blind
        judgement (``state_after_change``): no pair is confirmed by it. Of a match it is only kept: revoking is the manager's.
        """
        require(actor, Permission.REVIEW)
        verdict.check()
        with self._store.transaction() as records:
            pair = records.pairs.lock(pair_id)
            check_pair(records, actor, pair)
            said = self._judgements(records, pair_id)
            before = next((each for each in said if each.reviewer == actor.account_id), None)
            if before is None or before.judgement is None:
                raise NotAllowed("You have not judged this pair yet; a change of mind comes after a judgement.")
            if pair.state in (PairState.REUNITED, PairState.REVOKED):
                raise WrongState("This pair has come to its end; what people think of it changes nothing any more.")
            if verdict.judgement is before.judgement:
                raise Invalid("This is what you have said already.", "judgement")
            then = state_after_change(pair.state, before.judgement, verdict.judgement, before is said[-1])
            if pair.state in REJECTED and not self._searched(records, pair):
                then = pair.state
            records.pairs.supersede_decision(before.decision_id, self._clock())
            self._add_decision(records, actor, pair, Stage.CHANGE_OF_MIND, verdict.reason, verdict)
            return pair if then is pair.state else self._move(records, actor, pair, then)

    @staticmethod
    def _searched(records: Records, pair: Pair) -> bool:
        """Whether both people are still looked for: neither is matched elsewhere, suspended or reunited."""
        return all(case.collection is not None for case in records.cases.by_ids(pair.case_ids).values())

    @staticmethod
    def _positives(records: Records, pair_id: str) -> int:
        standing = Review._judgements(records, pair_id)
        return len({each.reviewer for each in standing if each.judgement is not None and each.judgement.positive})

    @staticmethod
    def _judgements(records: Records, pair_id: str) -> list[Decision]:
        """What people have said of the pair and nobody has superseded, oldest first."""
        return [each for each in records.pairs.decisions(pair_id) if each.judgement and each.superseded_at is None]

    def _add_decision(
        self, records: Records, actor: Actor, pair: Pair, stage: Stage, reason: str, verdict: Verdict | None = None
    ) -> Decision:
        decision = Decision(
            decision_id=self._new_id(),
            pair_id=pair.pair_id,
            stage=stage,
            judgement=verdict.judgement if verdict else None,
            reviewer=actor.account_id,
            decided_at=self._clock(),
            confidence=verdict.confidence if verdict else None,
            features=dict(verdict.features) if verdict else {},
            reason=reason.strip(),
            score_seen=pair.score if stage is Stage.CHANGE_OF_MIND else None,
            grounds=grounds_of(records, pair, self._calibration_of),
        )
        records.pairs.add_decision(decision)
        said = {"decision_id": decision.decision_id, "stage": stage, "judgement": decision.judgement}
        rests_on = {"list_id": pair.list_id, "generation_id": pair.generation_id, "score": pair.score}
        records.audit.append(actor, "judge_pair", pair.pair_id, said | rests_on)
        if decision.judgement is Judgement.LOOKS_LIKE_RELATIVE:
            self._open_lead(records, actor, pair)
        return decision

    def _open_lead(self, records: Records, actor: Actor, pair: Pair) -> None:
        lead = Lead(self._new_id(), pair.pair_id, actor.account_id, self._clock())
        if records.pairs.open_lead(lead):
            records.audit.append(actor, "open_lead", pair.pair_id, {"lead_id": lead.lead_id})

    def _move(self, records: Records, actor: Actor, pair: Pair, then: PairState) -> Pair:
        """Take the pair to its next state and do what that state means for the two cases."""
        if then is not pair.state:
            step_pair(pair.state, then)
        moved = records.pairs.save(replace(pair, state=then, claimed_by=None, claimed_until=None))
        if pair.relation is Relation.TRACE:
            follow(records, actor, moved)
        return moved

    def verify(self, actor: Actor, pair_id: str, proof: Proof, reason: str, details: Mapping[str, str] | None = None) -> Pair:
        """Two alike faces are not enough: record the evidence beyond the face that makes a confirmed pair a verified one.

        ``details`` are the fields of this kind of evidence (``reunions.PROOF_FIELDS``), all of them; without them the
        ``reason`` has to say it all. ``Safeguarded`` for evidence that is asked of relatives who may be the danger.
        """
        require(actor, Permission.VERIFY)
        asks = proof in ASKED_OF_RELATIVES
        if details is None:
            said = f"{proof}: {checked_reason(reason)}"
            return self._take_step(actor, pair_id, PairState.VERIFIED, Stage.VERIFICATION, said, tells_relatives=asks)
        checked = checked_details(proof, details, self._latest_day())

        def keep(records: Records, decision: Decision) -> None:
            records.reunions.add_proof(ProofRecord(decision.decision_id, pair_id, proof, checked))

        said = f"{proof}: {checked_reason(reason)}" if reason.strip() else str(proof)
        return self._take_step(actor, pair_id, PairState.VERIFIED, Stage.VERIFICATION, said, keep, asks)

    def reunite(
        self,
        actor: Actor,
        pair_id: str,
        reason: str,
        hand_over: HandOverDraft | None = None,
        draft_version: int | None = None,
    ) -> Pair:
        """Record the hand-over: both cases are closed and their faces leave the galleries.

        ``hand_over`` is its record, whole; without it the ``reason`` has to say to whom and how. With a ``draft_version``, only
        if nobody else has written in the kept draft since (``Stale``). ``Safeguarded`` while relatives may be the danger.
        """
        require(actor, Permission.VERIFY)
        if hand_over is None:
            said = checked_reason(reason)
            return self._take_step(actor, pair_id, PairState.REUNITED, Stage.REUNION, said, tells_relatives=True)
        said, filled_in = checked_reason(reason) if reason.strip() else "", hand_over

        def keep(records: Records, _: Decision) -> None:
            """Only now: whoever may not fill the record in is not told what it lacks."""
            record = filled_in.record(pair_id, actor.account_id, self._clock(), self._latest_day())
            check_version(records.reunions.draft(pair_id), draft_version)
            records.reunions.add_hand_over(record)

        return self._take_step(actor, pair_id, PairState.REUNITED, Stage.REUNION, said, keep, tells_relatives=True)

    def _latest_day(self) -> date:
        """The day that it is where the day begins first: what happened today must not be refused east of here."""
        return (self._clock() + timedelta(hours=14)).date()

    def revoke(self, actor: Actor, pair_id: str, reason: str) -> Pair:
        """Undo a confirmation: both cases are open again, in the gallery and due for a search; superseded pairs come back."""
        return self._take_step(actor, pair_id, PairState.REVOKED, Stage.REVOCATION, checked_reason(reason))

    def _take_step(
        self,
        actor: Actor,
        pair_id: str,
        then: PairState,
        stage: Stage,
        reason: str,
        keep: _Keep = lambda *_: None,
        tells_relatives: bool = False,
    ) -> Pair:
        require(actor, Permission.VERIFY)
        with self._store.transaction() as records:
            pair = records.pairs.lock(pair_id)
            check_pair(records, actor, pair)
            judged = bool(records.pairs.judged_by(actor.account_id, [pair_id]))
            step_pair(shown_pair(actor, pair, judged).state, then)  # the refusal tells no more than the page does
            step_pair(pair.state, then)
            if then is PairState.REUNITED:
                check_reunion(pair)
            if tells_relatives:
                check_relatives(records, actor, pair)
            keep(records, self._add_decision(records, actor, pair, stage, reason))
            records.reunions.drop_draft(pair_id)
            return self._move(records, actor, pair, then)


def _judged_by(actor: Actor) -> frozenset[PairState]:
    """The states in which a pair waits for this person: a dispute for a senior reviewer alone."""
    return WAITING_FOR_REVIEW if allows(actor, Permission.REVIEW_AS_SENIOR) else WAITING_FOR_REVIEW - {PairState.DISPUTED}
