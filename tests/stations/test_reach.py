"""What a person may see of other stations' cases, as pure rules."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOON, a_case
from tracing.domain import Answer, Case, Description, LegalBasis, Part, PartialDate
from tracing.errors import OtherStation
from tracing.stations.reach import ALL_PARTS, Reach, may_be_a_child, may_be_shared, says_child

TODAY = NOON.date()
OWN = Reach("station-1", TODAY)
GUEST = Reach("station-2", TODAY)
GROWN = {"age_min": 40, "age_max": 60}
ages = st.none() | st.integers(0, 125)


def granted(case: Case, *parts: Part) -> Reach:
    return Reach("station-2", TODAY, granted={case.case_id: frozenset(parts)})


@given(ages, ages, st.sampled_from(LegalBasis), st.sampled_from([False, True, None]))
def test_l3_whoever_may_be_under_14_is_shared_with_a_guardian_s_consent_alone(
    youngest: int | None, oldest: int | None, basis: LegalBasis, child_said: bool | None
) -> None:
    """L3, over age ranges and what the form says: what is not known to be 14 or more may be less."""
    case = a_case(age_min=youngest, age_max=oldest, legal_basis=basis, child_said=child_said)
    surely_older = youngest is not None and youngest >= 14 and (oldest is None or oldest >= 14) and child_said is False
    assert may_be_shared(case, TODAY) == (surely_older or basis is LegalBasis.GUARDIAN_CONSENT)


@given(st.dates(date(1905, 1, 1), TODAY), st.sampled_from([4, 7, 10]))
def test_a_date_of_birth_counts_as_late_as_it_can_have_been(born: date, known: int) -> None:
    said = PartialDate.parse(born.isoformat()[:known])
    age_at_least = TODAY.year - said.latest.year - ((TODAY.month, TODAY.day) < (said.latest.month, said.latest.day))
    assert may_be_a_child(a_case(birth_date=said, age_min=99), TODAY) == (age_at_least < 14)


def test_on_the_fourteenth_birthday_a_child_is_fourteen() -> None:
    born = a_case(birth_date=PartialDate.parse("2012-02-29"))
    assert [may_be_a_child(born, day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [True, False]


@pytest.mark.parametrize(
    ("form", "child"),
    [
        ({}, False),
        ({"age_claimed": "13"}, True),
        ({"age_claimed": "14"}, False),
        ({"age_claimed": "0"}, True),
        ({"categories": ("child",)}, True),
        ({"categories": ("dementia", "child")}, True),
        ({"categories": ("dementia",)}, False),
        ({"claimed_id": "110101201203020019"}, True),
        ({"claimed_id": "身份证 １１０１０１ ２０１２０３０２ ００１９"}, True),
        ({"id_number": "110101201203020019", "age_claimed": "40"}, True),
        ({"claimed_id": "110101201203010013"}, False),
        ({"claimed_id": "110101201203020018"}, False),
    ],
)
def test_l3_the_form_calls_a_child_whoever_says_so_or_is_put_among_them(form: dict[str, Answer], child: bool) -> None:
    assert says_child(form, TODAY) == child


def test_of_another_station_s_case_only_what_was_granted_is_there() -> None:
    case = a_case(names=("老王",), **GROWN)
    assert (OWN.parts(case), GUEST.parts(case)) == (ALL_PARTS, frozenset())
    assert granted(case, Part.CLUES).parts(case) == {Part.CLUES}
    assert Reach("station-2", TODAY, opened=frozenset({case.case_id})).parts(case) == ALL_PARTS
    with pytest.raises(OtherStation):
        GUEST.shown(case)
    assert granted(case, Part.DESCRIPTION).shown(case) == case
    assert granted(case, Part.PHOTOS).shown(case).description == Description()


@pytest.mark.parametrize(
    ("reach", "one", "other", "may"),
    [
        # Of the two cases of a pair one has to be near.
        (OWN, GROWN, GROWN, True),
        (Reach("station-3", TODAY), GROWN, GROWN, False),
        (Reach("station-3", TODAY, everything=True), {}, {}, True),
        # The other one, a child perhaps, is not shown for comparing.
        (OWN, {}, GROWN, True),
        (OWN, GROWN, {}, False),
    ],
)
def test_who_may_look_at_a_pair(reach: Reach, one: dict[str, int], other: dict[str, int], may: bool) -> None:
    low, high = a_case(station_id="station-1", **one), a_case(station_id="station-2", **other)
    assert reach.compares(low, high) is reach.compares(high, low) is may


@pytest.mark.parametrize("parts", [(), (Part.DESCRIPTION,), (Part.PHOTOS,), (Part.DESCRIPTION, Part.PHOTOS), tuple(Part)])
def test_a_pair_is_opened_by_description_and_photos_together(parts: tuple[Part, ...]) -> None:
    low, high = a_case(station_id="station-1", **GROWN), a_case(station_id="station-3", **GROWN)
    assert granted(low, *parts).compares(low, high) is (set(parts) >= {Part.DESCRIPTION, Part.PHOTOS})


def test_an_emergency_opens_a_case_for_reading_and_no_pair_for_judging() -> None:
    low, high = a_case(station_id="station-1", **GROWN), a_case(station_id="station-3", **GROWN)
    assert not Reach("station-2", TODAY, opened=frozenset({low.case_id})).compares(low, high)


def test_why_a_case_stands_where_it_does_is_no_part_of_comparing() -> None:
    case = a_case(state_reason="a dispute in the family", **GROWN)
    assert GUEST.compared(case).state_reason == ""
    assert OWN.compared(case) == case
