"""A case in its own words: everything that is written of a person, and where a word of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tracing.domain import Case, Clue
from tracing.folding import folded

AROUND: Final = 12
"""Characters that are shown on either side of a word."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of a case: in a field of its description, or in the clue with this id."""

    text: str
    field: str
    clue_id: str = ""


def passages(case: Case, clues: Iterable[Clue]) -> Iterator[Passage]:
    """All that is written, none of it empty; contacts are never among it."""
    said = case.description
    for field, texts in (
        ("names", said.names),
        ("seen_place", (said.seen_place,)),
        ("accent", (said.accent,)),
        ("languages", said.languages),
        ("ethnic_group", (said.ethnic_group,)),
        ("marks", said.marks),
        ("clothing", (said.clothing,)),
        ("circumstances", (said.circumstances,)),
    ):
        yield from (Passage(text, field) for text in texts if text)
    for clue in clues:
        yield Passage(clue.said, "clue", clue.clue_id)
        if clue.dialect:
            yield Passage(clue.dialect, "dialect", clue.clue_id)


def wording(case: Case, clues: Iterable[Clue]) -> str:
    """One passage a line, so that no word reaches from one into the next."""
    return "\n".join(" ".join(each.text.split()) for each in passages(case, clues))


def standing(word: str, case: Case, clues: Iterable[Clue]) -> Passage | None:
    """The first passage in which the word stands, cut to what is around it; None where it stands in none."""
    sought = folded(word)
    for each in passages(case, clues):
        text = " ".join(each.text.split())
        if (start := folded(text).find(sought)) >= 0:
            return Passage(_cut(text, start, len(sought)), each.field, each.clue_id)
    return None


def _cut(text: str, start: int, length: int) -> str:
    """Folding may have moved the place by a letter or two; then a little more or less is shown."""
    first, last = max(start - AROUND, 0), min(start + length + AROUND, len(text))
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"
