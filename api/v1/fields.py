"""What the fields of requests may hold: text without control characters, partial dates, whole numbers, identifiers."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, Strict, StringConstraints, WithJsonSchema

from tracing.domain import PartialDate
from tracing.errors import NotFound
from tracing.facts import LONGEST_TEXT

LONGEST_LINE: Final = 200
MOST_SKIPPED: Final = 1_000_000
AN_ID: Final = "3f2b8c1e9a7d4c5f8e6b0a1d2c3e4f50"

_NOT_IN_LINES = "\x00-\x1f\x7f-\x9f"
_NOT_IN_PROSE = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # tabs and line ends are fine
_LINE_BAD = re.compile(f"[{_NOT_IN_LINES}]")
_PROSE_BAD = re.compile(f"[{_NOT_IN_PROSE}]")
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Body(BaseModel):
    """A JSON body. Unknown fields are refused: a field with a spelling mistake would otherwise be lost without a word."""

    model_config = ConfigDict(extra="forbid")


def _line(text: str) -> str:
    if _LINE_BAD.search(text):
        raise ValueError("a line of text holds no control characters and no line ends")
    return text


def _prose(text: str) -> str:
    if _PROSE_BAD.search(text):
        raise ValueError("a text holds no control characters")
    return text


def _known_shape(text: str) -> str:
    """What has not the form of our identifiers names nothing: 404, whatever it is."""
    if not _ID.fullmatch(text):
        raise NotFound("There is no such thing.")
    return text


def _partial_date(value: Any) -> PartialDate:
    try:
        return PartialDate.parse(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError("a date is written YYYY, YYYY-MM or YYYY-MM-DD, as far as it is known") from error


_line_schema = Field(json_schema_extra={"pattern": f"^[^{_NOT_IN_LINES}]*$"})
_prose_schema = Field(json_schema_extra={"pattern": f"^[^{_NOT_IN_PROSE}]*$"})

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_LINE), AfterValidator(_line), _line_schema]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT), AfterValidator(_prose), _prose_schema]
Item = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_LINE), AfterValidator(_line), _line_schema
]
Items = Annotated[list[Item], Field(max_length=50)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT), AfterValidator(_prose), _prose_schema
]
Whole = Annotated[int, Strict()]
Date = Annotated[
    PartialDate,
    PlainValidator(_partial_date),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
            "description": "As far as it is known: YYYY, YYYY-MM or YYYY-MM-DD.",
            "examples": ["1961", "1961-03", "1961-03-14"],
        }
    ),
]

Id = Annotated[str, AfterValidator(_known_shape), Path(description="32 hexadecimal digits, as answers hold them.")]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many.")]
Offset = Annotated[int, Query(ge=0, le=MOST_SKIPPED, description="Leave out so many at the start.")]
