"""What a case offers for comparing by words: names, places, other words and facts, each with where it was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from tracing.clues.naming import Name
from tracing.domain import Case, CaseFacts, CaseKind, CaseState, Clue, Mention, MentionKind, Reply
from tracing.domain.regions import Met, Place, PlaceGuess, ancestry

NO_NAMES: Final = frozenset({"无名氏", "不详", "未知", "不知道", "unknown", "no name", "john doe", "jane doe"})


class Lexicon(Protocol):
    """What is known of words: the gazetteer, pronunciation, surnames, and the words for marks, work and events."""

    def name(self, written: str) -> Name | None:
        """The name taken apart; None where no letter of it can be pronounced."""
        ...

    def resolve(self, text: str, within: Sequence[str] = ()) -> list[PlaceGuess]:
        """What a place name may mean, the likeliest first; ``within`` are codes of places named beside it. Never raises."""
        ...

    def place(self, code: str) -> Place | None: ...

    def words(self, text: str) -> list[Word]:
        """The marks, occupations, events, languages and clothes that a text names, in their order."""
        ...

    def mentions(self, text: str) -> list[Mention]:
        """What in a text may be worth marking, in its order, never overlapping."""
        ...

    def usual(self, key: str) -> float:
        """The share of all people whose profile holds this key, as far as is known without counting one's own cases."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a known meaning at ``start:end`` of a text; ``key`` is the same for all words that mean the same."""

    key: str
    text: str
    start: int
    end: int


class Standing(StrEnum):
    """What a statement is to the person whom the case is about."""

    OWN = "own"
    """Of the person: own name, where the person comes from or was last seen at home."""
    TOLD = "told"
    """Named in what was said: a relative perhaps, or a place the person went to."""
    FOUND = "found"
    """Where a sheltered person was found: people are found far from home."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a term was read: a field of the description, or ``clue`` and its id; ``accepted`` by a person."""

    field: str
    clue_id: str = ""
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class NameTerm:
    name: Name
    standing: Standing
    source: Source


@dataclass(frozen=True, slots=True)
class PlaceTerm:
    text: str
    guesses: tuple[PlaceGuess, ...]
    standing: Standing
    source: Source


@dataclass(frozen=True, slots=True)
class WordTerm:
    key: str
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Profile:
    """A case as words see it. ``facts`` can contradict; nothing in here is about a face."""

    facts: CaseFacts
    twin: str = ""
    """The words that speak of a twin; empty where none do."""
    names: tuple[NameTerm, ...] = ()
    places: tuple[PlaceTerm, ...] = ()
    words: tuple[WordTerm, ...] = ()

    @property
    def case_id(self) -> str:
        return self.facts.case_id


TWIN: Final = ("双胞胎", "孪生", "龙凤胎", "twin")


def profile(case: Case, clues: Iterable[Clue], lexicon: Lexicon) -> Profile:
    """What the case and its clues say, as of now. The same for the same input; reads nothing else."""
    reading = _Reading(case.kind, lexicon)
    said = case.description
    for name in said.names:
        reading.name(name, Standing.OWN, Source("names"))
    reading.place(said.seen_place, Standing.OWN if case.kind is CaseKind.MISSING else Standing.FOUND, Source("seen_place"))
    reading.place(said.accent, Standing.OWN, Source("accent"))
    for field, texts in (
        ("accent", (said.accent,)),
        ("languages", said.languages),
        ("ethnic_group", (said.ethnic_group,)),
        ("marks", said.marks),
        ("clothing", (said.clothing,)),
    ):
        reading.words(" ; ".join(texts), Source(field))
    reading.text(said.circumstances, lexicon.mentions(said.circumstances), Source("circumstances", accepted=False))
    told = sorted(clues, key=lambda clue: (clue.said_at, clue.clue_id))
    for clue in told:
        if clue.shown:
            reading.pointed(clue)
            continue
        marked = [each for each in clue.mentions if 0 <= each.start < each.end <= len(clue.said)]
        source = Source("clue", clue.clue_id, accepted=bool(marked))
        reading.text(clue.said, marked or lexicon.mentions(clue.said), source)
        reading.place(clue.dialect, Standing.OWN, Source("dialect", clue.clue_id))
        reading.words(f"{clue.language} ; {clue.dialect}", Source("dialect", clue.clue_id))
    everything = [said.circumstances, *said.marks, *(clue.said for clue in told if not clue.shown)]
    twin = next((text for text in everything if any(word in text.casefold() for word in TWIN)), "")
    return Profile(case.facts, twin, *reading.terms())


