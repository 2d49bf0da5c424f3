"""A form that could not be taken although somebody typed it: shown to them again, to be sent once more or to be copied.

A session that ends in the middle of a judgement, a service that is busy, a pair that is gone: none of them may cost what a
person wrote. Nothing of it is kept on the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.forms import parsed
from api.security import FORM_FIELD, FormTokens
from api.staff.visit import MOST_FIELDS, MOST_PHOTOS, Posted, own_path
from api.staff.words import SAID

MOST_BYTES: Final = 1 << 18
"""A stranger cannot make us read more than this."""
PATH: Final = "unsent_path"
SENT: Final = "unsent:"
"""Before the names of the fields, while they travel through the login."""
BY_ITSELF: Final = "by_itself"
NOT_TOLD: Final = frozenset({FORM_FIELD, "version", BY_ITSELF, "password", PATH})
NOT_TYPED: Final = frozenset({"/login", "/logout", "/account/password", "/sign-on/link", "/sign-on/resume"})


@dataclass(frozen=True, slots=True)
class Unsent:
    """``path`` is where the form leads; ``fields`` are its names and values, without the token."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def by_itself(self) -> bool:
        """A script sent it while the person goes on typing."""
        return any(name == BY_ITSELF and value for name, value in self.fields)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was typed or chosen in fields that have a name for people."""
        return [(name, value) for name, value in self.fields if value and name in SAID["field"]]

    @property
    def more(self) -> int:
        """How many other fields were filled in, such as the features of the checklist."""
        return sum(bool(value) and name not in SAID["field"] and name not in NOT_TOLD for name, value in self.fields)

    @classmethod
    def through_login(cls, form: Posted) -> Self | None:
        """As the login page had carried it."""
        path = form.text(PATH)
        fields = tuple((name.removeprefix(SENT), value) for name, value in form.pairs() if name.startswith(SENT))
        return cls(own_path(path), fields) if path and fields else None


async def unsent(request: Request) -> Unsent | None:
    """What somebody typed into a form of ours; None where that is nothing, holds files, or comes from elsewhere."""
    if request.method != "POST" or request.url.path in NOT_TYPED:
        return None
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and int(length) <= MOST_BYTES):
        return None
    try:
        form = await parsed(request, max_files=2 * MOST_PHOTOS, max_fields=MOST_FIELDS)
    except (HTTPException, ClientDisconnect, RuntimeError):
        return None
    tokens: FormTokens = request.app.state.form_tokens
    posted = Posted(form)
    has_photos = any(isinstance(value, UploadFile) and value.size for _, value in form.multi_items())
    await form.close()
    # Sent again it would lack the photos, and nobody would notice.
    return typed_in(request, posted) if not has_photos and tokens.are_ours(request, posted.text(FORM_FIELD)) else None


def typed_in(request: Request, form: Posted) -> Unsent | None:
    """What a form held that was taken from its page and refused; None where nobody had typed anything."""
    found = Unsent(own_path(request.url.path), tuple(each for each in form.pairs() if each[0] != FORM_FIELD))
    return found if found.told or found.more else None
