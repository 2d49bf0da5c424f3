"""The form in which texts are compared, where they are kept and where they are shown alike."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Case and width of letters do not matter in it."""
    return unicodedata.normalize("NFKC", text).casefold()
