"""The gazetteer: which administrative divisions a spoken place name may mean, and by what it met them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from tracing.clues.lexicon.divisions import bare, read_divisions, rows
from tracing.clues.lexicon.pronunciation import CHINESE, quick, syllables
from tracing.clues.sounds import DIALECT_COST, Likeness, Syllables, cost, folded, likeness
from tracing.domain.regions import Met, Place, PlaceGuess, PlaceLevel, ancestry, level_of

PEOPLE: Final = {PlaceLevel.PROVINCE: 40e6, PlaceLevel.CITY: 4e6, PlaceLevel.COUNTY: 480e3, PlaceLevel.TOWNSHIP: 36e3}
"""How many people live in a division on the whole: of two places of one name, the larger is meant the oftener."""
SURE: Final = {
    Met.EXACT: 1.0, Met.SHORT: 0.9, Met.OLD_NAME: 0.9, Met.BYNAME: 0.8, Met.LATIN: 0.8,
}  # fmt: skip
STILL_SAID: Final = {Met.OLD_NAME: 0.05, Met.BYNAME: 0.5}
"""How often a place is called by a name it no longer has, or by a byname, for once that it is called by its own."""
MISHEARD: Final = 0.2
"""Of a name that is a place: the chance that another one was said, which sounds alike. The interviewer wrote what was heard."""
ALIKE_SURE: Final = 0.6
NEAR_SURE: Final = 0.35
LONGEST_NAME: Final = 15
MOST_GUESSES: Final = 8
LONGEST_TEXT: Final = 200
AROUND: Final = re.compile(
    r"(?:那边|这边|那里|这里|那儿|一带|附近|方向|口音|方言|老家|农村|乡下|山里|山区|城里|县城|市区|人氏|人|话|腔|的|省|市|县|区|镇|乡|村)+$"
)
LATIN_AROUND: Final = re.compile(
    r"\b(?:the|in|near|from|of|city|county|district|province|prefecture|town|township|village|accent|dialect|area|around|autonomous|region)\b",
    re.IGNORECASE,
)

Hit = tuple[str, Met]


class Gazetteer:
    """Every division by code, by its names, and by their sound. Building it takes about a second and 60 MB; do it once."""

    def __init__(self) -> None:
        self._names = dict(read_divisions())
        self._named: dict[str, list[Hit]] = {}
        self._sounds: dict[str, list[str]] = {}
        self._latin: dict[str, list[Hit]] = {}
        self._spoken: dict[str, Syllables] = {}
        for code, name in self._names.items():
            self._name(name, code, Met.EXACT)
            if bare(name) != name:
                self._name(bare(name), code, Met.SHORT)
            self._sound(bare(name), code)
        for name, code, _ in rows("old_names.tsv"):
            for each in dict.fromkeys((name, bare(name))):
                self._name(each, code, Met.OLD_NAME)
        for name, met, codes in rows("bynames.tsv"):
            for code in codes.split():
                self._name(name.casefold(), code, Met(met))

    def _name(self, name: str, code: str, met: Met) -> None:
        hits = self._named.setdefault(name, [])
        if all(code != its for its, _ in hits):
            hits.append((code, met))

    def _sound(self, name: str, code: str) -> None:
        spoken = syllables(name) if len(code) == 6 else quick(name)
        if len(spoken) > 1:
            self._spoken[code] = spoken
            self._sounds.setdefault(folded(spoken), []).append(code)

    def place(self, code: str) -> Place | None:
        if code not in self._names:
            return None
        path = tuple(self._names[each] for each in ancestry(code) if each in self._names)
        return Place(code, self._names[code], level_of(code), path)

    def places(self) -> Iterator[Place]:
        """All of them, the widest first within each province."""
        for code in self._names:
            if (place := self.place(code)) is not None:
                yield place

    def known(self, name: str) -> bool:
        """Whether a place is called just so, or is in short."""
        return name in self._named

    def resolve(self, text: str, within: Sequence[str] = ()) -> list[PlaceGuess]:
        text = text.strip()[:LONGEST_TEXT]
        if not text:
            return []
        return self._settled(text, tuple(within[:20]))

    @lru_cache(maxsize=20_000)  # noqa: B019 - one gazetteer lives as long as the process
    def _settled(self, text: str, within: tuple[str, ...]) -> list[PlaceGuess]:
        weighed: dict[str, tuple[float, Met]] = {}
        if CHINESE.search(text):
            segments = self._segments(text)
            if segments:
                weighed = self._by_name(segments, within)
            else:
                weighed = self._by_sound(syllables(AROUND.sub("", text) or text), within, Met.ALIKE)
        else:
            weighed = self._by_letters(text, within)
        best = sorted(weighed.items(), key=lambda each: (-each[1][0], each[0]))[:MOST_GUESSES]
        return [PlaceGuess(code, weight, met, text) for code, (weight, met) in best if weight >= 0.005]

    def _segments(self, text: str) -> list[str]:
        """The names in a text from left to right, each as long as it can be."""
        found, start = [], 0
        while start < len(text):
            for end in range(min(start + LONGEST_NAME, len(text)), start, -1):
                name = text[start:end]
                if name in self._named and (len(name) > 1 or len(text) == 1 or text[1:] in ("省", "话", "人", "语")):
                    found.append(name)
                    start = end
                    break
            else:
                start += 1
        return found

    def _by_name(self, segments: Sequence[str], within: tuple[str, ...]) -> dict[str, tuple[float, Met]]:
        """What the narrowest of the names means, understood by the wider ones before it."""
        wider = list(within)
        for name in segments[:-1]:
            wider += [code for code, _ in self._named[name]]
        last = segments[-1]
        hits = {code: (_commonness(code, met) * _nearness(code, wider), met) for code, met in self._named[last]}
        fitting = {code for code, _ in self._named[last] if any(code != each and each in ancestry(code) for each in wider)}
        if (
            not fitting and len(segments) > 1
        ):  # the names are no address: what was named first is as good as what was named last
            for name in segments[:-1]:
                hits |= {code: (_commonness(code, met), met) for code, met in self._named[name] if code not in hits}
        total = sum(weight for weight, _ in hits.values())
        found = {code: (weight / total * SURE[met], met) for code, (weight, met) in hits.items()}
        if fitting:
            return found
        alike = self._by_sound(syllables(bare(last)), within, Met.ALIKE)
        for code, (weight, met) in alike.items():
            if code not in found:
                found[code] = (weight * MISHEARD / ALIKE_SURE, met)
        surplus = sum(weight for weight, _ in found.values())
        return {code: (weight / max(surplus, 1.0), met) for code, (weight, met) in found.items()}

    def _by_sound(self, spoken: Syllables, within: tuple[str, ...], met: Met) -> dict[str, tuple[float, Met]]:
        if not 2 <= len(spoken) <= LONGEST_NAME:
            return {}
        codes = self._sounds.get(folded(spoken), [])
        sure = ALIKE_SURE
        if not codes:
            codes, sure = self._near(spoken), NEAR_SURE
        weights = {}
        for code in codes:
            apart = cost(spoken, self._spoken[code]) / DIALECT_COST
            weights[code] = PEOPLE[level_of(code)] * _nearness(code, within) / (1.0 + apart) ** 2
        total = sum(weights.values())
        return {code: (weight / total * sure, met) for code, weight in weights.items()}

    def _near(self, spoken: Syllables) -> list[str]:
        """Places from the county up that are nearly called so; too many townships are."""
        from rapidfuzz import process

        near = process.extract(folded(spoken), self._wide_sounds(), score_cutoff=75, limit=12)
        return [
            code
            for sound, _, _ in near
            for code in self._sounds[sound]
            if len(code) == 6 and likeness(spoken, self._spoken[code]) is not Likeness.DIFFERENT
        ]

    @lru_cache(maxsize=1)  # noqa: B019
    def _wide_sounds(self) -> list[str]:
        return [sound for sound, codes in self._sounds.items() if any(len(code) == 6 for code in codes)]

    def _by_letters(self, text: str, within: tuple[str, ...]) -> dict[str, tuple[float, Met]]:
        name = " ".join(LATIN_AROUND.sub(" ", text).replace(",", " ").split())
        if hits := self._named.get(name.casefold()):
            return {code: (SURE[Met.LATIN] / len(hits), Met.LATIN) for code, _ in hits}
        words = name.split()
        for start, end in _stretches(len(words)):
            found = self._by_sound(syllables(" ".join(words[start:end])), within, Met.LATIN)
            if found:
                return found
        return {}


def _stretches(length: int) -> Iterator[tuple[int, int]]:
    """All runs of at most four words, the longest first."""
    for size in range(min(length, 4), 0, -1):
        for start in range(min(length - size + 1, 40)):
            yield start, start + size


def _commonness(code: str, met: Met) -> float:
    return PEOPLE[level_of(code)] * STILL_SAID.get(met, 1.0)


def _nearness(code: str, others: Sequence[str]) -> float:
    """How much likelier a place is for the places named beside it: by far where it lies in one of them, or one in it."""
    best = 1.0
    mine = ancestry(code)
    for each in others:
        theirs = ancestry(each)
        if each == code:
            best = max(best, 20.0)
        elif each in mine or code in theirs:
            best = max(best, 100.0 * len(theirs))
        elif mine and theirs and mine[0] == theirs[0]:
            best = max(best, 30.0 if mine[1:2] == theirs[1:2] else 8.0)
    return best
