"""The reader of foreign bytes: formats, colour modes, orientation, caps, and everything that is broken."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from tests.embeddings.pictures import corner_names, corners, noise, whole, written
from tracing.domain import Landmarks
from tracing.embeddings.imaging import ORIENTATION, SENTENCES, PillowReader, to_jpeg
from tracing.embeddings.picture import TURNS
from tracing.errors import Invalid, PhotoTooLarge, Unavailable, UnreadablePhoto
from tracing.ports import PhotoInfo

READER = PillowReader()


def refusal(data: bytes, reader: PillowReader = READER) -> UnreadablePhoto:
    """What ``open`` and ``verify`` say about the bytes: the same."""
    problems = []
    for look in (reader.open, reader.verify):
        with pytest.raises(UnreadablePhoto) as refused:
            look(data)
        problems.append(refused.value)
    assert problems[0].problem == problems[1].problem
    assert problems[0].problem in SENTENCES
    return problems[0]


# Formats and colours


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP", "GIF"])
def test_each_format_is_read(kind: str) -> None:
    data = written(corners(), kind)
    assert corner_names(whole(READER, data)) == "rgbw"
    info = READER.verify(data)
    assert (info.format, info.width, info.height) == (kind.lower(), 64, 48)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "PCX", "ICO", "EPS", "JPEG2000", "AVIF", "PDF"])
def test_other_formats_are_no_photos(kind: str) -> None:
    assert refusal(written(corners(), kind)).problem == "not_an_image"


def test_a_phone_picture_with_a_second_picture_inside_is_a_jpeg() -> None:
    data = written(corners(), "MPO", save_all=True, append_images=[corners()])
    assert corner_names(whole(READER, data)) == "rgbw"
    assert READER.verify(data).format == "jpeg"


def test_the_first_frame_of_an_animation_is_read() -> None:
    data = written(corners(), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    assert corner_names(whole(READER, data)) == "rgbw"


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_ink_is_turned_into_light(kind: str) -> None:
    assert corner_names(whole(READER, written(corners().convert("CMYK"), kind))) == "rgbw"


def test_a_palette_is_looked_up() -> None:
    assert corner_names(whole(READER, written(corners().convert("P"), "PNG"))) == "rgbw"


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_has_three_equal_channels(mode: str) -> None:
    pixels = whole(READER, written(Image.linear_gradient("L").convert(mode), "PNG"))
    assert pixels.shape == (256, 256, 3)
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()
    assert pixels.min() == 0
    assert pixels.max() == 255


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind: str, order: str) -> None:
    ramp = np.repeat(np.linspace(0, 65_535, 256).astype(order)[None], 8, axis=0)
    pixels = whole(READER, written(Image.fromarray(ramp), kind))
    assert pixels[0, :, 0].astype(int) == pytest.approx(np.arange(256), abs=1)


def test_sixteen_bit_colour_is_scaled_not_clipped() -> None:
    assert whole(READER, png_of_sixteen_bits((65_535, 32_768, 256)))[0, 0].tolist() == [255, 128, 1]


def png_of_sixteen_bits(colour: tuple[int, int, int]) -> bytes:
    """A PNG of one pixel; Pillow can read 16-bit colour, but not write it."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    row = zlib.compress(b"\0" + struct.pack(">HHH", *colour))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_samples_without_a_fixed_white_are_stretched(dtype: type) -> None:
    ramp = np.repeat(np.linspace(-10, 90, 256)[None], 8, axis=0).astype(dtype)
    pixels = whole(READER, written(Image.fromarray(ramp), "TIFF"))
    assert (pixels.min(), pixels.max()) == (0, 255)


