"""Whatever a phone, or somebody's malice, hands in: each photo gets its outcome, and no worker takes more than 700 MiB."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.embeddings.pictures import written

pytestmark = [pytest.mark.photos, pytest.mark.long]

MIB = 2**20
MOST = 700 * MIB
CLEAR = Path("/proc/self/clear_refs")

EXAMINE = """
import json, re, sys, time
from pathlib import Path
from tracing.embeddings.catalog import make_examiner
from tracing.errors import UnreadablePhoto
encoders = ["dlib-resnet-v1", "mobilefacenet-128"]
examiner = make_examiner(encoders, [Path(folder) for folder in sys.argv[1:3]])
for name in sys.argv[3:]:
    Path("/proc/self/clear_refs").write_text("5")
    started = time.monotonic()
    data = Path(name).read_bytes()
    try:
        examiner.verify(data)
        seen = examiner.examine(data, encoders)
        outcome = "enrolled" if seen.subject is not None else "choose_face" if seen.faces else "no_face"
        enrolled = [sorted(face.vectors) for face in seen.faces if face.vectors]
        size, reason = (seen.width, seen.height), seen.no_face
    except UnreadablePhoto as refusal:
        outcome, enrolled, size, reason = "unreadable", [], (0, 0), refusal.problem
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
    print(json.dumps({"photo": Path(name).name, "outcome": outcome, "enrolled": enrolled, "size": size, "reason": reason,
                      "peak": peak, "seconds": time.monotonic() - started}), flush=True)
"""


def examined(photos: Sequence[Path], weights: Path, own_models: Path) -> list[dict[str, Any]]:
    """What one worker makes of the photos, one after the other."""
    if not CLEAR.exists():
        pytest.skip("peaks of memory are read from Linux' /proc")
    words = [sys.executable, "-c", EXAMINE, str(weights), str(own_models), *map(str, photos)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


OUTCOMES = {
    "noface_": {"no_face"},
    "many_": {"choose_face"},
    "tiny_crowd": {"choose_face"},
    "two_masked": {"choose_face", "enrolled"},
    "screen_photo": {"choose_face", "enrolled"},
    "occluded_hair": {"no_face", "enrolled"},
    "truncated": {"unreadable"},
    "corrupted": {"unreadable"},
    "empty": {"unreadable"},
    "": {"enrolled"},
}
"""By the beginning of the name; the first that fits holds."""


def test_each_of_the_difficult_photos_gets_its_outcome(dev_set: Path, weights: Path, own_models: Path) -> None:
    photos = sorted((dev_set / "negatives").iterdir())
    assert len(photos) == 31
    seen = examined(photos, weights, own_models)
    expected = {photo.name: next(OUTCOMES[each] for each in OUTCOMES if photo.name.startswith(each)) for photo in photos}
    assert {row["photo"]: row["outcome"] for row in seen if row["outcome"] not in expected[row["photo"]]} == {}
    assert [row["photo"] for row in seen if row["peak"] > MOST] == []
    assert all(row["reason"] for row in seen if row["outcome"] in ("no_face", "unreadable"))
    assert all(row["enrolled"] == [["dlib-resnet-v1", "mobilefacenet-128"]] for row in seen if row["outcome"] == "enrolled")


@pytest.fixture(scope="module")
def portrait(dev_set: Path) -> Image.Image:
    with Image.open(dev_set / "negatives" / "rotated_pixels_0_reference.jpg") as photo:
        return photo.convert("RGB").crop((35, 60, 325, 350))


def enlarged(portrait: Image.Image, megapixels: float) -> Image.Image:
    side = round((megapixels * 1e6) ** 0.5)
    return portrait.resize((side, side), Image.Resampling.BILINEAR)


def sixteen_bit(portrait: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(portrait.convert("L")).astype("<u2") * 257)


def animated(portrait: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", portrait.size, shade) for shade in ("red", "blue")]
    portrait.save(file, kind, save_all=True, append_images=frames, duration=100)
    return file.getvalue()


def odd_files(portrait: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Files that a person could be recognised in, in every way that a photo may be odd."""
    large = portrait.resize((1000, 1000), Image.Resampling.BILINEAR)
    yield "animated.gif", animated(large.quantize(), "GIF")
    yield "animated.webp", animated(large, "WEBP")
    yield "animated.png", animated(large, "PNG")
    yield "sixteen_bit.png", written(sixteen_bit(large), "PNG")
    yield "sixteen_bit.tif", written(sixteen_bit(large), "TIFF")
    yield "cmyk.jpg", written(large.convert("CMYK"), "JPEG")
    yield "cmyk.tif", written(large.convert("CMYK"), "TIFF")
    yield "palette.png", written(large.quantize(), "PNG")
    yield "palette.gif", written(large.quantize(), "GIF")
    yield "transparent.png", written(large.convert("RGBA"), "PNG")
    yield "grey.jpg", written(large.convert("L"), "JPEG")
    yield "progressive.jpg", written(large, "JPEG", progressive=True)
    yield "phone.heic", written(large, "HEIF")


