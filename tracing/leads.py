"""Relative leads: two people who are not the same one but look like family, followed up by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracing.access import Permission, judges_blind, require
from tracing.disguise import Disguise
from tracing.domain import Actor, Case, Lead, Pair
from tracing.errors import NotFound
from tracing.lifecycle import WAITING_FOR_REVIEW
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.scope import may_compare
from tracing.verdict import checked_reason


@dataclass(frozen=True, slots=True)
class LeadView:
    lead: Lead
    pair: Pair
    low: Case
    high: Case


class Leads:
    """A lead tells what a colleague thinks of a pair: whoever has still to judge that pair is not told that there is one."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open_ones(self, actor: Actor) -> list[LeadView]:
        """The oldest first."""
        require(actor, Permission.READ_CANDIDATES)
        with self._store.reading() as records:
            found = [(lead, records.pairs.get(lead.pair_id)) for lead in records.pairs.open_leads()]
            shown = [(lead, pair) for lead, pair in found if self._is_told(records, actor, pair)]
            found_cases = records.cases.by_ids({case_id for _, pair in shown for case_id in pair.case_ids})
            cases: Mapping[str, Case] = Disguise.of(records, actor).cases(found_cases)
        return [LeadView(lead, pair, cases[pair.low_case_id], cases[pair.high_case_id]) for lead, pair in shown]

    def close(self, actor: Actor, lead_id: str, finding: str) -> Lead:
        """Write down what came of it, once."""
        require(actor, Permission.CLOSE_CASES)
        finding = checked_reason(finding)
        with self._store.transaction() as records:
            lead = records.pairs.lead(lead_id)
            if not self._is_told(records, actor, records.pairs.get(lead.pair_id)):
                raise NotFound("There is no such lead.")
            closed = records.pairs.close_lead(lead_id, actor.account_id, self._clock(), finding)
            records.audit.append(actor, "close_lead", lead.pair_id, {"lead_id": lead_id})
        return closed

    @staticmethod
    def _is_told(records: Records, actor: Actor, pair: Pair) -> bool:
        if not may_compare(records, actor, pair):
            return False
        judged = bool(records.pairs.judged_by(actor.account_id, [pair.pair_id]))
        return pair.state not in WAITING_FOR_REVIEW or not judges_blind(actor, judged)
