"""Words about lists of other departments, marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "ListPurpose": {
        "import": _("Bring it in"),
        "compare": _("Compare only, keep nothing"),
    },
    "purpose_meaning": {
        "import": _(
            "Each record becomes a case here, once, and is searched like every other. A list sent again changes nothing."
        ),
        "compare": _("Each record is searched for among everybody here. Only who may be the same person is kept, as a hit."),
    },
    "purpose_done": {"import": _("Brought in"), "compare": _("Compared")},
    "ListStage": {
        "columns": _("Say what the columns are"),
        "checking": _("Being read"),
        "checked": _("Read; nothing was done yet"),
        "running": _("Under way"),
        "failed": _("Could not be done"),
    },
    "Column": {
        "source_id": _("The sender's number of the record"),
        "kind": _("Missing, or in care"),
        "names": _("Names"),
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "sex": _("Sex"),
        "birth_date": _("Date of birth"),
        "age": _("Age"),
        "id_number": _("Identity number (not kept)"),
        "ethnic_group": _("Ethnic group"),
        "languages": _("Languages"),
        "accent": _("Accent or dialect"),
        "height_cm": _("Height in cm"),
        "marks": _("Special marks"),
        "clothing": _("Clothing"),
        "seen_at": _("Date seen"),
        "seen_place": _("Place seen"),
        "circumstances": _("Circumstances"),
        "contact_name": _("Contact: name"),
        "contact_phone": _("Contact: phone"),
        "contact_place": _("Contact: address"),
        "contact_role": _("Contact: what they are to the person"),
        "photos": _("Photos: names of files"),
    },
    "Change": {
        "new": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "refused": _("Refused"),
    },
    "list_count": {
        "rows": _("Records"),
        "compared": _("Compared by face"),
        "without_face": _("Without a face, compared by words"),
        "here": _("Cases here already"),
        "refused": _("Refused"),
        "found": _("New hits"),
        "again": _("Hits known before"),
        "new": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "photos": _("New photos"),
        "photos_seen": _("Photos looked at"),
        "hits": _("Possible pairs so far"),
    },
    "hits_shown": {
        "waiting": _("Waiting"),
        "followed_up": _("Followed up"),
        "no_match": _("Somebody else"),
    },
    "hit_step": {
        "looked_at": _("I am looking into it"),
        "followed_up": _("It is followed up"),
        "no_match": _("It is somebody else"),
    },
    "hit_meaning": {
        "looked_at": _("The department was asked, say. The hit stays here."),
        "followed_up": _("The department takes it over, or it led on in another way. Say how."),
        "no_match": _("The two are not one person. No later list brings this record up again."),
    },
    "list": {"wrong": _("What is wrong")},
}

FIELDS: Final[Mapping[str, str]] = {
    "source": _("Who sent it"),
    "file": _("The list"),
    "columns": _("Columns"),
    "purpose": _("What is to be done with it"),
    "state": _("What is it?"),
}

SENTENCES: Final = (
    _("Choose the file of the list."),
    _("The file is larger than %(most)s MiB. Send it in parts."),
    _("Say who sent the list, in at most %(most)s characters."),
    _("Without a legal basis nobody may be searched for: a list without one is not compared."),
    _("Of your lists %(most)s wait already: start one, or throw one away."),
    _("This is a file of an old Excel. Save it as .xlsx or as CSV, and send that."),
    _("The spreadsheet has a password. Save it without one, and send it by a safe way."),
    _('This is a spreadsheet in the form "Strict Open XML". Save it as an ordinary .xlsx, and send that.'),
    _(
        "More of the list stands in other sheets: %(names)s. Only one is read: put all into one, "
        "or send each as a file of its own."
    ),
    _("This is a web page, whatever its name says. Open it, save it as .xlsx or as CSV, and send that."),
    _("The file is neither text in UTF-8, GB 18030 or Big5 nor a spreadsheet. Save it as .xlsx or CSV."),
    _("A quotation mark that opens in row %(row)s is never closed: rows below are lost in it."),
    _("The file is no table from line %(line)s on: %(why)s."),
    _("Row %(row)s has more than %(most)s columns."),
    _("Row %(row)s has more than %(most)s characters."),
    _("Row %(row)s has a cell of more than %(most)s characters."),
    _("The spreadsheet has no sheet with cells."),
    _("The spreadsheet is damaged after row %(row)s."),
    _("The spreadsheet is too large when unpacked. Send it in parts, or as CSV."),
    _("%(name)s is no spreadsheet that can be read. Save it as .xlsx or CSV."),
    _("The table has no row with two cells or more."),
    _("No column holds the sender's own number of each record. Say which one it is: %(headings)s"),
    _("Two columns are the same: %(headings)s. Leave one out."),
    _("The list has more than %(most)s rows. Send it in parts."),
    _("The sender's number is missing, or longer than %(most)s characters."),
    _("The same number stands in row %(row)s."),
    _("Nobody can tell which day this number means. Make its column one of dates in the spreadsheet, and send that."),
    _("The spreadsheet has rounded the number, so that it may be somebody else's. Make its column text, and send it again."),
    _("This is no record: it looks like a sum or a note below the table."),
    _("This is no record: the headings stand here once more."),
    _("This is no zip archive that can be read."),
    _("The archive holds more than %(most)s files."),
    _("The archive is encrypted. Send it without a password, by a safe way."),
    _("The photo cannot be read from the archive."),
    _("The photo is larger than %(most)s MiB."),
    _("A photo that the row names did not come with the list, or several are called so."),
    _(
        "A photo was left out, for it may be of another record: it lies in the folder of one and is called after the other, "
        "or both are called alike. Name the photos in a column, or call them otherwise."
    ),
    _("No face can be made out in the photo."),
    _(
        "The face may be somebody's who asked not to be searched, so nothing was searched. "
        "If it is somebody else, open a case for them by hand: a manager lets the photo in."
    ),
    _("This record is a case of another station."),
    _("This record was of the other kind before; a case does not change its kind."),
    _("The list was not read to its end yet, or runs already."),
    _("The list is being brought in already; nothing about it can be changed."),
    _("Somebody else has gone on with this list meanwhile; look at it again."),
    _("This list is not there any more. Hand it in again."),
    _("The disk for lists is full, so the list was not taken. Make room, then send it again."),
    _(
        "The list needs more than half of the room on its disk, where photos of people who come in have to find room too, so "
        "it was not taken. Make room, or send it in parts."
    ),
    _("Nothing may be written to the disk for lists just now. The operator has to look at it; then send it again."),
    _("The list could not be brought to its end. Tell the operator; then hand it in again."),
    _("The account that handed the list in is disabled."),
    _(
        "What the scores of the encoder in use are worth was never measured: nobody could tell a hit from chance. "
        "Measure it (tracing evaluate), then compare."
    ),
    _("Somebody else has decided about this meanwhile; look at it again."),
    _("A hit that is %(now_hit)s cannot become %(then_hit)s."),
    _("A case was opened for this record already, or somebody has ruled it out."),
)
"""What use cases say of lists. What varies is in brackets."""
