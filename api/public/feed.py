"""Published notices as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from api.language import translations
from api.notices import words
from api.notices.telling import Telling
from api.public.visit import PublicVisit
from tracing.notices.published import PublicNotice

ATOM: Final = "application/atom+xml"
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOTHING_YET: Final = datetime(2000, 1, 1, tzinfo=UTC)


def feed(notices: Sequence[PublicNotice], visit: PublicVisit) -> bytes:
    """The last published first. In a language that was chosen it is a feed of its own, and its links lead on in that one."""
    language, base = visit.language, visit.base
    say = translations(language).gettext
    own = base + visit.link("/feed.atom")
    # Spelled out: a prefix for this namespace would hold for the whole process, and the exchange with others has its own.
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": language.replace("_", "-")})
    updated = max((each.published_at for each in notices), default=_NOTHING_YET)
    _texts(root, id=own, title=say(words.ALL_NOTICES), updated=_moment(updated))
    SubElement(root, "link", {"rel": "self", "type": ATOM, "href": own})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": base + visit.link("/")})
    for notice in notices:
        root.append(_entry(notice, Telling(language, notice.kind), visit))
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _entry(notice: PublicNotice, telling: Telling, visit: PublicVisit) -> Element:
    path = f"/n/{notice.token}"
    address = visit.base + path
    entry = Element("entry")
    moment = _moment(notice.published_at)
    title = f"{telling.head} · {telling.name(notice.words)}"
    _texts(entry, id=address, title=title, updated=moment, published=moment, summary=telling.summary(notice.words))
    _texts(SubElement(entry, "author"), name=notice.station or telling.say(words.A_STATION))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": visit.base + visit.link(path)})
    SubElement(entry, "link", {"rel": "enclosure", "type": "image/png", "href": visit.base + visit.link(f"{path}/share.png")})
    told = [(line.label, line.text) for line in telling.lines(notice.words)]
    told += [(telling.label("station"), notice.station), (telling.label("contact"), notice.contact)]
    lines = [f"{label}{telling.say(words.COLON)}{text}" for label, text in told if text]
    _texts(entry, content="\n".join([telling.title, *lines, telling.say(words.HELP)]))
    return entry


def _texts(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = _ILLEGAL.sub("", text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
