"""Photos in folders: which files of a folder are looked at, in which order, and which face a labelled photo is about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tracing.domain import Quality, Vector
from tracing.errors import Invalid
from tracing.ports import Examination, Examiner, Sighted
from tracing.subject import off_centre

MOST_BYTES: Final = 500 << 20
"""The most that ``TRACING_MAX_PHOTO_MIB`` can be."""
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif"})


def photos_below(folder: Path | None) -> list[Path]:
    """Every photo in a folder and the folders in it, by name; none where there is no folder."""
    return sorted(each for each in folder.rglob("*") if _is_photo(each)) if folder else []


def people_in(folder: Path) -> dict[str, list[Path]]:
    """The photos of each person, one folder per person, both by name; folders without a photo are left out."""
    homes = sorted(each for each in folder.iterdir() if each.is_dir())
    photos = {readable(home.name): sorted(each for each in home.iterdir() if _is_photo(each)) for home in homes}
    return {name: found for name, found in photos.items() if found}


def readable(name: str) -> str:
    """The name of a file or folder as it can be written down: an archive of Windows may bring names in GBK, whose bytes are
    told, so that no two names become one."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def ordinary(path: Path, field: str) -> Path:
    """``Invalid`` for a pipe, a device or what is not there: the first two may never end."""
    if not path.is_file():
        raise Invalid(f"{path} is no ordinary file.", field)
    return path


def photo_bytes(path: Path) -> bytes:
    """Of a larger file than a photo may be so much that the reader refuses it. ``Invalid`` where it is no ordinary file."""
    with ordinary(path, "photo").open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _is_photo(file: Path) -> bool:
    """A pipe or a device with the name of a photo may never end."""
    return file.suffix.lower() in SUFFIXES and file.is_file()


def central_face(seen: Examination) -> Sighted | None:
    """The face nearest to the middle of a photo, whom a labelled photo is about; None where there is no face."""
    return min(seen.faces, key=lambda face: off_centre(face.detection.box, seen.width, seen.height), default=None)


def central_templates(data: bytes, examiner: Examiner, encoder_ids: Sequence[str]) -> tuple[dict[str, Vector], Quality] | None:
    """The templates of the labelled person by encoder, and the quality of the face; None where there is no face.

    Raises like ``Examiner.examine``.
    """
    seen = examiner.examine(data, encoder_ids)
    face = central_face(seen)
    if face is None:
        return None
    if seen.subject is not None and seen.faces[seen.subject] is face:
        return face.vectors, face.quality
    return examiner.encode(data, [face.detection], encoder_ids)[0], face.quality
