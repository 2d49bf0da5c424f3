"""The doors to cases, photos and pairs that ask which station somebody is of."""

from __future__ import annotations

from collections.abc import Collection as Some

from tracing.access import SYSTEM
from tracing.domain import Actor, Case, Pair, Part
from tracing.records import Records
from tracing.stations.reach import Reach, elsewhere, may_be_shared


def reach_of(records: Records, actor: Actor) -> Reach:
    """What this person may see now. The service itself sees everything."""
    found = records.stations.reach(actor)
    return found if actor != SYSTEM else Reach(actor.station_id, found.today, everything=True)


def counted_station(records: Records, actor: Actor) -> str | None:
    """The station whose figures are this person's to read: the own one. None, which is all of them, as long as no station is
    set up, for people of a central one, and for the service itself."""
    reach = reach_of(records, actor)
    return None if reach.everything else reach.station_id


def own_case(records: Records, actor: Actor, case_id: str) -> Case:
    """The case, for somebody who wants to change it: ``OtherStation`` unless it is their own station's."""
    case = records.cases.get(case_id)
    if not reach_of(records, actor).owns(case):
        raise elsewhere()
    return case


def may_compare(records: Records, actor: Actor, pair: Pair) -> bool:
    """Whether this pair is for the person to look at."""
    return _compares(records, reach_of(records, actor), pair)


def check_pair(records: Records, actor: Actor, pair: Pair) -> Reach:
    """``OtherStation`` where this pair is not for the person to look at."""
    reach = reach_of(records, actor)
    if not _compares(records, reach, pair):
        raise elsewhere()
    return reach


def _compares(records: Records, reach: Reach, pair: Pair) -> bool:
    if reach.everything:
        return True
    low, high = (records.cases.get(case_id) for case_id in pair.case_ids)
    return reach.compares(low, high)


def follows_work(records: Records, actor: Actor, case_id: str) -> bool:
    """Whether the person may read how the work on the case goes: at its own station, or in an emergency.

    False for a station that is let see some of the case; ``OtherStation`` for one that is let see nothing.
    """
    reach, case = reach_of(records, actor), records.cases.get(case_id)
    if reach.owns(case) or case_id in reach.opened:
        return True
    reach.shown(case)
    return False


def readable(records: Records, actor: Actor, case_ids: Some[str], part: Part) -> set[str]:
    """Of these cases those of which the person may read this part: by right, or as one side of a pair."""
    reach = reach_of(records, actor)
    if reach.everything:
        return set(case_ids)
    cases = records.cases.by_ids(case_ids)
    allowed = {case_id for case_id, case in cases.items() if part in reach.parts(case)}
    others = {case_id for case_id, case in cases.items() if case_id not in allowed and may_be_shared(case, reach.today)}
    return allowed | (records.stations.compared(others, reach) if others else set())


def check_readable(records: Records, actor: Actor, case_id: str, part: Part) -> None:
    """``OtherStation`` where this part of the case is not for the person."""
    records.cases.get(case_id)
    if case_id not in readable(records, actor, [case_id], part):
        raise elsewhere()


def check_photos(records: Records, actor: Actor, case_id: str) -> None:
    check_readable(records, actor, case_id, Part.PHOTOS)


def knows_whom_to_call(records: Records, actor: Actor, pair: Pair) -> bool:
    """Whether this person's station may read the contacts of one of the two."""
    reach = reach_of(records, actor)
    return any(Part.CONTACTS in reach.parts(case) for case in records.cases.by_ids(pair.case_ids).values())
