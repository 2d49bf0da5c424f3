"""`tracing report --month 2026-10`: the monthly report in words, as JSON, as CSV or as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from api.dates import moment
from api.language import LANGUAGES, translations
from api.staff.monthly.paper import report_paper
from api.staff.monthly.sheet import report_sheet
from api.staff.monthly.telling import Telling, Told, rule_titles
from api.staff.monthly.words import BY_COMMAND
from api.staff.printed import Printed
from api.v1.monthly_answers import MonthlyReportAnswer
from scripts.opening import services
from scripts.output import console, print_json, print_table, say, write_private
from tracing.access import SYSTEM
from tracing.errors import Invalid
from tracing.reporting.monthly import AGES
from tracing.reporting.months import Month

SPOKEN: Final = {locale.partition("_")[0]: locale for locale in LANGUAGES} | {locale: locale for locale in LANGUAGES}


def monthly_report(month: str, station: str, language: str, sheet: Path | None, paper: Path | None, as_json: bool) -> None:
    """Print it, or write it to a file that is not there yet."""
    if language and language not in SPOKEN:
        raise typer.BadParameter(f"one of {', '.join(SPOKEN)}", param_hint="--language")
    with services() as found:
        locale = SPOKEN[language or found.settings.locale]
        found.clockwork.follow()
        report = found.report.of(SYSTEM, Month.parse(month) if month else None, station)
        titles = {rule.rule_id: rule.titles for rule in found.clockwork.jurisdiction.rules}
        zone = found.settings.zone
    told = Telling(locale, zone, rule_titles(titles, locale)).tell(report)
    if sheet is not None:
        write_private(_new(sheet), report_sheet(told, locale))
    if paper is not None:
        foot = translations(locale).gettext(BY_COMMAND) % {"at": moment(locale, zone, report.made_at)}
        write_private(_new(paper), report_paper(told, locale, Printed(report.made_at, foot)))
    if as_json:
        print_json(MonthlyReportAnswer.of(report, AGES).model_dump(mode="json"))
    elif sheet is None and paper is None:
        _print(told, locale)


def _new(path: Path) -> Path:
    if path.exists():
        raise Invalid(f"{path} is there already. Name a file that is not there yet.")
    return path


def _print(told: Told, language: str) -> None:
    console.print(f"{told.title} · {told.place}", style="bold", highlight=False)
    say(told.span)
    say(told.nothing or told.legend)
    for section in told.sections:
        rows = [[value.shown(language) for value in row] for row in section.rows]
        print_table(section.headings, rows, section.title) if rows else say(f"{section.title}: {section.empty or section.note}")
