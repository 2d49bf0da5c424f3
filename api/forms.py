"""Reading what a browser or a program sends as a form."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypedDict, Unpack

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect


class Limits(TypedDict, total=False):
    """As ``Request.form`` takes them."""

    max_files: int
    max_fields: int
    max_part_size: int


async def parsed(request: Request, **limits: Unpack[Limits]) -> FormData:
    """The form, to be closed by the caller; whatever is no form is a 400, also what the parser did not foresee."""
    try:
        return await request.form(**limits)
    except (HTTPException, ClientDisconnect):
        raise
    except Exception as error:  # such as a charset that is none
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be parsed.") from error
