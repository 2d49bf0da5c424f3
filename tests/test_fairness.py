"""Groups of the model card with twice the overall error, and whom they are a warning about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.factories import NOON, a_card, a_case, a_face, a_group, a_photo, a_quality, a_sheltered_case
from tests.house import House
from tracing.domain import Analysis, Case, Judgement, PartialDate, Role, Sex
from tracing.embeddings.cards import card_on_file
from tracing.errors import NotAllowed
from tracing.evaluation.card import By, GroupFigures
from tracing.fairness import Person, person, warnings_of, weak_groups

CHILDREN = a_group(By.AGE, 0, 7, 0.5, (0.3, 0.7))
OLD_PHOTOS = a_group(By.YEARS_BETWEEN, 20, None, 0.5, (0.3, 0.7))
POOR = a_group(By.QUALITY, None, 0.4, 0.5, (0.3, 0.7))
WOMEN = a_group(By.SEX, None, None, 0.5, (0.3, 0.7), name="female")
SET = a_group(By.SET, None, None, 0.9, (0.8, 1.0), name="lfw")
ADULT = Person(ages=(40,), years=(2020,), sex="male", quality=0.8)


def test_l19_a_group_is_weak_from_twice_the_overall_error_on() -> None:
    below, twice = a_group(By.AGE, 0, 7, 0.199, (0.1, 0.3)), a_group(By.AGE, 7, 13, 0.2, (0.11, 0.3))
    chance = a_group(By.AGE, 13, 18, 0.3, (0.09, 0.6))
    weak = weak_groups(a_card("e", below, twice, chance))
    assert [(each.group, each.overall.value, each.certain) for each in weak] == [(twice, 0.1, True), (chance, 0.1, False)]


@pytest.mark.parametrize(
    ("group", "one", "warned"),
    [
        (CHILDREN, Person(ages=(3,)), True),
        (CHILDREN, Person(ages=(6.5,)), True),
        (CHILDREN, Person(ages=(7,)), False),
        (CHILDREN, Person(ages=(3, 9)), False),  # the photo at nine is outside of the group: the best photo counts
        (CHILDREN, Person(), False),  # nothing is known, and nothing is said
        (OLD_PHOTOS, Person(years=(2000,)), True),
        (OLD_PHOTOS, Person(years=(2001,)), False),
        (OLD_PHOTOS, Person(years=(1990, 2019)), False),
        (OLD_PHOTOS, Person(), False),
        (POOR, Person(quality=0.39), True),
        (POOR, Person(quality=0.4), False),
        (POOR, Person(quality=None), False),
        (WOMEN, Person(sex="female"), True),
        (WOMEN, Person(sex="male"), False),
        (WOMEN, Person(), False),
        (SET, Person(), False),  # where somebody comes from is never guessed
    ],
)
def test_whom_a_weak_group_concerns(group: GroupFigures, one: Person, warned: bool) -> None:
    card = a_card("e", group)
    for two in ((one, ADULT), (ADULT, one)):
        assert [each.group for each in warnings_of(card, *two)] == ([group] if warned else [])


def born(year: int, **changes: Any) -> Case:
    return a_case(birth_date=PartialDate(year), **changes)


@pytest.mark.parametrize(
    ("case", "photo", "age"),
    [
        (a_case(), {"age_in_photo": 4}, 4),
        (born(2000), {"taken_on": PartialDate(2008, 3)}, 8),
        (born(2020), {}, 6),  # undated: as if taken when the case was opened, in 2026
        (a_sheltered_case(age_min=30, age_max=40), {}, 35),
        (a_sheltered_case(age_min=30, age_max=40), {"taken_on": PartialDate(2016)}, 25),
        (a_sheltered_case(age_max=8), {}, 8),
        (a_case(), {"taken_on": PartialDate(2008)}, None),
    ],
)
def test_the_age_in_a_photo_is_said_reckoned_or_estimated(case: Case, photo: dict[str, Any], age: float | None) -> None:
    seen = person(case, [a_photo(case.case_id, analysis=Analysis.ENROLLED, **photo)], [])
    assert seen.ages == (() if age is None else (age,))


def test_only_photos_with_the_face_count_and_the_best_face() -> None:
    case = a_sheltered_case(sex=Sex.FEMALE, age_min=30, age_max=30)
    photos = [
        a_photo(case.case_id, analysis=Analysis.ENROLLED),
        a_photo(case.case_id, analysis=Analysis.NO_FACE, age_in_photo=3),
    ]
    faces = [a_face(photos[0].photo_id, quality=a_quality(score)) for score in (0.7, 0.2)]
    assert person(case, photos, faces) == Person(ages=(30,), years=(NOON.year,), sex="female", quality=0.7)
    undated = a_photo(case.case_id, analysis=Analysis.ENROLLED)
    assert person(a_case(), [undated], []) == Person()


def test_the_operator_s_card_comes_before_the_project_s(tmp_path: Path) -> None:
    theirs, data, ours = (tmp_path / name for name in ("theirs", "data", "ours"))
    for folder, mated in ((theirs, 1), (data, 2), (ours, 3)):
        (folder / "cards").mkdir(parents=True)
        (folder / "cards" / "e.json").write_text(json.dumps(a_card("e", a_group(By.AGE, 0, 7, 0.5, (0, 1), mated)).to_dict()))
    for folder, mated in ((theirs, 1), (data, 2), (ours, 3)):
        found = card_on_file("e", (theirs, data), ours)
        assert found.card is not None
        assert (found.card.groups[0].mated, found.problem) == (mated, "")
        (folder / "cards" / "e.json").unlink()
    gone = card_on_file("e", (theirs, data), ours)
    assert gone.card is None
    assert "nobody has measured this encoder" in gone.problem


@pytest.mark.parametrize("broken", ["", "[]", "null", "{}", '{"groups": 3}', b"\xff\xfe\x00", '{"encoder_id": "e"'])
def test_a_broken_card_is_said_and_not_replaced_unseen(
    tmp_path: Path, broken: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for folder, text in (("theirs", broken), ("ours", json.dumps(a_card("e").to_dict()))):
        (tmp_path / folder / "cards").mkdir(parents=True)
        (tmp_path / folder / "cards" / "e.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    found = card_on_file("e", [tmp_path / "theirs"], tmp_path / "ours")
    assert found.card is None
    assert found.problem == "The operator's card cards/e.json cannot be read; the log says why."
    assert str(tmp_path / "theirs") in caplog.text


def test_a_card_of_another_encoder_is_no_card(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "e.json").write_text(json.dumps(a_card("another").to_dict()))
    found = card_on_file("e", [tmp_path])
    assert (found.card, "another encoder, another" in found.problem) == (None, True)


def test_the_figures_are_those_of_the_active_generation(house: House) -> None:
    card = house.measured()
    assert house.services.fairness.active(house.reviewer).card == card


def test_l19_a_child_s_candidates_come_with_the_warning_and_an_adult_s_without(house: House) -> None:
    house.measured()
    child, adult = house.missing(1, age_min=5, age_max=5), house.missing(2, age_min=40, age_max=40)
    for person_number in (1, 2):
        house.sheltered(person_number, age_min=6 if person_number == 1 else 38, age_max=40)
    warned = house.services.candidates.of_case(house.auditor, child.case_id).candidates
    assert [[each.group.name for each in view.warnings] for view in warned] == [["0-7"]]
    unwarned = house.services.candidates.of_case(house.auditor, adult.case_id).candidates
    assert [view.warnings for view in unwarned] == [()]


def test_a_warning_tells_somebody_blind_nothing_of_score_and_rank(house: House) -> None:
    """Everybody reads the same warnings of the same pairs, and another score changes none of them."""
    house.measured()
    missing = house.missing(1)
    for number in range(4):
        age = 4 if number % 2 else 30
        other = house.sheltered(300 + number, age_min=age, age_max=age)
        house.photograph(other, 1, shot=400 + number)
    of_case, of_pair = house.services.candidates.of_case, house.services.fairness.of_pair
    blind = {view.pair.pair_id: view.warnings for view in of_case(house.reviewer, missing.case_id).candidates}
    assert sorted(len(warnings) for warnings in blind.values()) == [0, 0, 1, 1]
    assert blind == {view.pair.pair_id: view.warnings for view in of_case(house.auditor, missing.case_id).candidates}
    assert blind == {pair_id: of_pair(house.reviewer, pair_id) for pair_id in blind}
    house.photograph(missing, 1, shot=999)
    house.judge(house.reviewer, house.pair(missing, other), Judgement.CANNOT_TELL)
    assert blind == {pair_id: of_pair(house.second, pair_id) for pair_id in blind}


def test_without_a_card_there_is_no_warning_and_the_operator_reads_why(house: House) -> None:
    missing = house.missing(1, age_min=5, age_max=5)
    house.sheltered(1, age_min=5, age_max=5)
    folder = house.services.settings.model_folders[-1] / "cards"
    folder.mkdir(parents=True)
    (folder / f"{house.services.fairness.active(house.auditor).encoder_id}.json").write_text("broken")
    assert "cannot be read" in house.services.fairness.active(house.auditor).problem
    assert [view.warnings for view in house.services.candidates.of_case(house.auditor, missing.case_id).candidates] == [()]


def test_who_may_not_read_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = house.pair(house.missing(1), house.sheltered(1))
    monkeypatch.setattr("tracing.access.ROLE_PERMISSIONS", dict.fromkeys(Role, frozenset()))
    with pytest.raises(NotAllowed):
        house.services.fairness.active(house.manager)
    with pytest.raises(NotAllowed):
        house.services.fairness.of_pair(house.manager, pair.pair_id)
