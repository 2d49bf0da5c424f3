"""A family and a station, or a family twice, at one and the same moment: on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from tests.api.public.families import WHO, YOU
from tests.families.sent import a_report
from tests.house import House
from tracing.bootstrap import PublicServices, public_of
from tracing.domain import FamilyReport
from tracing.errors import TracingError
from tracing.families.secrets import Slip
from tracing.families.told import Step
from tracing.records import CaseFilter, Records
from tracing.store.records.families import SqlReports

MOMENT = 4.0
"""Seconds that the other one gets, to come first if it can."""


@pytest.fixture
def public(any_house: House) -> Iterator[PublicServices]:
    found = public_of(any_house.services.settings, any_house.clock)
    yield found
    found.close()


class Beside:
    """Something that begins right before a step of somebody else's transaction, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: str, what: Callable[[], object]) -> None:
        self.refused: TracingError | None = None
        self._what = what
        self._thread = threading.Thread(target=self._run)
        real = getattr(SqlReports, step)

        def after_the_other_one(reports: SqlReports, *words: object) -> object:
            monkeypatch.setattr(SqlReports, step, real)
            self._thread.start()
            self._thread.join(MOMENT)
            return real(reports, *words)

        monkeypatch.setattr(SqlReports, step, after_the_other_one)

    def _run(self) -> None:
        try:
            self._what()
        except TracingError as error:
            self.refused = error

    def finish(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


def sent(house: House, public: PublicServices) -> tuple[FamilyReport, str]:
    """A report with its secret."""
    report, secret = a_report(house, photos=0), "0123456789ABCDEF"
    hashed = public.following._secrets.of_secret(report.reference, secret)
    with house.services.store.transaction() as records:
        report = records.reports.save(replace(report, secret_hash=hashed))
    return report, secret


def test_l9_who_reads_that_all_is_erased_has_no_case_though_a_station_accepts_it_at_that_moment(
    any_house: House, public: PublicServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = any_house
    report, secret = sent(house, public)
    station = Beside(
        monkeypatch,
        "erase",
        lambda: house.services.family_reports.accept(house.intake, report.report_id, report.version),
    )
    erased = public.following.withdraw(report.reference, secret, "203.0.113.9")
    station.finish()
    with house.services.store.reading() as records:
        cases = records.cases.find(CaseFilter(), 9)
    assert erased
    assert station.refused is not None
    assert cases == []


def test_a_page_that_is_sent_twice_by_a_double_tap_is_kept_and_nobody_is_told_of_somebody_else(
    any_house: House, public: PublicServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    challenge = public.challenges.new("report")
    draft = public.reporting.start("zh_CN", agreed=True, face=True, challenge=challenge.text)
    second = Beside(monkeypatch, "save", lambda: public.reporting.write(draft, Step.YOU, {"name": "李秀英"}))
    public.reporting.write(draft, Step.WHO, {"names": "王建国"})
    second.finish()
    assert second.refused is None
    assert public.reporting.draft(draft).typed == {"names": "王建国", "name": "李秀英"}


def test_a_draft_of_a_day_ago_that_is_sent_as_the_worker_clears_drafts_away_is_not_lost(
    any_house: House, public: PublicServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = any_house
    draft = public.reporting.start("zh_CN", agreed=True, face=True, challenge=public.challenges.new("report").text)
    public.reporting.write(draft, Step.WHO, WHO)
    public.reporting.write(draft, Step.YOU, YOU)
    house.clock.advance(hours=24)
    worker, real = house.services.families, house.services.store.transaction
    slips: list[Slip] = []

    def as_it_is_sent() -> AbstractContextManager[Records]:
        if not slips:
            slips.append(public.reporting.send(draft))
        return real()

    monkeypatch.setattr(house.services.store, "transaction", as_it_is_sent)
    worker.tend()
    with house.services.store.reading() as records:
        assert records.reports.by_reference(slips[0].reference) is not None