def test_samples_that_are_not_numbers_are_damage() -> None:
    nothing = Image.fromarray(np.full((4, 4), np.nan, dtype=np.float32))
    with pytest.raises(UnreadablePhoto, match="damaged"):
        whole(READER, written(nothing, "TIFF"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_shows_white(mode: str) -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": clear.getpixel((0, 0))} if mode == "P" else {}
    assert (whole(READER, written(clear, "PNG", **options)) == 255).all()


# Orientation

UPRIGHT = "rgbw"
STORED = {1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "gwrb", 7: "wgbr", 8: "brwg"}
"""How the sensor stored the picture, for each value of the tag (EXIF 2.32, table 6)."""
PAINT = {"r": (255, 0, 0), "g": (0, 255, 0), "b": (0, 0, 255), "w": (255, 255, 255)}


def stored_turned(orientation: int, kind: str) -> bytes:
    """A picture 64 wide and 48 high once it is upright."""
    width, height = (64, 48) if orientation < 5 else (48, 64)
    image = Image.new("RGB", (width, height))
    for number, name in enumerate(STORED[orientation]):
        left, top = number % 2 * width // 2, number // 2 * height // 2
        image.paste(PAINT[name], (left, top, left + width // 2, top + height // 2))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return written(image, kind, exif=exif)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int, kind: str) -> None:
    data = stored_turned(orientation, kind)
    pixels = whole(READER, data)
    assert pixels.shape == (48, 64, 3)
    assert corner_names(pixels) == UPRIGHT
    info = READER.verify(data)
    assert (info.width, info.height) == (64, 48)
    thumbnail = np.asarray(Image.open(io.BytesIO(READER.thumbnail(data, 40))))
    assert thumbnail.shape == (30, 40, 3)
    assert corner_names(thumbnail) == UPRIGHT


def test_every_orientation_but_upright_has_its_turn() -> None:
    assert set(TURNS) == set(STORED) - {1}


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 60]
)
def test_broken_metadata_is_no_reason_to_refuse_a_photo(exif: bytes) -> None:
    assert corner_names(whole(READER, written(corners(), "JPEG", exif=exif))) == "rgbw"


def test_a_nonsensical_orientation_means_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 99
    assert corner_names(whole(READER, written(corners(), "JPEG", exif=exif))) == "rgbw"


# Caps


def test_the_caps_include_what_they_name() -> None:
    data = written(noise(100, 100), "PNG")
    assert whole(PillowReader(max_bytes=len(data), max_pixels=10_000), data).shape == (100, 100, 3)


def test_too_many_bytes_are_refused_before_anything_is_decoded() -> None:
    problem = refusal(b"\xff\xd8\xff" + b"\0" * 100, PillowReader(max_bytes=50))
    assert problem.problem == "too_many_bytes"
    assert isinstance(problem, PhotoTooLarge)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP", "GIF"])
def test_l20_too_many_pixels_are_refused(kind: str) -> None:
    problem = refusal(written(noise(100, 100), kind), PillowReader(max_pixels=9_999))
    assert problem.problem == "too_many_pixels"
    assert isinstance(problem, PhotoTooLarge)


def test_l20_a_bomb_is_refused_by_its_header() -> None:
    data = written(Image.new("1", (20_000, 20_000)), "PNG")
    assert len(data) < 100_000
    assert refusal(data).problem == "too_many_pixels"
    data = written(Image.new("RGB", (11_000, 10_000)), "PNG")
    assert len(data) < 1_000_000
    assert refusal(data).problem == "too_much_memory"


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    scan = b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"
    assert refusal(written(corners(), "JPEG")[:-2] + 100 * scan + b"\xff\xd9").problem == "unusual"
    assert READER.verify(written(noise(64, 64), "JPEG", progressive=True)).width == 64


# Broken files


def test_an_empty_file_is_called_empty() -> None:
    assert refusal(b"").problem == "empty"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP", "GIF"])
def test_a_file_that_was_cut_off_is_refused(kind: str, share: float) -> None:
    data = written(noise(200, 200), kind)
    assert refusal(data[: int(len(data) * share)]).problem in ("truncated", "damaged")


def test_half_a_jpeg_is_called_truncated() -> None:
    data = written(noise(200, 200), "JPEG")
    assert refusal(data[: len(data) // 2]).problem == "truncated"


@pytest.mark.photos
def test_the_broken_files_among_the_labelled_photos_are_refused(dev_set: Path) -> None:
    problems = {name: refusal((dev_set / "negatives" / name).read_bytes()).problem for name in BROKEN}
    assert problems == BROKEN


BROKEN = {"truncated.jpg": "truncated", "corrupted.png": "damaged", "empty.png": "not_an_image"}


def test_a_machine_without_memory_says_nothing_about_the_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be refused as damaged, and its person be asked for another one, while nothing is wrong with it."""
    data = written(noise(40, 30), "JPEG")

    def without_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", without_memory)
    assert READER.verify(data) == PhotoInfo("jpeg", 40, 30)
    with pytest.raises(Unavailable, match="MemoryError"):
        READER.open(data)


def test_truncated_photos_stay_refused_when_somebody_switches_tolerance_on(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(noise(200, 200), "JPEG")[:5_000]
    refusal(data)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    assert refusal(data).problem == "truncated"


@pytest.mark.photos
@pytest.mark.parametrize("first", ["reader", "encoder", "both at once"])
def test_truncated_photos_are_refused_whenever_the_encoder_is_imported(dev_set: Path, first: str) -> None:
    """face_recognition switches Pillow's tolerance on for the whole process, so each case needs a process of its own."""
    photo = dev_set / "negatives" / "truncated.jpg"
    done = subprocess.run([sys.executable, "-c", IMPORT_AND_READ, first, photo], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["truncated"]
    assert done.stderr == ""


IMPORT_AND_READ = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from warnings import filterwarnings
from tracing.embeddings.imaging import PillowReader
from tracing.errors import UnreadablePhoto

filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
first, photo = sys.argv[1], Path(sys.argv[2]).read_bytes()
reader, importing = PillowReader(), threading.Thread(target=import_module, args=("face_recognition",))

def look():
    try:
        reader.open(photo)
    except UnreadablePhoto as refused:
        return refused.problem
    return "accepted"

seen = set()
if first == "reader":
    seen.add(look())
importing.start()
if first == "encoder":
    importing.join()
with ThreadPoolExecutor(4) as threads:
    while importing.is_alive():
        seen.update(threads.map(lambda _: look(), range(8)))
    seen.update(threads.map(lambda _: look(), range(40)))
print(*seen)
"""


def test_warnings_about_a_photo_are_not_passed_on() -> None:
    data = written(Image.new("1", (9_600, 9_600)), "PNG")  # between Pillow's own limit and twice that
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        PillowReader(max_pixels=200_000_000).verify(data)
        refusal(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    assert told == []


# Whatever the bytes are


def survives(data: bytes) -> None:
    for look in (READER.verify, partial(whole, READER), lambda photo: READER.thumbnail(photo, 32)):
        with contextlib.suppress(UnreadablePhoto):
            look(data)


SIGNATURES = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"\0\0\0 ftypheic",
]


@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_any_bytes_are_a_photo_or_refused(signature: bytes, rest: bytes) -> None:
    survives(signature + rest)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: written(noise(40, 40), "JPEG"),
    "progressive JPEG": lambda: written(noise(40, 40), "JPEG", progressive=True),
    "turned JPEG": lambda: stored_turned(6, "JPEG"),
    "PNG": lambda: written(noise(20, 20), "PNG"),
    "palette PNG": lambda: written(noise(20, 20).convert("P"), "PNG"),
    "WebP": lambda: written(noise(40, 40), "WEBP"),
    "lossless WebP": lambda: written(noise(20, 20), "WEBP", lossless=True),
    "HEIF": lambda: written(noise(64, 64), "HEIF"),
    "TIFF": lambda: written(noise(20, 20), "TIFF"),
    "packed TIFF": lambda: written(noise(20, 20), "TIFF", compression="tiff_lzw"),
    "BMP": lambda: written(noise(20, 20), "BMP"),
    "GIF": lambda: written(noise(20, 20), "GIF"),
}


@pytest.mark.parametrize("sample", SAMPLES)
@given(draw=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_photo_is_read_or_refused(sample: str, draw: st.DataObject) -> None:
    data = bytearray(SAMPLES[sample]())
    for place in draw.draw(st.lists(st.integers(0, len(data) - 1), max_size=12)):
        data[place] = draw.draw(st.integers(0, 255))
    survives(bytes(data[: draw.draw(st.integers(0, len(data)))] if draw.draw(st.booleans()) else data))


@pytest.mark.photos
@given(draw=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_real_photo_with_flipped_bits_is_read_or_refused(dev_set: Path, draw: st.DataObject) -> None:
    name = draw.draw(
        st.sampled_from(["negatives/rotated_pixels_0_reference.jpg", "people/lfw__Tony_Stewart/Tony_Stewart_0006.jpg"])
    )
    data = bytearray((dev_set / name).read_bytes())
    for bit in draw.draw(st.lists(st.integers(0, 8 * len(data) - 1), min_size=1, max_size=8)):
        data[bit // 8] ^= 1 << bit % 8
    survives(bytes(data))


# Derivatives


def test_a_thumbnail_carries_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of the camera"
    exif.get_ifd(0x8825)[1] = "N"
    data = written(noise(200, 100), "JPEG", exif=exif, comment=b"where it was taken", icc_profile=b"a profile")
    for derivative in (READER.thumbnail(data, 100), READER.portrait(data, ((80.0, 50.0), (120.0, 50.0)), 64)):
        image = Image.open(io.BytesIO(derivative))
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


NOWHERE = [(), ((5.0, 5.0),), ((5.0, 5.0), (5.0, 5.0)), ((float("nan"), 1.0), (9.0, 1.0)), ((5.0, 5.0), (float("inf"), 5.0))]


@pytest.mark.parametrize("landmarks", [*NOWHERE, ((9_000.0, 5.0), (9_030.0, 5.0))])
def test_a_portrait_of_eyes_that_are_nowhere_is_invalid(landmarks: Landmarks) -> None:
    with pytest.raises(Invalid):
        READER.portrait(written(corners(), "PNG"), landmarks, 64)


def test_pixels_become_a_jpeg_that_shows_them() -> None:
    pixels = np.asarray(corners())
    data = to_jpeg(pixels)
    assert READER.verify(data).format == "jpeg"
    assert corner_names(whole(READER, data)) == "rgbw"
    assert len(to_jpeg(np.asarray(noise(64, 64)), quality=30)) < len(to_jpeg(np.asarray(noise(64, 64)), quality=95))


def test_many_threads_may_read_at_once() -> None:
    photos = [stored_turned(1 + number % 8, "JPEG") for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        assert {corner_names(pixels) for pixels in threads.map(lambda photo: whole(READER, photo), photos)} == {"rgbw"}
