"""The command `tracing`: one group per file of this folder."""

from __future__ import annotations

import errno
import resource
import sys

import typer
from rich.markup import escape

from scripts import (
    audit,
    backup,
    bench,
    cases,
    check,
    clocks,
    clues,
    coverage,
    imports,
    keys,
    models,
    notify,
    pfif,
    public,
    purge,
    recheck,
    reindex,
    report,
    restore,
    search,
    serve,
    signon,
    stations,
    suppressions,
    tasks,
    trial,
    users,
    worker,
)
from scripts.demo import command as demo
from scripts.evaluation import command as evaluation
from scripts.language import refused, told
from scripts.output import notes
from tracing.errors import TracingError

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""What an operator mends, and no mistake of the program."""

app = typer.Typer(
    name="tracing",
    help="Family tracing for rescue shelters: face search with human review, on your own machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(name="serve")(serve.serve)
app.command(name="public")(public.public)
app.command(name="worker")(worker.work)
app.command(name="restore")(restore.restore)
app.command(name="demo")(demo.demo)
app.command(name="search")(search.search)
app.command(name="recheck")(recheck.recheck)
app.command(name="evaluate")(evaluation.evaluate)
app.command(name="import")(imports.import_list)
app.command(name="imports")(imports.imports)
app.command(name="check")(check.check)
app.command(name="tasks")(tasks.tasks)
app.command(name="purge")(purge.purge)
app.command(name="coverage")(coverage.coverage)
app.command(name="trial")(trial.trial)
app.add_typer(users.app, name="users")
app.add_typer(signon.app, name="sign-on")
app.add_typer(stations.app, name="stations")
app.add_typer(backup.app, name="backup")
app.add_typer(keys.app, name="keys")
app.add_typer(cases.app, name="cases")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(clocks.app, name="clocks")
app.add_typer(clues.app, name="clues")
app.add_typer(reindex.app, name="reindex")
app.add_typer(report.app, name="report")
app.add_typer(models.app, name="models")
app.add_typer(pfif.app, name="pfif")
app.add_typer(notify.app, name="notify")
app.add_typer(audit.app, name="audit")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line; what the service refuses is one sentence and the exit status 1, never a traceback."""
    _leave_no_core()
    try:
        app()
    except TracingError as error:
        notes.print("[bold red]tracing:[/]", escape(refused(error)), highlight=False)
        sys.exit(1)
    except OSError as error:
        if error.errno not in DISK:
            raise
        place = error.filename2 or error.filename
        named = f": {place}" if place else ""
        broken_off = told(f"{error.strerror}{named}. It was broken off; mend this and repeat it.")
        notes.print("[bold red]tracing:[/]", escape(broken_off), highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _leave_no_core() -> None:
    """Faces, templates and keys are in the memory of this process and of its children: a crash writes none of it down."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
