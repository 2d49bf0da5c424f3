"""The values of the report's tables: how each is shown to people of a language, and how it stands in a file for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from api.dates import span
from api.language import translations
from api.staff.monthly import words
from api.writing import decimal, number, percent
from tracing.reporting.disclosure import FEW, Cell, Mark

NOT_SHOWN = "–"


class Value(Protocol):
    @property
    def size(self) -> float | None:
        """How long its bar is in a picture; None where it is not shown."""

    def shown(self, language: str) -> str: ...

    def plain(self) -> str:
        """Numbers with a point and without separators; times in hours; shares as per cent."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str

    @property
    def size(self) -> None:
        return None

    def shown(self, language: str) -> str:  # noqa: ARG002 -- as every value
        return self.text

    def plain(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Amount:
    """None where the table has no such number."""

    cell: Cell | None

    @property
    def size(self) -> float | None:
        return None if self.cell is None or self.cell.number is None else float(self.cell.number)

    def shown(self, language: str) -> str:
        cell = self.cell
        if cell is None:
            return ""
        if cell.number is None:
            return self.plain()
        if cell.mark is Mark.AT_LEAST:
            low, high = (number(language, each) for each in (cell.number, cell.number + FEW - 1))
            return translations(language).gettext(words.FROM_TO) % {"low": low, "high": high}
        return number(language, cell.number)

    def plain(self) -> str:
        cell = self.cell
        if cell is None:
            return ""
        if cell.number is None:
            return f"<{FEW}" if cell.mark is Mark.FEW else NOT_SHOWN
        return f"{cell.number}{NOT_SHOWN}{cell.number + FEW - 1}" if cell.mark is Mark.AT_LEAST else str(cell.number)


@dataclass(frozen=True, slots=True)
class Percent:
    """A share, None where it is not shown or not known."""

    share: float | None
    places: int = 0

    @classmethod
    def of(cls, part: Cell, whole: Cell) -> Self:
        """Only where both numbers stand in the table; none of nobody."""
        told = part.mark is Mark.EXACT and whole.mark is Mark.EXACT and part.number is not None and whole.number
        return cls(part.number / whole.number if told and part.number is not None and whole.number else None)

    @property
    def size(self) -> float | None:
        return self.share

    def shown(self, language: str) -> str:
        return NOT_SHOWN if self.share is None else percent(language, self.share, self.places)

    def plain(self) -> str:
        return NOT_SHOWN if self.share is None else percent("en", self.share, self.places)


@dataclass(frozen=True, slots=True)
class Took:
    """About how long; None where there were too few."""

    time: timedelta | None

    @property
    def size(self) -> float | None:
        return None if self.time is None else self.time.total_seconds()

    def shown(self, language: str) -> str:
        return NOT_SHOWN if self.time is None else span(language, self.time)

    def plain(self) -> str:
        return NOT_SHOWN if self.time is None else f"{self.time.total_seconds() / 3600:.2f} h"


@dataclass(frozen=True, slots=True)
class Shown:
    """Some decimal numbers in a row, each as per cent where they are shares, with so many places."""

    numbers: tuple[float, ...]
    places: int
    shares: bool = False
    sort: str = ""

    @classmethod
    def range(cls, low: float, high: float) -> Self:
        return cls((low, high), 1, shares=True, sort="range")

    @classmethod
    def kappa(cls, value: float, low: float, high: float) -> Self:
        return cls((value, low, high), 2, sort="kappa")

    @classmethod
    def about(cls, value: float | None) -> Self:
        return cls(() if value is None else (value,), 1)

    @classmethod
    def hidden(cls) -> Self:
        return cls((), 0)

    @property
    def size(self) -> float | None:
        return self.numbers[0] if self.numbers else None

    def shown(self, language: str) -> str:
        if not self.numbers:
            return NOT_SHOWN
        said = [
            percent(language, each, self.places) if self.shares else decimal(language, each, self.places)
            for each in self.numbers
        ]
        match self.sort:
            case "range":
                return f"{said[0]}{NOT_SHOWN}{said[1]}"
            case "kappa":
                return f"{said[0]} ({said[1]} … {said[2]})"
        return said[0]

    def plain(self) -> str:
        return self.shown("en")
