"""Claims that a wrong clock made hold nobody up once it is set right; all others last as long as they should."""

from __future__ import annotations

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tracing.domain import CaseKind
from tracing.errors import Claimed, EncoderUnavailable


def test_a_pair_that_was_claimed_by_a_clock_a_day_ahead_is_free_once_it_is_set_right(house: House) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.clock.advance(days=1)
    house.services.review.claim(house.reviewer, pair.pair_id)
    house.clock.advance(days=-1)
    with pytest.raises(Claimed):
        house.services.review.claim(house.second, pair.pair_id)
    house.services.worker.rest()
    house.clock.advance(seconds=1)
    assert house.services.review.claim(house.second, pair.pair_id).claimed_by == house.second.account_id


def test_a_photo_that_was_claimed_by_a_clock_a_day_ahead_is_analysed_once_it_is_set_right(house: House) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(1))
    house.clock.advance(days=1)
    house.examiner.failure = EncoderUnavailable("the process died")
    with pytest.raises(EncoderUnavailable):
        house.services.intake.analyse(photo.photo_id)
    house.examiner.failure = None
    house.clock.advance(days=-1)
    assert house.services.worker.work_off().photos == 0
    house.services.worker.rest()
    assert house.services.worker.work_off().photos == 1


def test_a_claim_of_another_machine_whose_clock_is_a_little_ahead_stands(house: House) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.clock.advance(minutes=4)
    house.services.review.claim(house.reviewer, pair.pair_id)
    house.clock.advance(minutes=-4)
    house.services.worker.rest()
    with pytest.raises(Claimed):
        house.services.review.claim(house.second, pair.pair_id)


def test_what_is_done_every_hour_is_not_put_off_for_a_day_by_a_clock_that_went_back(house: House) -> None:
    """The worker looks for such claims every minute: also in the first minute after the clock was set right."""
    house.clock.advance(days=1)
    house.services.worker.rest()
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.services.review.claim(house.reviewer, pair.pair_id)
    house.clock.advance(days=-1)
    house.services.worker.rest()
    house.clock.advance(seconds=1)
    assert house.services.review.claim(house.second, pair.pair_id).claimed_by == house.second.account_id
