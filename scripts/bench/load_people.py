"""The people of the load test, for `locust`: what each role does in a day, with pauses as people make them.

Loaded by ``tracing bench load`` alone, in a process of its own. Addresses are named by their route: figures are by route.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from random import Random
from typing import Any

from locust import HttpUser, between, constant_pacing, task

WHO: dict[str, Any] = json.loads(Path(os.environ["TRACING_LOAD_PEOPLE"]).read_text("utf-8"))
"""``password``, ``keys`` by role, ``names`` by role, ``missing``: ids of cases."""
PHOTOS = sorted(Path(os.environ["TRACING_LOAD_PHOTOS"]).rglob("*.jpg"))
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
FORM = re.compile(r'name="form_id" value="([^"]+)"')
PAIR = re.compile(r'action="/pairs/([0-9a-f]{32})/claim"')
CASE = re.compile(r"/cases/([0-9a-f]{32})")
IMAGE = re.compile(r'src="(/photos/[^"]+)"')
chance = Random()  # noqa: S311 - pauses and choices of people
WORDS = ("富阳 木匠", "阜阳 老王", "Fuyang carpenter", "左耳 疤", "scar left ear", "刘国强")


def first(pattern: re.Pattern[str], page: str) -> str:
    """What the page gives for the next form; a page without it is an error of the load test or of the service."""
    if (found := pattern.search(page)) is None:
        raise ValueError(f"{pattern.pattern} is not on the page")
    return found[1]


class Person(HttpUser):
    """Somebody before the pages."""

    abstract = True
    wait_time = between(1, 5)
    role = ""

    def on_start(self) -> None:
        name = chance.choice(WHO["names"][self.role])
        page = self.client.get("/login").text
        self.client.post("/login", {"csrf": first(TOKEN, page), "name": name, "password": WHO["password"], "next": "/"})

    def see(self, path: str, route: str) -> str:
        """The page, and the first pictures on it, as a browser asks for them."""
        page = self.client.get(path, name=route).text
        for picture in list(dict.fromkeys(IMAGE.findall(page)))[:4]:
            self.client.get(picture.replace("&amp;", "&"), name="/photos/{photo_id}/image")
        return str(page)


class Intake(Person):
    role = "intake"
    weight = 3

    @task(3)
    def take_somebody_in(self) -> None:
        page = self.see("/cases/new?kind=sheltered", "/cases/new")
        photo = chance.choice(PHOTOS)
        fields = {
            "csrf": first(TOKEN, page),
            "form_id": first(FORM, page),
            "kind": "sheltered",
            "legal_basis": "statutory_duty",
            "names": f"load {chance.randrange(10**6)}",
            "accent": "阜阳话",
        }
        files = {"photos": (photo.name, photo.read_bytes(), "image/jpeg")}
        with self.client.post("/cases/new", fields, files=files, name="/cases/new", catch_response=True) as answer:
            found = CASE.search(answer.url)
            if found is None:
                answer.failure(f"{answer.status_code} at {answer.url}")
                return
        self.see(f"/cases/{found[1]}", "/cases/{case_id}")

    @task(3)
    def look_somebody_up(self) -> None:
        page = self.see("/cases", "/cases")
        if known := CASE.findall(page):
            self.see(f"/cases/{chance.choice(known)}", "/cases/{case_id}")

    @task(1)
    def ask_by_words(self) -> None:
        page = self.see("/enquiry", "/enquiry")
        self.client.post("/enquiry", {"csrf": first(TOKEN, page), "words": chance.choice(WORDS)})

    @task(2)
    def first_page(self) -> None:
        self.see("/", "/")


class Reviewer(Person):
    role = "reviewer"
    weight = 3

    @task(3)
    def judge(self) -> None:
        page = self.see("/review", "/review")
        if not (waiting := PAIR.findall(page)):
            return
        pair_id, token = chance.choice(waiting), first(TOKEN, page)
        answer = self.send(f"/pairs/{pair_id}/claim", "/pairs/{pair_id}/claim", {"csrf": token})
        if answer:
            time.sleep(chance.uniform(1, 5))  # looks at the faces
            judged = {"csrf": first(TOKEN, answer), "judgement": "cannot_tell", "confidence": "3", "reason": "a load test"}
            self.send(f"/pairs/{pair_id}/decisions", "/pairs/{pair_id}/decisions", judged)

    def send(self, path: str, route: str, fields: dict[str, str]) -> str:
        """The page that follows; empty where somebody else was faster, which is no error."""
        with self.client.post(path, fields, name=route, catch_response=True) as answer:
            if answer.status_code in (403, 409):
                answer.success()
                return ""
            return str(answer.text)

    @task(1)
    def first_page(self) -> None:
        self.see("/", "/")


class Manager(Person):
    role = "manager"
    weight = 1

    @task
    def look_around(self) -> None:
        for path in ("/", "/tasks", "/coverage", "/cases?kind=missing", "/figures"):
            self.see(path, path.partition("?")[0])


class Program(HttpUser):
    """Another system of the house, by API key."""

    weight = 2
    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {WHO['keys']['service']}"

    @task(2)
    def send_an_intake(self) -> None:
        photo = chance.choice(PHOTOS)
        case = json.dumps({"kind": "sheltered", "legal_basis": "statutory_duty", "names": ["load"]})
        parts = {"case": (None, case, "application/json"), "photo": (photo.name, photo.read_bytes(), "image/jpeg")}
        answer = self.client.post("/api/v1/intakes", files=parts)
        if answer.ok:
            case_id = answer.json()["case"]["case_id"]
            self.client.get(f"/api/v1/cases/{case_id}", name="/api/v1/cases/{case_id}")

    @task(4)
    def read(self) -> None:
        case_id = chance.choice(WHO["missing"])
        self.client.get(f"/api/v1/cases/{case_id}", name="/api/v1/cases/{case_id}")
        self.client.get(f"/api/v1/cases/{case_id}/photos", name="/api/v1/cases/{case_id}/photos")
        self.client.get("/api/v1/cases?limit=50", name="/api/v1/cases")

    @task(1)
    def statistics(self) -> None:
        self.client.get("/api/v1/statistics")


class Prometheus(HttpUser):
    fixed_count = 1
    wait_time = constant_pacing(15)

    def on_start(self) -> None:
        self.client.headers["Authorization"] = f"Bearer {WHO['keys']['auditor']}"

    @task
    def scrape(self) -> None:
        self.client.get("/metrics")
        self.client.get("/health/ready")
