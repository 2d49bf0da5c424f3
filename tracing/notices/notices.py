"""Notices of the own station's cases: draft, amend, approve, publish, withdraw; each step by somebody, on a known version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from tracing.access import Permission, require
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Actor,
    Case,
    Notice,
    NoticeEnd,
    NoticeField,
    NoticePhoto,
    NoticeState,
    PhotoCut,
    TracingAction,
)
from tracing.errors import Incomplete, Invalid, NotAllowed, NotFound, Refused, Stale, WrongState
from tracing.lifecycle import step_notice
from tracing.notices.drafting import (
    Composed,
    NoticeDraft,
    check,
    composed,
    photographed,
    private_numbers,
    telling_numbers,
)
from tracing.notices.standing import (
    NOT_LOOKED_AT,
    Situation,
    about_case,
    obstacles,
    situation,
)
from tracing.notices.views import NoticePage, NoticeView, Proposal, proposal, view_of
from tracing.notices.wording import Source, source_of
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import NoticeFilter, Records
from tracing.stations.scope import counted_station, own_case
from tracing.verdict import checked_reason

MOST_DAYS: Final = 366
THEIRS_BY_NOW: Final = (
    "A number in this notice is by now that of somebody who seeks the person. Write it anew with the station's."
)
NO_PHOTO: Final = "This photo cannot be shown: it was not looked at, or is held back, or is not this case's."


class Notices:
    """``days``: so long a notice stands where nobody says until when. ``new_token`` makes an address that nobody can guess;
    ``zone`` is where a day ends."""

    def __init__(
        self,
        store: RecordStore,
        clock: Clock,
        new_id: NewId,
        new_token: Callable[[], str],
        days: int,
        zone: tzinfo | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._new_token = new_token
        self._days = days
        self._zone = zone

    def of_case(self, actor: Actor, case_id: str) -> list[NoticeView]:
        """The newest first."""
        require(actor, Permission.READ_NOTICES)
        with self._store.reading() as records:
            own_case(records, actor, case_id)
            return [self._view(records, actor, each) for each in records.notices.of_case(case_id)]

    def find(self, actor: Actor, state: NoticeState | None, limit: int, offset: int = 0) -> NoticePage:
        """Those of the person's own station, the newest first."""
        require(actor, Permission.READ_NOTICES)
        with self._store.reading() as records:
            station_id = counted_station(records, actor)
            found = records.notices.find(NoticeFilter(state, station_id), limit, offset)
            views = tuple(self._view(records, actor, each) for each in found)
            return NoticePage(views, records.notices.counts(station_id))

    def get(self, actor: Actor, notice_id: str) -> NoticeView:
        require(actor, Permission.READ_NOTICES)
        with self._store.reading() as records:
            return self._view(records, actor, _own(records, actor, notice_id)[0])

    def printed(self, actor: Actor, notice_id: str) -> NoticeView:
        """As ``get``, for a poster or a picture that leaves the house: the audit keeps who took it."""
        require(actor, Permission.READ_NOTICES)
        with self._store.transaction() as records:
            notice, case = _own(records, actor, notice_id)
            records.audit.append(actor, "print_notice", case.case_id, {"notice_id": notice_id})
            return self._view(records, actor, notice)

    def proposal(self, actor: Actor, case_id: str, like: str = "") -> Proposal:
        """What a new notice of the case would tell, as far as nobody has chosen yet; ``like``: as this earlier one of it did.

        Its ``refused`` say what keeps the case from having one.
        """
        require(actor, Permission.DRAFT_NOTICES)
        with self._store.reading() as records:
            case = own_case(records, actor, case_id)
            earlier = records.notices.get(like) if like else None
            if earlier is not None and earlier.case_id != case_id:
                raise NotFound("There is no such notice.")
            return proposal(records, case, situation(records, case), self._today(), earlier)

    def preview(self, actor: Actor, case_id: str, draft: NoticeDraft) -> NoticeView:
        """As the draft would read, without keeping anything; what is wrong with it is among the obstacles."""
        require(actor, Permission.DRAFT_NOTICES)
        with self._store.reading() as records:
            case = own_case(records, actor, case_id)
            found, source, made = self._made(records, case, draft)
            try:
                photo = self._photo(records, case, draft, made)
            except Invalid:  # the form says so when it is saved
                photo = None
            notice = self._new(actor, case, made, photo, token="")
            seen = view_of(actor, notice, case, found, source, self._clock())
            try:
                check(source, made, _private(records, found))
            except Incomplete as error:
                return replace(seen, mistakes=error)
            return seen

    def cut(self, actor: Actor, case_id: str, photo_id: str, cut: PhotoCut, blur: bool) -> NoticePhoto:
        """What a notice would show of this photo; ``Invalid`` for one that may not be shown."""
        require(actor, Permission.DRAFT_NOTICES)
        with self._store.reading() as records:
            return cut_of(records, own_case(records, actor, case_id), photo_id, cut, blur)

    def draft(self, actor: Actor, case_id: str, draft: NoticeDraft) -> Notice:
        """Begin a notice. ``WrongState`` for a case that may have none, ``Incomplete`` for what no notice tells."""
        require(actor, Permission.DRAFT_NOTICES)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            made, photo = self._checked(records, case, draft)
            notice = self._new(actor, case, made, photo, self._new_token())
            records.notices.add(notice)
            records.audit.append(actor, "draft_notice", case_id, _detail(notice))
        return notice

    def amend(self, actor: Actor, notice_id: str, draft: NoticeDraft, version: int) -> Notice:
        """Write a draft anew. One that was approved has to be taken back first, which voids the approval."""
        require(actor, Permission.DRAFT_NOTICES)
        with self._store.transaction() as records:
            before, case = _known(records, actor, notice_id, version)
            if before.state is not NoticeState.DRAFT:
                step_notice(before.state, NoticeState.DRAFT)
                raise Invalid("This notice was approved as it is; take the approval back first.")
            made, photo = self._checked(records, case, draft)
            authors = tuple(dict.fromkeys((*before.authors, actor.account_id)))
            changed = replace(_saying(before, made, photo), authors=authors)
            saved = records.notices.save(changed)
            records.audit.append(actor, "amend_notice", case.case_id, _detail(saved))
        return saved

    def approve(self, actor: Actor, notice_id: str, version: int, reason: str) -> Notice:
        """One who has not written a word of it says that it may be published as it reads now."""
        require(actor, Permission.PUBLISH_NOTICES)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            before, case = _known(records, actor, notice_id, version)
            step_notice(before.state, NoticeState.APPROVED)
            if actor.account_id in before.authors:
                raise NotAllowed("You wrote this notice yourself; another person has to approve it.")
            self._refuse(records, before, case)
            given = {"approved_by": actor.account_id, "approved_at": self._clock(), "approval_reason": said}
            return self._stepped(records, actor, before, "approve_notice", NoticeState.APPROVED, given)

    def take_back(self, actor: Actor, notice_id: str, version: int, reason: str) -> Notice:
        """Void the approval: it is a draft again."""
        require(actor, Permission.DRAFT_NOTICES)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            before, _ = _known(records, actor, notice_id, version)
            step_notice(before.state, NoticeState.DRAFT)
            void = {"approved_by": "", "approved_at": None, "approval_reason": said}
            return self._stepped(records, actor, before, "take_notice_back", NoticeState.DRAFT, void)

    def publish(self, actor: Actor, notice_id: str, version: int, until: date | None = None) -> Notice:
        """Show it to everybody, to the end of the day ``until``. It meets the clocks that ask for a notice.

        Another published one of the same case is withdrawn: nobody reads two that say different things.
        """
        require(actor, Permission.PUBLISH_NOTICES)
        now = self._clock()
        expires_at = self._end_of(until or self._today() + timedelta(days=self._days), now)
        with self._store.transaction() as records:
            before, case = _known(records, actor, notice_id, version)
            step_notice(before.state, NoticeState.PUBLISHED)
            self._refuse(records, before, case)
            for other in records.notices.of_case(case.case_id):
                if other.state is NoticeState.PUBLISHED:
                    ended = {"ended_by": actor.account_id, "ended_at": now, "end": NoticeEnd.REPLACED}
                    self._stepped(records, actor, other, "withdraw_notice", NoticeState.WITHDRAWN, ended)
            given = {"published_by": actor.account_id, "published_at": now, "expires_at": expires_at}
            saved = self._stepped(records, actor, before, "publish_notice", NoticeState.PUBLISHED, given)
            self._note_action(records, actor, case, now)
        return saved

    def withdraw(self, actor: Actor, notice_id: str, version: int, reason: str) -> Notice:
        """Take it down, or let a draft come to nothing; whoever may write one may do so at once."""
        require(actor, Permission.DRAFT_NOTICES)
        said = checked_reason(reason)
        with self._store.transaction() as records:
            before, _ = _known(records, actor, notice_id, version)
            step_notice(before.state, NoticeState.WITHDRAWN)
            ended = {
                "ended_by": actor.account_id,
                "ended_at": self._clock(),
                "end": NoticeEnd.BY_HAND,
                "end_reason": said,
            }
            return self._stepped(records, actor, before, "withdraw_notice", NoticeState.WITHDRAWN, ended)

    def _view(self, records: Records, actor: Actor, notice: Notice) -> NoticeView:
        case = records.cases.by_ids([notice.case_id])[notice.case_id]
        found = situation(records, case)
        source = source_of(case, found.form, self._today())
        seen = view_of(actor, notice, case, found, source, self._clock())
        return replace(seen, obstacles=(*seen.obstacles, *_by_numbers(records, notice, found)))

    def _made(self, records: Records, case: Case, draft: NoticeDraft) -> tuple[Situation, Source, Composed]:
        found = situation(records, case)
        source = source_of(case, found.form, self._today())
        return found, source, composed(source, draft)

    def _checked(self, records: Records, case: Case, draft: NoticeDraft) -> tuple[Composed, NoticePhoto | None]:
        found, source, made = self._made(records, case, draft)
        for refused in about_case(found, self._today()):
            raise refused
        check(source, made, _private(records, found))
        return made, self._photo(records, case, draft, made)

    def _photo(self, records: Records, case: Case, draft: NoticeDraft, made: Composed) -> NoticePhoto | None:
        if NoticeField.PHOTO not in made.shown:
            return None
        return cut_of(records, case, draft.photo_id, draft.cut, draft.blur)

    def _new(self, actor: Actor, case: Case, made: Composed, photo: NoticePhoto | None, token: str) -> Notice:
        bare = Notice(self._new_id(), case.case_id, case.kind, token, "", "", (actor.account_id,), self._clock())
        return _saying(bare, made, photo)

    def _refuse(self, records: Records, notice: Notice, case: Case) -> None:
        found = situation(records, case)
        source = source_of(case, found.form, self._today())
        for refused in (*obstacles(notice, source, found, self._today()), *_by_numbers(records, notice, found)):
            raise refused

    def _stepped(
        self, records: Records, actor: Actor, before: Notice, action: str, then: NoticeState, given: dict[str, Any]
    ) -> Notice:
        saved = records.notices.save(replace(before, state=then, **given))
        records.audit.append(actor, action, saved.case_id, _detail(saved))
        return saved

    def _note_action(self, records: Records, actor: Actor, case: Case, now: datetime) -> None:
        """By which the clocks learn of it, as of one that somebody wrote down by hand."""
        kind, outcome = ActionKind.NOTICE, ActionOutcome.DONE
        action = TracingAction(self._new_id(), case.case_id, kind, outcome, now, "", actor.account_id, now)
        records.actions.add(action)
        detail = {"action_id": action.action_id, "kind": kind, "outcome": outcome}
        records.audit.append(actor, "record_action", case.case_id, detail)

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()

    def _end_of(self, day: date, now: datetime) -> datetime:
        if not self._today() <= day <= self._today() + timedelta(days=MOST_DAYS):
            raise Invalid(f"A notice stands until today at least, and {MOST_DAYS} days at most.", "until")
        end = datetime.combine(day + timedelta(days=1), time())
        return (end.replace(tzinfo=self._zone) if self._zone is not None else end).astimezone(now.tzinfo)


