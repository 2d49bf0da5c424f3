"""How much there is of everything."""

from __future__ import annotations

import pytest

from tests.house import House
from tracing.access import ROLE_PERMISSIONS
from tracing.domain import Analysis, CaseKind, CaseState, PairState
from tracing.errors import EncoderUnavailable, NotAllowed
from tracing.intake import MAX_ATTEMPTS
from tracing.statistics import Statistics


def test_everything_is_counted_in_its_state(house: House) -> None:
    missing, sheltered = house.missing(1), house.sheltered(1)
    house.photograph(house.sheltered(2), 3, faces=2)
    house.confirm(house.pair(missing, sheltered))
    counts = Statistics(house.services.store, MAX_ATTEMPTS).counts(house.auditor)
    assert {state: number for state, number in counts.cases[CaseKind.SHELTERED].items() if number} == {
        CaseState.MATCHED: 1,
        CaseState.OPEN: 1,
    }
    assert counts.cases[CaseKind.MISSING][CaseState.MATCHED] == 1
    assert (counts.photos[Analysis.ENROLLED], counts.photos[Analysis.CHOOSE_FACE]) == (3, 1)
    assert {state: number for state, number in counts.pairs.items() if number} == {PairState.CONFIRMED: 1}
    assert (counts.searches_due, counts.photos_stuck) == (0, 0)


def test_what_waits_and_what_is_stuck_is_counted(house: House) -> None:
    house.missing(1)
    with house.services.store.transaction() as records:
        records.cases.want_search_everywhere()
    house.examiner.failure = EncoderUnavailable("the model is gone")
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(EncoderUnavailable):
            house.photograph(house.open(CaseKind.MISSING), 2)
    case = house.open(CaseKind.MISSING)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(EncoderUnavailable):
            house.photograph(case, 3)
        house.clock.advance(minutes=5)
    counts = Statistics(house.services.store, MAX_ATTEMPTS).counts(house.manager)
    assert (counts.searches_due, counts.photos[Analysis.PENDING], counts.photos_stuck) == (1, MAX_ATTEMPTS + 1, 1)


def test_who_may_not_read_statistics_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracing.access.ROLE_PERMISSIONS", dict.fromkeys(ROLE_PERMISSIONS, frozenset()))
    with pytest.raises(NotAllowed):
        Statistics(house.services.store, MAX_ATTEMPTS).counts(house.manager)
