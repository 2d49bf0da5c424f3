"""Photos and the faces in them in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tracing.domain import Analysis, Face, Photo, Template, Vector


class PhotoRecords(Protocol):
    def add(self, photo: Photo) -> None: ...

    def get(self, photo_id: str) -> Photo: ...

    def of_case(self, case_id: str) -> list[Photo]:
        """In the order they were received."""
        ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Photo]]: ...

    def of_open_cases(self, analysis: Analysis, limit: int, station_id: str = "") -> list[Photo]:
        """Photos of open cases, of one station if it is named, that stand at this point, newest first."""
        ...

    def pending(self, now: datetime, limit: int, max_attempts: int) -> list[str]:
        """Ids of photos that wait for their analysis and that nobody has claimed, oldest first."""
        ...

    def ahead_of(self, photo: Photo, max_attempts: int) -> int:
        """How many photos that came before this one still wait for their analysis."""
        ...

    def claim(self, photo_id: str, now: datetime, until: datetime) -> bool:
        """Take a pending, unclaimed photo for analysis and count the attempt; False where somebody else has it."""
        ...

    def release(self, photo_id: str) -> None:
        """Give an unfinished claim back without counting the attempt."""
        ...

    def claimed_beyond(self, moment: datetime) -> int:
        """How many pending photos are claimed for longer than until this moment."""
        ...

    def end_claims_beyond(self, moment: datetime, now: datetime) -> None:
        """Those of ``claimed_beyond`` end now; the attempt counts."""
        ...

    def finish(self, photo: Photo, was: Analysis) -> bool:
        """Store analysis, problem, reason and size and end the claim, if the analysis still is ``was``; whether it was."""
        ...

    def keys(self) -> dict[str, str]:
        """Every photo key in use, with its photo id."""
        ...

    def count(self, analysis: Analysis, station_id: str | None = None) -> int: ...

    def stuck(self, max_attempts: int, station_id: str | None = None) -> int:
        """How many pending photos have used up their attempts."""
        ...

    def retry_stuck(self, max_attempts: int) -> int:
        """Let those that have used up their attempts be tried anew; how many there were."""
        ...


class FaceRecords(Protocol):
    def add(self, faces: Sequence[Face]) -> None: ...

    def get(self, face_id: str) -> Face: ...

    def of_photo(self, photo_id: str) -> list[Face]: ...

    def of_case(self, case_id: str) -> list[Face]: ...

    def of_cases(self, case_ids: Some[str]) -> dict[str, list[Face]]:
        """Only the faces of interest, best quality first."""
        ...

    def choose(self, face_id: str) -> None:
        """Make this face the only one of interest of its photo; templates of the others are removed."""
        ...

    def forget(self, photo_id: str) -> None:
        """Remove every face of the photo with its templates, from the galleries too."""
        ...

    def add_templates(self, vectors: Sequence[tuple[str, str, Vector]]) -> list[Template]:
        """(face_id, encoder_id, vector) each; a face's template by an encoder that is there is kept as it is.

        Announced to the galleries in the same transaction where the case is searchable.
        """
        ...

    def templates(self, case_id: str, encoder_id: str) -> list[Template]: ...

    def templates_of_cases(self, case_ids: Some[str], encoder_id: str) -> dict[str, list[Template]]:
        """A list for every case asked for, each as ``templates`` gives it."""
        ...

    def without_template(self, encoder_id: str, limit: int, after: str = "") -> list[str]:
        """Ids of faces of interest that this encoder has not encoded yet, ascending, greater than ``after``."""
        ...

    def count_templates(self, encoder_id: str) -> int: ...

    def count_of_interest(self) -> int: ...
