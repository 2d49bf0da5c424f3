"""An evaluation as Markdown: what was measured, how, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scripts.evaluation.guard import UNDER, Guard
from tracing.evaluation.report import Beside, Effect, GroupLine, Line, Rate, Report


@dataclass(frozen=True, slots=True)
class Result:
    """What the desk found of one encoder; ``findings`` are sentences about labels that look wrong."""

    report: Report
    effects: tuple[Effect, ...]
    guard: Guard | None
    findings: tuple[str, ...]
    beside: tuple[Beside, ...] = ()
    """The first of several encoders, in every way that it was scored, where this is another one."""


def page(encoder_id: str, source: str, listed: int, result: Result) -> str:
    """The whole page."""
    return "\n".join([*_page(encoder_id, source, listed, result), ""])


def _page(encoder_id: str, source: str, listed: int, result: Result) -> Iterator[str]:
    report = result.report
    whole = report.whole
    yield f"# {encoder_id} on {source}"
    yield ""
    yield (
        f"{report.photos:,} photos of {report.people:,} people; in {report.failures_to_enrol:,} no face was found. "
        f"{whole.enrolled:,} people are enrolled with their first photo, {whole.mated:,} searches are for them, and "
        f"{whole.non_mated:,} for people who are not enrolled."
    )
    yield ""
    yield (
        f"FNIR: searches that miss their person, who is not among the first {listed} with a score at the threshold or above. "
        "FPIR: searches for strangers that bring up anybody there. A photo without a face is a miss. "
        "In brackets the 95 % interval, by drawing people again (ISO/IEC 19795-1, NIST FRTE 1:N)."
    )
    yield ""
    yield "## By size of the gallery"
    yield ""
    yield from table(_headings("people enrolled"), (_cells(f"{line.enrolled:,}", line) for line in (*report.sizes, whole)))
    if report.several:
        yield from _section(
            "With several photos of each person",
            "The same searches in every line; several photos count by their best score, as in production, or by their mean "
            "template, in which each may weigh as much as its quality.",
            _headings("photos each"),
            (_cells(line.name, line) for line in report.several),
        )
    for kind, lines in report.groups.items():
        yield from _section(
            f"By {kind}",
            "At the threshold of all searches, where strangers bring up somebody in 1 % of them.",
            [kind, "searches", "FNIR", "first", "strangers", "FPIR"],
            (_group_cells(line) for line in lines),
        )
    if result.effects:
        yield from _effects(result.effects)
    if result.beside:
        yield from _beside(result.beside)
    if result.guard is not None:
        yield ""
        yield from _guard(result.guard)
    if result.findings:
        yield ""
        yield "## Labels worth a look"
        yield ""
        yield from (f"- {each}" for each in result.findings)


def _section(title: str, said: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", said, "")
    yield from table(headings, rows)


def _effects(effects: Sequence[Effect]) -> Iterator[str]:
    return _section(
        "Made more of",
        "The same searches scored in other ways, fitted on the other half of the people. The differences to plain cosines have "
        "intervals of their own, for which the same people are drawn; below zero FNIR is better.",
        ["with", "FNIR at FPIR 1 %", "difference", "first", "difference", "ms a search"],
        (
            [
                each.name,
                share(each.misses),
                share(each.misses_more),
                share(each.first),
                share(each.first_more),
                f"{each.milliseconds:.2f}",
            ]
            for each in effects
        ),
    )


def _beside(others: Sequence[Beside]) -> Iterator[str]:
    return _section(
        "Beside the first encoder",
        "The same searches, each encoder at its own threshold, and the same people drawn for both. Below zero, and below once "
        "as many, FNIR at FPIR 1 % is better.",
        ["beside", "difference of FNIR", "times as many missed", "difference of those first"],
        ([each.name, share(each.misses_more), _times(each), share(each.first_more)] for each in others),
    )


def _times(other: Beside) -> str:
    return "" if other.misses_times is None else share(other.misses_times)


def _guard(guard: Guard) -> Iterator[str]:
    word = guard.strongest.value.replace("_", " ")
    yield "## Children"
    yield ""
    yield (
        f"Of {guard.pairs:,} pairs of photos of different children under {UNDER} the highest score is {guard.highest:.3f}. "
        f"None may be called more than moderate; the strongest word that one gets is: {word}. "
        f"Without the guard {guard.beyond:,} would get a stronger one, up to: {guard.unguarded.value.replace('_', ' ')}."
    )
    if not guard.holds:
        yield ""
        yield "**The guard does not hold.**"


def _headings(first: str) -> list[str]:
    rates = ("1 %", "0.3 %", "0.1 %")
    return [first, "searches", "strangers", *(f"FNIR at FPIR {rate}" for rate in rates), "first", "among 5", "among 20"]


def _cells(name: str, line: Line) -> list[str]:
    found = [share(rate) for rate in line.found.values()]
    return [name, f"{line.mated:,}", f"{line.non_mated:,}", *(share(each.misses) for each in line.at_rates), *found]


def _group_cells(line: GroupLine) -> list[str]:
    false = "" if line.false_positives is None else f"{line.false_positives:.3f}"
    return [line.name, f"{line.mated:,}", share(line.misses), share(line.first), f"{line.non_mated:,}", false]


def share(rate: Rate) -> str:
    """A rate and its interval."""
    low, high = rate.interval
    return f"{rate.value:.3f} ({low:.3f} to {high:.3f})"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """In Markdown."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
