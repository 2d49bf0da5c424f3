"""The picture for news apps: of one size, recognised when it is small, and never drawn twice for nothing."""

from __future__ import annotations

import io
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from api.notices.papers import NoticePapers
from api.notices.share import BAND, COLOURS, HIGH, PHOTO, WIDE, share_picture
from tests.api.notices.test_poster import WORDS, a, a_jpeg
from tests.factories import NOON
from tracing.domain import CaseKind, NoticeMark, NoticePhoto, PhotoCut
from tracing.errors import Busy
from tracing.notices.drafting import LONGEST


def opened(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    assert (picture.format, picture.size, picture.info) == ("PNG", (WIDE, HIGH), {})
    return picture.convert("RGB")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("kind", list(CaseKind))
def test_it_has_the_photo_the_words_and_whom_to_call(kind: CaseKind, language: str) -> None:
    picture = opened(share_picture(a(kind=kind), a_jpeg(colour=(200, 40, 40)), language))
    assert picture.getpixel((PHOTO // 2, 300)) == pytest.approx((200, 40, 40), abs=6)
    assert picture.getpixel((4, HIGH - 4)) == COLOURS[kind]
    words = np.asarray(picture.crop((PHOTO + 10, 140, WIDE, HIGH - BAND)).convert("L"))
    assert 0.02 < (words < 100).mean() < 0.4, "there are letters, and room between them"
    number = np.asarray(picture.crop((0, HIGH - 90, WIDE, HIGH)).convert("L"))
    assert (number > 220).mean() > 0.02


def test_the_head_is_read_and_the_photo_seen_when_it_is_as_small_as_a_thumb() -> None:
    small = opened(share_picture(a(), a_jpeg(colour=(200, 40, 40)), "zh_CN")).resize((160, 120), Image.Resampling.LANCZOS)
    head = np.asarray(small.crop((92, 2, 158, 16)).convert("L")).astype(int)
    assert head.max() - head.min() > 120, "white letters on the colour of the head"
    assert np.abs(np.diff(head, axis=1)).max() > 60


@pytest.mark.parametrize("size", [(400, 500), (1600, 900), (300, 1500), (2000, 200)])
def test_no_photo_is_cut_so_that_the_person_may_be_gone(size: tuple[int, int]) -> None:
    """One that is far from the place's shape is shown whole: its corners are there."""
    wide, high = size
    canvas = np.full((high, wide, 3), 90, dtype=np.uint8)
    canvas[: high // 8, : wide // 8] = (255, 0, 0)
    canvas[-(high // 8) :, -(wide // 8) :] = (0, 0, 255)
    file = io.BytesIO()
    Image.fromarray(canvas).save(file, "JPEG", quality=95)
    shown = np.asarray(opened(share_picture(a(), file.getvalue(), "en")))[: HIGH - BAND, :PHOTO].astype(int)
    for strong, weak in ((0, 2), (2, 0)):
        assert (shown[:, :, strong] - shown[:, :, weak] > 120).sum() > 50


def test_the_longest_words_stay_in_their_places_and_what_is_left_out_is_told() -> None:
    long = replace(
        WORDS,
        name="阿" * LONGEST["name"],
        clothing="长" * LONGEST["clothing"],
        marks=tuple(NoticeMark(text="疤" * 25) for _ in range(8)),
    )
    notice = a(words=long, station="站" * LONGEST["station"], contact="0" * LONGEST["contact"])
    for jpeg in (None, a_jpeg()):
        picture = opened(share_picture(notice, jpeg, "zh_CN"))
        edge = np.asarray(picture.crop((WIDE - 30, 140, WIDE, HIGH - BAND)).convert("L"))
        assert edge.min() > 240, "nothing runs out of the picture"
        below = np.asarray(picture.crop((PHOTO + 10, HIGH - BAND - 8, WIDE, HIGH - BAND - 1)).convert("L"))
        assert below.min() > 240, "nothing runs into the band"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_where_somebody_was_seen_has_room_beside_the_rest(language: str) -> None:
    """In smaller letters where it has to be: English words took so many lines that the place was left out, and nobody told."""
    for field in ("seen_place", "seen_at", "height_cm"):
        without = replace(WORDS, **{field: "" if field == "seen_place" else None})
        told = share_picture(a(), a_jpeg(), language)
        assert told != share_picture(a(words=without), a_jpeg(), language), field


@pytest.mark.parametrize("field", ["seen_place", "seen_at"])
def test_where_somebody_was_seen_has_room_beside_the_longest_words(field: str) -> None:
    long = replace(WORDS, name="阿" * LONGEST["name"], clothing="W" * LONGEST["clothing"], marks=(NoticeMark(text="疤" * 90),))
    without = replace(long, **{field: "" if field == "seen_place" else None})
    assert share_picture(a(words=long), a_jpeg(), "en") != share_picture(a(words=without), a_jpeg(), "en")


def test_what_is_not_published_says_so_across_it() -> None:
    plain = np.asarray(opened(share_picture(a(), None, "en"))).astype(int)
    across = np.asarray(opened(share_picture(a(), None, "en", "Not published"))).astype(int)
    assert (np.abs(plain - across).sum(axis=2) > 60).mean() > 0.03


class Pictures:
    """Counts how often a photo is drawn."""

    def __init__(self) -> None:
        self.drawn = 0

    def jpeg(self, photo: NoticePhoto, longest: int) -> bytes:
        self.drawn += 1
        return a_jpeg()


def test_each_version_is_drawn_once_in_each_language() -> None:
    pictures = Pictures()
    papers = NoticePapers(pictures)  # type: ignore[arg-type]
    notice = replace(a(), photo=NoticePhoto("p", PhotoCut.WHOLE))
    first = papers.share(notice, "en")
    assert papers.share(notice, "en") is first
    assert papers.share(notice, "zh_CN") != first
    assert papers.share(notice, "en", "Not published") != first
    papers.share(replace(notice, number=2), "en")
    assert papers.poster(notice, "en", NOON) is papers.poster(notice, "en", NOON)
    assert pictures.drawn == 5


def test_more_than_two_at_once_wait_and_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.notices.papers.PATIENCE", 0.05)
    papers, begun, go = NoticePapers(Pictures()), threading.Barrier(3), threading.Event()  # type: ignore[arg-type]

    def slow() -> bytes:
        begun.wait(10)
        go.wait(10)
        return b"drawn"

    threads = [threading.Thread(target=papers._once, args=(number, slow)) for number in range(2)]
    for each in threads:
        each.start()
    begun.wait(10)
    with pytest.raises(Busy):
        papers.share(a(), "en")
    go.set()
    for each in threads:
        each.join(10)
    assert papers._once(0, lambda: b"anew") == b"drawn"
    assert papers.share(a(), "en")
