"""After an erasure nothing of a person is left: no row, file, template, place in a gallery, or word in an answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.erasures.run import erase_and_look
from tests.erasures.traces import NOT_OF_A_PERSON
from tests.figures import TellFigures
from tests.house import House, a_house
from tracing.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def a_new_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    with a_house(tmp_path / "var", **url) as found:
        yield found


@pytest.mark.long
def test_l8_nothing_of_an_erased_person_is_left_anywhere(a_new_house: House, tell_figures: TellFigures) -> None:
    """Invariant 7, and DOMAIN.md, L8."""
    figures = erase_and_look(a_new_house)
    tell_figures("erasures", figures.counted())
    assert figures.unfilled == [], "a table in which nobody looked: fill it, or say in NOT_OF_A_PERSON why there is nothing"
    assert figures.unmarked == [], "words that nobody could find before, so that finding none after proves nothing"
    assert min(figures.files, figures.templates, *figures.found_before.values()) > 0, figures
    assert figures.answers_before > 20
    assert figures.answers > 200
    assert figures.left == {}


def test_every_table_that_is_left_out_is_there() -> None:
    assert NOT_OF_A_PERSON.keys() <= metadata.tables.keys()
