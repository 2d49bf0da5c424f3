"""What is written to the log, and in which form."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from scripts import logs
from tracing.config import Settings
from tracing.errors import Damaged
from tracing.tracked import request_id

ours = logging.getLogger("tracing.somewhere")
SetUp = Callable[..., None]
NAME = "王建国"


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> SetUp:
    """Without the handlers of pytest, which are another log; afterwards all is as it was."""

    def alone(**said: Any) -> None:
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        for name in logs.OURS:
            monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
        logs.set_up(Settings(**said))

    return alone


def failed() -> None:
    try:
        raise ValueError(NAME)
    except ValueError:
        ours.exception("the search of case %s failed", "c1")


def test_a_line_of_json_holds_what_a_machine_asks_for(set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json", log_level="info")
    token = request_id.set("abcdef0123456789")
    ours.info("GET %s", "/cases", extra={"status": 200})
    request_id.reset(token)
    ours.warning("a round failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "logger": "tracing.somewhere",
        "message": "GET /cases",
        "status": 200,
        "request_id": "abcdef0123456789",
    }
    assert "request_id" not in second


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_foreign_error_is_told_by_its_place_and_not_by_its_words(
    set_up: SetUp, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(log_format=form)
    failed()
    written = capsys.readouterr().err
    assert "ValueError" in written
    assert "test_logs.py" in written
    assert NAME not in written
    assert len(written.splitlines()) == 1 or form == "text"


def test_what_foreign_libraries_say_below_a_warning_is_never_written(set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_level="debug")
    for name in ("sqlalchemy.engine", "python_multipart", "PIL"):
        logging.getLogger(name).info("they said %s", NAME)
    ours.debug("ours")
    written = capsys.readouterr().err
    assert NAME not in written
    assert "ours" in written


def test_text_names_the_request(set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    token = request_id.set("abcdef0123456789")
    ours.warning("slow")
    request_id.reset(token)
    ours.info("not said")
    (line,) = capsys.readouterr().err.splitlines()
    assert "WARNING tracing.somewhere [abcdef0123456789]: slow" in line


def test_set_up_twice_writes_once(set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    logs.set_up(Settings(log_format="json"))
    ours.warning("%s", Damaged("a file"))
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_whoever_has_a_log_of_their_own_keeps_it(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up()
    theirs = logging.NullHandler()
    monkeypatch.setattr(logging.getLogger(), "handlers", [theirs])
    logs.set_up(Settings())
    ours.warning("to them")
    assert logging.getLogger().handlers == [theirs]
    assert capsys.readouterr().err == ""
