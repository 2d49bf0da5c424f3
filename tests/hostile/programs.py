"""Made-up requests of programs: the whole OpenAPI document, right and wrong, by every role, to a real server."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

from api.app import create_app
from tests.api.test_routes import ACCOUNTS
from tests.hostile import oddities
from tests.hostile.limits import watched
from tests.hostile.met import Met
from tests.hostile.things import Things
from tests.house import a_house
from tests.server import TRACING, Server, Service
from tracing.access import SYSTEM
from tracing.domain import Role

EXAMPLES: Final = 8
"""Of each operation and kind of data; each is sent by every role."""
WANTED: Final = 20_000
OPEN: Final = {"key_requests_per_minute": "0", "searches_per_day": "0", "pfif_domain": "shelter.example.org"}
"""How much a program may ask for is the matter of other tests; and what an operator may switch on is on."""
SETTLE_SECONDS: Final = 240.0
ONCE: Final[dict[str, Any]] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
ODD, RIGHT = "odd", "right"
ODD_BASES: Final = 12
"""Requests that are made up of an operation; the fullest of them is sent with odd things in it."""


Answered = tuple[Role, str, int, float, bytes, str]
"""By whom, what, the status, the seconds, the body and its type."""


@dataclass
class Outcome(Met):
    """``done``: operations that were carried out at least once, of those that were ``tried``; the others only ever refused."""

    requests: int = 0
    tried: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    by_mode: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        counted = {"requests": self.requests, "operations": len(self.tried), "by_mode": dict(self.by_mode)}
        return counted | {"never_carried_out": sorted(self.tried - self.done)} | super().figures()

    def note(self, operation: str, answer: Answered) -> None:
        role, what, status, seconds, body, kind = answer
        self.requests += 1
        self.by_role[role] += 1
        if status < 300:
            self.done.add(operation)
        self.took(f"{role} {what}", status, seconds, repr(body[:300]))
        if status >= 400 and kind != "application/problem+json":
            self.fault("no problem document", f"{role} {what}: {status} as {kind}")
        if b"Traceback" in body or b"/tracing/" in body:
            self.fault("tells of the inside", f"{role} {what} tells how it is built: {body[:300]!r}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the document, with ids that are there and a request that makes sense."""

    of: Any
    things: Mapping[str, str]
    right: Mapping[str, Any]


@contextmanager
def a_service(
    folder: Path, only: Sequence[str], program: Sequence[str] = TRACING, **said: str
) -> Iterator[tuple[Service, Server, dict[Role, str], list[Operation]]]:
    """A real server over a small house: a key of every role, and what is there for each operation."""
    with a_house(folder) as house:
        things = Things(house)
        document = create_app(house.services).openapi()
        found = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]
        made = [(each, things.of(each.label)) for each in found if not only or each.path in only]
        operations = [Operation(each, ids, things.request(each.label, ids)) for each, ids in made]
        keys = {role: house.services.accounts.new_api_key(SYSTEM, name) for role, name in ACCOUNTS.items()}
    service = Service(folder, program, **({"encoder_processes": "1", "answer_seconds": "2"} | OPEN | said))
    with service.server() as server:
        yield service, server, keys, operations


def attack(
    folder: Path, number: int, each: int = EXAMPLES, only: Sequence[str] = (), program: Sequence[str] = TRACING, **said: str
) -> Outcome:
    """Everything that the document describes, in the order it stands there; ``number`` is the seed.

    Of these paths ``only``, where some are named, and to another ``program`` than the service itself.
    """
    outcome, started = Outcome(), time.monotonic()
    with a_service(folder, only, program, **said) as (service, server, keys, operations), ExitStack() as stack:
        held = stack.enter_context(watched(server.process.pid))
        clients = {role: stack.enter_context(server.client(key)) for role, key in keys.items()}
        callers = Callers(clients, stack.enter_context(ThreadPoolExecutor(len(clients))), outcome)
        for operation in operations:
            callers.try_odd(operation, number)
            callers.try_right(operation)
            callers.try_made_up(operation, number, each)
        _settled(clients[Role.MANAGER], outcome)
        if server.process.poll() is not None:
            outcome.faults.append("the server is gone")
    outcome.faults += [f"tracing check: {each}" for each in service.findings()]
    outcome.held(held)
    outcome.seconds = time.monotonic() - started
    return outcome


