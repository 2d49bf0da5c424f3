"""No number that is not shown can be worked out from those that are: tried by every way of filling the table again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.reporting.disclosure import FEW, WIDTH, Cell, Flow, Mark, hidden_of, range_of
from tracing.reporting.tables import HOUSE, REST, Counted, alone, at_least, by_kind, columns_of, counted, parts_of, staircase

SMALL = st.sampled_from([0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 8, 9, 13, 40])
STEPS = 5
WAYS = ["face", "dna", "police"]


@st.composite
def stairs(draw: st.DrawFn) -> tuple[Counted, dict[str, list[int]]]:
    stations = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
    ended = {each: draw(st.lists(SMALL, min_size=STEPS, max_size=STEPS)) for each in stations}
    if draw(st.booleans()):
        return staircase(ended, 2), ended
    before = {each: draw(SMALL) for each in stations}
    ways: dict[str, dict[str, int]] = {}
    for each in stations:
        left, ways[each] = ended[each][-1] + before[each], {}
        for way in WAYS:
            ways[each][way] = left if way == WAYS[-1] else draw(st.integers(0, left))
            left -= ways[each][way]
    return staircase(ended, 2, before, ways, WAYS), ended


@st.composite
def kinds(draw: st.DrawFn) -> Counted:
    stations = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
    numbers = {each: {kind: draw(SMALL) for kind in WAYS} for each in stations}
    return by_kind(numbers, WAYS, ["dna"] if draw(st.booleans()) else [])


@st.composite
def parts(draw: st.DrawFn) -> tuple[Counted, Counted]:
    """Who was opened, step by step, and which of them were searched."""
    stations = [f"s{number}" for number in range(draw(st.integers(1, 5)))]
    both = {each: {"yes": draw(SMALL), "no": draw(SMALL)} for each in stations}
    opened = staircase({each: [0, sum(own.values()), 0] for each, own in both.items()}, 1)
    whole = {column: opened.cell(("reached", column, 0)) for column in columns_of(stations)}
    return parts_of(whole, both, ["yes", "no"], ["no"]), opened


def equations(flows: Sequence[Flow]) -> list[dict[Hashable, int]]:
    """What flows into a sum flows out of it."""
    found: dict[Hashable, dict[Hashable, int]] = {}
    for flow in flows:
        if flow.source != flow.target:
            found.setdefault(flow.source, {})[flow.name] = -1
            found.setdefault(flow.target, {})[flow.name] = 1
    return list(found.values())


def solved_exactly(flows: Sequence[Flow], hidden: set[Hashable]) -> set[Hashable]:
    """Hidden numbers that linear algebra alone gives away: their own unit lies in the span of the equations."""
    names = sorted(hidden, key=str)
    rows = [[Fraction(row.get(name, 0)) for name in names] for row in equations(flows)]
    pivots: list[int] = []
    at = 0
    for column in range(len(names)):
        pivot = next((row for row in range(at, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for row in range(len(rows)):
            if row != at and rows[row][column]:
                rows[row] = [mine - rows[row][column] * its for mine, its in zip(rows[row], rows[at], strict=True)]
        pivots.append(column)
        at += 1
    return {names[column] for row, column in enumerate(pivots) if sum(bool(value) for value in rows[row]) == 1}


def unsafe(table: Counted) -> list[object]:
    """Sensitive numbers that are shown, or of which the table says too much."""
    wrong: list[object] = []
    by_algebra = solved_exactly(table.flows, set(table.hidden))
    for flow in table.flows:
        if not flow.sensitive:
            continue
        low, high = range_of(table.flows, flow.name, table.hidden)
        if flow.name not in table.hidden or flow.name in by_algebra or high - low < WIDTH:
            wrong.append((flow.name, flow.value, low, high))
    return wrong


@settings(max_examples=60)
@given(stairs())
def test_no_number_under_five_can_be_worked_out_from_the_steps_the_ways_or_the_other_stations(
    drawn: tuple[Counted, dict[str, list[int]]],
) -> None:
    assert unsafe(drawn[0]) == []


@settings(max_examples=60)
@given(kinds())
def test_no_number_under_five_can_be_worked_out_from_totals_and_differences(table: Counted) -> None:
    assert unsafe(table) == []


@settings(max_examples=60)
@given(parts())
def test_parts_of_what_another_table_tells_give_no_number_away_nor_the_whole(drawn: tuple[Counted, Counted]) -> None:
    table, opened = drawn
    assert unsafe(table) == []
    for flow in table.flows:
        if flow.name[0] == "total" and flow.name[1] != REST:  # type: ignore[index]  # a tuple
            assert opened.cell(("reached", flow.name[1], 0)) == Cell(Mark.EXACT, flow.value)  # type: ignore[index]


@settings(max_examples=100)
@given(st.lists(SMALL, min_size=1, max_size=7))
def test_one_hidden_station_cannot_be_had_from_the_whole_house(values: list[int]) -> None:
    assert unsafe(alone({f"s{number}": value for number, value in enumerate(values)})) == []


def fillings(table: Counted) -> list[dict[Hashable, int]]:
    """Every table within ``WIDTH`` of the true one that looks the same to somebody who knows the rules, tried one by one."""
    unknown = [flow for flow in table.flows if flow.name in table.hidden]
    fixed = {flow.name: flow.value for flow in table.flows if flow.name not in table.hidden}
    spans = [
        range(max(flow.value - WIDTH, flow.bounds[0]), int(min(flow.value + WIDTH, flow.bounds[1])) + 1) for flow in unknown
    ]
    rules = equations(table.flows)
    found = []
    for tried in product(*spans):
        values = fixed | {flow.name: value for flow, value in zip(unknown, tried, strict=True)}
        if all(sum(sign * values[name] for name, sign in rule.items()) == 0 for rule in rules):
            found.append(values)
    return found


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from([0, 1, 3, 4, 5, 6, 9, 12]), min_size=2, max_size=2), min_size=1, max_size=2))
def test_what_the_network_says_of_a_number_is_what_trying_every_table_says(numbers: list[list[int]]) -> None:
    table = by_kind({f"s{place}": dict(zip(WAYS, each, strict=False)) for place, each in enumerate(numbers)}, WAYS[:2])
    if len(table.hidden) > 6:
        return
    same = fillings(table)
    for flow in table.flows:
        if flow.sensitive:
            values = {each[flow.name] for each in same}
            low, high = range_of(table.flows, flow.name, table.hidden)
            assert (min(values), max(values)) == (low, high)


def test_a_number_that_the_others_give_away_is_found_by_both_attackers() -> None:
    """So that the tests above can fail."""
    flows = by_kind({"a": {"face": 3, "dna": 9}}, WAYS[:2]).flows
    careless = {flow.name for flow in flows if flow.sensitive}
    assert careless == {("kind", "a", "face")}
    assert solved_exactly(flows, careless) == careless
    assert range_of(flows, ("kind", "a", "face"), careless) == (3, 3)
    assert len(hidden_of(flows)) > 1


def test_bounds_alone_can_give_a_number_away_and_are_looked_at() -> None:
    """Two numbers under five that make eight are both four: no equation says so, but nothing else fits."""
    table = by_kind({"a": {"face": 4, "dna": 4}}, WAYS[:2])
    assert ("total", "a") in table.hidden
    assert unsafe(table) == []


def test_all_that_is_under_five_is_shown_alike_nobody_included() -> None:
    table = by_kind({"a": {"face": 0, "dna": 4, "police": 30}}, WAYS)
    assert {table.cell(("kind", "a", way)) for way in ("face", "dna")} == {Cell(Mark.FEW)}
    assert Cell.of(4, True) == Cell.of(0, True) == Cell(Mark.FEW)
    assert Cell.of(FEW, True) == Cell(Mark.HIDDEN)


def test_that_nobody_was_left_out_is_shown() -> None:
    everyone = staircase({"a": [0, 0, 12, 20, 30]}, 2)
    assert everyone.cell(("ended", "a", 0)) == Cell(Mark.EXACT, 0)
    assert everyone.cell(("reached", "a", 2)) == Cell(Mark.EXACT, 62)
    two_left = staircase({"a": [2, 0, 12, 20, 30]}, 2)
    assert two_left.cell(("ended", "a", 0)) == Cell(Mark.FEW)
    assert two_left.cell(("reached", "a", 0)) == Cell(Mark.EXACT, 64), "how many came is known to everybody"
    assert two_left.cell(("reached", "a", 1)).mark is Mark.HIDDEN


def test_large_numbers_are_shown_and_the_house_rather_than_one_station() -> None:
    assert not alone({"a": 40, "b": 50}).hidden
    table = alone({"a": 40, "b": 3, "c": 30})
    assert table.hidden == {("total", "b"), ("total", "c")}
    assert table.cell(("total", HOUSE)) == Cell(Mark.EXACT, 73)


def test_stocks_are_rounded_down() -> None:
    assert [at_least(Cell(Mark.EXACT, value)).number for value in (5, 9, 10, 14)] == [5, 5, 10, 10]
    assert at_least(Cell(Mark.FEW)) == Cell(Mark.FEW)


def test_one_station_is_the_whole_house() -> None:
    assert columns_of(["a"]) == ["a"]
    assert columns_of(["a", "b"]) == ["a", "b", HOUSE]
    assert counted([]).hidden == frozenset()


class _Asked(set[Hashable]):
    """Names of hidden numbers, which counts how often somebody asks for one."""

    times = 0

    def __contains__(self, name: object) -> bool:
        self.times += 1
        return super().__contains__(name)


def test_what_a_small_number_can_be_is_told_without_going_through_a_hundred_stations() -> None:
    kinds = [f"kind {number}" for number in range(8)]
    table = by_kind({f"station {number}": dict.fromkeys(kinds, 1) for number in range(100)}, kinds)
    names = _Asked(table.hidden)
    assert range_of(table.flows, ("kind", "station 7", "kind 3"), names) == (0, 3)
    assert names.times < 1.6 * len(table.flows), "once for each number of the table, and for the numbers on the way"
