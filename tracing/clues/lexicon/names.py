"""Written names taken apart: surname and given name, nickname or title, in Chinese and in Latin letters."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from tracing.clues.lexicon.divisions import rows
from tracing.clues.lexicon.pronunciation import CHINESE, latin, surname_sound, syllables
from tracing.clues.naming import KINSHIP, Name, stripped_nickname
from tracing.clues.sounds import Syllables, folded, plain
from tracing.traditional import simplified

SOMEBODY: Final = re.compile(r"[某Xx×*＊]+$")
COMMON: Final = 6000
"""Bearers in a million from which on 小王 is somebody called Wang, and not somebody called something with wang in it."""


class Names:
    def __init__(self) -> None:
        self.surnames = {surname: float(bearers) for surname, bearers in rows("surnames.tsv")}
        self.shares: dict[str, float] = {}
        for surname, bearers in self.surnames.items():
            key = folded(surname_sound(surname))
            self.shares[key] = self.shares.get(key, 0.0) + bearers / 1e6

    def surname_length(self, written: str) -> int:
        """How many characters of a Chinese name, in either writing, are the surname; 0 where none is known."""
        begins = simplified(written[:2])
        return next((length for length in (2, 1) if begins[:length] in self.surnames and len(written) >= length), 0)

    def taken_apart(self, text: str) -> Name | None:
        written = "".join(text.split())[:40]
        if CHINESE.search(written):
            name = self._chinese(re.sub(r"[^\w·]|\d", "", written))
            return name if name is not None and name.sound else None
        return self._latin(text)

    def _chinese(self, said: str) -> Name | None:
        """By what is known of simplified names; ``written`` stays as it was said."""
        written = simplified(said)
        name = self._simplified(written)
        if name is None:
            return None
        start = written.index(name.written)
        return replace(name, written=said[start : start + len(name.written)])

    def _simplified(self, written: str) -> Name | None:
        kin = next((title for title in KINSHIP if written.endswith(title)), "")
        short = SOMEBODY.sub("", written.removesuffix(kin).removeprefix("姓"))
        length = self.surname_length(short)
        if not short:
            return None
        if length and len(short) == length:
            return Name(written, surname_sound(short))
        if kin and len(short) > 1 and not length:
            return Name(written, given=syllables(short), nickname=True)
        nick = stripped_nickname(short)
        if nick and nick in self.surnames and short[0] in "老小阿大" and self.surnames[nick] >= COMMON:
            return Name(written, surname_sound(nick))
        if nick and not (length and len(short) == 3 and short[0] in self.surnames):
            return Name(written, given=syllables(nick), nickname=True)
        if not length and len(short) == 3 and folded(syllables(short[0])) in self.shares:
            length = 1  # an interviewer wrote a surname by ear
        if length and len(short) - length <= 2:
            return Name(short, surname_sound(short[:length]), syllables(short[length:]))
        spoken = syllables(short)
        return Name(short, given=spoken) if spoken else None

    def _latin(self, text: str) -> Name | None:
        words = [re.sub(r"[^\w'’]|\d|_", "", word) for word in text.replace("-", "").split()][:6]
        spoken = [latin(word) for word in words if any(letter.isalpha() for letter in word)]
        if not spoken:
            return None
        written = " ".join(plain(word) for word in words if word)
        if len(spoken) == 1:
            return Name(written, given=spoken[0])
        first, last = spoken[0], spoken[-1]
        if self._is_surname(first) or not self._is_surname(last):
            surname, given = (first, spoken[1:]) if self._is_surname(first) else (last, spoken[:-1])
        else:
            surname, given = last, spoken[:-1]
        return Name(written, surname, tuple(each for word in given for each in word))

    def _is_surname(self, spoken: Syllables) -> bool:
        return len(spoken) == 1 and folded(spoken) in self.shares
