"""Lists as they arrive: the form is read piece by piece, and each file is sealed on its way, so that a large one is never in
memory, nor on the disk as it came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

from tracing.domain import Actor, CaseKind, HandedList, LegalBasis, ListPurpose
from tracing.errors import Invalid
from tracing.importing.handing_in import HandedLists, Told
from tracing.ports import ListWriter

PARTS: Final = {"file": "table", "photos": "photos"}
"""The fields that bring a file, and what becomes of each."""
MOST_PARTS: Final = 40
MOST_WORDS: Final = 64 << 10
"""Bytes of all that is no file."""
AT_ONCE: Final = 1 << 20
"""Bytes that are sealed and written in one go."""
NO_FORM: Final = "The form cannot be parsed."
NO_FILE: Final = "Choose the file of the list."
CHOICE: Final = "Choose one of the answers offered."
Choice = TypeVar("Choice", CaseKind, LegalBasis, ListPurpose)


@dataclass(slots=True)
class Arrival:
    """``words``: fields and what was typed. Files of which something came stand in ``writers``, by what becomes of them."""

    words: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    writers: dict[str, ListWriter] = field(default_factory=dict)
    list_id: str = ""


class Arriving:
    """``most``: bytes of each file. ``before_files`` sees the words before the first byte of a file is taken; it may refuse."""

    def __init__(
        self,
        request: Request,
        lists: HandedLists,
        actor: Actor,
        most: Mapping[str, int],
        before_files: Callable[[Mapping[str, str]], object] = lambda _: None,
    ) -> None:
        self._request = request
        self._lists = lists
        self._actor = actor
        self._most = most
        self._before_files = before_files
        self._open = ExitStack()
        self._typed: dict[str, bytes] = {}
        self._pending: list[tuple[str, bytes]] = []
        self._size = 0
        self.arrival = Arrival()

    async def receive(self) -> Arrival:
        """All of it, on the disk and sealed. Whatever raises leaves nothing behind."""
        kind, options = parse_options_header(self._request.headers.get("content-type", ""))
        try:
            if kind != b"multipart/form-data":
                await self._words_alone()
            else:
                await self._read(_Parser(options.get(b"boundary", b"")))
            self._understand()
            await run_in_threadpool(self._flush)
            await run_in_threadpool(self._open.close)
        except BaseException as error:
            await run_in_threadpool(self._give_up, error)
            raise
        return self.arrival

    async def _words_alone(self) -> None:
        body = b""
        async for piece in self._request.stream():
            body += piece
            if len(body) > MOST_WORDS:
                raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        self.arrival.words = {name: text.strip() for name, text in parse_qsl(body.decode("utf-8", "replace"))}

    async def _read(self, parser: _Parser) -> None:
        async for piece in self._request.stream():
            for name, filename, data in parser.feed(piece):
                self._take(name, filename, data)
            if self._size >= AT_ONCE:
                await run_in_threadpool(self._flush)
        parser.end()

    def _take(self, name: str, filename: str | None, data: bytes) -> None:
        """``data`` is empty where a part begins."""
        if filename is None:
            self._typed[name] = self._typed.get(name, b"") + data
            if sum(map(len, self._typed.values())) > MOST_WORDS:
                raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        elif not filename:  # a field for a file, left empty
            return
        elif data:
            self._pending.append((PARTS[name], data))
            self._size += len(data)
        else:
            self._begin(name, filename)

    def _begin(self, name: str, filename: str) -> None:
        if name not in PARTS or PARTS[name] in self.arrival.names:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        if not self.arrival.names:
            self._understand()
        self.arrival.names[PARTS[name]] = filename

    def _understand(self) -> None:
        """The words, as far as they have come."""
        self.arrival.words |= {name: data.decode("utf-8", "replace").strip() for name, data in self._typed.items()}
        self._before_files(self.arrival.words)

    def _flush(self) -> None:
        """Seal and write what has come; in a thread of its own, for it waits for the disk."""
        for part, data in self._pending:
            if not self.arrival.list_id:
                self.arrival.list_id = self._lists.expect(self._actor)
            if part not in self.arrival.writers:
                arriving = self._lists.arriving(self.arrival.list_id, part)
                self.arrival.writers[part] = self._open.enter_context(arriving)
            writer = self.arrival.writers[part]
            writer.write(data)
            if writer.size > self._most[part]:
                raise Invalid(f"The file is larger than {self._most[part] >> 20} MiB. Send it in parts.", _field(part))
        self._pending.clear()
        self._size = 0

    def _give_up(self, error: BaseException) -> None:
        self._open.__exit__(type(error), error, error.__traceback__)
        if self.arrival.list_id:
            self._lists.give_up(self.arrival.list_id)


def hand_in(lists: HandedLists, actor: Actor, arrival: Arrival, usual: Mapping[str, str] | None = None) -> HandedList:
    """What has arrived becomes a list that waits; ``usual`` holds words for what was not said.

    ``Invalid``, and nothing is left of it, where no table came, or it is none, or a word is none of those that there are.
    """
    words = {**(usual or {}), **arrival.words}
    try:
        told = Told(
            purpose=_chosen(ListPurpose, words, "purpose"),
            source=words.get("source", ""),
            kind=_chosen(CaseKind, words, "kind"),
            legal_basis=_chosen(LegalBasis, words, "legal_basis"),
            file_name=arrival.names.get("table", ""),
        )
        if "table" not in arrival.writers:
            raise Invalid(NO_FILE, "file")
    except Invalid:
        if arrival.list_id:
            lists.give_up(arrival.list_id)
        raise
    return lists.take(actor, arrival.list_id, told, arrival.writers["table"], arrival.writers.get("photos"))


def _chosen(kind: type[Choice], words: Mapping[str, str], field: str) -> Choice:
    try:
        return kind(words.get(field, ""))
    except ValueError as error:
        raise Invalid(CHOICE, field) from error


class _Parser:
    """Of ``multipart/form-data``: gives what each piece of the body brings, as (field, file name or None, bytes).

    Each part begins with no bytes.
    """

    def __init__(self, boundary: bytes) -> None:
        self._told: deque[tuple[str, str | None, bytes]] = deque()
        self._parts = 0
        self._ended = False
        self._header, self._value = b"", b""
        self._disposition = b""
        self._name = ""
        self._filename: str | None = None
        if not boundary:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM) from error

    def feed(self, piece: bytes) -> Iterator[tuple[str, str | None, bytes]]:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM) from error
        while self._told:
            yield self._told.popleft()

    def end(self) -> None:
        """A form that breaks off is none."""
        if not self._ended:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)

    def _end(self) -> None:
        self._ended = True

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        self._header, self._value, self._disposition = b"", b"", b""

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header, self._value = b"", b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise HTTPException(HTTPStatus.BAD_REQUEST, NO_FORM)
        self._name = options[b"name"].decode("utf-8", "replace")
        named = options.get(b"filename")
        self._filename = None if named is None else named.decode("utf-8", "replace")
        self._told.append((self._name, self._filename, b""))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._told.append((self._name, self._filename, data[start:end]))


def _field(part: str) -> str:
    return next(name for name, becomes in PARTS.items() if becomes == part)
