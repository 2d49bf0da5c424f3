"""`tracing bench`: what parts of the service are worth, measured on photos and a machine of one's own."""

from __future__ import annotations

import typer

from scripts.bench import (
    audit,
    clue_search,
    clues,
    encode,
    gallery,
    imports,
    index,
    interview_help,
    load,
    notices,
    quality,
    queue,
    recall,
    reindex,
    report,
)

app = typer.Typer(help="What parts of the service are worth, measured on your own photos and machine.", no_args_is_help=True)
app.command("audit")(audit.audit)
app.command("clue-search")(clue_search.clue_search)
app.command("clues")(clues.clues)
app.command("encode")(encode.encode)
app.command("gallery")(gallery.gallery)
app.command("import")(imports.imports)
app.command("index")(index.index)
app.command("interview-help")(interview_help.interview_help)
app.command("quality")(quality.quality)
app.command("load")(load.load)
app.command("notices")(notices.notices)
app.command("queue")(queue.queue)
app.command("recall")(recall.recall)
app.command("reindex")(reindex.reindex)
app.command("report")(report.report)
