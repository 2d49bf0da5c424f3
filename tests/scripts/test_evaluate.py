"""`tracing evaluate` over painted people: what it reads, what it writes, and what it refuses."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from scripts.evaluation import command
from scripts.evaluation.labelled import Label, Labelled, encode, groups_of, read_labels
from scripts.main import app
from tests.fakes import ENCODER, FakeExaminer, crowded_photo, faceless_photo, painted_photo, unreadable_photo
from tracing.domain import Sex
from tracing.embeddings.manifest import encoder_facts
from tracing.embeddings.reference import REFERENCE, ReferenceExaminer
from tracing.errors import Invalid, TracingError
from tracing.evaluation import checks, normalised
from tracing.evaluation import report as reports
from tracing.evaluation.card import By, Card
from tracing.evaluation.identification import half_of, search
from tracing.evaluation.normalised import Switch
from tracing.evaluation.scores import Faces, Pooling, cosine
from tracing.fairness import Person, warnings_of, weak_groups
from tracing.ports import Examination

HAN = re.compile(r"[\u4e00-\u9fff]")


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


def test_it_is_read_in_the_language_of_the_terminal_and_kept_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(normalised, "COHORT", 10)
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.setenv("TRACING_LOCALE", "zh_CN")
    folder, out = people(tmp_path / "crowd", 60, photos=4), tmp_path / "out"
    (folder / "person-003" / "1.png").write_bytes((folder / "person-002" / "1.png").read_bytes())
    table(folder, lambda photo, _: f"{photo.parts[0]},{photo},{'ab'[int(photo.parts[0][-1]) % 2]},{5 + int(photo.stem)},f")
    asked = ["evaluate", str(folder), "--encoder", ENCODER, "--half", "1", "--with", "euclidean"]
    said = CliRunner().invoke(app, [*asked, "--no-pictures", "--out", str(out)], catch_exceptions=False).output
    assert "## 按图库大小" in said
    assert "## 按年龄" in said
    assert "## 值得核对的标注" in said
    assert [line for line in said.splitlines() if re.search("[A-Za-z]", line) and not HAN.search(line)] == []
    assert not re.search("search|stranger|among|difference|mean|nothing|below", said)
    (kept,) = out.glob("*.md")
    assert "## By size of the gallery" in kept.read_text("utf-8")
    assert not HAN.search(kept.read_text("utf-8"))


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
    assert {line["name"] for line in found["groups"]["age"]} == {"7-12"}, "of 30 years the years between are what is missed"
    assert {line["name"] for line in found["groups"]["years between"]} == {"0-4", "20-"}
    assert "sex" not in found["groups"], "one word for everybody tells nothing apart"


def test_l19_errors_are_told_by_age_and_sex_and_a_group_with_twice_the_error_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The photos of the children show somebody else each time: whoever is not recognised is missed, and it is said of whom."""
    monkeypatch.setattr(command, "encoder_facts", lambda _: replace(encoder_facts("mobilefacenet-128"), encoder_id=ENCODER))
    folder = people(tmp_path / "crowd", 60, photos=3)
    children = {f"person-{number:03d}" for number in range(1, 16)}
    for number, photo in enumerate(sorted(folder.rglob("*.png"))):
        if photo.parent.name in children:
            photo.write_bytes(painted_photo(1000 + number))

    def row(photo: Path, _: int) -> str:
        child, woman = photo.parts[0] in children, int(photo.parts[0][-1]) % 2
        return f"{photo.parts[0]},{photo},a,{4 if child else 40},{'mf'[woman]}"

    found = told(str(table(folder, row)), "--cards", str(tmp_path / "cards"))
    missed = {kind: {line["name"]: line["misses"]["value"] for line in found["groups"][kind]} for kind in ("age", "sex")}
    assert missed["age"]["0-6"] > 0.9
    assert missed["age"]["35-59"] == 0
    assert missed["sex"].keys() == {"male", "female"}
    card = Card.from_dict(json.loads((tmp_path / "cards" / f"{ENCODER}.json").read_text("utf-8")))
    assert [(each.group.by, each.group.name) for each in weak_groups(card)] == [(By.AGE, "0-6")]


def test_whoever_is_badly_recognised_is_warned_of_whatever_word_the_table_has_for_the_sex(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "encoder_facts", lambda _: replace(encoder_facts("mobilefacenet-128"), encoder_id=ENCODER))
    folder = people(tmp_path / "crowd", 60, photos=3)
    women = {f"person-{number:03d}" for number in range(1, 16)}
    for number, photo in enumerate(sorted(folder.rglob("*.png"))):
        if photo.parent.name in women:
            photo.write_bytes(painted_photo(1000 + number))
    table(
        folder,
        lambda photo, number: f"{photo.parts[0]},{photo},a,,{('女', 'F ')[number % 2] if photo.parts[0] in women else 'M'}",
    )
    told(str(folder), "--cards", str(tmp_path / "cards"))
    card = Card.from_dict(json.loads((tmp_path / "cards" / f"{ENCODER}.json").read_text("utf-8")))
    (warned,) = warnings_of(card, Person(sex=Sex.FEMALE), Person())
    assert (warned.group.by, warned.group.name) == (By.SEX, "female")


