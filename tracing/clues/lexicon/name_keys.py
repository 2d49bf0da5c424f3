"""What a name is found by: pinyin without tones, initials, Latin names without accents, characters without dots and blanks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Final

from tracing.clues.lexicon.names import Names
from tracing.clues.lexicon.pronunciation import ALSO_READ, AS_SURNAME, CHINESE, RUNS, syllables
from tracing.clues.sounds import plain
from tracing.folding import name_key
from tracing.traditional import simplified

MOST_READINGS: Final = 24
"""Of a part of a name: some characters have five readings, and a name has three characters."""
MOST_WORDS: Final = 6
MOST_KEYS: Final = 160
"""Of a case."""
LONGEST: Final = 60


class NameKeys:
    """Every way to type each of the names: ``wangjianguo``, ``jianguowang``, ``jianguo``, ``wjg``."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __call__(self, names: Iterable[str]) -> set[str]:
        found = (key[:LONGEST] for name in names for key in self._of(name[:LONGEST]) if len(key) > 1)
        return set(islice(dict.fromkeys(found), MOST_KEYS))

    def _of(self, name: str) -> Iterator[str]:
        if CHINESE.search(name):
            yield name_key(name)  # 阿卜杜拉·买买提 is typed with another dot, or with none
        latin: list[str] = []
        for run in RUNS.findall(name):
            if CHINESE.match(run):
                yield from self._chinese(run)
            else:
                latin.append(run)
        yield from _latin(latin or ([] if CHINESE.search(name) else name.split()))

    def _chinese(self, said: str) -> Iterator[str]:
        written = simplified(said)
        length = self._names.surname_length(written)
        length = length if len(written) - length in (1, 2) else 0
        surnames = _surname(written[:length]) if length else [()]
        if length:
            yield name_key(written[length:])  # 志國 finds 王志国, and the other way round
        for surname, given in product(surnames, _readings(written[length:])):
            yield from _spelled(surname, given)


def _spelled(surname: tuple[str, ...], given: tuple[str, ...]) -> Iterator[str]:
    for one, other in ((surname, given), (given, surname), (given, ())):
        whole = "".join((*one, *other))
        yield whole
        if "v" in whole:  # of lü and nü people type either
            yield whole.replace("lv", "lu").replace("nv", "nu")
    yield "".join(each[:1] for each in (*surname, *given))


def _surname(written: str) -> list[tuple[str, ...]]:
    """As the surname is read first, then as its characters are read elsewhere, for that is what machines write."""
    if written in AS_SURNAME:
        return list(dict.fromkeys([(AS_SURNAME[written],), *_readings(written)]))
    return _readings(written)


def _readings(written: str) -> list[tuple[str, ...]]:
    """As words are read, then all ways in which the characters can be."""
    others = islice(product(*(_of_character(each) for each in written)), MOST_READINGS)
    return list(dict.fromkeys([syllables(written), *others]))[:MOST_READINGS]


@lru_cache(maxsize=16384)
def _of_character(character: str) -> tuple[str, ...]:
    """The commonest reading first; nothing where nobody has written down how it is read, as with 𠮷."""
    from pypinyin import Style, pinyin

    read = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False, errors="ignore")
    names = [table[character] for table in (AS_SURNAME, ALSO_READ) if character in table]
    return tuple(dict.fromkeys([*(plain(each) for each in read[0]), *names])) if read else ("",)


def _latin(words: list[str]) -> Iterator[str]:
    spelled = [key for key in (name_key(word) for word in words[:MOST_WORDS]) if key]
    if not spelled:
        return
    yield from ("".join(spelled), "".join(reversed(spelled)), *spelled)
    if len(spelled) > 1:
        yield from ("".join((spelled[-1], *spelled[:-1])), "".join(word[0] for word in spelled))
