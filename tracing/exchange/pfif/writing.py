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
    root = Element(f"{{{ATOM}}}feed")
    for name, text in (("id", feed_id), ("title", title), ("updated", written_time(updated))):
        SubElement(root, f"{{{ATOM}}}{name}").text = _clean(text)
    SubElement(root, f"{{{ATOM}}}link", {"rel": "self", "href": address})
    for person in persons:
        root.append(_entry(person, title, with_notes))
    return _document(root)


def _entry(person: PersonRecord, publisher: str, with_notes: bool) -> Element:
    entry = Element(f"{{{ATOM}}}entry")
    entry.append(_person(person, with_notes))
    first_name = person.full_name.partition("\n")[0] or UNKNOWN_NAME
    texts = {
        "id": f"pfif:{person.person_record_id}",
        "title": first_name,
        "updated": written_time(person.source_date),
    }
    for name, text in texts.items():
        SubElement(entry, f"{{{ATOM}}}{name}").text = _clean(text)
    author = SubElement(entry, f"{{{ATOM}}}author")
    SubElement(author, f"{{{ATOM}}}name").text = _clean(person.author_name or person.source_name or publisher)
    SubElement(entry, f"{{{ATOM}}}content").text = _clean(person.description or first_name)
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
