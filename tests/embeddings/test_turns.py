"""Many photos at one time: nobody waits longer than he said, and a large one keeps only large ones waiting."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.embeddings.pictures import corners, written
from tests.fakes import unreadable_photo
from tracing.embeddings.imaging import PillowReader
from tracing.errors import Busy, UnreadablePhoto
from tracing.turns import Turns


def is_free(turns: Turns, large: bool) -> bool:
    try:
        with turns.turn(large, patience=0):
            return True
    except Busy:
        return False


def test_so_many_are_decoded_at_one_time_and_of_the_large_ones_one() -> None:
    turns = Turns(3)
    with turns.turn(large=True, patience=None):
        assert not is_free(turns, large=True)
        with turns.turn(large=False, patience=None):
            assert is_free(turns, large=False)
            with turns.turn(large=False, patience=None):
                assert not is_free(turns, large=False)
    assert is_free(turns, large=True)


def test_a_large_one_that_goes_away_has_taken_no_place_with_it() -> None:
    turns = Turns(1)
    with turns.turn(large=False, patience=None):
        assert not is_free(turns, large=True)
    assert is_free(turns, large=True)


def test_while_others_are_decoded_a_photo_is_taken_by_its_header_and_none_is_shown() -> None:
    reader, upright, half = PillowReader(at_once=1, patience=0), written(corners(), "PNG"), unreadable_photo()
    with reader._turns.turn(large=False, patience=None):
        assert reader.verify(upright, patience=0.01) == reader.verify(upright, patience=0)
        assert reader.verify(half, patience=0.01).format == "png"
        with pytest.raises(UnreadablePhoto):
            reader.verify(b"not a picture", patience=0.01)
        with pytest.raises(Busy):
            reader.thumbnail(upright, 32)
    assert reader.verify(upright, patience=1) == reader.verify(upright, patience=0)
    assert reader.thumbnail(upright, 32)
    with pytest.raises(UnreadablePhoto):
        reader.verify(half, patience=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "TIFF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_header_tells_the_same_size_as_all_of_it(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = written(corners(64, 48), kind, exif=exif)
    assert PillowReader().verify(data, patience=0) == PillowReader().verify(data)
