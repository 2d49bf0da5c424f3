"""The page of figures, and the warnings on the pages of cases and pairs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from api.staff.charts import TALL, bars_of, columns_of, highest_share
from tests.api.staff.conftest import Browser, text_of
from tests.factories import a_card, a_group
from tests.house import House
from tracing import bootstrap
from tracing.clocks.compliance import ComplianceFigures
from tracing.domain import Channel, Judgement, Outcome
from tracing.embeddings.cards import card_on_file
from tracing.evaluation.card import By

Browsers = Callable[..., Browser]


def test_the_figures_are_shown_by_group_as_a_picture_and_a_table(chen: Browser, house: House) -> None:
    house.measured()
    page = chen.see("/figures")
    text = text_of(page)
    assert "Of 100 people who can be found, the search misses about 10." in text
    assert "95% range: 7–13%" in text
    assert "under 7 years ⚠ twice as many 55% 40–70% 60 1%" in text
    assert "20 years apart and more ⚠ perhaps twice as many 40% 5–80% 12 1%" in text
    assert "7 to 59 years 8% 5–11% 300 1%" in text
    pictures = re.findall(r'<svg class="bars" role="img"[^>]*aria-label="([^"]+)"', page)
    assert pictures[0] == "Missed, by group: under 7 years 55%, 7 to 59 years 8%"
    assert len(pictures) == 3
    assert page.count("<table") == 3 + 2 + 2


def test_numbers_are_grouped_and_what_nobody_said_is_not_called_faces(sun: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = {Channel.POLICE: 12345, None: 6789}
    monkeypatch.setattr(ComplianceFigures, "reunions", lambda *_: counted)
    text = text_of(sun.see("/figures"))
    assert "Police 12,345 Not said 6,789" in text


def test_few_people_are_not_counted_out(sun: Browser, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = {Channel.POLICE: 5, Channel.DNA: 4, None: 1}
    monkeypatch.setattr(ComplianceFigures, "reunions", lambda *_: counted)
    house.services.casework.close(
        house.intake, house.missing(8).case_id, Outcome.FOUND_ELSEWHERE, "they called", Channel.POLICE
    )
    house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    text = text_of(sun.see("/figures"))
    assert "Police 5 DNA <5 Not said <5" in text
    assert "brought to light by Cases Police <5" in text
    assert "Confirmed <5 Fewer than 5: not shown." in text


def test_the_set_of_photos_warns_on_this_page_only(lin: Browser, house: House) -> None:
    house.measured(a_group(By.SET, None, None, 0.9, (0.8, 1.0), name="fgnet"))
    assert "FG-NET: from childhood to old age ⚠ twice as many" in text_of(lin.see("/figures"))
    case = house.missing(1, age_min=5, age_max=5)
    house.sheltered(1, age_min=5, age_max=5)
    assert "The machine is weak here" not in lin.see(f"/cases/{case.case_id}")


def test_a_card_that_is_missing_or_broken_is_said(
    sun: Browser, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "card_on_file", partial(card_on_file, ours=tmp_path))
    assert "Nobody has measured this encoder yet" in sun.see("/figures")
    house.measured()
    (card,) = (house.services.settings.model_folders[-1] / "cards").iterdir()
    card.write_text("{")
    page = sun.see("/figures")
    assert "its figures cannot be read" in page
    assert f"cards/{card.name}" in page


@pytest.mark.parametrize(("who", "reads"), [("sun", True), ("qian", True), ("lin", False), ("chen", False)])
def test_daily_work_is_for_those_who_answer_for_it(browsers: Browsers, house: House, who: str, reads: bool) -> None:
    house.confirm(house.pair(house.missing(1), house.sheltered(1)))
    assert ("In daily work" in browsers(who).see("/figures")) is reads


def test_daily_work_shows_what_people_decided_and_whom_the_machine_missed(sun: Browser, house: House) -> None:
    for person in range(1, 7):
        missing, sheltered, stranger = house.missing(person), house.sheltered(person), house.sheltered(person, names=("x",))
        house.judge(house.reviewer, house.pair(missing, stranger), Judgement.EXCLUDED)
        house.confirm(house.pair(missing, sheltered))
    lost, other = house.missing(8), house.sheltered(9)
    house.services.casework.close(
        house.intake, lost.case_id, Outcome.FOUND_ELSEWHERE, "they called", Channel.POLICE, other.reference
    )
    page = sun.see("/figures")
    text = text_of(page)
    assert "6 pairs were recognised by face; 1 could have been, and something else found them." in text
    assert "Police Not listed: the machine missed it –" in text
    assert "Too few for a verdict Confirmed pairs with a low score: " in text
    assert "Confirmed 6 0." in text
    assert '<svg class="columns" role="img"' in page
    assert lost.reference not in page
    assert other.reference not in page


def test_l19_a_weak_group_is_a_warning_beside_its_candidates_and_on_the_pair(lin: Browser, chen: Browser, house: House) -> None:
    house.measured()
    child, found = house.missing(1, age_min=5, age_max=5), house.sheltered(1, age_min=5, age_max=6)
    case = text_of(lin.see(f"/cases/{child.case_id}"))
    assert "Age in the photo: under 7 years. Of 100 such people the search misses about 55, of all people 10." in case
    assert "⚠ under 7 years" in case
    assert "under 7 years" not in lin.see(f"/cases/{house.missing(3, age_min=50).case_id}")
    assert "The machine is weak here. That somebody is not on the list says little." in case
    pair = house.pair(child, found)
    page = text_of(chen.see(f"/pairs/{pair.pair_id}"))
    assert "Look longer than usual, and rely on facts beside the face. Age in the photo: under 7 years." in page
    assert "What the machine says" not in page


def test_bars_end_at_a_round_share_that_holds_them_all() -> None:
    groups = [a_group(By.AGE, 0, 7, 0.2, (0.1, 0.24)), a_group(By.AGE, 7, 9, 0.0, (0.0, 0.1))]
    picture = bars_of(a_card("e", *groups), groups)
    assert picture.end == 0.25
    assert [(bar.length, bar.low, bar.high) for bar in picture.bars] == [(80.0, 40.0, 96.0), (0.0, 0.0, 40.0)]
    assert picture.overall == 40.0
    assert [(bar.weak, bar.certain) for bar in picture.bars] == [(True, False), (False, False)]
    assert bars_of(a_card("e", a_group(By.AGE, 0, 7, 1.0, (0.9, 1.0))), groups).end == 0.25


def test_columns_share_their_cell_and_the_tallest_reaches_the_top() -> None:
    cells = (0, None, 10, 10)
    assert highest_share((cells, 22), ((), 0)) == 10 / 22
    one, other = columns_of(cells, 22, 0, 10 / 22), columns_of(cells, 22, 1, 10 / 22)
    assert [(column.few, column.height) for column in one] == [(True, pytest.approx(TALL / 5)), (False, TALL), (False, TALL)]
    for left, right in zip(one, other, strict=True):
        assert left.left + left.width <= right.left + 1e-9
    assert other[-1].left + other[-1].width <= 100
    assert columns_of((), 0, 0, 1.0) == []
