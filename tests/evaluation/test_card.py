"""Model cards as the service reads them: written and read alike, and refused where the figures contradict themselves."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.evaluation.crowds import crowd
from tracing.errors import Misconfigured
from tracing.evaluation.card import By, Card, GroupFigures, card_of
from tracing.evaluation.report import Group, Rate, measure, report

CARD = Card(
    encoder_id="an-encoder-1",
    measured_on=date(2026, 11, 25),
    sets=("lfw", "fgnet"),
    photos=120,
    people=40,
    enrolled=30,
    mated=60,
    non_mated=10,
    misses=Rate(0.2, (0.1, 0.3)),
    first=Rate(0.9, (0.85, 0.95)),
    groups=(
        GroupFigures(By.AGE, "0-6", 0, 7, 20, Rate(0.5, (0.3, 0.7)), 4, 0.25),
        GroupFigures(By.YEARS_BETWEEN, "20-", 20, None, 15, Rate(0.6, (0.3, 0.9)), 0, None),
        GroupFigures(By.SEX, "female", None, None, 30, Rate(0.2, (0.1, 0.3)), 5, 0.0),
    ),
)


def test_a_card_is_read_as_it_was_written() -> None:
    assert Card.from_dict(json.loads(json.dumps(CARD.to_dict()))) == CARD


def test_more_than_is_known_is_left_aside() -> None:
    assert Card.from_dict({**CARD.to_dict(), "command": "tracing evaluate"}) == CARD


@pytest.mark.parametrize(
    "changed",
    [
        {"encoder_id": ""},
        {"measured_on": "yesterday"},
        {"measured_on": None},
        {"sets": []},
        {"people": 121},
        {"enrolled": 41},
        {"mated": 0},
        {"non_mated": 0},
        {"misses": {"value": 0.4, "interval": [0.1, 0.3]}},
        {"misses": {"value": 0.2}},
        {"first": {"value": 1.1, "interval": [0.9, 1.2]}},
        {"first": {"value": float("nan"), "interval": [0.0, 1.0]}},
        {"groups": [CARD.groups[0].to_dict()] * 2},
        {"groups": None},
    ],
)
def test_a_card_that_contradicts_itself_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="card"):
        Card.from_dict({**CARD.to_dict(), **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"by": "shoe size"},
        {"name": ""},
        {"low": 7},
        {"mated": 0},
        {"mated": 61},
        {"non_mated": 11},
        {"non_mated": 0},
        {"false_positives": None},
        {"false_positives": 1.5},
        {"misses": {"value": 0.2, "interval": [0.3, 0.4]}},
    ],
)
def test_a_group_that_contradicts_itself_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="card"):
        Card.from_dict({**CARD.to_dict(), "groups": [{**CARD.groups[0].to_dict(), **changed}]})


def test_a_key_that_is_missing_is_told() -> None:
    for key in CARD.to_dict():
        with pytest.raises(Misconfigured, match=key):
            Card.from_dict({name: value for name, value in CARD.to_dict().items() if name != key})


def test_the_card_of_a_report_has_its_figures() -> None:
    photos = crowd(60, 3, spread=1.0, singles=40)
    known = np.array([person.startswith("person") for person in photos.people])
    young = known & (np.arange(len(photos.people)) % 3 == 1)
    found = report(
        measure(photos), {"age": [Group("0-6", young, 0, 7)], "set": [Group("a", known), Group("b", np.ones_like(known))]}, 20
    )
    card = card_of("an-encoder-1", date(2026, 11, 25), ("a", "b"), found)
    assert (card.photos, card.people, card.enrolled) == (found.photos, found.people, found.whole.enrolled)
    assert (card.misses, card.first) == (found.whole.at_rates[0].misses, found.whole.found[1])
    assert [(each.by, each.name, each.low, each.high) for each in card.groups] == [
        (By.AGE, "0-6", 0, 7),
        (By.SET, "a", None, None),
        (By.SET, "b", None, None),
    ]
    assert [each.false_positives is None for each in card.groups] == [True, True, False]
