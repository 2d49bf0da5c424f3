"""The lexicon of the service: gazetteer, names and vocabulary behind the one protocol that the core knows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tracing.clues.lexicon.gazetteer import Gazetteer
from tracing.clues.lexicon.marking import Marking
from tracing.clues.lexicon.name_keys import NameKeys
from tracing.clues.lexicon.names import Names
from tracing.clues.lexicon.vocabulary import Vocabulary
from tracing.clues.naming import Name
from tracing.clues.profile import Word
from tracing.domain import Mention
from tracing.domain.regions import Place, PlaceGuess, PlaceLevel, level_of

DIVISIONS = {PlaceLevel.PROVINCE: 34, PlaceLevel.CITY: 333, PlaceLevel.COUNTY: 2845, PlaceLevel.TOWNSHIP: 38723}
SYLLABLES = 150
"""Sounds, dialects folded, that given names are made of in earnest."""


class WordLexicon:
    """Implements ``tracing.clues.profile.Lexicon``. Building it takes about a second; several threads may use one."""

    def __init__(self) -> None:
        self.gazetteer = Gazetteer()
        self._names = Names()
        self.name_keys = NameKeys(self._names)
        """What each of some names is found by when it is typed in Latin letters."""
        self._vocabulary = Vocabulary()
        self._marking = Marking(self.gazetteer, self._names, self._vocabulary)

    def name(self, written: str) -> Name | None:
        return self._names.taken_apart(written)

    def resolve(self, text: str, within: Sequence[str] = ()) -> list[PlaceGuess]:
        return self.gazetteer.resolve(text, within)

    def place(self, code: str) -> Place | None:
        return self.gazetteer.place(code)

    def words(self, text: str) -> list[Word]:
        return self._vocabulary.words(text)

    def mentions(self, text: str) -> list[Mention]:
        return self._marking.mentions(text)

    def usual(self, key: str) -> float:
        kind, _, value = key.partition(":")
        match kind:
            case "place":
                return 1.0 / DIVISIONS[level_of(value)]
            case "surname":
                return self._names.shares.get(value, 3e-5)
            case "part":
                return 2.0 / SYLLABLES
            case "given":
                return float(SYLLABLES) ** -(value.count(".") + 1)
            case "name":
                surname, _, given = value.partition(".")
                return self._names.shares.get(surname, 3e-5) * float(SYLLABLES) ** -(given.count(".") + 1)
        sort = value.partition(".")[0]
        return 0.6 / self._vocabulary.sizes.get(sort, 20)


@lru_cache(maxsize=1)
def lexicon() -> WordLexicon:
    """The one of this process, made when it is first needed."""
    return WordLexicon()
