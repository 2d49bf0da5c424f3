"""The papers of a match: what proved it, and who took the person home. For those who may know whom to call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracing.access import Permission, allows, require
from tracing.disguise import pair_behind
from tracing.domain import Actor, Case, HandOver, Pair, ProofRecord
from tracing.errors import NotFound, Safeguarded
from tracing.ports import RecordStore
from tracing.records import Records
from tracing.reunions import PROOF_FIELDS
from tracing.safety import CLOSED
from tracing.stations.reach import elsewhere
from tracing.stations.scope import knows_whom_to_call
from tracing.verdict import Proof


@dataclass(frozen=True, slots=True)
class HandOverView:
    hand_over: HandOver
    pair: Pair
    low: Case
    high: Case
    proofs: tuple[ProofRecord, ...]


class HandOvers:
    """Reads only; ``Review`` writes these papers together with the step that they belong to."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store

    def read(self, actor: Actor, pair_id: str) -> HandOverView:
        """The record, as it is shown and printed; the audit keeps who saw it. ``NotFound`` where there is none.

        It says where, and by whom, so that it is closed while relatives may be the danger (``Safeguarded``).
        """
        require(actor, Permission.READ_CONTACTS)
        with self._store.transaction() as records:
            pair = records.pairs.get(pair_id)
            if not knows_whom_to_call(records, actor, pair):
                raise elsewhere()
            found = records.reunions.hand_over(pair_id)
            if found is None:
                raise NotFound("There is no such hand-over.")
            cases = records.cases.by_ids(pair.case_ids)
            if any(case.guarded for case in cases.values()):
                raise Safeguarded(CLOSED)
            proofs = _proofs(records, pair_id)
            records.audit.append(actor, "read_hand_over", pair_id)
        return HandOverView(found, pair, cases[pair.low_case_id], cases[pair.high_case_id], tuple(proofs))

    def proofs(self, actor: Actor, pair_id: str) -> dict[str, ProofRecord]:
        """decision_id -> what the verification rested on; empty for those who may not know."""
        require(actor, Permission.READ_CANDIDATES)
        if not allows(actor, Permission.READ_CONTACTS):
            return {}
        with self._store.reading() as records:
            if not knows_whom_to_call(records, actor, pair_behind(records, actor, pair_id)):
                return {}
            return {each.decision_id: each for each in _proofs(records, pair_id)}

    def is_recorded(self, actor: Actor, pair_id: str) -> bool:
        """Whether there is a record that this person may read."""
        if not allows(actor, Permission.READ_CONTACTS):
            return False
        with self._store.reading() as records:
            found = records.reunions.hand_over(pair_id)
            return found is not None and knows_whom_to_call(records, actor, records.pairs.get(pair_id))


def _proofs(records: Records, pair_id: str) -> list[ProofRecord]:
    """Their fields in the order of the form."""
    return [
        replace(each, details={name: each.details[name] for name in PROOF_FIELDS[Proof(each.proof)]})
        for each in records.reunions.proofs(pair_id)
    ]
