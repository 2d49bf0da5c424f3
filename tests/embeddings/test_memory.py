"""What a photo takes while it is decoded: told from its header, and measured in a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import noise, written
from tracing.embeddings.imaging import MAX_MEMORY
from tracing.embeddings.memory import SCANS, memory_needed

WIDTH, HEIGHT = 4000, 3000

DECODE = """
import io, re, sys
from pathlib import Path
from PIL import Image
from pillow_heif import register_heif_opener
from tracing.embeddings.memory import memory_needed
register_heif_opener()
data = Path(sys.argv[1]).read_bytes()
Image.open(io.BytesIO(Path(sys.argv[2]).read_bytes())).load()
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
image = Image.open(io.BytesIO(data))
Path("/proc/self/clear_refs").write_text("5")
before, needed = peak(), memory_needed(image)
image.load()
print(needed, peak() - before)
"""

FILES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "jpeg": ("RGB", "JPEG", {}),
    "progressive jpeg": ("RGB", "JPEG", {"progressive": True}),
    "progressive jpeg with all its colour": ("RGB", "JPEG", {"progressive": True, "subsampling": 0}),
    "grey jpeg": ("L", "JPEG", {}),
    "cmyk jpeg": ("CMYK", "JPEG", {}),
    "png": ("RGB", "PNG", {"compress_level": 1}),
    "palette png": ("P", "PNG", {"compress_level": 1}),
    "transparent png": ("RGBA", "PNG", {"compress_level": 1}),
    "16-bit png": ("I;16", "PNG", {"compress_level": 1}),
    "webp": ("RGB", "WEBP", {"method": 0}),
    "lossless webp": ("RGB", "WEBP", {"method": 0, "lossless": True, "quality": 0}),
    "gif": ("P", "GIF", {}),
    "bmp": ("RGB", "BMP", {}),
    "tiff": ("RGB", "TIFF", {}),
    "packed tiff": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    "heif": ("RGB", "HEIF", {"quality": 50}),
}


def picture(mode: str) -> Image.Image:
    """Smooth, so that it is quickly written, and large enough for its memory to be seen."""
    across, down = np.meshgrid(np.linspace(0, 255, WIDTH), np.linspace(0, 255, HEIGHT))
    if mode == "I;16":
        return Image.fromarray((across * 257).astype("<u2"))
    return Image.fromarray(np.stack([across, down, 255 - across], axis=2).astype(np.uint8)).convert(mode)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks of memory are read from Linux' /proc")
@pytest.mark.parametrize("name", FILES)
def test_no_format_takes_more_than_its_header_tells(name: str, tmp_path: Path) -> None:
    mode, kind, options = FILES[name]
    large, small = tmp_path / "large", tmp_path / "small"
    large.write_bytes(written(picture(mode), kind, **options))
    small.write_bytes(written(noise(64, 64), kind))
    done = subprocess.run([sys.executable, "-c", DECODE, large, small], capture_output=True, text=True, timeout=120, check=True)
    needed, taken = map(float, done.stdout.split())
    assert taken <= 1.1 * needed + 3_000_000
    assert needed <= 3 * taken, "so much caution refuses photos that could be read"


def opened(image: Image.Image, kind: str, **options: Any) -> Image.Image:
    return Image.open(io.BytesIO(written(image, kind, **options)))


def test_a_jpeg_takes_less_at_a_part_of_its_size_unless_it_keeps_its_coefficients() -> None:
    plain, progressive = opened(noise(160, 80), "JPEG"), opened(noise(160, 80), "JPEG", progressive=True)
    pixels = 160 * 80
    assert memory_needed(plain) == 4 * pixels
    assert memory_needed(plain, 8) == pixels / 16
    assert memory_needed(progressive) == 7 * pixels
    assert memory_needed(progressive, 8) == pixels / 16 + 3 * pixels
    plain.info[SCANS] = 3
    assert memory_needed(plain) == 7 * pixels


def test_what_phones_make_fits() -> None:
    """By megapixels: JPEG at full size up to 108, at half size 200; HEIC of 48."""
    assert MAX_MEMORY >= 4 * 108e6
    assert MAX_MEMORY >= 200e6
    assert MAX_MEMORY >= 7.5 * 48e6
