"""What people may type: every form of every page filled with texts that are meant for somebody else, on a real server."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.api.test_routes import ACCOUNTS, PAGES, filled, step_of
from tests.fakes import painted_photo
from tests.hostile.limits import watched
from tests.hostile.met import Met
from tests.hostile.photos import TURNS
from tests.hostile.programs import OPEN
from tests.hostile.texts import MARK, PRODUCT, TEXTS
from tests.hostile.things import Things
from tests.house import a_house
from tests.server import TRACING, Service
from tracing.access import SYSTEM
from tracing.domain import Role

EACH: Final = 2
"""Times that each form of each role is sent."""
PASSWORD: Final = "long enough for this"
Fields = list[tuple[str, str]]


@dataclass
class Form:
    """One of a page, as a browser would send it untouched. ``free`` are the fields that somebody may type into or choose."""

    action: str
    fields: Fields = field(default_factory=list)
    free: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The same form of another case has the same one."""
        words = ["*" if len(part) == 32 else part for part in urlsplit(self.action).path.split("/")]
        return "/".join(words) + " " + ",".join(sorted(self.free))


class Page(HTMLParser):
    """The forms that send something, and what of the page nobody of ours has written."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.foreign: list[str] = []
        self._form: Form | None = None
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == MARK or any(name.startswith("on") for name in said) or said.get("href", "").startswith("javascript:"):
            self.foreign.append(self.get_starttag_text() or tag)
        if tag == "form":
            self._form = Form(said.get("action", "")) if said.get("method", "").lower() == "post" else None
            if self._form is not None:
                self.forms.append(self._form)
        elif self._form is not None and (name := said.get("name")) and tag in ("input", "textarea", "select", "button"):
            self._take(self._form, tag, name, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    @staticmethod
    def _take(form: Form, tag: str, name: str, said: dict[str, str]) -> None:
        if said.get("type") == "file":
            form.files.add(name)
            return
        form.fields.append((name, said.get("value", "")))
        if said.get("type") != "hidden" and tag != "button":
            form.free.add(name)


@dataclass
class Outcome(Met):
    sent: int = 0
    seen: int = 0
    forms: set[str] = field(default_factory=set)

    def figures(self) -> dict[str, Any]:
        counted = {"forms_sent": self.sent, "pages_seen": self.seen, "different_forms": len(self.forms)}
        return counted | super().figures()


class Visitor:
    """A browser of one person, who is signed in again whenever a form has ended the session."""

    def __init__(self, client: httpx2.Client, role: Role, outcome: Outcome) -> None:
        self._client = client
        self._role = role
        self._outcome = outcome

    def sign_in(self) -> None:
        self._client.cookies.clear()
        (form,) = [each for each in self._shown("GET", "/login").forms if each.action == "/login"]
        fields = [*((name, value) for name, value in form.fields if name not in form.free)]
        self._shown("POST", "/login", [*fields, ("name", ACCOUNTS[self._role]), ("password", PASSWORD)])

    def see(self, path: str) -> Page:
        page = self._shown("GET", path)
        if self._client.cookies.get("session") is None and any(form.action == "/login" for form in page.forms):
            self.sign_in()
            page = self._shown("GET", path)
        self._outcome.seen += 1
        return page

    def send(self, form: Form, fields: Fields, photo: bytes | None) -> Page:
        self._outcome.sent += 1
        self._outcome.by_role[self._role] += 1
        self._outcome.forms.add(form.name)
        files = [(name, ("x.png", photo, "image/png")) for name in form.files] if photo is not None else []
        return self._shown("POST", form.action, fields, files)

    def _shown(self, method: str, path: str, fields: Fields = [], files: Sequence[Any] = ()) -> Page:  # noqa: B006 - only read
        what = f"{self._role} {method} {path[:80]}"
        for _ in range(TURNS):
            started = time.monotonic()
            answer = self._answered(method, path, fields, files)
            if answer.status_code != 503 or "Retry-After" not in answer.headers:
                break
            time.sleep(float(answer.headers["Retry-After"]))  # it has too much to do, and says when to come again
        self._judge(what, answer, time.monotonic() - started, fields)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        page = Page(answer.text if is_page else "")
        for each in page.foreign:
            self._outcome.fault("markup", f"{what} lets through: {each[:200]}")
        return page

    def _answered(self, method: str, path: str, fields: Fields, files: Sequence[Any]) -> httpx2.Response:
        if files:
            parts = [(name, (None, value.encode("utf-8", "surrogatepass"))) for name, value in fields]
            return self._client.request(method, path, files=[*parts, *files], follow_redirects=True)
        body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        return self._client.request(method, path, content=body, headers=kind, follow_redirects=True)

    def _judge(self, what: str, answer: httpx2.Response, seconds: float, fields: Fields) -> None:
        outcome = self._outcome
        outcome.took(what, answer.status_code, seconds, f"to {fields!r:.600}")
        if PRODUCT in answer.text:
            outcome.fault("template", f"{what} works out what was typed")
        if "x" in answer.cookies or "Traceback (most recent" in answer.text:
            outcome.fault("tells of the inside", f"{what} says what it should not")


def _quoted(text: str) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass"))


def typed(form: Form) -> st.SearchStrategy[Fields]:
    """The form as somebody sends it who means harm: fields filled with anything, left out, sent twice, or made up."""
    anything = st.one_of(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.text(max_size=60))

    def of(name: str, value: str) -> st.SearchStrategy[Fields]:
        as_it_is = st.just([(name, value)])
        if name not in form.free:
            return as_it_is if name == "csrf" else st.one_of(as_it_is, as_it_is, anything.map(lambda text: [(name, text)]))
        twice = st.tuples(anything, anything).map(lambda texts: [(name, text) for text in texts])
        return st.one_of(as_it_is, anything.map(lambda text: [(name, text)]), st.just([]), twice)

    made_up = st.lists(st.tuples(st.one_of(st.text(max_size=9), st.sampled_from(TEXTS)), anything), max_size=2)
    return st.tuples(*(of(name, value) for name, value in form.fields), made_up).map(
        lambda parts: list(chain.from_iterable(parts))
    )


def attack(folder: Path, number: int, each: int = EACH, only: Sequence[str] = (), program: Sequence[str] = TRACING) -> Outcome:
    """Every form that a role is shown, so many times; afterwards every page again, with what was kept in it.

    Of these addresses ``only``, where some are named, and of another ``program`` than the service itself.
    """
    outcome, started = Outcome(), time.monotonic()
    with a_house(folder) as house:
        things = Things(house).of("")
        for name in (each for role, each in ACCOUNTS.items() if role is not Role.PARTNER):  # a program, with a key alone
            house.services.accounts.set_password(SYSTEM, name, PASSWORD)
    paths = [filled(row.path, things) for row in PAGES if row.method == "GET"]
    paths = [path.replace("{part}", "person") for path in paths]
    paths = [path for path in paths if "{" not in path and not path.endswith(".pdf")]
    paths = [path for path in paths if not only or path in only]
    service = Service(folder, program, **({"encoder_processes": "1", "answer_seconds": "2"} | OPEN))
    with service.server() as server, ExitStack() as stack:
        held = stack.enter_context(watched(server.process.pid))
        for role in (Role.INTAKE, Role.REVIEWER, Role.MANAGER):
            client = stack.enter_context(httpx2.Client(base_url=server.url, timeout=120, trust_env=False))
            visitor = Visitor(client, role, outcome)
            visitor.sign_in()
            for path in paths:
                for form in visitor.see(path).forms:
                    if form.action != "/logout" and (role is Role.INTAKE or form.name not in outcome.forms):
                        _fill(visitor, path, form, number, each)
            for form in written_down(things):
                if only and form.action not in only:
                    continue
                _fill(visitor, "/", form, number, each)
            for path in paths:
                visitor.see(path)
    outcome.faults += [f"tracing check: {fault}" for fault in service.findings() if fault["fault"] != "case_unsearched"]
    outcome.held(held)
    outcome.seconds = time.monotonic() - started
    return outcome


def written_down(things: Mapping[str, str]) -> list[Form]:
    """The form of every route that takes one, whether a page shows it now or not, as the matrix of routes has it."""
    forms = []
    for row in PAGES:
        if row.method == "POST" and row.path != "/logout":
            said = (row.request or {}).get("data", {})
            path = filled(row.path, dict(things)).replace("{step}", step_of(row.path)).replace("{part}", "person")
            fields = [(name, str(value)) for name, value in said.items()]
            forms.append(Form(path, [("csrf", ""), *fields], {*said}, {"photos"} if "photos" in path else set()))
    return forms


def _fill(visitor: Visitor, path: str, form: Form, number: int, each: int) -> None:
    @seed(number)
    @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(fields=typed(form), with_photo=st.booleans())
    def send(fields: Fields, with_photo: bool) -> None:
        current = visitor.see(path).forms  # with the token of now
        tokens = [token for now in current if (token := dict(now.fields).get("csrf"))] or [""]
        fields = [(name, tokens[0] if name == "csrf" else value) for name, value in fields]
        visitor.send(form, fields, painted_photo(3) if with_photo else None)

    send()
