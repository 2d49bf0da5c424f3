"""What a dossier tells of each kind of thing that is kept of a person, and what of it is withheld: what is somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from tracing.domain import Case, PartialDate, Photo
from tracing.questions import asked, names_relatives
from tracing.records import Records

OF_JUDGEMENTS: Final = ("decision_id", "pair_id", "reviewer", "features", "reason", "score_seen", "grounds")
OF_NOTICES: Final = ("token", "authors", "approved_by", "published_by", "ended_by")
OF_SIGHTINGS: Final = ("contact", "read_by", "case_id", "version")
OF_REPORTS: Final = ("draft_hash", "secret_hash", "answered_by", "typed", "version", "case_id")
OF_PAUSES: Final = ("pause_id", "clock_id", "paused_by", "resumed_by")
OF_CLOSINGS: Final = ("closing_id", "case_id", "other_case_id", "list_id")
OF_NOTES: Final = ("case_id", "clue_id", "digest", "linked_id")
WITHHELD: Final = "withheld: data of somebody else / 属于他人的信息，不予提供"


def file_name(number: int) -> str:
    return f"photos/{number:02d}"


def plain(thing: Any, but: tuple[str, ...] = ()) -> Any:
    """Dataclasses, dates and enums as JSON has them."""
    if thing is None or isinstance(thing, bool | int | float):
        return thing
    if isinstance(thing, str):
        return str(thing)
    if isinstance(thing, datetime):
        return thing.isoformat()
    if isinstance(thing, PartialDate):
        return str(thing)
    if isinstance(thing, Mapping):
        return {str(name): plain(value) for name, value in thing.items()}
    if isinstance(thing, tuple | list | frozenset):
        return [plain(each) for each in thing]
    return {each.name: plain(getattr(thing, each.name)) for each in fields(thing) if each.name not in but}


def form(records: Records, case: Case) -> dict[str, Any]:
    """Rows of the form name relatives and whom to call: those are theirs."""
    questions = asked(case.kind)
    answers = records.forms.of_case(case.case_id).answers
    of_others = {name for name, question in questions.items() if names_relatives(question)}
    return {name: WITHHELD if name in of_others else plain(value) for name, value in answers.items()}


def clues(records: Records, case_id: str) -> list[Any]:
    told = records.clues.of_cases([case_id]).get(case_id, [])
    kept = [version for each in told for version in records.clues.history(each.clue.clue_id)]
    names = ("version", "recorded_at", "reason", "withdrawn")
    said = ("said", "said_at", "language", "dialect")
    return [
        {name: plain(getattr(each.clue, name)) for name in said} | {name: plain(getattr(each, name)) for name in names}
        for each in kept
    ]


def photo(records: Records, photo: Photo, number: int) -> dict[str, Any]:
    """With whether it was held because of somebody who is kept out."""
    held = records.keepouts.held(photo.photo_id)
    told = {"file": file_name(number), **plain(photo, but=("photo_id", "case_id", "photo_key", "attempts"))}
    return told | {"held": plain(held, but=("photo_id", "case_id", "keepout_id", "cleared_by"))}


def faces(records: Records, case_id: str) -> dict[str, Any]:
    encoders = {each.encoder_id for each in records.generations.all()}
    made = {encoder_id: len(records.faces.templates(case_id, encoder_id)) for encoder_id in sorted(encoders)}
    found = [plain(each, but=("face_id", "photo_id")) for each in records.faces.of_case(case_id) if each.of_interest]
    return {"found": found, "templates": made}


def pairs(records: Records, case_id: str) -> list[dict[str, Any]]:
    return [
        {
            "other": WITHHELD,
            "relation": str(pair.relation),
            "state": str(pair.state),
            "suggested_at": pair.suggested_at.isoformat(),
            "judgements": [plain(each, but=OF_JUDGEMENTS) for each in records.pairs.decisions(pair.pair_id)],
        }
        for pair in records.pairs.of_case(case_id)
    ]


def searches(records: Records, case_id: str) -> dict[str, Any] | None:
    """The last one, and those before it."""
    runs = [{**plain(run, but=("list", "case_id")), "listed": len(run.list)} for run in records.pairs.runs_of(case_id)]
    return runs[0] | {"earlier": runs[1:]} if runs else None


def clocks(records: Records, case_id: str) -> list[dict[str, Any]]:
    names = ("started_at", "due_at", "ended_at", "end")
    return [
        {"titles": plain(each.rule.titles)}
        | {name: plain(getattr(each, name)) for name in names}
        | {"pauses": [plain(pause, but=OF_PAUSES) for pause in each.pauses]}
        for each in records.clocks.of_case(case_id)
    ]


def stations(records: Records, case_id: str) -> list[Any]:
    """What they asked of each other, then emergencies."""
    requests = [plain(each, but=("asked_by", "answered_by")) for each in records.stations.requests_of(case_id)]
    opened = [plain(each, but=("account_id", "seen_by")) for each in records.stations.emergencies_of(case_id)]
    return requests + [{"kind": "emergency"} | each for each in opened]


def closings(records: Records, case_id: str) -> list[Any]:
    """Every one, also of a case that is open again."""
    return [
        plain(each, but=OF_CLOSINGS) | {"other": WITHHELD if each.other_case_id else ""}
        for each in records.cases.closings_of(case_id)
    ]


def lists(records: Records, case_id: str) -> list[Any]:
    """Who the others were that it was held against belongs to them."""
    names = ("source", "found_at", "state", "decided_at")
    return [
        {"record": WITHHELD} | {name: plain(getattr(each, name)) for name in names} for each in records.hits.of_case(case_id)
    ]


def partners(records: Records, case_id: str) -> dict[str, Any] | None:
    clone, notes = records.partners.clones([case_id]).get(case_id), records.partners.received_of(case_id)
    if clone is None and not notes:
        return None
    told = [plain(each, but=OF_NOTES) | {"same_as": WITHHELD if each.linked_id else ""} for each in notes]
    return {"record": plain(clone, but=("case_id",)), "notes": told}


def audit(records: Records, case_id: str) -> list[dict[str, str]]:
    """Of the case, its pairs and its notices."""
    others = [each.pair_id for each in records.pairs.of_case(case_id)]
    others += [each.notice_id for each in records.notices.of_case(case_id)]
    found = [each for events in records.audit.of_subjects([case_id, *others]).values() for each in events]
    return [{"at": each.at.isoformat(), "action": each.action} for each in sorted(found, key=lambda each: each.seq)]


def report(records: Records, case_id: str) -> dict[str, Any] | None:
    """``photos_waiting``: not yet among those of the case."""
    found = records.reports.of_case(case_id)
    if found is None:
        return None
    told: dict[str, Any] = plain(found, but=OF_REPORTS)
    return told | {"photos_waiting": len(records.handed.of_reports([found.report_id]))}


def sightings(records: Records, case_id: str) -> list[Any]:
    """Whom to call is the informant's, and so are the photos, which may show anybody; how many there are is told."""
    return [
        plain(each, but=OF_SIGHTINGS)
        | {"contact": WITHHELD if each.contact else "", "photos": len(records.handed.of_sightings([each.sighting_id]))}
        for each in records.sightings.of_case(case_id)
    ]


def hand_overs(records: Records, case_id: str) -> list[dict[str, Any]]:
    kept = ("handed_over_on", "handed_over_time", "place", "wish", "belongings", "follow_up_on")
    found = (records.reunions.hand_over(pair.pair_id) for pair in records.pairs.of_case(case_id))
    return [{"receiver": WITHHELD} | {name: plain(getattr(each, name)) for name in kept} for each in found if each is not None]