@dataclass(frozen=True, slots=True)
class Callers:
    """A program of every role, who send the same at the same time."""

    clients: Mapping[Role, httpx2.Client]
    threads: ThreadPoolExecutor
    outcome: Outcome

    def try_odd(self, operation: Operation, number: int) -> None:
        """As it makes sense, but for one thing."""
        cases: list[Any] = []

        @seed(number)
        @settings(max_examples=ODD_BASES, **ONCE)
        @given(case=operation.of.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def collect(case: Any) -> None:
            cases.append(case)

        collect()
        case = max(cases, key=lambda each: len(str(each.body)) + len(each.query or {}))
        case.path_parameters = _of_things(operation, case)
        case.body = operation.right.get("json", case.body)
        for odd in oddities.addresses(case.query or {}):
            self._send(operation, _wire(case, query=odd), ODD)
        for odd in oddities.addresses(case.path_parameters or {}):
            self._send(operation, _wire(case, path_parameters={name: each or "." for name, each in odd.items()}), ODD)
        wire = _wire(case)
        if isinstance(case.body, dict | list) and "json" in wire.headers.get("Content-Type", ""):
            for odd in oddities.bodies(case.body):
                wire.prepare_body(json.dumps(odd).encode(), None)
                self._send(operation, wire, ODD)

    def try_right(self, operation: Operation) -> None:
        """Nothing is wrong with it: some role can carry it out."""
        path = operation.of.path
        for name, value in operation.things.items():
            path = path.replace("{" + name + "}", value)
        told = {"data" if name == "content" else name: value for name, value in operation.right.items()}
        wire = requests.Request(operation.of.method.upper(), f"http://127.0.0.1{path}", **told).prepare()
        self._send(operation, wire, RIGHT)

    def try_made_up(self, operation: Operation, number: int, each: int) -> None:
        """As the document has it, and as it has it not."""
        for mode in GenerationMode:
            if mode is GenerationMode.POSITIVE or operation.of.body or operation.of.query:
                self._try_made_up(operation, mode, number, each)

    def _try_made_up(self, operation: Operation, mode: GenerationMode, number: int, each: int) -> None:
        @seed(number)
        @settings(max_examples=each, **ONCE)
        @given(case=operation.of.as_strategy(generation_mode=mode), real=st.sampled_from((True, True, False)))
        def call(case: Any, real: bool) -> None:
            if real:
                case.path_parameters = _of_things(operation, case)
            self._send(operation, _wire(case), mode.value)

        call()

    def _send(self, operation: Operation, wire: requests.PreparedRequest, mode: str) -> None:
        label = operation.of.label
        self.outcome.tried.add(label)
        for answer in list(self.threads.map(lambda role: _sent(role, self.clients[role], wire), self.clients)):
            self.outcome.note(label, answer)
            self.outcome.by_mode[mode] += 1


def _of_things(operation: Operation, case: Any) -> dict[str, Any]:
    """Those that are there, so that requests get further than to "no such thing"."""
    return {name: operation.things.get(name, value) for name, value in (case.path_parameters or {}).items()}


def _wire(case: Any, **other: Any) -> requests.PreparedRequest:
    """The request with the case as it is, but for what is ``other``; the key is the client's own."""
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    as_it_is = {name: getattr(case, name) for name in other}
    for name, value in other.items():
        setattr(case, name, value)
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://127.0.0.1")).prepare()
    for name, value in as_it_is.items():
        setattr(case, name, value)
    return wire


def _sent(role: Role, client: httpx2.Client, wire: requests.PreparedRequest) -> Answered:
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
