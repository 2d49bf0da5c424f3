"""The monthly report told in one language, section by section: what page, CSV file, PDF and command all show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from api.dates import moment, partial_date
from api.language import translations
from api.notices.words import VALUES
from api.staff.monthly import words
from api.staff.monthly.values import Amount, Percent, Shown, Text, Took, Value
from api.staff.words import SAID
from api.writing import month as month_name
from api.writing import number
from tracing.domain import CaseKind
from tracing.evaluation.card import Card, GroupFigures
from tracing.evaluation.report import Rate
from tracing.reporting.disclosure import Cell, Mark
from tracing.reporting.report import Report

TitleOf = Callable[[str], str]
"""The title of a deadline by the id of its rule, in the language of the report."""


MAY_BE_EMPTY: Final = frozenset({"deadlines", "groups"})
"""Of the others a note says why there is no table."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``share`` of the longest one, from 0 to 1; None where the number is not shown."""

    label: str
    value: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Picture:
    title: str
    bars: tuple[Bar, ...]

    @property
    def said(self) -> str:
        """All of it in one sentence, for those who do not see it."""
        return ", ".join(f"{bar.label} {bar.value}" for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its heading; ``picture`` shows its first column of numbers, ``empty`` is said where it has no row."""

    key: str
    title: str
    note: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    picture: Picture | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    place: str
    span: str
    legend: str
    nothing: str
    """What is said where there is no number yet; empty else."""
    sections: tuple[Section, ...]


class Telling:
    def __init__(self, language: str, zone: ZoneInfo | None, title_of: TitleOf) -> None:
        self._language = language
        self._zone = zone
        self._title_of = title_of
        self._say = translations(language).gettext

    def tell(self, report: Report) -> Told:
        say = self._say
        first = report.month.first
        last = report.month.later(1).first - timedelta(days=1)
        place = say(words.OF_STATION) % {"station": report.station_id} if report.station_id else say(words.HOUSE)
        return Told(
            title=say(words.PRINTED) % {"month": month_name(self._language, report.month)},
            place=place,
            span=say(words.SPAN)
            % {
                "first": partial_date(self._language, first),
                "last": partial_date(self._language, last),
                "made": moment(self._language, self._zone, report.made_at),
            },
            legend=say(words.LEGEND),
            nothing="" if report.started else say(words.NOTHING),
            sections=tuple(self._sections(report)) if report.started else tuple(self._engine(report)),
        )

    def _sections(self, report: Report) -> list[Section]:
        return [
            self._funnel(report, CaseKind.SHELTERED),
            self._funnel(report, CaseKind.MISSING),
            self._coverage(report),
            self._channels(report),
            self._times(report),
            self._waiting(report),
            self._rules(report),
            self._photos(report),
            *self._review(report),
            *self._engine(report),
        ]

    def _funnel(self, report: Report, kind: CaseKind) -> Section:
        lines = report.steps[kind]
        opened = lines[0].reached
        headings = (words.STEP, words.REACHED, words.SHARE, words.NO_FURTHER, words.EARLIER)
        rows = [
            (
                Text(self._say(words.STEPS[line.step])),
                Amount(line.reached),
                Percent.of(line.reached, opened),
                Amount(line.ended),
                Amount(line.earlier),
            )
            for line in lines
        ]
        return self._section(f"funnel-{kind}", words.FUNNEL[kind], words.FUNNEL_NOTE, headings, rows, picture=True)

    def _coverage(self, report: Report) -> Section:
        rows: list[tuple[Value, ...]] = []
        for kind in CaseKind:
            said = report.coverage[kind]
            face = next(line.reached for line in report.steps[kind] if line.step == "searched")
            left = _rest(said.of, face)
            label = self._say(SAID["CaseKind"][kind])
            for by, one, rest in ((words.BY_FACE, face, left), (words.BY_CLUES, said.by_clues, said.not_by_clues)):
                rows.append((Text(f"{label}: {self._say(by)}"), Amount(one), Percent.of(one, said.of), Amount(rest)))
        headings = (words.SEARCHED_BY, words.CASES, words.SHARE, words.LEFT_OUT)
        return self._section("coverage", words.COVERAGE, words.COVERAGE_NOTE, headings, rows)

    def _channels(self, report: Report) -> Section:
        rows: list[tuple[Value, ...]] = [
            (
                Text(self._say(SAID["Channel"][channel] if channel else words.NOT_SAID)),
                Amount(cell),
                Percent.of(cell, report.went_home),
            )
            for channel, cell in report.channels.items()
        ]
        rows.append((Text(self._say(words.TOTAL)), Amount(report.went_home), Text("")))
        headings = (words.CHANNEL, words.PEOPLE, words.SHARE)
        return self._section("channels", words.CHANNELS, words.CHANNELS_NOTE, headings, rows, picture=True, but_last=True)

    def _times(self, report: Report) -> Section:
        rows = [(Text(self._say(words.STEPS[line.step])), Took(line.median), Took(line.ninety)) for line in report.times]
        return self._section("times", words.TIMES, words.TIMES_NOTE, (words.STEP, words.MEDIAN, words.NINETY), rows)

    def _waiting(self, report: Report) -> Section:
        rows = [(Text(self._say(age)), Amount(cell)) for age, cell in zip(words.AGES, report.waiting, strict=True)]
        headings = (words.OPEN_FOR, words.CASES)
        return self._section("waiting", words.WAITING, words.WAITING_NOTE, headings, rows, picture=True, but_last=True)

    def _rules(self, report: Report) -> Section:
        rows = [
            (
                Text(self._title_of(line.rule_id)),
                Amount(line.due),
                Amount(line.in_time),
                Percent.of(line.in_time, line.due),
                Amount(line.not_in_time),
            )
            for line in report.rules
        ]
        headings = (words.RULE, words.TOTAL, words.IN_TIME, words.SHARE, words.NOT_IN_TIME)
        return self._section("deadlines", words.RULES, words.RULES_NOTE, headings, rows)

    def _photos(self, report: Report) -> Section:
        rows = [(Text(self._say(words.PHOTO_KINDS[name])), Amount(cell)) for name, cell in report.photos.items()]
        return self._section("photos", words.PHOTOS, "", (words.PHOTO, words.PHOTOS), rows)

    def _review(self, report: Report) -> list[Section]:
        found = report.review
        if found is None:
            return [self._section("review", words.REVIEW, words.HOUSE_ALONE, (words.FIGURE, words.VALUE), [])]
        rows: list[tuple[Value, ...]] = []
        for name, label in words.REVIEWS.items():
            if name != "kappa":
                rows.append((Text(self._say(label)), Amount(getattr(found, name))))
            else:
                kappa = found.kappa
                said = Shown.kappa(kappa.value, kappa.low, kappa.high) if kappa is not None else Shown.hidden()
                rows.append((Text(self._say(label)), said))
        return [self._section("review", words.REVIEW, words.REVIEW_NOTE, (words.FIGURE, words.VALUE), rows)]

    def _engine(self, report: Report) -> list[Section]:
        card, headings = report.engine.card, (words.FIGURE, words.VALUE, words.RANGE)
        if card is None:
            return [self._section("engine", words.ENGINE, words.NO_CARD, headings, [])]
        note = self._say(words.ENGINE_NOTE) % {"encoder": card.encoder_id}
        figures: dict[str, tuple[Value, Value]] = {
            "measured": (Text(partial_date(self._language, card.measured_on)), Text("")),
            "enrolled": (Amount(Cell(Mark.EXACT, card.enrolled)), Text("")),
            "first": self._rate(card.first),
            "five": self._rate(card.found.get(5)),
            "twenty": self._rate(card.found.get(20)),
            "misses": self._rate(card.misses),
            "strict": self._rate(card.strict),
            "failed": (self._measured(card.failed), Text("")),
        }
        rows = [(Text(self._say(words.ENGINES[name])), *told) for name, told in figures.items()]
        in_gallery = self._say(words.STRANGERS) % {"people": number(self._language, report.gallery_people)}
        rows.append((Text(in_gallery), Shown.about(report.strangers), Text("")))
        of_groups = (words.GROUP, words.MISSED, words.RANGE, words.SEARCHES)
        return [
            self._section("engine", words.ENGINE, note, headings, rows, told=True),
            self._section("groups", words.GROUPS, "", of_groups, self._groups(card), picture=True),
        ]

    def _groups(self, card: Card) -> list[tuple[Value, ...]]:
        return [
            (
                Text(f"{self._say(words.BY[group.by])}: {self._group(group)}"),
                *self._rate(group.misses),
                Amount(Cell(Mark.EXACT, group.mated)),
            )
            for group in card.groups
        ]

    def _rate(self, rate: Rate | None) -> tuple[Value, Value]:
        ends = Text("") if rate is None else Shown.range(*rate.interval)
        return self._measured(rate.value if rate is not None else None), ends

    def _measured(self, share: float | None) -> Value:
        return Text(self._say(words.NOT_MEASURED)) if share is None else Percent(share, 1)

    def _group(self, group: GroupFigures) -> str:
        if group.by == "sex":
            return self._say(VALUES["sex"].get(group.name, group.name))
        if group.by == "set":
            return self._say(SAID["photo_set"].get(group.name, group.name))
        if group.high is None:
            return self._say(words.AND_MORE) % {"low": f"{group.low or 0:g}"}
        low, high = ("0" if each is None else f"{each:g}" for each in (group.low, group.high))
        return self._say(words.FROM_TO) % {"low": low, "high": high}

    def _section(
        self,
        key: str,
        title: str,
        note: str,
        headings: Sequence[str],
        rows: Sequence[tuple[Value, ...]],
        picture: bool = False,
        but_last: bool = False,
        told: bool = False,
    ) -> Section:
        say = self._say
        drawn = _picture(self._language, say(title), rows[:-1] if but_last else rows) if picture and rows else None
        noted = note if told or not note else say(note)
        empty = say(words.EMPTY) if key in MAY_BE_EMPTY and not rows else ""
        return Section(key, say(title), noted, tuple(map(say, headings)), tuple(rows), drawn, empty)


def _picture(language: str, title: str, rows: Sequence[tuple[Value, ...]]) -> Picture:
    sizes = [row[1].size for row in rows]
    longest = max((each for each in sizes if each), default=1.0)
    return Picture(
        title,
        tuple(
            Bar(row[0].shown(language), row[1].shown(language), None if size is None else size / longest)
            for row, size in zip(rows, sizes, strict=True)
        ),
    )


def _rest(whole: Cell, part: Cell) -> Cell:
    if whole.number is not None and part.number is not None:
        return Cell(Mark.EXACT, whole.number - part.number)
    return Cell(Mark.HIDDEN)


def rule_titles(titles: Mapping[str, Mapping[str, str]], language: str) -> TitleOf:
    """By the rules of the clocks that are in force; one that is not any more is called by its id."""

    def title(rule_id: str) -> str:
        known = titles.get(rule_id, {})
        return known.get(language) or known.get("en") or rule_id

    return title