def huge_files(portrait: Image.Image) -> Iterator[tuple[str, bytes, str]]:
    """With the outcome that is expected: enrolled wherever the format can be decoded small, else a plain refusal."""
    hundred = enlarged(portrait, 100)
    yield "hundred.jpg", written(hundred, "JPEG", quality=90), "enrolled"
    yield "hundred_turned.jpg", turned(hundred), "enrolled"
    yield "hundred_progressive.jpg", written(hundred, "JPEG", quality=80, progressive=True), "enrolled"
    yield "hundred.png", written(hundred, "PNG", compress_level=1), "enrolled"
    yield "hundred_grey.png", written(hundred.convert("L"), "PNG", compress_level=1), "enrolled"
    yield "hundred_cmyk.jpg", written(hundred.convert("CMYK"), "JPEG", quality=60), "enrolled"
    yield "forty_eight.heic", written(enlarged(portrait, 48), "HEIF", quality=40), "enrolled"
    del hundred
    two_hundred = enlarged(portrait, 200)
    yield "two_hundred.jpg", written(two_hundred, "JPEG", quality=90), "enrolled"
    yield "two_hundred_progressive.jpg", written(two_hundred, "JPEG", quality=60, progressive=True), "unreadable"
    yield "two_hundred.png", written(two_hundred, "PNG", compress_level=1), "unreadable"
    yield "two_hundred_palette.png", written(two_hundred.convert("P"), "PNG", compress_level=1), "enrolled"


def turned(image: Image.Image) -> bytes:
    """As a phone stores what it took upright: on its side, with a tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return written(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90, exif=exif)


def test_every_odd_file_is_enrolled(portrait: Image.Image, tmp_path: Path, weights: Path, own_models: Path) -> None:
    photos = []
    for name, data in odd_files(portrait):
        photos.append(tmp_path / name)
        photos[-1].write_bytes(data)
    seen = examined(photos, weights, own_models)
    assert {row["photo"]: row["outcome"] for row in seen if row["outcome"] != "enrolled"} == {}
    assert [row["photo"] for row in seen if row["peak"] > MOST] == []


def test_photos_of_a_hundred_and_two_hundred_megapixels_are_enrolled_in_bounded_memory(
    portrait: Image.Image, tmp_path: Path, weights: Path, own_models: Path
) -> None:
    expected, seen = {}, []
    for name, data, outcome in huge_files(portrait):
        photo = tmp_path / name
        photo.write_bytes(data)
        expected[name] = outcome
        seen += examined([photo], weights, own_models)
        photo.unlink()
    assert {row["photo"]: row["outcome"] for row in seen} == expected
    assert {row["photo"]: row["peak"] // MIB for row in seen if row["peak"] > MOST} == {}
