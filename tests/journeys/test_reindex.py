"""Twenty thousand templates go over to another encoder while people search; the process that encodes is killed twice."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.factories import a_case
from tests.fakes import painted_photo
from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, two_encoders
from tracing.access import SYSTEM
from tracing.bootstrap import new_id
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Analysis, Case, CaseKind, CaseState, Face, GenerationState, Outcome, Photo, SearchRun, Vector
from tracing.ports import Sighted

__all__ = ["two_encoders"]

pytestmark = pytest.mark.long

TEMPLATES, MISSING, PORTION = 20_000, 600, 1_000
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(two_encoders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with a_house_with_two_encoders(tmp_path / "var") as found:
        yield found


def enrolled(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Every second of the first people is missed by somebody, all others were here: the open cases."""
    open_ones: list[Case] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)  # a power cut is not what is tested
        (sighted,) = house.examiner.examine(painted_photo(), []).faces  # all painted faces stand at the same place
        for start in range(0, TEMPLATES, PORTION):
            made = [_person(house, number, sighted) for number in range(start, start + PORTION)]
            with house.services.store.transaction() as records:
                for case, photo, _, _ in made:
                    records.cases.add(case)
                    records.photos.add(photo)
                records.faces.add([face for _, _, face, _ in made])
                records.faces.add_templates([(face.face_id, DEFAULT_ENCODER, vector) for _, _, face, vector in made])
            open_ones += [case for case, *_ in made if case.state is CaseState.OPEN]
    return open_ones


def _person(house: House, number: int, sighted: Sighted) -> tuple[Case, Photo, Face, Vector]:
    gone = {"kind": CaseKind.SHELTERED, "state": CaseState.CLOSED, "outcome": Outcome.SELF_LEFT}
    missing = number % 2 == 0 and number < 2 * MISSING
    case = a_case(case_id=new_id(), reference=f"{number:06d}", **({} if missing else gone))
    data = painted_photo(number // 2, shot=number % 2)
    key, digest = house.services.photos.put(data), hashlib.sha256(data).hexdigest()
    photo = Photo(new_id(), case.case_id, key, digest, house.clock(), analysis=Analysis.ENROLLED)
    at = sighted.detection
    face = Face(new_id(), photo.photo_id, at.box, at.landmarks, "fake", sighted.quality, of_interest=True)
    (vectors,) = house.examiner.encode(data, [at], [DEFAULT_ENCODER])
    return case, photo, face, vectors[DEFAULT_ENCODER]


@contextmanager
def searching(house: House, cases: list[Case], runs: list[SearchRun], failures: list[Exception]) -> Iterator[None]:
    """Two people search all the time."""
    stop = threading.Event()

    def search(seed: int) -> None:
        chance = random.Random(seed)
        while not stop.is_set():
            try:
                run = house.services.matching.search(chance.choice(cases).case_id)
                assert run is not None
                runs.append(run)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=search, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def filling(house: House, generation_id: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.backfilling", str(house.services.settings.data_dir), generation_id]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def templates(house: House, encoder_id: str) -> int:
    with house.services.store.reading() as records:
        return records.faces.count_templates(encoder_id)


def test_a_reindex_under_load_with_two_kills_loses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = enrolled(house, monkeypatch)
    runs: list[SearchRun] = []
    failures: list[Exception] = []
    reindex = house.services.reindex
    with searching(house, cases, runs, failures):
        new = reindex.start(SYSTEM, SECOND_ENCODER)
        for kill_at in (TEMPLATES // 5, TEMPLATES // 2):
            with filling(house, new.generation_id) as process:
                assert process.stdout is not None
                while int(process.stdout.readline()) < kill_at:
                    pass
                process.kill()
            assert kill_at <= templates(house, SECOND_ENCODER) < TEMPLATES
        with filling(house, new.generation_id) as process:
            process.communicate()
        assert process.returncode == 0
        assert house.services.validation.verify(SYSTEM, new.generation_id).problems == []
        reindex.activate(SYSTEM, new.generation_id)
        switched = len(runs)
        while len(runs) < switched + 20:
            time.sleep(0.05)
    assert failures == []
    assert switched > 50
    by_generation = {each.generation_id: each.encoder_id for each in reindex.generations()}
    assert {by_generation[run.generation_id] for run in runs[-10:]} == {SECOND_ENCODER}
    assert_scores_are_of_their_generation(house, runs, by_generation)
    house.services.worker.work_off()
    assert house.services.consistency.check() == []
    states = {each.encoder_id: each.state for each in reindex.generations()}
    assert states == {DEFAULT_ENCODER: GenerationState.RETIRED, SECOND_ENCODER: GenerationState.ACTIVE}


def assert_scores_are_of_their_generation(house: House, runs: list[SearchRun], by_generation: dict[str, str]) -> None:
    """The score of the first candidate of each list is that of the templates of the encoder that the search names."""
    with house.services.store.reading() as records:
        for run in runs[:: max(1, len(runs) // 200)]:
            encoder_id, best = by_generation[run.generation_id], run.list[0]
            own = np.stack([each.vector for each in records.faces.templates(run.case_id, encoder_id)])
            other = {each.template_id: each.vector for each in records.faces.templates(best.case_id, encoder_id)}
            assert best.score == pytest.approx(float((own @ other[best.template_id]).max()), abs=1e-5)
