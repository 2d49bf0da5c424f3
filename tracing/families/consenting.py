"""The words that families agree to, by version and language: a text that somebody has agreed to is never changed."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from tracing.domain import Consent
from tracing.errors import NotFound

CURRENT: Final = "2"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """``agree`` is needed for a report; ``face`` is asked by itself, and may be left out."""

    version: str
    language: str
    lines: tuple[str, ...]
    agree: str
    face: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join((*self.lines, self.agree, self.face)).encode()).hexdigest()

    def given(self, face: bool) -> Consent:
        """As it is kept with the report of somebody who has agreed to it."""
        return Consent(self.version, self.language, self.digest, face)


@cache
def consent_text(language: str, version: str = CURRENT) -> ConsentText:
    """``NotFound`` for a version or a language that there is not."""
    file = files("tracing.families").joinpath("consent").joinpath(f"{version}.toml")
    told = tomllib.loads(file.read_text("utf-8")) if version.isdecimal() and file.is_file() else {}
    if language not in told:
        raise NotFound("There is no such text.")
    words = told[language]
    return ConsentText(version, language, tuple(words["lines"]), words["agree"], words["face"])
