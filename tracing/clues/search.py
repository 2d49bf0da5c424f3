"""Search by clues: whom what people said could speak of, put beside the faces as evidence of its own.

Every open case is compared with every other one that shares a key with it, whichever of the two was changed last: a case writes
its keys before it looks for those of others, and is due until both are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Collection as Some
from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.clues.explained import Explained, Part, kept
from tracing.clues.picking import COMPARED, looked_up, worth_weighing
from tracing.clues.profile import Lexicon, Profile, profile
from tracing.clues.rarity import counted
from tracing.clues.support import bring_back, set_aside_unsupported
from tracing.clues.weighing import ClueEvidence, keys, weigh, worth
from tracing.clues.wording import wording
from tracing.domain import Actor, Case, CaseState, Clue, ClueHit, LegalBasis, Relation
from tracing.errors import Conflict, Unavailable
from tracing.ports import Clock, RecordStore
from tracing.ranking import LISTED
from tracing.records import CaseFilter, Opening, Records
from tracing.seldom import Seldom

BY_CHANCE: Final = 5
"""Other people of whom as much may agree by chance, at most, for a hit to be one: of more cases, more has to agree."""
LEAST: Final = 5.0
"""Bits that a hit has at least, however few cases there are."""
SEARCHED: Final = CaseFilter(state=CaseState.OPEN)
TIDIED_EVERY: Final = timedelta(minutes=10)
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """``evidence`` has the case that was searched for as its first side."""

    case: Case
    relation: Relation
    evidence: ClueEvidence


class ClueSearch:
    """Safe to run beside itself; what fails leaves the case due. ``lexicon`` is made when it is first needed."""

    def __init__(self, store: RecordStore, lexicon: Callable[[], Lexicon], clock: Clock) -> None:
        self._store = store
        self._lexicon = lexicon
        self._clock = clock
        self._tidied = Seldom(TIDIED_EVERY)

    def due(self, limit: int) -> list[str]:
        """Ids of cases that wait for a search by clues."""
        with self._store.reading() as records:
            return records.clues.due(limit)

    def recheck(self, actor: Actor) -> int:
        """Make every open case due, so that its keys are made anew and it is searched; how many there are."""
        require(actor, Permission.OPERATE)
        with self._store.transaction() as records:
            due = records.clues.want_everywhere()
            records.audit.append(actor, "recheck_clues", "", {"due": due})
        return due

    def search(self, case_id: str) -> int | None:
        """Search for the person of this case and keep what was found; how many cases, None where it is not searchable.

        Pairs that nobody has judged get what was found, or lose what does not stand any more; a judged one stays as it is.
        """
        for _ in range(_TRIES):
            with self._store.reading() as records:
                wanted = records.clues.wanted([case_id])
                if not wanted:
                    return None
                own, words = self._as_told(records, case_id)
                known = _is_kept(records, own, words)
            try:
                if not known and not self._keep(case_id, wanted, own, words):
                    return None
                with self._store.reading() as records:
                    found = self.look(records, own)
                with self._store.transaction() as records:
                    return self._record(records, case_id, wanted, found)
            except Conflict:  # the case was changed, or one of the list was matched, closed or erased meanwhile
                continue
        raise Unavailable("The cases are changing too fast; the search by clues comes back by itself.")

    def _keep(self, case_id: str, wanted: Mapping[str, int], own: Profile, words: str) -> bool:
        """What the case is found by from now on; False where it was closed or erased since, and nobody may find it.

        ``Conflict`` where it says something else by now: another search, that has read it later, may be through with it, and
        nobody would look at it again.
        """
        with self._store.transaction() as records:
            records.clues.put_keys(case_id, keys(own))
            records.texts.put(case_id, words)
            now = records.clues.wanted([case_id])  # after the keys, which lock the case
            if now and now != wanted:
                raise Conflict("The case was changed while it was searched for.")
            return bool(now)

    def look(self, records: Records, own: Profile, limit: int = LISTED, by_chance: float = BY_CHANCE) -> list[Found]:
        """Whom the clues of a case speak for, the weightiest first, at most so many of each relation; nothing is recorded.

        Of ``by_chance`` people at most as much agrees by chance.
        """
        total = records.cases.count(SEARCHED)
        least = max(LEAST, log2(max(total, 1) / by_chance))
        found = [
            Found(other, Relation.between(own.facts.kind, other.kind), evidence)
            for other, _, evidence in self._weighed(records, own, total, least)
            if evidence.said > 0 and evidence.weight >= least and other.legal_basis is not LegalBasis.NONE
        ]
        found.sort(key=lambda each: (-each.evidence.weight, each.case.case_id))
        return [each for relation in Relation for each in [one for one in found if one.relation is relation][:limit]]

    def weighed(self, records: Records, own: Profile, also: Some[str]) -> list[tuple[Case, list[Clue], ClueEvidence]]:
        """The cases whose words and facts say most, whatever that is, and those named ``also``."""
        return self._weighed(records, own, records.cases.count(SEARCHED), 0.0, also)

    def _weighed(
        self, records: Records, own: Profile, total: int, least: float, also: Some[str] = ()
    ) -> list[tuple[Case, list[Clue], ClueEvidence]]:
        """Of ``total`` cases those that may say as much as the ``least``."""
        counts = records.clues.frequencies(keys(own))
        rarity = counted(counts, total, self._lexicon().usual)
        shared = records.clues.nearest(worth(looked_up(counts), rarity), but=own.case_id, limit=COMPARED)
        outlines = (Profile(facts) for facts in records.cases.facts(shared).values())
        near = {*worth_weighing(own, shared, outlines, least), *also}
        told = records.clues.of_cases(near)
        found = []
        for case_id, case in records.cases.by_ids(near).items():
            clues = [each.clue for each in told.get(case_id, [])]
            found.append((case, clues, weigh(own, profile(case, clues, self._lexicon()), rarity)))
        return found

    def profile(self, records: Records, case_id: str) -> Profile:
        """The case with its clues, as words see it."""
        return self._as_told(records, case_id)[0]

    def is_kept(self, records: Records, case_id: str) -> bool:
        """Whether the keys and words by which the case is found are those that it has now."""
        return _is_kept(records, *self._as_told(records, case_id))

    def _as_told(self, records: Records, case_id: str) -> tuple[Profile, str]:
        case = records.cases.get(case_id)
        told = [each.clue for each in records.clues.of_cases([case_id]).get(case_id, [])]
        return profile(case, told, self._lexicon()), wording(case, told)

    def _record(self, records: Records, case_id: str, wanted: Mapping[str, int], found: Iterable[Found]) -> int:
        by_case = {each.case.case_id: each for each in found}
        still = records.clues.wanted([case_id, *by_case])
        if len(still) < len(by_case) + 1:
            raise Conflict("A case of the list was closed or erased while the search ran.")
        generation = records.generations.active()
        openings = []
        for other, each in by_case.items():
            low, high = sorted((case_id, other))
            openings.append(Opening(low, high, each.relation, generation.generation_id))
        new = records.pairs.open(openings, self._clock())
        bring_back(records, {(each.low_case_id, each.high_case_id) for each in openings}, self._clock())
        pairs = {pair.other(case_id): pair for pair in records.pairs.of_case(case_id)}
        hits = [
            ClueHit(
                pairs[other].pair_id,
                each.evidence.weight,
                kept(_explained(each.evidence, turned=pairs[other].low_case_id != case_id)),
                self._clock(),
            )
            for other, each in by_case.items()
        ]
        records.clues.put_hits(hits)
        records.clues.drop_hits(
            self._fallen(records, case_id, {pairs[other].pair_id for other in pairs.keys() - by_case.keys()})
        )
        detail = {"listed": len(by_case), "new_pairs": len(new)}
        records.audit.append(SYSTEM, "clue_search", case_id, detail)
        records.clues.searched(wanted, self._clock())
        set_aside_unsupported(records, self._clock(), case_id)
        return len(by_case)

    def tidy(self) -> int:
        """What the worker does now and then: drop what closed cases left behind, and set aside what nothing speaks for.

        How many pairs: those whose reviewer has let them go since the search, and those from before there was this.
        """
        now = self._clock()
        if not self._tidied.due(now):
            return 0
        self._tidied.done(now)
        with self._store.reading() as records:
            idle = not (records.integrity.clue_keys_left() or records.integrity.clue_hits_left())
            if idle and not records.clues.unsupported(self._clock(), 1):
                return 0
        with self._store.transaction() as records:
            records.clues.drop_leftovers()
            return set_aside_unsupported(records, self._clock())

    def keys_of(self, records: Records, case_id: str) -> frozenset[str]:
        """What the case is to be found by, from its description and its clues as they are."""
        return keys(self.profile(records, case_id))

    def _fallen(self, records: Records, case_id: str, pair_ids: Some[str]) -> list[str]:
        """Earlier hits of this case for which nothing speaks any more; others may stand in the other case's list alone."""
        own, total = self.profile(records, case_id), records.cases.count(SEARCHED)
        fallen: list[str] = []
        for pair_id in records.clues.hits(pair_ids):
            theirs = self.profile(records, records.pairs.get(pair_id).other(case_id))
            shared = keys(own) & keys(theirs)
            rarity = counted(records.clues.frequencies(shared), total, self._lexicon().usual)
            evidence = weigh(own, theirs, rarity)
            if evidence.said <= 0 or evidence.weight < LEAST:
                fallen.append(pair_id)
        return fallen


def _is_kept(records: Records, own: Profile, words: str) -> bool:
    return records.clues.keys(own.case_id) == keys(own) and records.texts.same(own.case_id, words)


def _explained(evidence: ClueEvidence, turned: bool) -> tuple[Explained, ...]:
    lines = []
    for line in evidence.lines:
        one, other = (
            Part(side.text, side.source.field, side.source.clue_id, side.source.accepted) for side in (line.one, line.other)
        )
        low, high = (other, one) if turned else (one, other)
        lines.append(Explained(line.topic.value, line.reason, low, high, line.weight, line.share))
    return tuple(lines)
