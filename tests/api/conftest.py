"""The web over a whole service, and a program of every role that calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx2 import Response
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from api.app import create_app
from tests.fakes import painted_photo
from tests.house import House
from tracing import passwords
from tracing.access import SYSTEM

HERE = "http://127.0.0.1"
ROUTES: list[BaseRoute] = []
"""Of the first application, for the others too: FastAPI needs a quarter of a second to work them out for each."""


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real Argon2id at its least cost; what it costs for good, test_accounts.py holds."""
    monkeypatch.setattr(passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def app(house: House) -> Iterator[FastAPI]:
    """Without a lifespan, so without warming up the real models: a test decides itself what happens when."""
    made = create_app(house.services)
    made.router.routes[:] = ROUTES or made.router.routes
    ROUTES[:] = made.router.routes
    yield made
    made.state.analyses.close()


@pytest.fixture
def calls(app: FastAPI, house: House) -> Iterator[Callable[[str], TestClient]]:
    """``calls("lin")`` is a program with the API key of that account of the house."""
    clients: dict[str, TestClient] = {}

    def client(name: str) -> TestClient:
        if name not in clients:
            key = house.services.accounts.new_api_key(SYSTEM, name)
            clients[name] = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})
        return clients[name]

    yield client
    for each in clients.values():
        each.close()


@pytest.fixture
def intake(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("lin")


@pytest.fixture
def reviewer(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("chen")


@pytest.fixture
def second(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("zhao")


@pytest.fixture
def manager(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("sun")


@pytest.fixture
def auditor(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("qian")


@pytest.fixture
def partner(calls: Callable[[str], TestClient]) -> TestClient:
    return calls("partner")


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[TestClient]:
    """Somebody without a key."""
    client = TestClient(app, base_url=HERE)
    yield client
    client.close()


def open_case(client: TestClient, kind: str = "missing", **said: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/cases", json={"kind": kind} | said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def add_photo(client: TestClient, case_id: str, data: bytes | None = None, **fields: str) -> Any:
    """The whole answer."""
    file = ("photo.png", data if data is not None else painted_photo(), "image/png")
    return client.post(f"/api/v1/cases/{case_id}/photos", files={"photo": file}, data=fields)


def problem(answer: Response) -> tuple[int, str]:
    """The status of a refusal, and what kind of a problem its document names."""
    return answer.status_code, str(answer.json()["type"]).rsplit(":", 1)[-1]
