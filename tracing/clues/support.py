"""Pairs that clues alone had opened: out of the queue when nothing speaks for them any more, and back when something does."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import replace
from datetime import datetime
from typing import Final

from tracing.access import SYSTEM
from tracing.domain import Pair, PairState
from tracing.lifecycle import step_pair
from tracing.records import Records

UNSUPPORTED: Final = "unsupported"
"""The reason in the audit: the clue was withdrawn or revised, or the description was, and no face had put the two together."""
MOST: Final = 500


def set_aside_unsupported(records: Records, now: datetime, case_id: str = "", limit: int = MOST) -> int:
    """Take such pairs out of the queue, of one case or of all; how many.

    Only what nobody has judged and nobody is looking at, between cases whose clues are searched to the last word: a person's
    time is worth more on pairs that something speaks for, and what a person has said stays.
    """
    found = records.clues.unsupported(now, limit, case_id)
    for pair_id in found:
        pair = records.pairs.get(pair_id)
        step_pair(pair.state, PairState.SUPERSEDED)
        aside = replace(pair, state=PairState.SUPERSEDED, state_before=PairState.PROPOSED, claimed_by=None, claimed_until=None)
        records.pairs.save(aside)
        records.audit.append(SYSTEM, "set_aside_pair", pair_id, {"reason": UNSUPPORTED})
    return len(found)


def bring_back(records: Records, case_ids: Some[tuple[str, str]], now: datetime) -> list[tuple[str, str]]:
    """Let the pairs among these (low, high) wait for review again that were set aside so; which they are."""
    found: list[Pair] = records.pairs.set_aside_among(case_ids)
    for pair in found:
        then = pair.state_before or PairState.PROPOSED
        step_pair(pair.state, then)
        records.pairs.save(replace(pair, state=then, state_before=None, suggested_at=now))
        records.audit.append(SYSTEM, "bring_back_pair", pair.pair_id)
    return [pair.case_ids for pair in found]
