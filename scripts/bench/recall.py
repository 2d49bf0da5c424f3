"""`tracing bench recall`: in how many labelled photos the person is found, and whether anybody else is enrolled instead."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from scripts.language import word
from scripts.opening import settings
from scripts.output import AsJson, print_json, progress_bar, say
from scripts.photo_files import central_face, people_in
from tracing.embeddings.catalog import make_examiner
from tracing.errors import Invalid, UnreadablePhoto
from tracing.ports import Examination, Examiner
from tracing.subject import off_centre

CENTRAL: Final = 1.0
"""How far from the middle of a photo the labelled person may be, in halves of its width and height together."""


@dataclass
class Recall:
    """What became of the photos; ``missed`` and ``wrong`` are names of files."""

    photos: int = 0
    found: int = 0
    several: int = 0
    """Photos with several faces, and in how many of them one face dominated and was taken."""
    taken: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Photos in which another face than the most central one was taken."""
    unreadable: list[str] = field(default_factory=list)

    def add(self, name: str, seen: Examination) -> None:
        self.photos += 1
        central = central_face(seen)
        if central is None or off_centre(central.detection.box, seen.width, seen.height) >= CENTRAL:
            self.missed.append(name)
            return
        self.found += 1
        self.several += len(seen.faces) > 1
        self.taken += len(seen.faces) > 1 and seen.subject is not None
        if seen.subject is not None and seen.faces[seen.subject] is not central:
            self.wrong.append(name)


def recall(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="One folder per person, photos in each.")],
    as_json: AsJson = False,
) -> None:
    """Print in how many photos the labelled person, who is the one nearest to the middle, is found."""
    result = measure(folder, make_examiner([], settings().model_folders))
    if not result.photos:
        raise Invalid(f"{folder} holds no folder with a photo that can be read.", "folder")
    if as_json:
        print_json(asdict(result) | {"recall": result.found / result.photos})
        return
    say(f"the person is found in {result.found} of {result.photos} photos: {result.found / result.photos:.2%}")
    say(f"several faces: {result.several} photos; in {result.taken} one dominated and was taken")
    for title, names in (
        (word("missed"), result.missed),
        (word("wrong face taken"), result.wrong),
        (word("unreadable"), result.unreadable),
    ):
        for name in names:
            say(f"{title}: {name}")


def measure(folder: Path, examiner: Examiner) -> Recall:
    """Look for the faces in every photo of every person."""
    result = Recall()
    photos = [photo for found in people_in(folder).values() for photo in found]
    with progress_bar() as bar:
        for photo in bar.track(photos, description=word("Photos")):
            name = f"{photo.parent.name}/{photo.name}"
            try:
                result.add(name, examiner.examine(photo.read_bytes(), []))
            except UnreadablePhoto:
                result.unreadable.append(name)
    return result
