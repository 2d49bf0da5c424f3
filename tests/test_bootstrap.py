"""The service is put together, or says what the operator has to change."""

from __future__ import annotations

import base64
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factories import FixedClock
from tests.fakes import FakeExaminer
from tests.house import a_house
from tracing.bootstrap import Services, build
from tracing.chosen import DEFAULT_ENCODER, chosen_encoder
from tracing.config import Settings
from tracing.domain import GenerationState
from tracing.errors import Misconfigured


def built(folder: Path, **settings: object) -> Services:
    return build(Settings(data_dir=folder, **settings), clock=FixedClock(), examiner=FakeExaminer(DEFAULT_ENCODER))  # type: ignore[arg-type]


def test_an_empty_folder_becomes_a_service_with_one_active_generation(tmp_path: Path) -> None:
    services = built(tmp_path / "a" / "b")
    (generation,) = services.reindex.generations()
    assert (generation.encoder_id, generation.state) == (DEFAULT_ENCODER, GenerationState.ACTIVE)
    assert services.consistency.check() == []
    services.close()


def test_a_service_does_not_begin_with_an_encoder_that_it_cannot_run(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="tracing models pull arcface-w600k-r50"):
        built(tmp_path, encoder="arcface-w600k-r50")


@pytest.mark.photos
def test_the_best_encoder_that_is_here_is_chosen(tmp_path: Path, weights: Path) -> None:
    def chosen(models: Path, encoder: str = "auto") -> str:
        return chosen_encoder(Settings(data_dir=tmp_path / "var", models_dir=models, encoder=encoder))

    shutil.copytree(weights, tmp_path / "models")
    assert chosen(weights) == "dlib-mobilefacenet-256-v2"
    assert chosen(weights, DEFAULT_ENCODER) == DEFAULT_ENCODER
    assert chosen(tmp_path) == DEFAULT_ENCODER, "without weights what the packages bring"
    (tmp_path / "models" / "mobilefacenet_128d.onnx").write_bytes(b"not the network")
    assert chosen(tmp_path / "models") == DEFAULT_ENCODER, "an altered file is none"


def test_photos_without_their_database_are_no_new_service(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        house.missing(1)
    database = tmp_path / "tracing.sqlite"
    database.rename(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured, match=r"tracing\.sqlite is not there, and photos"):
        built(tmp_path)
    assert not database.exists(), "nothing was made in its place"
    (tmp_path / "elsewhere").rename(database)
    services = built(tmp_path)
    assert services.consistency.check() == []
    services.close()


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        house.missing(1)
        kept = list((tmp_path / "var").rglob("*"))
        assert len(kept) > 4
        assert [path for path in kept if path.stat().st_mode & 0o077] == []
        assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_a_second_start_finds_everything_as_it_was(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        case = house.missing(1)
        secret = house.services.secret
        generations = house.services.reindex.generations()
    again = built(tmp_path / "var")
    assert again.secret == secret
    assert again.reindex.generations() == generations
    assert again.casework.get(house.manager, case.case_id).reference == case.reference
    assert again.consistency.check(read_photos=True) == []
    again.close()


def test_two_services_do_not_share_their_secret(tmp_path: Path) -> None:
    one, other = built(tmp_path / "one"), built(tmp_path / "other")
    assert one.secret != other.secret
    assert min(len(one.secret), len(other.secret)) >= 32
    one.close()
    other.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"secret_key": "changeme" * 5},
        {"secret_key": "PLACEHOLDER" * 4},
        {"photo_key": "no base64!"},
        {"photo_key": base64.b64encode(b"too short").decode()},
        {"database_url": "mysql://localhost/tracing"},
        {"database_url": "sqlite://"},
        {"database_url": "somewhere"},
        {"encoder": "no-such-encoder"},
        {"index": "milvus:somewhere"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        built(tmp_path / "var", **settings)


def test_a_key_that_others_can_read_stops_the_service(tmp_path: Path) -> None:
    built(tmp_path / "var").close()
    (tmp_path / "var" / "keys" / "photo.key").chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        built(tmp_path / "var")


def test_without_its_key_a_service_with_templates_does_not_start_with_a_new_one(tmp_path: Path) -> None:
    with a_house(tmp_path / "var") as house:
        house.missing(1)
    (tmp_path / "var" / "keys" / "photo.key").unlink()
    with pytest.raises(Misconfigured, match="key"):
        built(tmp_path / "var")


def test_the_number_of_reviewers_reaches_the_review(tmp_path: Path) -> None:
    with a_house(tmp_path / "var", reviewers_required=3) as house:
        pair = house.pair(house.missing(1), house.sheltered(1))
        house.judge(house.reviewer, pair)
        assert house.judge(house.second, pair).state == "first_positive"


def test_importing_the_service_loads_no_model_and_no_index() -> None:
    heavy = "dlib", "face_recognition", "faiss", "pymilvus", "fastapi", "pillow_heif"
    script = f"import sys, tracing.bootstrap; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
