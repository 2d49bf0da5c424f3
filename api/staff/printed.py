"""When a paper is printed, for those who print and for the paper itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Printed:
    """When a paper is printed, and the line that says so. Twice the same at one moment is the same to the byte."""

    at: datetime
    said: str
