"""An evaluation as Markdown: what was measured, how, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracing.evaluation.report import GroupLine, Line, Rate, Report


def page(encoder_id: str, source: str, listed: int, report: Report, findings: Sequence[str]) -> str:
    """The whole page; ``findings`` are sentences about labels that look wrong."""
    return "\n".join([*_page(encoder_id, source, listed, report, findings), ""])


def _page(encoder_id: str, source: str, listed: int, report: Report, findings: Sequence[str]) -> Iterator[str]:
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
    yield from _table(_headings("people enrolled"), (_cells(f"{line.enrolled:,}", line) for line in (*report.sizes, whole)))
    if report.several:
        yield ""
        yield "## With several photos of each person"
        yield ""
        yield "The same searches in every line; several photos count by their best score, or by their mean template."
        yield ""
        yield from _table(_headings("photos each"), (_cells(line.name, line) for line in report.several))
    for kind, lines in report.groups.items():
        yield ""
        yield f"## By {kind}"
        yield ""
        yield "At the threshold of all searches, where strangers bring up somebody in 1 % of them."
        yield ""
        yield from _table([kind, "searches", "FNIR", "first", "strangers", "FPIR"], (_group_cells(line) for line in lines))
    if findings:
        yield ""
        yield "## Labels worth a look"
        yield ""
        yield from (f"- {each}" for each in findings)


def _headings(first: str) -> list[str]:
    rates = ("1 %", "0.3 %", "0.1 %")
    return [first, "searches", "strangers", *(f"FNIR at FPIR {rate}" for rate in rates), "first", "among 5", "among 20"]


def _cells(name: str, line: Line) -> list[str]:
    found = [_share(rate) for rate in line.found.values()]
    return [name, f"{line.mated:,}", f"{line.non_mated:,}", *(_share(each.misses) for each in line.at_rates), *found]


def _group_cells(line: GroupLine) -> list[str]:
    false = "" if line.false_positives is None else f"{line.false_positives:.3f}"
    return [line.name, f"{line.mated:,}", _share(line.misses), _share(line.first), f"{line.non_mated:,}", false]


def _share(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.value:.3f} ({low:.3f} to {high:.3f})"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
