"""What the audit and the records tell of a case, entry by entry: the words to the events, the clocks, and what is ahead."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tracing.access import EVERYBODY, SYSTEM, Permission, allows
from tracing.domain import (
    Actor,
    Case,
    CaseClock,
    ClockEnd,
    ClueVersion,
    Entry,
    Event,
    Pause,
    RequestKind,
    RequestState,
    StationRequest,
    What,
)
from tracing.records import Records

TOLD: Final[Mapping[str, What]] = {
    "open_case": What.OPENED,
    "amend_case": What.AMENDED,
    "write_form": What.FORM_WRITTEN,
    "change_case": What.STATE_CHANGED,
    "note_closing": What.CLOSING_NOTED,
    "approve_outcome": What.DEATH_SAID,
    "withdraw_approval": What.DEATH_TAKEN_BACK,
    "add_photo": What.PHOTO_ADDED,
    "analyse_photo": What.PHOTO_ANALYSED,
    "choose_face": What.FACE_CHOSEN,
    "withdraw_face": What.FACE_WITHDRAWN,
    "give_face_back": What.FACE_GIVEN_BACK,
    "hold_photo": What.PHOTO_HELD,
    "let_photo_in": What.PHOTO_LET_IN,
    "ask_erasure": What.ERASURE_ASKED,
    "take_erasure_back": What.ERASURE_TAKEN_BACK,
    "export_case": What.DATA_EXPORTED,
    "set_safeguard": What.SAFEGUARD_SET,
    "clear_safeguard": What.SAFEGUARD_CLEARED,
    "accept_report": What.REPORT_ACCEPTED,
    "add_report_photo": What.REPORT_PHOTO_ADDED,
    "withdraw_report": What.REPORT_WITHDRAWN,
    "heed_withdrawal": What.WITHDRAWAL_HEEDED,
    "record_clue": What.CLUE_RECORDED,
    "revise_clue": What.CLUE_REVISED,
    "mark_clue": What.CLUE_MARKED,
    "withdraw_clue": What.CLUE_WITHDRAWN,
    "send_sighting": What.SIGHTING_CAME,
    "mark_sighting": What.SIGHTING_READ,
    "note_sighting": What.SIGHTING_NOTED,
    "record_action": What.ACTION_RECORDED,
    "draft_notice": What.NOTICE_DRAFTED,
    "amend_notice": What.NOTICE_AMENDED,
    "approve_notice": What.NOTICE_APPROVED,
    "take_notice_back": What.NOTICE_TAKEN_BACK,
    "publish_notice": What.NOTICE_PUBLISHED,
    "withdraw_notice": What.NOTICE_WITHDRAWN,
    "expire_notice": What.NOTICE_EXPIRED,
    "escalate_clock": What.CLOCK_ESCALATED,
    "see_escalation": What.ESCALATION_SEEN,
    "reckon_clock": What.CLOCK_MOVED,
    "ask_station": What.STATION_ASKED,
    "answer_station": What.STATION_ANSWERED,
    "move_case": What.CASE_MOVED,
    "open_in_emergency": What.EMERGENCY_OPENED,
    "see_emergency": What.EMERGENCY_SEEN,
    "search": What.FACES_SEARCHED,
    "clue_search": What.CLUES_SEARCHED,
    "line_up": What.LINED_UP,
    "list_hit": What.LIST_HIT,
    "decide_list_hit": What.LIST_HIT_DECIDED,
}
"""Each step of the audit on a case, and the entry it is told as."""
BY_THE_CLOCKS: Final = frozenset({"follow_case", "start_clock", "pause_clock", "resume_clock"})
"""Steps that the clocks themselves tell better."""
LOOKS: Final = ("read_", "print_")
"""Who only looked at a case stands in the audit, not here."""
NOBODY: Final = frozenset({SYSTEM.account_id, EVERYBODY.account_id})
"""Nobody in particular did it."""
_SUBJECTS: Final = (
    *("photo_id", "clue_id", "action_id", "clock_id", "request_id", "emergency_id", "escalation_id", "notice_id"),
    "hit_id",
    "safeguard_id",
)
_KEPT_BACK: Final = ("sha256", "cases", "score", *_SUBJECTS)
"""What only those read who read the audit: of a line-up, whom it showed and how alike they are."""


def told_by_audit(records: Records, actor: Actor, case: Case, events: Iterable[Event]) -> list[Entry]:
    """An entry for each step on the case, with the words that the records keep of it."""
    steps = [event for event in events if event.action not in BY_THE_CLOCKS and not event.action.startswith(LOOKS)]
    words = _Words(records, actor, case, steps)
    return [words.entry(event) for event in steps]


class _Words:
    """Finds what a person wrote at each step: the audit holds ids alone."""

    def __init__(self, records: Records, actor: Actor, case: Case, events: list[Event]) -> None:
        self._case = case
        self._knows_emergencies = allows(actor, Permission.SEE_EMERGENCIES)
        self._knows_first_words = allows(actor, Permission.CLOSE_CASES)
        self._records = records
        self._actions = {action.action_id: action for action in records.actions.of_case(case.case_id)}
        self._requests = {each.request_id: each for each in records.stations.requests_of(case.case_id)}
        self._rules = {clock.clock_id: clock.rule for clock in records.clocks.of_case(case.case_id)}
        self._knows_of_relatives = allows(actor, Permission.READ_CONTACTS)
        self._safeguards = {each.safeguard_id: each for each in records.safeguards.of_cases([case.case_id])}
        self._approvals = {each.approver: each.reason for each in records.cases.approvals(case.case_id)}
        self._versions: dict[str, list[ClueVersion]] = {}
        self._steps_of_clue: Counter[str] = Counter()
        last: dict[str, int] = {}
        for event in events:
            last[f"{event.action} {event.detail.get('request_id', '')}"] = event.seq
        self._last = frozenset(last.values())

    def entry(self, event: Event) -> Entry:
        detail = event.detail
        what = TOLD.get(event.action, What.OTHER)
        subject = next((str(detail[name]) for name in _SUBJECTS if name in detail), "")
        words, at, about = self._of(event, what, subject)
        by = "" if event.actor in NOBODY else event.actor
        rule = self._rules.get(subject) if "clock_id" in detail else None
        return Entry(f"a{event.seq:012d}", at, what, by, subject, words, about, rule)

    def _of(self, event: Event, what: What, subject: str) -> tuple[str, datetime, Mapping[str, Any]]:
        """The words, the moment it happened, and what else there is to know."""
        detail, at = event.detail, event.at
        match what:
            case What.CLUE_RECORDED | What.CLUE_REVISED | What.CLUE_MARKED | What.CLUE_WITHDRAWN:
                words, reason = _said(what, self._version(subject))
                return words, at, {"mentions": detail["mentions"]} | ({"reason": reason} if reason else {})
            case What.ACTION_RECORDED if subject in self._actions:
                action = self._actions[subject]
                return action.note, action.taken_at, {"kind": action.kind, "outcome": action.outcome}
            case What.STATE_CHANGED:
                return self._case.state_reason if event.seq in self._last else "", at, detail
            case What.FORM_WRITTEN:
                return "", at, {"answers": len(detail["fields"])}
            case What.DEATH_SAID if self._knows_first_words:
                return self._approvals.get(event.actor, ""), at, {}
            case What.SAFEGUARD_SET | What.SAFEGUARD_CLEARED if self._knows_of_relatives and subject in self._safeguards:
                mark = self._safeguards[subject]
                return mark.reason if what is What.SAFEGUARD_SET else mark.finding, at, {}
            case What.STATION_ASKED if subject in self._requests:
                return self._requests[subject].reason, at, detail
            case What.STATION_ANSWERED if subject in self._requests:
                return self._requests[subject].answer if event.seq in self._last else "", at, detail
            case What.EMERGENCY_OPENED | What.EMERGENCY_SEEN if self._knows_emergencies:
                emergency = self._records.stations.emergency(subject)
                return emergency.reason if what is What.EMERGENCY_OPENED else emergency.finding, at, {}
            case What.OTHER:
                return "", at, {"action": event.action}
            case _:
                return "", at, {name: value for name, value in detail.items() if name not in _KEPT_BACK}

    def _version(self, clue_id: str) -> ClueVersion | None:
        """Each step on a clue has made one version of it, in this order; None where a hand has removed it."""
        if clue_id not in self._versions:
            self._versions[clue_id] = self._records.clues.history(clue_id)
        place, versions = self._steps_of_clue[clue_id], self._versions[clue_id]
        self._steps_of_clue[clue_id] += 1
        return versions[place] if place < len(versions) else None


def _said(what: What, version: ClueVersion | None) -> tuple[str, str]:
    """What the step on a clue wrote, and why."""
    if version is None or what is What.CLUE_MARKED:
        return "", ""
    return (version.reason, "") if what is What.CLUE_WITHDRAWN else (version.clue.said, version.reason)


def one_search_a_day(entries: Iterable[Entry], day_of: Any) -> list[Entry]:
    """Searches come back by themselves: of each day and sort only the last, which says how many there were."""
    kept: list[Entry] = []
    days: dict[tuple[Any, What], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.what in (What.FACES_SEARCHED, What.CLUES_SEARCHED):
            days[day_of(entry.at), entry.what].append(entry)
        else:
            kept.append(entry)
    for (_, what), those in days.items():
        last = max(those, key=lambda each: each.place)
        kept.append(Entry(last.entry_id, last.at, what, last.by, about={**last.about, "times": len(those)}))
    return kept


def of_clocks(clocks: Iterable[CaseClock], started_by: Mapping[int, str], now: datetime) -> Iterator[Entry]:
    """How each clock began, stood still, ran out and ended. ``started_by``: the audit's row -> who set it going by hand."""
    for clock in clocks:
        due = {"due_at": clock.due_at.isoformat()}
        yield _of_clock(clock, "1", What.CLOCK_STARTED, clock.started_at, started_by.get(clock.cause, ""), about=due)
        for number, pause in enumerate(clock.pauses):
            yield from _of_pause(clock, number, pause)
        until = clock.ended_at or now
        if not clock.paused and clock.due_at < until:
            what = What.CLOCK_REACHED if clock.rule.threshold else What.CLOCK_OVERDUE
            yield _of_clock(clock, "8", what, clock.due_at)
        if clock.ended_at is not None:
            what = What.CLOCK_MET if clock.end is ClockEnd.MET else What.CLOCK_ENDED
            yield _of_clock(clock, "9", what, clock.ended_at, about={"standing": clock.standing(now)})


