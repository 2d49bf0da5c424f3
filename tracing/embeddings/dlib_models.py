"""dlib's models out of the package face_recognition_models, each loaded with its first use and kept for the process.

The package itself is not imported: it needs pkg_resources, and face_recognition loads everything at once, which takes a second
or two and 150 MB.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tracing.errors import EncoderUnavailable

DLIB: Final = threading.Lock()
"""Held during every call of a dlib model: the objects keep state between layers and are not made for two threads."""

RESNET: Final = "dlib_face_recognition_resnet_model_v1.dat"
CNN: Final = "mmod_human_face_detector.dat"
FIVE_POINTS: Final = "shape_predictor_5_face_landmarks.dat"

_loading = threading.Lock()
_loaded: dict[str, Any] = {}


def hog() -> Any:
    """``dlib.get_frontal_face_detector()``, which carries its model."""
    return _once("hog", lambda dlib: dlib.get_frontal_face_detector())


def five_points() -> Any:
    """The shape predictor for the corners of the two eyes and the base of the nose."""
    return _once(FIVE_POINTS, lambda dlib: dlib.shape_predictor(str(model_file(FIVE_POINTS))))


def recognition_network(weights: Path) -> Any:
    """A recognition network in dlib itself, ``RESNET`` or another one of its family: a new copy, of 22 MB."""
    return _made(lambda dlib: dlib.face_recognition_model_v1(str(weights)))


def detection_network(weights: Path) -> Any:
    """The network ``CNN`` in dlib itself: a new copy."""
    return _made(lambda dlib: dlib.cnn_face_detection_model_v1(str(weights)))


def model_file(name: str) -> Path:
    """A file of face_recognition_models; ``EncoderUnavailable`` where the package is not installed."""
    path = package_file("face_recognition_models", f"models/{name}")
    if path is None:
        raise EncoderUnavailable(f"The face models are missing ({name} of face_recognition_models); run 'make setup' again.")
    return path


def package_file(package: str, file: str) -> Path | None:
    """The file inside an installed package, which is not imported for it."""
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((path for path in (Path(folder) / file for folder in folders) if path.is_file()), None)


def dlib_module() -> Any:
    return _once("dlib", lambda dlib: dlib)


def _once(name: str, load: Callable[[Any], Any]) -> Any:
    """``EncoderUnavailable`` where it cannot be loaded; it is tried again at the next call."""
    with _loading:
        if name not in _loaded:
            _loaded[name] = _made(load)
        return _loaded[name]


def _made(load: Callable[[Any], Any]) -> Any:
    try:
        import dlib

        return load(dlib)
    except EncoderUnavailable:
        raise
    except Exception as error:
        raise EncoderUnavailable(f"The face models cannot be loaded; run 'make setup' again. The cause: {error!r}") from error
