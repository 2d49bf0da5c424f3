"""From what an author chooses to what a notice says; and what may stand in no notice at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tracing.domain import Contact, Face, Notice, NoticeField, NoticeMark, NoticePhoto, NoticeWords, Photo, PhotoCut
from tracing.errors import Incomplete
from tracing.notices.wording import SENSITIVE, Source, in_a_row, kept_back, mark_words, only, plain, tells, told
from tracing.vision import Box

LONGEST: Final[Mapping[str, int]] = {
    **dict.fromkeys(("station", "name", "hair"), 60),
    **dict.fromkeys(("contact", "seen_place"), 100),
    **dict.fromkeys(("clothing", "marks", "health", "intellect", "mind"), 200),
}
"""Characters of each text, that all of them together fit on a poster that is read from two steps away."""
MOST_MARKS: Final = 8
LONGEST_REASON: Final = 300
LEAST_DIGITS: Final = 7
"""Fewer make no number that one could call."""

NEEDED: Final = "This is needed."
TOO_MANY: Final = f"At most {MOST_MARKS} entries fit here."
CONTROL: Final = "A text holds no control characters."
NO_SUCH_MARK: Final = "The case has no such mark."
ONE_MARK_BACK: Final = "Keep at least one mark back: whoever truly knows the person can name it."
RESERVED: Final = "The form of the case says that this mark is never told."
TOLD_ELSEWHERE: Final = "What is kept back stands in these words."
PRIVATE: Final = "This is the number of somebody who seeks the person; a notice tells the station's."
WHY_SENSITIVE: Final = "Say why this is told: it is sensitive, and whoever approves the notice reads the reason."

_CONTROLS: Final = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]")


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """What an author chooses. ``marks`` are those that are told; ``clothing`` and ``seen_place`` are None where they are told
    as the case has them."""

    station: str
    contact: str
    shown: frozenset[NoticeField] = frozenset()
    marks: tuple[NoticeMark, ...] = ()
    clothing: str | None = None
    seen_place: str | None = None
    health: str = ""
    intellect: str = ""
    mind: str = ""
    reasons: Mapping[NoticeField, str] = field(default_factory=dict)
    photo_id: str = ""
    cut: PhotoCut = PhotoCut.FACE
    blur: bool = True


def mark_key(mark: NoticeMark) -> str:
    """By which a form names a mark, whatever place it has in the list by then."""
    parts = "\x1f".join((mark.text, mark.mark, mark.body_part, mark.side, mark.note))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Composed:
    """What a draft comes to. ``back`` are the marks that are kept back."""

    station: str
    contact: str
    shown: frozenset[NoticeField]
    words: NoticeWords
    reasons: Mapping[NoticeField, str]
    taken: Mapping[NoticeField, str]
    back: tuple[NoticeMark, ...]


def composed(source: Source, draft: NoticeDraft) -> Composed:
    """As it would read. A field of which there is nothing to tell is not shown, whatever was chosen."""
    everything = replace(
        source.words,
        marks=draft.marks,
        clothing=in_a_row(source.words.clothing if draft.clothing is None else draft.clothing),
        seen_place=in_a_row(source.words.seen_place if draft.seen_place is None else draft.seen_place),
        health=in_a_row(draft.health),
        intellect=in_a_row(draft.intellect),
        mind=in_a_row(draft.mind),
    )
    shown = draft.shown & told(everything)
    if draft.photo_id and NoticeField.PHOTO in draft.shown:
        shown |= {NoticeField.PHOTO}
    words = only(everything, shown)
    reasons = {name: draft.reasons.get(name, "").strip() for name in shown & SENSITIVE}
    taken = {name: source.facts[name] for name in sorted(shown) if name in source.facts}
    station, contact = in_a_row(draft.station), in_a_row(draft.contact)
    return Composed(station, contact, shown, words, reasons, taken, kept_back(source, shown, words))


def check(source: Source, made: Composed, private: Iterable[str]) -> None:
    """``Incomplete`` names all that is wrong at once. ``private`` are numbers of those who seek the person."""
    wrong = _too_long(made)
    if made.reasons.keys() and (bare := [name for name, reason in made.reasons.items() if not reason]):
        wrong |= {f"{name}_reason": WHY_SENSITIVE for name in bare}
    if any(mark not in source.marks for mark in made.words.marks):
        wrong["marks"] = NO_SUCH_MARK
    elif source.reserved & set(made.words.marks):
        wrong["marks"] = RESERVED
    elif source.marks and not made.back:
        wrong["marks"] = ONE_MARK_BACK
    back = mark_words(made.back)
    wrong |= {name: TOLD_ELSEWHERE for name, text in _texts(made).items() if tells(text, back)}
    wrong |= dict.fromkeys(telling_numbers(made, private), PRIVATE)
    if wrong:
        raise Incomplete(wrong)


def telling_numbers(said: Composed | Notice, private: Iterable[str]) -> list[str]:
    """The fields of the form in which one of these numbers stands."""
    numbers = {number for each in private for number in _numbers(each)}
    return [name for name, text in _texts(said).items() if any(each in _digits(text) for each in numbers)]


def private_numbers(contacts: Iterable[Contact], relatives: object) -> list[str]:
    """Texts with the numbers of those who reported the person or are their family, in whatever field somebody typed them;
    ``relatives`` are the rows of the form."""
    rows = relatives if isinstance(relatives, tuple) else ()
    reached = [text for each in contacts if not each.of_the_station for text in (each.phone, each.name, each.place)]
    return reached + [text for row in rows if isinstance(row, Mapping) for text in row.values()]


def photographed(photo: Photo, faces: Iterable[Face], cut: PhotoCut, blur: bool) -> NoticePhoto:
    """What of the photo is shown: around the face of the person, where it is known which one it is, or all of it."""
    there = list(faces)
    own = next((face for face in there if face.of_interest), None)
    others = tuple(_wider(face.box, photo) for face in there if face is not own) if blur else ()
    if cut is PhotoCut.WHOLE or own is None:
        return NoticePhoto(photo.photo_id, PhotoCut.WHOLE, None, others, blur)
    return NoticePhoto(photo.photo_id, PhotoCut.FACE, _head_and_shoulders(own.box, photo), others, blur)


def _head_and_shoulders(face: Box, photo: Photo) -> Box:
    """Four by five around the face, which stands a little above the middle; smaller where the photo ends."""
    width = max(1, min(round(2.4 * face.width), photo.width, round(photo.height * 4 / 5)))
    height = max(1, min(round(width * 5 / 4), photo.height))
    left = min(max(0, face.left + face.width // 2 - width // 2), photo.width - width)
    top = min(max(0, face.top + face.height // 2 - round(height * 0.45)), photo.height - height)
    return Box(left, top, left + width, top + height)


def _wider(face: Box, photo: Photo) -> Box:
    """With hair and chin, by which a face is known as well."""
    across, down = round(0.25 * face.width), round(0.35 * face.height)
    return Box(
        max(0, face.left - across),
        max(0, face.top - down),
        min(photo.width, face.right + across),
        min(photo.height, face.bottom + down),
    )


def too_long(longest: int) -> str:
    return f"At most {longest} characters fit here."


def _too_long(made: Composed) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name, text in _texts(made).items():
        if not text and name in ("station", "contact"):
            wrong[name] = NEEDED
        elif len(text) > LONGEST[name]:
            wrong[name] = too_long(LONGEST[name])
        elif _CONTROLS.search(text):
            wrong[name] = CONTROL
    if len(made.words.marks) > MOST_MARKS:
        wrong["marks"] = TOO_MANY
    long_reasons = [name for name, reason in made.reasons.items() if len(reason) > LONGEST_REASON]
    return wrong | {f"{name}_reason": too_long(LONGEST_REASON) for name in long_reasons}


def _texts(made: Composed | Notice) -> dict[str, str]:
    """Every text that somebody typed, by the field of the form that it stands in."""
    words = made.words
    texts = {name: getattr(words, name) for name in ("clothing", "seen_place", "hair", "health", "intellect", "mind")}
    marks = "\n".join(plain(mark) for mark in words.marks)
    return {"station": made.station, "contact": made.contact, "name": words.name, "marks": marks, **texts}


def _numbers(text: str) -> Iterator[str]:
    """The numbers that one could call, of a text that may hold several; each without the code of its country."""
    for run in _BETWEEN_NUMBERS.split(text.translate(_FULL_WIDTH)):
        for number in (run, *run.split()):
            if len(digits := _digits(number)) >= LEAST_DIGITS:
                yield digits[-11:]


def _digits(text: str) -> str:
    return "".join(each for each in text.translate(_FULL_WIDTH) if each.isascii() and each.isdigit())


_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９", "0123456789")
_BETWEEN_NUMBERS: Final = re.compile(r"[^\d\s\-–—‐－.·()（）+＋]+")
