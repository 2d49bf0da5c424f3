"""`tracing pfif`: a case is shared, listed, written as a file, and ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from scripts.main import app
from tests.exchange.test_pfif import a_file, a_note, a_person
from tests.fakes import painted_photo
from tests.house import a_house
from tracing.domain import CaseKind
from tracing.errors import Invalid, WrongState
from tracing.exchange.pfif.reading import read
from tracing.partners.ending import ENDED

Run = Callable[..., Result]
DOMAIN = "shelter.example.org"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    with a_house(tmp_path / "var") as house:
        house.open(CaseKind.MISSING, names=("王建国",), age_min=60)
        house.open(CaseKind.MISSING, names=("child",), age_min=6)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TRACING_PFIF_DOMAIN", DOMAIN)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["pfif", *(str(word) for word in words)])


def test_a_case_is_shared_and_written_and_ended(run: Run, tmp_path: Path) -> None:
    said = run("share", "M-2026-00001", "--reason", "the daughter agreed")
    assert said.exit_code == 0, said.output
    (listed,) = json.loads(run("list", "--json").stdout)
    assert listed["record_id"] in " ".join(said.output.split())
    assert "M-2026-00001" in run("list").output
    assert run("export", "--to", "out.xml").exit_code == 0
    (person,) = read((tmp_path / "out.xml").read_bytes(), DOMAIN).persons
    assert (person.person_record_id, person.full_name) == (listed["record_id"], "王建国")
    assert run("export", "--to", "out.xml").exit_code == 1, "no file is written over"
    assert run("unshare", "M-2026-00001", "--reason", "asked for").exit_code == 0
    assert run("list", "--json").stdout.strip() == "[]"
    assert run("export", "--to", "later.xml").exit_code == 0
    (left,) = read((tmp_path / "later.xml").read_bytes(), DOMAIN).persons
    assert left.placeholder
    assert "unshare_case" in (tmp_path / "var" / "erased.jsonl").read_text()


def test_l3_a_child_is_not_shared(run: Run) -> None:
    said = run("share", "M-2026-00002", "--reason", "the father agreed")
    assert isinstance(said.exception, WrongState)
    assert "under 14" in str(said.exception)


def test_where_it_is_off_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACING_PFIF_DOMAIN")
    assert "TRACING_PFIF_DOMAIN" in str(run("share", "M-2026-00001", "--reason", "why").exception)
    assert "TRACING_PFIF_DOMAIN" in str(run("export", "--to", "out.xml").exception)


@pytest.mark.parametrize(
    "domain", ["Shelter.example.org", "https://shelter.example.org", "shelter", "a/b.org", "-a.org", "a..org"]
)
def test_a_domain_that_is_none_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, domain: str) -> None:
    monkeypatch.setenv("TRACING_PFIF_DOMAIN", domain)
    assert run("list").exit_code != 0


def test_a_partners_program_is_tied_to_a_domain_and_listed(run: Run) -> None:
    assert "role partner" in str(run("tie", "nobody", "--domain", "police.example.cn").exception)
    made = CliRunner().invoke(app, ["users", "add", "repository", "--role", "partner", "--api-key"])
    assert made.exit_code == 0, made.output
    assert run("tie", "repository", "--domain", "police.example.cn", "--deaths").exit_code == 0
    (listed,) = json.loads(run("partners", "--json").stdout)
    assert (listed["domain"], listed["deaths"], listed["legal_basis"]) == ("police.example.cn", True, "statutory_duty")
    assert "police.example" in run("partners").output


@pytest.fixture
def bring(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "people.xml").write_bytes(
        a_file(a_person(1, inner=a_note(1)), a_person(2, source_date="yesterday"), a_person(3, full_name="李梅"))
    )
    return lambda *words: CliRunner().invoke(app, ["import", *(str(word) for word in words)])


def test_a_pfif_file_is_known_by_its_content_and_comes_in_once(bring: Run, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "photos.zip", "w") as packed:
        packed.writestr("3.png", painted_photo(3))
        packed.writestr("1/face.png", painted_photo(1))
    said = bring("people.xml", "--source", "Police.example.cn", "--photos", "photos.zip")
    assert said.exit_code == 0, said.output
    told = " ".join(said.output.split())
    assert "4 records of police.example.cn: 3 written, 0 unchanged, 0 erased, 1 skipped; 2 new photos." in told
    assert "police.example.cn/2" in told
    again = json.loads(bring("people.xml", "--source", "police.example.cn", "--json").stdout)
    assert (again["written"], again["left"], len(again["skipped"])) == (0, 3, 1)


def test_l8_an_old_file_does_not_bring_back_whom_its_sender_has_ended(
    bring: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ended.xml").write_bytes(a_file(a_person(1, expiry_date="2026-03-02T00:00:00Z"), a_person(9)))
    bring("people.xml", "--source", "police.example.cn")
    assert json.loads(bring("ended.xml", "--source", "police.example.cn", "--json").stdout)["erased"] == 1
    again = json.loads(bring("people.xml", "--source", "police.example.cn", "--json").stdout)
    assert {"record_id": "police.example.cn/1", "error": ENDED} in again["skipped"]
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    assert "已终止" in bring("people.xml", "--source", "police.example.cn").output


def test_a_preview_of_a_pfif_file_changes_nothing(bring: Run) -> None:
    seen = bring("people.xml", "--source", "police.example.cn", "--preview")
    assert "2 people, 0 notes about others, 1 that cannot be taken; nothing was changed." in " ".join(seen.output.split())
    told = json.loads(bring("people.xml", "--source", "police.example.cn", "--preview", "--json").stdout)
    assert [each["full_name"] for each in told["persons"]] == ["王建国", "李梅"]
    assert json.loads(CliRunner().invoke(app, ["imports", "--json"]).stdout) == []


def test_a_preview_says_whom_a_pfif_file_would_erase(bring: Run, tmp_path: Path) -> None:
    (tmp_path / "ended.xml").write_bytes(a_file(a_person(1, expiry_date="2026-03-02T00:00:00Z")))
    seen = bring("ended.xml", "--source", "police.example.cn", "--preview").output
    assert "erased" in seen
    assert "missing" not in seen


@pytest.mark.parametrize("data", [b"\xff\xfe<\x00?\x00", b"\xef\xbb\xbf <a/>", b"  <pfif>", "<a>王</a>".encode("utf-16-be")])
def test_what_looks_like_xml_is_refused_as_such(bring: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd.xml").write_bytes(data)
    refused = bring("odd.xml", "--source", "police.example.cn")
    assert isinstance(refused.exception, Invalid)
