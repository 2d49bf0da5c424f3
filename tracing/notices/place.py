"""Whether the public may learn where somebody is (DOMAIN.md section 7, L21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracing.domain import Answer

DANGERS: Final = frozenset({"trafficking_suspected"})


def is_hidden(answers: Mapping[str, Answer]) -> bool:
    """Where the form says that somebody may come for the person who must not find them. Of who is guarded there is no
    notice at all (``standing``)."""
    return any(each in DANGERS for each in answers.get("categories", ()))