def typed(text: str, words: Sequence[str], lexicon: Lexicon, now: datetime) -> Profile:
    """What somebody means who types words and no sentence: each of the ``words`` may be a place, a name, or both.

    Nothing is known of the person, so that nothing contradicts. ``text`` has the words as they were typed.
    """
    reading = _Reading(CaseKind.SHELTERED, lexicon)
    source = Source("asked")
    mentions = lexicon.mentions(text)
    reading.text(text, mentions, source)
    named = {mention.text for mention in mentions if mention.kind is MentionKind.PLACE}
    for word in words:
        name = lexicon.name(word)
        if name is not None and name.surname and len(word) > 1:
            reading.name(word, Standing.OWN, source)
        if word not in named and len(word) > 1:
            reading.place(word, Standing.OWN, source)
    return Profile(CaseFacts("", CaseKind.SHELTERED, CaseState.OPEN, None, now, None, None, None, None), "", *reading.terms())


class _Reading:
    """Collects terms; says each once, from where it was read first."""

    def __init__(self, kind: CaseKind, lexicon: Lexicon) -> None:
        self._own_words = kind is CaseKind.SHELTERED  # what a sheltered person says of home is about that person
        self._lexicon = lexicon
        self._names: dict[tuple[str, Standing], NameTerm] = {}
        self._places: dict[tuple[str, Standing], PlaceTerm] = {}
        self._words: dict[str, WordTerm] = {}

    def terms(self) -> tuple[tuple[NameTerm, ...], tuple[PlaceTerm, ...], tuple[WordTerm, ...]]:
        return tuple(self._names.values()), tuple(self._places.values()), tuple(self._words.values())

    def name(self, text: str, standing: Standing, source: Source) -> None:
        name = None if text.strip().casefold() in NO_NAMES else self._lexicon.name(text)
        if name is not None and (name.written, Standing.OWN) not in self._names:
            self._names.setdefault((name.written, standing), NameTerm(name, standing, source))

    def place(self, text: str, standing: Standing, source: Source, code: str = "", within: Sequence[str] = ()) -> list[str]:
        """The codes it may mean, so that the next place name in the same breath can be understood by them."""
        if ancestry(code):
            guesses = [PlaceGuess(code, 1.0, self._met(text, code), text)]
        else:
            guesses = self._lexicon.resolve(text, within) if text.strip() else []
        if guesses:
            self._places.setdefault((text, standing), PlaceTerm(text, tuple(guesses), standing, source))
        return [guess.code for guess in guesses if guess.weight >= 0.2]

    def _met(self, text: str, code: str) -> Met:
        return next((guess.met for guess in self._lexicon.resolve(text) if guess.code == code), Met.ALIKE)

    def words(self, text: str, source: Source) -> None:
        for word in self._lexicon.words(text):
            self._words.setdefault(word.key, WordTerm(word.key, word.text, source))

    def text(self, text: str, mentions: Iterable[Mention], source: Source) -> None:
        within: list[str] = []
        for mention in sorted(mentions, key=lambda each: each.start):
            if mention.kind is MentionKind.PLACE:
                standing = Standing.OWN if self._own_words else Standing.TOLD
                within += self.place(mention.text, standing, source, mention.place_code, within)
            elif mention.kind is MentionKind.PERSON:
                before = text[max(mention.start - 12, 0) : mention.start]
                self.name(mention.text, Standing.OWN if self._own_words and says_own_name(before) else Standing.TOLD, source)
        self.words(text, source)

    def pointed(self, clue: Clue) -> None:
        """Of what was shown only what the person pointed at; the rest is what others were asked about."""
        source, standing = Source("clue", clue.clue_id), Standing.OWN if self._own_words else Standing.TOLD
        for mention in clue.mentions:
            if mention.reply is not Reply.YES:
                continue
            if mention.kind is MentionKind.PLACE:
                self.place(mention.text, standing, source, mention.place_code)
            elif mention.kind is MentionKind.PERSON:
                self.name(mention.text, standing, source)
            else:
                self.words(mention.text, source)


OWN_NAME: Final = (
    "我叫",
    "我姓",
    "我的名字",
    "我名字",
    "俺叫",
    "俺姓",
    "我大名",
    "我小名",
    "小名叫",
    "my name",
    "i am called",
    "call me",
)


def says_own_name(before: str) -> bool:
    """Whether the words right before a name say that it is the speaker's own."""
    return any(words in before.casefold() for words in OWN_NAME)
