"""The form of a case: what the paper form asks beyond the description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

Answer: TypeAlias = str | tuple[str, ...] | tuple[Mapping[str, str], ...]
"""A text; several choices or lines; or rows of a table, by column."""


@dataclass(frozen=True, slots=True)
class CaseForm:
    """``answers`` holds the questions that were answered, by name. ``version`` 0 is a form that nobody has written in yet."""

    case_id: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    version: int = 0
    saved_at: datetime | None = None
    saved_by: str = ""
