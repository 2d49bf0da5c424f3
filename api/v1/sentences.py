"""What the JSON API refuses, as people read it: the sentences that only programs meet, and those of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from api.staff import sentences
from api.staff.words import SAID


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


OF_REQUESTS: Final = (
    _("Something is wrong on the server; the operator finds the reason in its log."),
    _("The service cannot work at the moment; the operator finds the reason in its log."),
    _("The database was migrated to another version of the program, or lacks a table."),
    _("The service is taking in as many photos as it can hold. Please send this again in a minute."),
    _("A request may send %(most)s MiB at most here. Send fewer or smaller photos at once."),
    _("The request took too long to arrive. Send it again, over a better line or with smaller photos."),
    _("This key sends more requests in a minute than it may. Wait, then go on more slowly."),
    _("The database is busy. Try again in a moment."),
    _("The audit cannot be written, so nothing was changed. The operator has to look at it."),
    _("The audit can be neither read nor written just now, so nothing was changed. The operator has to look at it."),
    _("The request makes no sense."),
    _("There was an error parsing the body"),
    _("The form cannot be parsed."),
    _("Send the form in UTF-8."),
    _("Send an API key: Authorization: Bearer <key>."),
    _("Send the key in the header, Authorization: Bearer <key>, and never in an address."),
    _("The API key is missing, unknown or disabled."),
    _("A name has between 1 and 100 printable characters."),
    _("There is no account named %(name)s with the role partner."),
    _("There is no account named %(name)s."),
    _("Somebody else has changed this case since you read it; read it again."),
    _("Send a form (multipart/form-data) with a JSON part `case` and the photos as parts `photo`."),
    _("Send the case as one part `case` that holds JSON."),
    _("The case may have at most %(most)s KiB of JSON."),
    _("The form has the parts `case` and `photo`, and %(number)s that are neither."),
    _("The form has %(number)s parts that nobody knows."),
    _("Send each photo as a file, with a file name."),
    _("The photo file is larger than %(most)s MB. Please send a smaller copy or take a new one."),
    _("A face is not unchosen: choose the right face of the photo instead."),
    _("Send the PFIF document as the body, with Content-Type: application/xml."),
    _("Write a time as yyyy-mm-ddThh:mm:ssZ."),
)
OF_FORMS: Final = (
    _("The form breaks off before its end. Send it again."),
    _("Invalid multipart data."),
    _("Expected UploadFile, received: %(kind)s"),
    _("Missing boundary in multipart."),
    _('The Content-Disposition header field "name" must be provided.'),
    _("Field exceeded maximum size of %(most)sKB."),
    _("Part exceeded maximum size of %(most)sKB."),
    _("Too many fields. Maximum number of fields is %(most)s."),
    _("Too many files. Maximum number of files is %(most)s."),
)
"""Ours, and those of Starlette."""
OF_PARTNERS: Final = (
    _("A program of a partner has an API key, and no password: the pages are not for it."),
    _("Its source_date lies in the future: nothing that is written later could replace it, or end it."),
    _(
        "No note about the record that this one links to links back: that two records are one person is taken once both say "
        "so. Send this note again then."
    ),
    _("Nobody here has the record that this note is about."),
    _("That somebody is believed dead is not taken from this sender; the operator may allow it."),
    _("This note was about somebody else before."),
    _("What is here of this note was written later; an older version changes nothing."),
)
OF_FIELDS: Final = (
    _("a line of text holds no control characters and no line ends"),
    _("a text holds no control characters"),
    _("a date is written YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known"),
    _("a time is written 2026-02-12T10:00:00+08:00"),
    _("a day is written 2026-03-15"),
    _("the code of a place has only digits"),
)
OF_PYDANTIC: Final = (
    _("Field required"),
    _("Extra inputs are not permitted"),
    _("JSON decode error"),
    _("Invalid JSON at line %(line)s column %(column)s"),
    _("Input should be a valid string"),
    _("Input should be a valid string, unable to parse raw data as a unicode string"),
    _("String should have at least 1 character"),
    _("String should have at least %(least)s characters"),
    _("String should have at most %(most)s characters"),
    _("String should match pattern '%(pattern)s'"),
    _("Input should be a valid integer"),
    _("Input should be a valid integer, unable to parse string as an integer"),
    _("Input should be a valid integer, got a number with a fractional part"),
    _("Unable to parse input string as an integer, exceeded maximum size"),
    _("Input should be a finite number"),
    _("Input should be greater than or equal to %(least)s"),
    _("Input should be less than or equal to %(most)s"),
    _("Input should be a valid boolean"),
    _("Input should be a valid boolean, unable to interpret input"),
    _("Input should be a valid list"),
    _("Input should be a valid dictionary"),
    _("Input should be a valid dictionary or object to extract fields from"),
    _("Input should be a valid dictionary or instance of %(name)s"),
    _("List should have at least 1 item after validation, not %(number)s"),
    _("List should have at least %(least)s items after validation, not %(number)s"),
    _("List should have at most %(most)s items after validation, not %(number)s"),
    _("Dictionary should have at most %(most)s items after validation, not %(number)s"),
    _("Input should be a valid date"),
    _("Input should be a valid date in the format YYYY-MM-DD"),
    _("Input should be a valid date or datetime"),
    _("Datetimes provided to dates should have zero time - e.g. be exact dates"),
    _("Input should be a valid datetime"),
    _("Input should be a valid datetime or date"),
    _("Input should have timezone info"),
    _("Input should be %(expected)s"),
)
IN_ENGLISH_ALONE: Final = re.compile(
    r"(?:(Input should be a valid date[^,]*), .*|(Invalid JSON): .*( at line \d+ column \d+))", re.DOTALL
)
"""Which letter of a date is wrong, where it is said how one is written; and what a parser of JSON expected at a place."""
SENTENCES: Final = (*OF_REQUESTS, *OF_FORMS, *OF_PARTNERS, *OF_FIELDS, *OF_PYDANTIC)


def told(gettext: Callable[[str], str], text: str, photo: str = "") -> str:
    """A sentence in the reader's language, as it stands where it is unknown. ``photo``: the word for what is wrong with one."""
    if photo in SAID["problem"]:
        return gettext(SAID["problem"][photo])
    if not text:
        return ""  # what a catalogue has under this is about itself
    if (more := IN_ENGLISH_ALONE.fullmatch(text)) is not None:
        text = "".join(part for part in more.groups() if part)
    found = sentences.told(gettext, text, SENTENCES)
    if found != text:
        return found.replace("' or '", "'、'").replace("', '", "'、'")
    found = sentences.told(gettext, text)
    return found if found != text else gettext(text)
