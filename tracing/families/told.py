"""What a family types, page by page: which fields there are, what is wrong with them, and the case that they describe."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from tracing.domain import Description, PartialDate, Sex
from tracing.errors import Incomplete, Invalid
from tracing.facts import check_description
from tracing.importing.values import ages, day, entries, height, names, plain
from tracing.opening import ContactDraft

LONGEST_LINE: Final = 200
LONGEST_TEXT: Final = 2000
NEEDED: Final = "This is needed."
NO_DATE: Final = "Write a date as 2024, 2024-03 or 2024-03-15."
NO_AGE: Final = "Write an age in years, such as 45."
NO_HEIGHT: Final = "Write a height in centimetres, such as 165."
NO_PHONE: Final = "Write a telephone number that we can call."
TOO_LONG: Final = "This is too long; write it shorter."
NO_CHOICE: Final = "Choose one of the answers offered."
_PHONE: Final = re.compile(r"[+(]?\d[\d ()–—‐-]{4,22}\d")
_NUMBER: Final = re.compile(r"[(（]\d{3,4}[)）][\d -]{5,12}\d|\+?\d[\d -]{5,22}\d")
_DAYS_AGO: Final = re.compile(r"(?:([今昨前])(?:[天日]|(?=[早晨晚夜]))|(today|yesterday)\b)(.*)", re.IGNORECASE)
_CONTROL: Final = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")


class Step(StrEnum):
    """The pages, in the order in which they are filled in."""

    WHO = "who"
    SEEN = "seen"
    PHOTOS = "photos"
    YOU = "you"
    REVIEW = "review"

    @property
    def following(self) -> Step:
        steps = list(Step)
        return steps[min(steps.index(self) + 1, len(steps) - 1)]

    @property
    def before(self) -> Step | None:
        steps = list(Step)
        return steps[steps.index(self) - 1] if steps.index(self) else None


FIELDS: Final[Mapping[Step, tuple[str, ...]]] = {
    Step.WHO: ("names", "sex", "age", "birth_date", "height", "looks", "marks", "languages", "accent"),
    Step.SEEN: ("seen_at", "seen_place", "circumstances", "clothing", "station", "earlier"),
    Step.PHOTOS: (),
    Step.YOU: ("relation", "name", "phone", "place", "relatives"),
    Step.REVIEW: (),
}
LONG: Final = frozenset({"looks", "marks", "circumstances", "relatives"})
MOST_RELATIVES: Final = 20
REQUIRED: Final[Mapping[Step, tuple[str, ...]]] = {Step.WHO: ("names",), Step.YOU: ("relation", "name", "phone")}


def without_controls(typed: str) -> str:
    """Without what no text holds."""
    return _CONTROL.sub("", typed)


def cleaned(step: Step, typed: Mapping[str, str], today: date) -> dict[str, str]:
    """The fields of this page alone, without what no text holds, cut where nobody types that much by hand."""
    most = {name: LONGEST_TEXT if name in LONG else LONGEST_LINE for name in FIELDS[step]}
    found = {name: without_controls(typed.get(name, "")).replace("\r\n", "\n").strip()[: 4 * most[name]] for name in most}
    return found | ({"seen_at": _dated(found["seen_at"], today)} if "seen_at" in found else {})


def _dated(typed: str, today: date) -> str:
    """``昨天下午`` as the day that it is now: by the time somebody reads the report, it is another one."""
    if (ago := _DAYS_AGO.fullmatch(typed)) is None:
        return typed
    days = {"今": 0, "today": 0, "昨": 1, "yesterday": 1, "前": 2}[(ago[1] or ago[2]).casefold()]
    return f"{today - timedelta(days=days)} {ago[3].strip(' ,，')}".strip()


def mistakes(step: Step, typed: Mapping[str, str], today: date, stations: Collection[str] = ()) -> dict[str, str]:
    """Field -> what is wrong with it, of one page; empty where one may go on."""
    wrong = {name: NEEDED for name in REQUIRED.get(step, ()) if not typed.get(name)}
    for name in FIELDS[step]:
        if len(typed.get(name, "")) > (LONGEST_TEXT if name in LONG else LONGEST_LINE):
            wrong[name] = TOO_LONG
    if step is Step.WHO:
        wrong |= _unread(typed, {"age": (_ages, NO_AGE), "birth_date": (_day, NO_DATE), "height": (height, NO_HEIGHT)}, wrong)
        if typed.get("sex") and typed["sex"] not in set(Sex):
            wrong["sex"] = NO_CHOICE
    if step is Step.SEEN:
        wrong |= _unread(typed, {"seen_at": (_day, NO_DATE)}, wrong)
        if typed.get("station") and typed["station"] not in stations:
            wrong["station"] = NO_CHOICE
    if step is Step.YOU and len(relatives(typed)) > MOST_RELATIVES:
        wrong["relatives"] = TOO_LONG
    if step is Step.YOU and "phone" not in wrong and not _PHONE.fullmatch(plain(typed["phone"])):
        wrong["phone"] = NO_PHONE
    if wrong:
        return wrong
    try:
        check_description(described(typed), today)
    except Invalid as error:
        field = {"age_min": "age", "age_max": "age", "height_cm": "height"}.get(error.field, error.field)
        return {field: WORDED.get(field, TOO_LONG)} if field in FIELDS[step] else {}
    return {}


WORDED: Final = {"age": NO_AGE, "height": NO_HEIGHT, "birth_date": NO_DATE, "seen_at": NO_DATE}


def check_whole(typed: Mapping[str, str], today: date, stations: Collection[str]) -> None:
    """``Incomplete`` with everything that is wrong on any page."""
    wrong: dict[str, str] = {}
    for step in Step:
        wrong |= mistakes(step, {name: typed.get(name, "") for name in FIELDS[step]}, today, stations)
    if wrong:
        raise Incomplete(wrong)


def step_of(field: str) -> Step:
    """The page on which a field stands."""
    return next((step for step, fields in FIELDS.items() if field in fields), Step.WHO)


def described(typed: Mapping[str, str]) -> Description:
    """The person, from what was typed; ``Invalid`` where it cannot be read."""
    least, most = _ages(typed["age"]) if typed.get("age") else (None, None)
    born, seen = typed.get("birth_date", ""), typed.get("seen_at", "")
    told = [typed.get("circumstances", ""), typed.get("looks", "")]
    return Description(
        names=names([typed.get("names", "")]),
        sex=Sex(typed["sex"]) if typed.get("sex") else None,
        birth_date=_day(born) if born else None,
        age_min=least,
        age_max=most,
        languages=entries([typed.get("languages", "")]),
        accent=typed.get("accent", ""),
        height_cm=height(plain(typed["height"])) if typed.get("height") else None,
        marks=tuple(line.strip() for line in typed.get("marks", "").splitlines() if line.strip()),
        clothing=typed.get("clothing", ""),
        seen_at=_day(seen) if seen else None,
        seen_place=typed.get("seen_place", ""),
        circumstances="\n".join(each for each in told if each),
    )


def caller(typed: Mapping[str, str]) -> ContactDraft:
    """Whom to call, with what they are to the person."""
    name = f"{typed.get('name', '')} ({typed['relation']})" if typed.get("relation") else typed.get("name", "")
    # Digits of an input method for Chinese are as wide as its characters: nobody can dial them.
    return ContactDraft("reporter", name, plain(typed.get("phone", "")), typed.get("place", ""))


def relatives(typed: Mapping[str, str]) -> tuple[Mapping[str, str], ...]:
    """Who else belongs to the family, a line each, as the form of the case holds them; a number apart, to be dialled."""
    lines = (" ".join(line.split()) for line in typed.get("relatives", "").splitlines())
    return tuple(_relative(line) for line in lines if line)


def _relative(line: str) -> Mapping[str, str]:
    number = _NUMBER.search(line)
    if number is None:
        return {"name": line[:LONGEST_LINE]}
    name = (line[: number.start()] + line[number.end() :]).strip(" ,;:，、；：()（）")
    return {"contact": plain(number[0])} | ({"name": name[:LONGEST_LINE]} if name else {})


def photo_day(typed: str, today: date) -> PartialDate | None:
    """When a photo was taken, as far as anybody knows; ``Invalid`` where it makes no sense."""
    if not typed.strip():
        return None
    try:
        taken = _day(typed)
    except Invalid as error:
        raise Invalid(NO_DATE, "taken_on") from error
    if not date(today.year - 125, 1, 1) <= taken.earliest <= today:
        raise Invalid(NO_DATE, "taken_on")
    return taken


def _day(text: str) -> PartialDate:
    return day(plain(text), "")


def _ages(text: str) -> tuple[int, int]:
    return ages(plain(text))


def _unread(
    typed: Mapping[str, str], readers: Mapping[str, tuple[Callable[[str], Any], str]], wrong: Mapping[str, str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, (reader, sentence) in readers.items():
        if name not in wrong and typed.get(name):
            try:
                reader(plain(typed[name]))
            except Invalid:
                found[name] = sentence
    return found
