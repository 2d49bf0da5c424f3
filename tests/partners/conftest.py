"""A partner's program before the web."""

from __future__ import annotations

from tests.api.conftest import app, calls

__all__ = ["app", "calls"]
