"""Archives with more names than anybody sends."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.hostile.disguises import PLAIN, archive
from tracing.errors import Invalid
from tracing.exchange import archives
from tracing.exchange.photo_sets import photos_in_zip
from tracing.exchange.tables import rows

MANY = archive(*((f"{number}.jpg", b"x", PLAIN) for number in range(200)))


def test_a_huge_directory_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty million names, half a kilobyte each in memory, fit into the largest archive that is taken."""
    assert len(photos_in_zip(io.BytesIO(MANY), 100)) == 200
    monkeypatch.setattr(archives, "MOST_DIRECTORY", 8_000)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda _: pytest.fail("it was read"))
    with pytest.raises(Invalid, match="no zip archive"):
        photos_in_zip(io.BytesIO(MANY), 100)
    with pytest.raises(Invalid, match="no spreadsheet"):
        list(rows(io.BytesIO(MANY), "list.xlsx"))


def test_the_directory_of_a_large_archive_is_measured_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond four gigabytes or 65,535 files another end says its size."""
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 100)
    kept = io.BytesIO(archive(*((f"{number}.jpg", b"x", PLAIN) for number in range(200))))
    assert b"PK\6\6" in kept.getvalue()
    whole = kept.getvalue()
    (size,) = (len(whole) - 22 - 20 - 56 - whole.index(b"PK\1\2"),)
    assert archives.directory_size(kept) == size
