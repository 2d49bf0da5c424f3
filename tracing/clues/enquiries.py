"""Enquiries: whom words fit that somebody has just typed, as on the telephone, before there is any case or clue."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log2
from typing import Final

from tracing.access import Permission, require, sees_scores
from tracing.clues.explained import Explained
from tracing.clues.explained import Part as Told
from tracing.clues.lines import Topic
from tracing.clues.profile import Lexicon, Profile, typed
from tracing.clues.rarity import LEANING
from tracing.clues.search import ClueSearch
from tracing.clues.weighing import ClueEvidence
from tracing.clues.wording import standing
from tracing.domain import Actor, Case, CaseKind, Clue, Part
from tracing.domain.regions import Met
from tracing.errors import Invalid
from tracing.ports import Clock, RecordStore
from tracing.ranking import LISTED
from tracing.records import Records
from tracing.stations.reach import may_be_shared
from tracing.stations.scope import reach_of

LONGEST: Final = 500
MOST_WORDS: Final = 12
LOOKED_AT: Final = 40
"""Cases that are looked at because a word stands in them, those with the rarest words first."""
COUNTED: Final = 2000
"""Cases that are counted for a word, at most: beyond, it is common."""
LEAST: Final = 3.0
"""Bits that an answer has at least: less fits every second person."""
SAID_AGAIN: Final = 0.3
"""The chance that two accounts of one person both hold a word that one of them holds."""
UNHEARD: Final = 1e-4
"""The share of people whose case holds a word of which nothing is known."""
TO_READ: Final = frozenset({Part.DESCRIPTION, Part.CLUES})
"""What of another station's case has to be let see, for its words to be shown."""
_SPLIT: Final = re.compile(r"[^\w·'’-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """A case that the words fit. In each line the lower side is what was typed.

    ``weight`` in bits is None for roles that see no scores.
    """

    case: Case
    weight: float | None
    lines: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """``understood`` is what the words were taken for; ``elsewhere`` counts by station the cases that may not be shown."""

    found: tuple[Answer, ...]
    understood: Profile
    elsewhere: Mapping[str, int]


class Enquiries:
    """Reads only. The words are nowhere kept: an enquiry leaves a line in the audit that says which cases it showed."""

    def __init__(
        self,
        store: RecordStore,
        lexicon: Callable[[], Lexicon],
        search: ClueSearch,
        clock: Clock,
        by_words: Callable[[Actor], None],
    ) -> None:
        self._store = store
        self._lexicon = lexicon
        self._search = search
        self._clock = clock
        self._by_words = by_words

    def ask(self, actor: Actor, words: str, kind: CaseKind | None = None, limit: int = LISTED) -> Answers:
        """Open cases that these words fit, the weightiest first; of one ``kind``, or of both.

        ``Invalid`` where nothing was typed, or too much.
        """
        require(actor, Permission.ENQUIRE)
        asked = _checked(words)
        self._by_words(actor)
        own = typed(" ".join(words.split()), asked, self._lexicon(), self._clock())
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            literal = _literal(records, asked)
            found = [
                (case, lines)
                for case, told, evidence in self._search.weighed(records, own, also=_rarest(literal))
                if kind in (None, case.kind) and _weight(lines := _lines(evidence, literal, case, told)) >= LEAST
            ]
        found.sort(key=lambda each: (-_weight(each[1]), each[0].case_id))
        weighed = sees_scores(actor, judged=False)
        readable = [
            Answer(case, _weight(lines) if weighed else None, lines) for case, lines in found if reach.parts(case) >= TO_READ
        ]
        hidden = [case for case, _ in found if not reach.parts(case) >= TO_READ and may_be_shared(case, reach.today)]
        answers = Answers(tuple(readable[:limit]), own, Counter(case.station_id for case in hidden))
        with self._store.transaction() as records:
            shown = [each.case.case_id for each in answers.found]
            detail = {"found": len(shown), "cases": shown, "elsewhere": sum(answers.elsewhere.values())}
            records.audit.append(actor, "enquire", "", detail)
        return answers


def _checked(words: str) -> list[str]:
    if len(words) > LONGEST:
        raise Invalid(f"At most {LONGEST} characters fit here.", "words")
    asked = list(dict.fromkeys(word for word in _SPLIT.split(words) if word.strip("-'’·_")))
    if not any(len(word) > 1 for word in asked):
        raise Invalid("Type at least two characters: a place, a name, work, a mark.", "words")
    if len(asked) > MOST_WORDS:
        raise Invalid(f"At most {MOST_WORDS} words at a time; leave out those that say least.", "words")
    return asked


def _literal(records: Records, asked: list[str]) -> dict[str, tuple[float, set[str]]]:
    """word -> what it weighs in bits, and the cases in which it stands."""
    total = records.clues.coverage()[1]
    found: dict[str, tuple[float, set[str]]] = {}
    for word in asked:
        holding = set(records.texts.holding(word, COUNTED))
        share = (len(holding) + LEANING * UNHEARD) / (total + LEANING)
        if holding and len(holding) < COUNTED and (weight := log2(SAID_AGAIN / min(share, 1.0))) > 0:
            found[word] = weight, holding
    return found


def _rarest(literal: Mapping[str, tuple[float, set[str]]]) -> list[str]:
    worth: defaultdict[str, float] = defaultdict(float)
    for weight, holding in literal.values():
        for case_id in holding:
            worth[case_id] += weight
    return sorted(worth, key=lambda case_id: (-worth[case_id], case_id))[:LOOKED_AT]


def _lines(
    evidence: ClueEvidence, literal: Mapping[str, tuple[float, set[str]]], case: Case, told: list[Clue]
) -> tuple[Explained, ...]:
    """What was met by its meaning, and word for word what no such line says; a word that stands there was not misheard."""
    lines = [
        Explained(
            line.topic.value,
            line.reason,
            Told(line.one.text, "asked"),
            Told(line.other.text, line.other.source.field, line.other.source.clue_id, line.other.source.accepted),
            line.weight,
            line.share,
        )
        for line in evidence.support
    ]
    for word, (weight, holding) in literal.items():
        meant = [line for line in lines if word in line.low.text or line.low.text in word]
        if case.case_id not in holding or not all(_only_sounds_alike(line) for line in meant):
            continue
        lines = [line for line in lines if line not in meant]
        if (passage := standing(word, case, told)) is not None:
            where = Told(passage.text, passage.field, passage.clue_id)
            lines.append(Explained("text", "verbatim", Told(word, "asked"), where, weight, SAID_AGAIN / 2**weight))
    return tuple(sorted(lines, key=lambda line: -line.weight))


def _weight(lines: tuple[Explained, ...]) -> float:
    return sum(line.weight for line in lines)


def _only_sounds_alike(line: Explained) -> bool:
    return line.topic == Topic.PLACE and line.reason.endswith(Met.ALIKE)
