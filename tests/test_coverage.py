"""Everyone who comes in is searched, or it is said why not."""

from __future__ import annotations

import pytest

from tests.fakes import faceless_photo, painted_photo
from tests.house import House
from tracing.access import SYSTEM
from tracing.coverage import SearchedBy, Unsearched, UnsearchedByClues
from tracing.domain import CaseKind, LegalBasis, Outcome, Told
from tracing.errors import EncoderUnavailable
from tracing.photo_reports import MAX_ATTEMPTS


def photographed(house: House, data: bytes, analyse: bool = True) -> None:
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, data)
    if analyse:
        house.services.intake.analyse(photo.photo_id)


def test_all_are_searched_and_the_closed_do_not_count(house: House) -> None:
    house.sheltered(1)
    gone = house.missing(2)
    house.services.casework.close(house.intake, gone.case_id, Outcome.WITHDRAWN, "found at the neighbours'")
    report = house.services.coverage.report(house.reviewer, limit=9)
    assert (report.open, report.searched, report.missing, report.share, report.gaps) == (1, 1, 0, 1.0, ())
    assert house.services.coverage.report(house.reviewer, "elsewhere").share == 1.0


def test_who_was_not_searched_is_named_with_the_reason(house: House) -> None:
    house.open(CaseKind.SHELTERED, basis=LegalBasis.NONE)
    house.open(CaseKind.SHELTERED)
    photographed(house, faceless_photo())
    photographed(house, painted_photo(5, faces=2))
    photographed(house, painted_photo(6), analyse=False)
    house.examiner.failure = EncoderUnavailable("down")
    case = house.open(CaseKind.SHELTERED)
    photo = house.services.intake.add_photo(house.intake, case.case_id, painted_photo(7))
    for _ in range(MAX_ATTEMPTS):
        house.clock.advance(minutes=10)
        with pytest.raises(EncoderUnavailable):
            house.services.intake.analyse(photo.photo_id)
    house.examiner.failure = None
    house.sheltered(8)
    due = house.sheltered(9)
    with house.services.store.transaction() as records:
        records.cases.want_search(due.case_id)
    withdrawn = house.open(CaseKind.SHELTERED)
    house.services.withdrawing.withdraw(house.intake, withdrawn.case_id, "he asked us to")
    house.services.intake.add_photo(house.intake, withdrawn.case_id, painted_photo(21))
    house.services.retention.erase_case(house.manager, house.sheltered(22).case_id, suppress=True)
    photographed(house, painted_photo(22))
    report = house.services.coverage.report(house.manager, "main", limit=50)
    assert {gap.reason for gap in report.gaps} == set(Unsearched)
    assert len(report.gaps) == report.missing == report.open - report.searched
    assert house.services.coverage.report(house.manager, limit=2, offset=1).gaps == report.gaps[1:3]


def test_another_generation_begins_with_nobody_searched(house: House) -> None:
    house.sheltered(1)
    with house.services.store.reading() as records:
        stations = records.coverage.by_station("another")
    assert [(each.station_id, each.open, each.searched) for each in stations] == [("main", 1, 0)]
    assert house.services.coverage.report(SYSTEM).searched == 1


def test_by_clues_counts_who_was_searched_with_what_is_known_now(house: House) -> None:
    silent = house.open(CaseKind.SHELTERED)
    named = house.open(CaseKind.MISSING, names=("刘国强",))
    basis = house.open(CaseKind.MISSING, names=("刘国强",), basis=LegalBasis.NONE)

    def report() -> dict[str, UnsearchedByClues]:
        found = house.services.coverage.report(house.reviewer, limit=9, by=SearchedBy.CLUES)
        assert found.missing == len(found.gaps)
        assert sum(found.reasons.values()) == len(found.gaps)
        return {gap.case.case_id: UnsearchedByClues(gap.reason) for gap in found.gaps}

    no_basis = {basis.case_id: UnsearchedByClues.NO_BASIS}
    nothing = {silent.case_id: UnsearchedByClues.NOTHING_KNOWN}
    assert report() == no_basis | dict.fromkeys((named.case_id, silent.case_id), UnsearchedByClues.SEARCH_DUE)
    house.services.worker.work_off()
    assert report() == no_basis | nothing
    house.services.interviews.record(house.intake, silent.case_id, Told("我屋里在富阳"))
    assert report() == no_basis
    counted = house.services.coverage.report(house.auditor, "main", by=SearchedBy.CLUES)
    assert (counted.open, counted.searched, counted.gaps) == (3, 2, ())
