"""The commands that look at photos, with the real models, over a small folder of drawn people."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from scripts.demo.cast import Plot
from scripts.demo.casting import invent_cast
from tests.server import Service
from tracing.embeddings.imaging import to_jpeg

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawn people, each with the family's photo and the shelter's."""
    home = tmp_path_factory.mktemp("people")
    cast = invent_cast(today=date(2026, 11, 24))
    found = [case.person_key for case in cast.cases if case.plot is Plot.PAIR]
    for person in list(dict.fromkeys(found))[:3]:
        (home / person).mkdir()
        missing, sheltered = sorted(cast.of(person), key=lambda case: case.kind)
        (home / person / "1-family.jpg").write_bytes(to_jpeg(missing.photos[0].draw()))
        (home / person / "2-shelter.jpg").write_bytes(to_jpeg(sheltered.photos[0].draw()))
    (home / "broken").mkdir()
    (home / "broken" / "1.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    return home


@pytest.fixture(scope="module")
def service(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Service:
    service = Service(tmp_path_factory.mktemp("service") / "var")
    loaded = json.loads(service.command("demo", "--photos", str(folder), "--json"))
    assert (loaded["cases"], loaded["photos"], len(loaded["unreadable"])) == (7, 6, 1)
    assert loaded["pairs_waiting"] > 0
    return service


def case_of(service: Service, kind: str, person: str = "") -> dict[str, object]:
    cases = json.loads(service.command("cases", "list", "--kind", kind, "--text", person, "--json"))["cases"]
    found: dict[str, object] = cases[0]
    return found


def test_the_demo_is_not_loaded_twice(service: Service, folder: Path) -> None:
    again = json.loads(service.command("demo", "--photos", str(folder), "--json"))
    assert (again["cases"], again["photos"]) == (0, 0)


def test_a_case_shows_its_best_candidate_with_words_for_the_score(service: Service, folder: Path) -> None:
    person = min(each.name for each in folder.iterdir() if each.name.startswith("person"))
    missing = case_of(service, "missing", person)
    shown = json.loads(service.command("cases", "show", str(missing["reference"]), "--json"))
    best = shown["candidates"][0]
    assert (best["rank"], best["pair"]["relation"]) == (1, "trace")
    assert best["evidence"]["band"]
    assert "Candidates" in service.command("cases", "show", str(missing["case_id"]))


def test_a_photo_file_is_searched_for_a_case_and_not_kept(service: Service, folder: Path) -> None:
    person = min(each.name for each in folder.iterdir() if each.name.startswith("person"))
    sheltered = case_of(service, "sheltered")
    before = len(list((service.folder / "photos").rglob("*")))
    found = json.loads(
        service.command("search", str(folder / person / "2-shelter.jpg"), "--case", str(sheltered["reference"]), "--json")
    )
    missing = case_of(service, "missing", person)
    assert (found["purpose"], found["outcome"]) == ("quality_test", "candidates")
    # The person's own intake, which is the photo itself, may stand before it.
    assert missing["case_id"] in [each["case_id"] for each in found["list"][:2]]
    assert len(list((service.folder / "photos").rglob("*"))) == before


def test_the_trial_prints_ranks_and_failures(service: Service, folder: Path) -> None:
    result = json.loads(service.command("trial", str(folder), "--json"))
    assert (result["intakes"], result["rank_1"], result["rank_10"]) == (3, 1.0, 1.0)
    assert result["failures_to_enrol"] == {}


def test_an_erased_case_is_gone_and_everything_still_agrees(service: Service) -> None:
    doomed = case_of(service, "sheltered")
    service.command("cases", "erase", str(doomed["reference"]), "--yes")
    service.command("cases", "show", str(doomed["reference"]), status=1)
    assert service.findings() == []
