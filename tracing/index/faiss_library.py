"""The library FAISS, or a sentence that says what to do without it."""

from __future__ import annotations

from typing import Any

from tracing.errors import Misconfigured


def load_faiss() -> Any:
    """An import is the only proof that it is there: a wheel for another processor is found and then fails."""
    try:
        import faiss
    except ImportError as error:
        raise Misconfigured(
            "FAISS is not installed (package faiss-cpu); set TRACING_INDEX to exact to do without it."
        ) from error
    return faiss
