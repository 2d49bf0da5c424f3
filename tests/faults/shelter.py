"""People and programs at work over HTTP until the house is gone: each writes into the ledger what it was told."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import httpx2

from tests.fakes import painted_photo
from tests.faults.ledger import Ledger, Sent
from tests.faults.shaken import Running, Shaken

JUDGEMENTS = ("same_likely", "same_very_likely", "cannot_tell", "unlikely", "excluded")
NOT_NOW = (503, 507)
REFUSED = (403, 404, 409)
"""What somebody was faster with: a case that was erased, a pair that was judged or is gone."""
HANGS = 90.0
DIES = 5.0
"""Seconds until a server that was killed is gone."""
KINDS = ("missing", "sheltered", "missing")
"""Of three cases of each person: two pairs to trace, and one of two reports."""


class Shelter:
    """The clients of one house; ``numbers`` go on from server to server, so that nobody is sent twice."""

    def __init__(self, house: Shaken, ledger: Ledger, seed: int) -> None:
        self._house = house
        self.ledger = ledger
        self._numbers = count(1)
        self._dice = random.Random(seed)

    @contextmanager
    def at_work(self, server: Running, uploaders: int = 1, reviewers: bool = True) -> Iterator[None]:
        """While the block runs, and until the server is gone or the block ends."""
        stop = threading.Event()
        work: list[tuple[str, Callable[[httpx2.Client, str], None]]] = [("program", self._upload)] * uploaders
        work += [(name, self._judge) for name in ("hua", "ning") if reviewers]
        threads = [threading.Thread(target=self._go_on, args=(server, stop, *each), daemon=True) for each in work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=HANGS)
            if any(thread.is_alive() for thread in threads):
                with self.ledger.turn:
                    self.ledger.wrong.append(f"a request hangs for more than {HANGS:.0f} s")

    def _go_on(self, server: Running, stop: threading.Event, name: str, work: Callable[[httpx2.Client, str], None]) -> None:
        with self._house.client(server, name) as client:
            while not stop.is_set():
                try:
                    work(client, name)
                except httpx2.TransportError as error:
                    with self.ledger.turn:
                        if isinstance(error, httpx2.TimeoutException) or not _gone(server):
                            self.ledger.wrong.append(f"{name} was cut off by a server that runs: {error!r}")
                        else:
                            self.ledger.cut_off[work.__name__.strip("_")] += 1
                    return
                except Exception as error:  # a thread that dies silently would be a house that is never asked
                    with self.ledger.turn:
                        self.ledger.wrong.append(f"{name} stopped: {error!r}")
                    return

    def _answered(self, answer: httpx2.Response, *right: int) -> bool:
        """Whether it was done. Anything but a refusal that says why is wrong."""
        with self.ledger.turn:
            self.ledger.answers[str(answer.status_code)] += 1
            if answer.status_code not in (*right, *REFUSED, *NOT_NOW):
                self.ledger.wrong.append(
                    f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}"
                )
        return answer.status_code in right

    def _upload(self, client: httpx2.Client, _: str) -> None:
        number = next(self._numbers)
        photo = painted_photo(number // len(KINDS), shot=number)
        case = {"kind": KINDS[number % len(KINDS)], "legal_basis": "statutory_duty"}
        (self._in_one_step if number % 2 else self._in_two_steps)(client, case, photo)

    def _in_one_step(self, client: httpx2.Client, case: dict[str, str], photo: bytes) -> None:
        files = {"case": (None, json.dumps(case), "application/json"), "photo": ("face.png", photo, "image/png")}
        answer = client.post("/api/v1/intakes", files=files)
        if self._answered(answer, 201, 202):
            body = answer.json()
            self._note(body["case"]["case_id"], body["photos"][0]["photo_id"], photo)

    def _in_two_steps(self, client: httpx2.Client, case: dict[str, str], photo: bytes) -> None:
        opened = client.post("/api/v1/cases", json=case)
        if not self._answered(opened, 201):
            return
        case_id = opened.json()["case_id"]
        with self.ledger.turn:
            self.ledger.cases.add(case_id)
        answer = client.post(f"/api/v1/cases/{case_id}/photos", files={"photo": ("face.png", photo, "image/png")})
        if self._answered(answer, 201, 202):
            self._note(case_id, answer.json()["photo_id"], photo)

    def _note(self, case_id: str, photo_id: str, photo: bytes) -> None:
        with self.ledger.turn:
            self.ledger.cases.add(case_id)
            self.ledger.photos[photo_id] = Sent(case_id, hashlib.sha256(photo).hexdigest())

    def _judge(self, client: httpx2.Client, name: str) -> None:
        queue = client.get("/api/v1/review/queue")
        if not self._answered(queue, 200):
            return
        for each in queue.json()["pairs"]:
            judgement = self._dice.choice(JUDGEMENTS)
            body = {"judgement": judgement, "reason": "the same scar above the left eye", "confidence": 3}
            answer = client.post(f"/api/v1/pairs/{each['pair_id']}/decisions", json=body)
            if self._answered(answer, 201):
                with self.ledger.turn:
                    self.ledger.judgements[each["pair_id"], name] = judgement


def _gone(server: Running) -> bool:
    """Whether the process has ended: it was killed at this moment, and not by itself."""
    deadline = time.monotonic() + DIES
    while server.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return server.process.poll() is not None
