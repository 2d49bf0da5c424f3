"""What is noted when a case is closed by hand: which case it was, what found it, and what the face search had made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from tracing.domain import ActionKind, ActionOutcome, Case, CaseState, Channel, Closing, Event, SearchRun
from tracing.errors import Invalid
from tracing.records import Records
from tracing.records.figures import WayHome

CHANNELS: Final[Mapping[ActionKind, Channel]] = {
    ActionKind.INTERVIEW: Channel.INTERVIEW,
    ActionKind.NOTICE: Channel.NOTICE,
    ActionKind.DNA: Channel.DNA,
    ActionKind.POLICE: Channel.POLICE,
    ActionKind.MEDIA: Channel.NOTICE,
    ActionKind.FIELD_VISIT: Channel.OTHER,
    ActionKind.OTHER_STATION: Channel.OTHER,
    ActionKind.FOLLOW_UP: Channel.OTHER,
}
"""The channel of the statistics that each kind of tracing action belongs to."""


def last_opening(records: Records, case_id: str) -> Event | None:
    """The last time the case was opened, or reopened after it had been closed."""
    openings = [
        event
        for event in records.audit.of_subject(case_id)
        if event.action == "open_case" or (event.action == "change_case" and event.detail["from"] == CaseState.CLOSED)
    ]
    return openings[-1] if openings else None


def channel_of_actions(records: Records, case_id: str) -> Channel | None:
    """Of the last tracing action, written down since the case was opened, that brought to light who it is."""
    opening = last_opening(records, case_id)
    for action in records.actions.of_case(case_id):
        fresh = opening is None or action.recorded_at >= opening.at
        if action.outcome is ActionOutcome.IDENTIFIED and fresh:
            return CHANNELS[action.kind]
    return None


def brought_about(way: WayHome) -> Channel | None:
    """By what somebody came home: the last action that told who it is; else what was said at the closing; else the faces of the
    reunited pair, or what people said where clues alone had put it together. None where nobody has said."""
    if way.action is not None:
        return CHANNELS[way.action]
    if way.said is not None:
        return way.said
    return Channel.FACE if way.by_faces else Channel.INTERVIEW if way.by_clues else None


def other_case(records: Records, case: Case, named: str) -> Case | None:
    """The case that somebody named; ``Invalid`` where there is none, or where it is the case itself."""
    if not named:
        return None
    found = records.cases.by_reference(named) or records.cases.by_ids([named]).get(named)
    if found is None:
        raise Invalid("There is no case with this reference.", "other_case")
    if found.case_id == case.case_id:
        raise Invalid("Name the other case, not this one.", "other_case")
    return found


def with_what_the_search_knew(records: Records, closing: Closing) -> Closing:
    """As it is to be kept: with where the two faces stand and the last list of either, before the closing moves anything."""
    if closing.other_case_id is None:
        return closing
    both = (closing.case_id, closing.other_case_id)
    encoder_id = records.generations.active().encoder_id
    places, templates = records.cases.collections(both), records.faces.templates_of_cases(both, encoder_id)
    runs = [(run, other) for one, other in (both, both[::-1]) if (run := records.pairs.latest_run(one)) is not None]
    return replace(
        closing,
        in_galleries=all(places.get(each) is not None and bool(templates[each]) for each in both),
        list_id=max(runs, key=_lateness)[0].run_id if runs else "",
    )


def _lateness(found: tuple[SearchRun, str]) -> tuple[datetime, bool, int]:
    """Of the last searches of the two the later one had both before it; of two at one moment the one that names the other, or
    that looked at more people.
    """
    run, other = found
    return run.finished_at, any(line.case_id == other for line in run.list), run.gallery_size


def detail_of(closing: Closing) -> dict[str, object]:
    """For the audit."""
    return {
        "channel": closing.channel,
        "other_case_id": closing.other_case_id,
        "in_galleries": closing.in_galleries,
        "list_id": closing.list_id,
    }
