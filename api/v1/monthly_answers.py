"""The JSON body of the monthly report: each number as it is shown, never one that is hidden."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, Field

from api.v1.figure_answers import FiguresAnswer
from tracing.domain import CaseKind
from tracing.records.figures import Step
from tracing.reporting.disclosure import Cell, Mark
from tracing.reporting.report import Report, ReviewQuality

HOUR = 3600


class CellAnswer(BaseModel):
    shown: Mark = Field(
        description="`few`: 0 to 4. `hidden`: a smaller number could be worked out from it. `at_least`: up to four more."
    )
    number: int | None = Field(description="Null where it is not shown.")

    @classmethod
    def of(cls, cell: Cell) -> Self:
        return cls(shown=cell.mark, number=cell.number)


class StepAnswer(BaseModel):
    step: Step
    reached: CellAnswer = Field(description="Cases opened in the month that came to this step or a later one by its end.")
    no_further: CellAnswer | None = Field(description="Those of them that came to no later one; null at the last step.")
    opened_before: CellAnswer | None = Field(
        description="Cases opened before that came to the step in the month for the first time; null at the first step."
    )


class TimeAnswer(BaseModel):
    step: Step
    median_hours: float | None = Field(description="Null for fewer than 5 cases.")
    ninety_percent_hours: float | None = Field(description="9 of 10 came to the step within it; null for fewer than 10.")


class DeadlineAnswer(BaseModel):
    rule_id: str
    due: CellAnswer
    in_time: CellAnswer
    not_in_time: CellAnswer


class ByCluesAnswer(BaseModel):
    opened: CellAnswer
    searched: CellAnswer
    not_searched: CellAnswer


class KappaAnswer(BaseModel):
    value: float
    low: float
    high: float


class ReviewQualityAnswer(BaseModel):
    """Pairs whose review is over, of all stations."""

    agreed: CellAnswer
    apart: CellAnswer
    kappa: KappaAnswer | None
    stood: CellAnswer = Field(description="Judgements that stood once the score was shown.")
    changed: CellAnswer
    recognised: CellAnswer = Field(description="Pairs with a known answer of one person.")
    missed: CellAnswer
    kept_apart: CellAnswer = Field(description="Pairs with a known answer of two people.")
    taken_for_same: CellAnswer
    revoked: CellAnswer

    @classmethod
    def of(cls, found: ReviewQuality) -> Self:
        cells = {name: CellAnswer.of(getattr(found, name)) for name in cls.model_fields if name != "kappa"}
        kappa = found.kappa
        said = KappaAnswer(value=kappa.value, low=kappa.low, high=kappa.high) if kappa is not None else None
        return cls(kappa=said, **cells)


class WaitingAnswer(BaseModel):
    up_to_days: int | None = Field(description="Null for a year and more.")
    cases: CellAnswer


class MonthlyReportAnswer(BaseModel):
    """Numbers under five are not shown, nor others from which they could be worked out. Nobody is named."""

    month: str = Field(examples=["2026-10"])
    station_id: str = Field(description="Empty for all stations together.")
    start: datetime
    end: datetime
    started: bool = Field(description="Whether there had been any case by the end of the month; without, every number is 0.")
    steps: dict[CaseKind, list[StepAnswer]]
    searched_by_clues: dict[CaseKind, ByCluesAnswer]
    reunions: dict[str, CellAnswer] = Field(description="People in care, by what brought it about; `not_said`, and `total`.")
    times: list[TimeAnswer]
    waiting: list[WaitingAnswer]
    waiting_total: CellAnswer
    deadlines: list[DeadlineAnswer]
    photos: dict[str, CellAnswer]
    review: ReviewQualityAnswer | None = Field(description="Of all stations together only.")
    engine: FiguresAnswer
    expected_strangers: float | None = Field(description="That one search brings up in a gallery of `gallery_people`.")
    gallery_people: int

    @classmethod
    def of(cls, report: Report, ages: tuple[timedelta, ...]) -> Self:
        cell = CellAnswer.of
        reunions = {channel or "not_said": cell(found) for channel, found in report.channels.items()}
        return cls(
            month=str(report.month),
            station_id=report.station_id,
            start=report.start,
            end=report.end,
            started=report.started,
            steps={
                kind: [
                    StepAnswer(
                        step=line.step,
                        reached=cell(line.reached),
                        no_further=cell(line.ended) if line.ended is not None else None,
                        opened_before=cell(line.earlier) if line.earlier is not None else None,
                    )
                    for line in lines
                ]
                for kind, lines in report.steps.items()
            },
            searched_by_clues={
                kind: ByCluesAnswer(opened=cell(found.of), searched=cell(found.by_clues), not_searched=cell(found.not_by_clues))
                for kind, found in report.coverage.items()
            },
            reunions={**reunions, "total": cell(report.went_home)},
            times=[
                TimeAnswer(step=line.step, median_hours=_hours(line.median), ninety_percent_hours=_hours(line.ninety))
                for line in report.times
            ],
            waiting=[
                WaitingAnswer(up_to_days=age.days if age is not None else None, cases=cell(found))
                for age, found in zip((*ages, None), report.waiting[:-1], strict=True)
            ],
            waiting_total=cell(report.waiting[-1]),
            deadlines=[
                DeadlineAnswer(
                    rule_id=line.rule_id,
                    due=cell(line.due),
                    in_time=cell(line.in_time),
                    not_in_time=cell(line.not_in_time),
                )
                for line in report.rules
            ],
            photos={name: cell(found) for name, found in report.photos.items()},
            review=ReviewQualityAnswer.of(report.review) if report.review is not None else None,
            engine=FiguresAnswer.of(report.engine),
            expected_strangers=report.strangers,
            gallery_people=report.gallery_people,
        )


def _hours(taken: timedelta | None) -> float | None:
    return None if taken is None else round(taken.total_seconds() / HOUR, 1)
