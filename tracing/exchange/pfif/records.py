"""What PFIF tells of a person: a person record, and the notes about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

UNKNOWN_NAME: Final = "无名氏"
"""A person record needs a name even where nobody knows one."""


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """What somebody said about a person at some time. Texts are empty where nothing was said."""

    note_record_id: str
    source_date: datetime
    author_name: str
    text: str
    person_record_id: str = ""
    linked_person_record_id: str = ""
    """Another person record, here or elsewhere, that is the same person."""
    status: str = ""
    author_made_contact: bool | None = None
    last_known_location: str = ""
    author_email: str = ""
    author_phone: str = ""
    email_of_found_person: str = ""
    phone_of_found_person: str = ""
    photo_url: str = ""
    entry_date: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person record with its notes. ``expired`` alone tells a placeholder, which has nothing else to tell.

    ``remarks``: what the sender wrote and nobody could understand; it was left out, the rest of the record was kept.
    """

    person_record_id: str
    source_date: datetime
    full_name: str = ""
    entry_date: datetime | None = None
    expiry_date: datetime | None = None
    author_name: str = ""
    author_email: str = ""
    author_phone: str = ""
    source_name: str = ""
    source_url: str = ""
    given_name: str = ""
    family_name: str = ""
    alternate_names: str = ""
    description: str = ""
    sex: str = ""
    date_of_birth: str = ""
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as it came."""
    age: str = ""
    """``N`` or ``N-M`` years at ``source_date``."""
    home_street: str = ""
    home_neighborhood: str = ""
    home_city: str = ""
    home_state: str = ""
    home_postal_code: str = ""
    home_country: str = ""
    photo_url: str = ""
    profile_urls: str = ""
    notes: tuple[NoteRecord, ...] = ()
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Each name that the person is known by once, the displayed one first; none where it is only a placeholder."""
        lines = [line.strip() for text in (self.full_name, self.alternate_names) for line in text.splitlines()]
        return tuple(dict.fromkeys(line for line in lines if line and line != UNKNOWN_NAME))

    @property
    def placeholder(self) -> bool:
        """Whether it only says that the record has expired: whoever holds a copy erases it."""
        return self.expiry_date is not None and not self.full_name

    @property
    def status(self) -> str:
        """That of the note with the latest ``source_date`` that has one; empty where none has."""
        told = [note for note in self.notes if note.status]
        return max(told, key=lambda note: note.source_date).status if told else ""

    def expired(self, now: datetime) -> bool:
        return self.expiry_date is not None and self.expiry_date <= now


def one_sided(records: tuple[PersonRecord, ...]) -> tuple[str, ...]:
    """Ids of notes that link their person to another of these records, which does not link back.

    Two records are one person only where both say so (PFIF 1.4, linked_person_record_id).
    """
    ids = {person.person_record_id for person in records}
    links = {
        (person.person_record_id, note.linked_person_record_id): note.note_record_id
        for person in records
        for note in person.notes
        if note.linked_person_record_id in ids
    }
    return tuple(note_id for (one, other), note_id in links.items() if (other, one) not in links)
