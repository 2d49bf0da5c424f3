"""Records of invented people by the hundred thousand, written as an intake would leave them but without photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from scripts.bench.templates import Crowd
from tracing.bootstrap import Services, new_id
from tracing.domain import (
    Analysis,
    Box,
    Case,
    CaseKind,
    CaseState,
    Description,
    Face,
    Landmarks,
    LegalBasis,
    Outcome,
    Photo,
    Quality,
    Vector,
)
from tracing.records import Records

PORTION: Final = 2_000
"""Cases that are written in one transaction."""
AT: Final = Box(0, 0, 150, 150)


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo by its key in the photo store, where it need not be, and where in it the face is."""

    key: str
    box: Box = AT
    landmarks: Landmarks = ()
    width: int = 0
    height: int = 0


def enrol(
    services: Services,
    encoder_id: str,
    crowd: Crowd,
    missing: int,
    report: Callable[[int], object],
    picture_of: Callable[[int], Picture] = lambda _: Picture(new_id()),
    describe: Callable[[int], Description] = lambda _: Description(),
    in_care: int = 0,
) -> list[str]:
    """A case with one photo and one template for each template of the crowd, whose people have two: the ids of missing cases.

    The first ``missing`` people are reported missing with one photo, and a past intake with the other one; all further
    templates are past intakes. ``report`` hears how many were written; ``picture_of`` gives the photo of each template,
    and ``describe`` what is known of the person. The last ``in_care`` templates are of people who are here now.
    """
    reported: list[str] = []
    for ids, vectors in crowd.templates():
        for start in range(0, len(ids), PORTION):
            part = slice(start, start + PORTION)
            kinds = [int(number) % crowd.photos == 0 and int(number) // crowd.photos < missing for number in ids[part]]
            with services.store.transaction() as records:
                cases = [
                    _case(services, is_missing, int(number), describe(int(number)), here=int(number) >= crowd.size - in_care)
                    for is_missing, number in zip(kinds, ids[part], strict=True)
                ]
                _write(services, records, encoder_id, cases, [picture_of(int(number)) for number in ids[part]], vectors[part])
            reported += [case.case_id for case in cases if case.kind is CaseKind.MISSING]
            report(len(cases))
    return reported


def _write(
    services: Services, records: Records, encoder_id: str, cases: list[Case], pictures: list[Picture], vectors: Vector
) -> None:
    faces = []
    for case, picture in zip(cases, pictures, strict=True):
        photo = Photo(
            photo_id=new_id(),
            case_id=case.case_id,
            photo_key=picture.key,
            sha256="0" * 64,
            received_at=services.clock(),
            analysis=Analysis.ENROLLED,
            width=picture.width,
            height=picture.height,
        )
        faces.append(Face(new_id(), photo.photo_id, picture.box, picture.landmarks, "invented", Quality(1.0), of_interest=True))
        records.cases.add(case)
        records.photos.add(photo)
    records.faces.add(faces)
    records.faces.add_templates([(face.face_id, encoder_id, row) for face, row in zip(faces, np.asarray(vectors), strict=True)])


def _case(services: Services, missing: bool, number: int, description: Description, here: bool) -> Case:
    now = services.clock()
    return Case(
        case_id=new_id(),
        reference=f"{'M' if missing else 'S'}-{now.year}-{number:09d}",
        kind=CaseKind.MISSING if missing else CaseKind.SHELTERED,
        state=CaseState.OPEN if missing or here else CaseState.CLOSED,
        station_id=services.settings.station,
        legal_basis=LegalBasis.STATUTORY_DUTY,
        opened_at=now,
        opened_by="bench",
        description=description,
        outcome=None if missing or here else Outcome.WITHDRAWN,
    )
