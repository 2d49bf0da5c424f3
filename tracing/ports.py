"""What the core needs from outside, as protocols; ``tracing.records`` holds those of the record store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tracing.vision import Box, Hit, Landmarks, NoFaceReason, Pixels, Quality, Vector

if TYPE_CHECKING:  # a process for photos needs no records, and would take longer to import them than Pillow
    from tracing.records import Records


class Clock(Protocol):
    def __call__(self) -> datetime:
        """The present moment, aware, in UTC."""


CLOCKS_APART: Final = timedelta(minutes=5)
"""The clocks of a house's machines agree at least so far; what lies further ahead was written by one that was wrong."""

NewId = Callable[[], str]
"""Makes a random identifier of 32 hexadecimal digits."""


class Metric(StrEnum):
    """How two templates of an encoder are compared; the score is the same way round for both: higher = more alike."""

    COSINE = "cosine"
    """score = a.b / (|a||b|), from -1 to 1."""
    L2 = "l2"
    """score = -|a - b|, at most 0."""


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What a photo says of itself before anybody looks for faces. Width and height are pixels of the upright image."""

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a photo: its pixels, and where its upper left corner stands in the upright photo of full size.

    ``scale`` full-size pixels make one of these pixels; ``frame`` is the edge of the whole photo in these pixels.
    """

    pixels: Pixels
    left: float
    top: float
    scale: float
    frame: Box


class Picture(Protocol):
    """A decoded photo. Coordinates and sizes are pixels of the upright photo in its full size."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...

    def part(self, box: Box) -> Part:
        """What lies in the box, in the finest pixels there are; one black pixel where that is nothing."""
        ...

    def view(self, longest: int, box: Box | None = None) -> Part:
        """The whole photo, or what lies in the box, reduced or enlarged so that its longer side has so many pixels."""
        ...


class ImageReader(Protocol):
    """The only door for foreign image bytes."""

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        """Decode cheaply and to the last byte. Raises ``UnreadablePhoto`` or ``PhotoTooLarge``.

        Where others are decoded, and it cannot begin within ``patience`` seconds (0: at once not either), only the header is
        looked at: what is wrong behind it is found by whoever opens the photo.
        """
        ...

    def open(self, data: bytes) -> Picture:
        """The decoded photo. Raises like ``verify``."""
        ...

    def thumbnail(self, data: bytes, longest: int) -> bytes:
        """A JPEG without metadata, upright, its longer side at most ``longest`` pixels."""
        ...

    def portrait(self, data: bytes, landmarks: Landmarks, size: int) -> bytes:
        """A square JPEG of ``size`` pixels: eyes level and at a fixed distance, so that two faces can be compared."""
        ...

    def excerpt(self, data: bytes, longest: int, box: Box | None = None, blurred: Sequence[Box] = ()) -> bytes:
        """What lies in the box, or all of it, as a JPEG like ``thumbnail``; nobody is known any more in the ``blurred`` boxes.

        Boxes are pixels of the upright photo. One that lies outside of it is ``Invalid``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Detection:
    """A face as a detector found it, in pixels of the image it was given; ``score`` is only comparable with its own others."""

    box: Box
    landmarks: Landmarks
    score: float = field(default=0.0, compare=False)


class Detector(Protocol):
    @property
    def detector_id(self) -> str: ...

    def detect(self, image: Pixels) -> list[Detection]:
        """All faces of the image, the largest first; an empty list is a result."""
        ...


