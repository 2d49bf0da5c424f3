"""A partner's person records as cases that could be opened: what has a place here, and word for word what has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from tracing.domain import CaseKind, Description, PartialDate, RefusedRow, Sex
from tracing.errors import Invalid
from tracing.exchange.pfif.layout import AGE
from tracing.exchange.pfif.records import NoteRecord, PersonRecord
from tracing.facts import LONGEST_TEXT, MOST_ITEMS, check_description
from tracing.importing.drafts import LONGEST_ID, ROLES, Draft
from tracing.importing.portions import TOGETHER, Portion
from tracing.opening import ContactDraft

ALIVE: Final = frozenset({"believed_alive", "is_note_author"})
"""Somebody of whom a partner says so is in somebody's care, or speaks for themselves; everybody else is sought."""
AS_TEXT: Final = (
    *("given_name", "family_name", "home_street", "home_neighborhood", "home_city", "home_state", "home_postal_code"),
    *("home_country", "source_name", "source_url", "profile_urls", "photo_url"),
)
"""Fields that have no place of their own here. Addresses are for people to read: nothing fetches them."""
CUT: Final = "\n…"


class PersonDrafts:
    """The records of a file, numbered in their order, for ``Importing.bring``.

    ``known``: of those that are cases here already, of what kind these are and when they were opened; neither changes.
    """

    def __init__(
        self, persons: Sequence[PersonRecord], known: Mapping[str, tuple[CaseKind, date]], usual: CaseKind, today: date
    ) -> None:
        self._persons = persons
        self._known = known
        self._usual = usual
        self._today = today
        self.first_rows = {person.person_record_id: row for row, person in enumerate(persons, 1)}

    @property
    def count(self) -> int:
        return len(self._persons)

    def id_of(self, row: int) -> str:
        return self._persons[row - 1].person_record_id

    def portions(self, after: int = 0, together: int = TOGETHER) -> Iterator[Portion]:
        for start in range(after, len(self._persons), together):
            drafts, refused = [], []
            for row, person in enumerate(self._persons[start : start + together], start + 1):
                if len(person.person_record_id) > LONGEST_ID:
                    refused.append(RefusedRow("", row, "", f"The id of the record is longer than {LONGEST_ID} characters."))
                else:
                    drafts.append(self._draft(row, person))
            yield Portion(min(start + together, len(self._persons)), tuple(drafts), tuple(refused))

    def _draft(self, row: int, person: PersonRecord) -> Draft:
        kind, opened = self._known.get(person.person_record_id, (kind_of(person, self._usual), self._today))
        unread: dict[str, str] = {}
        described = _described(person, opened, self._today, unread)
        return Draft(row, person.person_record_id, kind, described, _contact(person, kind), unread=tuple(unread.items()))


def kind_of(person: PersonRecord, usual: CaseKind) -> CaseKind:
    """What a new record is here, by the latest status that any note gives it; ``usual`` where none has."""
    status = person.status
    if not status:
        return usual
    return CaseKind.SHELTERED if status in ALIVE else CaseKind.MISSING


def words_of(note: NoteRecord) -> str:
    """What a note says, as a clue keeps it."""
    more = {"status": note.status, "last_known_location": note.last_known_location, "photo_url": note.photo_url}
    if note.author_made_contact is not None:
        more["author_made_contact"] = str(note.author_made_contact).lower()
    said = [note.text, *(f"{name}: {text}" for name, text in more.items() if text)]
    return _cut("\n".join(filter(None, said)) or note.note_record_id)


def _described(person: PersonRecord, opened: date, today: date, unread: dict[str, str]) -> Description:
    """Values that cannot be true are left out, and kept as text."""
    ages = _ages(person, opened)
    facts: dict[str, Any] = {"sex": Sex(person.sex) if person.sex else None}
    for name, given in (
        ("date_of_birth", {"birth_date": PartialDate.parse(person.date_of_birth) if person.date_of_birth else None}),
        ("age", {"age_min": ages[0], "age_max": ages[1]}),
    ):
        try:
            check_description(Description(**given), today)
            facts |= given
        except Invalid:
            unread[name] = str(getattr(person, name))
    return Description(
        names=tuple(_cut(name) for name in person.names[:MOST_ITEMS]),
        seen_place=_cut(_last_seen(person)),
        circumstances=_cut(_story(person, unread)),
        **facts,
    )


def _ages(person: PersonRecord, opened: date) -> tuple[int | None, int | None]:
    """The ages at ``source_date``, as they are on the day on which the case was opened."""
    found = AGE.fullmatch(person.age)
    if found is None:
        return None, None
    written = person.source_date.date()
    years = _years(written, opened) - _years(opened, written)
    low, high = int(found[1]), int(found[2] or found[1])
    return max(0, low + years), max(0, high + years)


def _years(begin: date, end: date) -> int:
    """Whole ones; 0 where the end comes first."""
    return max(0, end.year - begin.year - ((end.month, end.day) < (begin.month, begin.day)))


def _last_seen(person: PersonRecord) -> str:
    told = [note for note in person.notes if note.last_known_location]
    return max(told, key=lambda note: note.source_date).last_known_location if told else ""


def _story(person: PersonRecord, unread: Mapping[str, str]) -> str:
    lines = [person.description]
    lines += [f"{name}: {text}" for name in AS_TEXT if (text := str(getattr(person, name)))]
    lines += [f"{name}: {text}" for name, text in unread.items()]
    return "\n".join(filter(None, (*lines, *person.remarks)))


def _contact(person: PersonRecord, kind: CaseKind) -> ContactDraft | None:
    return contact(ROLES[kind], person.author_name, person.author_phone, person.author_email)


def contact(role: str, name: str, phone: str, email: str) -> ContactDraft | None:
    """None where there is nothing to reach anybody by."""
    reached = "; ".join(filter(None, (phone, email)))
    return ContactDraft(role, name[:200], reached[:400]) if reached else None


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
