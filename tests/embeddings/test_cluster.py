"""Faces encoded by workers of Dask: real processes, killed, lost, hung, and with the wrong model."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import dask
import distributed  # noqa: F401 - its defaults are part of Dask's configuration from here on
import numpy as np
import pytest

from scripts.trial import free_port
from tests.clustering import CLUMSY, DEADLY, ENDLESS, FakeModels, child_of, scheduler, worker
from tests.fakes import ENCODER, FakeExaminer, painted_photo, unreadable_photo
from tracing.domain import Vector
from tracing.embeddings import cluster, cluster_encoder
from tracing.embeddings.cluster_encoder import ClusterEncoder
from tracing.embeddings.workplace import LIKE, Task, carry_out, standard_of
from tracing.errors import EncoderUnavailable, Misconfigured, UnreadablePhoto
from tracing.machines import Models
from tracing.ports import Detection

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
"""Dask leaves the socket to a worker that has died to the garbage collector."""

MODELS = FakeModels()


@pytest.fixture(autouse=True)
def _left_here() -> Iterator[None]:
    """What a test has left to the collector is not found in the middle of another file's."""
    yield
    gc.collect()


def faces(photo: bytes) -> list[Detection]:
    return [face.detection for face in FakeExaminer().examine(photo, []).faces]


def ask(encoder: ClusterEncoder, person: int) -> Vector:
    photo = painted_photo(person)
    (vectors,) = encoder.encode(photo, faces(photo), [ENCODER])
    return vectors[ENCODER]


def expected(person: int) -> Vector:
    photo = painted_photo(person)
    (vectors,) = FakeExaminer().encode(photo, faces(photo), [ENCODER])
    return vectors[ENCODER]


@pytest.fixture(scope="module")
def encoder() -> Iterator[ClusterEncoder]:
    with cluster.on_this_machine(MODELS, MODELS.standard, 1) as opened:
        yield opened


@pytest.fixture
def remote() -> Iterator[tuple[ExitStack, str]]:
    """A scheduler that the test may end, and its address."""
    with ExitStack() as stack:
        yield stack, stack.enter_context(scheduler())


# Answers


def test_a_worker_gives_the_templates_of_this_process(encoder: ClusterEncoder) -> None:
    photo = painted_photo(3, faces=3)
    there = encoder.encode(photo, faces(photo), [ENCODER])
    here = FakeExaminer().encode(photo, faces(photo), [ENCODER])
    assert len(there) == 3
    assert all(np.array_equal(mine[ENCODER], theirs[ENCODER]) for mine, theirs in zip(here, there, strict=True))


def test_many_at_once_are_not_mixed_up(encoder: ClusterEncoder) -> None:
    assert encoder.at_once == cluster_encoder.EACH
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda person: ask(encoder, person), range(40)))
    assert all(np.array_equal(vector, expected(person)) for person, vector in enumerate(made))


def test_an_unreadable_photo_is_refused_with_its_word(encoder: ClusterEncoder) -> None:
    with pytest.raises(UnreadablePhoto) as refused:
        encoder.encode(unreadable_photo(), faces(painted_photo()), [ENCODER])
    assert refused.value.problem == "truncated"


def test_a_mistake_in_the_code_of_a_worker_names_the_machine_and_ends_nothing(encoder: ClusterEncoder) -> None:
    with pytest.raises(EncoderUnavailable, match=rf"{os.uname().nodename}.*ZeroDivisionError"):
        ask(encoder, CLUMSY)
    assert np.array_equal(ask(encoder, 1), expected(1))


def test_it_encodes_for_the_encoder_that_it_was_opened_for(encoder: ClusterEncoder) -> None:
    with pytest.raises(EncoderUnavailable, match="fake-9"):
        encoder.encode(painted_photo(), faces(painted_photo()), ["fake-9"])


