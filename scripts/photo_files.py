"""Photos in folders: which files of a folder are looked at, and in which order."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif"})


def people_in(folder: Path) -> dict[str, list[Path]]:
    """The photos of each person, one folder per person, both by name; folders without a photo are left out."""
    homes = sorted(each for each in folder.iterdir() if each.is_dir())
    photos = {home.name: sorted(each for each in home.iterdir() if each.suffix.lower() in SUFFIXES) for home in homes}
    return {name: found for name, found in photos.items() if found}
