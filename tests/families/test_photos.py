"""Photos that strangers hand in."""

from __future__ import annotations

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tracing.bootstrap import public_of
from tracing.errors import Busy


def test_who_sends_a_photo_while_others_are_read_is_asked_to_come_again(house: House) -> None:
    services = public_of(house.services.settings, house.clock)
    handed, kept = services.reporting._photos, []
    handed._patience = 0
    with handed._reading.turn(large=False, patience=0), handed._reading.turn(large=False, patience=0), pytest.raises(Busy):
        handed.keep(painted_photo(1), None, lambda _, photo: bool(kept.append(photo)))
    assert kept == []
    handed.keep(painted_photo(1), None, lambda _, photo: bool(kept.append(photo)))
    assert len(kept) == 1
    services.close()
