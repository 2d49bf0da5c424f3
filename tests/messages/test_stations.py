"""What a message counts for several stations at once."""

from __future__ import annotations

from pathlib import Path

from tests.factories import an_emergency
from tests.fakes import painted_photo
from tests.families.sent import a_report
from tests.house import House, a_house
from tests.messages.conftest import write_rules
from tests.neighbours import NORTH, Neighbours
from tracing.domain import CaseKind
from tracing.messages.rules import Happening

RULES = """
[[channel]]
name = "desk"
url = "json://127.0.0.1:9/"
[[channel]]
name = "north"
url = "json://127.0.0.1:9/"
[[channel]]
name = "city"
url = "json://127.0.0.1:9/"
[[rule]]
event = "review_waiting"
channels = ["desk"]
roles = ["reviewer"]
stations = ["main", "north"]
[[rule]]
event = "review_waiting"
channels = ["north"]
roles = ["reviewer"]
stations = ["north"]
[[rule]]
event = "review_waiting"
channels = ["city"]
roles = ["reviewer"]
stations = ["pool", "main", "north"]
[[rule]]
event = "new_candidate"
channels = ["desk"]
roles = ["intake"]
stations = ["main", "north"]
[[rule]]
event = "clock_running_out"
channels = ["desk"]
roles = ["manager"]
stations = ["main", "north"]
[[rule]]
event = "break_glass"
channels = ["desk"]
roles = ["manager"]
stations = ["main", "north"]
[[rule]]
event = "from_families"
channels = ["desk"]
roles = ["intake"]
stations = ["main", "north"]
"""


def counted(house: House) -> dict[str, int]:
    assert house.services.messages is not None
    return {line.line.key: line.number for line in house.services.messages.due()}


def test_what_two_stations_see_counts_once_for_a_channel_of_both(tmp_path: Path) -> None:
    rules = write_rules(tmp_path / "messages.toml", RULES)
    with a_house(tmp_path / "var", notify_rules=rules) as house:
        neighbours = Neighbours(house)
        with house.services.store.transaction() as records:
            for name in ("desk", "north", "city"):
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
