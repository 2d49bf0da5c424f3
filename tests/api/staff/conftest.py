"""Browsers in which somebody of the house is signed in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.security import SESSION_COOKIE, FormTokens
from tests.house import House
from tracing.access import SYSTEM

HERE = "http://127.0.0.1"
PASSWORD = "long enough for this"
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Browser:
    """A browser without JavaScript: it shows pages, follows redirects, and sends the forms that were on the last page."""

    def __init__(self, app: FastAPI, language: str = "en") -> None:
        self.client = TestClient(app, base_url=HERE, headers={"Accept-Language": language})
        self.client.headers["Accept"] = "text/html"
        self.tokens: FormTokens = app.state.form_tokens
        self.token = ""

    def see(self, path: str, status: int = 200) -> str:
        """The page's source; asserts its status."""
        return self._shown(self.client.get(path), status)

    def send(self, path: str, status: int = 200, files: Any = None, **fields: str) -> str:
        """Send a form of the page seen last; the source of the page that follows."""
        return self._shown(self.client.post(path, data={"csrf": self.token} | fields, files=files), status)

    def _shown(self, answer: httpx2.Response, status: int) -> str:
        assert answer.status_code == status, answer.text
        self.url = str(answer.url).removeprefix(HERE)
        if (token := TOKEN.search(answer.text)) is not None:
            self.token = token[1]
        return answer.text

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        self.see("/login")
        self.send("/login", name=name, password=password)
        return self

    def enter(self, name: str) -> None:
        """Sign in and stay at the door: the first page, which a test seldom wants, is not shown."""
        self.see("/login")
        fields = {"csrf": self.token, "name": name, "password": PASSWORD}
        answer = self.client.post("/login", data=fields, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        self.token = self.tokens.issue(self.client.cookies[SESSION_COOKIE])


@pytest.fixture
def browsers(app: FastAPI, house: House) -> Iterator[Callable[..., Browser]]:
    """``browsers("lin")`` is a browser in which that account of the house is signed in; ``browsers()`` one of a stranger."""
    made: list[Browser] = []

    def browser(name: str | None = None, language: str = "en") -> Browser:
        made.append(Browser(app, language))
        if name is not None:
            house.services.accounts.set_password(SYSTEM, name, PASSWORD)
            made[-1].enter(name)
        return made[-1]

    yield browser
    for each in made:
        each.client.close()


@pytest.fixture
def lin(browsers: Callable[..., Browser]) -> Browser:
    """Takes in."""
    return browsers("lin")


@pytest.fixture
def chen(browsers: Callable[..., Browser]) -> Browser:
    """Reviews."""
    return browsers("chen")


@pytest.fixture
def zhao(browsers: Callable[..., Browser]) -> Browser:
    """Reviews, too."""
    return browsers("zhao")


@pytest.fixture
def sun(browsers: Callable[..., Browser]) -> Browser:
    """Manages."""
    return browsers("sun")


def text_of(source: str) -> str:
    """What a person reads of a page, in one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))
