"""No template leaves by any door (L4): answers of the API, pages, pages for everybody, feeds, and what commands print."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient
from typer.testing import CliRunner

from scripts import opening
from scripts.main import app as commands
from tests.api.conftest import HERE
from tests.api.public.conftest import public_app, reader, readers
from tests.api.staff.conftest import PASSWORD, Browser
from tests.erasures.answers import PARAMETER, SKIPPED
from tests.erasures.run import ids_of
from tests.fakes import painted_photo
from tests.house import House
from tests.noticing import a_notice, told_of
from tests.partners.stories import AGREED, repository
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Case, CaseKind, Vector

__all__ = ["public_app", "reader", "readers"]
"""Their fixtures of the pages for everybody."""
ENOUGH: Final = 3
"""Numbers of one template in one answer that are no chance."""
REPORTS: Final = (
    *("cases list --json", "cases show {reference} --json", "cases show {reference}", "cases export {reference} --to {to}"),
    *("search {photo} --case {reference} --json", "search {photo} --case {reference}", "coverage --json", "tasks --json"),
    *(
        "check --json",
        "suppressions list --json",
        "reindex status --json",
        "report --month 2026-02",
        "report recognition --json",
    ),
    *("report reviewers --json", "pfif list --json", "pfif export --to {to}", "audit verify --json", "audit replay {decision}"),
    *("audit replay {decision} --json", "clocks show {reference} --json", "imports --json"),
)


class Story:
    """Two people who are shared, published, paired and judged, and one who was erased and is kept out."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.case, self.other = told_of(house), told_of(house, kind=CaseKind.MISSING)
        gone = house.missing(70)
        self.vectors = [vector for each in (self.case, self.other, gone) for vector in self._of(each)]
        house.services.retention.erase_case(house.manager, gone.case_id, suppress=True)
        house.services.case_sharing.share(house.manager, self.case.case_id, AGREED)
        self.notice = a_notice(house, self.case)
        house.judge(house.reviewer, house.pair(self.case, self.other))
        with house.services.store.reading() as records:
            (decision,) = records.pairs.decisions(house.pair(self.case, self.other).pair_id)
        self.decision_id = decision.decision_id

    def _of(self, case: Case) -> list[Vector]:
        with self.house.services.store.reading() as records:
            return [each.vector for each in records.faces.templates(case.case_id, DEFAULT_ENCODER)]


@pytest.fixture
def story(house: House) -> Story:
    return Story(house)


def told(data: bytes, vectors: list[Vector]) -> bool:
    """Whether a template stands in these bytes: as it is, in hexadecimal or Base64, or as numbers."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"\n".join(archive.read(name) for name in archive.namelist())
    for vector in vectors:
        raw = vector.tobytes()
        pieces = (raw[:24], raw[:24].hex().encode(), base64.b64encode(raw[:24]), repr(raw[:24])[2:-1].encode())
        numbers = {f"{abs(number):.4f}"[1:].encode() for number in vector.tolist()[:24]}
        if any(each in data for each in pieces) or sum(each in data for each in numbers) >= ENOUGH:
            return True
    return False


def answers(app: FastAPI, house: House, ids: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """(who and where, body) of every route that is read."""
    paths = sorted({str(route.path) for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())})
    repository(house)
    for name in ("sun", "qian", "repository"):
        key = house.services.accounts.new_api_key(SYSTEM, name)
        clients = {True: TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {key}"})}
        if name == "sun":
            house.services.accounts.set_password(SYSTEM, name, PASSWORD)
            clients[False] = Browser(app).sign_in(name).client
        for path in paths:
            client = clients.get(path.startswith("/api/"))
            if client is not None and not path.startswith(SKIPPED):
                asked = PARAMETER.sub(lambda found: ids.get(found[1], "0" * 32), path)
                answer = client.get(asked, follow_redirects=False)
                if answer.status_code == 200:
                    yield f"{name} {path}", answer.content
        for client in clients.values():
            client.close()


@pytest.mark.long
def test_l4_no_answer_of_any_route_holds_a_template(app: FastAPI, story: Story) -> None:
    ids, looked = ids_of(story.house.services, story.case.case_id), 0
    found = []
    for where, body in answers(app, story.house, ids | {"token": story.house.services.feeds.make(story.house.manager)}):
        looked += 1
        found += [where] if told(body, story.vectors) else []
    assert found == []
    assert looked > 100


def test_l4_no_page_for_everybody_and_no_export_holds_a_template(story: Story, reader: TestClient) -> None:
    export = story.house.services.dossiers.export(story.house.manager, story.case.case_id)
    addresses = ["/", "/feed.atom", *(f"/n/{story.notice.token}{part}" for part in ("", "/photo.jpg", "/share.png"))]
    bodies = [answer.content for address in addresses if (answer := reader.get(address)).status_code == 200]
    assert len(bodies) == len(addresses)
    assert not any(told(body, story.vectors) for body in (export, *bodies))


def test_l4_no_command_prints_or_writes_a_template(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "build", lambda *_, **__: story.house.services)
    monkeypatch.setattr(type(story.house.services), "close", lambda _: None)
    monkeypatch.setattr(opening.logs, "set_up", lambda _: None)
    monkeypatch.setenv("TRACING_DATA_DIR", str(story.house.services.settings.data_dir))
    (tmp_path / "photo.png").write_bytes(painted_photo(1, shot=5))
    for number, report in enumerate(REPORTS):
        written = tmp_path / f"written-{number}"
        said = {"reference": story.case.reference, "decision": story.decision_id, "to": str(written)}
        words = [word.format(photo=tmp_path / "photo.png", **said) for word in report.split()]
        result = CliRunner().invoke(commands, words)
        assert result.exit_code == 0, f"{report}: {result.output} {result.exception!r}"
        assert not told(result.stdout.encode(), story.vectors), report
        assert not (written.exists() and told(written.read_bytes(), story.vectors)), report


def test_a_template_is_found_however_it_is_written(story: Story) -> None:
    vector = story.vectors[0]
    for written in (
        vector.tobytes(),
        vector.tobytes().hex().encode(),
        base64.b64encode(vector.tobytes()),
        json.dumps(vector.tolist()).encode(),
        ",".join(f"{number:.5f}" for number in vector.tolist()).encode(),
    ):
        assert told(b"before " + written + b" after", story.vectors)
    assert not told(json.dumps([0.25, 0.5, 1 / 3]).encode(), story.vectors)
