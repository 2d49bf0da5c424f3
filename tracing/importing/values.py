"""What a cell says: sexes, dates, ages and heights as people write them in lists, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, TypeVar

from tracing.domain import CaseKind, PartialDate, Sex
from tracing.errors import Invalid
from tracing.folding import visible
from tracing.importing.numerals import in_digits
from tracing.traditional import simplified

_SEXES: Final = {
    **dict.fromkeys(("男", "男性", "男孩", "男童", "m", "male", "man", "boy", "1"), Sex.MALE),
    **dict.fromkeys(("女", "女性", "女孩", "女童", "f", "female", "woman", "girl", "2"), Sex.FEMALE),
    **dict.fromkeys(("其他", "other", "x"), Sex.OTHER),
}
_KINDS: Final = {
    **dict.fromkeys(("missing", "失踪", "失踪人员", "走失", "走失人员", "寻人", "寻亲", "被寻人"), CaseKind.MISSING),
    **dict.fromkeys(("sheltered", "found", "受助", "受助人员", "救助", "在站", "流浪乞讨", "无名氏"), CaseKind.SHELTERED),
}
_NOTHING: Final = frozenset(
    {
        *("", "不详", "不祥", "未知", "不明", "不清楚", "未填", "未提供", "拒绝透露", "待查", "无"),
        *("-", "--", "/", "n/a", "na", "nan", "none", "unknown", "not known", "null"),
        # What a spreadsheet writes where a formula has gone wrong.
        *("#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!"),
    }
)
_TEXT_ALL_THE_SAME: Final = re.compile(r'=\s*"((?:[^"]|"")*)"|[\'’`](\d.*?)[\'’`]?', re.DOTALL)
"""How programs keep a spreadsheet from rounding a number: ``="0017"``, ``'0017``."""
_WHOLE: Final = re.compile(r"(\d+)\.0", re.ASCII)
"""How programs write a whole number of a column that has gaps."""
_DATE: Final = re.compile(
    r"(?P<year>\d{4})\s*(?:[-/.年]\s*(?P<month>\d{1,2})\s*(?:[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?|月?)?|年)?"
    r"(?:[ T].*|(?<=[日号])(?:出?生|凌晨|清晨|早|上午|中午|下午|傍晚|晚|夜|深夜|\d{1,2}\s*[时時点點::]).*)?",
    re.ASCII,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_WORDS: Final = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*)?(?P<month>{'|'.join(_MONTHS)})[a-z]*[\s.,-]*"
    r"(?:(?P<after>\d{1,2})(?:st|nd|rd|th)?[\s,-]+)?(?P<year>\d{4})",
    re.IGNORECASE | re.ASCII,
)
_PACKED_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
_AGE: Final = re.compile(
    r"(?:约|大约|大概|about|approx\.?|~)?\s*(\d{1,3})\s*(?:岁)?\s*(?:(?:-|–|—|~|至|到|to)\s*(\d{1,3}))?\s*"
    r"(?:多|余|来|几|左右|上下)?\s*(?:周岁|岁|years?|y)?\s*(?:左右|上下|多|余)?",
    re.IGNORECASE | re.ASCII,
)
_OF_A_CHILD: Final = re.compile(
    r"(?:约|大约|大概|about)?\s*(?:(?P<months>\d{1,2})\s*(?:[个個]月大?|[个個]?月龄|months?(?: old)?)|"
    r"(?P<years>\d{1,2})\s*岁半)\s*(?:左右)?",
    re.IGNORECASE | re.ASCII,
)
_HEIGHT: Final = re.compile(
    r"(?:约|大约|大概)?\s*(\d(?:[.,]\d{1,2})?|\d{2,3}(?:\.\d)?)\s*(cm|m|厘米|公分|米)?\s*(?:左右|上下)?",
    re.IGNORECASE | re.ASCII,
)
_METRES_AND_MORE: Final = re.compile(
    r"(?:约|大约|大概)?\s*([12])\s*(?:m|米)\s*(\d{1,2})\s*(?:cm|厘米|公分)?\s*(?:左右|上下)?", re.IGNORECASE | re.ASCII
)
_BETWEEN: Final = re.compile(r"[、,，;；/|\n]+")
_BETWEEN_FILES: Final = re.compile(r"[、,，;；|\n]+|(?<=\.\w{3})/|(?<=\.\w{4})/")
"""A slash parts folders, unless a whole name of a file stands before it."""
_CALLED: Final = re.compile(
    r"([^()]+?)\s*\((?:又名|又叫|曾用名|别名|原名|小名|乳名|绰号|外号|a\.?k\.?a\.?)\s*[::]?\s*([^()]+)\)", re.IGNORECASE
)
_Word = TypeVar("_Word")
AROUND: Final = 5
"""Years by which an age with "about" or "-odd" may be wrong, as it is taken."""


