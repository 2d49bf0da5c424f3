"""The pictures in the pages, a photo's face chosen by a person, and photos added to a case."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.deps import AnalysesDep, PicturesDep, ServicesDep
from api.pictures import Variant
from api.staff.casefile import case_page
from api.staff.sending import keep_photos
from api.staff.templating import see
from api.staff.visit import Staff, StaffForm
from tracing.errors import Invalid, UnreadablePhoto

router = APIRouter()


@router.get("/photos/{photo_id}/image")
def image(
    visit: Staff, pictures: PicturesDep, photo_id: str, variant: Variant = Variant.ORIGINAL, face: str | None = None
) -> Response:
    return Response(pictures.jpeg(visit.actor, photo_id, variant, face), media_type="image/jpeg")


@router.post("/cases/{case_id}/photos")
def add(visit: Staff, form: StaffForm, services: ServicesDep, analyses: AnalysesDep, case_id: str) -> Response:
    try:
        refused = keep_photos(visit.actor, services, analyses, case_id, form)
    except (Invalid, UnreadablePhoto) as error:
        return case_page(visit, services, case_id, error=error, at="photos", typed=form.texts())
    return see(f"/cases/{case_id}?{refused}#photos")


@router.post("/faces")
def choose(visit: Staff, form: StaffForm, services: ServicesDep) -> Response:
    """``face`` is the id of the face that shows the case's person."""
    report = services.intake.choose_face(visit.actor, form.text("face"))
    return see(f"/cases/{report.photo.case_id}#photos")
