"""The JSON bodies of answers about how reviewers fare."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from tracing.known_results import FEWEST, KnownResults, Tally
from tracing.results import ResultsPage, ReviewerResults


class ReviewerAnswer(BaseModel):
    """Of real pairs."""

    reviewer: str
    judged: int
    shared: int = Field(description="Pairs that somebody else judged blind as well.")
    agreed: int = Field(description="Of these, with the same outcome.")
    changed: int = Field(description="Pairs about which the mind changed after the score was shown.")

    @classmethod
    def of(cls, results: ReviewerResults) -> Self:
        return cls(**{name: getattr(results, name) for name in cls.model_fields})


class TallyAnswer(BaseModel):
    given: int | None = Field(description=f"Pairs judged; null, like the rest, for fewer than {FEWEST}.")
    taken: int | None = Field(description="Of these, taken for the same person.")
    share: float | None
    low: float | None = Field(description="Lower end of the 95 % interval (Wilson).")
    high: float | None

    @classmethod
    def of(cls, tally: Tally) -> Self:
        low, high = tally.interval if tally.interval is not None else (None, None)
        return cls(given=tally.given, taken=tally.taken, share=tally.share, low=low, high=high)


class KnownAnswer(BaseModel):
    """Of pairs whose answer was known, which are counted nowhere else."""

    reviewer: str
    mated: TallyAnswer = Field(description="Pairs of one person: `share` is the hit rate.")
    non_mated: TallyAnswer = Field(description="Pairs of two people: `share` is the rate of false accepts.")

    @classmethod
    def of(cls, results: KnownResults) -> Self:
        return cls(reviewer=results.reviewer, mated=TallyAnswer.of(results.mated), non_mated=TallyAnswer.of(results.non_mated))


class ReviewersAnswer(BaseModel):
    since: datetime
    station: str | None = Field(description="Whose reviewers these are; null for all stations.")
    reviewers: list[ReviewerAnswer]
    known_answers: list[KnownAnswer]

    @classmethod
    def of(cls, page: ResultsPage) -> Self:
        return cls(
            since=page.since,
            station=page.station_id,
            reviewers=[ReviewerAnswer.of(each) for each in page.reviewers],
            known_answers=[KnownAnswer.of(each) for each in page.known],
        )
