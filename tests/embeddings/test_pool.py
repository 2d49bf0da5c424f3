"""The pool of examiner processes: real processes around a quick examiner, killed, hung and crowded."""

from __future__ import annotations

import errno
import inspect
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path

import numpy as np
import pytest

from tests.embeddings.factories import misconfigured, never, playable, slow_to_load
from tests.fakes import ENCODER, FakeExaminer, faceless_photo, painted_photo, unreadable_photo
from tracing import errors
from tracing.embeddings.catalog import make_examiner
from tracing.embeddings.pool import ExaminerPool
from tracing.errors import Busy, EncoderUnavailable, Invalid, Misconfigured, Stopping, UnreadablePhoto
from tracing.ports import Examination

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pool() -> Iterator[ExaminerPool]:
    pool = ExaminerPool(playable, workers=1, waiting=4, time_limit=30)
    yield pool
    pool.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., ExaminerPool]]:
    """Makes pools that are closed at the end."""
    pools: list[ExaminerPool] = []

    def make(**options: object) -> ExaminerPool:
        pools.append(ExaminerPool(**{"make_examiner": playable, "time_limit": 30.0} | options))  # type: ignore[arg-type]
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def pid(pool: ExaminerPool) -> int:
    return pool.examine(b"", ["pid"]).width


def alive(process: int) -> bool:
    """Whether any thread of the process runs; one that ended and was not yet waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        threads = len(list(Path(f"/proc/{process}/task").iterdir()))
    except OSError:
        return False
    return state not in "ZX" or threads > 1


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


# Answers


def same(one: Examination, other: Examination) -> bool:
    if [face.detection for face in one.faces] != [face.detection for face in other.faces]:
        return False
    pairs = zip(one.faces, other.faces, strict=True)
    return all(np.array_equal(mine.vectors[name], theirs.vectors[name]) for mine, theirs in pairs for name in mine.vectors)


@pytest.mark.parametrize("photo", [painted_photo(3), painted_photo(3, faces=3), faceless_photo()], ids=["one", "many", "none"])
def test_another_process_gives_the_answer_of_this_one(pool: ExaminerPool, photo: bytes) -> None:
    there, here = pool.examine(photo, [ENCODER]), FakeExaminer().examine(photo, [ENCODER])
    assert (there.width, there.height, there.detector_id) == (here.width, here.height, here.detector_id)
    assert same(there, here)
    faces = [face.detection for face in here.faces]
    assert [list(row) for row in pool.encode(photo, faces, [ENCODER])] == [[ENCODER]] * len(faces)


def test_it_is_another_process_and_the_same_one_each_time(pool: ExaminerPool) -> None:
    first = pid(pool)
    assert first != os.getpid()
    assert pid(pool) == first


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in Linux' /proc")
def test_it_has_a_thread_for_photos_and_one_that_watches_the_parent(pool: ExaminerPool) -> None:
    """However many cores there are: numpy would start one more for each of them, in each process."""
    assert pool.examine(b"", ["threads"]).width == 2


def test_a_process_imports_only_what_photos_need() -> None:
    """Each new process is waited for so long, and numpy must not come before the limit of its threads."""

    def imported(module: str) -> set[str]:
        program = f"import sys, {module}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
        return set(done.stdout.split())

    assert not imported("tracing.embeddings.process") & {"numpy", "PIL", "tracing.domain", "tracing.ports"}
    assert not imported("tracing.embeddings.catalog") & {"tracing.records", "onnxruntime", "onnx", "dlib", "ssl"}


def test_a_photo_of_forty_megabytes_goes_through(pool: ExaminerPool) -> None:
    assert pool.examine(bytes(40 * 2**20), ["length"]).width == 40 * 2**20


def test_an_unreadable_photo_is_refused_with_its_word_and_its_sentence(pool: ExaminerPool) -> None:
    with pytest.raises(UnreadablePhoto) as there:
        pool.examine(unreadable_photo(), [ENCODER])
    with pytest.raises(UnreadablePhoto) as here:
        FakeExaminer().examine(unreadable_photo(), [ENCODER])
    assert (there.value.problem, str(there.value)) == (here.value.problem, str(here.value))


def test_other_refusals_come_back_as_they_are(pool: ExaminerPool) -> None:
    with pytest.raises(Invalid, match="a value makes no sense") as refused:
        pool.examine(b"", ["invalid"])
    assert refused.value.field == "field_of_it"
    with pytest.raises(EncoderUnavailable, match="fake-9 is not loaded"):
        pool.examine(painted_photo(), ["fake-9"])


def test_a_mistake_in_the_code_is_no_end_of_the_process(pool: ExaminerPool) -> None:
    before = pid(pool)
    with pytest.raises(EncoderUnavailable, match="ZeroDivisionError"):
        pool.examine(b"", ["bug"])
    assert pid(pool) == before


KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TracingError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_survives_the_way_between_processes(kind: type[Exception]) -> None:
    if issubclass(kind, errors.Incomplete):
        error: Exception = kind({"word": "what to do"})
    else:
        error = kind("what to do", "word") if issubclass(kind, Invalid | UnreadablePhoto) else kind("what to do")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), vars(copy)) == (kind, str(error), vars(error))


def test_verifying_does_not_wait_for_the_models(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(make_examiner=slow_to_load, waiting=0)
    began = time.monotonic()
    assert pool.verify(painted_photo()).format == "png"
    with pytest.raises(UnreadablePhoto):
        pool.verify(unreadable_photo())
    assert time.monotonic() - began < 5


# Death


def test_a_crash_in_native_code_costs_one_photo(pool: ExaminerPool) -> None:
    before = pid(pool)
    with pytest.raises(EncoderUnavailable, match="died"):
        pool.examine(b"", ["die"])
    assert pid(pool) != before


def test_a_process_that_the_system_does_not_start_costs_one_photo(
    opened: Callable[..., ExaminerPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many processes, or no memory for one more."""
    pool = opened()

    def refuse(_: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    before = len(list(Path("/proc/self/fd").iterdir()))
    with monkeypatch.context() as full:
        full.setattr(SpawnProcess, "_Popen", staticmethod(refuse))
        for _ in range(3):
            with pytest.raises(EncoderUnavailable, match="temporarily unavailable"):
                pool.examine(painted_photo(), [ENCODER])
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert pool.examine(painted_photo(), [ENCODER]).faces


def test_a_worker_killed_while_idle_is_replaced_unnoticed(pool: ExaminerPool) -> None:
    before = pid(pool)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: not alive(before))
    assert pid(pool) not in (before, os.getpid())


