"""Where a model card is looked for, whose counts, and what is said of one that cannot be used."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.factories import a_card
from tracing.embeddings.cards import FOLDER, OURS, card_on_file
from tracing.embeddings.manifest import known_encoders

ENCODER = "an-encoder"


def put(folder: Path, encoder_id: str = ENCODER, name: str = ENCODER, text: str | None = None) -> Path:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    file = folder / FOLDER / f"{name}.json"
    file.write_text(text if text is not None else json.dumps(a_card(encoder_id).to_dict()), "utf-8")
    return file


def test_a_card_is_read_from_the_folder_that_holds_it(tmp_path: Path) -> None:
    put(tmp_path)
    found = card_on_file(ENCODER, [tmp_path], tmp_path / "ours")
    assert found.card == a_card(ENCODER)
    assert (found.encoder_id, found.problem) == (ENCODER, "")


def test_the_operators_own_comes_before_the_projects_and_folders_in_their_order(tmp_path: Path) -> None:
    first, second, ours = (tmp_path / name for name in ("first", "second", "ours"))
    put(ours)
    put(second, text="the second folder is asked first of the two that hold one")
    assert card_on_file(ENCODER, [first, second], ours).card is None
    put(first)
    assert card_on_file(ENCODER, [first, second], ours).card == a_card(ENCODER)


def test_without_any_it_says_that_nobody_has_measured(tmp_path: Path) -> None:
    found = card_on_file(ENCODER, [tmp_path / "no such folder"], tmp_path)
    assert found.card is None
    assert "nobody has measured" in found.problem


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"encoder_id": "an-encoder"}', "\x00"])
@pytest.mark.parametrize("whose", ["operator's", "project's"])
def test_a_broken_card_is_said_and_the_next_folders_is_not_taken_instead(
    tmp_path: Path, text: str, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    put(ours, text=None if whose == "operator's" else text)
    if whose == "operator's":
        put(theirs, text=text)
    with caplog.at_level(logging.WARNING):
        found = card_on_file(ENCODER, [theirs], ours)
    assert found.card is None
    assert whose in found.problem
    assert str(tmp_path) not in found.problem, "a page does not show where files are"
    assert str(tmp_path) in caplog.text, "the log does"


def test_a_card_that_is_no_text_is_said(tmp_path: Path) -> None:
    put(tmp_path).write_bytes(b"\xff\xfe\xfa")
    assert "cannot be read" in card_on_file(ENCODER, [tmp_path], tmp_path / "ours").problem


def test_a_card_of_another_encoder_under_this_name_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "another-encoder")
    found = card_on_file(ENCODER, [tmp_path], tmp_path / "ours")
    assert found.card is None
    assert "another-encoder" in found.problem


def test_a_folder_named_like_a_card_is_none(tmp_path: Path) -> None:
    (tmp_path / FOLDER / f"{ENCODER}.json").mkdir(parents=True)
    assert "nobody has measured" in card_on_file(ENCODER, [tmp_path], tmp_path / "ours").problem


def test_the_project_s_cards_lie_beside_the_manifest_and_are_all_readable() -> None:
    there = sorted(path.stem for path in (OURS / FOLDER).glob("*.json"))
    assert there
    assert set(there) <= set(known_encoders())
    for encoder_id in there:
        found = card_on_file(encoder_id, [])
        assert (found.problem, found.card is not None) == ("", True), encoder_id
