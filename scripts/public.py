"""`tracing public`: the pages for everybody, as a process of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.opening import settings
from scripts.serve import refuse_taken_port, run
from tracing.bootstrap import public_of


def public(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8080,
    tls_certificate: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM file, for https.")] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="PEM file, for https.")] = None,
) -> None:
    """Serve the pages for everybody, until interrupted: published tracing notices, and what families and informants send.

    It opens the records of a service that is there, and writes nothing but what is sent. Give it a host name of its own
    (TRACING_FAMILIES_URL), apart from that of the pages for staff.
    """
    refuse_taken_port(host, port)
    public_of(settings()).close()  # what keeps it from working is said before anything listens
    run("api.public.app:create", host, port, tls_certificate, tls_key)
