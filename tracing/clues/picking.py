"""Which cases are weighed to the word: of a hundred thousand not each can be, while somebody waits.

First the keys say how near each case is, added up by the store; then the facts of the nearest are compared; and those of whom
keys and facts together say most are weighed. docs/clue-evidence.md shows that hardly anybody is lost by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tracing.clues.fact_lines import fact_lines
from tracing.clues.profile import Profile

LOOKED_UP: Final = 20_000
"""Lines of the keys that one search reads, the rarest keys first: what half the country shares finds nobody."""
COMPARED: Final = 600
"""Cases whose facts are compared: those whose keys in common say most."""
WEIGHED: Final = 60
"""Cases that are weighed to the word."""


def looked_up(counts: Mapping[str, int]) -> list[str]:
    """The keys to look up, of which so many cases hold each."""
    chosen: list[str] = []
    lines = 0
    for key in sorted(counts, key=lambda key: (counts[key], key)):
        lines += counts[key]
        if lines > LOOKED_UP and chosen:
            break
        chosen.append(key)
    return chosen


def worth_weighing(own: Profile, shared: Mapping[str, float], outlines: Iterable[Profile], least: float = 0.0) -> list[str]:
    """Ids of cases, those first of whom most is said; none of whom too little is known to weigh as much as the ``least``.

    ``shared``: case_id -> what the keys that it shares with ``own`` say, in bits; ``outlines``: the same cases by their facts.
    """
    says = {each.case_id: shared[each.case_id] + sum(line.weight for line in fact_lines(own, each)) for each in outlines}
    enough = (case_id for case_id, bits in says.items() if bits >= least)
    return sorted(enough, key=lambda case_id: (-says[case_id], case_id))[:WEIGHED]
