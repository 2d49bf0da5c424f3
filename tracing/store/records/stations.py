"""Stations, what they ask of each other, and emergencies, as they count at this moment."""

from __future__ import annotations

from collections.abc import Collection as Some
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Text, and_, case, func, or_, select, type_coerce

from tracing.domain import (
    Actor,
    Emergency,
    LegalBasis,
    PairState,
    Part,
    RequestKind,
    RequestState,
    Station,
    StationRequest,
)
from tracing.errors import Stale, WrongState
from tracing.ports import CLOCKS_APART, Clock
from tracing.stations.reach import OF_AGE, Reach
from tracing.store.records.expiry import over
from tracing.store.rows import add, built, columns_of, found, portions, values_of
from tracing.store.tables import cases, emergencies, pairs, station_requests, stations

STATION = columns_of(stations, Station)
REQUEST = columns_of(station_requests, StationRequest)
EMERGENCY = columns_of(emergencies, Emergency)


class SqlStations:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, station: Station) -> None:
        add(self._connection, stations, [values_of(station)])

    def get(self, station_id: str) -> Station:
        row = self._connection.execute(select(*STATION).where(stations.c.station_id == station_id)).one_or_none()
        return built(Station, found(row, "station"))

    def all(self) -> list[Station]:
        return [built(Station, row) for row in self._connection.execute(select(*STATION).order_by(stations.c.station_id))]

    def save(self, station: Station) -> None:
        values = values_of(station, but=("station_id",))
        self._connection.execute(stations.update().where(stations.c.station_id == station.station_id).values(values))

    def reach(self, actor: Actor) -> Reach:
        now = self._clock()
        known = self.all()
        central = any(each.central and each.closed_at is None and each.station_id == actor.station_id for each in known)
        if central or not known:
            return Reach(actor.station_id, now.date(), everything=True)
        return Reach(actor.station_id, now.date(), False, self._granted(actor.station_id, now), self._opened(actor, now))

    def _granted(self, station_id: str, now: datetime) -> dict[str, frozenset[Part]]:
        """A grant ends with the day it was given for, when the case moves on, and when it may not be shared any more."""
        host = case(
            (station_requests.c.guest == station_requests.c.asked, station_requests.c.asking), else_=station_requests.c.asked
        )
        running = (
            select(station_requests.c.case_id, station_requests.c.parts)
            .join(cases, cases.c.case_id == station_requests.c.case_id)
            .where(
                station_requests.c.guest == station_id,
                station_requests.c.state == RequestState.ACCEPTED,
                station_requests.c.kind == RequestKind.ASSISTANCE,
                station_requests.c.deadline > now,
                cases.c.station_id == host,
                shareable(now.date()),
            )
        )
        granted: dict[str, frozenset[Part]] = {}
        for case_id, parts in self._connection.execute(running):
            granted[case_id] = granted.get(case_id, frozenset()) | frozenset(parts)
        return granted

    def _opened(self, actor: Actor, now: datetime) -> frozenset[str]:
        """A mark that comes meanwhile closes it (DOMAIN.md, L21), and so does a clock that was ahead and is set right."""
        running = (
            select(emergencies.c.case_id)
            .join(cases, cases.c.case_id == emergencies.c.case_id)
            .where(
                emergencies.c.account_id == actor.account_id,
                emergencies.c.ends_at > now,
                emergencies.c.opened_at <= now + CLOCKS_APART,
                cases.c.guarded_since.is_(None),
            )
        )
        return frozenset(self._connection.execute(running).scalars())

    def compared(self, case_ids: Some[str], reach: Reach) -> set[str]:
        seen: set[str] = set()
        for one, other in ((pairs.c.low_case_id, pairs.c.high_case_id), (pairs.c.high_case_id, pairs.c.low_case_id)):
            for portion in portions(set(case_ids)):
                query = select(one).join(cases, cases.c.case_id == other)
                where = one.in_(portion), pairs.c.state != PairState.SUPERSEDED, near(reach)
                seen |= set(self._connection.execute(query.where(*where)).scalars())
        return seen

    def add_request(self, request: StationRequest) -> None:
        add(self._connection, station_requests, [values_of(request)])

    def request(self, request_id: str) -> StationRequest:
        query = select(*REQUEST).where(station_requests.c.request_id == request_id)
        return built(StationRequest, found(self._connection.execute(query).one_or_none(), "request"))

    def requests(self, station_id: str, limit: int) -> list[StationRequest]:
        query = select(*REQUEST).order_by(station_requests.c.asked_at.desc(), station_requests.c.request_id).limit(limit)
        query = query.where(station_requests.c.case_id.not_in(over(self._clock())))
        if station_id:
            query = query.where(or_(station_requests.c.asking == station_id, station_requests.c.asked == station_id))
        return [built(StationRequest, row) for row in self._connection.execute(query)]

    def requests_of(self, case_id: str) -> list[StationRequest]:
        query = select(*REQUEST).where(station_requests.c.case_id == case_id)
        newest_first = query.order_by(station_requests.c.asked_at.desc(), station_requests.c.request_id)
        return [built(StationRequest, row) for row in self._connection.execute(newest_first)]

    def save_request(self, request: StationRequest) -> StationRequest:
        same = (station_requests.c.request_id == request.request_id) & (station_requests.c.version == request.version)
        values = values_of(request, but=("request_id", "version")) | {"version": request.version + 1}
        if self._connection.execute(station_requests.update().where(same).values(values)).rowcount == 0:
            self.request(request.request_id)
            raise Stale("Somebody else has answered this request meanwhile; look at it again.")
        return self.request(request.request_id)

    def add_emergency(self, emergency: Emergency) -> None:
        add(self._connection, emergencies, [values_of(emergency)])

    def emergency(self, emergency_id: str) -> Emergency:
        row = self._connection.execute(select(*EMERGENCY).where(emergencies.c.emergency_id == emergency_id)).one_or_none()
        return built(Emergency, found(row, "emergency"))

    def emergencies(self, limit: int, station_id: str = "") -> list[Emergency]:
        unseen_first = case((emergencies.c.seen_at.is_(None), 0), else_=1)
        query = select(*EMERGENCY).order_by(unseen_first, emergencies.c.opened_at.desc(), emergencies.c.emergency_id)
        query = query.where(emergencies.c.case_id.not_in(over(self._clock())))
        if station_id:
            query = query.join(cases, cases.c.case_id == emergencies.c.case_id)
            query = query.where(or_(cases.c.station_id == station_id, emergencies.c.station_id == station_id))
        return [built(Emergency, row) for row in self._connection.execute(query.limit(limit))]

    def emergencies_of(self, case_id: str) -> list[Emergency]:
        query = select(*EMERGENCY).where(emergencies.c.case_id == case_id)
        newest_first = query.order_by(emergencies.c.opened_at.desc(), emergencies.c.emergency_id)
        return [built(Emergency, row) for row in self._connection.execute(newest_first)]

    def see_emergency(self, emergency: Emergency) -> None:
        unseen = (emergencies.c.emergency_id == emergency.emergency_id) & emergencies.c.seen_at.is_(None)
        values = {name: getattr(emergency, name) for name in ("seen_by", "seen_at", "finding")}
        if self._connection.execute(emergencies.update().where(unseen).values(values)).rowcount == 0:
            self.emergency(emergency.emergency_id)
            raise WrongState("Somebody has looked at this already.")

    def count_emergencies(self) -> tuple[int, int]:
        counted = select(func.count(emergencies.c.seen_at), func.count()).select_from(emergencies)
        seen, all_of_them = self._connection.execute(counted.where(emergencies.c.case_id.not_in(over(self._clock())))).one()
        return seen, all_of_them - seen


