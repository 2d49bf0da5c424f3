"""The timeline of a case as one person may see it: everything that happened, newest first, and what is ahead, soonest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from tracing.access import SYSTEM, Permission, allows, judges_blind, require
from tracing.chronicle import (
    clocks_ahead,
    of_clocks,
    one_search_a_day,
    requests_ahead,
    told_by_audit,
)
from tracing.disguise import Disguise, may_be_given
from tracing.domain import (
    Actor,
    Case,
    ClueHit,
    Decision,
    Entry,
    EntryKind,
    Event,
    Pair,
    PairState,
    Part,
    Stage,
    What,
)
from tracing.errors import Invalid
from tracing.pairviews import to_be_shown
from tracing.ports import Clock, RecordStore
from tracing.records import Records
from tracing.stations.reach import Reach
from tracing.stations.scope import follows_work, reach_of

READ: Final = "read_case"
MOST: Final = 100
_STEPS: Final[Mapping[Stage, What]] = {
    Stage.VERIFICATION: What.PAIR_VERIFIED,
    Stage.REUNION: What.PAIR_REUNITED,
    Stage.REVOCATION: What.PAIR_REVOKED,
}
_MATCHES: Final = frozenset({PairState.CONFIRMED, PairState.VERIFIED, PairState.REUNITED, PairState.REVOKED})
"""Pairs that nobody judges any more, whatever comes."""
_OF_PAIRS: Final[Mapping[str, What]] = {
    "supersede_pair": What.PAIR_SET_ASIDE,
    "set_aside_pair": What.PAIR_SET_ASIDE,
    "reopen_pair": What.PAIR_BACK,
    "bring_back_pair": What.PAIR_BACK,
    "open_lead": What.LEAD_OPENED,
    "close_lead": What.LEAD_CLOSED,
}


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """``following`` is the cursor of the next page, empty on the last one. ``counts`` are of all kinds, whatever was asked for.

    ``ahead`` is whole on every page.
    """

    entries: tuple[Entry, ...]
    ahead: tuple[Entry, ...]
    total: int
    counts: Mapping[EntryKind, int]
    following: str = ""


class Timeline:
    """Reads only. Who follows the work on a case sees it all, but for what a blind judgement or a permission keeps from them.

    A station that assists sees of the parts it was granted what came when, and what was asked between the two. Contacts are
    nowhere in it. ``zone`` is where a day begins.
    """

    def __init__(self, store: RecordStore, clock: Clock, zone: tzinfo | None) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    def of_case(
        self, actor: Actor, case_id: str, kind: EntryKind | None = None, limit: int = MOST, offset: int = 0
    ) -> TimelinePage:
        """For a page whose reading the audit knows already."""
        require(actor, Permission.READ_CASES)
        with self._store.reading() as records:
            told, ahead = self._told(records, actor, case_id)
        return _page(told, ahead, kind, limit, offset)

    def read(
        self, actor: Actor, case_id: str, kind: EntryKind | None = None, limit: int = MOST, cursor: str = "", offset: int = 0
    ) -> TimelinePage:
        """As ``of_case``; the audit keeps who read it. A ``cursor`` leads on from the page it came with, whatever is new."""
        require(actor, Permission.READ_CASES)
        with self._store.transaction() as records:
            told, ahead = self._told(records, actor, case_id)
            records.audit.append(actor, READ, case_id, {"timeline": True})
        if cursor:
            before = _place(cursor)
            offset = sum(entry.place >= before for entry in told if kind in (None, entry.kind))
        return _page(told, ahead, kind, limit, offset)

    def _told(self, records: Records, actor: Actor, case_id: str) -> tuple[list[Entry], list[Entry]]:
        reach, disguise = reach_of(records, actor), Disguise.of(records, actor)
        case = disguise.case(records.cases.get(case_id))
        follows = follows_work(records, actor, case_id)
        if follows:
            told = [*self._steps(records, actor, case, disguise), *_pairs(records, actor, case, reach, disguise)]
            ahead = self._ahead(records, actor, case)
        else:
            told = _granted(records, actor, case, reach)
            ahead = []
        now = self._clock()
        asked = [
            each
            for each in records.stations.requests_of(case_id)
            if reach.owns(case) or actor.station_id in (each.asking, each.asked)
        ]
        if allows(actor, Permission.ASK_STATIONS):
            ahead += requests_ahead(asked, now)
        told.sort(key=lambda entry: entry.place, reverse=True)
        ahead.sort(key=lambda entry: entry.place)
        return told, ahead

    def _steps(self, records: Records, actor: Actor, case: Case, disguise: Disguise) -> list[Entry]:
        """Those of the case itself and of its clocks, which whoever may get a known-answer pair is told nothing of."""
        events = disguise.history(case.case_id, records.audit.of_subject(case.case_id))
        told = one_search_a_day(told_by_audit(records, actor, case, events), self._day)
        if may_be_given(actor):
            told = [entry for entry in told if entry.kind is not EntryKind.CLOCK]
        else:
            by_hand = {event.seq: event.actor for event in events if event.action == "start_clock"}
            told += of_clocks(records.clocks.of_case(case.case_id), by_hand, self._clock())
        if judges_blind(actor, judged=False):  # how many the clues speak for says which, where there are few
            told = [entry for entry in told if entry.what is not What.CLUES_SEARCHED]
        return told

    def _ahead(self, records: Records, actor: Actor, case: Case) -> list[Entry]:
        now = self._clock()
        ahead: list[Entry] = []
        if not may_be_given(actor):
            ahead += clocks_ahead(records.clocks.of_case(case.case_id), now)
        if case.expires_at is not None and case.expires_at >= now:
            ahead.append(Entry("x", case.expires_at, What.EXPIRES))
        return ahead

    def _day(self, at: datetime) -> object:
        return at.astimezone(self._zone).date()


def _page(told: list[Entry], ahead: list[Entry], kind: EntryKind | None, limit: int, offset: int) -> TimelinePage:
    wanted = [entry for entry in told if kind in (None, entry.kind)]
    shown = wanted[offset : offset + limit]
    following = _cursor(shown[-1]) if shown and len(wanted) > offset + limit else ""
    coming = tuple(entry for entry in ahead if kind in (None, entry.kind))
    return TimelinePage(tuple(shown), coming, len(wanted), Counter(entry.kind for entry in told), following)


def _cursor(entry: Entry) -> str:
    return f"{entry.at.isoformat()}~{entry.entry_id}"


def _place(cursor: str) -> tuple[datetime, str]:
    at, found, entry_id = cursor.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise Invalid("This is no cursor of a timeline; take the one that a page came with.", "cursor") from error
    if not found or moment.tzinfo is None:
        raise Invalid("This is no cursor of a timeline; take the one that a page came with.", "cursor")
    return moment, entry_id


def _granted(records: Records, actor: Actor, case: Case, reach: Reach) -> list[Entry]:
    """What came when of the parts that the station may read, and what the two stations asked of each other."""
    parts = reach.parts(case)
    told: list[Entry] = []
    if Part.PHOTOS in parts:
        told += [
            Entry(f"p{photo.photo_id}", photo.received_at, What.PHOTO_ADDED, subject=photo.photo_id)
            for photo in records.photos.of_case(case.case_id)
        ]
    if Part.CLUES in parts:
        clues = [version.clue for version in records.clues.of_cases([case.case_id]).get(case.case_id, [])]
        told += [
            Entry(f"v{clue.clue_id}", clue.said_at, What.CLUE_RECORDED, subject=clue.clue_id, words=clue.said) for clue in clues
        ]
    if allows(actor, Permission.ASK_STATIONS):
        requests = records.stations.requests_of(case.case_id)
        own = {each.request_id for each in requests if actor.station_id in (each.asking, each.asked)}
        asked = [event for event in records.audit.of_subject(case.case_id) if event.detail.get("request_id") in own]
        told += told_by_audit(records, actor, case, asked)
    return told


def _pairs(records: Records, actor: Actor, case: Case, reach: Reach, disguise: Disguise) -> Iterator[Entry]:
    """The pairs that the person may look at: of one that they have still to judge, only that it is there."""
    if not allows(actor, Permission.READ_CANDIDATES) or not reach.near(case):
        return
    pairs = records.pairs.of_case(case.case_id)
    ids = [pair.pair_id for pair in pairs]
    judged = records.pairs.judged_by(actor.account_id, ids)
    cases = disguise.cases(records.cases.by_ids({pair.other(case.case_id) for pair in pairs}))
    hits, said, done = records.clues.hits(ids), records.pairs.decisions_of(ids), records.audit.of_subjects(ids)
    for found in pairs:
        pair, other = disguise.pair(found), cases[found.other(case.case_id)]
        if not reach.compares(case, other):
            continue
        blind = judges_blind(actor, found.pair_id in judged)
        if blind and not to_be_shown(pair, case, other):
            continue
        shown = reach.compared(other)
        yield Entry(f"q{pair.pair_id}.0", pair.suggested_at, What.PAIR_PROPOSED, subject=pair.pair_id, other=shown)
        decisions = _decisions(pair, shown, said.get(pair.pair_id, ()))
        if not blind:
            yield from decisions
            yield from _steps(pair, shown, hits.get(pair.pair_id), done.get(pair.pair_id, ()))
        elif pair.state in _MATCHES and not may_be_given(actor):
            yield from (entry for entry in decisions if entry.what is not What.PAIR_JUDGED)


def _steps(pair: Pair, other: Case, hit: ClueHit | None, events: Iterable[Event]) -> Iterator[Entry]:
    if hit is not None:
        yield Entry(f"q{pair.pair_id}.1", hit.found_at, What.CLUE_HIT, subject=pair.pair_id, other=other)
    for event in events:
        if event.action in _OF_PAIRS:
            yield _of_pair(event, pair, other)


def _of_pair(event: Event, pair: Pair, other: Case) -> Entry:
    about = {"reason": str(event.detail.get("reason", "")) or event.action}
    by = "" if event.actor == SYSTEM.account_id else event.actor
    return Entry(f"a{event.seq:012d}", event.at, _OF_PAIRS[event.action], by, pair.pair_id, about=about, other=other)


def _decisions(pair: Pair, other: Case, said: Iterable[Decision]) -> Iterator[Entry]:
    for number, each in enumerate(said):
        about = {"stage": each.stage, "judgement": each.judgement} if each.judgement is not None else {"stage": each.stage}
        what = _STEPS.get(each.stage, What.PAIR_JUDGED)
        place = f"q{pair.pair_id}.2{number:03d}"
        yield Entry(place, each.decided_at, what, each.reviewer, pair.pair_id, each.reason, about, other=other)
