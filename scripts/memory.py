"""What a process that runs for months asks of the garbage collector."""

from __future__ import annotations

import gc


def spare_what_is_loaded() -> None:
    """Let the collector never again go through what is loaded by now, modules and routes, which stay for good.

    A search leaves so much behind that it would go through all of it time and again: a fifth of what a recheck takes.
    """
    gc.collect()
    gc.freeze()