@pytest.mark.parametrize(("said", "kept"), [("1", "1"), ("unknown", ""), ("女", "female"), ("non-binary", "non-binary")])
def test_what_a_table_says_of_the_sex(tmp_path: Path, said: str, kept: str) -> None:
    folder = table(people(tmp_path / "crowd", 1), lambda photo, _: f"ann,{photo},,,{said}")
    assert {label.sex for label in read_labels(folder)} == {kept}


def test_the_youngest_photo_is_the_one_that_is_enrolled(tmp_path: Path) -> None:
    folder = table(people(tmp_path / "crowd", 3), lambda photo, _: f"{photo.parts[0]},{photo},,{40 - 28 * int(photo.stem)},")
    seen = encode(read_labels(folder), FakeExaminer(), [ENCODER], 1, lambda: None)
    order = seen.photos(ENCODER).order
    assert [label.path.stem for label, _ in sorted(zip(seen.labels, order, strict=True), key=lambda each: each[1])][:3] == [
        "1"
    ] * 3
    assert {group.name: group.mask.sum() for group in groups_of(seen)["years between"]} == {"0-4": 3, "20-": 3}


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


@pytest.mark.parametrize("line", ["\ufeffperson-002/1.png", "./person-002/1.png", "person-002\\1.png"])
def test_a_photo_with_a_wrong_label_is_left_out_however_it_is_written(tmp_path: Path, line: str) -> None:
    folder, errors = people(tmp_path / "crowd", 3), tmp_path / "errors.txt"
    errors.write_text(f"{line}\r\n", encoding="utf-8")
    assert len(read_labels(folder, errors)) == 5


def test_a_wrong_label_that_means_no_photo_is_told(tmp_path: Path) -> None:
    folder, errors = people(tmp_path / "crowd", 12), tmp_path / "errors.txt"
    errors.write_text("person-002/1.png\nperson-002/7.png\nperson-101/0.png\n", encoding="utf-8")
    others = people(tmp_path / "others", 3, photos=1, first=100)
    asked = ["evaluate", str(folder), "--encoder", ENCODER, "--label-errors", str(errors), "--distractors", str(others)]
    said = CliRunner().invoke(app, asked, terminal_width=300).output
    assert "person-002/7.png, among the label errors, is no photo here" in said
    assert said.count("among the label errors") == 1


def test_label_errors_that_are_no_text_are_refused(tmp_path: Path) -> None:
    folder, errors = people(tmp_path / "crowd", 3), tmp_path / "errors.txt"
    errors.write_bytes("王/1.png".encode("gbk"))
    with pytest.raises(Invalid, match=r"errors\.txt cannot be understood"):
        read_labels(folder, errors)


def test_a_row_that_stands_twice_is_one_photo_and_names_have_no_blanks_around_them(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 2)
    table(folder, lambda photo, number: f"{' ' * number}{photo.parts[0]} ,{photo}\n{photo.parts[0]}, {photo}", "identity,image")
    assert [label.person for label in read_labels(folder)] == ["person-001"] * 2 + ["person-002"] * 2


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_encoded", lambda *_: pytest.fail("measured"))
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(Invalid, match="cannot be written"):
        told(str(people(tmp_path / "crowd", 12)), "--out", str(file / "out"))


def test_distractors_are_enrolled_and_nobody_looks_for_them(tmp_path: Path) -> None:
    few = told(str(people(tmp_path / "crowd", 12)))
    more = told(str(tmp_path / "crowd"), "--distractors", str(people(tmp_path / "others", 25, photos=3, first=100)))
    assert (more["whole"]["mated"], more["whole"]["non_mated"]) == (few["whole"]["mated"], few["whole"]["non_mated"])
    assert more["whole"]["enrolled"] == few["whole"]["enrolled"] + 25


def test_the_halves_share_nobody(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 40)
    halves = [told(str(folder), "--half", number)["people"] for number in ("0", "1")]
    assert sum(halves) == 40
    assert min(halves) > 5


NOT_UNDERSTOOD = (
    "identity\nann\n",
    "identity,image,age\nann,person-001/0.png,old\n",
    "identity,image,age\nann,person-001/0.png,-1\n",
    "identity,image,age\nann,person-001/0.png,inf\n",
    "identity,image\nann\n",
    "identity,image\n ,person-001/0.png\n",
    "\xff",
)


