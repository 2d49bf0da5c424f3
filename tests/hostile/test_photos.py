"""Hostile photos: kept or refused with a sentence, in bounded time and memory, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import SHARED
from tests.embeddings.pictures import written
from tests.figures import TellFigures
from tests.hostile import corpus, photos, reading
from tests.hostile.corpus import Kind
from tests.hostile.samples import samples
from tests.hostile.segments import beginnings
from tracing.embeddings.imaging import PillowReader
from tracing.errors import UnreadablePhoto

SEED = 7


@pytest.mark.parametrize("name", samples())
def test_each_sample_has_parts_to_be_cut_off_at(name: str) -> None:
    assert len(beginnings(samples()[name])) >= 2


def test_the_same_seed_gives_the_same_photos() -> None:
    one, other, another = (list(corpus.flipped(seed, 2)) for seed in (1, 1, 2))
    assert [each.make() for each in one] == [each.make() for each in other]
    assert [each.make() for each in one] != [each.make() for each in another]


@pytest.mark.parametrize("hostile", list(corpus.disguised()), ids=lambda each: each.name)
def test_l20_what_is_no_photo_is_refused_and_what_is_one_besides_is_kept(hostile: corpus.Hostile) -> None:
    try:
        kept = bool(PillowReader().verify(hostile.make()))
    except UnreadablePhoto:
        kept = False
    assert kept is hostile.keep


@pytest.mark.long
def test_l20_the_reader_takes_or_refuses_each_photo_alike_at_every_door_in_bounded_time_and_memory(
    tell_figures: TellFigures,
) -> None:
    real = photos.real_ones(SHARED / "data" / "dev_set")
    outcome = photos.through_the_reader(corpus.whole_corpus(SEED, photos.READ_FLIPS, real))
    tell_figures("hostile photos to the reader", outcome.figures())
    assert outcome.faults == []
    assert set(outcome.by_kind) == set(Kind)
    assert outcome.tried > 2_000


@pytest.mark.long
@pytest.mark.parametrize(("words", "refused"), [((), True), ((reading.WITHOUT_CAPS,), False)], ids=["as it is", "planted"])
def test_a_reader_without_caps_is_found_by_what_it_holds(words: tuple[str, ...], refused: bool) -> None:
    """The plant takes away the limits of pixels and memory; as it is, the reader refuses the photo by its header."""
    bomb = corpus.Hostile("above the cap", Kind.BOMB, lambda: written(Image.new("1", (16_000, 16_000)), "PNG"))
    outcome = photos.through_the_reader([bomb], *words, most_memory=300)
    assert (outcome.problems["too_many_pixels"], outcome.faults == []) == (int(refused), refused), outcome.faults


def test_a_reader_that_dies_is_found_with_the_photo_that_did_it() -> None:
    outcome = photos.through_the_reader([corpus.Hostile("it", Kind.BOMB, lambda: b"x")], reading.DIES)
    assert outcome.faults == ["it: the reader ended with 7"]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_server_that_is_saturated_with_hostile_photos_keeps_every_case_and_answers_all(
    tmp_path: Path, tell_figures: TellFigures
) -> None:
    real = photos.real_ones(SHARED / "data" / "dev_set")
    outcome = photos.through_the_server(tmp_path / "var", photos.for_a_server(SEED, photos.SENT_FLIPS, real))
    tell_figures("hostile photos to a server", outcome.figures())
    assert outcome.faults == []
    assert outcome.statuses[202], "the encoder was never saturated"
    assert outcome.places, "nobody was told a place in line"
    assert outcome.tried > 150
    assert not [status for status in outcome.statuses if status >= 500]
