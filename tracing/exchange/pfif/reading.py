"""PFIF files of others, 1.1 to 1.4: one bad record never costs the others, and nothing outside the file is ever opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from math import inf
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tracing.domain.dates import PartialDate
from tracing.errors import Invalid
from tracing.exchange.pfif.layout import (
    AGE,
    FORMER,
    IDS,
    ILLEGAL,
    NAMESPACE,
    NOTE,
    PERSON,
    RECORD_ID,
    SEXES,
    STATUSES,
    VERSIONS,
    read_time,
)
from tracing.exchange.pfif.records import UNKNOWN_NAME, NoteRecord, PersonRecord

MOST_BYTES: Final = 64 * 2**20
MOST_RECORDS: Final = 200_000
DEEPEST: Final = 8
"""Elements inside of each other; a field of a note of a person stands at four."""
MOST_ELEMENTS: Final = 50_000
"""In one record, its notes included."""
LONGEST_TEXT: Final = 20_000
"""Characters of one field; a longer one is cut, and the record says so."""
_REFERENCE: Final = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));", re.ASCII)
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_TIMES: Final = frozenset({"source_date", "entry_date", "expiry_date"})


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that was left out: its id, empty where it has none, and why."""

    record_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. ``notes`` are those about people who are not in it; ``parsed`` counts records, good and bad."""

    version: str
    persons: tuple[PersonRecord, ...]
    notes: tuple[NoteRecord, ...]
    skipped: tuple[Skipped, ...]

    @property
    def parsed(self) -> int:
        return len(self.persons) + sum(len(person.notes) for person in self.persons) + len(self.notes) + len(self.skipped)


class _Bad(ValueError):
    """This record cannot be taken; the message says why."""


def read(data: bytes, domain: str = "") -> Reading:
    """The records of a PFIF file.

    Args:
        data: the file, UTF-8, at most ``MOST_BYTES``.
        domain: of the sender; records whose ids are of another one are left out. Empty: any.

    Raises:
        Invalid: it is no PFIF, is too large, or declares entities or a document type, which PFIF does not need.
    """
    if len(data) > MOST_BYTES:
        raise Invalid(f"The file is larger than {MOST_BYTES // 2**20} MiB. Send it in parts.", "file")
    file = _File(domain.lower())
    try:
        for path, element in _records(_cleaned(data)):
            file.take(path, element)
    except DefusedXmlException as error:
        raise Invalid("The file declares a document type or entities; PFIF needs neither.", "file") from error
    except ParseError as error:
        line = error.position[0] if getattr(error, "position", None) else 0
        raise Invalid(f"The file is not well-formed XML (line {line}).", "file") from error
    return file.reading()


def _cleaned(data: bytes) -> bytes:
    """Without characters that XML does not allow, which elsewhere a single one would cost the whole file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not UTF-8 (byte {error.start}).", "file") from error
    text = re.sub(r"^<\?xml[^>]*\?>", "", text.lstrip())  # it may name another encoding than the one it has
    return _REFERENCE.sub(_legal_reference, ILLEGAL.sub("", text)).encode()