@pytest.mark.parametrize("lines", NOT_UNDERSTOOD)
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


def test_a_photo_under_two_names_is_told(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 20)
    (folder / "person-020" / "1.png").write_bytes((folder / "person-001" / "1.png").read_bytes())
    said = CliRunner().invoke(app, ["evaluate", str(folder), "--encoder", ENCODER], terminal_width=300)
    assert "person-001/1.png and person-020/1.png are one photo under two names" in said.output


def test_a_photo_that_a_person_has_twice_is_told(tmp_path: Path) -> None:
    """Sent on and saved again: a search with the one finds the other for sure, which is no merit of the encoder."""
    folder = people(tmp_path / "crowd", 20)
    (folder / "person-003" / "again.png").write_bytes((folder / "person-003" / "0.png").read_bytes())
    said = CliRunner().invoke(app, ["evaluate", str(folder), "--encoder", ENCODER], terminal_width=300)
    assert "person-003/0.png and person-003/again.png are one photo under one name" in said.output
    assert "one photo under two names" not in said.output


def test_names_in_another_encoding_are_told_by_their_bytes(tmp_path: Path) -> None:
    """As an archive of Windows brings them: they could be neither hashed nor written, which was found out last."""
    folder, out = people(tmp_path / "crowd", 20), tmp_path / "out"
    (folder / "person-002").rename(folder / os.fsdecode("王".encode("gbk")))
    (folder / "person-003").rename(folder / os.fsdecode("李".encode("gbk")))
    (folder / "person-004" / os.fsdecode("王.png".encode("gbk"))).write_bytes(unreadable_photo())
    asked = ["evaluate", str(folder), "--encoder", ENCODER, "--no-pictures", "--out", str(out)]
    assert "20 people" in CliRunner().invoke(app, asked, catch_exceptions=False).output
    (page,) = out.glob("*.md")
    assert "person-004/\\xcd\\xf5.png cannot be read" in page.read_text("utf-8")


def test_photos_are_compared_with_each_other_once_and_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def counted(module: ModuleType, name: str) -> None:
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, **named: called.append(name) or real(*given, **named))

    counted(command, "compare_all")
    counted(reports, "search")
    told(str(people(tmp_path / "crowd", 12)))
    assert called == ["search", "compare_all"]


def test_too_many_photos_are_measured_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST", 100)
    folder = people(tmp_path / "crowd", 12)
    said = CliRunner().invoke(app, ["evaluate", str(folder), "--encoder", ENCODER], terminal_width=300)
    assert said.exit_code == 0
    assert "too many photos to compare each with each" in said.output


def test_distances_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def distance(probes: Faces, enrolled: Faces) -> np.ndarray:
        return 1 - cosine(probes, enrolled)

    monkeypatch.setattr(search, "__defaults__", (Pooling.BEST, distance))
    with pytest.raises(Invalid, match="are the scores distances"):
        told(str(people(tmp_path / "crowd", 40)))


def test_other_ways_to_score_are_held_against_plain_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalised, "COHORT", 10)
    ways = [word for switch in Switch for word in ("--with", switch.value)]
    folder = people(tmp_path / "crowd", 60, photos=3)
    found = told(str(folder), "--half", "1", *ways)
    assert [each["name"] for each in found["effects"]] == ["nothing", *Switch]
    assert found["effects"][0]["misses_more"] == {"value": 0, "interval": [0, 0]}
    assert all(each["milliseconds"] > 0 for each in found["effects"])
    assert found["people"] == sum(half_of(f"person-{number:03d}") for number in range(1, 61)), "the others are only fitted on"


