"""Examiners that worker processes of the pool's tests build by name: quick, slow, dying, broken."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from tests.fakes import FakeExaminer
from tracing.errors import EncoderUnavailable, Invalid, Misconfigured
from tracing.ports import Examination


class Playable(FakeExaminer):
    """The fake examiner, told by the encoder id what to do with a photo."""

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        match tuple(encoder_ids):
            case ("pid",):
                return Examination(os.getpid(), 0, "pid", ())
            case ("threads",):
                return Examination(len(os.listdir("/proc/self/task")), 0, "threads", ())  # noqa: PTH208 - not worth a Path
            case ("sleep", seconds):
                time.sleep(float(seconds))
                return Examination(os.getpid(), 0, "slept", ())
            case ("stuck", path):  # notes its process before it hangs
                with open(path, "w") as file:  # noqa: PTH123 - not worth a Path
                    file.write(str(os.getpid()))
                time.sleep(600)
            case ("die",):
                os.abort()
            case ("bug",):
                raise ZeroDivisionError("a mistake in the code")
            case ("invalid",):
                raise Invalid("a value makes no sense", "field_of_it")
            case ("length",):
                return Examination(len(data), 0, "length", ())
        return super().examine(data, encoder_ids)


def playable() -> Playable:
    return Playable()


def never() -> Playable:
    raise EncoderUnavailable("no such weights")


def misconfigured() -> Playable:
    raise Misconfigured("no such encoder")


def slow_to_load() -> Playable:
    time.sleep(30)
    return Playable()
