"""The fields of PFIF 1.4 in the order of its specification, and what they were called before (zesty.ca/pfif/1.4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

NAMESPACE: Final = "http://zesty.ca/pfif/1.4"
VERSIONS: Final = {f"http://zesty.ca/pfif/{version}": version for version in ("1.1", "1.2", "1.3", "1.4")}
ATOM: Final = "http://www.w3.org/2005/Atom"

PERSON: Final = (
    *("person_record_id", "entry_date", "expiry_date", "author_name", "author_email", "author_phone"),
    *("source_name", "source_date", "source_url", "full_name", "given_name", "family_name", "alternate_names"),
    *("description", "sex", "date_of_birth", "age", "home_street", "home_neighborhood", "home_city", "home_state"),
    *("home_postal_code", "home_country", "photo_url", "profile_urls"),
)
NOTE: Final = (
    *("note_record_id", "person_record_id", "linked_person_record_id", "entry_date", "author_name", "author_email"),
    *("author_phone", "source_date", "author_made_contact", "status", "email_of_found_person", "phone_of_found_person"),
    *("last_known_location", "text", "photo_url"),
)
PLACEHOLDER: Final = ("person_record_id", "entry_date", "expiry_date", "source_date")
"""All that remains of a record a day after its expiry, so that copies elsewhere die too."""
FORMER: Final = {
    "first_name": "given_name",
    "last_name": "family_name",
    "found": "author_made_contact",
    "other": "description",
    "home_zip": "home_postal_code",
}
"""Names of 1.1 to 1.3."""

IDS: Final = frozenset({"person_record_id", "note_record_id", "linked_person_record_id"})
STATUSES: Final = frozenset({"information_sought", "is_note_author", "believed_alive", "believed_missing", "believed_dead"})
SEXES: Final = frozenset({"female", "male", "other"})
AGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
RECORD_ID: Final = re.compile(rf"({DOMAIN.pattern})/(\S{{1,500}})", re.ASCII)
"""``domain/local``."""
ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""
_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?Z", re.ASCII)


def written_time(moment: datetime) -> str:
    """``yyyy-mm-ddThh:mm:ssZ`` of an aware time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """The time of ``yyyy-mm-ddThh:mm:ssZ``, with or without a fraction; anything else is a ``ValueError``."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time of the form yyyy-mm-ddThh:mm:ssZ: {text[:40]!r}")
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