def test_several_encoders_are_held_against_the_first_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one adds noise to the templates of the first."""

    def two(labels: list[Label], *_: object) -> Labelled:
        seen = encode(labels, FakeExaminer(), [ENCODER], 1, lambda: None)
        fine = seen.templates[ENCODER]
        noise = np.random.default_rng(0).normal(0, 3 * fine.std(), fine.shape).astype(np.float32)
        return replace(seen, templates={ENCODER: fine, "coarse-1": fine + noise})

    monkeypatch.setattr(command, "encode", two)
    monkeypatch.setattr(normalised, "COHORT", 10)
    folder = people(tmp_path / "crowd", 60, photos=3)
    asked = ["evaluate", str(folder), "--half", "1", "--with", "euclidean", "--encoder", ENCODER, "--encoder", "coarse-1"]
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"], catch_exceptions=False).stdout)
    assert found[ENCODER]["beside"] == []
    other, euclidean = found["coarse-1"]["beside"]
    assert (other["name"], euclidean["name"]) == (ENCODER, f"{ENCODER}, euclidean")
    fine, coarse = (each["whole"]["at_rates"][0]["misses"]["value"] for each in found.values())
    assert other["misses_more"]["value"] == coarse - fine > 0.2
    assert other["misses_more"]["interval"][0] > 0
    assert fine == 0
    assert other["misses_times"] is None, "times nothing"
    assert other["first_more"]["value"] < 0
    assert f"| {ENCODER}, euclidean |" in CliRunner().invoke(app, [*asked, "--no-pictures"], catch_exceptions=False).output


def test_the_package_itself_is_measured_beside_the_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It misses the faces that its own detector does not find."""

    class Blind(FakeExaminer):
        def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
            return super().examine(faceless_photo() if data == painted_photo(1, shot=10) else data, encoder_ids)

    class Pool(FakeExaminer):
        def __init__(self, make: object, workers: int) -> None:
            super().__init__(*([REFERENCE] if make is ReferenceExaminer else [ENCODER]))
            self.examine = (Blind if make is ReferenceExaminer else FakeExaminer)(*self.encoder_ids).examine  # type: ignore[method-assign]

        def close(self) -> None:
            pass

    monkeypatch.setattr(command, "ExaminerPool", Pool)
    asked = ["evaluate", str(people(tmp_path / "crowd", 20)), "--encoder", REFERENCE, "--encoder", ENCODER]
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"], catch_exceptions=False).stdout)
    assert {name: each["failures_to_enrol"] for name, each in found.items()} == {REFERENCE: 1, ENCODER: 0}
    assert [each["name"] for each in found[ENCODER]["beside"]] == [REFERENCE]
    with pytest.raises(Invalid, match="has no card"):
        CliRunner().invoke(app, [*asked, "--cards", str(tmp_path / "cards")], catch_exceptions=False)


def test_what_is_fitted_needs_a_half_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="--half"):
        told(str(people(tmp_path / "crowd", 12)), "--with", "whitening")


def test_nobody_leaks_from_what_is_fitted_by_way_of_the_distractors(tmp_path: Path) -> None:
    folder = people(tmp_path / "crowd", 40, photos=3)
    with pytest.raises(Invalid, match="people are in what was fitted"):
        told(str(folder), "--half", "1", "--with", "whitening", "--distractors", str(folder))


def test_nobody_leaks_from_what_is_fitted_under_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalised, "COHORT", 10)
    folder = people(tmp_path / "crowd", 60, photos=3)
    fitted, reported = (next(each for each in sorted(folder.iterdir()) if half_of(each.name) == half) for half in (0, 1))
    (reported / "2.png").write_bytes((fitted / "2.png").read_bytes())
    with pytest.raises(Invalid, match=f"as {fitted.name} and as {reported.name}"):
        told(str(folder), "--half", "1", "--with", "s-norm")


def test_a_card_is_written_for_people_and_for_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = replace(encoder_facts("mobilefacenet-128"), encoder_id=ENCODER)
    monkeypatch.setattr(command, "encoder_facts", lambda _: facts)
    folder = people(tmp_path / "crowd", 60, photos=3)

    def row(photo: Path, _: int) -> str:
        odd = int(photo.parts[0][-1]) % 2
        return f"{photo.parts[0]},{photo},{'ab'[odd]},{(20, 40)[odd] + 3 * int(photo.stem)},"

    table(folder, row)
    found = told(str(folder), "--cards", str(tmp_path / "cards"))
    card = Card.from_dict(json.loads((tmp_path / "cards" / f"{ENCODER}.json").read_text("utf-8")))
    assert (card.encoder_id, card.sets, card.photos, card.people) == (ENCODER, ("a", "b"), 180, 60)
    assert card.misses.value == found["whole"]["at_rates"][0]["misses"]["value"]
    assert {(each.by, each.name) for each in card.groups} >= {(By.SET, "a"), (By.AGE, "18-34"), (By.YEARS_BETWEEN, "5-9")}
    close = next(each for each in card.groups if (each.by, each.name) == (By.YEARS_BETWEEN, "0-4"))
    assert sum(each.mated for each in card.groups if each.by is By.AGE) == close.mated, (
        "further apart, years are what is missed"
    )
    page = (tmp_path / "cards" / f"{ENCODER}.md").read_text("utf-8")
    assert facts.model.licence in page
    assert facts.model.consequences in page
    assert card.measured_on.isoformat() in page
    assert sorted(card.found) == [1, 5, 20]
    assert card.strict is not None
    for words in (
        f"among the first 20: {card.found[20].value:.3f}",
        f"0.3% of the strangers bring up anybody: {card.strict.value:.3f}",
    ):
        assert words in page
    assert f"no face was found: {card.failed:.3f}" in page
    assert "person-0" not in page, "no name of anybody"
    assert "person-0" not in (tmp_path / "cards" / f"{ENCODER}.json").read_text("utf-8")
