"""Apply the times for which things are kept: say what is over, and let it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Final

from tracing.access import SYSTEM, Permission, require
from tracing.domain import Actor, CaseKind, CaseState, Outcome
from tracing.expiry.policy import CASES, Kept, Policy, kind_of
from tracing.ports import Clock, RecordStore
from tracing.records import Going, Records, Standing
from tracing.seldom import Seldom

DAILY: Final = timedelta(days=1)
HOURLY: Final = timedelta(hours=1)
AT_ONCE: Final = 100
OF_A_PARTNER: Final = "record_of_a_partner"
"""What a case in a match was kept as: nothing ends it but people, and that the partner's record has expired."""


@dataclass(frozen=True, slots=True)
class Holding:
    """``days``: how long this kind is kept, None for ever; ``kept`` of them there are, and ``over`` are to go."""

    kind: Kept
    days: int | None
    kept: int
    over: int


class Purging:
    """``erase_case`` erases a case whose time is over, and says whether it was. Safe to run beside itself.

    ``trusts`` says whether the clock may be right.
    """

    def __init__(
        self,
        store: RecordStore,
        policy: Policy,
        clock: Clock,
        erase_case: Callable[[str, str], bool],
        expire: Callable[[], int],
        trusts: Callable[[datetime], bool] = lambda _: True,
    ) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock
        self._erase_case = erase_case
        self._expire_keepouts = expire
        self._trusts = trusts
        self._tended = Seldom(DAILY)
        self._wiped = Seldom(HOURLY)

    def overview(self, actor: Actor) -> list[Holding]:
        """What there is of each kind, and how much of it would go now. Counts of the whole installation, and no names."""
        require(actor, Permission.ERASE)
        now = self._clock()
        with self._store.reading() as records:
            return self._holdings(records, now)

    def purge(self, actor: Actor) -> list[Holding]:
        """Let go of what is over; how much it was, by kind. What goes with a case goes with it: see ``Retention``."""
        require(actor, Permission.ERASE)
        now = self._clock()
        self._redate()
        with self._store.reading() as records:
            found = self._holdings(records, now)
        self._cases(now)
        if any(each.over for each in found if each.kind not in CASES):
            with self._store.transaction() as records:
                over = self._policy.over
                records.expiry.runs(over(Kept.SEARCH_RUNS, now), drop=True)
                records.expiry.rejections(over(Kept.REJECTED_PAIRS, now), drop=True)
                records.expiry.accounts(over(Kept.ACCOUNTS, now), drop=True)
                records.hits.over(over(Kept.LIST_HITS, now), drop=True)
                records.imports.over(over(Kept.LIST_RUNS, now), drop=True)
                records.reports.over(over(Kept.FAMILY_REPORTS, now), drop=True)
                records.sightings.over(over(Kept.SIGHTINGS, now), drop=True)
                records.ended.over(over(Kept.ENDED_RECORDS, now), drop=True)
                if (since := over(Kept.HAND_OVER_DRAFTS, now)) is not None:
                    records.reunions.drop_drafts(since)
                detail = {str(each.kind): each.over for each in found if each.over}
                records.audit.append(actor, "purge", "", detail)
            self._expire_keepouts()
        return found

    def tend(self) -> None:
        """What the worker does: cases as soon as they are over, everything else once a day.

        A day later where the clock was set forward. What somebody who read just then kept an erasure from wiping is wiped
        within the hour.
        """
        now = self._clock()
        if self._trusts(now):
            self._let_go(now)
        if self._wiped.due(now) and self._store.wipe():
            self._wiped.done(now)

    def _let_go(self, now: datetime) -> None:
        if self._tended.due(now):
            self.purge(SYSTEM)
            self._tended.done(now)
        else:
            self._cases(now)

    def _redate(self) -> None:
        """What was set otherwise since holds for the cases that are there, too. Nobody waits while they are looked through."""
        with self._store.reading() as records:
            wrong = records.expiry.misdated(self._until)
        for start in range(0, len(wrong), AT_ONCE):
            with self._store.transaction() as records:
                records.expiry.redate(wrong[start : start + AT_ONCE], self._until)

    def _until(self, standing: Standing, since: datetime) -> datetime | None:
        kind = kind_of(*standing)
        return None if kind is None else self._policy.until(kind, since)

    def _cases(self, now: datetime) -> None:
        while True:
            with self._store.reading() as records:
                over = records.expiry.cases_over(now, AT_ONCE)
            for case_id, standing in over:
                self._erase_case(case_id, kind_of(*standing) or OF_A_PARTNER)
            if len(over) < AT_ONCE:
                return

    def _holdings(self, records: Records, now: datetime) -> list[Holding]:
        """As if every case were dated anew: other rules hold from the next purge on."""
        would_go = self._going(now)
        counts = dict.fromkeys(CASES, (0, 0))
        for standing, (there, gone) in records.expiry.count_cases(would_go).items():
            kind = kind_of(*standing)
            # Nothing of ours ends a match, but a partner's record that has expired: it goes like an open case.
            if counted := kind or kind_of(standing[0], CaseState.OPEN, None):
                counts[counted] = (counts[counted][0] + (there if kind else gone), counts[counted][1] + gone)
        # On nearly every day none goes, and nothing has to be held against what goes with them.
        going = would_go if any(gone for _, gone in counts.values()) else None
        over, expiry = self._policy.over, records.expiry
        keepouts = records.keepouts.all()
        counts |= {
            Kept.SEARCH_RUNS: expiry.runs(over(Kept.SEARCH_RUNS, now), going=going),
            Kept.REJECTED_PAIRS: expiry.rejections(over(Kept.REJECTED_PAIRS, now), going=going),
            Kept.HAND_OVER_DRAFTS: expiry.drafts(over(Kept.HAND_OVER_DRAFTS, now), going=going),
            Kept.LIST_HITS: records.hits.over(over(Kept.LIST_HITS, now), going=going),
            Kept.LIST_RUNS: records.imports.over(over(Kept.LIST_RUNS, now)),
            Kept.FAMILY_REPORTS: records.reports.over(over(Kept.FAMILY_REPORTS, now)),
            Kept.SIGHTINGS: records.sightings.over(over(Kept.SIGHTINGS, now), going=going),
            Kept.ACCOUNTS: expiry.accounts(over(Kept.ACCOUNTS, now)),
            Kept.KEEPOUTS: (len(keepouts), sum(each.expires_at <= now for each in keepouts)),
            Kept.ENDED_RECORDS: records.ended.over(over(Kept.ENDED_RECORDS, now)),
        }
        return [Holding(kind, self._days(kind), *counts[kind]) for kind in Kept]

    def _going(self, now: datetime) -> Going:
        standings = product(CaseKind, CaseState, (None, *Outcome))
        ends = {each: self._policy.over(kind, now) for each in standings if (kind := kind_of(*each)) is not None}
        return Going(now, {standing: since for standing, since in ends.items() if since is not None})

    def _days(self, kind: Kept) -> int | None:
        lasts = self._policy.times[kind]
        return None if lasts is None else lasts.days
