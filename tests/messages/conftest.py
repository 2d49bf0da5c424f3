"""A house whose channels end on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, a_house
from tests.messages.receivers import Hooks, hooks

RULES = """
[[channel]]
name = "desk"
url = "{url}"
[[channel]]
name = "watch"
url = "{url}"
[[rule]]
event = "new_candidate"
channels = ["desk"]
roles = ["intake"]
language = "en"
[[rule]]
event = "review_waiting"
channels = ["desk"]
roles = ["reviewer"]
stations = ["main"]
language = "en"
[[rule]]
event = "clock_running_out"
channels = ["desk"]
roles = ["manager"]
language = "zh_CN"
every_hours = 24
[[rule]]
event = "break_glass"
channels = ["watch"]
roles = ["manager"]
language = "en"
every_hours = 1
quiet = "21:00-07:00"
[[rule]]
event = "from_families"
channels = ["watch"]
roles = ["intake"]
stations = ["north", "south"]
language = "en"
"""


def write_rules(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@pytest.fixture
def receiver() -> Iterator[Hooks]:
    with hooks() as found:
        yield found


@pytest.fixture
def told(tmp_path: Path, receiver: Hooks) -> Iterator[House]:
    """A house that tells what waits."""
    rules = write_rules(tmp_path / "messages.toml", RULES.format(url=receiver.url))
    settings = {"notify_rules": rules, "public_url": "https://tracing.example", "timezone": "UTC"}
    with a_house(tmp_path / "var", **settings) as house:
        yield house


def rest(house: House) -> None:
    """What a worker does in a minute: look, send, and keep what came of it."""
    assert house.services.messages is not None
    house.clock.advance(minutes=1)
    house.services.worker.rest()
    house.services.messages.close()