def test_a_worker_killed_in_the_middle_of_a_photo_is_replaced_for_the_next(pool: ExaminerPool, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with ThreadPoolExecutor(1) as threads:
        photo = threads.submit(pool.examine, b"", ["stuck", str(note)])
        assert eventually(lambda: note.exists() and note.read_text() != "")
        os.kill(int(note.read_text()), signal.SIGKILL)
        with pytest.raises(EncoderUnavailable, match="died"):
            photo.result(timeout=10)
    assert len(pool.examine(painted_photo(), [ENCODER]).faces) == 1


def test_a_photo_that_takes_too_long_is_given_up_and_its_process_ended(
    opened: Callable[..., ExaminerPool], tmp_path: Path
) -> None:
    pool = opened(time_limit=5.0)
    note = tmp_path / "pid"
    with pytest.raises(EncoderUnavailable, match="not examined within"):
        pool.examine(b"", ["stuck", str(note)])
    assert not alive(int(note.read_text()))
    assert len(pool.examine(painted_photo(), [ENCODER]).faces) == 1


def test_the_limit_holds_while_the_models_are_loading(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(make_examiner=slow_to_load, time_limit=1.0)
    began = time.monotonic()
    with pytest.raises(EncoderUnavailable, match="not examined within"):
        pool.examine(bytes(10 * 2**20), [ENCODER])  # more than fits into the pipe: sending it waits, too
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("factory", "error"), [(never, EncoderUnavailable), (misconfigured, Misconfigured)])
def test_models_that_cannot_be_loaded_are_told_to_every_caller(
    opened: Callable[..., ExaminerPool], factory: Callable[[], FakeExaminer], error: type[Exception]
) -> None:
    pool = opened(make_examiner=factory)
    for _ in range(2):
        with pytest.raises(error, match="no such"):
            pool.examine(painted_photo(), [ENCODER])


# Crowds


def test_more_than_the_waiting_room_holds_are_turned_away(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(workers=1, waiting=2)
    pid(pool)
    with ThreadPoolExecutor(8) as threads:
        photos = [threads.submit(pool.examine, b"", ["sleep", "1"]) for _ in range(8)]
        outcomes = [type(photo.exception()).__name__ for photo in photos]
    assert sorted(outcomes) == ["Busy"] * 5 + ["NoneType"] * 3
    assert pool.examine(b"", ["sleep", "0"]).detector_id == "slept"


def test_who_has_tapped_a_face_does_not_wait_for_all_photos_in_line(
    pool: ExaminerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = painted_photo(1)
    (face,) = (each.detection for each in pool.examine(photo, [ENCODER]).faces)
    monkeypatch.setattr("tracing.embeddings.pool.ENCODE_PATIENCE", 0.01)
    worker = pool._idle.get()
    with pytest.raises(Busy):
        pool.encode(photo, [face], [ENCODER])
    pool._idle.put(worker)
    assert len(pool.encode(photo, [face], [ENCODER])) == 1


def test_workers_work_side_by_side(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(workers=2, waiting=0)
    with ThreadPoolExecutor(2) as threads:
        seen = {photo.width for photo in threads.map(lambda _: pool.examine(b"", ["sleep", "1.5"]), range(2))}
    assert len(seen) == 2


def test_one_death_leaves_the_neighbour_alone(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(workers=2, waiting=0)
    with ThreadPoolExecutor(2) as threads:
        quiet = threads.submit(pool.examine, b"", ["sleep", "2"])
        with pytest.raises(EncoderUnavailable):
            pool.examine(b"", ["die"])
        assert quiet.result(timeout=20).detector_id == "slept"


def test_answers_never_get_to_somebody_else(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(workers=2, waiting=40)

    def ask(length: int) -> bool:
        if length % 10 == 9:
            with pytest.raises(EncoderUnavailable):
                pool.examine(b"", ["die"])
            return True
        return pool.examine(bytes(length), ["length"]).width == length

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(40)))


# Beginning and end


def test_no_process_is_started_before_the_first_photo(opened: Callable[..., ExaminerPool]) -> None:
    opened(make_examiner=slow_to_load, workers=50)


def test_warming_starts_the_processes_ahead(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(workers=2)
    pool.warm(["fake-1"])
    assert eventually(lambda: all(worker._process is not None for worker in pool._workers))
    assert len(pool.examine(painted_photo(), [ENCODER]).faces) == 1


def test_warming_what_cannot_be_loaded_is_told_by_the_first_photo(
    opened: Callable[..., ExaminerPool], caplog: pytest.LogCaptureFixture
) -> None:
    pool = opened(make_examiner=never)
    pool.warm(["fake-1"])
    assert eventually(lambda: "no such weights" in caplog.text)
    with pytest.raises(EncoderUnavailable, match="no such weights"):
        pool.examine(painted_photo(), [ENCODER])


def test_closing_ends_every_process_also_in_the_middle_of_a_photo(opened: Callable[..., ExaminerPool], tmp_path: Path) -> None:
    pool = opened(workers=2)
    note = tmp_path / "pid"
    idle = pid(pool)
    with ThreadPoolExecutor(1) as threads:
        photo = threads.submit(pool.examine, b"", ["stuck", str(note)])
        assert eventually(lambda: note.exists() and note.read_text() != "")
        pool.close()
        with pytest.raises(Stopping, match="shutting down"):
            photo.result(timeout=10)
    assert not alive(idle)
    assert not alive(int(note.read_text()))
    pool.close()
    with pytest.raises(Stopping, match="shutting down"):
        pool.examine(painted_photo(), [ENCODER])
    assert pool.verify(painted_photo()).format == "png"


PARENT = """
import signal, sys, threading, time
from contextlib import suppress
from tests.embeddings.factories import playable
from tracing.embeddings.pool import ExaminerPool
from tracing.errors import EncoderUnavailable, Stopping

def examine():
    with suppress(EncoderUnavailable, Stopping):
        pool.examine(b"", ["stuck", sys.argv[1]])

if __name__ == "__main__":
    # A shell starts what runs in its background with SIGINT ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pool = ExaminerPool(playable, workers=2)
    idle = pool.examine(b"", ["pid"]).width
    worker = pool._idle.get()
    threading.Thread(target=examine, daemon=True).start()
    pool._idle.put(worker)
    print(idle, flush=True)
    if sys.argv[2] == "return":
        while not open(sys.argv[1], "a+").seek(0, 2):
            time.sleep(0.02)
    else:
        while True:  # one long sleep would miss a signal that comes just before it
            time.sleep(0.05)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None], ids=["KILL", "TERM", "INT", "return"])
def test_no_worker_outlives_its_parent(tmp_path: Path, end: signal.Signals | None) -> None:
    """Idle or in the middle of a photo, whichever way the parent goes; and nothing is said about leaked semaphores."""
    script, note = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, script, note, end.name if end else "return"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    try:
        idle = int(parent.stdout.readline())
        assert eventually(lambda: note.exists() and note.read_text() != "", 20)
        busy = int(note.read_text())
        assert idle != busy
        if end:
            parent.send_signal(end)
        _, told = parent.communicate(timeout=20)
    finally:
        parent.kill()
        parent.communicate()
    assert eventually(lambda: not alive(idle) and not alive(busy))
    assert "leaked" not in told
    assert "Traceback" not in told or end is signal.SIGINT


def test_a_worker_does_not_end_by_ctrl_c(pool: ExaminerPool) -> None:
    before = pid(pool)
    os.kill(before, signal.SIGINT)
    time.sleep(0.2)
    assert pid(pool) == before


def test_the_real_examiner_works_in_a_process_of_its_own(opened: Callable[..., ExaminerPool]) -> None:
    pool = opened(make_examiner=partial(make_examiner, ("dlib-resnet-v1",)))
    assert pool.examine(faceless_photo(), ["dlib-resnet-v1"]).faces == ()


def test_the_web_goes_on_while_a_worker_works(pool: ExaminerPool) -> None:
    pid(pool)
    ticks = 0
    with ThreadPoolExecutor(1) as threads:
        photo = threads.submit(pool.examine, b"", ["sleep", "1"])
        while not photo.done():
            time.sleep(0.01)
            ticks += 1
    assert ticks > 30
