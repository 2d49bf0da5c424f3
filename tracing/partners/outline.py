"""What partners are told of a person: the few fields of a case that ever leave, as a person record with its notes.

Whatever is not named here stays: contacts, the form with health and papers, marks, circumstances, clues, photos, templates, the
ethnic group, the case's id and reference. A new field of a case is not told unless somebody writes it down here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final

from tracing.domain import Case, CaseKind, CaseState, Description, Outcome, Pair, PairState, ToldNote
from tracing.exchange.pfif.records import UNKNOWN_NAME, NoteRecord, PersonRecord
from tracing.facts import OLDEST
from tracing.notices.wording import tells
from tracing.partners.permitted import Permitted

UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Of a record that nobody has been told yet; who tells it puts in the dates."""
STATUS: Final = {
    CaseKind.MISSING: ("information_sought", "Information about this person is sought."),
    CaseKind.SHELTERED: ("believed_alive", "This person is in care, and their family is sought."),
}
REUNITED: Final = "This person is reunited with their family."
SAME: Final = "These two records are of the same person."
NOT_THE_SAME: Final = "That these two records are of the same person is withdrawn."
LEFT_OUT: Final = "…"
_NUMBER: Final = re.compile(r"(?:[\d〇零一二三四五六七八九幺两][\s\-–—‐.·()（）+]*){7,}[xX]?")
"""Long enough for a telephone, an identity number or a whole date of birth; a year, a month and a height are shorter."""
_PARTS: Final = re.compile(r"([,，;；、。.!！\n]+\s*)")
_ADDRESS: Final = re.compile(r"\S+@\S+|\S+://\S+|\bwww\.\S+", re.IGNORECASE)


def reunited(case: Case) -> bool:
    return case.state is CaseState.CLOSED and case.outcome is Outcome.REUNITED


@dataclass(frozen=True, slots=True)
class Outline:
    """A person as partners are told, and the notes about records of their own that say it is the same one. Without dates."""

    person: PersonRecord
    others: tuple[NoteRecord, ...] = ()
    pairs: Mapping[str, str] = field(default_factory=dict)
    """note_id -> pair_id, of the notes that rest on a pair."""

    @property
    def notes(self) -> tuple[NoteRecord, ...]:
        return (*self.person.notes, *self.others)


def farewell(record_id: str, publisher: str) -> Outline:
    """Of somebody who is reunited with their family: no more than that they are."""
    note = NoteRecord(f"{record_id}.reunited", UNDATED, publisher, REUNITED, record_id, status="believed_alive")
    return Outline(replace(_bare(record_id, publisher), notes=(replace(note, author_made_contact=True),)))


def outline_of(kind: CaseKind, found: Permitted, record_id: str, publisher: str, address: str, now: datetime) -> Outline:
    """Without links. ``address`` is that of the pages for everybody, from which the photo of a published notice is fetched."""
    said = found.said
    status, text = STATUS[kind]
    sought = kind is CaseKind.MISSING and not found.place_hidden
    note = NoteRecord(
        note_record_id=f"{record_id}.status",
        source_date=UNDATED,
        author_name=publisher,
        text=text,
        person_record_id=record_id,
        status=status,
        # Where somebody in care was found leads to where they are now: not for those who may be looking for them.
        last_known_location=_without(found.marks, said.seen_place) if sought else "",
    )
    # Of a photo nothing goes out but the address of what everybody is shown.
    page = f"{address}/n/{found.notice.token}" if address and found.notice is not None else ""
    names = [name for each in said.names if (name := harmless(each))]
    person = replace(
        _bare(record_id, publisher),
        full_name=names[0] if names else UNKNOWN_NAME,
        alternate_names="\n".join(names[1:]),
        description=_described(said, found.marks),
        sex=str(said.sex) if said.sex is not None else "",
        # The year alone: the day is a part of every Chinese identity number.
        date_of_birth=f"{said.birth_date.year:04d}" if said.birth_date is not None else "",
        age=_age(said, found.since, now.date()),
        source_url=page,
        photo_url=f"{page}/photo.jpg" if page and found.notice is not None and found.notice.photo is not None else "",
        notes=(note,),
    )
    return Outline(person)


