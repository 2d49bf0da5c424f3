"""`tracing notify`: channels without their secrets, what would be sent, and a test message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.house import a_house
from tests.messages.conftest import RULES, write_rules
from tests.messages.receivers import Hooks, hooks
from tracing.errors import Misconfigured, NotFound, Unavailable

Run = Callable[..., Result]


@pytest.fixture
def receiver() -> Iterator[Hooks]:
    with hooks() as found:
        yield found


@pytest.fixture
def run(tmp_path: Path, receiver: Hooks, monkeypatch: pytest.MonkeyPatch) -> Run:
    with a_house(tmp_path / "var") as house:
        house.missing(1)
        house.sheltered(1)
    rules = write_rules(tmp_path / "messages.toml", RULES.format(url=receiver.url))
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TRACING_NOTIFY_RULES", str(rules))
    return lambda *words: CliRunner().invoke(app, ["notify", *words])


def test_the_channels_are_listed_without_their_secrets(run: Run, receiver: Hooks) -> None:
    for said in (run("list"), run("list", "--json"), run("list", "--dry-run")):
        assert said.exit_code == 0, said.output
        assert "hook-secret" not in said.output
    lines = json.loads(run("list", "--json").stdout)
    assert [(line["channel"], line["event"], line["address"]) for line in lines][:2] == [
        ("desk", "new_candidate", "json://127.0.0.1"),
        ("desk", "review_waiting", "json://127.0.0.1"),
    ]
    assert receiver.bodies == []


def test_what_would_be_sent_is_said_and_not_sent(run: Run, receiver: Hooks) -> None:
    lines = {line["event"]: line for line in json.loads(run("list", "--dry-run", "--json").stdout)}
    assert (lines["review_waiting"]["number"], lines["review_waiting"]["held"]) == (1, "")
    assert lines["review_waiting"]["text"] == "Pairs that wait for review: 1. Sign in to review them."
    assert lines["break_glass"]["number"] == 0
    assert receiver.bodies == []


def test_a_test_message_is_sent_or_it_is_said_why_not(run: Run, receiver: Hooks) -> None:
    said = run("test", "watch")
    assert said.exit_code == 0, said.output
    assert [body["message"] for body in receiver.bodies] == ["这是一条测试消息，无需处理。"]
    assert isinstance(run("test", "nobody").exception, NotFound)
    receiver.status = 500
    refused = run("test", "watch").exception
    assert isinstance(refused, Unavailable)
    assert "hook-secret" not in str(refused)


def test_where_it_is_off_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACING_NOTIFY_RULES")
    said = run("list").exception
    assert isinstance(said, Misconfigured)
    assert "TRACING_NOTIFY_RULES" in str(said)
