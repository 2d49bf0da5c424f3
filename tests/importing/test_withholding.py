"""A list may name its records by people's identity numbers: they are told apart by them, and no number stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from tests.fakes import painted_photo
from tests.house import House
from tests.importing.handed import hand_in
from tests.importing.test_comparing import PLAN as COMPARED
from tests.importing.test_comparing import compare, hits
from tests.importing.test_importing import PLAN, Sent, a_table, bring, cases, counts
from tests.stories import rows_naming
from tracing.domain import CaseKind, Change, Description, LegalBasis, Source
from tracing.domain.id_numbers import WITHHELD
from tracing.errors import Suppressed
from tracing.importing.columns import Column
from tracing.importing.surveys import Survey

NUMBER: Final = "11010519491231002X"
"""The example of the standard, with the check digit that stands for ten."""
OTHER: Final = "440524188001010014"
PASSPORT: Final = "E12345678"
BY_HEADING: Final[dict[str, Any]] = {
    "headings": ("身份证号", "姓名"),
    "plan": replace(PLAN, columns=(("身份证号", Column.SOURCE_ID),)),
}
BY_ITSELF: Final[dict[str, Any]] = {"headings": ("编号", "姓名")}


def named(house: House, name: str) -> str:
    with house.services.store.reading() as records:
        found = records.rights.source(cases(house)[name].case_id)
    assert found is not None
    return found.source_id


def surveyed(house: House, number: str) -> Survey:
    table = a_table((number, "王建国"), headings=BY_HEADING["headings"])
    return house.services.surveys.whole(house.intake, BY_HEADING["plan"], table)


@pytest.mark.parametrize("told", [BY_HEADING, BY_ITSELF], ids=["by its heading", "by its check digit"])
def test_no_number_is_kept_and_its_record_is_known_by_it(house: House, told: dict[str, Any]) -> None:
    photos = Sent({f"{NUMBER}.png": painted_photo(1)})
    run = bring(house, (NUMBER, "王建国"), (OTHER, "李梅"), photos=photos, **told)
    assert (counts(run), run.photos) == ((2, 0, 0, 0), 1), "photos are called after the number still"
    assert rows_naming(house, NUMBER) == rows_naming(house, OTHER) == {}
    assert named(house, "王建国").startswith(WITHHELD)
    assert named(house, "王建国") != named(house, "李梅")
    assert counts(bring(house, (OTHER, "李梅"), (NUMBER.lower(), "王建国、王军"), **told)) == (0, 1, 1, 0)
    assert cases(house)["王建国"].description.names == ("王建国", "王军")
    assert rows_naming(house, NUMBER) == rows_naming(house, NUMBER.lower()) == {}
    assert house.faults() == []


def test_a_number_that_only_its_heading_tells_is_kept_no_more_than_another(house: House) -> None:
    assert counts(bring(house, (PASSPORT, "王建国"), **BY_HEADING)) == (1, 0, 0, 0)
    assert rows_naming(house, PASSPORT) == {}
    assert counts(bring(house, (PASSPORT, "王建国"), **BY_HEADING)) == (0, 0, 1, 0)


def test_what_was_kept_as_it_came_is_withheld_when_its_heading_tells_what_it_is(house: House) -> None:
    """By a list of before, say, or by a program that gave the number as the name of its record."""
    bring(house, (PASSPORT, "王建国"), **BY_ITSELF)
    assert named(house, "王建国") == PASSPORT
    told = house.services.surveys.whole(
        house.intake, BY_HEADING["plan"], a_table((PASSPORT, "王建国"), headings=("身份证号", "姓名"))
    )
    assert told.counts[Change.NEW] == 0
    assert counts(bring(house, (PASSPORT, "王建国"), **BY_HEADING)) == (0, 0, 1, 0)
    assert rows_naming(house, PASSPORT) == {}


@pytest.mark.parametrize(
    ("told", "first", "then"), [(BY_ITSELF, NUMBER, NUMBER.lower()), (BY_HEADING, "E-12345678", "e–12345678")]
)
def test_the_same_number_written_otherwise_is_the_same_record_twice(
    house: House, told: dict[str, Any], first: str, then: str
) -> None:
    run = bring(house, (first, "王建国"), (then, "王军"), **told)
    assert counts(run) == (1, 0, 0, 1)
    (refused,) = house.services.list_runs.look(house.intake, run.run_id).wrong
    assert (refused.row, refused.mistake) == (3, "The same number stands in row 2.")


def test_l8_whoever_was_erased_stays_out_whichever_door_the_number_comes_by(house: House) -> None:
    bring(house, (NUMBER, "王建国"), **BY_ITSELF)
    house.services.retention.erase_case(house.manager, cases(house)["王建国"].case_id, suppress=True)
    assert counts(bring(house, (NUMBER, "王建国"), **BY_HEADING)) == (0, 0, 0, 1)
    with pytest.raises(Suppressed):
        house.services.intake.open_case(
            house.partner,
            CaseKind.MISSING,
            Description(),
            LegalBasis.STATUTORY_DUTY,
            source=Source(PLAN.source, NUMBER.lower()),
        )
    run = compare(house, (NUMBER, "王建国"), **BY_ITSELF, plan=replace(COMPARED, source=PLAN.source))
    assert (run.refused, run.compared + run.without_face) == (1, 0)
    assert rows_naming(house, NUMBER) == {}


def test_a_hit_bears_no_number_and_the_case_that_is_opened_for_it_is_known_to_the_next_list(house: House) -> None:
    house.sheltered(1)
    photos = {f"{NUMBER}.png": painted_photo(1, shot=5)}
    assert compare(house, (NUMBER, "王建国"), photos=photos, **BY_ITSELF).found == 1
    assert compare(house, (NUMBER, "王建国", "x"), photos=photos, **BY_ITSELF).again == 1
    (hit,) = hits(house)
    assert hit.source_id.startswith(WITHHELD)
    source = house.services.list_hits.source_of(house.intake, hit.hit_id)
    house.services.intake.open_case(
        house.intake, CaseKind.MISSING, Description(names=("王建国",)), LegalBasis.STATUTORY_DUTY, source=source
    )
    assert compare(house, (NUMBER, "王建国", "y"), **BY_ITSELF).here == 1


def test_nobody_is_shown_a_number(house: House) -> None:
    told = house.services.surveys.whole(
        house.intake, BY_HEADING["plan"], a_table((NUMBER, "王建国"), headings=("身份证号", "姓名"))
    )
    assert NUMBER not in repr([(draft, draft.number) for draft in told.drafts])
    for heading in ("身份证号", "编号"):
        handed = hand_in(house, f"{heading},姓名\n{NUMBER},王建国\n")
        view = house.services.handed_lists.look(house.intake, handed.list_id)
        assert view.samples == (("11" + "*" * 16,), ("王建国",))
