"""Reading what a browser or a program sends as a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from http import HTTPStatus
from typing import Final, TypedDict, Unpack

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

UTF_8: Final = (b"utf-8", b"utf8")


class Fields:
    """The text fields of a form."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    def text(self, name: str) -> str:
        """What was typed, without surrounding blanks; empty where the field is not there."""
        value = self._form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self) -> dict[str, str]:
        """Every text field, the last one where a name comes twice."""
        return {name: value.strip() for name, value in self._form.multi_items() if isinstance(value, str)}


class Limits(TypedDict, total=False):
    """As ``Request.form`` takes them."""

    max_files: int
    max_fields: int
    max_part_size: int


async def parsed(request: Request, **limits: Unpack[Limits]) -> FormData:
    """The form, to be closed by the caller; whatever is no form is a 400, also what the parser did not foresee.

    One that breaks off is none: the parser leaves out its last field, and a case was opened without its photo.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        if options.get(b"charset", UTF_8[0]).lower() not in UTF_8:
            # In others halves of characters can be written, which no page can be made of.
            raise HTTPException(HTTPStatus.BAD_REQUEST, "Send the form in UTF-8.")
        end = b"--" + options.get(b"boundary", b"") + b"--"
        request.stream = partial(_to_its_end, request.stream(), end)  # type: ignore[method-assign]  # what form() reads
    try:
        return await request.form(**limits)
    except (HTTPException, ClientDisconnect):
        raise
    except Exception as error:  # such as a charset that is none
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be parsed.") from error


async def _to_its_end(pieces: AsyncIterator[bytes], end: bytes) -> AsyncGenerator[bytes]:
    """The pieces as they come; an error after the last one where the form has not ended by then."""
    last, ended = b"", False
    async for piece in pieces:
        last += piece
        ended = ended or end in last
        last = last[-len(end) :]
        yield piece
    if not ended:
        raise MultiPartException("The form breaks off before its end. Send it again.")
