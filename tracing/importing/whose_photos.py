"""Whose the photos are that came with a list: those that a row names, and those that are called after the sender's number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Self

from tracing.importing.plans import Photos

NOT_SENT: Final = "A photo that the row names did not come with the list, or several are called so."
DISPUTED: Final = (
    "A photo was left out, for it may be of another record: it lies in the folder of one and is called after the other, "
    "or both are called alike. Name the photos in a column, or call them otherwise."
)


@dataclass(frozen=True, slots=True)
class WhosePhotos:
    """``paths``: the sender's number -> the photos called after it; of the ``disputed`` numbers some are left out."""

    photos: Photos | None
    source_ids: Collection[str]
    paths: Mapping[str, list[str]]
    disputed: Collection[str]

    @classmethod
    def among(cls, photos: Photos | None, source_ids: Collection[str]) -> Self:
        if photos is None:
            return cls(None, (), {}, ())
        return cls(photos, source_ids, *photos.by_number(source_ids))

    def of(self, source_id: str, named: tuple[str, ...]) -> tuple[list[str], tuple[str, ...]]:
        """The paths of a record's photos, and what is wrong with others that may be its.

        Where its row names none, or one that is not there, those called after the sender's number are its photos as well.
        """
        if self.photos is None:
            return [], ()
        found = {name: self.photos.named(name, source_id) for name in named}
        others = {name for name, path in found.items() if path and self._lies_with_another(name, path, source_id)}
        paths = [path for name, path in found.items() if path and name not in others]
        if named and len(paths) == len(found):
            return list(dict.fromkeys(paths)), ()
        wrong = ((NOT_SENT, None in found.values()), (DISPUTED, bool(others) or source_id in self.disputed))
        more = self.paths.get(source_id, ())
        return list(dict.fromkeys([*paths, *more])), tuple(mistake for mistake, so in wrong if so)

    def _lies_with_another(self, name: str, path: str, source_id: str) -> bool:
        """Whether a name without a folder leads to that of another record: each has a ``front.jpg``, and one came."""
        folder = PurePosixPath(path).parent.name
        return PurePosixPath(name.replace("\\", "/")).name == name and folder != source_id and folder in self.source_ids