def plain(text: str) -> str:
    """What the cell says, without width of letters, without blanks at its ends and what nobody sees, and without what programs
    put around a number; empty where it says that nothing is known."""
    cell = visible(unicodedata.normalize("NFKC", text)).strip()
    if (wrapped := _TEXT_ALL_THE_SAME.fullmatch(cell)) is not None:
        cell = (wrapped[1].replace('""', '"') if wrapped[2] is None else wrapped[2]).strip()
    if (whole := _WHOLE.fullmatch(cell)) is not None:
        cell = whole[1]
    return "" if simplified(cell.casefold()) in _NOTHING else cell


def files(cells: list[str]) -> tuple[str, ...]:
    """Each name of a file of cells that hold several, with its folders."""
    return entries(cells, _BETWEEN_FILES)


def entries(cells: list[str], between: re.Pattern[str] = _BETWEEN) -> tuple[str, ...]:
    """Each entry of cells that hold several, once, in order."""
    found = (plain(part) for cell in cells if plain(cell) for part in between.split(cell))
    return tuple(dict.fromkeys(part for part in found if part))


def names(cells: list[str]) -> tuple[str, ...]:
    """Each name once; ``王建国（又名王建军）`` are two."""
    told = ((each, _CALLED.fullmatch(each)) for each in entries(cells))
    found = (name for each, called in told for name in (called.groups() if called is not None else (each,)))
    return tuple(dict.fromkeys(found))


def full_name(given: str, family: str) -> str:
    """Of the two that some lists part, as the language writes them."""
    chinese = all("\u3400" <= letter <= "\u9fff" for letter in given + family)
    return f"{family}{given}" if chinese else f"{given} {family}".strip()


def sex(text: str) -> Sex:
    return _word(text, _SEXES, "sex", "male or female")


def kind(text: str) -> CaseKind:
    return _word(text, _KINDS, "kind", "missing or sheltered")


def day(text: str, column: str) -> PartialDate:
    """A date as far as it is known, its year first: ``1966``, ``1966年2月``, ``1966/2/3``, ``19660203``; or ``3 Feb 1966``.

    A time after it is left out. Raises ``Invalid`` for anything else: which of 02/03 is the month would be a guess.
    """
    if (said := _IN_WORDS.fullmatch(text)) is not None and not (said["day"] and said["after"]):
        parts: tuple[str | None, ...] = (
            said["year"],
            str(_MONTHS.index(said["month"].casefold()) + 1),
            said["day"] or said["after"],
        )
    else:
        found = _DATE.fullmatch(text.replace("號", "号")) or _PACKED_DATE.fullmatch(text)
        parts = found.groups() if found is not None else ()
    if parts:
        year, month, of_month = (int(part) if part else None for part in parts)
        try:
            return PartialDate(year or 0, month, of_month)
        except ValueError:
            pass
    raise Invalid(f"This is no date: {text[:40]}. Write 1966, 1966-02 or 1966-02-03.", column)


def ages(text: str) -> tuple[int, int]:
    """The least and the greatest age of ``60``, ``58-62``, ``约60岁`` (more or less by ``AROUND``) or ``60多岁`` (60 to 69);
    whole years of a child's ``5个月`` and ``3岁半``. Numbers may be written out: 六十五岁."""
    if (child := _OF_A_CHILD.fullmatch(text := in_digits(simplified(text)))) is not None:
        years = int(child["months"]) // 12 if child["months"] else int(child["years"])
        return years, years
    found = _AGE.fullmatch(text)
    if found is None:
        raise Invalid(f"This is no age: {text[:40]}. Write 60 or 58-62.", "age")
    lowest = int(found[1])
    if found[2] is not None:
        return lowest, int(found[2])
    if re.search("多|余|来|几", text):
        return lowest, lowest + 2 * AROUND - 1
    if re.search("约|大概|左右|上下|about|approx|~", text, re.IGNORECASE):
        return max(0, lowest - AROUND), lowest + AROUND
    return lowest, lowest


def height(text: str) -> int:
    """Whole centimetres of ``170``, ``170cm``, ``1.7米``, ``1.70 m``, ``1米7``, ``1米65``."""
    if (said := _METRES_AND_MORE.fullmatch(text := simplified(text))) is not None:
        return 100 * int(said[1]) + int(said[2].ljust(2, "0"))
    found = _HEIGHT.fullmatch(text)
    if found is None:
        raise Invalid(f"This is no height: {text[:40]}. Write it in centimetres: 170.", "height_cm")
    value = float(found[1].replace(",", "."))
    metres = (found[2] or "").casefold() in ("m", "米") or (not found[2] and value < 3)
    return round(value * 100 if metres else value)


def _word(text: str, words: dict[str, _Word], column: str, expected: str) -> _Word:
    found = words.get(simplified(text.casefold()))
    if found is None:
        raise Invalid(f"{text[:40]}: write {expected}.", column)
    return found