class Encoder(Protocol):
    @property
    def encoder_id(self) -> str:
        """Names the model *and* everything that changes its vectors (alignment, flips, metric)."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def metric(self) -> Metric: ...

    def encode(self, image: Pixels, faces: Sequence[Detection]) -> Vector:
        """float32, shape (len(faces), dimension), one finite row per face, in order."""
        ...

    def warm(self) -> None:
        """Load now what ``encode`` would load with its first face; raises what it would raise."""
        ...


@dataclass(frozen=True, slots=True)
class Sighted:
    """A face found by an examination, its quality, and its templates by encoder (empty where it was not encoded)."""

    detection: Detection
    quality: Quality
    vectors: dict[str, Vector] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Examination:
    """What the models saw in one photo; width and height are pixels of the upright image.

    ``subject`` is the number of the face that the photo is about: the only one, or the one that clearly dominates. It alone
    has templates. None where there is no face, or a person has to say which one it is. ``no_face`` tells why there is none.
    """

    width: int
    height: int
    detector_id: str
    faces: tuple[Sighted, ...]
    subject: int | None = None
    no_face: NoFaceReason | None = None


class Examiner(Protocol):
    """Photo bytes to faces and templates: reader, detector, quality and encoders in one step, perhaps in another process."""

    def verify(self, data: bytes, patience: float | None = None) -> PhotoInfo:
        """As ``ImageReader.verify``."""
        ...

    def examine(self, data: bytes, encoder_ids: Sequence[str]) -> Examination:
        """Find the faces, and encode the one that the photo is about by each encoder.

        Raises ``UnreadablePhoto``, ``Busy`` (too many waiting), ``EncoderUnavailable`` (an unknown encoder, or a dead process).
        """
        ...

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        """The templates of known faces, one dictionary per face. Raises like ``examine``."""
        ...


class BatchEncoder(Protocol):
    """Encodes many known faces beside each other, perhaps on other machines; safe to share between threads."""

    @property
    def at_once(self) -> int:
        """How many photos it is best asked about beside each other just now, 1 or more; machines may come and go."""

    def encode(self, data: bytes, faces: Sequence[Detection], encoder_ids: Sequence[str]) -> list[dict[str, Vector]]:
        """As ``Examiner.encode``. A photo that brings machines down again and again is an ``UnreadablePhoto``."""


class VectorIndex(Protocol):
    """Near vectors by id. Scores follow the metric: higher = more alike."""

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        """Add, or replace where the id is there. Wrong shape or a non-finite value is an ``Invalid``, and nothing is added."""
        ...

    def remove(self, ids: NDArray[np.int64]) -> int:
        """Remove those that are there; the number removed."""
        ...

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        """One list per probe, best first, ties by id; at most ``limit`` long and never padded. ``allow`` restricts the ids."""
        ...

    def ids(self) -> NDArray[np.int64]:
        """All ids, ascending."""
        ...

    @property
    def recall(self) -> float | None:
        """The share of the true lists that searches find: 1 where every template is compared, None where nobody measured it."""
        ...

    def __len__(self) -> int: ...


class PhotoStore(Protocol):
    """The only door to photo files. Keys are random and say nothing about the photo."""

    def new_key(self) -> str:
        """A key that no photo has."""
        ...

    def put(self, data: bytes, key: str = "") -> str:
        """Store durably and encrypted, under a new key where none is given; the key."""
        ...

    def get(self, key: str) -> bytes:
        """Raises ``NotFound`` for an unknown key, ``Damaged`` where the bytes do not verify."""
        ...

    def erase(self, key: str) -> bool:
        """Remove for good; whether there was anything."""
        ...

    def try_writing(self) -> None:
        """Leaves nothing behind. Raises what a photo would that is saved now: ``DiskFull``, ``NotWritable`` ..."""
        ...

    def keys(self) -> Iterator[str]: ...


class ListWriter(Protocol):
    """Takes a file piece by piece."""

    @property
    def size(self) -> int: ...

    @property
    def digest(self) -> bytes:
        """SHA-256 of what has come so far."""
        ...

    def write(self, data: bytes) -> None: ...


class ListFiles(Protocol):
    """Where lists wait, encrypted: each of several parts, ``table``, ``photos``, ``check`` or ``refused``."""

    def writing(self, list_id: str, part: str, size: int = 0) -> AbstractContextManager[ListWriter]:
        """On the disk when the block has ended; not there at all where it raises. What was there before is replaced.

        ``DiskFull`` where it takes more than half of the room there is; at once where the ``size`` is known.
        """
        ...

    def reading(self, list_id: str, part: str) -> AbstractContextManager[BinaryIO]:
        """From any place, without more than some of it being held. ``NotFound`` where it is gone, ``Damaged`` where altered."""
        ...

    def holds(self, list_id: str, part: str) -> bool: ...

    def erase(self, list_id: str, *parts: str) -> None:
        """These parts, or all of them."""
        ...

    def left_since(self, before: datetime) -> set[str]:
        """The ids of those of which nothing was written since."""
        ...


@dataclass(frozen=True, slots=True)
class SignOnRequest:
    """A way to a provider of sign-ins: ``address`` is where the browser goes, and the answer has to fit all the rest."""

    address: str
    state: str
    nonce: str
    verifier: str


class SignOnProvider(Protocol):
    """Knows who people are, by a browser that it sends back with a code. ``ProviderUnavailable`` where it does not answer."""

    @property
    def issuer(self) -> str: ...

    def request(self) -> SignOnRequest:
        """Another one each time; nobody can guess its secrets."""
        ...

    def subject_of(self, code: str, request: SignOnRequest) -> str:
        """Whom the code is about. ``SignOnFailed`` unless the provider vouches for it, to us, now, and for this request."""
        ...

    def described(self) -> dict[str, str]:
        """What it says of itself and what it has to know of us, in words for the operator; asked for anew."""
        ...

    def sign_out_address(self) -> str:
        """Where a browser ends its session with the provider and comes back; empty where the provider has no such page."""
        ...


class RecordStore(Protocol):
    """The truth. Nothing outside ``store/`` knows how it is kept."""

    def transaction(self) -> AbstractContextManager[Records]:
        """Write: commits when the block ends, rolls everything back when it raises."""
        ...

    def reading(self) -> AbstractContextManager[Records]:
        """Read one consistent moment; never waits for a writer."""
        ...

    def hold(self, name: str, *, wait: bool = True) -> AbstractContextManager[Callable[[], None]]:
        """Be the only one, of all processes on this store, that holds the name; it is let go when the process dies.

        What it gives is to be called before every step that must not be done by two: ``Unavailable`` where the hold was lost.
        ``Unavailable`` also where somebody else holds it for longer than one may wait, or just now if one does not ``wait``.
        """
        ...

    def try_writing(self) -> None:
        """Leaves nothing behind. Raises what a transaction would that writes now: ``DiskFull``, ``NotWritable`` ..."""
        ...

    def spooled(self) -> int:
        """How many transactions wait for the audit to take their rows."""
        ...

    def bring_in(self) -> int:
        """Append the rows of the audit that had to wait; how many transactions they are of.

        What cannot be read is set aside, and holds up no other.
        """
        ...

    def spoiled(self, waiting: bool = False) -> list[str]:
        """Names of transactions whose rows cannot be read any more: those set aside and, if asked for, those that wait."""
        ...

    def wipe(self) -> bool:
        """Let nothing of deleted rows be left in the database's own files, as far as can be done now; whether it could."""
        ...

    def is_current(self) -> bool:
        """Whether the store has the form that this version of the program needs."""
        ...
