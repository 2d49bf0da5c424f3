"""Suggests what to mark in a verbatim text: places, people, work and events, for an interviewer to accept or to drop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tracing.clues.lexicon.divisions import rows
from tracing.clues.lexicon.gazetteer import Gazetteer
from tracing.clues.lexicon.names import Names
from tracing.clues.lexicon.vocabulary import Vocabulary
from tracing.domain import Mention, MentionKind

LONGEST: Final = 20_000
HAN: Final = r"\u3400-\u9fff"
PLACE_BEFORE: Final = re.compile(
    r"(?:老家(?:就?在|是)?|家(?:就?在|住)|住在|住|来自|从|出生在|生在|去过|到过|到了|走到|嫁到|卖到|在|是)(?P<name>["
    + HAN
    + r"]{2,12})"
)
PLACE_AFTER: Final = re.compile(
    r"(?P<name>[" + HAN + r"]{2,4}?)(?:口音|方言|那边|这边|一带|附近的?|人|话)(?![" + HAN + r"]?名)"
)
PERSON_BEFORE: Final = re.compile(
    r"(?:(?:名字|大名|小名|外号)(?:叫|是)|名叫|叫做|我叫|他叫|她叫|俺叫|就叫|都叫我|叫我|叫|姓名[是:：]?)(?P<name>["
    + HAN
    + r"·]{1,8})"
)
KIN: Final = (
    "爸爸|妈妈|爸|妈|爹|娘|父亲|母亲|哥哥|大哥|二哥|弟弟|姐姐|大姐|妹妹|儿子|女儿|老婆|媳妇|丈夫|老公"
    "|爷爷|奶奶|叔叔|舅舅|村长|队长|老师|邻居"
)
LATIN_KIN: Final = "brother|sister|father|mother|son|daughter|husband|wife|uncle|aunt"
KIN_NAME: Final = re.compile(r"(?:" + KIN + r")(?:的名字)?(?:叫|名叫|姓)(?P<name>[" + HAN + r"·]{1,8})")
SURNAME: Final = re.compile(r"姓(?!名)(?P<name>[" + HAN + r"]{1,2})")
LATIN_PLACE: Final = re.compile(
    r"\b(?:from|in|near|to|at|around)\s+(?P<name>[A-Z][\w'’]+(?:\s+[A-Z][\w'’]+){0,3}(?:\s+(?:county|district|city|province))?)"
)
LATIN_PERSON: Final = re.compile(
    r"\b(?:named|called|name is|name was|(?:" + LATIN_KIN + r")(?: is)?)\s+(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})"
)
ENDS: Final = re.compile(
    r"[的了吗吧呢啊呀跟去有没是在那这我他她你说住叫姓做很就都也还走跑不，。！？、；]|以前|现在|知道|和(?=我|他|她)"
)
NOT_PLACES: Final = frozenset(word for (word,) in rows("not_places.tsv"))
"""Words that are places too, or never are, and that mean something else nearly always."""
INSIDE: Final = "里面外上下边"
KIND_OF_PLACE: Final = ("省", "市", "县", "区", "镇", "乡", "村", "屯", "旗", "州")


class Marking:
    def __init__(self, gazetteer: Gazetteer, names: Names, vocabulary: Vocabulary) -> None:
        self._gazetteer = gazetteer
        self._names = names
        self._vocabulary = vocabulary

    def mentions(self, text: str) -> list[Mention]:
        """In their order, never overlapping; where two would, the surer one stays."""
        text = text[:LONGEST]
        taken: list[Mention] = []
        for mention in (
            *self._people(text),
            *self._places_by_name(text),
            *self._places_by_words_around(text),
            *self._other(text),
        ):
            if all(mention.end <= each.start or mention.start >= each.end for each in taken):
                taken.append(mention)
        return sorted(taken, key=lambda each: each.start)

    def _people(self, text: str) -> Iterator[Mention]:
        for pattern in (KIN_NAME, PERSON_BEFORE):
            for found in pattern.finditer(text):
                name = self._as_name(found.group("name"))
                if name:
                    yield _mention(MentionKind.PERSON, text, found.start("name"), len(name))
        for found in SURNAME.finditer(text):
            if length := self._names.surname_length(found.group("name")):
                yield _mention(MentionKind.PERSON, text, found.start("name"), length)
        for found in LATIN_PERSON.finditer(text):
            yield _mention(MentionKind.PERSON, text, found.start("name"), len(found.group("name")))

    def _as_name(self, run: str) -> str:
        """The beginning of a run of characters that can be a name."""
        if "·" in run:
            return run
        name = ENDS.split(run, maxsplit=1)[0] if ENDS.search(run[1:]) else run
        length = self._names.surname_length(name)
        return name[: length + 2] if length else name[:3] if len(name) <= 3 else name[:2]

    def _places_by_name(self, text: str) -> Iterator[Mention]:
        start = 0
        while start < len(text):
            length = self._place_at(text, start)
            if length:
                yield _mention(MentionKind.PLACE, text, start, length)
            start += length or 1

    def _place_at(self, text: str, start: int) -> int:
        """How long a place name is that begins here: named in full, or in short where that is a county or wider."""
        for length in range(min(15, len(text) - start), 1, -1):
            name = text[start : start + length]
            if name in NOT_PLACES or not self._gazetteer.known(name):
                continue
            if name.endswith(KIND_OF_PLACE) and length > 2:
                return length
            if any(len(guess.code) == 6 and guess.text for guess in self._gazetteer.resolve(name) if guess.weight > 0.2):
                return length
        return 0

    def _places_by_words_around(self, text: str) -> Iterator[Mention]:
        for pattern in (PLACE_BEFORE, PLACE_AFTER):
            for found in pattern.finditer(text):
                run = ENDS.split(found.group("name"), maxsplit=1)[0]
                run = next(
                    (run[: run.index(kind) + 1] for kind in KIND_OF_PLACE if kind in run[1:]), run[:4].removesuffix("人")
                )
                if (
                    len(run) >= 2
                    and run not in NOT_PLACES
                    and run[-1] not in INSIDE
                    and not self._vocabulary.words(run)
                    and self._gazetteer.resolve(run)
                ):
                    yield _mention(MentionKind.PLACE, text, found.start("name"), len(run))
        for found in LATIN_PLACE.finditer(text):
            if self._gazetteer.resolve(found.group("name")):
                yield _mention(MentionKind.PLACE, text, found.start("name"), len(found.group("name")))

    def _other(self, text: str) -> Iterator[Mention]:
        for word in self._vocabulary.words(text):
            kind = {"work": MentionKind.OCCUPATION, "event": MentionKind.EVENT}.get(word.key.partition(".")[0])
            if kind is not None:
                yield _mention(kind, text, word.start, word.end - word.start)


def _mention(kind: MentionKind, text: str, start: int, length: int) -> Mention:
    return Mention(kind, start, start + length, text[start : start + length])
