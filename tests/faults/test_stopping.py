"""Asked to stop, as systemd asks, a process finishes what is under way or gives it back, within a bounded time."""

from __future__ import annotations

import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.faults.ledger import Evidence
from tests.faults.nursery import Child, Nursery
from tests.faults.painted import ENDLESS, SLOW
from tests.faults.shaken import Shaken, eventually
from tests.faults.test_disks import upload

pytestmark = pytest.mark.long

STOPPED = (0, -signal.SIGTERM)
"""A server passes the signal on to itself in the end; systemd takes both for a clean end."""
BOUND = 30.0
"""Seconds; less than ``TimeoutStopSec``. What a process gives to photos is shorter here than in the service."""


@pytest.fixture
def evidence(house: Shaken) -> Evidence:
    return Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")


def stop(process: Child) -> float:
    """The seconds that it took."""
    begun = time.monotonic()
    process.signal(signal.SIGTERM)
    assert process.wait(BOUND) in STOPPED, process.said()
    return time.monotonic() - begun


def test_an_upload_under_way_is_answered_before_the_server_ends(house: Shaken, evidence: Evidence) -> None:
    answers: list[int] = []
    with house.running(TRACING_ANSWER_SECONDS="20") as server, house.client(server, "program") as client:
        sender = threading.Thread(target=lambda: answers.append(upload(client, SLOW).status_code))
        sender.start()
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
        stop(server.process)
        sender.join(timeout=10)
    assert answers == [201]
    assert evidence.waiting() == 0
    house.check()


def test_an_analysis_that_nobody_waits_for_is_finished_where_it_is_short(house: Shaken, evidence: Evidence) -> None:
    with house.running(TRACING_ANSWER_SECONDS="0") as server, house.client(server, "program") as client:
        photo = upload(client, SLOW).json()["photo_id"]
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
        stop(server.process)
    assert evidence.analysis(photo) == "enrolled"
    house.check()


def test_an_analysis_that_takes_too_long_is_given_back_and_no_try_is_lost(nursery: Nursery, tmp_path: Path) -> None:
    house = Shaken(nursery, tmp_path, FAULTS_POOL="1", ENCODER_PROCESSES="1", ANSWER_SECONDS="0", LEASE_SECONDS="3600")
    evidence = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos")
    with house.running() as server, house.client(server, "program") as client:
        photo = upload(client, ENDLESS).json()["photo_id"]
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
        stop(server.process)
    assert (evidence.analysis(photo), evidence.claims(), evidence.attempts(photo)) == ("pending", 0, 0)
    worker = house.command("worker")
    eventually(lambda: evidence.claims() == 1, why="another process takes it at once, for a lease of an hour")
    stop(worker)
    assert (evidence.analysis(photo), evidence.claims(), evidence.attempts(photo)) == ("pending", 0, 0)
    house.check()


SOON = 10.0
"""Seconds; an upload would wait for twenty, and a request that comes no further for all that are given to requests."""


def hurry(process: Child, second: signal.Signals) -> None:
    process.signal(signal.SIGTERM)
    time.sleep(0.5)
    begun = time.monotonic()
    process.signal(second)
    assert process.wait(BOUND) in STOPPED, process.said()
    assert time.monotonic() - begun < SOON


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_at_a_second_signal_an_upload_is_answered_and_its_photo_given_back(
    nursery: Nursery, tmp_path: Path, second: signal.Signals
) -> None:
    house = Shaken(nursery, tmp_path, FAULTS_POOL="1", ENCODER_PROCESSES="1", LEASE_SECONDS="3600")
    evidence, answers = Evidence(f"sqlite:///{house.data / 'tracing.sqlite'}", house.data / "photos"), []
    with house.running() as server, house.client(server, "program") as client:
        sender = threading.Thread(target=lambda: answers.append(upload(client, ENDLESS)))
        sender.start()
        eventually(lambda: evidence.claims() == 1, why="the photo is being looked at")
        hurry(server.process, second)
        sender.join(timeout=10)
    (answer,) = answers
    photo = answer.json()["photo_id"]
    assert (answer.status_code, answer.json()["analysis"]) == (202, "pending")
    assert (evidence.analysis(photo), evidence.claims(), evidence.attempts(photo)) == ("pending", 0, 0)
    house.check()


@pytest.mark.parametrize("path", ["/api/v1/cases", "/login"])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_at_a_second_signal_whoever_still_sends_is_told_that_the_service_stops(
    house: Shaken, second: signal.Signals, path: str
) -> None:
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {house.keys['program']}\r\n"
    with house.running() as server:
        address = ("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
        with socket.create_connection(address, timeout=BOUND) as line:
            line.sendall(f"{head}Content-Type: {kind}\r\nContent-Length: 200\r\n\r\n{{".encode())
            time.sleep(0.5)
            hurry(server.process, second)
            answer = b"".join(iter(lambda: line.recv(1 << 16), b"")).decode()
    assert answer.startswith("HTTP/1.1 503 "), server.process.said()
    assert "content-security-policy: default-src 'none'" in answer
    assert "retry-after: 5" in answer
    assert ("is being stopped and did not finish this" if path.startswith("/api") else "服务正在停止，这一步没有做完") in answer
    assert "Traceback" not in server.process.said()


def test_of_two_workers_one_is_stopped_and_the_other_does_the_rest(house: Shaken, evidence: Evidence) -> None:
    with house.running(TRACING_SERVER_WORKS="false", TRACING_ANSWER_SECONDS="0", TRACING_WAITING_PHOTOS="0") as server:
        workers = [house.command("worker") for _ in range(2)]
        with house.client(server, "program") as client:
            photos = [upload(client, person).json()["photo_id"] for person in range(20)]
        stop(workers[0])
        eventually(lambda: evidence.waiting() == 0, why="the other one goes on")
        stop(workers[1])
    assert {evidence.analysis(photo) for photo in photos} == {"enrolled"}
    house.check()
