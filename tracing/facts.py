"""What two descriptions say about each other: plain facts, shown beside the face and never mixed into its score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tracing.domain import Case, CaseFacts, CaseKind, CaseState, Description, PartialDate, Photo
from tracing.errors import Invalid

OLDEST: Final = 125
"""Years; nobody has lived longer than 122."""
ESTIMATE_TOLERANCE: Final = 15
"""Years by which a stranger's guess of an age may be wrong before it rules a pair out."""
HEIGHT_TOLERANCE: Final = 5
ELSEWHERE: Final = timedelta(days=1)
"""Our times are UTC, the dates that people write are those of the place: east of us it may be tomorrow already."""
LONGEST_TEXT: Final = 4000
MOST_ITEMS: Final = 50


class Agreement(StrEnum):
    MATCH = "match"
    MISMATCH = "mismatch"
    BLANK = "blank"
    """One side, or both, does not know."""
    UNCOMPARED = "uncompared"
    """Free text: a person has to read it."""


HARD: Final = frozenset({"sex", "birth_date", "age", "height_cm"})
"""Fields in which one person hardly differs from one description to the next, unless somebody erred."""


class Veto(StrEnum):
    """A fact that makes it impossible that both cases are one person."""

    NONE = ""
    BIRTH_YEAR = "birth_year"
    TIME_ORDER = "time_order"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of two descriptions, as text, with what the texts say about each other."""

    field: str
    low: str
    high: str
    agreement: Agreement


def check_description(description: Description, today: date) -> None:
    """Refuse what cannot be true, or what no form should hold, with an ``Invalid`` that names the field.

    ``today`` is the date in UTC.
    """
    for field in ("age_min", "age_max"):
        age = getattr(description, field)
        if age is not None and not 0 <= age <= OLDEST:
            raise Invalid(f"An age lies between 0 and {OLDEST} years.", field)
    if description.age_min is not None and description.age_max is not None and description.age_min > description.age_max:
        raise Invalid("The lower age is above the upper age.", "age_min")
    if description.height_cm is not None and not 20 <= description.height_cm <= 280:
        raise Invalid("A height lies between 20 and 280 centimetres.", "height_cm")
    for field in ("birth_date", "seen_at"):
        when: PartialDate | None = getattr(description, field)
        if when is not None and not date(today.year - OLDEST, 1, 1) <= when.earliest <= today + ELSEWHERE:
            raise Invalid("The date lies in the future or too far in the past.", field)
    _check_texts(description)


def _check_texts(description: Description) -> None:
    for field in ("ethnic_group", "accent", "clothing", "seen_place", "circumstances"):
        if len(getattr(description, field)) > LONGEST_TEXT:
            raise Invalid(f"At most {LONGEST_TEXT} characters fit here.", field)
    for field in ("names", "languages", "marks"):
        items: tuple[str, ...] = getattr(description, field)
        if len(items) > MOST_ITEMS or any(len(item) > LONGEST_TEXT for item in items):
            raise Invalid(f"At most {MOST_ITEMS} entries of {LONGEST_TEXT} characters fit here.", field)


def birth_years(facts: CaseFacts) -> tuple[int, int] | None:
    """The first and the last year in which the person can have been born, or None where nothing is known."""
    if facts.birth_date is not None:
        return facts.birth_date.year, facts.birth_date.year
    if facts.age_min is None and facts.age_max is None:
        return None
    oldest = facts.age_max if facts.age_max is not None else OLDEST
    youngest = facts.age_min if facts.age_min is not None else 0
    return facts.opened_at.year - oldest - 1, facts.opened_at.year - youngest


def veto(one: CaseFacts, other: CaseFacts) -> Veto:
    """The first fact that rules the pair out. Only what is impossible counts: a wrong veto loses a family."""
    if _births_apart(one, other) > ESTIMATE_TOLERANCE:
        return Veto.BIRTH_YEAR
    if one.kind is not other.kind:
        missing, sheltered = (one, other) if one.kind is CaseKind.MISSING else (other, one)
        if _seen_at_home_while_in_care(missing, sheltered):
            return Veto.TIME_ORDER
    return Veto.NONE


def _births_apart(one: CaseFacts, other: CaseFacts) -> int:
    mine, theirs = birth_years(one), birth_years(other)
    if mine is None or theirs is None:
        return 0
    return max(mine[0] - theirs[1], theirs[0] - mine[1], 0)


def _seen_at_home_while_in_care(missing: CaseFacts, sheltered: CaseFacts) -> bool:
    """Last seen at home on a day after the person had entered care and was still there."""
    last_seen, found = missing.seen_at, sheltered.seen_at
    if last_seen is None or sheltered.state is not CaseState.OPEN:
        return False
    entered = found.latest if found is not None else sheltered.opened_at.date()
    return last_seen.earliest > max(entered, sheltered.opened_at.date()) + ELSEWHERE


def compare(low: Case, high: Case) -> list[Comparison]:
    """The two descriptions field by field, in the order in which a form asks for them."""
    mine, theirs = low.description, high.description
    rows = [
        Comparison("names", _joined(mine.names), _joined(theirs.names), _sets_agree(mine.names, theirs.names)),
        Comparison("sex", mine.sex or "", theirs.sex or "", _values_agree(mine.sex, theirs.sex)),
        Comparison("birth_date", _text(mine.birth_date), _text(theirs.birth_date), _dates_agree(mine, theirs)),
        Comparison("age", _age(mine), _age(theirs), _births_agree(low.facts, high.facts)),
        Comparison("height_cm", _text(mine.height_cm), _text(theirs.height_cm), _heights_agree(mine, theirs)),
    ]
    for field in ("ethnic_group", "accent"):
        a, b = getattr(mine, field), getattr(theirs, field)
        rows.append(Comparison(field, a, b, _values_agree(a.strip().casefold() or None, b.strip().casefold() or None)))
    rows.append(
        Comparison(
            "languages", _joined(mine.languages), _joined(theirs.languages), _sets_agree(mine.languages, theirs.languages)
        )
    )
    for field in ("marks", "clothing", "seen_at", "seen_place", "circumstances"):
        a, b = (
            _joined(value) if isinstance(value, tuple) else _text(value)
            for value in (getattr(mine, field), getattr(theirs, field))
        )
        rows.append(Comparison(field, a, b, Agreement.UNCOMPARED if a and b else Agreement.BLANK))
    return rows


def _text(value: object | None) -> str:
    return "" if value is None else str(value)


def _joined(items: tuple[str, ...]) -> str:
    return " / ".join(items)


def _age(description: Description) -> str:
    low, high = description.age_min, description.age_max
    if low is None and high is None:
        return ""
    return str(low) if low == high else f"{_text(low)}-{_text(high)}"


def _values_agree(one: object | None, other: object | None) -> Agreement:
    if one is None or other is None:
        return Agreement.BLANK
    return Agreement.MATCH if one == other else Agreement.MISMATCH


def _sets_agree(one: tuple[str, ...], other: tuple[str, ...]) -> Agreement:
    if not one or not other:
        return Agreement.BLANK
    common = {item.strip().casefold() for item in one} & {item.strip().casefold() for item in other}
    return Agreement.MATCH if common else Agreement.MISMATCH


def _dates_agree(one: Description, other: Description) -> Agreement:
    """Partial dates agree as far as both are known."""
    if one.birth_date is None or other.birth_date is None:
        return Agreement.BLANK
    overlap = one.birth_date.earliest <= other.birth_date.latest and other.birth_date.earliest <= one.birth_date.latest
    return Agreement.MATCH if overlap else Agreement.MISMATCH


def _births_agree(one: CaseFacts, other: CaseFacts) -> Agreement:
    if birth_years(one) is None or birth_years(other) is None:
        return Agreement.BLANK
    return Agreement.MATCH if _births_apart(one, other) == 0 else Agreement.MISMATCH


def _heights_agree(one: Description, other: Description) -> Agreement:
    if one.height_cm is None or other.height_cm is None:
        return Agreement.BLANK
    near = abs(one.height_cm - other.height_cm) <= HEIGHT_TOLERANCE
    return Agreement.MATCH if near else Agreement.MISMATCH


def youngest_age(case: Case, day: date | None = None) -> int | None:
    """The lowest age, in years, that the person can have had on a day, or when the case was opened; None where nothing is
    known of it."""
    said, years, opened = case.description.birth_date, birth_years(case.facts), case.opened_at.date()
    if years is None:
        return None
    on, birthday = day or opened, said.latest if said is not None else opened
    birthday_to_come = (on.month, on.day) < (birthday.month, birthday.day)
    return max(0, on.year - years[1] - birthday_to_come)


def age_then(photo: Photo, case: Case) -> int | None:
    """How old the person was in a photo, to the year: as somebody said, or from the years of birth and of the photo."""
    if photo.age_in_photo is not None:
        return photo.age_in_photo
    year, born = year_taken(photo, case), case.description.birth_date
    return None if year is None or born is None or year < born.year else year - born.year


def year_taken(photo: Photo, case: Case) -> int | None:
    """The year in which a photo was taken, as far as anybody said; a shelter's own photo is taken when it is received."""
    when = _taken(photo, case)
    return None if when is None else when.year


def taken_by(photo: Photo, case: Case) -> PartialDate | None:
    """When a photo was taken, or by when at the latest: nobody took one of somebody missing after they were last seen."""
    return _taken(photo, case) or (case.description.seen_at if case.kind is CaseKind.MISSING else None)


def _taken(photo: Photo, case: Case) -> PartialDate | None:
    born = case.description.birth_date
    if photo.taken_on is not None:
        return photo.taken_on
    if photo.age_in_photo is not None and born is not None:
        return PartialDate(born.year + photo.age_in_photo)
    received = photo.received_at
    return PartialDate(received.year, received.month, received.day) if case.kind is CaseKind.SHELTERED else None