def _bare(record_id: str, publisher: str) -> PersonRecord:
    return PersonRecord(record_id, UNDATED, UNKNOWN_NAME, source_name=publisher, author_name=publisher)


def linked(outline: Outline, pair: Pair, other_id: str, is_theirs: bool, known: Iterable[ToldNote]) -> Outline:
    """With what a verified pair says: that the record ``other_id`` is the same person; or, revoked, that it is not.

    Where ``is_theirs``, the other record is a partner's, and the note about it is ours to write as well. That something is
    withdrawn is only told where it was told before (``known``).
    """
    person = outline.person
    tag = hashlib.sha256(pair.pair_id.encode()).hexdigest()[:16]
    revoked = pair.state is PairState.REVOKED
    told = {note.note_id for note in known}
    own = _link(f"{person.person_record_id}.same.{tag}", person.person_record_id, other_id, person.author_name, revoked)
    back = _link(f"{person.person_record_id}.theirs.{tag}", other_id, person.person_record_id, person.author_name, revoked)
    mine = (own,) if not revoked or own.note_record_id in told else ()
    theirs = (back,) if is_theirs and (not revoked or back.note_record_id in told) else ()
    pairs = {note.note_record_id: pair.pair_id for note in (*mine, *theirs)}
    return Outline(replace(person, notes=(*person.notes, *mine)), (*outline.others, *theirs), {**outline.pairs, **pairs})


def _link(note_id: str, about: str, other_id: str, publisher: str, revoked: bool) -> NoteRecord:
    if revoked:
        return NoteRecord(note_id, UNDATED, publisher, NOT_THE_SAME, about)
    return NoteRecord(note_id, UNDATED, publisher, SAME, about, linked_person_record_id=other_id)


def digest_of(record: PersonRecord | NoteRecord, *more: str) -> str:
    """The same as long as the record says the same, whenever it was told; without its notes, which have their own."""
    told = replace(record, notes=()) if isinstance(record, PersonRecord) else record
    return hashlib.sha256(repr((told, more)).encode(errors="surrogatepass")).hexdigest()


def harmless(text: str) -> str:
    """Without what may be a telephone, the number of a paper or an address of the net, wherever somebody typed it."""
    return _NUMBER.sub(LEFT_OUT, _ADDRESS.sub(LEFT_OUT, text)).strip()


def _without(marks: frozenset[str], text: str) -> str:
    """What is harmless in it, without the parts that tell of a mark: somebody may have typed it among the clothes."""
    parts = _PARTS.split(text)
    parts[::2] = [LEFT_OUT if tells(part, marks) else part for part in parts[::2]]
    told = "".join(parts)
    return LEFT_OUT if tells(told, marks) else harmless(told)


def _described(said: Description, marks: frozenset[str]) -> str:
    lines = {
        "height": f"{said.height_cm} cm" if said.height_cm is not None else "",
        "clothing": _without(marks, said.clothing),
        "languages": ", ".join(filter(None, (_without(marks, each) for each in said.languages))),
        "accent": _without(marks, said.accent),
    }
    return "\n".join(f"{name}: {text}" for name, text in lines.items() if text)


def _age(said: Description, since: date, today: date) -> str:
    """``N`` or ``N-M`` years today; empty where nothing is known."""
    if said.age_min is None and said.age_max is None:
        return ""
    years = today.year - since.year - ((today.month, today.day) < (since.month, since.day))
    low = (said.age_min or 0) + years
    high = min((said.age_max if said.age_max is not None else OLDEST) + years, 150)
    return str(low) if low == high else f"{low}-{high}"