def _of_pause(clock: CaseClock, number: int, pause: Pause) -> Iterator[Entry]:
    by = "" if pause.paused_by == SYSTEM.account_id else pause.paused_by
    yield _of_clock(clock, f"2{number:03d}a", What.CLOCK_PAUSED, pause.paused_at, by, pause.reason)
    if pause.resumed_at is not None:
        by = "" if pause.resumed_by == SYSTEM.account_id else pause.resumed_by
        yield _of_clock(clock, f"2{number:03d}b", What.CLOCK_RESUMED, pause.resumed_at, by)


def _of_clock(
    clock: CaseClock,
    step: str,
    what: What,
    at: datetime,
    by: str = "",
    words: str = "",
    about: Mapping[str, Any] | None = None,
) -> Entry:
    return Entry(f"c{clock.clock_id}.{step}", at, what, by, clock.clock_id, words, about or {}, clock.rule)


def clocks_ahead(clocks: Iterable[CaseClock], now: datetime) -> Iterator[Entry]:
    for clock in clocks:
        if clock.running and not clock.paused and clock.due_at >= now:
            what = What.THRESHOLD_AHEAD if clock.rule.threshold else What.CLOCK_DUE
            yield _of_clock(clock, "0", what, clock.due_at, about={"provisional": clock.provisional})


def requests_ahead(requests: Iterable[StationRequest], now: datetime) -> Iterator[Entry]:
    for each in requests:
        about = {"asking": each.asking, "asked": each.asked, "kind": each.kind}
        waits = each.state is RequestState.IN_PROGRESS
        if each.deadline >= now and (waits or (each.state is RequestState.ACCEPTED and each.kind is RequestKind.ASSISTANCE)):
            what = What.ANSWER_DUE if waits else What.GRANT_ENDS
            yield Entry(f"r{each.request_id}", each.deadline, what, subject=each.request_id, about=about)
