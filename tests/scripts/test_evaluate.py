"""`tracing evaluate` over painted people: what it reads, what it writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from scripts.evaluation import command
from scripts.evaluation.labelled import encode, groups_of, read_labels
from scripts.main import app
from tests.fakes import ENCODER, FakeExaminer, crowded_photo, faceless_photo, painted_photo, unreadable_photo
from tracing.errors import Invalid, TracingError


@pytest.fixture(autouse=True)
def painted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Painted photos are understood by an examiner of their own, in this process."""

    class Pool(FakeExaminer):
        def __init__(self, make: object, workers: int) -> None:
            super().__init__()

        def close(self) -> None:
            pass

    monkeypatch.setattr(command, "ExaminerPool", Pool)
    monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))


def people(folder: Path, count: int, photos: int = 2, first: int = 1) -> Path:
    for person in range(first, first + count):
        home = folder / f"person-{person:03d}"
        home.mkdir(parents=True)
        for shot in range(photos):
            (home / f"{shot}.png").write_bytes(painted_photo(person, shot=person * 10 + shot))
    return folder


def table(folder: Path, line: Callable[[Path, int], str], columns: str = "identity,image,source_set,age,sex") -> Path:
    photos = sorted(folder.rglob("*.png"))
    lines = [columns, *(line(photo.relative_to(folder), number) for number, photo in enumerate(photos))]
    (folder / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def told(*words: str) -> dict[str, Any]:
    said = CliRunner().invoke(app, ["evaluate", *words, "--encoder", ENCODER, "--json"], catch_exceptions=False)
    return json.loads(said.stdout)[ENCODER]  # type: ignore[no-any-return]


def test_people_in_folders_are_found_again(tmp_path: Path) -> None:
    found = told(str(people(tmp_path / "crowd", 40, photos=4)), "--size", "10")
    assert (found["photos"], found["people"], found["failures_to_enrol"]) == (160, 40, 0)
    assert found["whole"]["at_rates"][0]["misses"]["value"] == 0
    assert found["sizes"][0]["enrolled"] == 10
    assert len(found["several"]) == 7


def test_what_is_written_can_be_read_and_looked_at(tmp_path: Path) -> None:
    folder, out = people(tmp_path / "crowd", 20), tmp_path / "out"
    said = CliRunner().invoke(app, ["evaluate", str(folder), "--encoder", ENCODER, "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "By size of the gallery" in said.output
    name = ENCODER.replace("/", "-")
    assert {each.name for each in out.iterdir()} == {f"{name}.json", f"{name}.md", f"{name}-scores.png", "det.png", "cmc.png"}
    assert json.loads((out / f"{name}.json").read_text())["people"] == 20
    for picture in out.glob("*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_failures_and_bystanders_are_part_of_it(tmp_path: Path) -> None:
    """The labelled person is in the middle; a photo without a face and one that cannot be read count as missed."""
    folder = people(tmp_path / "crowd", 20)
    (folder / "person-003" / "2.png").write_bytes(faceless_photo())
    (folder / "person-004" / "2.png").write_bytes(unreadable_photo())
    (folder / "person-005" / "2.png").write_bytes(crowded_photo(5, behind=9))
    found = told(str(folder))
    assert found["failures_to_enrol"] == 2
    seen = encode(read_labels(folder), FakeExaminer(), [ENCODER], 2, lambda: None)
    assert [path.parent.name for path in seen.unreadable] == ["person-004"]
    rows = {f"{label.person}/{label.path.name}": number for number, label in enumerate(seen.labels)}
    one, other = (seen.templates[ENCODER][rows[f"person-005/{shot}.png"]] for shot in (0, 2))
    assert float(one @ other / np.linalg.norm(one) / np.linalg.norm(other)) > 0.5


def test_the_table_says_who_how_old_and_of_which_set(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 30, photos=3)
    shots = {0: 5, 1: 9, 2: 30}
    table(folder, lambda photo, _: f"{photo.parts[0]},{photo},{'ab'[int(photo.parts[0][-1]) % 2]},{shots[int(photo.stem)]},f")
    found = told(str(folder))
    assert {line["name"] for line in found["groups"]["set"]} == {"a", "b"}
    assert {line["name"] for line in found["groups"]["age"]} == {"7-12", "18-34"}
    assert {line["name"] for line in found["groups"]["years between"]} == {"0-4", "20-"}
    assert "sex" not in found["groups"], "one word for everybody tells nothing apart"


def test_the_youngest_photo_is_the_one_that_is_enrolled(tmp_path: Path) -> None:
    folder = table(people(tmp_path / "crowd", 3), lambda photo, _: f"{photo.parts[0]},{photo},,{40 - 28 * int(photo.stem)},")
    seen = encode(read_labels(folder), FakeExaminer(), [ENCODER], 1, lambda: None)
    order = seen.photos(ENCODER).order
    assert [label.path.stem for label, _ in sorted(zip(seen.labels, order, strict=True), key=lambda each: each[1])][:3] == [
        "1"
    ] * 3
    gaps = groups_of(seen)["age"]
    assert sum(group.mask.sum() for group in gaps) == 6


def test_a_table_above_is_for_the_folders_below_it(tmp_path: Path) -> None:
    table(people(tmp_path / "sets" / "crowd", 5).parent, lambda photo, _: f"{photo.parts[0]}-{photo.parts[1]},{photo},crowd,,")
    assert {label.person for label in read_labels(tmp_path / "sets" / "crowd")} == {
        f"crowd-person-{n:03d}" for n in range(1, 6)
    }


def test_photos_whose_label_is_known_to_be_wrong_are_left_out(tmp_path: Path) -> None:
    folder, errors = people(tmp_path / "crowd", 3), tmp_path / "errors.txt"
    errors.write_text("# seen on 2026-11-25\nperson-002/1.png  # somebody else\n", encoding="utf-8")
    assert [str(each.path.relative_to(folder)) for each in read_labels(folder, errors)] == [
        f"person-00{person}/{shot}.png" for person in (1, 2, 3) for shot in (0, 1) if (person, shot) != (2, 1)
    ]


def test_distractors_are_enrolled_and_nobody_looks_for_them(tmp_path: Path) -> None:
    few = told(str(people(tmp_path / "crowd", 12)))
    more = told(str(tmp_path / "crowd"), "--distractors", str(people(tmp_path / "others", 25, photos=1, first=100)))
    assert (more["whole"]["mated"], more["whole"]["non_mated"]) == (few["whole"]["mated"], few["whole"]["non_mated"])
    assert more["whole"]["enrolled"] == few["whole"]["enrolled"] + 25


def test_the_halves_share_nobody(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 40)
    halves = [told(str(folder), "--half", number)["people"] for number in ("0", "1")]
    assert sum(halves) == 40
    assert min(halves) > 5


@pytest.mark.parametrize("lines", ["identity\nann\n", "identity,image,age\nann,person-001/0.png,old\n", "\xff"])
def test_a_table_that_cannot_be_understood_is_refused(tmp_path: Path, lines: str) -> None:
    folder = people(tmp_path / "crowd", 2)
    (folder / "people.csv").write_bytes(lines.encode("latin-1"))
    with pytest.raises(Invalid, match=r"people\.csv|no labelled photo"):
        read_labels(folder)


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TracingError, match="no labelled photo"):
        told(str(tmp_path / "empty"))


def test_swapped_labels_are_told(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 30, photos=3)
    one, other = folder / "person-001" / "1.png", folder / "person-020" / "1.png"
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)
    said = CliRunner().invoke(app, ["evaluate", str(folder), "--encoder", ENCODER], terminal_width=300)
    assert "are not alike under one name" in said.output
    assert "are alike under two names" in said.output
