"""What everybody may read: published notices, found by their list or their address and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tracing.domain import CaseKind, Notice, NoticeField, NoticePhoto, NoticeState, NoticeWords
from tracing.errors import NotFound
from tracing.notices.standing import as_shown, situations, why_gone
from tracing.ports import Clock, RecordStore
from tracing.records import Records

MOST: Final = 50
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class PublicNotice:
    """Nothing in it leads to the case, its file or anybody who seeks the person. ``number`` changes with each version."""

    token: str
    number: int
    kind: CaseKind
    shown: frozenset[NoticeField]
    words: NoticeWords
    station: str
    contact: str
    published_at: datetime
    expires_at: datetime
    photo: NoticePhoto | None


@dataclass(frozen=True, slots=True)
class PublicPage:
    """``following``: whether there are more."""

    notices: tuple[PublicNotice, ...]
    following: bool


class PublishedNotices:
    """Whatever the worker does, nothing is given out that may not stand at this moment."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def page(self, limit: int, offset: int = 0, kind: CaseKind | None = None) -> PublicPage:
        """The last published first."""
        now, limit = self._clock(), min(limit, MOST)
        with self._store.reading() as records:
            found = records.notices.published(now, limit + 1, offset, kind)
            return PublicPage(tuple(self._standing(records, found[:limit], now)), len(found) > limit)

    def one(self, token: str) -> PublicNotice:
        """``NotFound`` for one that was never published, that is over, and for no address at all: nobody tells them apart."""
        now = self._clock()
        with self._store.reading() as records:
            notice = records.notices.by_token(token) if _TOKEN.fullmatch(token) else None
            found = list(self._standing(records, [] if notice is None else [notice], now))
        if not found:
            raise NotFound("There is no such notice.")
        return found[0]

    def _standing(self, records: Records, notices: Iterable[Notice], now: datetime) -> Iterable[PublicNotice]:
        kept = [each for each in notices if each.state is NoticeState.PUBLISHED]
        of_case = situations(records, records.cases.by_ids({each.case_id for each in kept}).values())
        for notice in kept:
            found = of_case[notice.case_id]
            if why_gone(notice, found, now) is None:
                yield public(as_shown(notice, found))


def public(notice: Notice) -> PublicNotice:
    """What the public reads of it, also before it is published: for a preview."""
    return PublicNotice(
        notice.token,
        notice.version,
        notice.kind,
        notice.shown,
        notice.words,
        notice.station,
        notice.contact,
        notice.published_at or notice.drafted_at,
        notice.expires_at or notice.drafted_at,
        notice.photo,
    )
