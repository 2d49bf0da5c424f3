"""Memory that a process for photos keeps from one to the next, counted in pages, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.embeddings.pictures import noise, written

PHOTOS = """
import resource, sys
from pathlib import Path
from tracing.domain import Box
from tracing.embeddings.imaging import PillowReader
from tracing.embeddings.reuse import reuse_memory

def held():
    told = open("/proc/self/status").read().split()
    return int(told[told.index("VmRSS:") + 1]) * 1024

def looked_at(photo):
    data = Path(photo).read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    picture = PillowReader().open(data)
    picture.part(Box(500, 100, 2900, 2500)), picture.view(320)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

phone, huge = sys.argv[1:]
reuse_memory()
looked_at(phone), looked_at(phone)
before = held()
again = looked_at(phone)
looked_at(huge), looked_at(phone)
print(again, held() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="pages and what is held are read from Linux' /proc")
def test_the_next_photo_takes_the_pages_of_the_last_and_a_huge_one_leaves_none_behind(tmp_path: Path) -> None:
    """In another process than the one that has made them: the C library learns from what a process frees."""
    photos = [tmp_path / "phone.jpg", tmp_path / "huge.jpg"]
    for photo, width in zip(photos, (4000, 8000), strict=True):
        photo.write_bytes(written(noise(width, 3 * width // 4), "JPEG", quality=40))
    done = subprocess.run([sys.executable, "-c", PHOTOS, *photos], capture_output=True, text=True, timeout=120, check=True)
    new_pages, left_behind = map(int, done.stdout.split())
    assert new_pages < 1_000, "a close-up alone has four thousand"
    assert left_behind < 64 * 2**20
