"""`tracing worker`: works off what is still waiting."""

from __future__ import annotations

import signal
import threading
from typing import Annotated, Final

import typer

from scripts.memory import spare_what_is_loaded
from scripts.opening import services
from scripts.output import AsJson, note, print_json
from tracing.access import SYSTEM
from tracing.bootstrap import Services
from tracing.worker import Work

FINISH_SECONDS: Final = 20.0


def work(
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is waiting any more.")] = False,
    retry_stuck: Annotated[
        bool, typer.Option("--retry-stuck", help="First let photos be tried again whose analysis failed three times.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Analyse pending photos, run due searches by faces and clues, go on with lists; any number of workers may run."""
    stop = threading.Event()
    with services() as found:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: _stop(stop, found))
        if retry_stuck:
            note(f"{found.intake.retry_stuck(SYSTEM)} photos are tried again.")
        spare_what_is_loaded()
        if not once:
            note("Working; stop with Ctrl-C.")
            found.worker.run(stop)
            return
        done = found.worker.work_off(_report, stop)
    if as_json:
        print_json(done)
    else:
        note(f"{done.photos} photos, {done.searches} searches, {done.clue_searches} by clues, {done.failed} failed.")
    if done.failed:
        raise typer.Exit(1)


def _stop(stop: threading.Event, found: Services) -> None:
    """Finish the photo and the searches under way; a photo that takes too long is given back to the other workers.

    At a second signal at once.
    """
    late = threading.Timer(0 if stop.is_set() else FINISH_SECONDS, found.halt)
    stop.set()
    late.daemon = True
    late.start()


def _report(done: Work) -> None:
    note(f"{done.photos} photos, {done.searches} searches, {done.clue_searches} by clues so far")
