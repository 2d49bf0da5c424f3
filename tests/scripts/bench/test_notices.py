"""`tracing bench notices` publishes very many in a folder of its own, and measures how they are taken down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from scripts.bench.notices import end, fill
from scripts.main import app
from tests.house import House
from tracing.domain import NoticeEnd, NoticeState


def test_those_stand_that_were_asked_for_and_go_with_their_cases(house: House) -> None:
    fill(house.services, 12)
    assert house.services.taking_down.look() == 0
    end(house.services, 5)
    assert house.services.taking_down.look() == 5
    with house.services.store.reading() as records:
        left = records.notices.living("", 100)
        gone = records.notices.get(f"b{4:031x}")
    assert [each.state for each in left] == [NoticeState.PUBLISHED] * 7
    assert gone.end is NoticeEnd.CASE_SUSPENDED


def test_a_look_asks_once_for_all_of_a_hundred_and_not_for_each(house: House) -> None:
    asked: list[str] = []
    fill(house.services, 90)
    event.listen(house.services.store._engine, "before_cursor_execute", lambda *given: asked.append(given[2]))  # type: ignore[attr-defined]
    house.services.taking_down.look()
    assert 0 < len(asked) < 15


def test_it_leaves_the_data_of_the_service_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    done = CliRunner().invoke(app, ["bench", "notices", "--notices", "30", "--over", "10", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["notices"], told["over"], told["within_a_minute"]) == (30, 10, True)
    assert not (tmp_path / "var").exists()
