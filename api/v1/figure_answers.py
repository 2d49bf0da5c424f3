"""The JSON bodies of answers about the quality of the recognition: as it was measured, and as it does in daily work."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from tracing.domain import Channel
from tracing.drift import QUANTILES, Fit, LowScores, Spread, Strangers
from tracing.evaluation.card import By, Card, GroupFigures
from tracing.evaluation.report import Rate
from tracing.fairness import CardOnFile, Warned, weak_groups
from tracing.recognition import Made, Miss, Report


class RateAnswer(BaseModel):
    value: float = Field(ge=0, le=1)
    low: float = Field(description="Lower end of the 95 % interval over people.")
    high: float

    @classmethod
    def of(cls, rate: Rate) -> Self:
        low, high = rate.interval
        return cls(value=rate.value, low=low, high=high)


class GroupAnswer(BaseModel):
    by: By
    name: str = Field(examples=["0-6"])
    low: float | None = Field(description="From here on, included; null without an end, or where words tell the groups apart.")
    high: float | None = Field(description="Up to here, excluded.")
    mated: int = Field(description="Searches for somebody who is enrolled.")
    misses: RateAnswer = Field(description="FNIR at FPIR 1 %.")
    false_positives: float | None = Field(description="FPIR at the same threshold; null where no stranger is in the group.")
    weak: bool = Field(description="Misses twice as many as all searches together, or more.")
    certain: bool = Field(description="The whole interval lies above the overall rate.")

    @classmethod
    def of(cls, group: GroupFigures, weak: bool, warned: Warned) -> Self:
        return cls(
            by=group.by,
            name=group.name,
            low=group.low,
            high=group.high,
            mated=group.mated,
            misses=RateAnswer.of(group.misses),
            false_positives=group.false_positives,
            weak=weak,
            certain=weak and warned.certain,
        )


class CardAnswer(BaseModel):
    measured_on: date
    sets: list[str]
    people: int
    enrolled: int
    mated: int
    misses: RateAnswer = Field(description="FNIR at FPIR 1 %, failures to enrol counted as misses.")
    first: RateAnswer = Field(description="Share of the searches for somebody enrolled in which this person comes first.")
    found: dict[int, RateAnswer] = Field(description="The same for the first so many places; empty where it was not measured.")
    strict: RateAnswer | None = Field(description="FNIR at FPIR 0.3 %; null where it was not measured.")
    failed: float | None = Field(description="Share of the photos without a face that can be found (failure to enrol).")
    groups: list[GroupAnswer]

    @classmethod
    def of(cls, card: Card) -> Self:
        weak = [warned.group for warned in weak_groups(card)]
        return cls(
            measured_on=card.measured_on,
            sets=list(card.sets),
            people=card.people,
            enrolled=card.enrolled,
            mated=card.mated,
            misses=RateAnswer.of(card.misses),
            first=RateAnswer.of(card.first),
            found={rank: RateAnswer.of(rate) for rank, rate in card.found.items()},
            strict=RateAnswer.of(card.strict) if card.strict is not None else None,
            failed=card.failed,
            groups=[GroupAnswer.of(group, group in weak, Warned(group, card.misses)) for group in card.groups],
        )


class FiguresAnswer(BaseModel):
    """What was measured of the encoder that is in use, before it was used here."""

    encoder_id: str
    card: CardAnswer | None
    problem: str = Field(description="Why there is no card; empty where there is one.")

    @classmethod
    def of(cls, found: CardOnFile) -> Self:
        card = CardAnswer.of(found.card) if found.card is not None else None
        return cls(encoder_id=found.encoder_id, card=card, problem=found.problem)


class SpreadAnswer(BaseModel):
    pairs: int
    quantiles: list[float] = Field(description=f"Scores at {', '.join(map(str, QUANTILES))}; empty for fewer than 5 pairs.")
    cells: list[int | None] = Field(description="Pairs between the edges; null for 1 to 4.")

    @classmethod
    def of(cls, spread: Spread) -> Self:
        return cls(pairs=spread.pairs, quantiles=list(spread.quantiles), cells=list(spread.cells))


class LowScoresAnswer(BaseModel):
    """Confirmed pairs that score low."""

    score: float = Field(description="Below it the calibration expects the share `expected`.")
    expected: float
    below: int
    chance: float = Field(description="How often so many would lie there if the calibration held.")
    fit: Fit

    @classmethod
    def of(cls, low: LowScores) -> Self:
        return cls(score=low.score, expected=low.expected, below=low.below, chance=low.chance, fit=low.fit)


class StrangersAnswer(BaseModel):
    """Strangers on the lists of the newest searches."""

    searches: int
    expected: float
    shown: int
    fit: Fit
    candidates: int
    distance: float = Field(description="Kolmogorov-Smirnov distance from the calibration's false match rates.")
    by_chance: float = Field(description="Exceeded once in a hundred times if the calibration held.")
    shape: Fit

    @classmethod
    def of(cls, strangers: Strangers) -> Self:
        return cls(**{name: getattr(strangers, name) for name in cls.model_fields})


class MissAnswer(BaseModel):
    """One person in the galleries whom another channel found; not named."""

    channel: Channel
    made: Made
    rank: int | None = Field(description="Place on the last list before; null without one.")
    listed: int
    gallery_size: int

    @classmethod
    def of(cls, miss: Miss) -> Self:
        return cls(**{name: getattr(miss, name) for name in cls.model_fields})


class RecognitionAnswer(BaseModel):
    """From what people decided about the pairs of one generation. No names, no cases."""

    generation_id: str
    encoder_id: str
    edges: list[float]
    confirmed: SpreadAnswer
    excluded: SpreadAnswer
    low: LowScoresAnswer | None = Field(description="Null for an encoder without calibration, like `strangers`.")
    strangers: StrangersAnswer | None
    found: int = Field(description="Pairs recognised by face.")
    misses: list[MissAnswer]
    missed_low: float = Field(description="95 % interval of the share of misses among all that could be found.")
    missed_high: float
    outside: int = Field(description="Brought together by another channel while a face was in no gallery.")
    erased: int
    closings: dict[str, int] = Field(description="Cases closed by hand, by channel; `not_said` where nobody said it.")

    @classmethod
    def of(cls, report: Report) -> Self:
        low, high = report.missed
        return cls(
            generation_id=report.generation.generation_id,
            encoder_id=report.generation.encoder_id,
            edges=list(report.edges),
            confirmed=SpreadAnswer.of(report.confirmed),
            excluded=SpreadAnswer.of(report.excluded),
            low=LowScoresAnswer.of(report.low) if report.low is not None else None,
            strangers=StrangersAnswer.of(report.strangers) if report.strangers is not None else None,
            found=report.found,
            misses=[MissAnswer.of(miss) for miss in report.misses],
            missed_low=low,
            missed_high=high,
            outside=report.outside,
            erased=report.erased,
            closings={channel or "not_said": number for channel, number in report.closings.items()},
        )