def _legal_reference(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return found[0] if code <= 0x10FFFF and not ILLEGAL.match(chr(code)) else ""


def _records(data: bytes) -> Iterator[tuple[str, Element]]:
    """(namespace, element) of each record right under the root, which forgets it afterwards.

    ``Invalid`` for what would cost gigabytes before a word of it makes sense: elements in elements, or very many of them.
    """
    depth, root, elements, number = 0, None, 0, 0
    for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth, elements = depth + 1, elements + 1
            if depth > DEEPEST or elements > MOST_ELEMENTS:
                raise Invalid("The file has elements in elements as no PFIF has, or very many in one record.", "file")
            root = element if root is None else root
            if depth == 1:
                namespace = element.tag.rpartition("}")[0].lstrip("{")
                if namespace not in VERSIONS or not element.tag.endswith("}pfif"):
                    raise Invalid(f"This is no PFIF: its root is not pfif of {NAMESPACE} or an earlier version.", "file")
            continue
        depth -= 1
        if depth == 1 and root is not None:
            number, elements = number + 1, 0
            if number > MOST_RECORDS:
                raise Invalid(f"The file has more than {MOST_RECORDS:,} records. Send it in parts.", "file")
            yield namespace, element
            root.clear()
    if root is not None:  # a file without a record has a version all the same
        yield namespace, root


def _weight(person: PersonRecord) -> tuple[datetime, float]:
    """Of records with one id the latest one counts, and of one moment the one that ends sooner: else it would not end."""
    return person.source_date, -inf if person.expiry_date is None else -person.expiry_date.timestamp()


class _File:
    """What was read so far."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._version = ""
        self._persons: dict[str, PersonRecord] = {}
        self._notes: dict[str, NoteRecord] = {}
        self._skipped: list[Skipped] = []

    def take(self, namespace: str, element: Element) -> None:
        self._version = VERSIONS[namespace]
        kind = element.tag.removeprefix(f"{{{namespace}}}")
        if kind == "person":
            self._take(element, f"{{{namespace}}}", "person_record_id", self._person)
        elif kind == "note":
            self._take(element, f"{{{namespace}}}", "note_record_id", self._top_note)
        elif kind.rpartition("}")[2] in ("person", "note"):
            self._skipped.append(Skipped("", f"a record of another namespace than its file: {element.tag[:100]}"))

    def reading(self) -> Reading:
        persons = dict(self._persons)
        loose = []
        for note in self._notes.values():
            person = persons.get(note.person_record_id)
            if person is None:
                loose.append(note)
            else:
                persons[person.person_record_id] = replace(person, notes=(*person.notes, note))
        return Reading(self._version, tuple(persons.values()), tuple(loose), tuple(self._skipped))

    def _take(self, element: Element, prefix: str, key: str, made: Callable[[Element, str], None]) -> None:
        try:
            made(element, prefix)
        except _Bad as error:
            record_id = (element.findtext(prefix + key) or "").strip()[:500]
            self._skipped.append(Skipped(record_id, str(error)))

    def _person(self, element: Element, prefix: str) -> None:
        said = _said(element, prefix, PERSON, but=("note",))
        person_id = self._own_id(said, "person_record_id")
        person, earlier = _person(said, self._version), self._persons.get(person_id)
        notes: dict[str, NoteRecord] = {}
        if earlier is not None:
            if _weight(person) <= _weight(earlier):
                raise _Bad("a record with this id stands earlier in the file")
            self._skipped.append(Skipped(person_id, "a record with this id that counts more stands later in the file"))
            notes = {note.note_record_id: note for note in earlier.notes}

        def add(inner: Element, prefix: str) -> None:
            self._keep(notes, self._note(inner, prefix, person_id))

        for inner in element.findall(prefix + "note"):
            self._take(inner, prefix, "note_record_id", add)
        self._persons[person_id] = replace(person, notes=tuple(notes.values()))

    def _top_note(self, element: Element, prefix: str) -> None:
        self._keep(self._notes, self._note(element, prefix, ""))

    def _keep(self, notes: dict[str, NoteRecord], note: NoteRecord) -> None:
        """Of notes with one id the latest one counts."""
        earlier = notes.get(note.note_record_id)
        if earlier is not None:
            if note.source_date <= earlier.source_date:
                raise _Bad("a note with this id stands earlier in the file")
            self._skipped.append(Skipped(note.note_record_id, "a note with this id that counts more stands later in the file"))
        notes[note.note_record_id] = note

    def _note(self, element: Element, prefix: str, person_id: str) -> NoteRecord:
        """``person_id``: of the person record that it stands in, empty for one that stands by itself."""
        said = _said(element, prefix, NOTE)
        self._own_id(said, "note_record_id")
        about = said.get("person_record_id", "")
        if person_id and about not in ("", person_id):
            raise _Bad(f"the note is about {about}, and stands in the record of {person_id}")
        if not person_id and RECORD_ID.fullmatch(about) is None:
            raise _Bad("a note outside a person record needs the person_record_id that it is about")
        return _note(said | {"person_record_id": person_id or about})

    def _own_id(self, said: Mapping[str, str], name: str) -> str:
        found = RECORD_ID.fullmatch(said.get(name, ""))
        if found is None:
            raise _Bad(f"{name} is missing, or not of the form domain/local")
        if self._domain and found[1] != self._domain:
            raise _Bad(f"{name} is of {found[1]}, not of {self._domain}")
        return found[0]


def _said(element: Element, prefix: str, fields: tuple[str, ...], but: tuple[str, ...] = ()) -> dict[str, str]:
    """Field -> text, by today's names; what PFIF does not know is left out."""
    said: dict[str, str] = {}
    for child in element:
        name = child.tag.removeprefix(prefix) if isinstance(child.tag, str) else ""
        name = FORMER.get(name, name)
        if name not in fields or name in but:
            continue
        if name in said:
            raise _Bad(f"{name} stands there twice")
        said[name] = "".join(child.itertext()).replace("\r\n", "\n").strip()  # some have tags between their words
    return {name: _plain_id(text) if name in IDS else text for name, text in said.items() if text}


def _plain_id(text: str) -> str:
    """With the domain in small letters: it is the same one, and so is the record."""
    domain, slash, local = text.partition("/")
    return domain.lower() + slash + local


def _person(said: dict[str, str], version: str) -> PersonRecord:
    made, remarks = _values(said)
    if "source_date" not in made:
        raise _Bad("source_date is missing, or no time")
    if "expiry_date" in said and "expiry_date" not in made:  # else it would be kept for ever
        raise _Bad("expiry_date is no time")
    if version != "1.4" and "description" in made:
        made["description"] = re.sub(r"\A\s*description:\s*", "", made["description"])
    if not made.get("full_name") and "expiry_date" not in made:
        name = _joined(made.get("family_name", ""), made.get("given_name", ""))
        if not name and version not in ("1.1", "1.2"):
            remarks.append("full_name is missing")
        made["full_name"] = name or UNKNOWN_NAME
    for name, good in _CHECKS.items():
        if name in made and not good(made[name]):
            remarks.append(f"{name} makes no sense: {made.pop(name)[:60]}")
    return PersonRecord(**made, remarks=tuple(remarks))


def _note(said: dict[str, str]) -> NoteRecord:
    made, _ = _values(said)
    if "source_date" not in made:
        raise _Bad("source_date is missing, or no time")
    if made.get("status", "") not in STATUSES:
        made.pop("status", None)
    met = made.pop("author_made_contact", "")
    if met in ("true", "false"):
        made["author_made_contact"] = met == "true"
    return NoteRecord(**{"author_name": "", "text": ""} | made)


def _values(said: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Times read, texts cut to length, and what was changed by that."""
    made: dict[str, Any] = {}
    remarks = []
    for name, text in said.items():
        if name in _TIMES:
            try:
                made[name] = read_time(text)
            except ValueError as error:
                remarks.append(f"{name}: {error}")
        else:
            made[name] = text[:LONGEST_TEXT]
            if len(text) > LONGEST_TEXT:
                remarks.append(f"{name} was cut after {LONGEST_TEXT} characters")
    return made, remarks


def _joined(family: str, given: str) -> str:
    """A name of both parts: the family's first, without a space, where it is written in Chinese."""
    if _HAN.match(family or given):
        return family + given
    return f"{given} {family}".strip()


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        return bool(PartialDate.parse(text))
    return False


def _is_age(text: str) -> bool:
    found = AGE.fullmatch(text)
    return found is not None and int(found[1]) <= int(found[2] or found[1]) <= 150


_CHECKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "sex": SEXES.__contains__,
    "date_of_birth": _is_date,
    "age": _is_age,
}