# The same model everywhere


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (FakeModels(fingerprint="another file"), "is not the one of the machine that sends the photos"),
        (FakeModels(really="fake-9"), "another template of a trial face"),
        (FakeModels(missing=True), "face.onnx is missing"),
    ],
    ids=["another file", "another template", "no file"],
)
def test_a_machine_with_another_model_encodes_nothing_and_is_named(models: FakeModels, said: str) -> None:
    succeeded, error = carry_out(Task(models, MODELS.standard, painted_photo(), tuple(faces(painted_photo()))))
    assert not succeeded
    assert isinstance(error, EncoderUnavailable)
    assert os.uname().nodename in str(error)
    assert said in str(error)


def test_the_real_encoder_agrees_with_itself(own_models: Path) -> None:
    models = Models(80 << 20, 250_000_000, (own_models,))
    standard = standard_of(models(), "dlib-resnet-v1")
    photo = painted_photo()
    succeeded, made = carry_out(Task(models, standard, photo, tuple(faces(photo))))
    assert succeeded, made
    assert made[0]["dlib-resnet-v1"].shape == (128,)
    one, other = (np.array(row) / np.linalg.norm(row) for row in standard.templates)
    assert one @ other < LIKE, "a network that sees no difference between two faces is no network"


def test_what_a_log_says_of_a_task_does_not_show_the_photo() -> None:
    photo = painted_photo()
    said = repr(Task(MODELS, MODELS.standard, photo, tuple(faces(photo))))
    assert repr(photo)[2:20] not in said
    assert "Box" not in said


# Workers that die


@pytest.mark.long
def test_a_photo_that_kills_its_workers_is_unreadable_and_those_beside_it_are_not() -> None:
    """Also where starting a worker again takes longer than Dask would usually wait for it."""
    hasty = dask.config.set({"distributed.deploy.lost-worker-timeout": "10 ms"})
    with hasty, cluster.on_this_machine(MODELS, MODELS.standard, 1) as encoder, ThreadPoolExecutor(4) as threads:
        tasks = {person: threads.submit(ask, encoder, person) for person in (DEADLY, 1, 2, 3)}
        with pytest.raises(UnreadablePhoto) as refused:
            tasks.pop(DEADLY).result()
        assert refused.value.problem == "kills_workers"
        assert all(np.array_equal(task.result(), expected(person)) for person, task in tasks.items())


@pytest.mark.parametrize("nanny", [True, False], ids=["nanny", "no nanny"])
def test_what_a_killed_worker_had_is_encoded_by_another_one(remote: tuple[ExitStack, str], nanny: bool) -> None:
    stack, address = remote
    slow = FakeModels(seconds=0.1)
    options = ("--nanny",) if nanny else ("--no-nanny",)
    victim, _ = (stack.enter_context(worker(address, *options)) for _ in range(2))
    with cluster.at(address, slow, MODELS.standard, patience=30) as encoder, ThreadPoolExecutor(6) as threads:
        ask(encoder, 0)
        tasks = [threads.submit(ask, encoder, person) for person in range(12)]
        time.sleep(0.3)
        os.kill(child_of(victim) if nanny else victim.pid, signal.SIGKILL)
        assert all(np.array_equal(task.result(), expected(person)) for person, task in enumerate(tasks))


@pytest.mark.long
@pytest.mark.parametrize("nanny", ["--nanny", "--no-nanny"])
def test_a_photo_that_never_ends_is_given_up(remote: tuple[ExitStack, str], nanny: str) -> None:
    stack, address = remote
    stack.enter_context(worker(address, nanny))
    stack.enter_context(worker(address, nanny))
    with cluster.at(address, MODELS, MODELS.standard, patience=30) as encoder:
        encoder._client.wait_for_workers(2, timeout=60)  # of one alone all the others would wait behind that photo
        ask(encoder, 1)
        impatient = ClusterEncoder(encoder._client, address, MODELS, MODELS.standard, time_limit=8)
        with ThreadPoolExecutor(1) as threads:
            endless = threads.submit(ask, impatient, ENDLESS)
            while not endless.done():
                ask(impatient, 2)
        with pytest.raises(UnreadablePhoto, match="within 8 seconds"):
            endless.result()
        with pytest.raises(EncoderUnavailable, match="No worker has answered"):
            ask(impatient, ENDLESS)


