"""The pages for everybody over a house, as a process of their own opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.public.app import create_app
from tests.house import House
from tracing.bootstrap import public_of

HERE = "http://127.0.0.1"


@pytest.fixture
def public_app(house: House) -> Iterator[FastAPI]:
    services = public_of(house.services.settings, house.clock)
    yield create_app(services)
    services.close()


@pytest.fixture
def readers(public_app: FastAPI) -> Iterator[Callable[..., TestClient]]:
    """``readers()`` is somebody with a browser, whose language and address may be said."""
    made: list[TestClient] = []

    def reader(language: str = "en", address: str = "203.0.113.9") -> TestClient:
        made.append(TestClient(public_app, base_url=HERE, headers={"Accept-Language": language}, client=(address, 4000)))
        return made[-1]

    yield reader
    for each in made:
        each.close()


@pytest.fixture
def reader(readers: Callable[..., TestClient]) -> TestClient:
    return readers()
