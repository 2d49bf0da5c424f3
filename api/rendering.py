"""Templates in one language: autoescaped, and a name that is not there is an error."""

from __future__ import annotations

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.dates import partial_date
from api.language import LANGUAGES, translations


def templates(package: str, locale: str) -> Environment:
    """Those of a package, with its texts in this language."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(locale), newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.filters["day"] = partial(partial_date, locale)
    made.globals |= {"languages": LANGUAGES, "locale": locale, "html_language": locale.replace("_", "-")}
    return made
