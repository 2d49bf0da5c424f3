"""What a message counts for several stations at once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.factories import an_emergency
from tests.fakes import painted_photo
from tests.families.sent import a_report
from tests.house import House, a_house
from tests.messages.conftest import write_rules
from tests.neighbours import NORTH, Neighbours
from tracing.domain import CaseKind
from tracing.messages.rules import Happening

CHANNELS = ("desk", "north", "city")
TOLD = (
    ("review_waiting", "desk", "reviewer", ["main", "north"]),
    ("review_waiting", "north", "reviewer", ["north"]),
    ("review_waiting", "city", "reviewer", ["pool", "main", "north"]),
    ("new_candidate", "desk", "intake", ["main", "north"]),
    ("clock_running_out", "desk", "manager", ["main", "north"]),
    ("break_glass", "desk", "manager", ["main", "north"]),
    ("from_families", "desk", "intake", ["main", "north"]),
)
RULES = "".join(f'[[channel]]\nname = "{name}"\nurl = "json://127.0.0.1:9/"\n' for name in CHANNELS) + "".join(
    f'[[rule]]\nevent = "{event}"\nchannels = ["{channel}"]\nroles = ["{role}"]\nstations = {json.dumps(stations)}\n'
    for event, channel, role, stations in TOLD
)


def counted(house: House) -> dict[str, int]:
    assert house.services.messages is not None
    return {line.line.key: line.number for line in house.services.messages.due()}


def test_what_two_stations_see_counts_once_for_a_channel_of_both(tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "messages.toml", RULES)
    with a_house(tmp_path / "var", notify_rules=rules) as house:
        neighbours = Neighbours(house)
        with house.services.store.transaction() as records:
            for name in CHANNELS:
                records.messages.tell(f"{Happening.NEW_CANDIDATE} {name}", house.clock())
        house.clock.advance(minutes=1)
        grown = {"age_min": 30, "age_max": 50}
        there = house.open(CaseKind.MISSING, neighbours.intake, **grown)
        assert there.station_id == NORTH
        photo = house.services.intake.add_photo(neighbours.intake, there.case_id, painted_photo(1, 1, 3))
        house.services.intake.analyse(photo.photo_id)
        here = house.sheltered(1, **grown)
        with house.services.store.transaction() as records:
            records.stations.add_emergency(an_emergency(here, station_id=NORTH))
        a_report(house, photos=0)
        house.missing(2, **grown)
        house.sheltered(2, **grown)
        house.clock.advance(minutes=10)
        assert counted(house) == {
            "review_waiting desk": 2,
            "review_waiting north": 1,
            "review_waiting city": 2,
            "new_candidate desk": 4,
            "clock_running_out desk": 0,
            "break_glass desk": 1,
            "from_families desk": 1,
        }
