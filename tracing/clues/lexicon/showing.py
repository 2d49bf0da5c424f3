"""What can be put on a board to point at: divisions, common surnames, and words that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Final

from tracing.clues.boards import Choice
from tracing.clues.lexicon.divisions import bare, rows
from tracing.clues.lexicon.lexicon import WordLexicon, lexicon
from tracing.clues.lexicon.pronunciation import surname_sound, syllables
from tracing.clues.sounds import folded
from tracing.domain.regions import Place, ancestry

COMMON: Final = 1000.0
"""Bearers in a million from which on a surname is read aloud: so many bear it that it names nobody."""
SPELLED: Final = {"长": "chang"}
"""Characters that are read otherwise in the names of nearly all places."""
LATIN: Final = {"陕西": "Shaanxi", "长子": "Zhangzi", "西藏": "Xizang"}
"""As they are spelled on maps, where the sounds alone would not tell."""


class LexiconShowing:
    """Implements ``tracing.clues.boards.Showing``."""

    def __init__(self, lexicon: WordLexicon) -> None:
        self._lexicon = lexicon

    def surnames(self) -> Sequence[Choice]:
        return self._surnames

    def pictures(self) -> Sequence[Choice]:
        return self._pictures

    def places(self, within: str = "") -> Sequence[Choice]:
        return [_choice(place) for place in self._below.get(within, ())]

    def choice(self, key: str) -> Choice | None:
        if key.startswith("place:"):
            place = self._lexicon.place(key.removeprefix("place:"))
            return None if place is None else _choice(place)
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Choice]:
        return {each.key: each for each in (*self._surnames, *self._pictures)}

    @cached_property
    def _surnames(self) -> list[Choice]:
        """Of those that sound alike in some dialect the commonest one stands for all."""
        found: dict[str, Choice] = {}
        for surname, bearers in rows("surnames.tsv"):
            sound = surname_sound(surname)
            key = f"surname:{folded(sound)}"
            if float(bearers) >= COMMON and key not in found:
                found[key] = Choice(key, surname, "".join(sound).capitalize())
        return list(found.values())

    @cached_property
    def _pictures(self) -> list[Choice]:
        return [Choice(f"word:{key}", text, latin) for key, text, latin in rows("pictures.tsv")]

    @cached_property
    def _below(self) -> dict[str, list[Place]]:
        """What lies right below each division, in the order of the codes; by ``""`` the provinces."""
        found: dict[str, list[Place]] = {}
        for place in self._lexicon.gazetteer.places():
            above = [code for code in ancestry(place.code)[:-1] if self._lexicon.place(code) is not None]
            found.setdefault(above[-1] if above else "", []).append(place)
        return {within: sorted(places, key=lambda each: each.code) for within, places in found.items()}


def _choice(place: Place) -> Choice:
    short = bare(place.name)
    spelled = (SPELLED.get(letter, sound) for letter, sound in zip(short, syllables(short), strict=False))
    latin = LATIN.get(short) or "".join(spelled).capitalize().replace("v", "ü")
    return Choice(f"place:{place.code}", place.name, latin, place.code, "".join(dict.fromkeys(place.path[:-1])))


@lru_cache(maxsize=1)
def showing() -> LexiconShowing:
    """The one of this process, made when it is first needed."""
    return LexiconShowing(lexicon())
