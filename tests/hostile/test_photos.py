"""Hostile photos: kept or refused with a sentence, in bounded time and memory, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.hostile import corpus, photos
from tests.hostile.corpus import Kind
from tests.hostile.limits import most_seconds
from tests.hostile.samples import samples
from tests.hostile.segments import beginnings
from tracing.embeddings.imaging import PillowReader
from tracing.errors import UnreadablePhoto

SEED = 7
READER_MEMORY = 1200
"""MiB of one process that makes and reads them all."""


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
def test_l20_the_reader_takes_or_refuses_each_photo_alike_at_every_door_in_bounded_time_and_memory() -> None:
    figures = photos.through_the_reader(SEED, photos.READ_FLIPS, photos.real_ones(SHARED / "data" / "dev_set"))
    assert figures["faults"] == []
    assert set(figures["by_kind"]) == set(Kind)
    assert figures["photos"] > 2_000
    assert figures["slowest_seconds"] < most_seconds(), figures["slowest"]
    assert figures["memory_mib_largest_process"] < READER_MEMORY


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_server_that_is_saturated_with_hostile_photos_keeps_every_case_and_answers_all(tmp_path: Path) -> None:
    real = photos.real_ones(SHARED / "data" / "dev_set")
    outcome = photos.through_the_server(tmp_path / "var", photos.for_a_server(SEED, photos.SENT_FLIPS, real))
    assert outcome.faults == []
    assert outcome.statuses[202], "the encoder was never saturated"
    assert outcome.places, "nobody was told a place in line"
    assert not [status for status in outcome.statuses if status >= 500]
