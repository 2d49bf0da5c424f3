"""`tracing coverage`: who of the open cases was searched, by face and by clues, and why not."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.language import cell, spaced, told
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.coverage import CoverageReport, SearchedBy, share_of
from tracing.records import StationCoverage


def coverage(
    station: Annotated[str, typer.Option(help="Only this station.")] = "",
    limit: Annotated[
        int, typer.Option(min=0, max=10_000, help="Name so many cases that were not searched, of each sort.")
    ] = 20,
    strict: Annotated[bool, typer.Option("--strict", help="Exit status 1 unless everyone was searched.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the share of open cases that were searched, by face and by clues, by station, and why the others were not."""
    with services() as found:
        reports = {by: found.coverage.report(SYSTEM, station, limit, by=by) for by in SearchedBy}
    if as_json:
        print_json({by.value: _plain(report) for by, report in reports.items()})
    else:
        _print(reports)
    if strict and any(report.missing for report in reports.values()):
        raise typer.Exit(1)


def _plain(report: CoverageReport) -> dict[str, object]:
    """What programs are told: nothing of the people but their references."""
    return {
        "open": report.open,
        "searched": report.searched,
        "share": report.share,
        "stations": [_station(each) for each in report.stations],
        "not_searched": [
            {
                "case_id": gap.case.case_id,
                "reference": gap.case.reference,
                "station_id": gap.case.station_id,
                "reason": gap.reason,
            }
            for gap in report.gaps
        ],
    }


def _station(each: StationCoverage) -> dict[str, object]:
    return {"station_id": each.station_id, "open": each.open, "searched": each.searched, "share": share_of(each)}


def _print(reports: dict[SearchedBy, CoverageReport]) -> None:
    faces, clues = reports[SearchedBy.FACES], reports[SearchedBy.CLUES]
    rows = [
        (each.station_id, str(each.open), _share(each), _share(other))
        for each, other in zip(faces.stations, clues.stations, strict=True)
    ]
    print_table(["station", "open cases", "by face", "by clues"], rows)
    for by, report in reports.items():
        if report.missing:
            lines = [(gap.case.reference, gap.case.station_id, spaced(gap.reason)) for gap in report.gaps]
            title = told(f"not searched by {cell(by)}: {report.missing}, the longest open first")
            print_table(["case", "station", "why"], lines, title)
    if not faces.missing and not clues.missing:
        say("Everyone in the open cases was searched by face and by clues.")


def _share(each: StationCoverage) -> str:
    """Rounded down: 100 % means everyone."""
    return f"{int(100 * share_of(each))} % ({each.searched})"
