"""`tracing trial`: the whole service over HTTP, on a folder of labelled photos."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from scripts.language import word
from scripts.output import AsJson, print_json, print_table, progress_bar, say
from scripts.photo_files import people_in, photo_bytes
from tracing.errors import Invalid, TracingError

START_SECONDS = 60


@dataclass
class Outcome:
    """One person: what became of the missing report's photo and of the intake's, and the rank of the report in the list."""

    person: str
    missing: str
    intake: str
    rank: int | None = None
    chosen: int = 0
    """Photos with several faces, in which the most central one was picked, as a person would."""


@dataclass
class Trial:
    outcomes: list[Outcome] = field(default_factory=list)

    def share(self, places: int) -> float:
        """Of all intakes: the person is among the first ``places`` candidates. Failures to enrol count as misses."""
        return sum(each.rank is not None and each.rank <= places for each in self.outcomes) / len(self.outcomes)

    def failures(self) -> Counter[str]:
        """Failures to enrol by photo and reason."""
        return Counter(
            f"{which}: {reason}"
            for each in self.outcomes
            for which, reason in (("missing", each.missing), ("intake", each.intake))
            if reason != "enrolled"
        )

    def summary(self) -> dict[str, Any]:
        return {
            "intakes": len(self.outcomes),
            "rank_1": self.share(1),
            "rank_10": self.share(10),
            "failures_to_enrol": dict(self.failures()),
            "photos_with_a_chosen_face": sum(each.chosen for each in self.outcomes),
            "missed": [each.person for each in self.outcomes if each.rank is None or each.rank > 10],
        }


def trial(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="One folder per person, two photos or more in each.")
    ],
    url: Annotated[
        str, typer.Option(help="A service that runs already; needs --api-key. Default: one of its own, emptied after.")
    ] = "",
    api_key: Annotated[str, typer.Option(envvar="TRACING_TRIAL_API_KEY", help="Key of an account with the role service.")] = "",
    as_json: AsJson = False,
) -> None:
    """Open each person's first photo as a missing case, send the second as an intake, and print at which rank they meet."""
    people = _people(folder)
    if url and not api_key:
        raise Invalid("A running service needs --api-key.", "api_key")
    if url:
        result = _run(url, api_key, people)
    else:
        with _own_service() as (own_url, own_key):
            result = _run(own_url, own_key, people)
    if as_json:
        print_json(result.summary() | {"outcomes": [vars(each) for each in result.outcomes]})
        return
    summary = result.summary()
    say(f"{summary['intakes']} intakes, each against {len(people)} missing cases")
    say(f"person is first in the list:        {summary['rank_1']:.1%}")
    say(f"person is among the first ten:      {summary['rank_10']:.1%}")
    say(f"photos in which a face was picked:  {summary['photos_with_a_chosen_face']}")
    print_table(["failure to enrol (counts as a miss)", "photos"], list(summary["failures_to_enrol"].items()))
    print_table(["missed", "missing photo", "intake photo", "rank"], [
        (each.person, each.missing, each.intake, each.rank) for each in result.outcomes if each.rank is None or each.rank > 10
    ])  # fmt: skip


def _people(folder: Path) -> list[tuple[str, Path, Path]]:
    people = [(name, photos[0], photos[1]) for name, photos in people_in(folder).items() if len(photos) >= 2]
    if not people:
        raise Invalid(f"{folder} holds no folder with two photos.", "folder")
    return people


def _run(url: str, api_key: str, people: Sequence[tuple[str, Path, Path]]) -> Trial:
    result = Trial()
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx2.Client(base_url=url, headers=headers, timeout=180, trust_env=False) as client, progress_bar() as bar:
        cases: dict[str, str] = {}
        for person, first, _ in bar.track(people, description=word("Missing cases")):
            outcome = Outcome(person, "", "")
            cases[person], outcome.missing = _open(client, "missing", first, outcome)
            result.outcomes.append(outcome)
        for outcome, (person, _, other) in zip(result.outcomes, bar.track(people, description=word("Intakes")), strict=True):
            case_id, outcome.intake = _open(client, "sheltered", other, outcome)
            outcome.rank = _rank(client, case_id, cases[person])
    return result


def _open(client: httpx2.Client, kind: str, photo: Path, outcome: Outcome) -> tuple[str, str]:
    """Open a case with one photo; its id, and what became of the photo."""
    answer = client.post("/api/v1/intakes", files={
        "case": (None, json.dumps({"kind": kind, "legal_basis": "statutory_duty"}), "application/json"),
        "photo": (photo.name, photo_bytes(photo), "application/octet-stream"),
    })  # fmt: skip
    body = _checked(answer)
    seen = _settled(client, body["photos"][0])
    if seen["analysis"] == "choose_face":
        outcome.chosen += 1
        face = min(seen["faces"], key=lambda each: _off_centre(each["box"], seen))
        seen = _checked(client.patch(f"/api/v1/faces/{face['face_id']}", json={"of_interest": True}))
    return body["case"]["case_id"], seen.get("problem") or seen["analysis"]


def _settled(client: httpx2.Client, photo: dict[str, Any]) -> dict[str, Any]:
    """A photo answered with 202 is asked for until its analysis is there."""
    while photo["analysis"] == "pending":
        time.sleep(0.5)
        photo = _checked(client.get(f"/api/v1/photos/{photo['photo_id']}"))
    return photo


def _off_centre(box: dict[str, int], photo: dict[str, Any]) -> float:
    across: float = (box["left"] + box["right"]) / 2 - photo["width"] / 2
    down: float = (box["top"] + box["bottom"]) / 2 - photo["height"] / 2
    return across * across + down * down


def _rank(client: httpx2.Client, case_id: str, wanted: str) -> int | None:
    answer = client.get(f"/api/v1/cases/{case_id}/candidates", params={"relation": "trace", "limit": 100})
    found = [each["rank"] for each in _checked(answer)["candidates"] if each["case"]["case_id"] == wanted]
    return found[0] if found else None


def _checked(answer: httpx2.Response) -> dict[str, Any]:
    if answer.is_error:
        raise TracingError(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text[:300]}"
        )
    body: dict[str, Any] = answer.json()
    return body


@contextmanager
def _own_service() -> Iterator[tuple[str, str]]:
    """A server process over an empty, temporary data folder; its address and an API key."""
    with tempfile.TemporaryDirectory(prefix="tracing-trial-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_DATABASE")}
        environment["TRACING_DATA_DIR"] = folder
        environment["TRACING_KEY_REQUESTS_PER_MINUTE"] = "0"
        made = subprocess.run(
            [sys.executable, "-m", "scripts", "users", "add", "trial", "--role", "service", "--api-key", "--json"],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        key = json.loads(made.stdout)["api_key"]
        with serving(environment) as (url, _):
            yield url, key


@contextmanager
def serving(environment: Mapping[str, str], seconds: float = START_SECONDS) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server process with these settings on a free port of loopback, once it is ready: its address, and the process."""
    port = free_port()
    command = [sys.executable, "-m", "scripts", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment)  # noqa: S603 - our own command
    try:
        await_ready(f"http://127.0.0.1:{port}", server, seconds)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(timeout=60)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def await_ready(url: str, server: subprocess.Popen[bytes], seconds: float = START_SECONDS) -> None:
    """Wait until the server answers that it is ready; ``TracingError`` where it ended, or is not there in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx2.get(f"{url}/health/ready", trust_env=False).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.2)
    raise TracingError("The server did not start; see its messages above.")
