"""A new generation is looked at before it is used, and what is wrong with it keeps it from being used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest

from scripts import reindex
from tests.fakes import faceless_photo, painted_photo, unreadable_photo
from tests.house import House
from tests.stories import SECOND_ENCODER, a_house_with_two_encoders, reindexed, two_encoders
from tracing.access import SYSTEM
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Case, Generation, GenerationState
from tracing.errors import Invalid, NotAllowed, NotFound, WrongState
from tracing.evaluation.identification import is_aside

__all__ = ["two_encoders"]


@pytest.fixture
def house(two_encoders: None, tmp_path: Path) -> Iterator[House]:
    with a_house_with_two_encoders(tmp_path / "var") as found:
        yield found


def confirmed(house: House, person: int) -> tuple[Case, Case]:
    """A family and their person, whom two reviewers have put together."""
    report, intake = house.missing(person), house.sheltered(person)
    pair = house.pair(report, intake)
    house.judge(house.reviewer, pair)
    house.judge(house.second, pair)
    return report, intake


def built(house: House) -> Generation:
    new = house.services.reindex.start(SYSTEM, SECOND_ENCODER)
    house.services.reindex.backfill(SYSTEM, new.generation_id)
    return new


def kept(house: House, generation: Generation) -> Generation:
    return next(each for each in house.services.reindex.generations() if each.generation_id == generation.generation_id)


def test_a_good_generation_has_no_problem_and_keeps_its_report(house: House) -> None:
    confirmed(house, 1)
    for person in range(2, 6):
        house.missing(person)
    new = built(house)
    seen = house.services.validation.verify(SYSTEM, new.generation_id)
    assert seen.problems == []
    assert (seen.faces, seen.encoded, seen.searched, seen.found_themselves) == (6, 6, 4, 4)
    assert (seen.matches, seen.listed, seen.listed_now, seen.lost) == (1, 1, 1, ())
    assert set(seen.index_recall.values()) == {1.0}
    report = kept(house, new).report
    assert (report["faces"], report["problems"]) == (6, [])
    assert house.services.reindex.activate(SYSTEM, new.generation_id).report == report
    assert house.faults() == []


def test_an_incomplete_one_is_named_and_refused_until_it_is_complete_and_verified_again(house: House) -> None:
    house.missing(1)
    new = house.services.reindex.start(SYSTEM, SECOND_ENCODER)
    (problem,) = house.services.validation.verify(SYSTEM, new.generation_id).problems
    assert "1 faces are not encoded" in problem
    house.services.reindex.backfill(SYSTEM, new.generation_id)
    with pytest.raises(WrongState, match="found wanting"):
        house.services.reindex.activate(SYSTEM, new.generation_id)
    assert house.services.validation.verify(SYSTEM, new.generation_id).problems == []
    assert house.services.reindex.activate(SYSTEM, new.generation_id).state is GenerationState.ACTIVE


def test_a_generation_that_would_lose_a_confirmed_match_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second encoder sees in one of the two somebody else, among more people than a list has places."""
    report, intake = confirmed(house, 1)
    for person in range(100, 125):
        house.sheltered(person)
    encode = type(house.examiner).encode

    def mistaken(self: object, data: bytes, faces: object, encoder_ids: object) -> object:
        turned = -1 if data == painted_photo(1, shot=7) else 1
        found = encode(self, data, faces, encoder_ids)  # type: ignore[arg-type]
        return [{name: turned * vector for name, vector in each.items()} for each in found]

    monkeypatch.setattr(type(house.examiner), "encode", mistaken)
    new = built(house)
    seen = house.services.validation.verify(SYSTEM, new.generation_id)
    assert (seen.matches, seen.listed, seen.listed_now) == (1, 0, 1)
    assert seen.lost == (house.pair(report, intake).pair_id,)
    with pytest.raises(WrongState, match="confirmed matches"):
        house.services.reindex.activate(SYSTEM, new.generation_id)
    assert house.services.reindex.activate(SYSTEM, new.generation_id, incomplete=True).state is GenerationState.ACTIVE


def test_labelled_photos_are_searched_by_the_generation_s_encoder(house: House) -> None:
    house.missing(1)
    new = built(house)
    photos = [(f"person-{each}", partial(painted_photo, each, shot=shot)) for each in range(1, 9) for shot in range(2)]
    known = next(person for person, _ in photos if not is_aside(person))
    odd = [(known, faceless_photo), ("broken", unreadable_photo)]
    seen = house.services.validation.verify(SYSTEM, new.generation_id, [*photos, *odd]).on_photos
    assert seen is not None
    assert (seen.enrolled, seen.mated, seen.non_mated) == (3, 4, 5)
    assert seen.first == pytest.approx(0.75), "the photo without a face counts as missed"
    assert kept(house, new).report["on_photos"]["mated"] == 4
    with pytest.raises(Invalid, match="none of the labelled photos"):
        house.services.validation.verify(SYSTEM, new.generation_id, odd)


def test_labelled_photos_are_read_one_after_the_other(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All of a folder's at once may be more than the memory holds."""
    new, steps = built(house), list[str]()
    for person in range(1, 9):
        for shot in range(2):
            (tmp_path / "people" / f"{person}").mkdir(parents=True, exist_ok=True)
            (tmp_path / "people" / f"{person}" / f"{shot}.png").write_bytes(painted_photo(person, shot=shot))
    examine, read = house.examiner.examine, reindex.photo_bytes
    monkeypatch.setattr(house.examiner, "examine", lambda *given: steps.append("examined") or examine(*given))
    monkeypatch.setattr(reindex, "photo_bytes", lambda photo: steps.append("read") or read(photo))
    monkeypatch.setattr(reindex, "services", lambda: nullcontext(house.services))
    reindex.verify(new.generation_id, tmp_path / "people")
    assert steps == ["read", "examined"] * 16


def test_verifying_is_for_operators_and_of_what_is_there(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.services.validation.verify(house.reviewer, "f" * 32)
    with pytest.raises(NotFound):
        house.services.validation.verify(SYSTEM, "f" * 32)


def test_going_back_activates_the_one_before(house: House) -> None:
    house.missing(1)
    with pytest.raises(NotFound, match="no earlier"):
        house.services.reindex.rollback(SYSTEM)
    reindexed(house)
    assert house.services.reindex.rollback(SYSTEM).encoder_id == DEFAULT_ENCODER
    assert house.services.reindex.rollback(SYSTEM).encoder_id == SECOND_ENCODER
    house.missing(2)
    with pytest.raises(WrongState, match="not encoded"):
        house.services.reindex.rollback(SYSTEM)
    assert house.services.reindex.rollback(SYSTEM, incomplete=True).encoder_id == DEFAULT_ENCODER
