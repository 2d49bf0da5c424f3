"""Words of a known meaning in a text: marks and where they are, work, events, kin, home, languages, peoples, clothes."""

from __future__ import annotations

import re
from typing import Final

from tracing.clues.lexicon.divisions import rows
from tracing.clues.profile import Word

REACH: Final = 8
"""Characters around a mark within which a part of the body says where it is."""
LONGEST: Final = 20_000


class Vocabulary:
    def __init__(self) -> None:
        self._keys = {word.casefold(): key for key, words in rows("vocabulary.tsv") for word in words.split("|")}
        longest_first = sorted(self._keys, key=len, reverse=True)
        self._pattern = re.compile(
            "|".join(rf"\b{re.escape(word)}(?:s|es)?\b" if word.isascii() else re.escape(word) for word in longest_first)
        )
        self.sizes: dict[str, int] = {}
        for key in set(self._keys.values()):
            sort = key.partition(".")[0]
            self.sizes[sort] = self.sizes.get(sort, 0) + 1

    def _key(self, word: str) -> str:
        """Of a word as it was found: plural perhaps."""
        return next(self._keys[each] for each in (word, word.removesuffix("s"), word.removesuffix("es")) if each in self._keys)

    def words(self, text: str) -> list[Word]:
        """In their order. A mark beside a part of the body is said twice: as such, and with ``@`` and the part."""
        text = text[:LONGEST]
        lowered = text.casefold()
        if len(lowered) != len(text):
            lowered = text
        hits = [
            Word(self._key(each.group()), text[each.start() : each.end()], *each.span())
            for each in self._pattern.finditer(lowered)
        ]
        parts = [hit for hit in hits if hit.key.startswith("part.")]
        found = []
        for hit in hits:
            if hit.key.startswith("part."):
                continue
            found.append(hit)
            if hit.key.startswith("mark."):
                near = [part for part in parts if part.start - hit.end <= REACH and hit.start - part.end <= REACH]
                if near:
                    part = min(near, key=lambda each: max(each.start - hit.end, hit.start - each.end))
                    start, end = min(part.start, hit.start), max(part.end, hit.end)
                    found.append(Word(f"{hit.key}@{part.key[5:]}", text[start:end], start, end))
        return found
