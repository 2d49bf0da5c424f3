"""Pictures that are kept in memory for a while. What they look like is tested over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from api.kept import Kept
from api.pictures import LONGEST, MOST_SHOWN, Pictures, Variant, _longest
from tests.house import House
from tracing.domain import CaseKind
from tracing.errors import NotAllowed, NotFound
from tracing.ports import PhotoStore


class CountingPhotos:
    """The photo store, counting how often a file is opened."""

    def __init__(self, photos: PhotoStore) -> None:
        self.opened = 0
        self.put, self.erase, self.keys = photos.put, photos.erase, photos.keys
        self._get: Callable[[str], bytes] = photos.get

    def get(self, key: str) -> bytes:
        self.opened += 1
        return self._get(key)


@pytest.fixture
def photos(house: House) -> CountingPhotos:
    return CountingPhotos(house.services.photos)


@pytest.fixture
def pictures(house: House, photos: CountingPhotos) -> Pictures:
    return Pictures(replace(house.services, photos=photos))


def test_a_small_picture_is_drawn_once_and_the_whole_photo_every_time(
    house: House, pictures: Pictures, photos: CountingPhotos
) -> None:
    photo_id = house.photograph(house.open(CaseKind.MISSING), 1).photo.photo_id
    for variant, opened in ((Variant.THUMB, 1), (Variant.FACE, 1), (Variant.ORIGINAL, 2)):
        photos.opened = 0
        assert pictures.jpeg(house.intake, photo_id, variant) == pictures.jpeg(house.intake, photo_id, variant)
        assert photos.opened == opened


def test_who_may_not_read_cases_sees_no_picture_even_if_it_is_kept(
    house: House, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_id = house.photograph(house.open(CaseKind.MISSING), 1).photo.photo_id
    pictures.jpeg(house.intake, photo_id, Variant.THUMB)
    monkeypatch.setattr("tracing.access.ROLE_PERMISSIONS", {house.intake.role: frozenset()})
    with pytest.raises(NotAllowed):
        pictures.jpeg(house.intake, photo_id, Variant.THUMB)


def test_an_unknown_photo_is_not_found(house: House, pictures: Pictures) -> None:
    with pytest.raises(NotFound):
        pictures.jpeg(house.intake, "0" * 32)


def test_the_pictures_asked_for_last_are_kept_and_never_more_bytes_than_allowed() -> None:
    kept = Kept(most=10)
    keys = [(name, Variant.THUMB, "") for name in "abc"]
    for key in keys[:2]:
        kept.put(key, b"12345")
    assert kept.get(keys[0]) is not None  # "b" was asked for longest ago now
    kept.put(keys[2], b"12345")
    assert [kept.get(key) is not None for key in keys] == [True, False, True]
    kept.put(keys[0], b"1234567890 too large for all of it")
    assert [kept.get(key) for key in keys] == [None, None, None]
    kept.put(keys[1], b"1234567890")
    assert kept.get(keys[1]) == b"1234567890"


@pytest.mark.parametrize(
    ("width", "height", "longest"), [(6000, 4000, 6000), (12_000, 8000, 6000), (1, 65_000, 65_000), (0, 0, LONGEST)]
)
def test_a_photo_of_more_pixels_than_anybody_looks_at_is_sent_smaller(width: int, height: int, longest: int) -> None:
    assert _longest(width, height) == longest
    assert (longest / max(width, height, 1)) ** 2 * width * height <= MOST_SHOWN
