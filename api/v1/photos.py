"""Photos of a case, the faces found in them, and their pictures."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, BinaryIO, Final

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from api.analysis import Waiting
from api.deps import AnalysesDep, ApiActor, KeyFirst, PicturesDep, ServicesDep
from api.pictures import Variant
from api.v1.answers import PhotoAnswer, PhotosAnswer, a_file
from api.v1.bodies import FaceChoice
from api.v1.fields import Date, Id
from api.v1.problems import problems
from tracing.access import Permission, require
from tracing.bootstrap import Services
from tracing.domain import Actor, Analysis
from tracing.errors import Invalid, PhotoTooLarge
from tracing.photo_reports import PhotoReport, report_of
from tracing.stations.scope import check_photos

PENDING: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Kept. The analysis takes longer; ask for the photo again.", "model": PhotoAnswer}
}
JPEG: Final = a_file("image/jpeg", "The picture.")
# No form of ours has more; a part that is no file is held in memory.
FORM_LIMITS: Final[Any] = {"max_files": 8, "max_fields": 8, "max_part_size": 64 << 10}

router = APIRouter(route_class=KeyFirst, tags=["photos"], form_limits=FORM_LIMITS)


def photo_bytes(file: BinaryIO, size: int | None, most_mib: int) -> bytes:
    """The whole photo; ``PhotoTooLarge`` before any of it is read."""
    if size is None or size > most_mib << 20:
        raise PhotoTooLarge(
            f"The photo file is larger than {most_mib} MB. Please send a smaller copy or take a new one.", "too_many_bytes"
        )
    data = file.read()
    file.seek(0)
    file.truncate()  # a large photo need not be there twice while it is looked at and sealed
    return data


def report(services: Services, actor: Actor, photo_id: str) -> PhotoReport:
    require(actor, Permission.READ_CASES)
    found = services.intake.report(photo_id)
    with services.store.reading() as records:
        check_photos(records, actor, found.photo.case_id)
    return found


@router.post("/api/v1/cases/{case_id}/photos", status_code=201, responses=PENDING | problems(400, 404, 409, 413))
def add_photo(
    services: ServicesDep,
    analyses: AnalysesDep,
    actor: ApiActor,
    response: Response,
    case_id: Id,
    photo: Annotated[UploadFile, File(description="JPEG, PNG, WebP, HEIC, TIFF, BMP or GIF.")],
    taken_on: Annotated[Date | None, Form()] = None,
    age_in_photo: Annotated[int | None, Form(description="Years.")] = None,
) -> PhotoAnswer:
    """Add a photo and look for the face in it. The same bytes sent twice for one case are one photo."""
    waiting = Waiting()
    data = photo_bytes(photo.file, photo.size, services.settings.max_photo_mib)
    kept = services.intake.add_photo(actor, case_id, data, taken_on, age_in_photo, waiting.to_verify)
    found = analyses.report(kept.photo_id, waiting.seconds)
    if found.photo.analysis is Analysis.PENDING:
        response.status_code = HTTPStatus.ACCEPTED
    return PhotoAnswer.of(found)


@router.get("/api/v1/cases/{case_id}/photos", responses=problems(404))
def list_photos(services: ServicesDep, actor: ApiActor, case_id: Id) -> PhotosAnswer:
    """The photos of a case in the order they came, with the faces found in them."""
    require(actor, Permission.READ_CASES)
    with services.store.reading() as records:
        check_photos(records, actor, case_id)
        reports = [report_of(records, photo) for photo in records.photos.of_case(case_id)]
    return PhotosAnswer(photos=[PhotoAnswer.of(each) for each in reports])


@router.get("/api/v1/photos/{photo_id}", responses=problems(404))
def read_photo(services: ServicesDep, actor: ApiActor, photo_id: Id) -> PhotoAnswer:
    """One photo, with the faces found in it."""
    return PhotoAnswer.of(report(services, actor, photo_id))


@router.get("/api/v1/photos/{photo_id}/image", responses=JPEG | problems(404), response_class=Response)
def read_image(
    pictures: PicturesDep,
    actor: ApiActor,
    photo_id: Id,
    variant: Annotated[Variant, Query()] = Variant.ORIGINAL,
    face_id: Annotated[Id | None, Query(description="With `variant=face`: which one, instead of the face of interest.")] = None,
) -> Response:
    """The photo as a JPEG, upright and without metadata; `face` has its eyes always at the same places.

    A photo of more than 24 million pixels is sent smaller.
    """
    return Response(pictures.jpeg(actor, photo_id, variant, face_id), media_type="image/jpeg")


@router.patch("/api/v1/faces/{face_id}", responses=problems(400, 404, 409, 413))
def choose_face(services: ServicesDep, actor: ApiActor, face_id: Id, body: FaceChoice) -> PhotoAnswer:
    """Say that this face, and no other of its photo, is the case's person; it is enrolled and searched."""
    if not body.of_interest:
        raise Invalid("A face is not unchosen: choose the right face of the photo instead.", "of_interest")
    return PhotoAnswer.of(services.intake.choose_face(actor, face_id))
