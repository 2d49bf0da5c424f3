"""What can be put on a board: everything says what it stands for, and every picture is there."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import api.staff
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.lexicon.showing import COMMON, showing
from tracing.domain.regions import PlaceLevel, ancestry, level_of

PICTURES = Path(api.staff.__file__).parents[1] / "static" / "pictures"


def test_the_words_under_a_picture_say_what_it_stands_for() -> None:
    for choice in showing().pictures():
        for text in (choice.text, choice.latin):
            assert {f"word:{word.key}" for word in lexicon().words(text)} == {choice.key}, text


def test_every_word_is_drawn_once_in_one_style() -> None:
    drawn = {f"word:{file.stem}" for file in PICTURES.iterdir()}
    assert drawn == {choice.key for choice in showing().pictures()}
    for file in PICTURES.iterdir():
        root = ElementTree.fromstring(file.read_text("utf-8"))  # noqa: S314 - our own file
        assert (root.get("viewBox"), root.get("stroke"), root.get("stroke-width")) == ("0 0 96 96", "#111", "3"), file.name
        assert len(root), file.name


def test_a_surname_that_is_read_aloud_is_borne_by_very_many() -> None:
    surnames = showing().surnames()
    assert surnames[0].text == "王"
    assert 50 < len(surnames) < 150
    assert len({choice.key for choice in surnames}) == len(surnames)
    for choice in surnames:
        name = lexicon().name(choice.text)
        assert name is not None
        assert choice.key in name.keys
        assert not name.given
        assert lexicon().usual(choice.key) >= COMMON / 1e6


def test_places_lie_right_below_the_one_that_was_pointed_at() -> None:
    provinces = showing().places()
    assert len(provinces) == 34
    assert {level_of(choice.code) for choice in provinces} == {PlaceLevel.PROVINCE}
    cities = showing().places("340000")
    assert ("阜阳市", "Fuyang", "安徽省") in [(choice.text, choice.latin, choice.wider) for choice in cities]
    assert [choice.code for choice in cities] == sorted(choice.code for choice in cities)
    assert all(ancestry(choice.code)[-2] == "341200" for choice in showing().places("341200"))
    assert {level_of(choice.code) for choice in showing().places("110000")} == {PlaceLevel.COUNTY}
    assert showing().places("000000") == []


def test_places_are_spelled_as_on_a_map() -> None:
    spelled = {"place:140400": "Changzhi", "place:610000": "Shaanxi", "place:140000": "Shanxi", "place:320000": "Jiangsu"}
    for key, latin in spelled.items():
        choice = showing().choice(key)
        assert choice is not None
        assert choice.latin == latin


def test_what_is_nothing_to_show_is_none() -> None:
    assert showing().choice("place:341200") == showing().places("340000")[10]
    for key in ("place:999999", "place:", "surname:xyz", "word:work.spy", "name:liu.guoqiang", ""):
        assert showing().choice(key) is None
