"""Everything of ours that reads what somebody else wrote, for the fuzzer. A new reader is one line of ``READERS``."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date

from tests.hostile.operators_files import OPERATORS_FILES, Reader, text_of
from tests.hostile.samples import samples

MOST_BYTES = 1 << 20


def _photo(data: bytes) -> None:
    """Every door: what one takes, the others take."""
    from tracing.embeddings.imaging import PillowReader

    reader = PillowReader(MOST_BYTES, 1_000_000)
    reader.verify(data)
    picture = reader.open(data)
    reader.thumbnail(data, 64)
    picture.view(64)


def _containers(data: bytes) -> None:
    from tracing.embeddings.containers import WALKS, scans, unusual

    for kind in WALKS:
        unusual(kind, data)
    scans(data)


def _pfif(data: bytes) -> None:
    from tracing.exchange.pfif.reading import read

    read(data, "")


def _table(data: bytes) -> None:
    from tracing.exchange.tables import rows

    for _ in rows(io.BytesIO(data), "list"):
        pass


def _archive(data: bytes) -> None:
    from tracing.errors import Invalid
    from tracing.exchange.photo_sets import photos_in_zip

    photos = photos_in_zip(io.BytesIO(data), MOST_BYTES)
    for path in photos.by_number(["7"])[0].get("7", []):
        try:
            assert len(photos.read(path)) <= MOST_BYTES
        except Invalid:
            continue


def _case(data: bytes) -> None:
    from pydantic import ValidationError

    from api.v1.bodies import NewCase

    try:
        NewCase.model_validate_json(data)
    except ValidationError:
        return


def _said(data: bytes) -> None:
    from tracing.clues.lexicon.lexicon import lexicon

    text = text_of(data)
    for mention in lexicon().mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)


def _date(data: bytes) -> None:
    from tracing.domain import PartialDate

    try:
        PartialDate.parse(text_of(data))
    except ValueError:
        return


def _photos() -> Sequence[bytes]:
    return list(samples().values())


def _archives() -> Sequence[bytes]:
    from tests.hostile.disguises import LINK, PLAIN, archive

    face = samples()["face.png"]
    return [
        archive(("7.png", face, PLAIN), ("7/a.png", face, PLAIN)),
        archive(("7.png", b"/etc/passwd", LINK), ("../7", face, PLAIN)),
    ]


def _tables() -> Sequence[bytes]:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    book.active.append(["编号", "姓名", 7, "2024-03-01"])
    book.save(file)
    return ['编号,姓名\n7,"王,小明"\n'.encode(), "编号\t姓名\n".encode("gb18030"), "a;b\n".encode("utf-16"), file.getvalue()]


PFIF = b"""<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4"><pfif:person><pfif:person_record_id>a.example/7</pfif:person_record_id>
<pfif:source_date>2024-03-01T00:00:00Z</pfif:source_date><pfif:full_name>Wang</pfif:full_name><pfif:sex>male</pfif:sex>
<pfif:note><pfif:note_record_id>a.example/8</pfif:note_record_id><pfif:text>seen</pfif:text></pfif:note></pfif:person></pfif:pfif>"""


def _planted(data: bytes) -> None:
    """Breaks on a date that is none, behind the right beginning."""
    text = text_of(data)
    if text.startswith("on "):
        date.fromisoformat(text[3:])


PLANTED: Mapping[str, Reader] = {"planted": Reader(_planted, lambda: [b"on 2024-03-01"])}
"""One that is wrong: it raises what is no error of ours, and a fuzzer has to find it."""
READERS: Mapping[str, Reader] = {
    "photos": Reader(_photo, _photos),
    "containers": Reader(_containers, _photos),
    "pfif": Reader(_pfif, lambda: [PFIF]),
    "tables": Reader(_table, _tables),
    "archives of photos": Reader(_archive, _archives),
    "cases of programs": Reader(
        _case, lambda: [b'{"kind": "missing", "names": ["x"], "birth_date": "2001-02", "sex": "male"}']
    ),
    "what was said": Reader(_said, lambda: ["他说他爸爸叫刘国强，家在阜阳附近，左耳后面有疤。".encode()]),
    "dates": Reader(_date, lambda: [b"2024", b"2024-03", b"2024-02-29"]),
    **OPERATORS_FILES,
}