def near(reach: Reach) -> ColumnElement[bool]:
    """``Reach.near`` in SQL; a test holds the two against each other."""
    return or_(cases.c.station_id == reach.station_id, cases.c.case_id.in_(sorted(reach.near_ids())))


def listed(reach: Reach) -> ColumnElement[bool]:
    """Cases that stand in the person's list of cases."""
    return or_(cases.c.station_id == reach.station_id, cases.c.case_id.in_(sorted(reach.listed_ids())))


def shareable(today: date) -> ColumnElement[bool]:
    """``may_be_shared`` in SQL; a test holds the two against each other."""
    born = type_coerce(cases.c.birth_date, Text)
    last_day = born + func.substr("-12-31", func.length(born) - 3)
    by_date = or_(cases.c.birth_date.is_(None), last_day <= f"{today.year - OF_AGE:04d}-{today:%m-%d}")
    by_age = [or_(each.is_(None), each >= OF_AGE) for each in (cases.c.age_min, cases.c.age_max)]
    something = or_(cases.c.birth_date.is_not(None), cases.c.age_min.is_not(None))
    of_age = and_(something, by_date, *by_age, cases.c.child_said.is_(False))
    return and_(cases.c.guarded_since.is_(None), or_(cases.c.legal_basis == LegalBasis.GUARDIAN_CONSENT, of_age))
