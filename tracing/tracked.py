"""Which request something is done for, so that its lines in the log can be found again."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""A random word that says nothing of anybody; empty outside of requests."""
