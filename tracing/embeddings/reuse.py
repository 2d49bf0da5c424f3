"""The memory of one photo is kept for the next: fresh pages cost a process for photos an eighth of all its time."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

from PIL import Image

KEPT_BLOCKS: Final = 4
"""Blocks of 16 MiB each, Pillow's unit of memory: as many as a photo of 12 megapixels takes."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Names of glibc's, from malloc.h."""
LARGEST_REUSED: Final = 32 * 2**20
"""What is larger, and its pages with it, goes back at once, so that a huge photo leaves nothing behind."""
FREE_AT_MOST: Final = 64 * 2**20
"""Bytes free at the end of the heap that are kept: a close-up of a face in 12 megapixels, with its copies."""


def reuse_memory() -> None:
    """For this process, from now on. Doing it twice is harmless; where the C library is not glibc only Pillow keeps anything.

    https://pillow.readthedocs.io/en/stable/reference/block_allocator.html, mallopt(3)
    """
    Image.core.set_blocks_max(KEPT_BLOCKS)  # type: ignore[attr-defined]
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGEST_REUSED)
        mallopt(M_TRIM_THRESHOLD, FREE_AT_MOST)
