"""The command `tracing`: one command or group per file of this folder."""

from __future__ import annotations

import errno
import importlib
import resource
import sys
from typing import Any, Final

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from scripts.language import refused, told
from scripts.manual import Page, in_their_words, speaking
from scripts.output import notes
from tracing.errors import TracingError

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
"""What an operator mends, and no mistake of the program."""

COMMANDS: Final = {
    "serve": ("scripts.serve:serve", "Serve the pages and the JSON API until interrupted."),
    "public": (
        "scripts.public:public",
        "Serve the pages for everybody, until interrupted: published tracing notices, and what families and informants send.",
    ),
    "worker": (
        "scripts.worker:work",
        "Analyse pending photos, run due searches by faces and clues, go on with lists; any number of workers may run.",
    ),
    "restore": (
        "scripts.restore:restore",
        "Verify a backup, bring it back into an empty data folder and database, and erase again whoever was erased since.",
    ),
    "demo": (
        "scripts.demo.command:demo",
        "Fill an empty service with drawn people: missing and sheltered, with pairs to find and look-alikes to tell apart.",
    ),
    "search": (
        "scripts.search:search",
        "Search the galleries of a case with a photo file. The photo is not kept, no pair is suggested, the search is audited.",
    ),
    "recheck": (
        "scripts.recheck:recheck",
        "Make every open case due for a search and work them off, many at once; safe to interrupt: the rest stays due.",
    ),
    "evaluate": (
        "scripts.evaluation.command:evaluate",
        "Measure encoders with labelled photos, by the production pipeline: misses (FNIR) at rates of false positives (FPIR).",
    ),
    "import": (
        "scripts.imports:import_list",
        "Bring in a list: each record becomes a case, once. Sent again it changes nothing; cut off, it goes on where it was.",
    ),
    "imports": (
        "scripts.imports:imports",
        "What was imported or compared, the latest first; with the id of a run: what became of it, and the rows refused.",
    ),
    "check": (
        "scripts.check:check",
        "Compare files, rows, templates, galleries, clues and the audit chain with each other; exit status 1 on a finding.",
    ),
    "tasks": (
        "scripts.tasks:tasks",
        "List what is to be done and by when, the most urgent first; what stands still comes last.",
    ),
    "purge": (
        "scripts.purge:purge",
        "Let go of what was kept long enough: cases with everything in them, lists, words, drafts, accounts, keep-outs.",
    ),
    "coverage": (
        "scripts.coverage:coverage",
        "Print the share of open cases that were searched, by face and by clues, by station, and why the others were not.",
    ),
    "trial": (
        "scripts.trial:trial",
        "Open each person's first photo as a missing case, send the second as an intake, and print at which rank they meet.",
    ),
    "users": ("scripts.users:app", "Accounts of people and programs."),
    "sign-on": ("scripts.signon:app", "Sign-in by a provider (OpenID Connect), such as a government's."),
    "stations": ("scripts.stations:app", "Stations that work with this installation, and who sees whose cases."),
    "backup": (
        "scripts.backup:app",
        "`tracing backup DIR` makes a backup while the service runs; docs/backup.md says how to bring one back.",
    ),
    "keys": ("scripts.keys:app", "The keys that seal photos, templates, contacts and papers."),
    "cases": ("scripts.cases:app", "Look at cases, withdraw the face of one, erase one."),
    "suppressions": ("scripts.suppressions:app", "What keeps erased people from being brought back: list, lift."),
    "clocks": ("scripts.clocks:app", "The clocks that rules set for cases: which there are, and when they are due."),
    "clues": ("scripts.clues:app", "The search by what people said."),
    "reindex": (
        "scripts.reindex:app",
        "From one encoder to another without a pause: start, backfill, verify, activate, rollback, recalibrate, retire.",
    ),
    "report": (
        "scripts.report:app",
        "How well the service does: the report of a month, and what people decided. Nobody who is sought is named.",
    ),
    "models": ("scripts.models:app", "The encoders and detectors that can be used here, and their files."),
    "pfif": (
        "scripts.pfif:app",
        "Exchange with partners as PFIF 1.4: share a case, end that, list, write a file, say who writes here.",
    ),
    "notify": ("scripts.notify:app", "Messages to staff that something waits (docs/notifications.md)."),
    "audit": ("scripts.audit:app", "Verify the audit, and replay decisions."),
    "bench": ("scripts.bench:app", "What parts of the service are worth, measured on your own photos and machine."),
}
"""name -> where it is, and its first sentence: the list of `tracing --help` is there without loading the service for it."""


class OnDemand(TyperGroup):
    """Imports a command to run it, or to tell its own help; of the others it knows the sentence."""

    context_class = Page

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, (_, sentence) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=sentence))

    def make_context(self, *given: Any, **named: Any) -> Any:
        with in_their_words():
            return super().make_context(*given, **named)

    def invoke(self, ctx: Any) -> Any:
        with in_their_words():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, whole(name) if name else None, rest


def whole(name: str) -> Any:
    """The command of this name with all it needs."""
    module, _, inside = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(module), inside)
    if isinstance(found, typer.Typer):
        return speaking(typer.main.get_group(found))
    alone = typer.Typer(add_completion=False)
    alone.command(name=name)(found)
    return speaking(typer.main.get_command(alone))


app = typer.Typer(
    name="tracing",
    cls=OnDemand,
    help="Family tracing for rescue shelters: face search with human review, on your own machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def tracing() -> None:
    """Its options are those of its commands."""


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
