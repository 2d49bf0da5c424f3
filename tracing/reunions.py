"""What a verification and a hand-over have to say: the fields of each kind of evidence, and of the record of the hand-over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from tracing.domain import BegunHandOver, HandOver, Pair, PartialDate, Relation
from tracing.errors import Incomplete, Stale, WrongState
from tracing.verdict import Proof

LONGEST: Final = 2000
SHOWN_DIGITS: Final = 4
"""Of the number of a document that proves who somebody is, so many digits at its end are kept: enough to recognise it."""

PROOF_FIELDS: Final[Mapping[Proof, tuple[str, ...]]] = {
    Proof.CONTROL_QUESTION: ("question", "expected_answer", "answer_given"),
    Proof.DOCUMENT: ("document_type", "document_number", "seen_by"),
    Proof.DNA: ("laboratory", "report_number", "report_date"),
    Proof.POLICE_REPLY: ("police_station", "reply_number", "reply_date"),
}
DATES: Final = frozenset({"report_date", "reply_date", "handed_over_on", "follow_up_on"})
NEEDED: Final = "This is needed."
DAY: Final = "Write a whole date, such as 2024-03-15."
FUTURE: Final = "This day has not come yet."
TOO_EARLY: Final = "The day of the follow-up comes after the hand-over."
TOO_LONG: Final = f"At most {LONGEST} characters fit here."
TIME: Final = "Write a time of day, such as 14:30."
NO_SUCH: Final = "This kind of evidence has no such field."

_TIME: Final = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d", re.ASCII)


def checked_details(proof: Proof, details: Mapping[str, str], today: date) -> dict[str, str]:
    """The fields of this kind of evidence, trimmed, a document's number masked.

    ``Incomplete`` names all that is wrong at once.
    """
    wanted = PROOF_FIELDS[proof]
    given = {name: details.get(name, "").strip() for name in wanted}
    wrong = {name: NO_SUCH for name, value in details.items() if name not in wanted and value.strip()}
    wrong |= {name: mistake for name, value in given.items() if (mistake := _mistake(name, value, today))}
    if wrong:
        raise Incomplete(wrong)
    if proof is Proof.DOCUMENT:
        given["document_number"] = masked(given["document_number"])
    return given


def masked(number: str) -> str:
    """All but the last four letters or digits as dots, and more where the number is short."""
    shown = min(SHOWN_DIGITS, len(number) // 2)
    return "•" * (len(number) - shown) + number[len(number) - shown :]


@dataclass(frozen=True, slots=True)
class HandOverDraft:
    """The record of a hand-over as somebody types it; dates are whole days, written YYYY-MM-DD."""

    receiver: str = ""
    relation: str = ""
    document_type: str = ""
    document_number: str = ""
    relation_proof: str = ""
    handed_over_by: str = ""
    witness: str = ""
    handed_over_on: str = ""
    handed_over_time: str = ""
    place: str = ""
    belongings: str = ""
    wish: str = ""
    follow_up_on: str = ""

    def record(self, pair_id: str, recorded_by: str, now: datetime, today: date) -> HandOver:
        """The record; ``Incomplete`` names everything that is missing or wrong at once."""
        given: dict[str, Any] = {each.name: str(getattr(self, each.name)).strip() for each in fields(self)}
        wrong = {
            name: mistake
            for name, value in given.items()
            if (value or name not in OPTIONAL) and (mistake := _mistake(name, value, today))
        }
        dated = not {"handed_over_on", "follow_up_on"} & wrong.keys()
        if dated and _day(given["follow_up_on"]) <= _day(given["handed_over_on"]):
            wrong["follow_up_on"] = TOO_EARLY
        if wrong:
            raise Incomplete(wrong)
        days: dict[str, Any] = {name: PartialDate.parse(given.pop(name)) for name in ("handed_over_on", "follow_up_on")}
        return HandOver(pair_id=pair_id, recorded_by=recorded_by, recorded_at=now, **days, **given)


def check_reunion(pair: Pair) -> None:
    """``WrongState`` for two files of one kind: they may be of one person, and nobody is handed over to anybody."""
    if pair.relation is not Relation.TRACE:
        raise WrongState("Only somebody in care is reunited with those who sought them; these are two files of one kind.")


def check_version(begun: BegunHandOver, version: int | None) -> None:
    """``Stale`` where somebody has written in the record since; without a version nothing is checked."""
    if version is not None and version != begun.version:
        raise Stale("Somebody else has changed this form since you opened it; look at it again.")


OPTIONAL: Final = frozenset({"handed_over_time", "belongings"})


def _mistake(name: str, value: str, today: date) -> str:
    """What is wrong with one field; empty where nothing is."""
    if not value:
        return NEEDED
    if len(value) > LONGEST:
        return TOO_LONG
    if name == "handed_over_time":
        return "" if _TIME.fullmatch(value) else TIME
    if name not in DATES:
        return ""
    try:
        day = _day(value)
    except ValueError:
        return DAY
    return FUTURE if name != "follow_up_on" and day > today else ""


def _day(value: str) -> date:
    """``ValueError`` for anything but a whole date."""
    when = PartialDate.parse(value)
    if when.day is None:
        raise ValueError(value)
    return when.earliest
