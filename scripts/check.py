"""`tracing check`: does everything that is kept agree?"""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.language import refused, told
from scripts.opening import services
from scripts.output import AsJson, note, notes, print_json, print_table, say


def check(
    photos: Annotated[bool, typer.Option("--photos", help="Decrypt every photo as well and compare its digest.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare files, rows, templates, galleries, clues and the audit chain with each other; exit status 1 on a finding."""
    with services() as found:
        findings = found.consistency.check(photos, lambda step: note(f"checking {told(step)}") if notes.is_terminal else None)
    if as_json:
        print_json({"clean": not findings, "findings": findings})
    elif findings:
        # The fault's own name stays: docs/operations.md says under it what to do.
        rows = [(each.fault.value, each.subject, refused(each.message)) for each in findings]
        print_table(["fault", "subject", "what"], rows)
    else:
        say("Everything agrees: files, rows, templates, galleries, searches, clues, audit.")
    if findings:
        raise typer.Exit(1)
