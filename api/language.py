"""Which language a page speaks: the visitor's choice, the browser's wish, or the station's own."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from fastapi import Request

LANGUAGES: Final[Mapping[str, str]] = {"zh_CN": "中文", "en": "English"}
"""Locale -> its own name for itself. The texts in templates and modules are English; every other one has a catalogue."""
LANGUAGE_COOKIE: Final = "tracing_language"
FOLDER: Final = Path(__file__).resolve().parent / "locale"

_SPOKEN: Final = {locale.partition("_")[0]: locale for locale in LANGUAGES}


def chosen(request: Request, fallback: str) -> str:
    """One of ``LANGUAGES``: from the cookie of the language switch, else from ``Accept-Language``, else the fallback."""
    cookie = request.cookies.get(LANGUAGE_COOKIE, "")
    return cookie if cookie in LANGUAGES else wished_by(request, fallback)


def wished_by(request: Request, fallback: str) -> str:
    """As the browser says, whatever was chosen on the pages."""
    wished = negotiate_locale(_wishes(request.headers.get("accept-language", "")), list(_SPOKEN), sep="-")
    return _SPOKEN[wished] if wished is not None else fallback


def _wishes(header: str) -> list[str]:
    """The language tags of an ``Accept-Language`` header, the dearest first; what makes no sense is left out."""
    wishes: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") if parameters else "1"
        try:
            weight = float(quality)
        except ValueError:
            continue
        if tag and tag != "*" and 0 < weight <= 1:
            wishes.append((weight, tag))
    return [tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])]


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """The catalogue of a locale, compiled in memory; texts in English need none."""
    file = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return Translations(compiled)
