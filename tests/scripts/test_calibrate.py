"""The calibration tool: a known line is found again, people are not split, what it prints can be read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from scripts import calibrate
from scripts.calibrate import Comparisons, Templates
from tests.fakes import ENCODER, FakeExaminer, faceless_photo, painted_photo
from tracing.evidence import Calibration


def normal_scores(mated: int, non_mated: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two normal distributions, for which ln LR = 100 * (score - 0.9).

    With equal spreads s and means m1 and m0 it is (m1 - m0) / s^2 * (score - (m1 + m0) / 2).
    """
    random = np.random.default_rng(seed)
    return random.normal(0.92, 0.02, mated), random.normal(0.88, 0.02, non_mated)


def of_scores(mated: np.ndarray, non_mated: np.ndarray, people: int) -> Comparisons:
    scores = np.concatenate([mated, non_mated])
    unknown = np.full(len(scores), np.nan)
    same = np.arange(len(scores)) < len(mated)
    return Comparisons(scores, same, unknown, np.zeros(len(scores), dtype=bool), people)


def templates(people: int, photos: int, name: str = "lfw", spread: float = 0.5) -> Templates:
    random = np.random.default_rng(people)
    vectors = np.repeat(random.standard_normal((people, 16)), photos, axis=0)
    vectors += spread * random.standard_normal(vectors.shape)
    return Templates(
        vectors=vectors,
        identities=np.repeat([f"{name}/{number}" for number in range(people)], photos),
        sets=np.repeat(name, people * photos),
        ages=np.full(people * photos, np.nan),
        missed=np.array([], dtype=np.str_),
    )


def test_a_known_line_is_found_again_however_unequal_the_classes() -> None:
    slope, intercept = calibrate.fit_line(*normal_scores(4_000, 100_000))
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
    compared = calibrate.compare(templates(people=5, photos=3))
    assert (len(compared.mated), len(compared.non_mated), compared.people) == (5 * 3, 5 * 4 // 2 * 9, 10)
    assert compared.mated.mean() > compared.non_mated.mean()


def test_the_table_of_false_match_rates_ends_at_what_the_people_can_support() -> None:
    mated, non_mated = normal_scores(500, 50_000)
    rows = calibrate.rate_table(of_scores(mated, non_mated, people=3_000))
    assert rows[0] == (-1.0, 1.0)
    assert rows[-1][1] == pytest.approx(3 / 3_000)
    assert all(rate > 3 / 3_000 for _, rate in rows[:-1])
    at_90 = dict(rows)[0.9]
    assert at_90 == pytest.approx(np.mean(non_mated >= 0.9), abs=1e-6)


def test_what_is_told_apart_worst_decides_and_the_floor_keeps_everybodys_share() -> None:
    mated, non_mated = normal_scores(2_000, 20_000)
    easy, hard = of_scores(mated, non_mated, 20_000), of_scores(mated + 0.01, non_mated + 0.02, 20_000)
    worst, calibration = calibrate.calibrate({"easy": easy, "hard": hard}, keep=0.95)
    assert worst == "hard"
    assert min(np.mean(easy.mated >= calibration.floor), np.mean(hard.mated >= calibration.floor)) >= 0.95
    assert calibration.log10_lr(0.915) == pytest.approx(0.0, abs=0.1)


def test_a_line_that_fits_costs_less_than_saying_nothing() -> None:
    compared = of_scores(*normal_scores(1_000, 10_000), people=10_000)
    _, calibration = calibrate.calibrate({"only": compared}, keep=0.95)
    assert 0 < calibrate.cost_of(compared, calibration) < 0.7


def test_the_labelled_person_is_the_central_face_and_faceless_photos_are_listed(tmp_path: Path) -> None:
    (tmp_path / "three.png").write_bytes(painted_photo(person=7, faces=3))
    (tmp_path / "alone.png").write_bytes(painted_photo(person=8))
    (tmp_path / "nobody.png").write_bytes(faceless_photo())
    rows = [
        {"image": name, "identity": name, "source_set": "lfw", "age": ""} for name in ("three.png", "alone.png", "nobody.png")
    ]
    found = calibrate.encode(tmp_path, rows, FakeExaminer(), ENCODER)
    assert found.missed.tolist() == ["nobody.png"]
    # Of faces 7, 8, 9 from left to right, 8 stands in the middle.
    similarity = found.vectors[0] @ found.vectors[1] / np.linalg.norm(found.vectors[0]) / np.linalg.norm(found.vectors[1])
    assert similarity > 0.9


def test_what_is_printed_is_a_calibration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [templates(40, 3, "lfw"), templates(36, 3, "asianfaces"), templates(12, 3, "fgnet")]
    names = Templates.__dataclass_fields__
    np.savez(tmp_path / "vectors.npz", **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    assert calibrate.main([str(tmp_path), "--vectors", str(tmp_path / "vectors.npz"), "--encoder", "an-encoder-1"]) == 0
    printed = tomllib.loads(capsys.readouterr().out)
    table = printed["encoders"]["an-encoder-1"]["calibration"]
    assert Calibration.from_dict(table).to_dict() == table


def test_too_few_people_are_said_to_be_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = templates(2, 1, "lfw")
    np.savez(tmp_path / "few.npz", **{name: getattr(few, name) for name in Templates.__dataclass_fields__})
    with pytest.raises(SystemExit) as ended:
        calibrate.main([str(tmp_path), "--vectors", str(tmp_path / "few.npz")])
    assert ended.value.code == 1
    assert "too few" in capsys.readouterr().err


def test_photos_are_chosen_the_same_way_every_time(tmp_path: Path) -> None:
    people = [f"lfw/single_{number}" for number in range(30)] + ["lfw/double", "lfw/double", "asianfaces/one"]
    lines = [f"{identity},{identity}/{row}.jpg,{identity.split('/')[0]}," for row, identity in enumerate(people)]
    (tmp_path / "people.csv").write_text("identity,image,source_set,age\n" + "\n".join(lines) + "\n", encoding="utf-8")
    chosen = [row["identity"] for row in calibrate.choose_photos(tmp_path, distractors=10)]
    assert chosen == [row["identity"] for row in calibrate.choose_photos(tmp_path, distractors=10)]
    assert sum(identity.startswith("lfw/single") for identity in chosen) == 10
    assert chosen.count("lfw/double") == 2
    assert "asianfaces/one" in chosen
