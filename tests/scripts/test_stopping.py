"""What a process gives itself to stop is less than what systemd gives it."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path

import pytest

from api import app
from scripts import serve, worker
from tests.house import House
from tracing.config import Settings

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
STOPPING = {
    "tracing.service": serve.REQUEST_SECONDS + 3 * app.FINISH_SECONDS,  # analyses, those given back, the worker's thread
    "tracing-public.service": float(serve.REQUEST_SECONDS),
    "tracing-worker.service": worker.FINISH_SECONDS + app.FINISH_SECONDS,
}


@pytest.mark.parametrize(("unit", "seconds"), STOPPING.items())
def test_systemd_waits_for_longer_than_a_process_takes_to_stop(unit: str, seconds: float) -> None:
    text = (UNITS / unit).read_text("utf-8")
    patience = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert patience is not None
    assert int(patience[1]) > seconds
    assert "KillMode=mixed" in text, "the processes that look at photos are stopped by their parent, which gives photos back"
    assert f"KillSignal={signal.SIGTERM.name}" in text


def test_a_container_has_as_long() -> None:
    text = (UNITS.parent / "compose.yaml").read_text("utf-8")
    assert int(re.findall(r"^ *stop_grace_period: (\d+)s$", text, re.MULTILINE)[0]) > max(STOPPING.values())


def test_requests_are_waited_for_longer_than_an_upload_waits_for_its_analysis() -> None:
    assert Settings.model_fields["answer_seconds"].default < serve.REQUEST_SECONDS


def test_a_worker_that_is_stopped_gives_back_a_photo_that_takes_too_long(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "FINISH_SECONDS", 0.0)
    stop, halted = threading.Event(), threading.Event()
    object.__setattr__(house.services, "halt", halted.set)
    worker._stop(stop, house.services)
    assert stop.is_set()
    assert halted.wait(10)


def test_a_worker_that_is_told_twice_gives_its_photo_back_at_once(house: House) -> None:
    stop, halted = threading.Event(), threading.Event()
    object.__setattr__(house.services, "halt", halted.set)
    worker._stop(stop, house.services)
    assert not halted.wait(0.2)
    worker._stop(stop, house.services)
    assert halted.wait(10)
