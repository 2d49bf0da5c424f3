"""Labelled photos: who is on them and how old, and what the encoders of production make of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.photo_files import central_templates, people_in, photo_bytes, readable
from tracing.domain import Vector
from tracing.errors import Invalid, UnreadablePhoto
from tracing.evaluation.card import By
from tracing.evaluation.identification import Floats, Numbers, Photos
from tracing.evaluation.report import Group
from tracing.facts import OLDEST
from tracing.importing.values import plain, sex
from tracing.ports import Examiner

LABELS: Final = "people.csv"
AGE_BANDS: Final = ((0, 6), (7, 12), (13, 17), (18, 34), (35, 59), (60, 200))
"""Years, both ends included."""
GAPS: Final = ((0, 5), (5, 10), (10, 20), (20, 200))
"""Years between two photos, the upper end excluded."""
CLOSE: Final = 5
"""Years: photos further apart tell nothing of an age, for what is missed then is the years between."""
POOR: Final = 0.5
"""Below this quality, from 0 to 1, a photo counts as poor."""


@dataclass(frozen=True, slots=True)
class Label:
    """``age`` in the photo, in years, and ``sex`` where anybody said."""

    person: str
    path: Path
    source_set: str = ""
    age: float = nan
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Photos as the encoders see them: ``templates`` by encoder, a row of NaN where no face was found; qualities likewise."""

    labels: tuple[Label, ...]
    templates: Mapping[str, Vector]
    qualities: Floats
    unreadable: tuple[Path, ...]

    def photos(self, encoder_id: str) -> Photos:
        """The younger photo of a person counts as the earlier one; without ages the order is that of the names."""
        ages = np.array([label.age for label in self.labels])
        order = np.where(np.isnan(ages), np.arange(len(ages)) / max(1, len(ages)), ages)
        return Photos(np.array([label.person for label in self.labels]), self.templates[encoder_id], order, self.qualities)

    def beside(self, other: Labelled) -> Labelled:
        """The same photos as more encoders see them; the qualities are those of the first."""
        unreadable = tuple(dict.fromkeys((*self.unreadable, *other.unreadable)))
        return replace(self, templates={**self.templates, **other.templates}, unreadable=unreadable)

    def where(self, chosen: Numbers) -> Labelled:
        """Some of the photos."""
        labels = tuple(self.labels[number] for number in chosen)
        paths = {label.path for label in labels}
        templates = {encoder_id: each[chosen] for encoder_id, each in self.templates.items()}
        unreadable = tuple(path for path in self.unreadable if path in paths)
        return Labelled(labels, templates, self.qualities[chosen], unreadable)


def read_labels(folder: Path, errors: Path | None = None) -> list[Label]:
    """The photos of a folder. ``people.csv`` in it, or in the one above it, has identity, image, source_set, age and sex.

    Without that file each folder in it is a person. ``errors`` names, line by line, photos whose label is known to be wrong
    (``#`` begins a remark); they are left out. ``Invalid`` where there is no photo, or a line cannot be understood.
    """
    table = next((place / LABELS for place in (folder, folder.parent) if (place / LABELS).is_file()), None)
    labels = list(_from_table(table, folder)) if table is not None else []
    if not labels:
        labels = [Label(person, photo) for person, photos in people_in(folder).items() for photo in photos]
    wrong = wrong_ones(errors)
    kept = [label for label in labels if not any(is_named(label, each) for each in wrong)]
    if not kept:
        raise Invalid(f"{folder} holds no labelled photo: a folder per person is needed, or a file {LABELS}.", "folder")
    return sorted(kept, key=lambda label: (label.person, label.path))


