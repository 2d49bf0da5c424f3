"""Memory that photos have left goes back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
from api.memory import give_back_at_once
from scripts.bench.machine import resident_memory
import sys
if sys.argv[1] == "as the server":
    give_back_at_once()
bytes(30 << 20)  # a freed block raises the threshold of a glibc that is left alone
blocks = [bytearray(b"x") * (16 << 20) for _ in range(20)]
last = bytearray(b"x") * 100_000  # and what lies behind freed blocks holds them
before = resident_memory()
del blocks
print((before - resident_memory()) >> 20)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from Linux' /proc")
def test_blocks_of_a_photo_go_back_as_they_are_freed() -> None:
    words = [sys.executable, "-c", MEASURE, "as the server"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert int(done.stdout) > 300
