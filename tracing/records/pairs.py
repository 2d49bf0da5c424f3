"""Pairs, decisions and searches in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from tracing.domain import AgeBand, Decision, Judgement, Lead, Pair, PairState, Relation, SearchRun, Stage
from tracing.stations.reach import Reach

SHEET: Final = 10
"""Pairs that are looked at together: longer lists make reviewers miss more and accuse more (DOMAIN.md section 3)."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a search says about a pair of cases."""

    low_case_id: str
    high_case_id: str
    relation: Relation
    score: float
    rank: int
    generation_id: str
    list_id: str


@dataclass(frozen=True, slots=True)
class Opening:
    """Two cases that something else than their faces has put together; ``generation_id`` is the active one."""

    low_case_id: str
    high_case_id: str
    relation: Relation
    generation_id: str


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which of the waiting pairs are wanted; what is not said is no condition.

    ``station_id`` and ``ages`` ask for one of the two cases at least: of a person whose age is a range, for any age in it.
    With a ``reach`` only pairs that it ``compares``.
    """

    relation: Relation | None = None
    station_id: str = ""
    ages: AgeBand | None = None
    suggested_before: datetime | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A judgement, as far as results are counted from it, and where its pair stands now."""

    pair_id: str
    reviewer: str
    stage: Stage
    judgement: Judgement
    decided_at: datetime
    standing: bool
    """Neither a change of mind nor a new photo has superseded it."""
    pair_state: PairState


EVERYTHING: Final = QueueFilter()


class PairRecords(Protocol):
    def suggest(self, suggestions: Sequence[Suggestion], at: datetime) -> set[tuple[str, str]]:
        """Add what is new, refresh score and rank of what nobody has judged; a judged pair is left as it is.

        The two cases of each new pair, the lower one first.
        """
        ...

    def open(self, openings: Sequence[Opening], at: datetime) -> set[tuple[str, str]]:
        """Propose those of which there is no pair yet, without a score; whatever is there stays as it is.

        The two cases of each new pair, the lower one first.
        """
        ...

    def with_new_photo(self, case_ids: Some[tuple[str, str]]) -> list[Pair]:
        """Of these (low, high) the pairs that people have rejected, and of which a photo was enrolled that came later."""
        ...

    def forget_scores(self, case_id: str) -> set[str]:
        """Of those pairs of the case that nobody has judged, because they are of a face that shows somebody else; the ids of
        the other cases. What is found by the right face the next searches score anew; what nothing speaks for any more leaves
        the queue."""
        ...

    def set_aside_among(self, case_ids: Some[tuple[str, str]]) -> list[Pair]:
        """Of these (low, high) the pairs that were set aside because nothing spoke for them, in the order of the cases."""
        ...

    def get(self, pair_id: str) -> Pair: ...

    def between(self, one: str, other: str) -> Pair | None: ...

    def of_case(self, case_id: str) -> list[Pair]: ...

    def lock(self, pair_id: str) -> Pair:
        """As ``get``, and nobody else can change the pair or its two cases until the transaction ends.

        The cases are locked first, in ascending order, then the pair: two confirmations that share a case queue up instead of
        waiting for each other.
        """
        ...

    def save(self, pair: Pair) -> Pair: ...

    def claim(self, pair_id: str, reviewer: str, now: datetime, until: datetime) -> bool:
        """Take a pair that is waiting for review and that nobody else holds now; a reviewer's own claim is prolonged."""
        ...

    def claimed_beyond(self, moment: datetime) -> int:
        """How many pairs that wait for review are claimed for longer than until this moment."""
        ...

    def end_claims_beyond(self, moment: datetime, now: datetime) -> None:
        """Those of ``claimed_beyond`` end now. Who held the pair last stays known."""
        ...

    def queue(
        self,
        reviewer: str,
        states: Some[PairState],
        now: datetime,
        limit: int,
        offset: int = 0,
        wanted: QueueFilter = EVERYTHING,
        ahead: int = 0,
    ) -> list[Pair]:
        """Pairs in these states that this person may judge now: opened neither case, has not judged the pair (since its last
        new photo), nobody else holds it, and both cases are ``comparable``.

        They come in sheets of ``SHEET``. What the person holds is on the first one, then come, turn by turn, three for which
        clues speak most, seven that are the most alike of the active generation, and three that wait longest. Inside a sheet
        the order says nothing: neither which reason brought a pair there nor who is more alike, however few pairs are asked for
        at once. On the first sheet ``ahead`` places are left for pairs that come from elsewhere.
        """
        ...

    def queue_size(self, reviewer: str, states: Some[PairState], now: datetime, *wanted: QueueFilter) -> int:
        """How many that are; of several filters whatever one of them wants, each pair once."""
        ...

    def count(self, state: PairState, station_id: str | None = None) -> int:
        """Of one station: those of which one case at least is there."""
        ...

    def scores(self, state: PairState, generation_id: str) -> list[float]:
        """The scores of the pairs in this state that have one of this generation, ascending."""
        ...

    def in_states(self, states: Some[PairState]) -> list[Pair]:
        """All of them, by pair id."""
        ...

    def register_match(self, pair: Pair) -> None:
        """Both cases are now taken by this pair; ``Conflict`` where one is taken already, also by a transaction beside this."""
        ...

    def release_match(self, pair_id: str) -> None: ...

    def add_decision(self, decision: Decision) -> None: ...

    def decisions(self, pair_id: str) -> list[Decision]:
        """All of them, in order."""
        ...

    def decisions_of(self, pair_ids: Some[str]) -> dict[str, list[Decision]]:
        """As ``decisions``, of many; those without any are left out."""
        ...

    def decision(self, decision_id: str) -> Decision: ...

    def judged_by(self, reviewer: str, pair_ids: Some[str]) -> set[str]:
        """Which of these pairs the person has judged; not those that a new photo has opened again since."""
        ...

    def said(self, since: datetime, reviewer: str = "") -> list[Said]:
        """All judgements from then on, those that were superseded too, of one person or of everybody, in order."""
        ...

    def supersede_decision(self, decision_id: str, at: datetime) -> None: ...

    def open_lead(self, lead: Lead) -> bool:
        """Keep it, unless one of the same pair is open already; whether it was kept."""
        ...

    def lead(self, lead_id: str) -> Lead: ...

    def open_leads(self) -> list[Lead]:
        """The oldest first."""
        ...

    def close_lead(self, lead_id: str, closed_by: str, at: datetime, finding: str) -> Lead:
        """``WrongState`` where it is closed already."""
        ...

    def add_runs(self, runs: Sequence[SearchRun]) -> None: ...

    def run(self, run_id: str) -> SearchRun: ...

    def latest_run(self, case_id: str) -> SearchRun | None: ...

    def runs_of(self, case_id: str) -> list[SearchRun]:
        """The latest first."""
        ...

    def latest_runs(self, generation_id: str) -> list[SearchRun]:
        """The last search of each case in this generation."""
        ...

    def newest_runs(self, generation_id: str, limit: int) -> list[SearchRun]:
        """The searches in this generation, the newest first."""
        ...

    def exist_between(self, case_ids: Some[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those (low, high) of which there is a pair."""
        ...
