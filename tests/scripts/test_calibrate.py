"""The calibration tool: a known line is found again, people are not split, what it prints can be read."""

from __future__ import annotations

import re
import tomllib
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts import calibrate as calibration
from scripts.calibrate import main
from scripts.calibration import findings
from scripts.calibration.comparisons import Comparisons, compare
from scripts.calibration.fitting import calibrate, line_of
from scripts.calibration.photos import Templates, choose_photos, encode
from tests.fakes import ENCODER, FakeExaminer, faceless_photo, painted_photo
from tracing.evaluation import excess
from tracing.evaluation.likelihood import fit_line
from tracing.evidence import Calibration


@pytest.fixture(autouse=True)
def _few_invented_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """``tests/evaluation/test_excess.py`` invents enough of them."""
    monkeypatch.setattr(excess, "SIMULATED", 3)


def normal_scores(mated: int, non_mated: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two normal distributions, for which ln LR = 100 * (score - 0.9).

    With equal spreads s and means m1 and m0 it is (m1 - m0) / s^2 * (score - (m1 + m0) / 2).
    """
    random = np.random.default_rng(seed)
    return random.normal(0.92, 0.02, mated), random.normal(0.88, 0.02, non_mated)


def of_scores(mated: np.ndarray, non_mated: np.ndarray) -> Comparisons:
    """Of 250 people, each compared with another one."""
    scores = np.concatenate([mated, non_mated])
    one = np.arange(len(scores)) % 250
    other = np.where(np.arange(len(scores)) < len(mated), one, (one + 1) % 250)
    first, second = 2 * np.arange(len(scores)) + np.array([[0], [1]])
    unknown = np.full(len(scores), np.nan)
    return Comparisons(scores, first, second, one, other, unknown, unknown, unknown)


def cost_of_own(compared: Comparisons) -> float:
    return float(re.findall(r"Cllr (\S+)", findings.paid("own", compared, line_of(compared)))[0])


def templates(people: int, photos: int, name: str = "lfw", spread: float = 0.5) -> Templates:
    random = np.random.default_rng(people)
    vectors = np.repeat(random.standard_normal((people, 16)), photos, axis=0)
    vectors += spread * random.standard_normal(vectors.shape)
    return Templates(
        vectors=vectors,
        identities=np.repeat([f"{name}/{number}" for number in range(people)], photos),
        sets=np.repeat(name, people * photos),
        ages=np.tile(np.linspace(5, 30, photos), people) if name == "fgnet" else np.full(people * photos, np.nan),
        qualities=random.random(people * photos),
        missed=np.array([], dtype=np.str_),
    )


def keep_templates(file: Path, *parts: Templates, **whose: Any) -> None:
    for name in Templates.__dataclass_fields__:
        whose[name] = np.concatenate([getattr(part, name) for part in parts])
    np.savez(file, **whose)


def test_a_known_line_is_found_again_however_unequal_the_classes() -> None:
    slope, intercept = fit_line(*normal_scores(4_000, 100_000))
    assert slope == pytest.approx(100 / np.log(10), rel=0.05)
    assert -intercept / slope == pytest.approx(0.9, abs=0.001)


def test_no_person_is_in_both_halves() -> None:
    everybody = templates(people=40, photos=3)
    fitted, checked = (set(everybody.half(number).identities.tolist()) for number in (0, 1))
    assert fitted
    assert checked
    assert not fitted & checked
    assert fitted | checked == set(everybody.identities.tolist())


def test_every_pair_of_photos_is_compared_once() -> None:
    compared = compare(templates(people=5, photos=3))
    assert (len(compared.mated), len(compared.non_mated), compared.people) == (5 * 3, 5 * 4 // 2 * 9, 10)
    assert ((compared.first // 3 == compared.one) & (compared.second // 3 == compared.other)).all()
    assert compared.mated.mean() > compared.non_mated.mean()


def test_a_child_or_years_between_make_a_comparison_guarded() -> None:
    one = templates(people=1, photos=2)
    for ages, guarded in (((13, 14), True), ((14, 18), False), ((30, 35), True), ((30, 34), False), ((40, np.nan), False)):
        compared = compare(replace(one, ages=np.array(ages, dtype=np.float64)))
        assert compared.guarded.tolist() == [guarded], ages


def test_what_is_told_apart_worst_decides_and_the_floor_keeps_everybodys_share() -> None:
    mated, non_mated = normal_scores(2_000, 20_000)
    easy, hard = of_scores(mated, non_mated), of_scores(mated + 0.01, non_mated + 0.02)
    worst, calibration = calibrate({"easy": easy, "hard": hard}, None, keep=0.95)
    assert calibration.guarded is None
    assert worst == "hard"
    assert min(np.mean(easy.mated >= calibration.floor), np.mean(hard.mated >= calibration.floor)) >= 0.95
    assert calibration.log10_lr(0.915) == pytest.approx(0.0, abs=0.1)


def test_the_guarded_get_a_line_of_their_own() -> None:
    mated, non_mated = normal_scores(2_000, 20_000)
    _, calibration = calibrate({"only": of_scores(mated, non_mated)}, of_scores(mated + 0.02, non_mated + 0.03), keep=0.95)
    assert calibration.guarded is not None
    assert calibration.guarded.log10_lr(0.925) == pytest.approx(0.0, abs=0.1)
    assert calibration.line.log10_lr(0.9) == pytest.approx(0.0, abs=0.1)
    assert calibration.guarded.non_mated == 250 * 249 // 2


def test_what_a_line_costs_is_said_with_its_interval() -> None:
    compared = of_scores(*normal_scores(1_000, 10_000))
    said = findings.paid("these", compared, line_of(compared))
    found = re.search(r"Cllr (\S+) \[(\S+), (\S+)\], minCllr (\S+), ratio .* best line for them (\S+), ratio (\S+);", said)
    assert found is not None
    paid, low, high, least, line, ratio = map(float, found.groups())
    assert 0 < least < line < 0.7
    assert (paid, ratio) == (line, 1), "it is the best line for those whom it was fitted to"
    assert low < paid < high
    assert findings.paid("nobody", compared.where(np.zeros(11_000, dtype=bool)), line_of(compared)).endswith(
        "nothing to compare"
    )


def test_each_half_is_weighed_by_the_line_of_the_other_and_all_people_count() -> None:
    halves = [of_scores(*normal_scores(1_000, 10_000, seed)) for seed in (1, 2)]
    halves[1] = replace(halves[1], scores=halves[1].scores + 0.01)
    said = findings.paid_crosswise("both", halves)
    assert said.startswith("both: 2000 mated, 20000 non-mated; Cllr ")
    together, *apart = (
        float(re.findall(r"Cllr (\S+)", each)[0])
        for each in (said, *(findings.paid("one", halves[at], line_of(halves[1 - at])) for at in (0, 1)))
    )
    assert together == pytest.approx(np.mean(apart), abs=0.001)
    assert together > 1.02 * np.mean([cost_of_own(half) for half in halves]), "each half by the line of itself costs less"
    both = halves[0].beside(halves[1])
    assert (len(both.scores), len(np.unique(both.one))) == (22_000, 500)
    assert both.people == 500 * 499 // 2
    assert len(np.unique(np.concatenate(both.photos))) == 44_000, "no photo of one half is taken for one of the other"
    assert findings.paid_crosswise("few", [halves[0], halves[1].where(halves[1].same)]) == "few: nothing to compare"


def test_a_quality_that_tells_which_scores_count_makes_ratios_better_and_chance_does_not() -> None:
    mated, non_mated = normal_scores(4_000, 40_000)
    numbers = np.random.default_rng(2)
    compared = of_scores(mated, non_mated)
    quality = np.clip(numbers.random(len(compared.scores)), 0.05, 1)
    blurred = 0.9 + (compared.scores - 0.9) * quality
    alike, fitted = (replace(compared, scores=blurred, qualities=each) for each in (numbers.permutation(quality), quality))
    for used, better in ((fitted, True), (alike, False)):
        alone, with_it = map(float, re.findall(r"(\d\.\d+)", findings.with_quality("these", used, used)))
        assert (with_it < 0.97 * alone) is better


def test_the_labelled_person_is_the_central_face_and_faceless_photos_are_listed(tmp_path: Path) -> None:
    (tmp_path / "three.png").write_bytes(painted_photo(person=7, faces=3))
    (tmp_path / "alone.png").write_bytes(painted_photo(person=8))
    (tmp_path / "nobody.png").write_bytes(faceless_photo())
    rows = [
        {"image": name, "identity": name, "source_set": "lfw", "age": ""} for name in ("three.png", "alone.png", "nobody.png")
    ]
    found = encode(tmp_path, rows, FakeExaminer(), ENCODER)
    assert found.missed.tolist() == ["nobody.png"]
    # Of faces 7, 8, 9 from left to right, 8 stands in the middle.
    similarity = found.vectors[0] @ found.vectors[1] / np.linalg.norm(found.vectors[0]) / np.linalg.norm(found.vectors[1])
    assert similarity > 0.9


def test_what_is_printed_is_a_calibration_and_what_it_is_worth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [templates(90, 3, "lfw", 1.0), templates(80, 3, "asianfaces", 1.0), templates(40, 4, "fgnet", 1.2)]
    keep_templates(tmp_path / "vectors.npz", *parts, encoder=np.array("an-encoder-1"))
    plot = tmp_path / "plot.png"
    asked = [str(tmp_path), "--vectors", str(tmp_path / "vectors.npz"), "--encoder", "an-encoder-1", "--plot", str(plot)]
    assert main(asked) == 0
    said = capsys.readouterr().out
    table = tomllib.loads(said)["encoders"]["an-encoder-1"]["calibration"]
    assert Calibration.from_dict(table).to_dict() == table
    assert "guarded" in table
    for part in (
        "pooled, checked half, by this table",
        "asianfaces, each half by the line of the other",
        "fgnet, guarded",
        "log10 LR said",
        "strangers expected per search",
    ):
        assert f"{part}" in said
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_its_remarks_are_read_in_the_language_of_the_terminal_and_the_table_is_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [templates(90, 3, "lfw", 1.0), templates(80, 3, "asianfaces", 1.0), templates(40, 4, "fgnet", 1.2)]
    keep_templates(tmp_path / "vectors.npz", *parts, encoder=np.array("an-encoder-1"))
    tables = []
    for language in ("en", "zh_CN"):
        monkeypatch.setenv("TRACING_LOCALE", language)
        assert main([str(tmp_path), "--vectors", str(tmp_path / "vectors.npz"), "--encoder", "an-encoder-1"]) == 0
        said = capsys.readouterr().out.splitlines()
        tables.append([line for line in said if not line.startswith("#")])
    assert tables[0] == tables[1]
    remarks = [line for line in said if line.startswith("#")]
    assert [
        line for line in remarks if not re.search(r"[\u4e00-\u9fff]", line) or re.search("mated|half|table|guarded", line)
    ] == []


def test_too_few_people_are_said_to_be_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = templates(2, 1, "lfw")
    keep_templates(tmp_path / "few.npz", few, encoder=np.array("an-encoder-1"))
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path), "--vectors", str(tmp_path / "few.npz"), "--encoder", "an-encoder-1"])
    assert ended.value.code == 1
    assert "too few" in capsys.readouterr().err


def test_photos_are_chosen_the_same_way_every_time(tmp_path: Path) -> None:
    people = [f"lfw/single_{number}" for number in range(30)] + ["lfw/double", "lfw/double", "asianfaces/one"]
    lines = [f"{identity},{identity}/{row}.jpg,{identity.split('/')[0]}," for row, identity in enumerate(people)]
    (tmp_path / "people.csv").write_text("identity,image,source_set,age\n" + "\n".join(lines) + "\n", encoding="utf-8")
    chosen = [row["identity"] for row in choose_photos(tmp_path, distractors=10)]
    assert chosen == [row["identity"] for row in choose_photos(tmp_path, distractors=10)]
    assert sum(identity.startswith("lfw/single") for identity in chosen) == 10
    assert chosen.count("lfw/double") == 2
    assert "asianfaces/one" in chosen


@pytest.mark.parametrize("kept", [{}, {"encoder": np.array("an-encoder-2")}])
def test_templates_of_another_encoder_are_not_called_this_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: dict[str, np.ndarray]
) -> None:
    keep_templates(tmp_path / "vectors.npz", templates(90, 3, "lfw"), templates(80, 3, "asianfaces"), **kept)
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path), "--vectors", str(tmp_path / "vectors.npz"), "--encoder", "an-encoder-1"])
    assert ended.value.code == 1
    assert "are not of an-encoder-1" in capsys.readouterr().err.replace("\n", " ")


def test_kept_templates_are_used_again_for_the_same_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "choose_photos", lambda *_: [])
    monkeypatch.setattr(calibration, "make_examiner", lambda *_: None)
    seen = iter([templates(90, 3)])
    monkeypatch.setattr(calibration, "encode", lambda *_: next(seen))
    asked = Namespace(vectors=tmp_path / "vectors.npz", encoder="an-encoder-1", photos=tmp_path, distractors=1)
    first, again = (calibration._templates(asked) for _ in range(2))
    assert np.array_equal(first.vectors, again.vectors)
