"""How what a person says comes out on paper: dialect, mishearing, wrong memory, each at a stated rate.

The tables are of what descriptions of the dialects report, written down here apart from the matcher's, and wider: the matcher
has no table for what stands under ``UNFORESEEN``, for names misremembered, or for syllables swallowed. The rates are judged: no
public count of how the words of people in shelters come out is known to us.
"""

from __future__ import annotations

from random import Random
from typing import Final

from tracing.clues.lexicon.pronunciation import quick

NAME_RATES: Final = {
    "as it is": 0.16,
    "homophone": 0.10,
    "dialect": 0.10,
    "unforeseen dialect": 0.06,
    "nickname": 0.13,
    "surname only": 0.10,
    "one character wrong": 0.05,
    "given name only": 0.04,
    "swallowed": 0.03,
    "Latin letters": 0.03,
    "another name": 0.06,
    "none": 0.14,
}
"""What becomes of the own name."""
PLACE_RATES: Final = {
    "county": 0.17,
    "township and county": 0.06,
    "city": 0.12,
    "province": 0.11,
    "county, homophone": 0.07,
    "county, dialect": 0.09,
    "county, unforeseen dialect": 0.06,
    "township alone": 0.05,
    "neighbouring county": 0.06,
    "a village nobody knows": 0.05,
    "another province": 0.05,
    "none": 0.11,
}
"""What becomes of the place a person comes from."""
ACCENT_RATES: Final = {"right": 0.55, "another province": 0.10, "none": 0.35}
BROTHER_RATE: Final = 0.2
"""Names the brother, by ear."""
WORK_RATE: Final = 0.3
MARK_RATE: Final = 0.5
"""Each mark that the shelter writes down too."""
SEX_WRONG: Final = 0.005
AGE_SPREAD: Final = 5.0
"""Years, standard deviation of a shelter's guess."""

REGIONS: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    "sichuan and chongqing": (
        ("n", "l", "initial"), ("hu", "f", "start"), ("zh", "z", "initial"), ("sh", "s", "initial"),
        ("ing", "in", "end"),
    ),
    "hunan and hubei": (
        ("n", "l", "initial"), ("hu", "f", "start"), ("ch", "c", "initial"), ("eng", "en", "end"),
    ),
    "fujian and guangdong": (
        ("f", "h", "initial"), ("r", "l", "initial"), ("zh", "z", "initial"), ("sh", "s", "initial"),
        ("ang", "an", "end"),
    ),
    "the lower yangtze": (
        ("l", "n", "initial"), ("eng", "en", "end"), ("ing", "in", "end"), ("sh", "s", "initial"),
        ("huang", "wang", "whole"),
    ),
    "the north": (
        ("zh", "z", "initial"), ("sh", "s", "initial"), ("r", "y", "initial"), ("z", "zh", "initial"),
        ("s", "sh", "initial"),
    ),
    "the north-west": (
        ("en", "eng", "end"), ("in", "ing", "end"), ("n", "l", "initial"),
    ),
}  # fmt: skip
OF_PROVINCE: Final = {
    "51": "sichuan and chongqing", "50": "sichuan and chongqing", "52": "sichuan and chongqing", "53": "sichuan and chongqing",
    "43": "hunan and hubei", "42": "hunan and hubei", "36": "hunan and hubei",
    "35": "fujian and guangdong", "44": "fujian and guangdong", "45": "fujian and guangdong", "46": "fujian and guangdong",
    "31": "the lower yangtze", "32": "the lower yangtze", "33": "the lower yangtze", "34": "the lower yangtze",
    "61": "the north-west", "62": "the north-west", "63": "the north-west", "64": "the north-west", "65": "the north-west",
}  # fmt: skip
UNFORESEEN: Final = (
    ("j", "g", "initial"), ("x", "h", "initial"), ("q", "k", "initial"), ("d", "t", "initial"),
    ("b", "p", "initial"), ("g", "k", "initial"), ("un", "ong", "end"), ("ao", "o", "end"),
    ("ai", "ei", "end"), ("e", "o", "end"), ("ou", "u", "end"), ("uo", "o", "end"),
    ("w", "m", "initial"),
)  # fmt: skip


def chosen(random: Random, rates: dict[str, float]) -> str:
    return random.choices(list(rates), list(rates.values()))[0]


class Ear:
    """An interviewer who writes down characters for what was heard."""

    def __init__(self, random: Random, characters: list[str]) -> None:
        self._random = random
        self._written: dict[str, list[str]] = {}
        for character in sorted(set(characters)):
            for sound in quick(character):
                self._written.setdefault(sound, []).append(character)

    def homophone(self, text: str) -> str:
        """Other characters of the same sound, tones not minded, wherever there are any."""
        return "".join(self._other(character, sound) for character, sound in zip(text, quick(text), strict=False))

    def _other(self, character: str, sound: str) -> str:
        others = [each for each in self._written.get(sound, []) if each != character]
        return self._random.choice(others) if others else character

    def dialect(self, text: str, province: str) -> str:
        return self._shifted(text, REGIONS[OF_PROVINCE.get(province, "the north")])

    def unforeseen(self, text: str) -> str:
        return self._shifted(text, UNFORESEEN)

    def _shifted(self, text: str, shifts: tuple[tuple[str, str, str], ...]) -> str:
        """Each syllable that a shift of the dialect applies to, as it then sounds; where none does, a homophone."""
        written = [self._heard(sound, shifts) or character for character, sound in zip(text, quick(text), strict=False)]
        return self.homophone(text) if written == list(text) else "".join(written)

    def _heard(self, sound: str, shifts: tuple[tuple[str, str, str], ...]) -> str:
        for old, new, where in shifts:
            shifted = shift(sound, old, new, where)
            if shifted != sound and (characters := self._written.get(shifted)):
                return self._random.choice(characters)
        return ""


def shift(sound: str, old: str, new: str, where: str) -> str:
    """``initial`` is the whole consonant before the vowel: z is not the beginning of zh."""
    consonant = sound[: next((place for place, letter in enumerate(sound) if letter in "aeiouv"), 0)]
    if where == "initial":
        return new + sound[len(old) :] if consonant == old else sound
    if where == "start":
        return new + sound[len(old) :] if sound.startswith(old) and len(sound) > len(old) else sound
    if where == "end":
        return sound[: -len(old)] + new if sound == consonant + old else sound
    return new if sound == old else sound