def _from_table(table: Path, folder: Path) -> Iterator[Label]:
    """A row that stands there twice is one photo: searched for by itself it would be found for sure."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        found: dict[tuple[str, Path], Label] = {}
        for row in rows:
            path, person = table.parent / row["image"].strip(), row["identity"].strip()
            if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
                label = Label(person, path, row.get("source_set") or "", _age(row.get("age")), _sex(row.get("sex") or ""))
                found.setdefault((person, path), label)
        if nameless := [path for person, path in found if not person]:
            raise ValueError(f"nobody is named beside {nameless[0].name}")
    except (KeyError, ValueError, TypeError, AttributeError, OSError, csv.Error) as error:
        raise Invalid(f"{table} cannot be understood: {error!r}. It needs the columns identity and image.", "folder") from error
    yield from found.values()


def _age(said: str | None) -> float:
    """Some sets write -1 where nobody knows, which would be the youngest child of all."""
    age = float(said) if said and said.strip() else nan
    if age < 0 or age > OLDEST:
        raise ValueError(f"an age lies between 0 and {OLDEST} years, {said} does not; leave it out where nobody knows it")
    return age


def _sex(said: str) -> str:
    """In the word of a case, whom a card's figures are to be told of: a group called ``F`` would be nobody's. What a number
    means differs from set to set."""
    word = plain(said)
    try:
        return word if word.isdecimal() else sex(word).value
    except Invalid:
        return word


def wrong_ones(errors: Path | None) -> list[str]:
    """The lines of a file that names photos whose label is wrong; ``Invalid`` where it is no text."""
    if errors is None:
        return []
    try:
        text = errors.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{errors} cannot be understood: {error!r}", "label_errors") from error
    lines = (line.partition("#")[0].strip().replace("\\", "/").removeprefix("./") for line in text.splitlines())
    return [line for line in dict.fromkeys(lines) if line]


def is_named(label: Label, line: str) -> bool:
    """Whether a line of that file means this photo."""
    return readable(label.path.as_posix()).endswith(f"/{line}")


def encode(
    labels: Sequence[Label], examiner: Examiner, encoder_ids: Sequence[str], at_once: int, report: Callable[[], object]
) -> Labelled:
    """Every photo by the pipeline of production; the labelled person is the one nearest to the middle, as a person would say.

    ``report`` hears of every photo.
    """

    def one(label: Label) -> tuple[dict[str, Vector] | None, float] | None:
        try:
            found = central_templates(photo_bytes(label.path), examiner, encoder_ids)
        except UnreadablePhoto:
            return None
        finally:
            report()
        return (None, nan) if found is None else (found[0], found[1].score)

    with ThreadPoolExecutor(at_once) as threads:
        seen = list(threads.map(one, labels))
    unreadable = tuple(label.path for label, each in zip(labels, seen, strict=True) if each is None)
    vectors = [None if each is None else each[0] for each in seen]
    first = next((each for each in vectors if each is not None), None)
    if first is None:
        raise Invalid("In none of the photos a face was found.", "folder")
    templates = {
        encoder_id: np.stack(
            [np.full_like(first[encoder_id], np.nan) if each is None else each[encoder_id] for each in vectors]
        )
        for encoder_id in encoder_ids
    }
    return Labelled(tuple(labels), templates, np.array([nan if each is None else each[1] for each in seen]), unreadable)


def groups_of(labelled: Labelled) -> dict[str, list[Group]]:
    """What is known of the photos, by the words of ``By``; a kind of group of which nothing is known is left out."""
    labels = labelled.labels
    ages, gaps = np.array([label.age for label in labels]), _gaps(labels)
    sets, sexes = (np.array([getattr(label, field) for label in labels]) for field in ("source_set", "sex"))
    found = {
        By.SET: _words(sets),
        By.SEX: _words(sexes),
        By.AGE: [_years(np.where(gaps < CLOSE, ages, nan), low, high) for low, high in AGE_BANDS],
        By.YEARS_BETWEEN: [_years(gaps, low, high - 1) for low, high in GAPS],
        By.QUALITY: [
            Group(f"below {POOR}", labelled.qualities < POOR, None, POOR),
            Group(f"{POOR} and more", labelled.qualities >= POOR, POOR, None),
        ],
    }
    kinds = {kind.value: [group for group in each if group.mask.any()] for kind, each in found.items()}
    return {kind: each for kind, each in kinds.items() if len(each) > 1}


def _words(values: NDArray[np.str_]) -> list[Group]:
    return [Group(str(word), values == word) for word in np.unique(values) if word]


def _years(values: Floats, low: int, last: int) -> Group:
    """From ``low`` to ``last`` years, both included; from a hundred years on there is no end."""
    if last >= 100:
        return Group(f"{low}-", values >= low, low, None)
    return Group(f"{low}-{last}", (values >= low) & (values < last + 1), low, last + 1)


def _gaps(labels: Sequence[Label]) -> Floats:
    """Years between each photo and the first one of the person."""
    first: dict[str, float] = {}
    for label in labels:
        first[label.person] = min(label.age, first.get(label.person, label.age))
    return np.array([label.age - first[label.person] for label in labels])
