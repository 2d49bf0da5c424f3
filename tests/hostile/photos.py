"""Hostile photos through the reader, and through a real server with its encoder processes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.hostile.corpus import Hostile, costly, cut, disguised, flipped
from tests.hostile.limits import MOST_MEMORY, Slowest, most_seconds, watched
from tests.hostile.reading import LOOKS, ReaderProcess
from tests.server import Server, Service

AT_ONCE = 3
"""Photos that are sent side by side."""
TURNS = 4
"""So often a picture is asked for, where the server asks to come again."""
CUT_EACH = 6
"""The reader sees every cut; the server every sixth one."""
READ_FLIPS, SENT_FLIPS = 60, 6
"""How often bits of each file are turned over for the reader, and for the server."""
REAL = ("negatives/rotated_pixels_0_reference.jpg", "negatives/exif6_fgnet__009__009A22b.jpg", "negatives/many_4.jpg")
SETTLE_SECONDS = 240.0
READER_MEMORY = 1000
"""MiB of one process that reads them all."""


@dataclass
class Outcome:
    """What became of all photos. ``faults`` has a line for each promise that was broken; there must be none."""

    tried: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: Slowest = field(default_factory=Slowest)
    together: int = 0
    largest: int = 0
    places: int = 0
    """Answers that told a place in line."""
    again: int = 0
    """Pictures that were asked for once more, as the answer wished: too many large photos were being opened."""
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        return {
            "photos": self.tried,
            "by_kind": dict(self.by_kind),
            "outcomes": dict(self.problems),
            "statuses": {str(status): number for status, number in self.statuses.items()},
            "slowest_seconds": round(self.slowest.seconds, 2),
            "slowest": self.slowest.what,
            "memory_mib_together": self.together,
            "memory_mib_largest_process": self.largest,
            "places_in_line_told": self.places,
            "pictures_asked_for_again": self.again,
            "faults": self.faults,
        }


def through_the_reader(hostile: Iterable[Hostile], *words: str, most_memory: int = READER_MEMORY) -> Outcome:
    """Every hostile photo through every door of the reader, in a process of its own; all doors have to say the same."""
    outcome = Outcome()
    with ReaderProcess(*words) as reader:
        for each in hostile:
            outcome.tried += 1
            outcome.by_kind[each.kind] += 1
            try:
                told = reader.read(each.make())
            except AssertionError as ended:
                outcome.faults.append(f"{each.name}: {ended}")
                return outcome
            answers = told["answers"]
            outcome.problems[answers[0]] += 1
            outcome.together = outcome.largest = told["memory"]
            outcome.faults += [f"{each.name}: {wrong}" for wrong in told["wrong"]]
            for look, seconds in zip(LOOKS, told["seconds"], strict=True):
                outcome.slowest.note(f"{look} {each.name}", seconds)
                if seconds > most_seconds():
                    outcome.faults.append(f"{look} {each.name}: {seconds:.1f} s")
            if len(set(answers)) > 1:
                outcome.faults.append(f"{each.name}: {answers}")
            if each.keep is not None and each.keep != (answers[0] == "read"):
                outcome.faults.append(f"{each.name}: {answers[0]}")
            if not 0 < told["memory"] <= most_memory:
                outcome.faults.append(f"{each.name}: {told['memory']} MiB of memory")
                return outcome
    return outcome


def real_ones(dev_set: Path) -> list[Path]:
    """Real photos to spoil, where they are."""
    return [dev_set / name for name in REAL if (dev_set / name).is_file()]


def for_a_server(seed: int, each: int, photos: Sequence[Path]) -> Iterator[Hostile]:
    yield from disguised()
    yield from costly()
    yield from list(cut())[::CUT_EACH]
    yield from flipped(seed, each, photos)


@contextmanager
def a_server(folder: Path, **settings: str) -> Iterator[tuple[Service, Server, str]]:
    """With one encoder process and little room in line, so that it is saturated soon."""
    service = Service(folder, **({"encoder_processes": "1", "waiting_photos": "2", "answer_seconds": "2"} | settings))
    key = service.api_key("hostile")
    with service.server() as server:
        yield service, server, key


def through_the_server(folder: Path, hostile: Iterable[Hostile]) -> Outcome:
    """Each photo as an intake with a case: the case is kept, the photo too or refused with a sentence, and nothing breaks."""
    outcome = Outcome()
    with a_server(folder) as (service, server, key):
        with watched(server.process.pid) as held, ThreadPoolExecutor(AT_ONCE) as threads, server.client(key) as client:
            list(threads.map(lambda each: _sent(client, each, outcome), hostile))
            _settled(client, outcome)
        outcome.together, outcome.largest = held.together, held.largest
        if server.process.poll() is not None:
            outcome.faults.append("the server is gone")
    outcome.faults += [f"tracing check: {each}" for each in service.findings()]
    outcome.faults += held.faults(MOST_MEMORY)
    return outcome


def _sent(client: httpx2.Client, hostile: Hostile, outcome: Outcome) -> None:
    case = json.dumps({"kind": "sheltered", "legal_basis": "statutory_duty", "names": [hostile.name]})
    data = hostile.make()
    parts: Any = {"case": (None, case, "application/json"), "photo": (hostile.name, data, "image/jpeg")}
    slowest = Slowest()
    with slowest.timed(hostile.name):
        answer = client.post("/api/v1/intakes", files=parts)
    outcome.tried += 1
    outcome.by_kind[hostile.kind] += 1
    outcome.statuses[answer.status_code] += 1
    if slowest.seconds > outcome.slowest.seconds:
        outcome.slowest = slowest
    if slowest.seconds > most_seconds():
        outcome.faults.append(f"{hostile.name}: {slowest.seconds:.1f} s")
    if answer.status_code not in (201, 202):
        outcome.faults.append(f"{hostile.name}: {answer.status_code} {answer.text[:200]}")
        return
    (photo,) = answer.json()["photos"]
    outcome.problems[photo.get("problem") or photo["analysis"]] += 1
    outcome.places += photo.get("place_in_line") is not None
    if hostile.keep is not None and hostile.keep != ("photo_id" in photo):
        outcome.faults.append(f"{hostile.name}: {photo}")
    if "photo_id" in photo:
        _shown(client, hostile, photo["photo_id"], outcome)
    elif not photo["detail"].endswith("."):
        outcome.faults.append(f"{hostile.name}: refused without a sentence")


def _shown(client: httpx2.Client, hostile: Hostile, photo_id: str, outcome: Outcome) -> None:
    """What leaves the service is a picture of its own making, with nothing of what came with the photo."""
    for variant in ("thumb", "original"):
        for _ in range(TURNS):
            with outcome.slowest.timed(f"{variant} of {hostile.name}"):
                answer = client.get(f"/api/v1/photos/{photo_id}/image", params={"variant": variant})
            if answer.status_code != 503 or "Retry-After" not in answer.headers:
                break
            outcome.again += 1
            time.sleep(float(answer.headers["Retry-After"]))
        outcome.statuses[answer.status_code] += 1
        if answer.status_code != 200 or not answer.content.startswith(b"\xff\xd8\xff"):
            outcome.faults.append(f"{variant} of {hostile.name}: {answer.status_code}")
        elif any(word in answer.content for word in (b"<script", b"<?php", b"%PDF", b"PK\3\4", b"Exif")):
            outcome.faults.append(f"{variant} of {hostile.name} carries what came with it")


def _settled(client: httpx2.Client, outcome: Outcome) -> None:
    """Every photo that waits in line is looked at in the end, whatever the others were."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (waiting := client.get("/api/v1/statistics").json()["photos"].get("pending", 0)) and time.monotonic() < deadline:
        time.sleep(1)
    if waiting:
        outcome.faults.append(f"{waiting} photos still wait after {SETTLE_SECONDS:.0f} s")
