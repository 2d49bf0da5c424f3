"""`tracing models`: the encoders that can be used here."""

from __future__ import annotations

from typing import Annotated

import typer

from scripts.output import AsJson, print_json, print_table
from tracing.embeddings import catalog

app = typer.Typer(help="The encoders that can be used here.", no_args_is_help=True)


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the encoders, their licence, and whether their scores are calibrated."""
    facts = [catalog.encoder_facts(encoder_id) for encoder_id in catalog.known_encoders()]
    if as_json:
        print_json(facts)
        return
    rows = [(each.encoder_id, each.dimension, each.metric, each.licence, "yes" if each.calibration else "no") for each in facts]
    print_table(["encoder", "dimension", "metric", "licence", "calibrated"], rows)


@app.command()
def verify(
    encoder: Annotated[str, typer.Argument(help="All of them where none is named.")] = "", as_json: AsJson = False
) -> None:
    """Compare the weights on this machine with the digests of the manifest; exit status 1 where one differs."""
    files = [
        {"encoder_id": encoder_id, "file": each.file, "path": each.path, "problem": each.problem}
        for encoder_id in ([encoder] if encoder else catalog.known_encoders())
        for each in catalog.verify_weights(encoder_id)
    ]
    if as_json:
        print_json(files)
    else:
        print_table(["encoder", "file", "where", "problem"], [list(each.values()) for each in files])
    if any(each["problem"] for each in files):
        raise typer.Exit(1)
