"""A backfill on a scheduler and two workers of their own; a worker, or the process that runs it, is killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.clustering import DEADLY, REPOSITORY, FakeModels, child_of, scheduler, worker
from tests.fakes import painted_photo
from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, also_a_second_encoder, by_hand
from tracing.access import SYSTEM
from tracing.bootstrap import build
from tracing.chosen import measured
from tracing.config import Settings
from tracing.domain import CaseKind, Vector
from tracing.embeddings import cluster
from tracing.embeddings.cluster_encoder import ClusterEncoder
from tracing.reindex import Progress

pytestmark = pytest.mark.long

FACES = 300
SLOW = FakeModels(SECOND_ENCODER, seconds=0.03)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service with three hundred missing people, and a generation that has been started."""
    with pytest.MonkeyPatch.context() as patched:
        also_a_second_encoder(patched)
        with a_house_with_two_encoders(tmp_path_factory.mktemp("origin") / "var") as house:
            with pytest.MonkeyPatch.context() as quick:
                quick.setattr(os, "fsync", lambda _: None)
                for person in range(FACES):
                    enrolled(house, person)
            house.services.reindex.start(SYSTEM, SECOND_ENCODER)
            yield house
    measured.cache_clear()


@pytest.fixture
def opened(origin: House, tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """Opens a copy of that service under a name."""
    with ExitStack() as stack:

        def copy(name: str) -> House:
            folder = shutil.copytree(origin.services.settings.data_dir, tmp_path / name)
            services = build(Settings(data_dir=folder), origin.clock, examiner=origin.examiner)
            return origin.beside(stack.enter_context(closing(services)))

        yield copy


@pytest.fixture
def expected(opened: Callable[[str], House]) -> dict[str, Vector]:
    """What the local engine makes of it."""
    house = opened("local")
    progress = house.services.reindex.backfill(SYSTEM, building(house))
    assert (progress.encoded, progress.failed) == (FACES, ())
    return templates(house)


def enrolled(house: House, person: int) -> str:
    """A missing person with a photo; the id of the face."""
    case = house.open(CaseKind.MISSING)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(person))
    house.services.intake.analyse(photo.photo_id)
    with house.services.store.reading() as records:
        (face,) = records.faces.of_case(case.case_id)
    return face.face_id


def building(house: House) -> str:
    return next(each.generation_id for each in house.services.reindex.generations() if each.encoder_id == SECOND_ENCODER)


def templates(house: House) -> dict[str, Vector]:
    """face id -> template of the second encoder."""
    with house.services.store.reading() as records:
        changes = records.gallery.changes(SECOND_ENCODER, 0, 10 * FACES)
        found = records.faces.templates_of_cases([each.case_id for each in changes], SECOND_ENCODER)
    return {template.face_id: template.vector for of_case in found.values() for template in of_case}


def assert_the_same(made: dict[str, Vector], expected: dict[str, Vector]) -> None:
    assert made.keys() == expected.keys()
    assert all(np.array_equal(made[face_id], expected[face_id]) for face_id in expected)


@contextmanager
def two_workers(*options: str) -> Iterator[tuple[ClusterEncoder, list[subprocess.Popen[bytes]], str]]:
    with (
        scheduler() as address,
        worker(address, *options) as one,
        worker(address, *options) as other,
        cluster.at(address, SLOW, SLOW.standard) as encoder,
    ):
        encoder._client.wait_for_workers(2, timeout=60)
        yield encoder, [one, other], address


@pytest.mark.parametrize("nanny", [True, False], ids=["nanny", "no nanny"])
def test_a_worker_killed_in_the_middle_loses_nothing(
    opened: Callable[[str], House], expected: dict[str, Vector], nanny: bool
) -> None:
    house, killed = opened("cluster"), []
    with two_workers("--nanny" if nanny else "--no-nanny") as (encoder, workers, _):

        def kill_one(progress: Progress) -> None:
            if progress.encoded >= FACES // 3 and not killed:
                killed.append(progress.encoded)
                os.kill(child_of(workers[0]) if nanny else workers[0].pid, signal.SIGKILL)

        progress = house.services.reindex.backfill(SYSTEM, building(house), kill_one, encoder)
    assert killed
    assert killed[0] < FACES
    assert (progress.encoded, progress.failed, progress.complete) == (FACES, (), True)
    assert_the_same(templates(house), expected)
    assert house.services.validation.verify(SYSTEM, building(house)).problems == []
    assert house.faults() == []


def test_the_killed_coordinator_goes_on_where_it_was(opened: Callable[[str], House], expected: dict[str, Vector]) -> None:
    house = opened("cluster")
    with two_workers() as (_, _, address):
        command = [sys.executable, "-m", "tests.clustering", str(house.services.settings.data_dir), building(house), address]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert int(process.stdout.readline()) < FACES
            process.kill()
        before = house.services.reindex.progress(building(house)).encoded
        assert 0 < before < FACES
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
            told = [int(line) for line in process.communicate()[0].split()]
        assert process.returncode == 0
    assert told[0] > before
    assert told[-1] == FACES
    assert_the_same(templates(house), expected)


def test_a_photo_that_kills_workers_is_named_and_all_others_are_encoded(opened: Callable[[str], House]) -> None:
    house = opened("cluster")
    face_id = enrolled(house, DEADLY)  # for both encoders, as every new face is
    by_hand(house, "DELETE FROM templates WHERE encoder_id = ?", values=[SECOND_ENCODER])
    with two_workers() as (encoder, *_):
        progress = house.services.reindex.backfill(SYSTEM, building(house), encoder=encoder)
    assert progress.failed == (face_id,)
    assert (progress.encoded, progress.faces) == (FACES, FACES + 1)
