"""Lists as they arrive: bounded, in little memory, sealed on their way, and nothing of what breaks off stays."""

from __future__ import annotations

import asyncio
import errno
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from api.arrivals import MOST_PARTS, MOST_WORDS, Arrival, Arriving, hand_in
from tests.house import House
from tests.importing.handed import LIST
from tracing.errors import DiskFull, Invalid, NotAllowed
from tracing.store import list_files

FORM: Final = "multipart/form-data; boundary=b"
SAID: Final = {"purpose": "import", "source": "公安局", "kind": "missing", "legal_basis": "statutory_duty"}
ROOM: Final = {"table": 1 << 20, "photos": 64 << 20}


def part(name: str, data: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"


def form(*files: bytes, **said: str) -> bytes:
    return b"".join(part(name, value.encode()) for name, value in (SAID | said).items()) + b"".join(files) + b"--b--\r\n"


TABLE: Final = part("file", LIST.encode(), "list.csv")


def arriving(
    house: House,
    body: bytes | Iterable[bytes],
    kind: str = FORM,
    check: Any = lambda _: None,
    breaks: bool = False,
    **more: Any,
) -> Arrival:
    """``body`` in one piece, or in these; ``breaks``: the sender is gone before its end."""
    pieces = iter([body] if isinstance(body, bytes) else body)

    async def receive() -> Message:
        piece = next(pieces, None)
        if piece is None:
            return {"type": "http.disconnect"} if breaks else {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": piece, "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)
    services, most = house.services, more.get("most", ROOM)
    actor = more.get("actor", house.intake)
    return asyncio.run(Arriving(request, services.handed_lists, actor, most, check).receive())


def lying(house: House) -> list[Path]:
    return [each for each in (house.services.settings.data_dir / "lists").rglob("*") if each.is_file()]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_form_arrives_whole_wherever_the_line_cuts_it(house: House, size: int) -> None:
    """In the middle of a character, and of a boundary."""
    body = form(TABLE)
    arrival = arriving(house, (body[start : start + size] for start in range(0, len(body), size)))
    assert arrival.words == SAID
    handed = hand_in(house.services.handed_lists, house.intake, arrival)
    assert (handed.source, handed.file_name, handed.table_bytes) == ("公安局", "list.csv", len(LIST.encode()))
    view = house.services.handed_lists.look(house.intake, handed.list_id)
    assert [each.text for each in view.layout.headings] == ["编号", "姓名", "性别", "备注"]


def test_a_large_file_is_never_in_memory_nor_on_the_disk_as_it_came(house: House) -> None:
    secret = "王建国的照片".encode() * 50
    seen: set[int] = set()

    def pieces() -> Iterator[bytes]:
        yield form(TABLE).removesuffix(b"--b--\r\n")
        yield part("photos", b"", "photos.zip").removesuffix(b"\r\n")
        for _ in range(48):
            yield (secret * 1200)[: 1 << 20]
            for path in lying(house):
                seen.add(path.stat().st_size)
                with path.open("rb") as file:
                    file.seek(max(0, path.stat().st_size - (1 << 20)))
                    assert secret[:30] not in file.read(), "not sealed"
        yield b"\r\n--b--\r\n"

    arriving(house, form(TABLE))
    tracemalloc.start()
    arrival = arriving(house, pieces())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert arrival.writers["photos"].size == 48 << 20
    assert len(seen) > 20, "it was written as it came"
    assert peak < 16 << 20


@pytest.mark.parametrize("breaks", ["the sender is gone", "the form ends early"])
def test_nothing_of_what_breaks_off_stays(house: House, breaks: str) -> None:
    cut = [form(TABLE, part("photos", b"x" * (3 << 20), "photos.zip"))[: 2 << 20]]
    with pytest.raises(ClientDisconnect if breaks == "the sender is gone" else HTTPException):
        arriving(house, cut, breaks=breaks == "the sender is gone")
    assert lying(house) == []
    assert house.services.handed_lists.waiting(house.intake) == []


@pytest.mark.parametrize(
    ("files", "field"),
    [((part("file", b"x" * ((1 << 20) + 1), "a.csv"),), "file"), ((TABLE, part("photos", b"x" * 2000, "a.zip")), "photos")],
)
def test_a_file_that_is_too_large_is_refused_where_it_is_too_large(house: House, files: tuple[bytes, ...], field: str) -> None:
    with pytest.raises(Invalid, match="Send it in parts") as refused:
        arriving(house, form(*files), most={"table": 1 << 20, "photos": 1000})
    assert refused.value.field == field
    assert lying(house) == []


def test_who_may_not_is_told_before_the_first_byte_of_a_file_is_kept(house: House) -> None:
    told: list[Mapping[str, str]] = []

    def check(words: Mapping[str, str]) -> None:
        told.append(dict(words))
        raise NotAllowed("no")

    with pytest.raises(NotAllowed):
        arriving(house, form(TABLE), check=check)
    with pytest.raises(NotAllowed):
        arriving(house, [TABLE, form()], check=check)
    assert told == [SAID, {}], "a file before the token is a file without one"
    with pytest.raises(NotAllowed):
        arriving(house, form(TABLE), actor=house.reviewer)
    assert lying(house) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form(TABLE), "multipart/form-data"),
        (form(TABLE), "multipart/form-data; boundary=" + "x" * 300),
        (b"nonsense", FORM),
        (form(part("paper", b"x", "a.csv")), FORM),
        (form(TABLE, TABLE), FORM),
        (form(*[part(f"field {number}", b"") for number in range(MOST_PARTS)]), FORM),
        (form(part("source", b"x" * MOST_WORDS)), FORM),
        (b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n", FORM),
        (b"source=" + b"x" * MOST_WORDS, "application/x-www-form-urlencoded"),
    ],
    ids=[
        "no boundary",
        "long boundary",
        "nonsense",
        "unknown file",
        "twice",
        "many parts",
        "much text",
        "no name",
        "much typed",
    ],
)
def test_what_is_no_form_of_ours_is_refused(house: House, body: bytes, kind: str) -> None:
    with pytest.raises(HTTPException) as refused:
        arriving(house, body, kind)
    assert refused.value.status_code == 400
    assert lying(house) == []


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (form(), FORM, "file"),
        (form(part("file", b"", "")), FORM, "file"),
        (form(part("file", b"", "empty.csv")), FORM, "file"),
        (form(part("photos", b"x", "a.zip")), FORM, "file"),
        (b"purpose=import&kind=missing&legal_basis=statutory_duty", "application/x-www-form-urlencoded", "file"),
        (b"", "text/plain", "purpose"),
        (form(TABLE, purpose="both"), FORM, "purpose"),
        (form(TABLE, kind="?"), FORM, "kind"),
    ],
)
def test_what_is_missing_is_named_and_nothing_of_the_rest_stays(house: House, body: bytes, kind: str, field: str) -> None:
    arrival = arriving(house, body, kind)
    with pytest.raises(Invalid) as refused:
        hand_in(house.services.handed_lists, house.intake, arrival)
    assert refused.value.field == field
    assert lying(house) == []


def test_a_full_disk_is_told_and_nothing_stays(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(list_files._Writer, "write", full)
    with pytest.raises(DiskFull):
        arriving(house, form(TABLE))
    assert lying(house) == []
