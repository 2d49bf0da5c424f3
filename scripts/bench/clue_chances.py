"""Whether the chances that weigh clues fit invented people: how often each outcome came, in two halves of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tracing.clues import chances
from tracing.clues.naming import NameAgreement, agreement
from tracing.clues.profile import Profile, Standing
from tracing.domain.regions import level_of, shared_ancestry

Pairs = Sequence[tuple[Profile, Profile]]
Row = tuple[str, float, float, float]
"""An outcome, its chance as the service has it, and its share in either half of the people."""


def rows(pairs: Pairs) -> list[Row]:
    """Of true pairs: first the own name, then the home, where both sides know one."""
    names = [[name for pair in half if (name := _name(*pair)) is not None] for half in (pairs[::2], pairs[1::2])]
    homes = [[home for pair in half if (home := _home(*pair)) is not None] for half in (pairs[::2], pairs[1::2])]
    found = [(f"name {how.value}", chance, *_shares(how, names)) for how, chance in chances.OWN_NAME.items()]
    levels = {"other province" if level is None else level.name.lower(): chance for level, chance in chances.HOME.items()}
    return found + [(f"home {level}", chance, *_shares(level, homes)) for level, chance in levels.items()]


def _shares(value: str, halves: Iterable[Sequence[str]]) -> tuple[float, float]:
    one, other = (Counter(half)[value] / max(len(half), 1) for half in halves)
    return one, other


def _name(one: Profile, other: Profile) -> NameAgreement | None:
    """The closest agreement of own names."""
    order = list(NameAgreement)
    found = [
        agreement(mine.name, theirs.name)
        for mine in one.names
        for theirs in other.names
        if mine.standing is theirs.standing is Standing.OWN
    ]
    known = [how for how in found if how is not NameAgreement.UNKNOWN]
    return min(known, key=order.index) if known else None


def _home(one: Profile, other: Profile) -> str | None:
    """The smallest division that both homes are said to lie in, by the likeliest reading of each."""
    shared = [
        shared_ancestry(mine.guesses[0].code, theirs.guesses[0].code)
        for mine in one.places
        for theirs in other.places
        if mine.standing is theirs.standing is Standing.OWN
    ]
    if not shared:
        return None
    closest = max(shared, key=len)
    return level_of(closest[-1]).name.lower() if closest else "other province"
