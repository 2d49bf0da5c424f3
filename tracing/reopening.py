"""A rejected pair waits for review again when a new photo shows one of the two: the only thing that brings it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tracing.access import SYSTEM
from tracing.domain import Pair, PairState
from tracing.lifecycle import step_pair
from tracing.records import Records, Suggestion


def reopen_with_new_photos(records: Records, suggestions: Sequence[Suggestion], at: datetime) -> list[Suggestion]:
    """Propose the rejected pairs among these again, of which a photo was enrolled that came after the judgement.

    What people had said of them is superseded and kept: it binds nobody any more, and is shown to each reviewer after the own
    judgement. A new score, a reindex or another model alone opens nothing. To be called with the pairs suggested already,
    which locks them in order; what it gives is to be suggested again, for the pairs to have their new scores.
    """
    said = {(one.low_case_id, one.high_case_id): one for one in suggestions}
    found = records.pairs.with_new_photo(said.keys())
    for pair in found:
        _reopen(records, pair, said[pair.case_ids].list_id, at)
    return [said[pair.case_ids] for pair in found]


def _reopen(records: Records, pair: Pair, list_id: str, at: datetime) -> None:
    step_pair(pair.state, PairState.PROPOSED)
    for decision in records.pairs.decisions(pair.pair_id):
        if decision.judgement is not None:
            records.pairs.supersede_decision(decision.decision_id, at)
    records.pairs.save(replace(pair, state=PairState.PROPOSED, suggested_at=at))
    records.audit.append(SYSTEM, "reopen_pair", pair.pair_id, {"from": pair.state, "list_id": list_id})
