"""Whom an evaluation is about: the people it reports on, those that something is fitted on, and who is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.evaluation.labelled import Label, is_named, read_labels, wrong_ones
from tracing.errors import Invalid
from tracing.evaluation.checks import require_apart
from tracing.evaluation.identification import Photos, half_of, strangers_among


@dataclass(frozen=True, slots=True)
class People:
    """Whose photos are reported on, and whose something is fitted on; ``strangers`` where it matters who is one.

    ``unmet`` are lines of the label errors that mean no photo here.
    """

    reported: list[Label]
    fitted: list[Label]
    strangers: set[str] | None
    unmet: tuple[str, ...] = ()

    @property
    def everybody(self) -> list[Label]:
        return self.reported + self.fitted

    @property
    def sets(self) -> tuple[str, ...]:
        return tuple(sorted({label.source_set for label in self.reported} - {""}))


def people_of(folder: Path, distractors: Path | None, label_errors: Path | None, half: int | None, fitting: bool) -> People:
    """Those of a folder, or of one half of it, and more to enrol; where something is to be fitted also those of the other half.

    ``Invalid`` where there is nobody, where no half is named for a fit, or where somebody would be on both sides.
    """
    if fitting and half is None:
        raise Invalid(
            "What --with takes is fitted on one half of the people and reported on the other: name it by --half.", "half"
        )
    everybody = read_labels(folder, label_errors)
    labels = [each for each in everybody if half is None or half_of(each.person) == half]
    if not labels:
        raise Invalid(f"Nobody of {folder} is in that half.", "half")
    fitted = [each for each in everybody if fitting and half_of(each.person) != half]
    folders = [folder] if distractors is None else [folder, distractors]
    photos = [label for each in folders for label in read_labels(each)] if label_errors is not None else []
    unmet = tuple(line for line in wrong_ones(label_errors) if not any(is_named(label, line) for label in photos))
    if distractors is None:
        return People(labels, fitted, None, unmet)
    known = {label.person for label in labels}
    more: dict[str, Label] = {}
    for label in read_labels(distractors, label_errors):
        if label.person not in known:
            more.setdefault(label.person, label)  # another photo of theirs would be searched with
    require_apart([label.person for label in fitted], more)
    strangers = strangers_among(_nameless([label.person for label in labels]))
    return People([*labels, *more.values()], fitted, strangers, unmet)


def _nameless(people: list[str]) -> Photos:
    """Names alone, to choose strangers among."""
    return Photos(np.array(people), np.zeros((len(people), 1), dtype=np.float32), np.arange(len(people), dtype=np.float64))