@pytest.mark.long
def test_those_behind_a_photo_that_never_ends_are_encoded_once_it_is_given_up(remote: tuple[ExitStack, str]) -> None:
    stack, address = remote
    stack.enter_context(worker(address, "--nanny"))
    with cluster.at(address, MODELS, MODELS.standard, patience=60) as encoder, ThreadPoolExecutor(4) as threads:
        impatient = ClusterEncoder(encoder._client, address, MODELS, MODELS.standard, patience=60, time_limit=15)
        endless = threads.submit(ask, impatient, ENDLESS)
        while not any(encoder._client.processing().values()):
            time.sleep(0.05)
        behind = {person: threads.submit(ask, impatient, person) for person in (1, 2, 3)}
        time.sleep(5)
        impatient._answered = time.monotonic()  # as by another worker, which has no room for these
        with pytest.raises(UnreadablePhoto, match="within 15 seconds"):
            endless.result()
        assert all(np.array_equal(task.result(), expected(person)) for person, task in behind.items())


# Nobody there


def test_no_scheduler_at_the_address() -> None:
    nobody = cluster.at(f"tcp://127.0.0.1:{free_port()}", MODELS, MODELS.standard, patience=1)
    with pytest.raises(EncoderUnavailable, match="dask scheduler"), nobody:
        pass


def test_a_scheduler_without_workers_and_one_that_loses_them(remote: tuple[ExitStack, str]) -> None:
    stack, address = remote
    idle = cluster.at(address, MODELS, MODELS.standard, patience=4)
    with pytest.raises(EncoderUnavailable, match="no worker for 4 seconds"), idle:
        pass
    only = stack.enter_context(worker(address, "--no-nanny"))
    with cluster.at(address, MODELS, MODELS.standard, patience=20) as encoder:
        ask(encoder, 1)
        impatient = ClusterEncoder(encoder._client, address, MODELS, MODELS.standard, patience=4)
        only.kill()
        with pytest.raises(EncoderUnavailable, match="dask worker"):
            ask(impatient, 1)
        assert impatient.at_once == 1


@pytest.mark.long
def test_a_scheduler_that_is_lost(remote: tuple[ExitStack, str]) -> None:
    stack, address = remote
    with worker(address, "--no-nanny"), cluster.at(address, FakeModels(seconds=1), MODELS.standard, patience=5) as encoder:
        ask(encoder, 1)
        threading.Timer(0.5, stack.close).start()
        with pytest.raises(EncoderUnavailable, match="is lost"):
            ask(encoder, 2)
        with pytest.raises(EncoderUnavailable, match="is lost"):
            ask(encoder, 3)


# What is refused before a photo leaves


@pytest.mark.parametrize(
    "address", ["tls://10.0.0.5:8786", "tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786", ""]
)
def test_photos_may_travel_encrypted_or_not_leave_the_machine(address: str) -> None:
    cluster.require(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://shelter.example:8786", "tcp://0.0.0.0:8786"])
def test_photos_travel_in_the_open_only_where_that_is_meant(address: str) -> None:
    with pytest.raises(Misconfigured, match="unencrypted"):
        cluster.require(address)
    cluster.require(address, unencrypted=True)


@pytest.mark.parametrize(
    "address", ["10.0.0.5:8786", "tls://10.0.0.5", "http://10.0.0.5:8786", "tls://:8786", "tls://a:b", "x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Misconfigured, match="is not the address"):
        cluster.require(address, unencrypted=True)


def test_tls_without_certificates_is_refused_before_anything_is_connected() -> None:
    bare = cluster.at("tls://127.0.0.1:9", MODELS, MODELS.standard)
    with pytest.raises(Misconfigured, match="needs certificates"), bare:
        pass


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Misconfigured, match=r"family-tracing\[cluster\]"):
        cluster.require()


def test_dask_keeps_quiet_in_the_terminal(encoder: ClusterEncoder) -> None:
    assert not any(
        logging.getLogger(name).isEnabledFor(logging.ERROR) for name in ("distributed.worker", "tornado.application")
    )
