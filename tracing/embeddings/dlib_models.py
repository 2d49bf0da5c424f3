"""The one place that imports face_recognition: once per process, with its bad manners kept from everybody else."""

from __future__ import annotations

import threading
import warnings
from importlib import import_module
from typing import Any

from tracing.errors import EncoderUnavailable

DLIB = threading.Lock()
"""Held during every call of a dlib model: the objects keep state between layers and are not made for two threads."""

_loading = threading.Lock()
_loaded: list[Any] = []


def face_recognition_api() -> Any:
    """The module ``face_recognition.api`` with its models (2.5 s and 150 MB the first time).

    ``EncoderUnavailable`` where it cannot be loaded; it is tried again at the next call.
    """
    with _loading:
        if not _loaded:
            _loaded.append(_imported())
        return _loaded[0]


def _imported() -> Any:
    # The filter stays: catch_warnings would swap the filters of all threads for the seconds this takes.
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    try:
        import_module("face_recognition_models")  # alone first: where this fails, face_recognition prints and quits
        return import_module("face_recognition.api")
    except (Exception, SystemExit) as error:
        raise EncoderUnavailable(f"The face models cannot be loaded; run 'make setup' again. The cause: {error!r}") from error
