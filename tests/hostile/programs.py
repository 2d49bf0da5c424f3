"""Made-up requests of programs: the whole OpenAPI document, right and wrong, by every role, to a real server."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from tests.factories import an_id
from tests.hostile.limits import watched
from tests.hostile.met import Met
from tests.hostile.texts import TEXTS
from tests.house import House, a_house
from tests.server import Server, Service
from tracing.access import SYSTEM
from tracing.domain import Judgement, Role, Told

EXAMPLES: Final = 45
"""Of each operation and kind of data; each is sent by every role."""
WANTED: Final = 20_000
ACCOUNTS: Final = {
    Role.INTAKE: "lin",
    Role.REVIEWER: "chen",
    Role.MANAGER: "sun",
    Role.AUDITOR: "qian",
    Role.SERVICE: "partner",
}
UNLIMITED: Final = {"key_requests_per_minute": "0", "searches_per_day": "0"}
"""How much a program may ask for is the matter of other tests."""
SETTLE_SECONDS: Final = 240.0


@dataclass
class Outcome(Met):
    requests: int = 0
    operations: int = 0
    by_mode: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        counted = {"requests": self.requests, "operations": self.operations, "by_mode": dict(self.by_mode)}
        return counted | super().figures()

    def note(self, role: str, what: str, status: int, seconds: float, body: bytes, kind: str) -> None:
        self.requests += 1
        self.by_role[role] += 1
        self.took(f"{role} {what}", status, seconds, repr(body[:300]))
        if status >= 400 and kind != "application/problem+json":
            self.fault(f"{role} {what}: {status} as {kind}")
        if b"Traceback" in body or b"/tracing/" in body:
            self.fault(f"{role} {what} tells how it is built: {body[:300]!r}")


@contextmanager
def a_service(folder: Path, **said: str) -> Iterator[tuple[Service, Server, dict[Role, str], dict[str, str]]]:
    """A real server over a small house: a key of every role, and the ids of things that are there."""
    with a_house(folder) as house:
        things = known(house)
        keys = {role: house.services.accounts.new_api_key(SYSTEM, name) for role, name in ACCOUNTS.items()}
    service = Service(folder, **({"encoder_processes": "1", "answer_seconds": "2"} | UNLIMITED | said))
    with service.server() as server:
        yield service, server, keys, things


def known(house: House) -> dict[str, str]:
    """Things that are there, so that requests get further than to "no such thing"."""
    one, other = house.missing(1, age_min=40), house.sheltered(1, age_min=40)
    report = house.photograph(one, 5, faces=2)
    alike = house.pair(house.missing(40), house.sheltered(40))
    house.judge(house.second, alike, Judgement.LOOKS_LIKE_RELATIVE)
    (lead,) = house.services.leads.open_ones(house.auditor)
    return {
        "case_id": one.case_id,
        "lead_id": lead.lead.lead_id,
        "request_id": an_id(),
        "emergency_id": an_id(),
        "escalation_id": an_id(),
        "clock_id": house.services.clockwork.of_case(house.intake, other.case_id)[0].clock.clock_id,
        "clue_id": house.services.interviews.record(house.intake, one.case_id, Told("he said Fuyang")).clue.clue_id,
        "pair_id": house.pair(one, other).pair_id,
        "photo_id": report.photo.photo_id,
        "face_id": report.faces[1].face_id,
    }


def attack(folder: Path, number: int, each: int = EXAMPLES, **said: str) -> Outcome:
    """Everything that the document describes, in the order it stands there; ``number`` is the seed."""
    outcome, started = Outcome(), time.monotonic()
    with a_service(folder, **said) as (service, server, keys, things), ExitStack() as stack:
        held = stack.enter_context(watched(server.process.pid))
        clients = {role: stack.enter_context(server.client(key)) for role, key in keys.items()}
        threads = stack.enter_context(ThreadPoolExecutor(len(clients)))
        document = clients[Role.SERVICE].get("/api/v1/openapi.json").json()
        schema = schemathesis.openapi.from_dict(document)
        for mode in GenerationMode:
            for result in schema.get_all_operations():
                operation = result.ok()
                if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
                    continue
                outcome.operations += mode is GenerationMode.POSITIVE
                _try(operation, mode, number, each, things, clients, threads, outcome)
        _settled(clients[Role.MANAGER], outcome)
        if server.process.poll() is not None:
            outcome.faults.append("the server is gone")
    outcome.faults += [f"tracing check: {each}" for each in service.findings()]
    outcome.held(held.together)
    outcome.seconds = time.monotonic() - started
    return outcome


def _try(
    operation: Any,
    mode: GenerationMode,
    number: int,
    each: int,
    things: Mapping[str, str],
    clients: Mapping[Role, httpx2.Client],
    threads: ThreadPoolExecutor,
    outcome: Outcome,
) -> None:
    @seed(number)
    @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(
        case=operation.as_strategy(generation_mode=mode),
        real=st.sampled_from((True, True, False)),
        text=st.one_of(st.none(), st.sampled_from(TEXTS)),
    )
    def call(case: Any, real: bool, text: str | None) -> None:
        if real and case.path_parameters:
            case.path_parameters.update({name: things[name] for name in case.path_parameters if name in things})
        case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
        wire = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1")).prepare()
        if text is not None and isinstance(case.body, dict | list) and "json" in wire.headers.get("Content-Type", ""):
            wire.prepare_body(json.dumps(with_text(case.body, text)).encode(), None)
        told = list(threads.map(lambda role: _sent(role, clients[role], wire), clients))
        for answer in told:
            outcome.note(*answer)
            outcome.by_mode[mode.value] += 1

    call()


def with_text(value: Any, text: str) -> Any:
    """The same JSON with this text wherever one stands."""
    match value:
        case str():
            return text
        case list():
            return [with_text(each, text) for each in value]
        case dict():
            return {name: with_text(each, text) for name, each in value.items()}
    return value


def _sent(role: Role, client: httpx2.Client, wire: requests.PreparedRequest) -> tuple[str, str, int, float, bytes, str]:
    """The same bytes on the wire for every role; the key is the client's own."""
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body
    headers = {name: value for name, value in wire.headers.items() if name.lower() != "authorization"}
    started = time.monotonic()
    answer = client.request(str(wire.method), wire.path_url, content=body, headers=headers)
    what = f"{wire.method} {wire.path_url[:120]}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return role, what, answer.status_code, time.monotonic() - started, answer.content, kind


def _settled(client: httpx2.Client, outcome: Outcome) -> None:
    """What waits for the worker is done in the end, whatever was sent."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        figures = client.get("/api/v1/statistics").json()
        if not figures["searches_due"] and not figures["photos"].get("pending", 0):
            return
        time.sleep(1)
    outcome.faults.append(
        f"the worker is not done after {SETTLE_SECONDS:.0f} s: {figures['photos']}, {figures['searches_due']}"
    )
