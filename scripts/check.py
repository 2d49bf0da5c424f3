"""`tracing check`: does everything that is kept agree?"""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.opening import services
from scripts.output import AsJson, console, notes, print_json, print_table


def check(
    photos: Annotated[bool, typer.Option("--photos", help="Decrypt every photo as well and compare its digest.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare files, rows, templates, galleries, clues and the audit chain with each other; exit status 1 on a finding."""
    with services() as found:
        findings = found.consistency.check(photos, lambda step: notes.print(f"checking {step}") if notes.is_terminal else None)
    if as_json:
        print_json({"clean": not findings, "findings": findings})
    elif findings:
        print_table(["fault", "subject", "what"], [(each.fault, each.subject, each.message) for each in findings])
    else:
        console.print("Everything agrees: files, rows, templates, galleries, searches, clues, audit.")
    if findings:
        raise typer.Exit(1)
