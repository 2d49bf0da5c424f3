"""Withdraw the face of a case: the case and its photos stay, everything that was made of the face goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, Analysis, FaceWithdrawal, Pair, PairState
from tracing.errors import WrongState
from tracing.gallery import GIVEN_BACK, WITHDRAWN
from tracing.keeping import GalleryShelf
from tracing.lifecycle import WAITING_FOR_REVIEW, step_pair
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.scope import own_case, reach_of
from tracing.verdict import checked_reason

REASON: Final = "face_withdrawn"


class Withdrawing:
    """The person's family may still be found by what people said. ``analyse`` is called with the id of a photo that may be
    looked at again."""

    def __init__(
        self, store: RecordStore, shelf: GalleryShelf, clock: Clock, analyse: Callable[[str], object] = lambda _: None
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._analyse = analyse

    def withdraw(self, actor: Actor, case_id: str, reason: str) -> FaceWithdrawal:
        """Faces, landmarks, templates, places in galleries, scores and lines on lists go, in one transaction and for good.

        Photos that come later are kept and not looked at; a new encoder does not see the face either. Pairs that nothing else
        speaks for leave the review queue; what people have judged stays. Galleries on disk are thrown away.
        """
        require(actor, Permission.EDIT_CASES)
        withdrawal = FaceWithdrawal(case_id, self._clock(), actor.account_id, checked_reason(reason))
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            gone = records.rights.withdraw(withdrawal)
            records.hits.forget_faces(case_id)
            aside = _set_aside(records, case_id)
            records.audit.append(actor, WITHDRAWN, case_id, {"templates": gone, "pairs": aside})
        self._shelf.discard_all()
        return withdrawal

    def give_back(self, actor: Actor, case_id: str, reason: str) -> int:
        """The person lets their face be searched again: every photo is looked at anew; how many there are."""
        require(actor, Permission.EDIT_CASES)
        checked_reason(reason)
        with self._store.transaction() as records:
            own_case(records, actor, case_id)
            if records.rights.withdrawal(case_id) is None:
                raise WrongState("The face of this case is not withdrawn.")
            again = records.rights.give_back(case_id)
            records.audit.append(actor, GIVEN_BACK, case_id, {"photos": again})
            waiting = [each.photo_id for each in records.photos.of_case(case_id) if each.analysis is Analysis.PENDING]
        for photo_id in waiting:
            self._analyse(photo_id)
        return again

    def of_case(self, actor: Actor, case_id: str) -> FaceWithdrawal | None:
        """Of a case that this person may read; None where its face may be searched."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            reach_of(records, actor).shown(records.cases.get(case_id))
            return records.rights.withdrawal(case_id)


def _set_aside(records: Records, case_id: str) -> int:
    """Take the pairs that the face alone had put together out of the queue; how many."""
    waiting = [pair for pair in records.pairs.of_case(case_id) if pair.state in WAITING_FOR_REVIEW]
    told = records.clues.hits({pair.pair_id for pair in waiting})
    bare = [pair for pair in waiting if pair.pair_id not in told]
    for pair in bare:
        _step_aside(records, pair)
    return len(bare)


def _step_aside(records: Records, pair: Pair) -> None:
    step_pair(pair.state, PairState.SUPERSEDED)
    before = PairState.PROPOSED if pair.state is PairState.UNDER_REVIEW else pair.state
    aside = replace(pair, state=PairState.SUPERSEDED, state_before=before, claimed_by=None, claimed_until=None)
    records.pairs.save(aside)
    records.audit.append(SYSTEM, "set_aside_pair", pair.pair_id, {"reason": REASON})
