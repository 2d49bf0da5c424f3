"""The file of channels and rules: what it may say, and that nobody else may read it."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from tests.house import a_house
from tracing.domain import Role
from tracing.errors import Misconfigured
from tracing.messages.rules import READERS, Happening, parse

SECRET = "mailto://duty:hunter2hunter2@mail.example"
CHANNEL = f'[[channel]]\nname = "duty"\nurl = "{SECRET}"\n'


def rule(**changes: str) -> str:
    said = {"event": '"review_waiting"', "channels": '["duty"]', "roles": '["reviewer"]'} | changes
    return "[[rule]]\n" + "".join(f"{name} = {value}\n" for name, value in said.items())


def test_staff_is_told_of_five_things_and_nobody_else_of_anything() -> None:
    assert set(Happening) == {"new_candidate", "review_waiting", "clock_running_out", "break_glass", "from_families"}
    assert set(READERS) == set(Happening)
    assert {role for roles in READERS.values() for role in roles} <= {
        Role.INTAKE,
        Role.REVIEWER,
        Role.MANAGER,
        Role.AUDITOR,
    }


@pytest.mark.parametrize(
    ("event", "role"),
    [
        ("new_candidate", "reviewer"),
        ("clock_running_out", "reviewer"),
        ("break_glass", "reviewer"),
        ("break_glass", "intake"),
        ("review_waiting", "intake"),
        ("review_waiting", "partner"),
        ("new_candidate", "service"),
        ("new_candidate", "family"),
        ("from_families", "reviewer"),
        ("from_families", "auditor"),
    ],
)
def test_a_channel_is_told_of_nothing_that_its_readers_do_not_see(event: str, role: str) -> None:
    with pytest.raises(Misconfigured, match="rule 1"):
        parse(CHANNEL + rule(event=f'"{event}"', roles=f'["{role}"]'))


def test_a_rule_has_usual_values_and_others() -> None:
    (usual,) = parse(CHANNEL + rule(), "en").rules
    assert (usual.language, usual.every, usual.quiet, usual.stations) == ("en", timedelta(hours=4), None, ())
    (said,) = parse(
        CHANNEL + rule(language='"zh_CN"', every_hours="24", quiet='"21:00-07:00"', stations='["north"]'), "en"
    ).rules
    assert (said.language, said.every, said.quiet) == ("zh_CN", timedelta(days=1), (time(21), time(7)))
    assert said.stations == ("north",)
    assert [said.is_quiet(time(hour)) for hour in (20, 21, 23, 0, 6, 7, 12)] == [False, True, True, True, True, False, False]
    (by_day,) = parse(CHANNEL + rule(quiet='"12:00-14:00"')).rules
    assert [by_day.is_quiet(time(hour)) for hour in (11, 12, 13, 14)] == [False, True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        CHANNEL + "[[rule",
        CHANNEL + CHANNEL,
        CHANNEL + rule() + rule(),
        CHANNEL + rule(channels='["other"]'),
        CHANNEL + rule(channels="[]"),
        CHANNEL + rule(channels='"duty"'),
        CHANNEL + rule(roles="[]"),
        CHANNEL + rule(stations="[]"),
        CHANNEL + rule(every_hours="0"),
        CHANNEL + rule(every_hours="true"),
        CHANNEL + rule(language='"fr"'),
        CHANNEL + rule(quiet='"21:00"'),
        CHANNEL + rule(quiet='"21:00-21:00"'),
        CHANNEL + rule(text='"Your son was found"'),
        CHANNEL + rule(event='"reunited"'),
        '[[channel]]\nname = "a b"\nurl = "json://x"\n',
        '[[channel]]\nname = "a"\n',
        CHANNEL + 'url = "json://x"\n',
        CHANNEL.replace("mailto:", "mail\\qto:"),
        "[[channel]]\nname = 'duty'\nphone = '13800000000'\nurl = 'json://x'\n",
    ],
)
def test_what_makes_no_sense_is_said_without_an_address(text: str) -> None:
    with pytest.raises(Misconfigured) as said:
        parse(text)
    assert "hunter2" not in str(said.value)
    assert "hunter2" not in str(said.value.__cause__)


def test_an_address_is_in_no_representation() -> None:
    assert "hunter2" not in repr(parse(CHANNEL + rule()))


@pytest.mark.parametrize(
    "url", ["sms://secret-number", "tgram://secret", "syslog://", "ntfy://secret", "mailto://", "secret", "json://"]
)
def test_other_kinds_of_channels_are_refused_and_so_are_addresses_that_are_none(url: str, tmp_path: Path) -> None:
    file = tmp_path / "messages.toml"
    file.write_text(f'[[channel]]\nname = "duty"\nurl = "{url}"\n')
    file.chmod(0o600)
    with (
        pytest.raises(Misconfigured, match="The channel duty has an address") as said,
        a_house(tmp_path / "var", notify_rules=file),
    ):
        pass
    assert "secret" not in str(said.value)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "messages.toml"
    file.write_text(CHANNEL)
    file.chmod(0o640)
    with pytest.raises(Misconfigured, match=f"Run: chmod 600 {file}$"), a_house(tmp_path / "var", notify_rules=file):
        pass


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    missing = tmp_path / "messages.toml"
    with pytest.raises(Misconfigured, match="TRACING_NOTIFY_RULES"), a_house(tmp_path / "var", notify_rules=missing):
        pass
