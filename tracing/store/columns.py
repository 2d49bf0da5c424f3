"""Column types that take and give domain values: aware times, words of an enum, partial dates, JSON."""

# ruff: noqa: ARG002 -- the dialect is part of SQLAlchemy's signature, needed or not
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from tracing.domain import Box, Candidate, Grounds, Landmarks, Mention, MentionKind, Part, PartialDate, Quality, Reply
from tracing.errors import Invalid
from tracing.store.rows import values_of
from tracing.store.text import canonical_json, storable

LARGEST = 2**31 - 1

BigNumber = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number; SQLite numbers rows by itself only in a column of its plain integer type."""


class Plain(TypeDecorator[str]):
    """Text that every database can hold, ordered by code point everywhere, as Python orders it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Whole(TypeDecorator[int]):
    """A whole number of 32 bits. ``Invalid`` beyond, on every database alike."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and abs(value) > LARGEST:
            raise Invalid("A number is too large to be stored.")
        return value


class Moment(TypeDecorator[datetime]):
    """A time, stored in UTC and aware when read. A naive one is a mistake of the caller."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """A member of an enum, stored as its word."""

    impl = Plain
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return (value if isinstance(value, self.words) else self.words(value)).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Partial(TypeDecorator[PartialDate]):
    """A date as far as it is known, stored as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``: a DATE would invent the rest."""

    impl = Plain
    cache_ok = True

    def process_bind_param(self, value: PartialDate | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> PartialDate | None:
        return None if value is None else PartialDate.parse(value)


class Json(TypeDecorator[Any]):
    """A value as JSON text in one spelling; ``encode`` and ``decode`` lead from the domain's type to plain JSON and back."""

    impl = Plain
    cache_ok = True

    def __init__(self, encode: Callable[[Any], Any], decode: Callable[[Any], Any]) -> None:
        super().__init__()
        self.encode = encode
        self.decode = decode

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_json(self.encode(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.decode(json.loads(value))


class WordList(TypeDecorator[list[str]]):
    """Words without spaces in them: an array where the database indexes arrays, else text with a space between two."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(Text(collation="C")) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else " ".join(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[str] | None:
        return value.split() if isinstance(value, str) else value


def landmarks(points: list[list[float]]) -> Landmarks:
    return tuple((float(x), float(y)) for x, y in points)


def boxes_as_json(found: tuple[Box, ...]) -> list[list[int]]:
    return [[box.left, box.top, box.right, box.bottom] for box in found]


def boxes(stored: list[list[int]]) -> tuple[Box, ...]:
    return tuple(Box(*sides) for sides in stored)


def quality_as_json(quality: Quality) -> dict[str, Any]:
    return {"score": quality.score, "components": dict(quality.components), "hints": list(quality.hints)}


def quality(stored: dict[str, Any]) -> Quality:
    return Quality(stored["score"], stored["components"], tuple(stored["hints"]))


def candidates_as_json(candidates: tuple[Candidate, ...]) -> list[dict[str, Any]]:
    return [values_of(candidate) for candidate in candidates]


def candidates(stored: list[dict[str, Any]]) -> tuple[Candidate, ...]:
    return tuple(Candidate(**line) for line in stored)


def mentions_as_json(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [values_of(mention) for mention in mentions]


def mentions(stored: list[dict[str, Any]]) -> tuple[Mention, ...]:
    return tuple(_mention(line) for line in stored)


def _mention(line: dict[str, Any]) -> Mention:
    """Lines that were written before anything was shown to people have no reply."""
    reply = line.get("reply")
    return Mention(**line | {"kind": MentionKind(line["kind"]), "reply": None if reply is None else Reply(reply)})


def grounds_as_json(grounds: Grounds) -> dict[str, Any]:
    return values_of(grounds) | {"photos": {case_id: list(digests) for case_id, digests in grounds.photos.items()}}


def grounds(stored: dict[str, Any]) -> Grounds:
    photos = {case_id: tuple(digests) for case_id, digests in stored["photos"].items()}
    return Grounds(**stored | {"photos": photos})


def parts(stored: list[str]) -> tuple[Part, ...]:
    return tuple(Part(each) for each in stored)


def texts() -> Json:
    """A list of texts."""
    return Json(list, tuple)


def mapping() -> Json:
    return Json(dict, dict)
