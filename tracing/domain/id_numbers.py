"""Chinese identity numbers (GB 11643), which hold the date of birth and the sex of whom they name.

Some lists name their records by them; a digest stands in their place here.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from tracing.domain.cases import Sex
from tracing.domain.dates import PartialDate

WITHHELD: Final = "IDN-"
"""How the name of a record begins that is the digest of an identity number."""
SHOWN: Final = len(WITHHELD) + 8
_NUMBER: Final = re.compile(r"\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]", re.ASCII)


def of_id_number(text: str) -> tuple[PartialDate, Sex] | None:
    """Birth date and sex that an identity number holds, in whatever width and with whatever blanks it is written; None where
    it is none, by its check digit too."""
    number = _written(text)
    found = _NUMBER.fullmatch(number)
    if found is None or not _checks(number):
        return None
    try:
        born = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return PartialDate(born.year, born.month, born.day), Sex.MALE if int(found[4]) % 2 else Sex.FEMALE


def born_by(text: str) -> PartialDate | None:
    """The date of birth of the first identity number in a text."""
    known = (of_id_number(found[0]) for found in _NUMBER.finditer(_written(text)))
    return next((each[0] for each in known if each is not None), None)


def is_withheld(name: str) -> bool:
    """Whether the name of a record is the digest of an identity number, which tells nobody anything."""
    return name.startswith(WITHHELD)


def shown(name: str) -> str:
    """The name of a record as people read it; of a digest as much as tells one from the other."""
    return f"{name[:SHOWN]}…" if is_withheld(name) else name


def _written(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _checks(number: str) -> bool:
    """ISO 7064, MOD 11-2."""
    weighed = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[weighed % 11] == number[17]
