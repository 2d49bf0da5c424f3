"""Problem documents (RFC 9457): English, and Chinese for whoever asks for it with ``Accept-Language``.

Only what a person reads has a language: ``title``, ``detail`` and the messages of ``errors``. Programs go by ``type``,
``status`` and the other members, which are alike in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from api.language import translations, wished_by
from tracing.tracked import request_id

PROBLEM: Final = "application/problem+json"
ENGLISH: Final = "en"
CHINESE: Final = "zh_CN"
MOST_IN_DETAIL: Final = 5

Told = Callable[[Callable[[str], str], str, str], str]
"""A sentence in the reader's language, told by itself and the word for what is wrong with a photo, if that is what it is about;
as it stands where it is unknown."""


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


TITLES: Final = {
    400: _("Bad Request"),
    401: _("Unauthorized"),
    403: _("Forbidden"),
    404: _("Not Found"),
    405: _("Method Not Allowed"),
    408: _("Request Timeout"),
    409: _("Conflict"),
    413: _("Request Entity Too Large"),
    421: _("Misdirected Request"),
    422: _("Unprocessable Entity"),
    429: _("Too Many Requests"),
    500: _("Internal Server Error"),
    503: _("Service Unavailable"),
    507: _("Insufficient Storage"),
}
OTHER_NAME: Final = _("This service is not reached under this name.")


class Problem(JSONResponse):
    """The language is settled as it is sent: whoever makes one, a middleware too, makes it in English.

    The application says in ``state.told`` which sentences it knows; one that does not, knows those of the catalogue.
    """

    media_type = PROBLEM

    def __init__(self, content: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> None:
        said = {"Content-Language": ENGLISH, "Vary": "Accept-Language"}
        super().__init__(content, status, {**(headers or {}), **said})
        self._content = content

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if wished_by(Request(scope), ENGLISH) == CHINESE:
            self.body = self.render(in_chinese(self._content, getattr(scope["app"].state, "told", _by_the_catalogue)))
            self.headers["Content-Language"] = CHINESE.replace("_", "-")
            self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def problem(
    status: HTTPStatus, detail: str, name: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """A problem document; ``name`` makes its type, and ``more`` are its extension members.

    A fault of ours names the request, so that the operator finds it in the log.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and (number := request_id.get()):
        more["request_id"] = number
    content = {
        "type": f"urn:tracing:problem:{name}" if name else "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
    }
    return Problem(content | more, status, headers)


def in_one_line(mistakes: Sequence[Mapping[str, str]]) -> str:
    """The first of the mistakes, with the fields they are in."""
    first = mistakes[:MOST_IN_DETAIL]
    return "; ".join(f"{each['field']}: {each['message']}" if each["field"] else each["message"] for each in first)


def in_chinese(content: Mapping[str, Any], told: Told) -> dict[str, Any]:
    say = translations(CHINESE).gettext
    mistakes = content.get("errors", [])
    spoken = [{**each, "message": told(say, each["message"], "")} for each in mistakes]
    listed = mistakes and content["detail"] == in_one_line(mistakes)
    detail = in_one_line(spoken) if listed else told(say, content["detail"], content.get("problem", ""))
    title = say(TITLES.get(content["status"], content["title"]))
    return {**content, "title": title, "detail": detail} | ({"errors": spoken} if mistakes else {})


def _by_the_catalogue(say: Callable[[str], str], text: str, _photo: str) -> str:
    return say(text) if text else ""
