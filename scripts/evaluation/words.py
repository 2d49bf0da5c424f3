"""An evaluation as Markdown: what was measured, how, and how sure it is.

``told`` puts it into the language of who reads it on a terminal; what is kept in a file is English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.evaluation.guard import UNDER, Guard
from tracing.evaluation.report import Beside, Effect, GroupLine, Line, Rate, Report

Told = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Result:
    """What the desk found of one encoder; ``findings`` are sentences about labels that look wrong."""

    report: Report
    effects: tuple[Effect, ...]
    guard: Guard | None
    findings: tuple[str, ...]
    beside: tuple[Beside, ...] = ()
    """The first of several encoders, in every way that it was scored, where this is another one."""


def page(encoder_id: str, source: str, listed: int, result: Result, told: Told = str) -> str:
    """The whole page."""
    return "\n".join([*_page(encoder_id, source, listed, result, told), ""])


def _page(encoder_id: str, source: str, listed: int, result: Result, told: Told) -> Iterator[str]:
    report = result.report
    whole = report.whole
    yield f"# {told(f'{encoder_id} on {source}')}"
    yield ""
    yield told(
        f"{report.photos:,} photos of {report.people:,} people; in {report.failures_to_enrol:,} no face was found. "
        f"{whole.enrolled:,} people are enrolled with their first photo, {whole.mated:,} searches are for them, and "
        f"{whole.non_mated:,} for people who are not enrolled."
    )
    yield ""
    yield told(
        f"FNIR: searches that miss their person, who is not among the first {listed} with a score at the threshold or above. "
        "FPIR: searches for strangers that bring up anybody there. A photo without a face is a miss. "
        "In brackets the 95 % interval, by drawing people again (ISO/IEC 19795-1, NIST FRTE 1:N)."
    )
    yield ""
    yield f"## {told('By size of the gallery')}"
    yield ""
    sizes = (_cells(f"{line.enrolled:,}", line, told) for line in (*report.sizes, whole))
    yield from table(_headings(told("people enrolled"), told), sizes)
    if report.several:
        yield from _section(
            told("With several photos of each person"),
            told(
                "The same searches in every line; several photos count by their best score, as in production, or by their mean "
                "template, in which each may weigh as much as its quality."
            ),
            _headings(told("photos each"), told),
            (_cells(told(line.name), line, told) for line in report.several),
        )
    for kind, lines in report.groups.items():
        known = told(kind)
        yield from _section(
            told(f"By {known}"),
            told("At the threshold of all searches, where strangers bring up somebody in 1 % of them."),
            [known, told("searches"), "FNIR", told("first"), told("strangers"), "FPIR"],
            (_group_cells(line, told) for line in lines),
        )
    if result.effects:
        yield from _effects(result.effects, told)
    if result.beside:
        yield from _beside(result.beside, told)
    if result.guard is not None:
        yield ""
        yield from _guard(result.guard, told)
    if result.findings:
        yield ""
        yield f"## {told('Labels worth a look')}"
        yield ""
        yield from (f"- {told(each)}" for each in result.findings)


def _section(title: str, said: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", said, "")
    yield from table(headings, rows)


def _effects(effects: Sequence[Effect], told: Told) -> Iterator[str]:
    difference = told("difference")
    return _section(
        told("Made more of"),
        told(
            "The same searches scored in other ways, fitted on the other half of the people. The differences to plain cosines "
            "have intervals of their own, for which the same people are drawn; below zero FNIR is better."
        ),
        [told("with"), told("FNIR at FPIR 1 %"), difference, told("first"), difference, told("ms a search")],
        (
            [
                told(each.name),
                *(share(rate, told) for rate in (each.misses, each.misses_more, each.first, each.first_more)),
                f"{each.milliseconds:.2f}",
            ]
            for each in effects
        ),
    )


def _beside(others: Sequence[Beside], told: Told) -> Iterator[str]:
    return _section(
        told("Beside the first encoder"),
        told(
            "The same searches, each encoder at its own threshold, and the same people drawn for both. Below zero, and below "
            "once as many, FNIR at FPIR 1 % is better."
        ),
        [told("beside"), told("difference of FNIR"), told("times as many missed"), told("difference of those first")],
        ([each.name, share(each.misses_more, told), _times(each, told), share(each.first_more, told)] for each in others),
    )


def _times(other: Beside, told: Told) -> str:
    return "" if other.misses_times is None else share(other.misses_times, told)


def _guard(guard: Guard, told: Told) -> Iterator[str]:
    strongest, unguarded = (band.value.replace("_", " ") for band in (guard.strongest, guard.unguarded))
    yield f"## {told('Children')}"
    yield ""
    yield told(
        f"Of {guard.pairs:,} pairs of photos of different children under {UNDER} the highest score is {guard.highest:.3f}. "
        f"None may be called more than moderate; the strongest word that one gets is: {strongest}. "
        f"Without the guard {guard.beyond:,} would get a stronger one, up to: {unguarded}."
    )
    if not guard.holds:
        yield ""
        yield f"**{told('The guard does not hold.')}**"


def _headings(first: str, told: Told) -> list[str]:
    rates = [told(f"FNIR at FPIR {rate}") for rate in ("1 %", "0.3 %", "0.1 %")]
    return [first, told("searches"), told("strangers"), *rates, told("first"), told("among 5"), told("among 20")]


def _cells(name: str, line: Line, told: Told) -> list[str]:
    rates = (*(each.misses for each in line.at_rates), *line.found.values())
    return [name, f"{line.mated:,}", f"{line.non_mated:,}", *(share(rate, told) for rate in rates)]


def _group_cells(line: GroupLine, told: Told) -> list[str]:
    false = "" if line.false_positives is None else f"{line.false_positives:.3f}"
    shares = share(line.misses, told), share(line.first, told)
    return [told(line.name), f"{line.mated:,}", *shares, f"{line.non_mated:,}", false]


def share(rate: Rate, told: Told = str) -> str:
    """A rate and its interval."""
    low, high = rate.interval
    return told(f"{rate.value:.3f} ({low:.3f} to {high:.3f})")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """In Markdown."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
