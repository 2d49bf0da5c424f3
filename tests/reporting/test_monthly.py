"""The monthly report: what it counts, for whom, and what nobody can read out of it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.staff.monthly.paper import report_paper
from api.staff.monthly.sheet import BOM, guarded, report_sheet
from api.staff.monthly.telling import Telling, rule_titles
from api.staff.printed import Printed
from tests.house import House
from tests.neighbours import HOME, NORTH, Neighbours
from tracing.domain import ActionKind, ActionOutcome, CaseKind, Channel, Judgement
from tracing.errors import Invalid, NotAllowed, NotFound, OtherStation
from tracing.records.figures import Span, Step
from tracing.reporting.disclosure import Cell, Mark
from tracing.reporting.months import Month, last_whole
from tracing.reporting.report import Report
from tracing.verdict import Proof

FEW = Cell(Mark.FEW)


def exact(number: int) -> Cell:
    return Cell(Mark.EXACT, number)


def next_month(house: House) -> Month:
    """The month that has been is over now."""
    month = Month.of(house.clock().date())
    house.clock.advance(days=35)
    return month


def reached(report: Report, kind: CaseKind = CaseKind.SHELTERED) -> dict[Step, Cell]:
    return {line.step: line.reached for line in report.steps[kind]}


def test_a_month_is_one_of_the_calendar_in_the_zone_of_the_service() -> None:
    start, end = Month.parse("2026-10").between(ZoneInfo("Asia/Shanghai"))
    assert start == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert end == datetime(2026, 10, 31, 16, tzinfo=UTC)
    late = datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert last_whole(late, ZoneInfo("Asia/Shanghai")) == Month(2026, 10)
    assert last_whole(late, ZoneInfo("UTC")) == Month(2026, 9)
    assert str(Month(2026, 1).later(-1)) == "2025-12"


@pytest.mark.parametrize("written", ["", "2026", "2026-13", "2026-1", "26-10", "1999-12", "２０２６-10"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        Month.parse(written)


def test_a_month_that_is_not_over_has_no_report_for_its_days_could_be_compared(house: House) -> None:
    with pytest.raises(Invalid, match="not over yet"):
        house.services.report.of(house.auditor, Month.of(house.clock().date()))


def test_nobody_without_the_figures_reads_it(house: House) -> None:
    from tracing.domain import Role

    partner = house.hire("another service", Role.PARTNER)
    with pytest.raises(NotAllowed):
        house.services.report.of(partner)


def test_people_are_counted_from_intake_to_reunion_on_each_database(any_house: House) -> None:
    house = any_house
    for person in range(1, 13):
        house.sheltered(person)
    for _ in range(5):
        house.open(CaseKind.SHELTERED)
    month = next_month(house)
    found = house.services.report.of(house.auditor, month)
    steps = reached(found)
    assert steps[Step.INTAKE] == exact(17)
    assert steps[Step.PHOTOGRAPHED] == steps[Step.ENROLLED] == steps[Step.SEARCHED] == exact(12)
    assert found.steps[CaseKind.SHELTERED][0].ended == exact(5), "not photographed"
    assert steps[Step.REUNITED] == FEW
    assert reached(found, CaseKind.MISSING)[Step.INTAKE] == FEW
    assert found.photos["enrolled"] == exact(12)
    assert found.started
    assert [each.number for each in found.waiting] == [None, None, None, None, 15]


def test_what_happened_to_earlier_cases_is_counted_in_the_month_in_which_it_happened(any_house: House) -> None:
    house = any_house
    pairs = [house.pair(house.missing(person), house.sheltered(person)) for person in range(1, 7)]
    first = next_month(house)
    for pair in pairs:
        house.confirm(pair)
    second = next_month(house)
    with house.services.store.reading() as records:
        spans = [Span(*month.between(house.services.settings.zone)) for month in (first, second)]
        judged = [records.figures.came_later(span, CaseKind.MISSING, Step.CONFIRMED) for span in spans]
        assert judged == [{}, {HOME: 6}]
        assert records.figures.furthest(spans[0], CaseKind.MISSING) == {(HOME, Step.CANDIDATES): 6}
        assert len(records.figures.taken(spans[1], Step.CONFIRMED)) == 12
        assert records.figures.changed_minds(spans[1]) == (12, 0)
        assert len(records.figures.judged_together(spans[1])) == 12
    found = house.services.report.of(house.auditor, second)
    earlier = {line.step: line.earlier for line in found.steps[CaseKind.MISSING]}
    assert earlier[Step.CONFIRMED] == exact(6)
    assert earlier[Step.REUNITED] == FEW
    assert found.review is not None
    assert found.review.stood == exact(12)
    confirmed = next(line for line in found.times if line.step is Step.CONFIRMED)
    assert confirmed.median == timedelta(days=35)


@pytest.mark.parametrize("earlier", [0, 3])
def test_that_a_time_is_told_gives_away_none_of_the_numbers_beside_it(house: House, earlier: int) -> None:
    """Nine, and fewer than five more: with the time of nine in ten they would be at least one more, without it none."""
    before = [house.open(CaseKind.SHELTERED) for _ in range(earlier)]
    next_month(house)
    for person in range(1, 10):
        house.sheltered(person)
    for number, case in enumerate(before):
        house.photograph(case, 20 + number)
    month = next_month(house)
    found = house.services.report.of(house.auditor, month)
    line = next(each for each in found.steps[CaseKind.SHELTERED] if each.step is Step.SEARCHED)
    assert (line.reached, line.earlier) == (exact(9), FEW)
    (searched,) = [each for each in found.times if each.step is Step.SEARCHED]
    assert searched.median is not None
    assert searched.ninety is None


def test_reunions_are_told_by_what_brought_them_about(any_house: House) -> None:
    house = any_house
    for person in range(1, 7):
        case = house.sheltered(person)
        pair = house.pair(house.missing(person), case)
        house.confirm(pair)
        house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, "the laboratory's report")
        house.services.review.reunite(house.manager, pair.pair_id, "to the brother")
        house.services.actions.record(house.intake, case.case_id, ActionKind.POLICE, ActionOutcome.IDENTIFIED)
    month = next_month(house)
    found = house.services.report.of(house.auditor, month)
    assert found.went_home.number in (None, 6), "so few that the other ways may be given away by it"
    assert found.channels[Channel.POLICE].number in (None, 6)
    assert found.channels[Channel.DNA] == FEW
    with house.services.store.reading() as records:
        (way,) = records.figures.ways_home(Span(*month.between(house.services.settings.zone)))
    assert (way.action, way.count, way.by_faces, way.by_clues) == (ActionKind.POLICE, 6, True, False)


def test_a_review_that_is_not_over_has_no_judgement_here(house: House) -> None:
    pairs = [house.pair(house.missing(person), house.sheltered(person)) for person in range(1, 8)]
    before = _told(house)
    for pair in pairs:
        house.judge(house.reviewer, pair, Judgement.SAME_VERY_LIKELY)
    assert _told(house) == before, "the second reviewer would learn that somebody has judged"


def _told(house: House) -> str:
    months = (Month.of(house.clock().date()).later(number) for number in (0, 1))
    with house.services.store.reading() as records:
        spans = [Span(*month.between(house.services.settings.zone)) for month in months]
        return repr(
            [
                (
                    [records.figures.furthest(span, kind) for kind in CaseKind],
                    [records.figures.came_later(span, kind, step) for kind in CaseKind for step in list(Step)[1:]],
                    records.figures.changed_minds(span),
                    records.figures.judged_together(span),
                    records.figures.taken(span, Step.JUDGED),
                )
                for span in spans
            ]
        )


def test_a_station_reads_its_own_report_and_the_central_one_all(house: House) -> None:
    near = Neighbours(house)
    for person in range(1, 8):
        house.sheltered(person)
    for _ in range(12):
        house.open(CaseKind.SHELTERED, near.intake)
    month = next_month(house)
    report = house.services.report
    assert report.of(house.auditor, month).station_id == HOME
    assert reached(report.of(near.auditor, month))[Step.INTAKE] == exact(12)
    assert reached(report.of(near.supervisor, month))[Step.INTAKE] == exact(19)
    assert report.of(near.supervisor, month, NORTH).station_id == NORTH
    assert report.of(near.supervisor, month, NORTH).review is None, "reviews are told of the whole house"
    assert report.stations(near.supervisor) == [HOME, NORTH]
    assert report.stations(near.auditor) == []
    with pytest.raises(OtherStation):
        report.of(near.auditor, month, HOME)
    with pytest.raises(NotFound):
        report.of(near.supervisor, month, "atlantis")


def test_a_station_s_small_number_cannot_be_had_from_the_whole_house(house: House) -> None:
    near = Neighbours(house)
    for person in range(1, 8):
        house.sheltered(person)
    house.open(CaseKind.SHELTERED, near.intake)
    month = next_month(house)
    cells = [reached(house.services.report.of(near.supervisor, month, each))[Step.INTAKE] for each in ("", HOME, NORTH)]
    assert cells[2] == FEW
    assert Mark.HIDDEN in (cells[0].mark, cells[1].mark), "else the difference would be the number"


def test_where_nobody_had_a_case_it_says_so(house: House) -> None:
    found = house.services.report.of(house.auditor)
    assert not found.started
    told = Telling("zh_CN", None, rule_titles({}, "zh_CN")).tell(found)
    assert told.nothing.startswith("暂无数据")
    assert report_paper(told, "zh_CN", Printed(house.clock(), "打印")).startswith(b"%PDF")


def test_page_sheet_and_paper_are_told_from_the_same_cells(house: House) -> None:
    for person in range(1, 13):
        house.sheltered(person)
    month = next_month(house)
    found = house.services.report.of(house.auditor, month)
    told = Telling("en", None, rule_titles({}, "en")).tell(found)
    sheet = report_sheet(told, "en").decode()
    assert sheet.startswith(BOM)
    rows = list(csv.reader(io.StringIO(sheet.removeprefix(BOM))))
    funnel = next(section for section in told.sections if section.key == "funnel-sheltered")
    for row in funnel.rows:
        assert [value.plain() for value in row] in rows
    assert any(row[:2] == ["Case opened", "12"] for row in rows if row)
    assert report_paper(told, "en", Printed(house.clock(), "printed")).startswith(b"%PDF")


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＠SUM(A1)"])
def test_no_cell_of_the_sheet_is_carried_out_as_a_formula(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


def test_a_verified_and_a_revoked_match_are_counted(any_house: House) -> None:
    house = any_house
    pair = house.pair(house.missing(1), house.sheltered(1))
    house.confirm(pair)
    house.services.review.revoke(house.manager, pair.pair_id, "it was her twin sister")
    other = house.pair(house.missing(2), house.sheltered(2))
    house.confirm(other)
    month = next_month(house)
    span = Span(*month.between(house.services.settings.zone))
    with house.services.store.reading() as records:
        assert records.figures.overturned(span) == 1
        assert records.figures.furthest(span, CaseKind.MISSING) == {(HOME, Step.JUDGED): 1, (HOME, Step.CONFIRMED): 1}
        assert records.figures.known(span) == {}
        assert records.figures.clocks(span) is not None
        assert records.figures.searched_by_clues(span, CaseKind.MISSING)[HOME][0] + 0 >= 0
