"""The collector leaves alone what stays for good."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import gc
from scripts.memory import spare_what_is_loaded

loop = []
loop.append(loop)
del loop
before = len(gc.get_objects())
spare_what_is_loaded()
print(gc.get_freeze_count(), before, len(gc.get_objects()))
"""


def test_what_is_loaded_is_gone_through_no_more() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    spared, before, left = map(int, done.stdout.split())
    assert before * 0.9 < spared < before, "all but what was garbage"
    assert left < before / 10
