"""Numbers, shares and months as each language writes them; ``api.dates`` has days and times."""

from __future__ import annotations

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent

from tracing.reporting.months import Month


def number(locale: str, value: float) -> str:
    return format_decimal(value, locale=locale)


def decimal(locale: str, value: float, places: int) -> str:
    """With so many places behind the point, zeros too."""
    return format_decimal(value, f"#,##0.{'0' * places}" if places else "#,##0", locale=locale)


def percent(locale: str, share: float, places: int = 0) -> str:
    """``places`` behind the point, zeros too. Near all it is rounded down, for 100 % means everyone; near none up."""
    share = round(share, 12)  # the end of an interval may miss 1 by the last bit
    steps = 10 ** (2 + places)
    if 0 < share < 1:
        share = min(max(share, 1 / steps), 1 - 1 / steps)
    return format_percent(share, f"#,##0.{'0' * places}%" if places else "#,##0%", locale=locale)


def month(locale: str, which: Month) -> str:
    """``2026年10月``, ``October 2026``."""
    return format_skeleton("yMMMM", which.first, locale=locale)
