"""`tracing report`: how well the service does, from what people decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.language import cell, spaced, told, word
from scripts.opening import services
from scripts.output import AsJson, print_json, print_table, say
from tracing.access import SYSTEM
from tracing.drift import ENOUGH, FEW, QUANTILES, Fit, Spread
from tracing.known_results import FEWEST, Tally
from tracing.recognition import Report

app = typer.Typer(
    help="How well the service does: the report of a month, and what people decided. Nobody who is sought is named.",
)


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    month: Annotated[str, typer.Option(help="Such as 2026-10; the last one that is over where none is named.")] = "",
    station: Annotated[str, typer.Option(help="Of this station; of all together where none is named.")] = "",
    sheet: Annotated[Path | None, typer.Option("--csv", help="Write it to this new file, for spreadsheet programs.")] = None,
    paper: Annotated[Path | None, typer.Option("--pdf", help="Write it to this new file, to print on A4.")] = None,
    language: Annotated[str, typer.Option(help="zh or en; the service's own where none is named.")] = "",
    as_json: AsJson = False,
) -> None:
    """The monthly report: from intake to reunion, times, deadlines, coverage, review and recognition. Numbers under five are
    not shown, nor others from which they could be worked out (docs/statistics.md)."""
    if context.invoked_subcommand is None:
        from scripts.monthly_report import monthly_report  # brings the words and the paper of the pages

        monthly_report(month, station, language, sheet, paper, as_json)


@app.command()
def recognition(
    generation: Annotated[str, typer.Option(help="Id of another generation than the active one.")] = "",
    as_json: AsJson = False,
) -> None:
    """Scores of confirmed and excluded pairs, drift against the calibration, and whom other channels found instead."""
    with services() as found:
        made = found.recognition.report(SYSTEM, generation)
    if as_json:
        print_json(_plain(made))
        return
    say(f"Generation {made.generation.generation_id}, {made.generation.encoder_id}")
    _print_spreads(made)
    _print_drift(made)
    _print_misses(made)


@app.command()
def reviewers(as_json: AsJson = False) -> None:
    """How reviewers fare: agreement and changes of mind in 90 days, and a year of pairs whose answer was known.

    Reviewers are named as their accounts are; nobody else is. Fewer than five pairs with a known answer are not told.
    """
    with services() as found:
        made, names = found.results.of(SYSTEM), found.accounts.names()
    if as_json:
        print_json(made)
        return
    rows = [
        (names.get(each.reviewer, each.reviewer), each.judged, each.shared, each.agreed, each.changed)
        for each in made.reviewers
    ]
    print_table(["reviewer", "pairs judged", "judged by others too", "same outcome", "changed after the score"], rows)
    known = [(names.get(each.reviewer, each.reviewer), _told(each.mated), _told(each.non_mated)) for each in made.known]
    print_table(["reviewer", "same person, recognised", "two people, taken for one"], known, "Pairs whose answer was known")


def _told(tally: Tally) -> str:
    if tally.share is None or tally.interval is None:
        return told(f"fewer than {FEWEST}")
    low, high = tally.interval
    return told(f"{tally.taken} of {tally.given}: {tally.share:.2f} (95 %: {low:.2f} to {high:.2f})")


def _plain(made: Report) -> dict[str, object]:
    """With the verdicts, and with words as keys."""
    values = {name: getattr(made, name) for name in Report.__slots__ if name not in ("generation", "closings")}
    return values | {
        "generation_id": made.generation.generation_id,
        "encoder_id": made.generation.encoder_id,
        "quantiles_at": QUANTILES,
        "low_fit": made.low and made.low.fit,
        "strangers_fit": made.strangers and made.strangers.fit,
        "strangers_shape": made.strangers and made.strangers.shape,
        "closings": {channel or "not_said": number for channel, number in made.closings.items()},
    }


def _print_spreads(made: Report) -> None:
    headings = [word("pairs"), word("number"), *(f"{100 * share:.0f} %" for share in QUANTILES)]
    print_table(
        headings, [_row(word("confirmed"), made.confirmed), _row(word("excluded"), made.excluded)], "Scores, below which lie"
    )
    cells_of = [each.cells if each.cells else ("",) * (len(made.edges) - 1) for each in (made.confirmed, made.excluded)]
    rows = [
        (told(f"{low:g} to {high:g}"), *(f"1-{FEW - 1}" if cell is None else cell for cell in cells))
        for low, high, *cells in zip(made.edges, made.edges[1:], *cells_of, strict=False)
    ]
    if rows:
        print_table(["score", "confirmed", "excluded"], rows)


def _row(name: str, shown: Spread) -> list[object]:
    return [name, shown.pairs, *([f"{value:.3f}" for value in shown.quantiles] or [told(f"fewer than {FEW}")])]


def _print_drift(made: Report) -> None:
    if made.low is None or made.strangers is None:
        say("Nobody has measured what the scores of this encoder are worth: there is nothing to drift from.")
        return
    low, strangers = made.low, made.strangers
    rows = [
        (
            told(f"confirmed pairs below {low.score:.3f}"),
            told(f"{low.expected * low.pairs:.1f} of {low.pairs}"),
            low.below,
            told(f"{_verdict(low.fit)} (by chance: {low.chance:.2g})"),
        ),
        (
            told(f"strangers on {strangers.searches} lists"),
            f"{strangers.expected:.1f}",
            strangers.shown,
            _verdict(strangers.fit),
        ),
        (
            told(f"distance of {strangers.candidates} candidates"),
            told(f"at most {strangers.by_chance:.3f}"),
            f"{strangers.distance:.3f}",
            _verdict(strangers.shape),
        ),
    ]
    print_table(["against the calibration", "expected", "seen", "verdict"], rows)


def _verdict(fit: Fit) -> str:
    match fit:
        case Fit.TOO_FEW:
            return told(f"fewer than {ENOUGH}: no verdict")
        case Fit.FITS:
            return word("fits the calibration")
        case Fit.MORE:
            return word("MORE than the calibration says")
        case Fit.FEWER:
            return word("FEWER than the calibration says")
        case Fit.DRIFTS:
            return word("ANOTHER distribution than the calibration's")


def _print_misses(made: Report) -> None:
    low, high = made.missed
    print_table(
        ["channel", "what the last list said", "place", "lines", "people searched"],
        [(miss.channel, spaced(miss.made), miss.rank, miss.listed, miss.gallery_size) for miss in made.misses],
        f"Missed: {len(made.misses)} of {len(made.misses) + made.found} that could be found (95 %: {low:.2f} to {high:.2f})",
    )
    say(f"Not in the galleries then: {made.outside}. Files erased since: {made.erased}.")
    rows = sorted((cell(channel) if channel else word("not said"), number) for channel, number in made.closings.items())
    print_table(["closed by hand", "cases"], rows)
