"""``python -m tests.hostile.reading``: the process that reads hostile photos, and makes none: its memory is the reader's.

Takes a length and as many bytes, again and again, and answers each with a line of JSON.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from typing import Any, Final, Self

from tests.server import ROOT

LENGTH: Final = struct.Struct(">Q")
LOOKS: Final = ("verify", "open", "thumbnail")
"""Every door of the reader; all have to say the same of a photo."""
WITHOUT_CAPS, DIES = "without caps", "dies"
"""Words that plant a fault: no limits of pixels and memory, and an end in the middle of a photo."""


class ReaderProcess:
    """What the tests see of it. What crashes it ends it, and not the tests."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "tests.hostile.reading", *words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(timeout=60)

    def read(self, data: bytes) -> dict[str, Any]:
        """``answers`` of each look, ``seconds`` of each, the sentence that is ``wrong``, and the ``memory`` so far in MiB."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            for part in (LENGTH.pack(len(data)), data):
                self._write(part)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise AssertionError(f"the reader ended with {self._process.wait(timeout=60)}")
        found: dict[str, Any] = json.loads(line)
        return found

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        rest = memoryview(data)
        while rest:
            rest = rest[self._process.stdin.write(rest) or 0 :]


def main() -> None:
    from scripts.bench.machine import peak_memory
    from tracing.embeddings import imaging

    reader = imaging.PillowReader()
    if WITHOUT_CAPS in sys.argv:
        reader = imaging.PillowReader(max_pixels=10**12)
        imaging.MAX_MEMORY = imaging.MAX_SIDE = 10**12
    while len(head := sys.stdin.buffer.read(LENGTH.size)) == LENGTH.size:
        data = sys.stdin.buffer.read(LENGTH.unpack(head)[0])
        if DIES in sys.argv:
            os._exit(7)
        told: dict[str, Any] = {"answers": [], "seconds": [], "wrong": []}
        for look in LOOKS:
            started = time.monotonic()
            told["answers"].append(_said(reader, look, data, told["wrong"]))
            told["seconds"].append(time.monotonic() - started)
        told["memory"] = peak_memory(os.getpid()) // 2**20
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _said(reader: Any, look: str, data: bytes, wrong: list[str]) -> str:
    from tracing.embeddings.imaging import SENTENCES
    from tracing.errors import UnreadablePhoto

    try:
        getattr(reader, look)(data, *((320,) if look == "thumbnail" else ()))
    except UnreadablePhoto as refused:
        if refused.problem not in SENTENCES or not str(refused).endswith("."):
            wrong.append(f"no sentence for {refused.problem}")
        return str(refused.problem)
    return "read"


if __name__ == "__main__":
    main()
