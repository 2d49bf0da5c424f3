"""What a backup says of itself: when, of what, and the digest of every file, so that a bad disk or hand is noticed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tracing.errors import Damaged, NotFound
from tracing.store.backup.counted import Counted
from tracing.store.data_keys import FILE as DATA_KEYS
from tracing.store.folders import write_new

FILE: Final = "manifest.json"
PHOTOS: Final = "photos.jsonl"
OWN: Final = "own_sha256"
"""In the manifest, of all else in it: rows and digests that were altered must not be taken for what was backed up."""
PHOTO_FILE: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}\.[0-9a-f]{16}")
"""Where a photo lies below ``DIR/photos``: its key, and the beginning of a digest of its seal."""
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """A photo of the backup: ``file`` is its place below ``DIR/photos``."""

    key: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``point``: the point of recovery. What was committed by then is in the backup, and nothing of later."""

    backup_id: str
    point: datetime
    database: str
    tables: dict[str, Counted]
    photos: int
    photo_bytes: int
    gone: int
    """Photos that were erased between the moment of the database and the copying."""
    master: str
    """The id of the master key that opens the data keys."""
    files: dict[str, str]
    """Name -> sha256 of each file beside the manifest."""

    def write(self, folder: Path) -> None:
        plain = asdict(self) | {"format": 1, "point": self.point.isoformat()}
        plain[OWN] = _own_digest(plain)
        write_new(folder / FILE, json.dumps(plain, indent=1, ensure_ascii=False).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """``Damaged`` also where it is of another folder, or leaves out a file that a restore would take unseen."""
    try:
        plain = json.loads((folder / FILE).read_bytes())
        own = plain.pop(OWN, None)  # there is none in backups of earlier versions
        if own is not None and own != _own_digest(plain):
            raise ValueError("it was altered")
        plain.pop("format")
        plain["tables"] = {name: Counted(**each) for name, each in plain["tables"].items()}
        manifest = Manifest(**plain | {"point": datetime.fromisoformat(plain["point"])})
        if manifest.backup_id != folder.name or manifest.files.keys() != {manifest.database, PHOTOS, DATA_KEYS}:
            raise ValueError("it is not the manifest of this folder")
        return manifest
    except FileNotFoundError as error:
        raise NotFound(f"There is no backup in {folder}.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"The manifest in {folder} cannot be read: {error}. Take another backup of the folder.") from error


def _own_digest(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def photo_lines(folder: Path) -> Iterator[PhotoLine]:
    """``Damaged`` where one cannot be read, or would lead out of the folders that photos lie in."""
    try:
        with (folder / PHOTOS).open("rb") as file:
            for told in file:
                line = PhotoLine(**json.loads(told))
                if not PHOTO_FILE.fullmatch(line.file) or line.file[6:38] != line.key:
                    raise ValueError("a line is of no photo")
                yield line
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise Damaged(f"The list of photos in {folder} cannot be read: {error}. Take another backup of the folder.") from error


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
