"""Opens the services for a command, and closes them when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from scripts import logs
from tracing.bootstrap import Services, build, utc_now
from tracing.chosen import chosen_encoder
from tracing.config import Settings
from tracing.errors import Misconfigured
from tracing.ports import Clock


def settings() -> Settings:
    """The settings of the environment; what is wrong with them is a ``Misconfigured`` that names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"TRACING_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        raise Misconfigured("; ".join(wrong)) from error


def usual_encoder() -> str:
    """The encoder that a new service over these settings begins with."""
    return chosen_encoder(settings())


@contextmanager
def services(changed: Settings | None = None, clock: Clock = utc_now, *, after_restore: bool = False) -> Iterator[Services]:
    """The services over the settings of the environment, or over changed ones."""
    chosen = changed or settings()
    logs.set_up(chosen)
    found = build(chosen, clock, after_restore=after_restore)
    try:
        yield found
    finally:
        found.close()
