"""Stations ask each other about a case: to take it over, or to be shown parts of it for a while (协查)."""

from __future__ import annotations

from collections.abc import Collection as Some
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tracing.access import Permission, allows, require
from tracing.domain import Actor, Case, Part, RequestKind, RequestState, StationRequest
from tracing.errors import Conflict, Invalid, NotAllowed, NotFound, Safeguarded, Stale, WrongState
from tracing.ports import Clock, NewId, RecordStore
from tracing.records import Records
from tracing.stations.asking import REQUEST_STEPS, step_request, whose
from tracing.stations.reach import Reach, needs_a_guardian
from tracing.stations.register import open_station
from tracing.stations.scope import reach_of
from tracing.verdict import checked_reason

USUAL_DAYS: Final = 14
MOST_DAYS: Final = 90
MOST_LISTED: Final = 200
GUARDED: Final = (
    "Relatives of this person may be the danger: nothing of the case is shown to another station before a safeguarding check "
    "is cleared. Their own station may hand the whole case over, to bring them to a safer place."
)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as one of its two stations sees it. Of the case only the reference is told, whatever may be read of it."""

    request: StationRequest
    reference: str
    expired: bool
    incoming: bool
    """Whether the person's own station is the asked one."""
    steps: tuple[RequestState, ...]
    """What this person may do with it now."""


