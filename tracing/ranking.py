"""Whom a search lists: in which order, up to which place, and who is ruled out by facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from tracing.domain import Candidate, Case, CaseFacts, CaseKind, Collection, Relation
from tracing.facts import veto
from tracing.places import CaseHit

LISTED: Final = 20
"""Candidates per relation: longer lists make reviewers miss more and accuse more (DOMAIN.md section 3)."""
KINDS: Final = {
    Collection.MISSING: CaseKind.MISSING,
    Collection.IN_CARE: CaseKind.SHELTERED,
    Collection.PAST: CaseKind.SHELTERED,
}


def scored(case: Case, hits: Mapping[Collection, Sequence[CaseHit]], floor: float) -> list[tuple[CaseHit, Relation]]:
    """What was found in all collections at ``floor`` or above and what it would be to this case, best first."""
    alike = [
        (hit, Relation.between(case.kind, KINDS[collection]))
        for collection, each in hits.items()
        for hit in each
        if hit.score >= floor
    ]
    return sorted(alike, key=lambda found: (-found[0].score, found[0].case_id))


def ranked(
    case: Case, alike: Sequence[tuple[CaseHit, Relation]], facts: Mapping[str, CaseFacts | None]
) -> tuple[tuple[tuple[Candidate, Relation], ...], list[str]]:
    """The candidates numbered by relation, best first, each relation's list cut; and whose facts have to be known for that.

    A vetoed one keeps rank 0 and no place. The list stands when no facts are missing.
    """
    ranks: Counter[Relation] = Counter()
    kept: list[tuple[Candidate, Relation]] = []
    missing: list[str] = []
    own = case.facts
    for hit, relation in alike:
        if ranks[relation] == LISTED:
            continue
        if hit.case_id not in facts:
            missing.append(hit.case_id)
            ranks[relation] += 1
        elif (other := facts[hit.case_id]) is not None and other.collection is not None:
            ruled_out = veto(own, other)
            ranks[relation] += not ruled_out
            rank = 0 if ruled_out else ranks[relation]
            kept.append((Candidate(hit.case_id, rank, hit.score, hit.template_id, ruled_out), relation))
    return tuple(kept), missing