def cut_of(records: Records, case: Case, photo_id: str, cut: PhotoCut, blur: bool) -> NoticePhoto:
    """What of one of the case's photos is shown; ``Invalid`` for one that may not be."""
    photo = next((each for each in records.photos.of_case(case.case_id) if each.photo_id == photo_id), None)
    withdrawn = records.rights.withdrawal(case.case_id) is not None
    if photo is None or withdrawn or not photo.width or photo.analysis in NOT_LOOKED_AT:
        raise Invalid(NO_PHOTO, "photo")
    return photographed(photo, records.faces.of_photo(photo_id), cut, blur)


def _own(records: Records, actor: Actor, notice_id: str) -> tuple[Notice, Case]:
    notice = records.notices.get(notice_id)
    return notice, own_case(records, actor, notice.case_id)


def _known(records: Records, actor: Actor, notice_id: str, version: int) -> tuple[Notice, Case]:
    """For somebody who has read this version of it; ``Stale`` where it is another one by now."""
    notice, case = _own(records, actor, notice_id)
    if notice.version != version:
        raise Stale("Somebody else has changed this notice since you opened it; look at it again.")
    return notice, case


def _saying(notice: Notice, made: Composed, photo: NoticePhoto | None) -> Notice:
    return replace(
        notice,
        station=made.station,
        contact=made.contact,
        shown=made.shown,
        words=made.words,
        photo=photo,
        taken=made.taken,
        reasons=made.reasons,
    )


def _by_numbers(records: Records, notice: Notice, found: Situation) -> list[Refused]:
    """Whoever told a number may have become known since as one who seeks the person."""
    waits = notice.state in (NoticeState.DRAFT, NoticeState.APPROVED)
    return [WrongState(THEIRS_BY_NOW)] if waits and telling_numbers(notice, _private(records, found)) else []


def _private(records: Records, found: Situation) -> list[str]:
    return private_numbers(records.cases.contacts(found.case.case_id), found.form.answers.get("relatives", ()))


def _detail(notice: Notice) -> dict[str, Any]:
    """Which fields are told, and nothing of what they say."""
    told = {"notice_id": notice.notice_id, "shown": sorted(notice.shown)}
    return told if notice.end is None else told | {"end": notice.end}
