"""PFIF 1.4 as a file, and as an Atom feed: only fields that hold something, in the order of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from tracing.exchange.pfif.layout import ATOM, ILLEGAL, NAMESPACE, NOTE, PERSON, PLACEHOLDER, written_time
from tracing.exchange.pfif.records import UNKNOWN_NAME, NoteRecord, PersonRecord

register_namespace("pfif", NAMESPACE)
register_namespace("atom", ATOM)


def write(persons: Iterable[PersonRecord], *, with_notes: bool = True) -> bytes:
    """A PFIF 1.4 document of the records, UTF-8. A placeholder has its four fields and nothing else."""
    root = Element(f"{{{NAMESPACE}}}pfif")
    for person in persons:
        root.append(_person(person, with_notes))
    return _document(root)


def write_notes(notes: Iterable[NoteRecord]) -> bytes:
    """A PFIF 1.4 document of notes by themselves, each with the id of the person it is about."""
    root = Element(f"{{{NAMESPACE}}}pfif")
    for note in notes:
        _fill(SubElement(root, f"{{{NAMESPACE}}}note"), note, NOTE)
    return _document(root)


def feed(
    persons: Iterable[PersonRecord],
    *,
    feed_id: str,
    title: str,
    address: str,
    updated: datetime,
    with_notes: bool = True,
) -> bytes:
    """An Atom feed of the records, UTF-8; ``address`` is where it was fetched from, which it repeats as ``self``."""
    root = _feed(feed_id, title, address, updated)
    for person in persons:
        name = person.full_name.partition("\n")[0] or UNKNOWN_NAME
        author = person.author_name or person.source_name or title
        entry = _entry(person.person_record_id, name, person.source_date, author, person.description or name)
        entry.insert(0, _person(person, with_notes))
        root.append(entry)
    return _document(root)


def feed_of_notes(notes: Iterable[NoteRecord], *, feed_id: str, title: str, address: str, updated: datetime) -> bytes:
    """As ``feed``, of notes by themselves."""
    root = _feed(feed_id, title, address, updated)
    for note in notes:
        entry = _entry(note.note_record_id, note.text, note.source_date, note.author_name or title, note.text)
        element = Element(f"{{{NAMESPACE}}}note")
        _fill(element, note, NOTE)
        entry.insert(0, element)
        root.append(entry)
    return _document(root)


def _feed(feed_id: str, title: str, address: str, updated: datetime) -> Element:
    root = Element(f"{{{ATOM}}}feed")
    for name, text in (("id", feed_id), ("title", title), ("updated", written_time(updated))):
        SubElement(root, f"{{{ATOM}}}{name}").text = _clean(text)
    SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "href": address})
    return root


def _entry(record_id: str, title: str, updated: datetime, author: str, content: str) -> Element:
    entry = Element(f"{{{ATOM}}}entry")
    for name, text in (("id", f"pfif:{record_id}"), ("title", title), ("updated", written_time(updated))):
        SubElement(entry, f"{{{ATOM}}}{name}").text = _clean(text)
    SubElement(SubElement(entry, f"{{{ATOM}}}author"), f"{{{ATOM}}}name").text = _clean(author)
    SubElement(entry, f"{{{ATOM}}}content").text = _clean(content)
    return entry


def _person(person: PersonRecord, with_notes: bool) -> Element:
    element = Element(f"{{{NAMESPACE}}}person")
    _fill(element, person, PLACEHOLDER if person.placeholder else PERSON)
    if with_notes and not person.placeholder:
        for note in person.notes:
            _fill(SubElement(element, f"{{{NAMESPACE}}}note"), note, NOTE)
    return element


def _fill(element: Element, record: PersonRecord | NoteRecord, fields: tuple[str, ...]) -> None:
    for name, text in _texts(record, fields):
        SubElement(element, f"{{{NAMESPACE}}}{name}").text = text


def _texts(record: PersonRecord | NoteRecord, fields: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in fields:
        value = getattr(record, name)
        if isinstance(value, datetime):
            yield name, written_time(value)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        elif value:
            yield name, _clean(value)


def _clean(text: str) -> str:
    return ILLEGAL.sub("", text)


def _document(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
