"""A machine of a cluster: what encodes there, and whether its models are those of the machine that sends the photos.

It knows neither the cluster nor any key or record; all it is given is a photo and where the faces are in it.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np

from tracing.embeddings.conversion import DRAWN_CHIPS
from tracing.errors import EncoderUnavailable, TracingError, UnreadablePhoto, where
from tracing.ports import Detection
from tracing.vision import Box, Vector

log = logging.getLogger(__name__)

LIKE: Final = 0.999
"""Cosine at least of two templates of one face by one model on two machines; by other weights it is far lower."""
TRIAL: Final = (Detection(Box(25, 25, 125, 125), ()), Detection(Box(175, 25, 275, 125), ()))
"""The first two of the drawn faces that come with the service."""

_looking = threading.Lock()


class FaceEncoder(Protocol):
    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]: ...


@dataclass(frozen=True, slots=True)
class Workplace:
    """What encodes on a machine, and the fingerprint of an encoder's model there (see ``catalog.fingerprint``)."""

    encoder: FaceEncoder
    fingerprint: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Standard:
    """What every machine has to agree with: an encoder's fingerprint, and its templates of the trial faces, row by row."""

    encoder_id: str
    fingerprint: str
    templates: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Task:
    """The faces of a photo, and ``make``, equal to that of the task before, which makes the workplace where it arrives.

    Its words do not show the photo: what runs it may write them into a log.
    """

    make: Callable[[], Workplace]
    standard: Standard
    data: bytes = field(repr=False)
    faces: tuple[Detection, ...] = field(repr=False)


def standard_of(workplace: Workplace, encoder_id: str) -> Standard:
    """As it is on this machine. Raises like ``Examiner.encode``."""
    return Standard(encoder_id, workplace.fingerprint(encoder_id), _trial(workplace.encoder, encoder_id))


def carry_out(task: Task) -> tuple[bool, Any]:
    """True and the templates, or False and why there are none: nothing is raised, for that would be logged with the task.

    A machine whose model is another one, or is missing, encodes nothing: that is an ``EncoderUnavailable`` with its name.
    """
    machine = socket.gethostname()
    try:
        return True, _ready(task.make, task.standard).encode(task.data, task.faces, [task.standard.encoder_id])
    except UnreadablePhoto as error:
        return False, error
    except TracingError as error:
        return False, EncoderUnavailable(f"On the machine {machine}: {error}")
    except Exception as error:
        log.error("encoding a photo failed: %s", where(error))
        return False, EncoderUnavailable(f"The machine {machine} could not encode a photo ({type(error).__name__}).")


def _ready(make: Callable[[], Workplace], standard: Standard) -> FaceEncoder:
    with _looking:
        return _checked(make, standard)


@lru_cache(maxsize=1)
def _checked(make: Callable[[], Workplace], standard: Standard) -> FaceEncoder:
    workplace = make()
    if workplace.fingerprint(standard.encoder_id) != standard.fingerprint:
        raise EncoderUnavailable(
            f"the model {standard.encoder_id} is not the one of the machine that sends the photos. Install the same version of "
            f"the service, and run 'tracing models verify {standard.encoder_id}' on both."
        )
    for own, other in zip(_trial(workplace.encoder, standard.encoder_id), standard.templates, strict=True):
        like = float(np.dot(own, other) / (np.linalg.norm(own) * np.linalg.norm(other)))
        if like < LIKE:
            raise EncoderUnavailable(
                f"the model {standard.encoder_id} makes another template of a trial face (cosine {like:.3f}) than the machine "
                "that sends the photos. Install the same version of the service with the packages of its lock."
            )
    return workplace.encoder


def _trial(encoder: FaceEncoder, encoder_id: str) -> tuple[tuple[float, ...], ...]:
    templates = encoder.encode(DRAWN_CHIPS.read_bytes(), TRIAL, [encoder_id])
    return tuple(tuple(each[encoder_id].tolist()) for each in templates)