class Assistance:
    """Every step is one transaction with its audit event; of two answers at the same moment one wins."""

    def __init__(self, store: RecordStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id

    def ask(
        self,
        actor: Actor,
        case_id: str,
        kind: RequestKind,
        reason: str,
        station_id: str = "",
        parts: Some[Part] = (),
        days: int = USUAL_DAYS,
    ) -> StationRequest:
        """Ask another station to take an own case over or to help with it, or ask the station that has a case for it.

        ``station_id`` is whom an own case is offered to; of another station's case its own station is asked. Assistance names
        the ``parts`` that are needed. What may be a child under 14 is shared with a guardian's consent alone.
        """
        require(actor, Permission.ASK_STATIONS)
        reason = checked_reason(reason)
        if not 1 <= days <= MOST_DAYS:
            raise Invalid(f"A request runs between 1 and {MOST_DAYS} days.", "days")
        if kind is RequestKind.ASSISTANCE and not parts:
            raise Invalid("Say what the other station needs to see.", "parts")
        now = self._clock()
        with self._store.transaction() as records:
            reach, case = reach_of(records, actor), records.cases.get(case_id)
            own = reach.owns(case)
            if own:
                other = open_station(records, station_id, "station_id").station_id
                if other == case.station_id:
                    raise Invalid("The case is at this station already.", "station_id")
            self._check_shareable(case, reach, kind, own)
            if own and Part.CONTACTS in parts:
                require(actor, Permission.READ_CONTACTS)
            request = StationRequest(
                request_id=self._new_id(),
                case_id=case_id,
                kind=kind,
                asking=case.station_id if own else actor.station_id,
                asked=other if own else case.station_id,
                guest=other if own else actor.station_id,
                parts=tuple(part for part in Part if part in parts) if kind is RequestKind.ASSISTANCE else (),
                reason=reason,
                asked_by=actor.account_id,
                asked_at=now,
                deadline=now + timedelta(days=days),
            )
            for each in records.stations.requests_of(case_id):
                same = (each.kind, each.asking, each.asked) == (kind, request.asking, request.asked)
                if same and each.state is RequestState.IN_PROGRESS and not each.expired(now):
                    raise Conflict("The same has been asked already, and waits for an answer.")
            records.stations.add_request(request)
            records.audit.append(actor, "ask_station", case_id, _detail(request))
        return request

    def box(self, actor: Actor, limit: int = MOST_LISTED) -> list[RequestView]:
        """What the person's station asks and is asked, the newest first."""
        require(actor, Permission.ASK_STATIONS)
        with self._store.reading() as records:
            reach = reach_of(records, actor)
            found = records.stations.requests("" if reach.everything else actor.station_id, limit)
            cases = records.cases.by_ids({each.case_id for each in found})
        return [self._view(actor, reach, each, cases[each.case_id]) for each in found]

    def of_case(self, actor: Actor, case_id: str) -> list[RequestView]:
        """What runs or waits about a case, as far as it is this person's business, the newest first."""
        require(actor, Permission.ASK_STATIONS)
        with self._store.reading() as records:
            reach, case = reach_of(records, actor), records.cases.get(case_id)
            found = records.stations.requests_of(case_id)
        mine = [each for each in found if reach.owns(case) or actor.station_id in (each.asking, each.asked)]
        views = [self._view(actor, reach, each, case) for each in mine if REQUEST_STEPS[each.state]]
        return [view for view in views if not view.expired]

    def read(self, actor: Actor, request_id: str) -> RequestView:
        require(actor, Permission.ASK_STATIONS)
        with self._store.reading() as records:
            reach, request = reach_of(records, actor), records.stations.request(request_id)
            self._check_party(actor, reach, request)
            return self._view(actor, reach, request, records.cases.get(request.case_id))

    def accept(
        self, actor: Actor, request_id: str, reason: str, parts: Some[Part] | None = None, version: int | None = None
    ) -> StationRequest:
        """The asked station agrees: the case goes over, or the parts can be read until the deadline.

        A station that is asked for its own case may grant fewer ``parts`` than were asked for, and never more.
        """
        return self._step(actor, request_id, RequestState.ACCEPTED, reason, version, parts)

    def reject(self, actor: Actor, request_id: str, reason: str, version: int | None = None) -> StationRequest:
        return self._step(actor, request_id, RequestState.REJECTED, reason, version)

    def revoke(self, actor: Actor, request_id: str, reason: str, version: int | None = None) -> StationRequest:
        """Take a question back, end a grant at once, or bring a case that went over back to where it was."""
        return self._step(actor, request_id, RequestState.REVOKED, reason, version)

    def finish(self, actor: Actor, request_id: str, reason: str, version: int | None = None) -> StationRequest:
        """The help was given, or the person has arrived: a grant ends, and a case stays where it is."""
        return self._step(actor, request_id, RequestState.DONE, reason, version)

    def _step(
        self,
        actor: Actor,
        request_id: str,
        then: RequestState,
        reason: str,
        version: int | None,
        parts: Some[Part] | None = None,
    ) -> StationRequest:
        require(actor, Permission.ASK_STATIONS)
        reason = checked_reason(reason)
        now = self._clock()
        with self._store.transaction() as records:
            reach, before = reach_of(records, actor), records.stations.request(request_id)
            self._check_party(actor, reach, before)
            if not self._may(actor, reach, before, then):
                raise NotAllowed("This step is the other station's, or its manager's.")
            if version not in (None, before.version):
                raise Stale("Somebody else has answered this request meanwhile; look at it again.")
            step_request(before.state, then)
            after = replace(before, state=then, answer=reason, answered_by=actor.account_id, answered_at=now)
            if then is RequestState.ACCEPTED:
                after = self._granted(actor, reach, records, after, parts)
            if before.kind is RequestKind.TRANSFER:
                self._move(actor, records, before, then)
            saved = records.stations.save_request(after)
            records.audit.append(actor, "answer_station", before.case_id, _detail(saved) | {"from": before.state, "to": then})
        return saved

    def _granted(
        self, actor: Actor, reach: Reach, records: Records, request: StationRequest, parts: Some[Part] | None
    ) -> StationRequest:
        """What an acceptance comes to; it is asked again whether the case may be shared, and whether it is still there."""
        if request.deadline <= self._clock():
            raise WrongState("This request has run out; ask again.")
        case = records.cases.get(request.case_id)
        if case.station_id != request.host:
            raise WrongState("The case has gone to another station meanwhile.")
        self._check_shareable(case, reach, request.kind, request.asking == request.host)
        open_station(records, request.guest, "")
        if request.kind is RequestKind.TRANSFER:
            return request
        granted = set(request.parts)
        if request.asked == request.host:
            granted &= set(request.parts if parts is None else parts)
            if Part.CONTACTS in granted:
                require(actor, Permission.READ_CONTACTS)
        if not granted:
            raise Invalid("Grant at least one of the parts that were asked for, or reject the request.", "parts")
        return replace(request, parts=tuple(part for part in Part if part in granted))

    @staticmethod
    def _move(actor: Actor, records: Records, request: StationRequest, then: RequestState) -> None:
        """Acceptance brings the case to the guest; a revocation after it brings it back, unless it has gone on from there."""
        if then is RequestState.ACCEPTED:
            here, there = request.host, request.guest
        elif then is RequestState.REVOKED and request.state is RequestState.ACCEPTED:
            here, there = request.guest, request.host
        else:
            return
        case = records.cases.get(request.case_id)
        if case.station_id != here:
            raise WrongState("The case has gone to another station meanwhile.")
        records.cases.save(replace(case, station_id=there))
        records.audit.append(actor, "move_case", case.case_id, {"from": here, "to": there, "request_id": request.request_id})

    @staticmethod
    def _check_shareable(case: Case, reach: Reach, kind: RequestKind, offered: bool) -> None:
        """Who has to be kept from their relatives may still be brought to a safer place: by their own station alone."""
        if case.guarded and not (offered and kind is RequestKind.TRANSFER):
            raise Safeguarded(GUARDED)
        if needs_a_guardian(case, reach.today):
            raise Invalid(
                "The person may be under 14: without a guardian's consent nothing is shared with another station. "
                "If they are surely older, write the age down first.",
                "case_id",
            )

    @staticmethod
    def _check_party(actor: Actor, reach: Reach, request: StationRequest) -> None:
        """A request of two other stations is none of this person's business, and not told apart from one that is not there."""
        if not reach.everything and actor.station_id not in (request.asking, request.asked):
            raise NotFound("There is no such request.")

    @staticmethod
    def _may(actor: Actor, reach: Reach, request: StationRequest, then: RequestState) -> bool:
        """Everybody who asks takes a question back or says that help was given; the rest is a manager's."""
        plain = then is RequestState.DONE or (then is RequestState.REVOKED and request.state is RequestState.IN_PROGRESS)
        allowed = allows(actor, Permission.ASK_STATIONS if plain else Permission.ANSWER_STATIONS)
        return allowed and (reach.everything or actor.station_id in whose(request, then))

    def _view(self, actor: Actor, reach: Reach, request: StationRequest, case: Case) -> RequestView:
        expired = request.expired(self._clock())
        steps = tuple(
            then
            for then in RequestState
            if then in REQUEST_STEPS[request.state]
            and self._may(actor, reach, request, then)
            and not (expired and then is RequestState.ACCEPTED)
        )
        return RequestView(request, case.reference, expired, request.asked == actor.station_id, steps)


def _detail(request: StationRequest) -> dict[str, object]:
    """For the audit."""
    return {
        "request_id": request.request_id,
        "kind": request.kind,
        "asking": request.asking,
        "asked": request.asked,
        "parts": list(request.parts),
        "deadline": request.deadline.isoformat(),
    }
